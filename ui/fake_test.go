package ui

import (
	"errors"
	"math"
	"time"

	tea "charm.land/bubbletea/v2"

	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/presets"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// fakeEngine is a session that stands still: it shows one snapshot and writes
// down what it is told.
type fakeEngine struct {
	snap   *telemetry.Snapshot
	values setting.Values
	steps  []step.Step
	refuse error
	late   bool // changes of values wait
}

func (e *fakeEngine) Snapshot() *telemetry.Snapshot { return e.snap }
func (e *fakeEngine) Values() setting.Values        { return e.values }

func (*fakeEngine) Check(v setting.Values) []setting.Problem {
	if v.Int(setting.DeliveryTimeoutMs) < v.Int(setting.LingerMs)+v.Int(setting.RequestTimeoutMs) {
		return []setting.Problem{{
			Severity: setting.Error, Keys: []setting.Key{setting.DeliveryTimeoutMs, setting.LingerMs, setting.RequestTimeoutMs},
			Say: "delivery.timeout.ms must be at least linger.ms + request.timeout.ms",
			Fix: map[setting.Key]string{setting.DeliveryTimeoutMs: "120000"},
		}}
	}
	return nil
}

func (e *fakeEngine) Do(s step.Step) error {
	if e.refuse != nil {
		return e.refuse
	}
	e.steps = append(e.steps, s)
	for _, a := range s.Set {
		if e.late {
			break
		}
		e.values, _ = e.values.With(a.Key, a.Text)
	}
	return nil
}

// fakePresets keeps presets in memory.
type fakePresets struct {
	kept  map[string]setting.Values
	notes map[string]string
	other map[string]setting.Values // what somebody else saved in between, by name
}

func (s *fakePresets) List() ([]presets.Entry, error) {
	var list []presets.Entry
	for _, name := range []string{"broken", "low-latency", "throughput"} {
		if v, ok := s.kept[name]; ok {
			list = append(list, presets.Entry{Name: name, Set: v.SetMap(), Note: "Kept in memory."})
		}
	}
	return append(list, presets.Entry{Name: "torn", Problem: "torn.yaml:3: not YAML"}, presets.Entry{
		Name: "payments", BuiltIn: true, For: "card payments", Note: "Nothing lost.", Set: map[string]string{"linger.ms": "0"}, Expect: []string{"records.failed==0"},
		Because: []string{"The caller waits."}, Sources: []string{"KIP-98"}, Claims: []string{"latency.p50_ms < 0.5 x kafka4"},
		Measured: &presets.Measured{At: "2026-11-25T09:21:00Z", Cluster: presets.Cluster{Kind: "embedded", Brokers: 3}, RecordsPerS: 400, Audit: "kept"},
	}), nil
}

func (s *fakePresets) Load(name string) (presets.Preset, error) {
	v, ok := s.kept[name]
	if !ok {
		return presets.Preset{}, errors.New("there is no preset " + name)
	}
	return presets.Preset{Name: name, Values: v, Note: s.notes[name]}, nil
}

func (s *fakePresets) Remove(name string) error {
	delete(s.kept, name)
	return nil
}

func (s *fakePresets) Save(name string, p presets.Preset) (presets.Saved, error) {
	if err := presets.CheckName(name); err != nil {
		return presets.Saved{}, err
	}
	if v, ok := s.other[name]; ok {
		delete(s.other, name)
		return presets.Saved{}, &presets.ConflictError{Path: name + ".yaml", Theirs: presets.Preset{Name: name, Values: v}, Changes: p.Values.Diff(v), Known: true}
	}
	s.kept[name] = p.Values
	if s.notes == nil {
		s.notes = map[string]string{}
	}
	s.notes[name] = p.Note
	return presets.Saved{Path: "/home/someone/.config/kdyno/presets/" + name + ".yaml"}, nil
}

func values(pairs ...string) setting.Values {
	v := setting.Defaults()
	for i := 0; i < len(pairs); i += 2 {
		var err error
		if v, err = v.With(setting.Key(pairs[i]), pairs[i+1]); err != nil {
			panic(err)
		}
	}
	return v
}

func ms(f float64) *float64 { return &f }

// sample is the session of the drawings: 180,000 records/s of 512 B over 12
// partitions and 3 brokers of which the third is slow. Its figures agree with
// one another: 92.2 MB/s x 6.6 ms are 0.6 MB in the buffer, 1,200 requests/s x
// 6.6 ms are 8 in flight, 7.7 MB/s fill 38 KB of 256 KiB in 5 ms, the stage
// means add up to the mean and the shares of the p99 to one.
func sample() *telemetry.Snapshot {
	t := &telemetry.Snapshot{
		At: 271 * time.Second, State: telemetry.Running, Say: "Running.",
		Revision: 7, Undo: 6,
		Recent: interval(900_000),
		Now: telemetry.Now{
			BufferUsed: 608_000,
			InFlight: []telemetry.BrokerNow{
				{ID: 1, InFlight: 2, Slots: 5, Connected: true},
				{ID: 2, InFlight: 2, Slots: 5, Connected: true},
				{ID: 3, InFlight: 4, Slots: 5, Connected: true},
			},
		},
		Marks: []telemetry.Mark{{At: 0, Revision: 1, Say: "start"}, {At: 251 * time.Second, Revision: 7, Say: "linger.ms 20 > 5"}},
	}
	t.Report = report.Report{
		Schema: report.Schema, ElapsedS: 271, WarmupS: 3,
		Cluster:  report.Cluster{Kind: "embedded", Brokers: 3, Simulated: true},
		Topics:   []report.Topic{{Name: "orders", Partitions: 12}},
		Interval: interval(48_780_000),
		Skew:     1.4,
		Brokers: []report.Broker{
			{ID: 1, RTTP50Ms: ms(3.6), RTTP99Ms: ms(4.1), Slots: 5, Requests: 108_400},
			{ID: 2, RTTP50Ms: ms(3.3), RTTP99Ms: ms(3.8), Slots: 5, Requests: 108_400},
			{ID: 3, RTTP50Ms: ms(6.9), RTTP99Ms: ms(9.9), Slots: 5, Requests: 108_400},
		},
		Events: []report.Event{
			{AtS: 0.1, Kind: "revision", Say: "rev 1: the values that the session started with"},
			{AtS: 252, Kind: "notice", Say: "b3 slow: p99 2.5x of the median broker"},
			{AtS: 271, Kind: "revision", Say: "rev 7 applied: linger.ms 20 > 5, drained 1,204 records in 31 ms"},
		},
	}
	t.Report.Requests.Retries = 2
	shares := []int64{158, 139, 176, 150, 124, 169, 151, 92, 210, 136, 123, 172}
	for i, share := range shares {
		id := int32(i)
		t.Report.Partitions = append(t.Report.Partitions, report.Partition{
			Topic: "orders", Partition: id, Leader: 1 + id%3, Records: share * 27_100, P99Ms: ms(9.6 + float64(i)/10),
		})
		batches := 1
		if i%3 == 2 && i != 2 {
			batches = 2
		}
		if i == 7 {
			batches = 0
		}
		t.Report.Partitions[i].Queued = int64(batches) * 75
		if id%3 == 2 {
			t.Report.Partitions[i].P99Ms = ms(14.3 + float64(i)/10)
		}
		t.Now.Queues = append(t.Now.Queues, telemetry.QueueNow{
			Topic: "orders", Partition: id, Leader: 1 + id%3, Records: int64(batches) * 75, Batches: batches,
		})
	}
	t.Series = history()
	return t
}

func interval(n int64) report.Interval {
	stage := func(mean float64) *report.Stage { return &report.Stage{MeanMs: ms(mean)} }
	return report.Interval{
		Records: report.Records{Due: n, Sent: n, Accepted: n, Acked: n - 1188, InBuffer: 1188},
		Rate: report.Rate{
			RecordsPerS: 180_000, BytesPerS: 92_160_000, OfferedPerS: 180_000,
			LimitedBy: "load", Evidence: map[string]float64{"schedule_kept": 1},
		},
		Latency: report.Latency{Mode: "open", Count: n, MeanMs: ms(6.6), P50Ms: ms(6.2), P90Ms: ms(11.2), P99Ms: ms(14.9), P999Ms: ms(21.7), MaxMs: ms(31), P99GoesTo: map[string]float64{"batching": 0.33, "slot_wait": 0.004, "network": 0.656, "callback": 0.01}},
		Stages: map[string]*report.Stage{
			"schedule_lag": stage(0.1), "serialize": stage(0.0004), "blocked": stage(0), "swap": stage(0), "batching": stage(2.1),
			"slot_wait": stage(0.1), "network": stage(4.2), "retry": stage(0), "callback": stage(0.1),
		},
		Batches:  report.Batches{Count: 6000, RecordsMean: ms(75), FillMean: ms(0.15), BytesMean: ms(38_400), RawBytesMean: ms(38_400), CompressionRatio: ms(1)},
		Requests: report.Requests{Count: 6000, InFlightMean: ms(7.9)},
		Buffer:   report.Buffer{LimitBytes: 32 << 20, UsedMeanBytes: 608_000},
	}
}

// history is the last minute: a change of linger from 20 to 5 at 20 s ago.
func history() []telemetry.Point {
	var series []telemetry.Point
	for i := range 600 {
		at := 211*time.Second + time.Duration(i+1)*100*time.Millisecond
		wave := math.Sin(float64(i) / 23)
		p := telemetry.Point{At: at, Width: 100 * time.Millisecond, RecordsPerS: 180_000 + 500*wave, P50Ms: 14.1 + wave, P99Ms: 29.6 + 2*wave}
		if at > 251*time.Second {
			p.P50Ms, p.P99Ms = 6.4+wave/5, 14.6+wave/2
		}
		measured(&p, wave)
		series = append(series, p)
	}
	return series
}

// measured fills in what the charts beside latency and throughput show: with a
// linger of 20 ms 300 full requests a second, with 5 ms 1,200 emptier ones.
func measured(p *telemetry.Point, wave float64) {
	p.InFlight, p.RequestsPerS, p.Fill, p.BufferUsed = 4.2+wave/4, 300+3*wave, 0.6, 1_300_000+9000*wave
	if p.P50Ms < 10 {
		p.InFlight, p.RequestsPerS, p.Fill, p.BufferUsed = 7.9+wave/3, 1200+9*wave, 0.15, 608_000+4000*wave
	}
	if p.At == 258*time.Second {
		p.Retries = 20
	}
	p.Compression, p.Heat = 1, new(telemetry.Heat)
	for row := range p.Heat {
		// The bulk around the median, a tail up to the p99.
		edge := telemetry.HeatFrom(row)
		switch {
		case edge >= p.P50Ms*0.5 && edge < p.P50Ms*1.2:
			p.Heat[row] = 4000
		case edge >= p.P50Ms*1.2 && edge < p.P50Ms*1.8:
			p.Heat[row] = 1500
		case edge >= p.P50Ms*1.8 && edge < p.P99Ms:
			p.Heat[row] = uint32(300 + 100*wave)
		case edge >= p.P99Ms && edge < p.P99Ms*1.3 && wave > 0.7:
			p.Heat[row] = 20
		}
	}
}

// stopped is a clock that a test moves.
type stopped struct{ now time.Time }

func (c *stopped) Now() time.Time { return c.now }

// someFaults are a fault that needs a parameter and one that needs none.
var someFaults = []Fault{
	{
		Name: "slow-link", Usage: "fault slow-link rtt=80ms [for=5s]", Start: "fault slow-link rtt=80ms", Does: "makes the round trip longer",
		With: []FaultWith{{"rtt", "rtt=80ms", "the round trip"}, {"for", "for=5s", "ends the fault by itself"}},
	},
	{
		Name: "stall", Usage: "fault stall [for=5s]", Start: "fault stall", Does: "lets nothing pass",
		With: []FaultWith{{"for", "for=5s", "ends the fault by itself"}},
	},
}

// workbench is a model on a fake engine, with a screen of that size.
func workbench(w, h int) (*Model, *fakeEngine, *stopped) {
	e := &fakeEngine{snap: sample(), values: values("batch.size", "262144", "load.rate", "180000")}
	clock := &stopped{now: time.Unix(1_800_000_000, 0)}
	store := &fakePresets{kept: map[string]setting.Values{
		"low-latency": values("batch.size", "262144", "linger.ms", "1"),
		"throughput":  values("linger.ms", "50", "compression.type", "lz4", "stand.partitions", "24"),
	}}
	m := New(Options{Engine: e, Presets: store, Shelf: &fakeShelf{}, Preset: presets.Preset{Name: "low-latency", Values: store.kept["low-latency"]}, Faults: someFaults, Clock: clock.Now})
	m.Update(tea.WindowSizeMsg{Width: w, Height: h})
	return m, e, clock
}

// settle runs a command and gives its answer to the model, and so on.
func settle(m *Model, cmd tea.Cmd) {
	for cmd != nil {
		_, cmd = m.Update(cmd())
	}
}

// press types keys, by the names that Bubble Tea gives them.
func press(m *Model, keys ...string) {
	for _, k := range keys {
		_, cmd := m.Update(keyMsg(k))
		if cmd != nil {
			if msg := cmd(); msg != nil {
				if _, quit := msg.(tea.QuitMsg); !quit {
					_, cmd = m.Update(msg)
					settle(m, cmd)
				}
			}
		}
	}
}

var named = map[string]tea.Key{
	"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab},
	"shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
	"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "space": {Code: tea.KeySpace, Text: " "},
	"backspace": {Code: tea.KeyBackspace}, "ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+p": {Code: 'p', Mod: tea.ModCtrl}, "ctrl+n": {Code: 'n', Mod: tea.ModCtrl}, "ctrl+u": {Code: 'u', Mod: tea.ModCtrl},
}

func keyMsg(name string) tea.KeyPressMsg {
	if k, ok := named[name]; ok {
		return tea.KeyPressMsg(k)
	}
	return tea.KeyPressMsg(tea.Key{Code: []rune(name)[0], Text: name})
}
