package pane

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

func TestStagesThatTakeTimeArePreferred(t *testing.T) {
	i := report.Interval{
		Latency: report.Latency{MeanMs: ms(71)},
		Stages: map[string]*report.Stage{
			"retry": {MeanMs: ms(50)}, "swap": {MeanMs: ms(20)}, "batching": {MeanMs: ms(0)}, "network": {MeanMs: ms(1)}, "slot_wait": nil,
		},
	}
	for room, want := range map[int][]string{
		0: nil,
		4: {"batching", "slot_wait", "network", "retry"},
		9: {"swap", "batching", "slot_wait", "network", "retry"},
	} {
		var got []string
		for _, p := range spent(i).shown(room) {
			got = append(got, p.stage)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("room for %d: shown otherwise (-want +got):\n%s", room, diff)
		}
	}
}

// slow is a session whose slowest records spend their time elsewhere than the
// others.
func slow(goes map[string]float64) *telemetry.Snapshot {
	snap := &telemetry.Snapshot{}
	snap.Recent = report.Interval{
		Rate:    report.Rate{LimitedBy: "load"},
		Latency: report.Latency{Count: FewSamples, MeanMs: ms(6), P99Ms: ms(20), P99GoesTo: goes},
		Stages:  map[string]*report.Stage{"batching": {MeanMs: ms(4.5)}, "network": {MeanMs: ms(1.5)}},
	}
	return snap
}

func spentLines(snap *telemetry.Snapshot, w, h int) []string {
	c := draw.NewCanvas(w, h)
	TimeSpent(c, sceneOf(snap))
	return c.Plain()
}

func TestTimeOfTheSlowestRecordsIsToldWhereItIsMeasured(t *testing.T) {
	goes := map[string]float64{"schedule_lag": 0.05, "batching": 0.2, "network": 0.75}
	want := []string{
		"where p99 goes: 20.0 ms, last 5 s               ",
		"late start      \u258a\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7     1.0 ms   5 %",
		"wait in batch   \u2588\u2588\u2588\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7     4.0 ms  20 %",
		"network, broker \u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u258e\u00b7\u00b7\u00b7    15.0 ms  75 %",
	}
	if diff := cmp.Diff(want, spentLines(slow(goes), 48, 4)); diff != "" {
		t.Errorf("drawn otherwise (-want +got):\n%s", diff)
	}
}

func TestTimeOfTheMeanIsToldOtherwise(t *testing.T) {
	lines := spentLines(slow(nil), 48, 4)
	for y, want := range []string{"where the mean goes: 6.0 ms, last 5 s", "75 %", "not measured", "25 %"} {
		if !strings.Contains(lines[y], want) {
			t.Errorf("got %q, want %q", lines[y], want)
		}
	}
}

func TestNarrowPlaceTellsSharesAlone(t *testing.T) {
	lines := spentLines(slow(map[string]float64{"network": 1}), 37, 2)
	if want := "network, broker " + strings.Repeat("\u2588", 15) + " 100 %"; lines[1] != want {
		t.Errorf("got %q, want %q", lines[1], want)
	}
}

func TestFewRecordsHaveNoP99ButShares(t *testing.T) {
	snap := slow(map[string]float64{"network": 1})
	snap.Recent.Latency.Count--
	lines := spentLines(snap, 60, 2)
	if !strings.Contains(lines[0], "where p99 goes: -,") || strings.Contains(lines[1], "ms") || !strings.Contains(lines[1], "100 %") {
		t.Errorf("got %q, want a share and no milliseconds", lines)
	}
}

func TestStagesThatWereMergedAreToldByTheirNames(t *testing.T) {
	lines := spentLines(slow(map[string]float64{"x\x1b_y": 0.5, "network": 0.5}), 60, 4)
	if !strings.HasPrefix(lines[1], "network, broker ") || !strings.HasPrefix(lines[2], `x\x1b y `) {
		t.Errorf("got %q, want the stages first and other names harmless", lines[1:])
	}
}

func TestVerdictIsOfThePartThatTakesTheMost(t *testing.T) {
	fast := report.Broker{ID: 1, RTTP99Ms: ms(2)}
	goes := map[string]float64{"batching": 0.34, "network": 0.66}
	for _, c := range []struct {
		goes    map[string]float64
		brokers []report.Broker
		want    string
	}{
		{nil, nil, "75 % of the mean is wait in batch   limit: load target"},
		{goes, nil, "66 % of p99 is network, broker   limit: load target"},
		{goes, []report.Broker{fast, {ID: 3, RTTP99Ms: ms(9)}}, "66 % of p99 is network, broker b3   limit: load target"},
		{map[string]float64{"batching": 0}, nil, "limit: load target"},
	} {
		snap := slow(c.goes)
		snap.Report.Brokers = c.brokers
		if got := verdict(sceneOf(snap)); !strings.HasPrefix(got[0], c.want) {
			t.Errorf("got %q, want %q", got[0], c.want)
		}
	}
}

// A person at 60 columns learns both halves.
func TestShortestVerdictTellsBothHalves(t *testing.T) {
	snap := slow(map[string]float64{"network": 0.66})
	if got, want := fit(42, verdict(sceneOf(snap))...), "66 % of p99: network   limit: load"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
