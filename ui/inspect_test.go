package ui

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"kdyno/engine/step"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/pane"
)

func pt[T any](v T) *T { return &v }

// troubled is the session of the drawings after a bad minute: faults in force,
// failures, a record that was followed through three tries, and all that the
// engine tells of partitions and brokers.
func troubled(m *Model, e *fakeEngine) {
	t := *e.snap
	t.Report.Topics = []report.Topic{{Name: "orders", Partitions: 12, Replication: 3, MinInsync: 2}}
	t.Report.Partitions, t.Report.Brokers = slices.Clone(t.Report.Partitions), slices.Clone(t.Report.Brokers)
	for i := range t.Report.Partitions {
		p := &t.Report.Partitions[i]
		p.Bytes, p.Batches, p.ISR, p.NextSequence = p.Records*512, p.Records/75, pt(3-i%3), pt(int32(p.Records))
	}
	p := &t.Report.Partitions[5]
	p.LastError = "NOT_ENOUGH_REPLICAS"
	p.LastBatch = &report.LastBatch{
		AtS: 268.204, Offset: pt(int64(4_579_825)), ProducerID: pt(int64(4711)), Epoch: pt(int16(0)), Sequence: pt(int32(4_579_825)),
		Records: 75, Bytes: 38_400, Codec: "lz4", Closed: "linger", OpenMs: ms(5), QueueMs: ms(5.1),
		Tries: []report.Try{
			{AtS: 268.209, Broker: 3, Answer: "NOT_ENOUGH_REPLICAS", AnsweredMs: ms(2.2)},
			{AtS: 268.312, Broker: 3, Answer: "NOT_ENOUGH_REPLICAS", AnsweredMs: ms(2.1)},
			{AtS: 268.415, Broker: 3, Answer: "NONE", AnsweredMs: ms(9.8)},
		},
	}
	for i := range t.Report.Brokers {
		b := &t.Report.Brokers[i]
		b.Bytes, b.Version, b.ConnectedS, b.InFlightMax = b.Requests*77_000, "4.1", ms(268), 5
	}
	t.Report.Brokers[2].Errors, t.Report.Brokers[2].ThrottleMs = 41, 1200
	t.Report.Requests.Errors = map[string]int64{"NOT_ENOUGH_REPLICAS": 41}
	t.Report.Failures = []report.Failure{failure("BUFFER_EXHAUSTED", 3, nil), failure("NOT_ENOUGH_REPLICAS", 41, pt(int32(3)))}
	t.Report.Faults = []report.Fault{{Name: "slow-link", Step: "fault slow-link rtt=80ms broker=3", AtS: 259, ForS: 12}}
	t.Report.Clocks = &report.Clocks{OldestRecordMs: 2400, OldestRequestMs: 1900, LongestBlocked: 60_000}
	t.Report.Idempotence = &report.Idempotence{ProducerID: 4711, RepeatsDropped: 2}
	t.Report.Followed = []report.Followed{followed()}
	t.Recent.Latency.Uncorrected = &report.Uncorrected{P50Ms: ms(5.9), P99Ms: ms(13.2)}
	t.Now.InFlight = slices.Clone(t.Now.InFlight)
	t.Now.InFlight[2].RoundTrip = telemetry.RoundTrip{P50Ms: ms(6.9), P99Ms: ms(9.9)}
	t.Now.Clocks = report.Clocks{OldestRecordMs: 31, OldestRequestMs: 18_100, LongestBlocked: 0}
	t.Now.Faults = []telemetry.FaultNow{{
		Name: "slow-link", Step: "slow-link rtt=80ms broker=3", Target: "broker 3", Since: 259 * time.Second, Ends: 289 * time.Second,
	}}
	e.snap = &t
	e.values, _ = e.values.With("load.producers", "5")
	m.pull(true)
}

func failure(kind string, n int64, broker *int32) report.Failure {
	class, where, say := report.Explain(kind)
	return report.Failure{Kind: kind, Class: class, Where: where, Say: say, Count: n, Broker: broker, FirstS: 261.5, LastS: 268.4}
}

func followed() report.Followed {
	return report.Followed{
		AtS: 268.2, Key: pt("customer-42"), Topic: "orders", Bytes: 512, Partition: pt(int32(5)), Broker: pt(int32(3)),
		Why:         "murmur2 of the key is 1829342945; modulo 12 partitions that is 5",
		BatchRecord: 3, BatchRecords: 75, BatchBytes: 38_400, BatchClosed: "linger", ProducerID: pt(int64(4711)), Epoch: pt(int16(0)), Sequence: pt(int32(4_579_827)),
		Tries: 3, Offset: pt(int64(4_579_827)), Timestamp: pt(int64(1_800_000_268_200)), TimestampType: "CreateTime",
		Stages:    map[string]*float64{"schedule_lag": ms(0.1), "serialize": ms(0.01), "batching": ms(4.2), "slot_wait": ms(0.1), "retry": ms(206), "network": ms(9.8), "callback": ms(0.1)},
		LatencyMs: ms(220.31), Outcome: report.Acked,
	}
}

// audited is the session while its promises are held against the log.
func audited(m *Model, e *fakeEngine) {
	t := *e.snap
	t.Now.Audit = &telemetry.AuditNow{On: true, Promised: 1_204_000, Found: 1_203_200, Missing: 800, Twice: 2}
	e.snap = &t
	m.pull(true)
}

// cursorTo presses down until the cursor is on a kind of thing.
func cursorTo(m *Model, kind pane.SubjectKind) {
	m.focus = pipelinePane
	for range 40 {
		_ = m.View() // the panel knows where things are when they are drawn
		press(m, "j")
		if m.subject().Kind == kind {
			return
		}
	}
	panic("the cursor finds no such thing on\n" + plainFrame(m))
}

// inspections are everything that can be taken apart, and what must not be out
// of sight.
var inspections = []scene{
	{"troubled", troubled},
	{"audited", audited},
	{"refused", func(m *Model, e *fakeEngine) {
		e.snap = &telemetry.Snapshot{}
		state(telemetry.Refused, "the cluster at kafka-1.example.org:9092 refuses the login: SASL_AUTHENTICATION_FAILED (wrong password); not tried again by itself. check the user and password in sasl.jaas.config, and sasl.mechanism")(m, e)
	}},
	{"for-good", func(m *Model, e *fakeEngine) {
		foreign(m, e)
		press(m, ":")
		m.Update(tea.PasteMsg{Content: "partitions 24"})
		press(m, "enter")
	}},
	{"sheet-station", func(m *Model, e *fakeEngine) { troubled(m, e); cursorTo(m, pane.StopSubject); press(m, "enter") }},
	{"sheet-accumulator", func(m *Model, e *fakeEngine) { troubled(m, e); m.openSheet(pane.StopOf("linger.ms")) }},
	{"sheet-in-flight", func(m *Model, e *fakeEngine) { troubled(m, e); m.openSheet(pane.StopOf("retries")) }},
	{"sheet-acks", func(m *Model, e *fakeEngine) { troubled(m, e); m.openSheet(pane.StopOf("acks")) }},
	{"sheet-broker", func(m *Model, e *fakeEngine) {
		troubled(m, e)
		cursorTo(m, pane.BrokerSubject)
		press(m, "j", "j", "i")
	}},
	{"sheet-partition", func(m *Model, e *fakeEngine) {
		troubled(m, e)
		cursorTo(m, pane.PartitionSubject)
		press(m, "j", "j", "j", "j", "j", "enter")
	}},
	{"sheet-wrongs", func(m *Model, e *fakeEngine) { troubled(m, e); press(m, "F") }},
	{"sheet-failure", func(m *Model, e *fakeEngine) {
		troubled(m, e)
		press(m, "F")
		_ = m.View()
		press(m, "enter")
	}},
	{"sheet-stories", func(m *Model, e *fakeEngine) { troubled(m, e); press(m, "S", "esc") }},
	{"sheet-story", func(m *Model, e *fakeEngine) { troubled(m, e); press(m, "S") }},
	{"sheet-no-story", func(m *Model, _ *fakeEngine) { press(m, "S") }},
}

// sheetText is the open sheet, whole.
func sheetText(m *Model) string {
	m.Update(tea.WindowSizeMsg{Width: 120, Height: 100})
	return plainFrame(m)
}

func TestSheetsTellWhatIsUnderTheCursor(t *testing.T) {
	for name, c := range map[string]struct {
		scene string
		want  []string
	}{
		"partition": {"sheet-partition", []string{
			"Partition 5 of orders", "broker 3, the slowest of all", "1 of 3 replicas; acks=all needs min.insync.replicas, which is 2",
			"as producer 4711 in epoch 0", "75 records, 37.5 KiB with lz4, from offset 4,579,825", "by linger after 5.0 ms",
			"268.209 s broker 3: NOT_ENOUGH_REPLICAS after 2.2 ms", "268.415 s broker 3: taken after 9.8 ms", "2 batches",
		}},
		"broker": {"sheet-broker", []string{
			"Broker 3", "Kafka 4.1", "4 of 5 slots now, 5 at most", "p50    6.9 ms   p99    9.9 ms", "1,200 ms, by a quota", "p2 p5 p8 p11", "41 NOT_ENOUGH_REPLICAS",
		}},
		"send": {"sheet-station", []string{"Station send()", "late start", "load.producers", "5 clients with the same settings", "max.block.ms"}},
		"acks": {"sheet-acks", []string{"from send()", "5.9", "13.2", "uncorrected", "brokers dropped 2 repeats"}},
		"wrongs": {"sheet-wrongs", []string{
			"rtt=80ms broker=3, since 04:19 (for 12 s), heals in 18 s", "41  NOT_ENOUGH_REPLICAS", "3  BUFFER_EXHAUSTED",
		}},
		"failure": {"sheet-failure", []string{
			"41, first at 261.500 s, last at 268.400 s", "it is tried again by itself", "the cluster", "nothing was written. Bring", "[acks !]", "fault slow-link",
		}},
		"story": {"sheet-story", []string{
			"key customer-42", "acknowledged after 220 ms", "murmur2 of the key", "record 3 of the 75 in its batch, which closed by linger",
			"was written 3 times, retries 206 ms", "at offset 4,579,827", "wait in batch",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			i := slices.IndexFunc(inspections, func(s scene) bool { return s.name == c.scene })
			m, e, _ := workbench(120, 50)
			inspections[i].do(m, e)
			text := sheetText(m)
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("got no %q in\n%s", want, text)
				}
			}
		})
	}
}

// Whatever has the keys in whatever view, i opens something, and esc comes back.
func TestEveryPanelOpensASheet(t *testing.T) {
	for view := range viewNames {
		m, e, _ := workbench(200, 50)
		troubled(m, e)
		m.show(view)
		for _, p := range m.focusable() {
			m.focus = p
			_ = m.View()
			press(m, "i")
			if m.top.sheet == nil {
				t.Errorf("view %d: %s opens nothing", view, m.panels[p].name)
				continue
			}
			if press(m, "esc"); m.top.sheet != nil {
				t.Errorf("view %d: esc does not leave the sheet of %s", view, m.panels[p].name)
			}
		}
	}
}

func TestCursorGoesThroughWorstPartitions(t *testing.T) {
	m, e, _ := workbench(200, 50)
	e.snap = many()
	m.pull(true)
	zoomTo(m, partitionsPane)
	_ = m.View()
	press(m, "j", "j", "i")
	if m.top.sheet == nil || m.top.sheet.Of().Kind != pane.PartitionSubject {
		t.Fatalf("got %+v, want a partition", m.top.sheet)
	}
	of := m.top.sheet.Of()
	if _ = m.View(); !strings.Contains(plainFrame(m), fmt.Sprintf("Partition %d of", of.ID)) {
		t.Errorf("the sheet is not of partition %d:\n%s", of.ID, plainFrame(m))
	}
}

func TestStorySheetSendsARecordToFollow(t *testing.T) {
	m, e, _ := workbench(80, 24)
	if press(m, "S", "n"); len(e.steps) != 1 || e.steps[0].Verb != step.Send {
		t.Errorf("got steps %v, want one send", e.steps)
	}
	press(m, "esc", "i", "n")
	if len(e.steps) != 1 {
		t.Errorf("n sends from a sheet that is not about followed records: %v", e.steps)
	}
}

// A producer whose figures are gone from under a sheet: a session that began
// anew, a frozen view scrubbed to before.
func TestSheetOutlivesItsSubject(t *testing.T) {
	for _, s := range inspections {
		t.Run(s.name, func(t *testing.T) {
			m, e, _ := workbench(80, 24)
			s.do(m, e)
			_ = m.View()
			e.snap = &telemetry.Snapshot{State: telemetry.Starting}
			m.pull(true)
			if got := strings.Count(plainFrame(m), "\n"); got != 23 {
				t.Errorf("got %d line ends", got)
			}
			press(m, "down", "right", "left", "enter", "y", "esc", "esc")
			_ = m.View()
		})
	}
}

// Faults, the audit and the number of producers are seen at every size.
func TestWhatMustNotBeOutOfSightIsNot(t *testing.T) {
	for _, size := range sizes {
		m, e, _ := workbench(size[0], size[1])
		troubled(m, e)
		audited(m, e)
		text := plainFrame(m)
		for _, want := range []string{"slow-link", "heals in 18 s", "Pipeline x5", "missing", "oldest request 18.1 s of 30 s"} {
			if want == "heals in 18 s" && size[0] < 80 {
				continue // F tells
			}
			if !strings.Contains(text, want) {
				t.Errorf("%v: got no %q in\n%s", size, want, text)
			}
		}
	}
}

// Whatever limits stands at the pipeline's border, at every size.
func TestEveryLimitIsSaidAtTheBorder(t *testing.T) {
	for word, want := range map[string]string{
		"load": "load", "generator": "generator", "cpu": "cpu", "buffer": "buffer",
		"in_flight": "in flight", "broker": "broker", "link": "link|network", "quota": "quota",
	} {
		for _, size := range sizes {
			m, e, _ := workbench(size[0], size[1])
			t1 := *e.snap
			t1.Recent.Rate.LimitedBy, t1.Recent.Rate.Evidence = word, map[string]float64{"blocked_share": 0.5}
			e.snap = &t1
			m.pull(true)
			border := ""
			for _, line := range strings.Split(plainFrame(m), "\n") {
				if strings.Contains(line, "Pipeline") {
					border = line
				}
			}
			_, limit, _ := strings.Cut(border, "limit: ")
			if !regexp.MustCompile("(?i)" + want).MatchString(limit) {
				t.Errorf("%s at %v: the border is %q, want its limit to match %q", word, size, border, want)
			}
		}
	}
}

// Partitions cannot be taken away again: on a real cluster they need a typed y,
// which neither enter nor a held key is.
func TestPartitionsOnARealClusterNeedATypedY(t *testing.T) {
	open := func(real bool) (*Model, *fakeEngine) {
		m, e, _ := workbench(80, 24)
		if real {
			foreign(m, e)
		}
		press(m, ":")
		m.Update(tea.PasteMsg{Content: "partitions 24"})
		press(m, "enter")
		return m, e
	}
	m, e := open(true)
	has(t, m, "Add partitions on a real cluster?")
	has(t, m, "orders (12 now) would have 24 partitions")
	press(m, "enter", "Y")
	m.Update(tea.KeyPressMsg(tea.Key{Code: 'y', Text: "y", IsRepeat: true}))
	if len(e.steps) > 0 {
		t.Fatalf("enter, Y or a held y did %v", e.steps)
	}
	if press(m, "n"); len(e.steps) > 0 || m.place() != onMain {
		t.Errorf("n did %v and leaves place %d", e.steps, m.place())
	}
	m, e = open(true)
	if press(m, "y"); len(e.steps) != 1 || e.steps[0].Count != 24 {
		t.Errorf("y did %v, want partitions 24", e.steps)
	}
	m, e = open(false)
	if hasNot(t, m, "real cluster?"); len(e.steps) != 1 {
		t.Errorf("the embedded cluster got %v, want partitions 24 at once", e.steps)
	}
}

// Whoever reads a key in the help and presses it sees something happen, in every
// view: a change, a command, a step, or why not. Going up needs to be down.
func TestEveryKeyAnswersInEveryView(t *testing.T) {
	for view, name := range viewNames {
		for _, size := range [][2]int{{60, 20}, {100, 30}} { // compact and standard
			for _, b := range bindings() {
				if b.in != onMain {
					continue
				}
				for _, key := range b.keys {
					m, e, _ := workbench(size[0], size[1])
					many := *e.snap
					for i := range 60 {
						many.Report.Events = append(many.Report.Events, report.Event{AtS: 271, Kind: "notice", Say: fmt.Sprintf("event %d", i)})
					}
					e.snap = &many
					m.pull(true)
					m.show(view)
					_ = m.View()
					if slices.Contains([]string{"up", "k", "g", "home"}, key) {
						press(m, "down", "down", "down")
					}
					before := plainFrame(m) + meant(&m.screen.canvas)
					_, cmd := m.Update(keyMsg(key))
					after := plainFrame(m) + meant(&m.screen.canvas)
					if before == after && cmd == nil && len(e.steps) == 0 && key != fmt.Sprint(view+1) {
						t.Errorf("%s at %v with the keys in %s: %s does nothing", name, size, m.panels[m.focus].name, key)
					}
				}
			}
		}
	}
}
