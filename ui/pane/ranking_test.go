package pane

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

func sceneOf(t *telemetry.Snapshot) Scene { return Scene{Live: t, Figures: t, Charts: t} }

func partitions(n int) *telemetry.Snapshot {
	t := &telemetry.Snapshot{}
	for i := range int32(n) {
		t.Report.Partitions = append(t.Report.Partitions, report.Partition{Topic: "orders", Partition: i, Leader: i % 3, Records: 100})
	}
	return t
}

// inside are the lines within a pane's frame.
func inside(p interface{ Draw(*draw.Canvas, Scene) }, s Scene, w, h int) []string {
	c := draw.NewCanvas(w, h)
	p.Draw(c, s)
	lines := c.Plain()[1 : h-1]
	for i, l := range lines {
		lines[i] = strings.TrimSpace(strings.Trim(l, "\u2502"))
	}
	return lines
}

func TestWorstPartitionStandsFirstWhateverIsWrongWithIt(t *testing.T) {
	for _, c := range []struct {
		name string
		ill  func(*report.Partition)
	}{
		{"no leader", func(p *report.Partition) { p.Leader = -1 }},
		{"an error", func(p *report.Partition) { p.LastError = "NOT_LEADER_OR_FOLLOWER" }},
		{"a long queue", func(p *report.Partition) { p.Queued = 5000 }},
		{"a high p99", func(p *report.Partition) { p.P99Ms = ms(99) }},
		{"most of the records", func(p *report.Partition) { p.Records = 9000 }},
	} {
		snap := partitions(1000)
		c.ill(&snap.Report.Partitions[733])
		lines := inside(&Partitions{}, sceneOf(snap), 120, 12)
		if !strings.Contains(lines[0], "1,000 partitions") {
			t.Errorf("%s: got %q, want a summary", c.name, lines[0])
		}
		if !strings.HasPrefix(lines[1], "p733 ") {
			t.Errorf("%s: got first row %q, want p733", c.name, lines[1])
		}
	}
}

func TestFewPartitionsStandInTheirOrder(t *testing.T) {
	snap := partitions(6)
	snap.Report.Partitions[4].Queued = 99
	for i, l := range inside(&Partitions{}, sceneOf(snap), 60, 8) {
		if !strings.HasPrefix(l, fmt.Sprintf("p%d ", i)) {
			t.Errorf("row %d: got %q", i, l)
		}
	}
}

func TestEvenShareIsMarkedWhereABarEndsBeforeIt(t *testing.T) {
	snap := partitions(4)
	snap.Report.Partitions[2].Records = 20
	lines := inside(&Partitions{}, sceneOf(snap), 60, 6)
	if !strings.Contains(lines[2], "\u250a") || strings.Contains(lines[0], "\u250a") {
		t.Errorf("got %q, want the mark at the one that has less", lines)
	}
}

func TestFilterNarrowsPartitionsByNameTopicAndLeader(t *testing.T) {
	snap := partitions(1000)
	for filter, want := range map[string]int{"p733": 1, "b2": 333, "orders": 1000, "no leader": 0} {
		p := &Partitions{}
		p.Filter.Set(filter)
		p.Draw(draw.NewCanvas(80, 20), sceneOf(snap))
		got := 0
		for _, row := range snap.Report.Partitions {
			if passPartition(&p.Filter, row) {
				got++
			}
		}
		if len(p.rows) != got {
			t.Errorf("%q: got %d rows, want the %d that pass", filter, len(p.rows), got)
		}
		if got != want {
			t.Errorf("%q: got %d partitions, want %d", filter, got, want)
		}
	}
	p := &Partitions{}
	p.Filter.Set("nowhere")
	if got := strings.Join(inside(p, sceneOf(snap), 80, 20), "\n"); !strings.Contains(got, "nothing has nowhere in it") {
		t.Errorf("got %q, want to be told why it is empty", got)
	}
}

func TestOrderStandsStillBetweenFigures(t *testing.T) {
	snap := partitions(1000)
	p := &Partitions{}
	c := draw.NewCanvas(80, 20)
	p.Draw(c, sceneOf(snap))
	if got := testing.AllocsPerRun(5, func() { p.take(snap, 18, nil, nil, nil) }); got > 0 {
		t.Errorf("got %v allocations where nothing is new, want 0", got)
	}
}

func TestNoBrokerIsMissedWhereNothingIsSent(t *testing.T) {
	snap := &telemetry.Snapshot{Now: telemetry.Now{InFlight: []telemetry.BrokerNow{{ID: 1, Slots: 5}}}}
	for state, want := range map[telemetry.State]bool{telemetry.Running: true, telemetry.Degraded: true, telemetry.Paused: false, telemetry.Done: false} {
		snap.State = state
		if got := brokersOf(snap)[0].away; got != want {
			t.Errorf("%s: got away %v, want %v", state, got, want)
		}
	}
}

func TestBrokerThatIsAwayStandsBeforeTheSlow(t *testing.T) {
	snap := &telemetry.Snapshot{}
	for i := range int32(50) {
		snap.Now.InFlight = append(snap.Now.InFlight, telemetry.BrokerNow{ID: i, Slots: 5, InFlight: int(i % 6), Connected: i != 23})
		snap.Report.Brokers = append(snap.Report.Brokers, report.Broker{ID: i, RTTP50Ms: ms(2), RTTP99Ms: ms(4)})
	}
	snap.Report.Brokers[37].RTTP99Ms = ms(88)
	lines := inside(&Brokers{}, sceneOf(snap), 80, 10)
	for i, want := range []string{"50 brokers   1 away", "b23   away", "b37   "} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d: got %q, want %q", i, lines[i], want)
		}
	}
	if !strings.Contains(lines[2], "88.0 !") {
		t.Errorf("got %q, want the slow one marked", lines[2])
	}
}

func TestSpanFollowsAYoungSession(t *testing.T) {
	for age, want := range map[time.Duration]time.Duration{
		0: 15 * time.Second, 14 * time.Second: 15 * time.Second, 16 * time.Second: 30 * time.Second, time.Hour: time.Minute,
	} {
		s := sceneOf(&telemetry.Snapshot{At: age})
		if got := s.Span(); got != want {
			t.Errorf("after %v: got %v, want %v", age, got, want)
		}
		s.Window = 5 * time.Minute
		if got := s.Span(); got != s.Window {
			t.Errorf("got %v, want what was asked for", got)
		}
	}
}

func TestLatelyIsTheMeanOfFiveSecondsByWidth(t *testing.T) {
	snap := &telemetry.Snapshot{At: 20 * time.Second, Series: []telemetry.Point{
		{At: 15 * time.Second, Width: time.Second, Errors: 1000},
		{At: 18 * time.Second, Width: 3 * time.Second, Errors: 2},
		{At: 19 * time.Second, Width: time.Second, Errors: 6},
	}}
	if got := lately(snap, func(p *telemetry.Point) float64 { return p.Errors }); got != 3 {
		t.Errorf("got %v, want 3", got)
	}
}
