package telemetry

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/telemetry/report"
)

// What is said of the slowest is part of what is said of all: over all rows the
// sums are those of the stages, whatever the clocks say.
func TestTailsAddUpToTheStages(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 37))
	for round := range 300 {
		m, _ := testMeter()
		instant := func() int64 { return rng.Int64N(100) * msec / 3 }
		var batches []BatchTimes
		var records [][]RecordTimes
		for range 1 + rng.IntN(4) {
			b := BatchTimes{Ready: instant(), Written: instant(), LastWritten: instant(), Called: 20*msec + instant()}
			if rng.IntN(3) > 0 {
				b.Answered = instant()
			}
			var list []RecordTimes
			for range rng.IntN(20) {
				rec := RecordTimes{Due: instant(), SendCalled: instant()}
				if rng.IntN(3) == 0 {
					rec.Serialize, rec.Blocked, rec.Swap = instant()/10, instant()/5, instant()/5
				}
				list = append(list, rec)
			}
			batches, records = append(batches, b), append(records, list)
		}
		play(m, batches, records)
		var sums [stageCount]int64
		for i := range m.total.tails.rows {
			addStages(&sums, &m.total.tails.rows[i])
		}
		for i, sum := range sums {
			if want := m.total.stages[i].Sum(); sum != want {
				t.Fatalf("round %d: %s sums up to %d in the tails, %d in all", round, report.StageNames[i], sum, want)
			}
		}
	}
}

// 990 records spend 10 ms batching and 1 ms on the wire, 10 wait 100 ms for the
// broker: the p99 goes there, though the mean does not.
func TestP99GoesWhereTheSlowestWere(t *testing.T) {
	m, _ := testMeter()
	fast := BatchTimes{Ready: 10 * msec, Written: 10 * msec, LastWritten: 10 * msec, Answered: 11 * msec, Called: 11 * msec}
	slow := BatchTimes{Ready: 25 * msec, Written: 25 * msec, LastWritten: 25 * msec, Answered: 125 * msec, Called: 125 * msec}
	play(m, []BatchTimes{fast, slow, fast}, [][]RecordTimes{
		make([]RecordTimes, 500), make([]RecordTimes, 11), make([]RecordTimes, 500),
	})
	for name, iv := range map[string]report.Interval{"session": m.Total(), "last seconds": m.Recent(1 << 40)} {
		got := iv.Latency.P99GoesTo
		for stage, share := range got {
			got[stage] = math.Round(share*1000) / 1000
		}
		if diff := cmp.Diff(map[string]float64{"batching": 0.2, "network": 0.8}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestP99GoesNowhereWithTooFewRecords(t *testing.T) {
	m, _ := testMeter()
	play(m, []BatchTimes{{Ready: 10 * msec, Written: 10 * msec, LastWritten: 10 * msec, Called: 11 * msec}}, [][]RecordTimes{make([]RecordTimes, 999)})
	if got := m.Total().Latency; got.P99GoesTo != nil || got.P99Ms != nil {
		t.Errorf("999 records have a p99 of %v that goes to %v", got.P99Ms, got.P99GoesTo)
	}
}

// A producer that stalls for 200 ms and then sends what became due meanwhile:
// from the call of send every record took 1 ms.
func TestUncorrectedForgetsWhatWasDue(t *testing.T) {
	m, _ := testMeter()
	var list []RecordTimes
	for i := range int64(2000) {
		list = append(list, RecordTimes{Due: i * msec / 10, SendCalled: 200 * msec})
	}
	play(m, []BatchTimes{{Ready: 200 * msec, Written: 200 * msec, LastWritten: 200 * msec, Answered: 201 * msec, Called: 201 * msec}}, [][]RecordTimes{list})
	l := m.Total().Latency
	if *l.Uncorrected.P99Ms < 0.99 || *l.Uncorrected.P99Ms > 1.01 || *l.P99Ms < 197 {
		t.Errorf("p99 %v, uncorrected %v; want about 199 and 1", *l.P99Ms, *l.Uncorrected.P99Ms)
	}
}
