package telemetry

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestHeatEdgesGrowByHalvesOfADoubling(t *testing.T) {
	for row, want := range map[int]float64{0: 0, 1: 0.0625, 2: 0.09375, 3: 0.125, 9: 1, 10: 1.5, 11: 2, 41: 65536} {
		if got := HeatFrom(row); got != want {
			t.Errorf("row %d: got edge %v ms, want %v", row, got, want)
		}
	}
}

// Every value lies in the range whose edges hold it, give or take the
// histogram's own 1 %, and none is lost.
func TestHeatCountsEveryRecordInItsRange(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 77))
	for range 3000 {
		h, v := new(Hist), int64(math.Pow(10, rng.Float64()*12))
		h.RecordN(v, 3)
		heat := heatOf(h)
		ms, total := float64(v)/1e6, uint32(0)
		for row, n := range heat {
			total += n
			if n == 0 {
				continue
			}
			if low := HeatFrom(row); ms < low*0.99 || row+1 < HeatRows && ms > HeatFrom(row+1)*1.01 {
				t.Fatalf("%v ms: got row %d from %v ms", ms, row, low)
			}
		}
		if total != 3 {
			t.Fatalf("%v ms: got %d records in the heat, want 3", ms, total)
		}
	}
}

func TestIntervalWithoutRecordsHasNoHeat(t *testing.T) {
	if got := heatOf(new(Hist)); got != nil {
		t.Errorf("got %v, want none", got)
	}
}
