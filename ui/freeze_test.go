package ui

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// past lets so much time go by, with a rate that tells when: 100 records/s at
// 100 s.
func past(m *Model, e *fakeEngine, long time.Duration) {
	for until := e.snap.At + long; e.snap.At < until; {
		next := *e.snap
		next.At += gaugeEvery
		next.Recent.Rate.RecordsPerS = next.At.Seconds()
		next.Series = append([]telemetry.Point(nil), next.Series...)
		next.Series = append(next.Series, telemetry.Point{At: next.At, Width: gaugeEvery, RecordsPerS: next.At.Seconds()})
		e.snap = &next
		m.pull(true)
	}
}

func TestScrubLeadsAllPanelsToAnEarlierInstant(t *testing.T) {
	m, e, _ := workbench(120, 36)
	past(m, e, 30*time.Second)
	press(m, "space")
	has(t, m, "FROZEN -0.0s")
	has(t, m, "the view stands at 05:01")
	has(t, m, "301 rec/s")
	press(m, "{")
	has(t, m, "FROZEN -10.0s")
	has(t, m, "291 rec/s")
	press(m, "[", "[")
	has(t, m, "FROZEN -12.0s")
	has(t, m, "289 rec/s")
	for _, s := range []*telemetry.Snapshot{m.scene.Live, m.scene.Figures, m.scene.Charts} {
		if s.At != 289*time.Second || s.Series[len(s.Series)-1].At != 289*time.Second {
			t.Errorf("got a panel at %v with a chart until %v, want both at 289 s", s.At, s.Series[len(s.Series)-1].At)
		}
	}
	press(m, "]")
	has(t, m, "FROZEN -11.0s")
	press(m, "}", "}")
	has(t, m, "301 rec/s")
	press(m, "]")
	has(t, m, "this is the latest instant")
	past(m, e, 3*time.Second)
	has(t, m, "FROZEN -3.0s")
	press(m, "space")
	has(t, m, "LIVE")
	has(t, m, "304 rec/s")
}

func TestScrubEndsWhereNothingIsKept(t *testing.T) {
	m, e, _ := workbench(120, 36)
	past(m, e, 5*time.Second)
	press(m, "[")
	has(t, m, "[: space freezes first")
	press(m, "space", "{", "{")
	has(t, m, "nothing older is kept")
	has(t, m, "FROZEN -5.0s")
}

func TestEventsAndMarksOfALaterTimeAreNotInAnEarlierInstant(t *testing.T) {
	m, e, _ := workbench(120, 36)
	past(m, e, 5*time.Second)
	e.snap.Report.Events = append(e.snap.Report.Events, report.Event{AtS: 275.5, Kind: "notice", Say: "too late for that"})
	e.snap.Marks = append(e.snap.Marks, telemetry.Mark{At: 275500 * time.Millisecond, Say: "late"})
	m.pull(true)
	press(m, "space")
	has(t, m, "too late for that")
	press(m, "[")
	hasNot(t, m, "too late for that")
	if n := len(m.scene.Charts.Marks); n != 2 {
		t.Errorf("got %d marks, want the two of before", n)
	}
}

func TestValueThatRanThenIsToldWhileFrozen(t *testing.T) {
	m, e, _ := workbench(120, 36)
	e.snap.Report.Settings = map[string]string{"linger.ms": "20"}
	m.pull(true)
	press(m, "2")
	hasNot(t, m, "at this instant")
	press(m, "space")
	has(t, m, "at this instant: 20 ms")
}

func TestReelStaysWithinItsBounds(t *testing.T) {
	var r reel
	base := sample()
	for i := range 20 * 60 * 15 { // fifteen minutes at twenty a second
		s := *base
		s.At = time.Duration(i) * gaugeEvery
		r.add(&s)
	}
	if n := len(r.fine); n > 241 {
		t.Errorf("got %d frames of the last minute, want 241 at most", n)
	}
	if n := len(r.coarse); n > 541 || n < 530 {
		t.Errorf("got %d frames of the nine minutes before, want one a second", n)
	}
	for i := 1; i < len(r.coarse)+len(r.fine); i++ {
		if r.frame(i).At <= r.frame(i-1).At {
			t.Fatalf("frame %d: got %v after %v, want them in order", i, r.frame(i).At, r.frame(i-1).At)
		}
	}
	if r.newest().Series != nil || r.newest().Report.Events != nil {
		t.Error("got a frame that holds on to the series")
	}
}

func TestReelOfManyPartitionsKeepsToItsBudget(t *testing.T) {
	var r reel
	base := sample()
	base.Report.Partitions = make([]report.Partition, 5000)
	base.Now.Queues = make([]telemetry.QueueNow, 5000)
	for i := range 4 * 600 {
		s := *base
		s.At = time.Duration(i) * reelFineEach
		r.add(&s)
		total := 0
		for _, f := range append(append([]*telemetry.Snapshot(nil), r.coarse...), r.fine...) {
			total += weight(f)
		}
		if total != r.bytes || total > reelBudget {
			t.Fatalf("frame %d: got %d bytes counted as %d, want %d at most", i, total, r.bytes, reelBudget)
		}
	}
	if len(r.fine) == 0 {
		t.Error("got an empty reel")
	}
}

func TestReelStepsToTheFrameBefore(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	var r reel
	at := time.Duration(0)
	for range 2000 {
		at += time.Duration(rng.IntN(900)) * time.Millisecond
		r.add(&telemetry.Snapshot{At: at})
	}
	n := len(r.coarse) + len(r.fine)
	for range 2000 {
		from, by := r.frame(rng.IntN(n)).At, time.Duration(rng.IntN(40)-20)*time.Second
		got := r.step(from, by).At
		want := r.frame(0).At
		for i := range n {
			if f := r.frame(i).At; f <= from+by || by > 0 && want <= from {
				want = max(want, f)
			}
		}
		if got != want {
			t.Fatalf("from %v by %v: got %v, want %v", from, by, got, want)
		}
	}
}

func TestMarkIsSetWithANote(t *testing.T) {
	m, e, _ := workbench(80, 24)
	press(m, "m")
	press(m, strings.Split("broker 2 restarts", "")...)
	has(t, m, "mark [broker 2 restarts_")
	press(m, "enter")
	if len(e.steps) != 1 || e.steps[0].String() != "mark broker 2 restarts" {
		t.Errorf("got %v, want the mark", e.steps)
	}
	press(m, "m", "enter")
	has(t, m, "! mark has no text")
	press(m, "x", "esc")
	hasNot(t, m, "mark [")
	if len(e.steps) != 1 {
		t.Errorf("got %d steps, want no more", len(e.steps))
	}
}
