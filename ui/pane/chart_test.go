package pane

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

func points(width time.Duration, values ...float64) []telemetry.Point {
	var series []telemetry.Point
	for i, v := range values {
		series = append(series, telemetry.Point{At: time.Duration(i+1) * width, Width: width, P99Ms: v, RecordsPerS: v})
	}
	return series
}

var (
	worst = MetricLine{Of: func(p *telemetry.Point) float64 { return p.P99Ms }}
	mean  = MetricLine{Of: func(p *telemetry.Point) float64 { return p.RecordsPerS }, Mean: true}
)

func binned(w window, series []telemetry.Point) *bins {
	b := &bins{}
	b.take(w, series)
	return b
}

func TestColumnShowsTheWorstPercentileAndTheMeanRate(t *testing.T) {
	// 60 columns of a second; the last two seconds have two intervals each.
	series := points(500*time.Millisecond, 10, 30, 50, math.NaN())
	w := window{end: 2*time.Second - 1, span: time.Minute, columns: 60}
	for _, c := range []struct {
		line MetricLine
		want []float64
	}{{worst, []float64{30, 50}}, {mean, []float64{20, 50}}} {
		got := binned(w, series).values(c.line)[58:]
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("columns are otherwise (-want +got):\n%s", diff)
		}
	}
}

func TestColumnsDoNotChangeOnceTheyAreFull(t *testing.T) {
	var values []float64
	for i := range 600 {
		values = append(values, float64(i%37))
	}
	series := points(100*time.Millisecond, values...)
	var last []float64
	for now := 30 * time.Second; now < 60*time.Second; now += 100 * time.Millisecond {
		w := window{end: now, span: time.Minute, columns: 53}
		got := binned(w, series[:now/(100*time.Millisecond)]).values(worst)
		shift := w.column(0) - (window{end: now - 100*time.Millisecond, span: time.Minute, columns: 53}).column(0)
		if last != nil {
			// Without the column that is still open.
			was, is := last[:52], got
			if shift < 0 {
				was, is = last[1:52], got[:51]
			}
			if diff := cmp.Diff(was, is[:len(was)], cmpopts.EquateNaNs()); diff != "" && shift == 0 || shift < -1 {
				t.Fatalf("at %v: a full column has changed (-was +is):\n%s", now, diff)
			}
		}
		last = got
	}
}

func TestWideIntervalSpansItsColumns(t *testing.T) {
	got := binned(window{end: 60*time.Second - 1, span: time.Minute, columns: 120}, points(time.Second, make([]float64, 60)...)).values(worst)
	for i, v := range got {
		if math.IsNaN(v) {
			t.Fatalf("got a hole at column %d of a series without holes", i)
		}
	}
}

func TestPauseIsAHoleAndNotALine(t *testing.T) {
	series := points(time.Second, 5, math.NaN(), math.NaN(), 5)
	got := binned(window{end: 4*time.Second - 1, span: time.Minute, columns: 60}, series).values(worst)[56:]
	if diff := cmp.Diff([]float64{5, math.NaN(), math.NaN(), 5}, got, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("columns are otherwise (-want +got):\n%s", diff)
	}
}

func TestRevisionsStandAtTheirTime(t *testing.T) {
	got := window{end: 100 * time.Second, span: time.Minute, columns: 60}.marks([]telemetry.Mark{
		{At: 10 * time.Second, Revision: 1}, {At: 90 * time.Second, Revision: 2, Say: "linger.ms 5 > 20"}, {At: 100 * time.Second, Say: "lunch"}, {At: 200 * time.Second, Revision: 9},
	})
	if diff := cmp.Diff([]draw.VLine{{Column: 49, Label: "r2", Long: "r2 linger.ms 5 > 20"}, {Column: 59, Label: "lunch", Long: "lunch"}}, got); diff != "" {
		t.Errorf("marks are otherwise (-want +got):\n%s", diff)
	}
}

func ms(f float64) *float64 { return &f }

func TestSlowestBrokerIsFarFromTheMedian(t *testing.T) {
	for _, c := range []struct {
		name  string
		rtt   map[int32]*float64
		id    int32
		found bool
	}{
		{"none measured", map[int32]*float64{1: nil, 2: nil}, 0, false},
		{"one alone", map[int32]*float64{1: ms(9)}, 0, false},
		{"alike", map[int32]*float64{1: ms(4), 2: ms(5), 3: ms(6)}, 3, false},
		{"one slow", map[int32]*float64{1: ms(4.1), 2: ms(3.8), 3: ms(9.9)}, 3, true},
		{"of two", map[int32]*float64{1: ms(9), 2: ms(3)}, 1, true},
		{"slow by a hair", map[int32]*float64{1: ms(0.7), 2: ms(0.9), 3: ms(2.1)}, 3, false},
		{"all at nothing", map[int32]*float64{1: ms(0), 2: ms(0)}, 1, false},
	} {
		id, found := slowest(c.rtt)
		if found != c.found || found && id != c.id {
			t.Errorf("%s: got broker %d %v, want %d %v", c.name, id, found, c.id, c.found)
		}
	}
}

func TestManyPartitionsAreListedLongestQueueFirst(t *testing.T) {
	t.Parallel()
	snap := &telemetry.Snapshot{}
	for i := range 1000 {
		q := telemetry.QueueNow{Topic: "t", Partition: int32(i), Batches: 1, Records: 1}
		if i == 777 {
			q.Batches, q.Records = 40, 4000
		}
		snap.Now.Queues = append(snap.Now.Queues, q)
	}
	p := &Pipeline{}
	s := Scene{Live: snap, Figures: snap, Charts: snap}
	c := draw.NewCanvas(80, 11)
	p.Draw(c, s)
	lines := c.Plain()
	if !strings.Contains(lines[7], "p777 \u25a0+") {
		t.Errorf("got %q, want the planted worst one first", lines[7])
	}
	if !strings.Contains(lines[8], "longest queues first, 1 to 4 of 1,000") {
		t.Errorf("got %q, want the rest told", lines[8])
	}
	p.Move(1_000_000)
	p.Draw(c, s)
	if got := c.Plain()[8]; !strings.Contains(got, "997 to 1000 of 1,000") {
		t.Errorf("got %q, want the end of the list", got)
	}
}

func TestManyBrokersAreListedSlowestFirst(t *testing.T) {
	snap := &telemetry.Snapshot{}
	for i := range int32(50) {
		snap.Now.InFlight = append(snap.Now.InFlight, telemetry.BrokerNow{ID: i, Slots: 5, Connected: true})
		snap.Report.Brokers = append(snap.Report.Brokers, report.Broker{ID: i, RTTP99Ms: ms(float64(i) + 1)})
	}
	c := draw.NewCanvas(80, 11)
	(&Pipeline{}).Draw(c, Scene{Live: snap, Figures: snap, Charts: snap})
	lines := c.Plain()
	if !strings.Contains(lines[3], "b49") || !strings.Contains(lines[3], "50.0 ms") {
		t.Errorf("got %q, want the slowest broker first", lines[3])
	}
	if !strings.Contains(lines[5], "+48 faster") {
		t.Errorf("got %q, want the others counted", lines[5])
	}
}

func TestLimitIsSaidInWordsWithItsEvidence(t *testing.T) {
	for _, c := range []struct {
		rate report.Rate
		want string
	}{
		{report.Rate{LimitedBy: "load", Evidence: map[string]float64{"schedule_kept": 0.998}}, "limit: load target, the producer has headroom  schedule kept 100 %"},
		{report.Rate{LimitedBy: "buffer", Evidence: map[string]float64{"waiters": 4}}, "limit: buffer.memory, send() waits for space  waiters 4"},
		{report.Rate{LimitedBy: "\x1b[2J"}, `limit: \x1b[2J`},
	} {
		if got := limit(c.rate)[0]; got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if got := limit(report.Rate{}); got != nil {
		t.Errorf("got %q of what is not known, want nothing", got)
	}
}

func TestEventsAreScrolledFromTheNewest(t *testing.T) {
	snap := &telemetry.Snapshot{}
	for i := range 9 {
		snap.Report.Events = append(snap.Report.Events, report.Event{AtS: float64(i), Say: "event"})
	}
	e := &Events{}
	c := draw.NewCanvas(40, 4)
	e.Draw(c, Scene{Live: snap, Figures: snap, Charts: snap})
	if got := c.Plain()[1]; !strings.Contains(got, "00:08") {
		t.Errorf("got %q, want the newest first", got)
	}
	e.Move(100)
	e.Draw(c, Scene{Live: snap, Figures: snap, Charts: snap})
	if got := c.Plain()[2]; !strings.Contains(got, "00:00") {
		t.Errorf("got %q, want the oldest last", got)
	}
}
