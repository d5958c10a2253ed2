package report

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"kdyno/engine/setting"
)

// Text writes the summary that a person reads: plain ASCII of at most 80
// columns, the figures of the report and none besides. Names that came from
// elsewhere are stripped of control characters. The error is the writer's.
func Text(w io.Writer, r Report) error {
	p := new(page)
	p.ran(&r)
	p.counts(&r)
	p.latency(&r)
	p.wire(&r)
	p.spread(&r)
	p.failures(r.Failures)
	p.audited(&r)
	p.log(&r)
	if _, err := w.Write(p.Bytes()); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

// A paragraph has a label and text that is wrapped beside it:
//
//	Guarantee   exactly once per partition and producer session
//	            because enable.idempotence=true with acks=all
//
// Both together are no wider than the narrowest terminal in use.
const (
	pageWidth  = 80
	labelWidth = 12
)

type page struct{ bytes.Buffer }

// say writes one paragraph beside a label, or below the last where the label
// is empty.
func (p *page) say(label, format string, args ...any) {
	line := fmt.Sprintf("%-*s", labelWidth, plain(label))
	if len(label) >= labelWidth {
		line += " "
	}
	empty := true
	for _, word := range strings.Fields(plain(fmt.Sprintf(format, args...))) {
		if !empty && len(line)+1+len(word) > pageWidth {
			p.line(line)
			line, empty = strings.Repeat(" ", labelWidth), true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	p.line(line)
}

func (p *page) line(s string) {
	p.WriteString(strings.TrimRight(s, " "))
	p.WriteByte('\n')
}

func (p *page) gap() { p.WriteByte('\n') }

// plain replaces what a terminal would obey or cannot show.
func plain(s string) string {
	return strings.Map(func(c rune) rune {
		if c > unicode.MaxASCII || !unicode.IsPrint(c) {
			return '?'
		}
		return c
	}, s)
}

func (p *page) ran(r *Report) {
	p.say("kdyno "+r.Version, "%s s of load, %s s drain; latency and rate without %s s of warm-up",
		decimal(r.ElapsedS), decimal(r.DrainS), decimal(r.WarmupS))
	p.gap()
	if r.Cluster.Kind != "" {
		p.say("Cluster", "%s", clusterText(&r.Cluster))
	}
	for i := range r.Topics {
		p.say(first(i, "Topic"), "%s", topicText(&r.Topics[i]))
	}
	p.say("Set", "%s", settingsText(r.Settings))
	for i, d := range r.Differences {
		p.say(first(i, "Differs"), "%s asked %s, is %s: %s", d.Key, d.Asked, d.Effective, d.Why)
	}
	if r.Guarantee.Name != "" {
		p.say("Guarantee", "%s", r.Guarantee.Name)
	}
	for _, reason := range r.Guarantee.Because {
		p.say("", "because %s", reason)
	}
	for _, breach := range r.Guarantee.BrokenBy {
		p.say("", "broken by %s", breach)
	}
	for i, problem := range r.Problems {
		p.say(first(i, "Problems"), "%s: %s", problem.Severity, problem.Say)
	}
}

func clusterText(c *Cluster) string {
	text := fmt.Sprintf("%s, %s", c.Kind, plural(int64(c.Brokers), "broker"))
	if c.Version != "" {
		text += ", version " + c.Version
	}
	if c.Simulated {
		text += ", simulated: relative figures, not capacity"
	}
	return text
}

func topicText(t *Topic) string {
	text := fmt.Sprintf("%s, %s", t.Name, plural(int64(t.Partitions), "partition"))
	if t.Replication > 0 {
		text += fmt.Sprintf(", replication %d", t.Replication)
	}
	if t.MinInsync > 0 {
		text += fmt.Sprintf(", min.insync.replicas %d", t.MinInsync)
	}
	return text
}

// settingsText lists what is not at its default, in the table's order.
func settingsText(values map[string]string) string {
	var list []string
	for _, row := range setting.Rows() {
		if v, there := values[string(row.Key)]; there && v != row.Default {
			list = append(list, string(row.Key)+"="+v)
		}
	}
	if len(list) == 0 {
		return "nothing: all at their defaults"
	}
	return strings.Join(list, " ")
}

func (p *page) counts(r *Report) {
	n, rate := &r.Records, &r.Rate
	p.gap()
	p.say("Records", "%s due: %s sent, %s waiting", count(n.Due), count(n.Sent), count(n.Waiting))
	p.say("", "%s sent: %s accepted, %s refused, %s blocked",
		count(n.Sent), count(n.Accepted), count(n.Refused), count(n.Blocked))
	p.say("", "%s accepted: %s acknowledged, %s failed, %s unknown, %s in the buffer",
		count(n.Accepted), count(n.Acked), count(n.Failed), count(n.Unknown), count(n.InBuffer))
	for _, broken := range n.Broken() {
		p.say("", "THESE DO NOT ADD UP: %s", broken)
	}
	p.say("Rate", "%s records/s, %s/s acknowledged; %s records/s offered",
		decimal(rate.RecordsPerS), size(rate.BytesPerS), decimal(rate.OfferedPerS))
	if rate.LimitedBy != "" {
		p.say("", "limited by %s%s", limitText(rate.LimitedBy), evidence(rate.Evidence))
	}
}

// limitText says what holds the rate.
func limitText(by string) string {
	words := map[string]string{
		"load":      "the load: what was due was sent",
		"generator": "this generator, not by the producer",
		"cpu":       "the CPU of this machine",
		"buffer":    "buffer.memory: send() waited for space",
		"in_flight": "requests in flight: every slot was taken, and answers took what the network takes",
		"broker":    "a broker: its answers took longer than the network takes",
		"link":      "the network: writes waited for room",
		"quota":     "a quota: the broker throttled",
	}
	if text, known := words[by]; known {
		return text
	}
	return by
}

func evidence(e map[string]float64) string {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(e)) {
		switch {
		case key == "offered_per_s":
		case strings.HasSuffix(key, "_ms"):
			list = append(list, key+" "+figure(e[key]))
		default:
			list = append(list, key+" "+share(e[key]))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, ", ") + ")"
}

// columns writes one row of a table: a name of 14 columns, then figures of 8,
// the space before them included.
func (p *page) columns(name string, cells ...string) {
	line := fmt.Sprintf("  %-14s", name)
	for _, cell := range cells {
		line += fmt.Sprintf(" %7s", cell)
	}
	p.line(line)
}

func (p *page) failures(failures []Failure) {
	if len(failures) > 0 {
		p.gap()
	}
	for i := range failures {
		f := &failures[i]
		from := ""
		if f.Broker != nil {
			from = fmt.Sprintf(" from broker %d", *f.Broker)
		}
		p.say(first(i, "Failures"), "%s x %s%s (%s, %s), %s to %s s: %s", count(f.Count), f.Kind, from,
			f.Class, f.Where, decimal(f.FirstS), decimal(f.LastS), f.Say)
	}
}

func (p *page) audited(r *Report) {
	if v := r.Visible; v != nil {
		p.gap()
		p.say("Visible", "due until a reader had it, ms: p50 %s, p99 %s", ms(v.P50Ms), ms(v.P99Ms))
	}
	a := r.Audit
	if a == nil {
		return
	}
	p.gap()
	p.say("Audit", "%s (claimed: %s): %s", strings.ToUpper(string(a.Verdict)), a.Claimed, a.Say)
	p.say("", "%s acknowledged: %s found, %s lost, %s twice, %s out of order, %s undecided, %s unverifiable; covers %s",
		count(a.Acked), count(a.Found), count(a.Lost), count(a.Duplicated), count(a.Reordered), count(a.Undecided), count(a.Unverifiable), share(a.Coverage))
	for i := range a.Examples {
		p.say("", "%s", exampleText(&a.Examples[i]))
	}
}

func exampleText(e *AuditExample) string {
	text := e.Kind
	if e.By != "" {
		text += " by " + e.By
	}
	text += fmt.Sprintf(": record %d", e.Record)
	if e.Topic != "" && e.Partition != nil && e.Offset != nil {
		text += fmt.Sprintf(", %s-%d at offset %d", e.Topic, *e.Partition, *e.Offset)
	}
	if e.Tries > 1 {
		text += fmt.Sprintf(", written %d times", e.Tries)
	}
	text += fmt.Sprintf(", due at %s s", decimal(e.DueS))
	if e.Fault != "" {
		text += " during " + e.Fault
	}
	return text
}

// maxEvents is how many events are listed, the last ones.
const maxEvents = 20

func (p *page) log(r *Report) {
	if len(r.Runs) > 1 {
		p.gap()
		for i := range r.Runs {
			p.say(first(i, "Runs"), "%s", runText(&r.Runs[i]))
		}
	}
	for i, e := range r.Expectations {
		if i == 0 {
			p.gap()
		}
		verdict := "met"
		switch {
		case e.Got == nil:
			verdict = "not decided: the report does not have it"
		case !e.Met:
			verdict = fmt.Sprintf("NOT MET: it is %v", e.Got)
		}
		p.say(first(i, "Expected"), "%s: %s", e.Expr, verdict)
	}
	if len(r.Events) == 0 {
		return
	}
	p.gap()
	events := r.Events[max(0, len(r.Events)-maxEvents):]
	for i := range events {
		p.say(first(i, "Events"), "%s s %s: %s", decimal(events[i].AtS), events[i].Kind, events[i].Say)
	}
}

func runText(run *Run) string {
	text := fmt.Sprintf("%d from %s s, revision %d", run.Run, decimal(run.AtS), run.Revision)
	for _, key := range slices.Sorted(maps.Keys(run.Changed)) {
		text += fmt.Sprintf(", %s %s > %s", key, run.Changed[key][0], run.Changed[key][1])
	}
	if s := run.Swap; s != nil {
		text += fmt.Sprintf("; paused %s ms, longest gap %s ms, %d drained, %d sent again, %d given up, at most %d twice",
			figure(s.TookMs), figure(s.AckGapMs), s.Drained, s.Resent, s.GaveUp, s.MaybeDuplicated)
	}
	return text
}

func first(i int, label string) string {
	if i == 0 {
		return label
	}
	return ""
}
