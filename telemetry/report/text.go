package report

import (
	"bytes"
	"cmp"
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

func (p *page) latency(r *Report) {
	l := &r.Latency
	p.gap()
	p.say("Latency", "acknowledged minus due, ms; %s of %s", loopText(l.Mode), plural(l.Count, "record"))
	p.columns("", "mean", "min", "p50", "p90", "p99", "p99.9", "max")
	p.columns("", ms(l.MeanMs), ms(l.MinMs), ms(l.P50Ms), ms(l.P90Ms), ms(l.P99Ms), ms(l.P999Ms), ms(l.MaxMs))
	if u := l.Uncorrected; u != nil && l.Mode != "closed" {
		p.say("", "from the call of send, whenever it was due: p50 %s, p99 %s", ms(u.P50Ms), ms(u.P99Ms))
	}
	if len(l.P99GoesTo) > 0 {
		p.say("", "the p99 goes to %s", goesTo(l.P99GoesTo))
	}
	if l.LongestAckGapMs != nil {
		p.say("", "longest time without an acknowledgement %s ms", ms(l.LongestAckGapMs))
	}
	p.gap()
	p.say("Stages", "where that time goes, ms; the means add up, percentiles do not")
	p.columns("", "mean", "share", "min", "p50", "p99", "max")
	for _, name := range StageNames {
		s := r.Stages[name]
		if s == nil {
			p.columns(name, "-")
			continue
		}
		part := "-"
		if s.MeanMs != nil && l.MeanMs != nil && *l.MeanMs > 0 {
			part = share(*s.MeanMs / *l.MeanMs)
		}
		p.columns(name, ms(s.MeanMs), part, ms(s.MinMs), ms(s.P50Ms), ms(s.P99Ms), ms(s.MaxMs))
	}
}

// leastShare is what is worth a word.
const leastShare = 0.01

// goesTo lists the stages by their share, the largest first.
func goesTo(shares map[string]float64) string {
	var list []string
	names := slices.SortedFunc(maps.Keys(shares), func(a, b string) int {
		return cmp.Or(cmp.Compare(shares[b], shares[a]), cmp.Compare(a, b))
	})
	for _, name := range names {
		if shares[name] >= leastShare {
			list = append(list, name+" "+share(shares[name]))
		}
	}
	return strings.Join(list, ", ")
}

func loopText(mode string) string {
	if mode == "closed" {
		return "closed loop: the load waits for the cluster, so these flatter it;"
	}
	return "open loop"
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

func (p *page) wire(r *Report) {
	b, q, buffer := &r.Batches, &r.Requests, &r.Buffer
	p.gap()
	if b.Count == 0 {
		p.say("Batches", "none")
	} else {
		p.say("Batches", "%s of %s records and %s on the wire; %s full, compressed to %s", count(b.Count),
			number(b.RecordsMean), sizeOf(b.BytesMean), shareOf(b.FillMean), shareOf(b.CompressionRatio))
		p.closed(b.Closed)
	}
	p.say("Requests", "%s of %s; in flight %s (mean), %d at most; %s retried", count(q.Count),
		sizeOf(q.BytesMean), number(q.InFlightMean), q.InFlightMax, plural(q.Retries, "batch"))
	if q.ThrottleMs > 0 {
		p.say("", "throttled for %s ms", figure(q.ThrottleMs))
	}
	for _, name := range slices.Sorted(maps.Keys(q.Errors)) {
		p.say("", "%s x %s", count(q.Errors[name]), name)
	}
	p.say("Buffer", "%s of %s used (mean), %s at most; %s blocked, %d in vain",
		size(buffer.UsedMeanBytes), size(float64(buffer.LimitBytes)), size(float64(buffer.UsedMaxBytes)),
		plural(buffer.BlockedSends, "send"), buffer.Exhausted)
	if c := r.Clocks; c != nil {
		p.say("Waited", "at the longest: a record %s ms (delivery.timeout.ms %s), a request %s ms (request.timeout.ms %s), a send %s ms (max.block.ms %s)",
			figure(c.OldestRecordMs), r.Effective["delivery.timeout.ms"], figure(c.OldestRequestMs), r.Effective["request.timeout.ms"],
			figure(c.LongestBlocked), r.Effective["max.block.ms"])
	}
	if id := r.Idempotence; id != nil {
		p.say("Idempotence", "producer id %d, epoch %d; the brokers dropped %s for certain", id.ProducerID, id.Epoch, plural(id.RepeatsDropped, "repeat"))
	}
}

func (p *page) closed(closed map[string]int64) {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(closed)) {
		list = append(list, name+" "+count(closed[name]))
	}
	if len(list) > 0 {
		p.say("", "closed by: %s", strings.Join(list, ", "))
	}
}

// maxPartitions is how many partitions are listed, the busiest first.
const maxPartitions = 12

func (p *page) spread(r *Report) {
	if len(r.Partitions) == 0 {
		return
	}
	p.gap()
	p.say("Partitions", "%d; the busiest has %s times the mean", len(r.Partitions), decimal(r.Skew))
	rows := slices.Clone(r.Partitions)
	slices.SortStableFunc(rows, func(a, b Partition) int { return int(b.Records - a.Records) })
	rows = rows[:min(len(rows), maxPartitions)]
	p.columns("", "leader", "records", "batches", "bytes", "p99")
	for i := range rows {
		row := &rows[i]
		name := plain(row.Topic)
		number := fmt.Sprintf("-%d", row.Partition)
		name = name[:min(len(name), 13-len(number))] + number
		p.columns(name, fmt.Sprint(row.Leader), count(row.Records), count(row.Batches), size(float64(row.Bytes)), ms(row.P99Ms))
	}
	if more := len(r.Partitions) - len(rows); more > 0 {
		p.say("", "and %d more", more)
	}
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
