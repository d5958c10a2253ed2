package workload

import (
	"math"
	"testing"
)

func TestZipfFollowsItsLaw(t *testing.T) {
	for _, keys := range []Keys{
		{Kind: Zipf, Count: 100, Exponent: 1},
		{Kind: Zipf, Count: 1000, Exponent: 0.5},
		{Kind: Zipf, Count: 100_000, Exponent: 1.2},
		{Kind: Zipf, Count: 1, Exponent: 1},
	} {
		const draws = 400_000
		r := newKeyring(keys)
		counts := make([]float64, keys.Count)
		for n := range uint64(draws) {
			counts[r.pick(stream(3).at(n))]++
		}
		total := 0.0
		for k := uint64(1); k <= keys.Count; k++ {
			total += math.Pow(float64(k), -keys.Exponent)
		}
		// Ranks are judged in ten groups, each twice as wide as the last.
		for from := uint64(1); from <= min(keys.Count, 1024); from *= 2 {
			to := min(2*from-1, keys.Count)
			got, want := 0.0, 0.0
			for k := from; k <= to; k++ {
				got += counts[k-1]
				want += draws * math.Pow(float64(k), -keys.Exponent) / total
			}
			if off := math.Abs(got - want); off > 5*math.Sqrt(want) {
				t.Errorf("%s, ranks %d to %d: got %.0f of %d, want %.0f", keys, from, to, got, draws, want)
			}
		}
	}
}

// The columns of the alias table cover each rank once, and their weights are
// those of the exact sum where that can be had.
func TestZipfColumnsCoverEveryRank(t *testing.T) {
	for _, count := range []uint64{1, 2, 127, 128, 129, 1000, 12_345, 1_000_000_000} {
		r := newRanks(count, 0.99)
		next := uint64(0)
		for _, c := range r.columns {
			if c.first != next || c.width < 1 || c.width > max(1, c.first/100) {
				t.Fatalf("%d keys: a column begins at %d and is %d wide, want it at %d", count, c.first, c.width, next)
			}
			next += c.width
		}
		if next != count {
			t.Errorf("%d keys: the columns cover %d", count, next)
		}
		if got := r.pick(math.MaxUint64); got >= count {
			t.Errorf("%d keys: the last draw is rank %d", count, got)
		}
	}
	exact := 0.0
	for k := 50_000; k < 50_390; k++ {
		exact += math.Pow(float64(k), -1)
	}
	if got := zipfWeight(50_000, 390, 1); math.Abs(got/exact-1) > 1e-5 {
		t.Errorf("a column weighs %v, want %v", got, exact)
	}
	if got, want := zipfWeight(50_000, 390, 1.000001), exact; math.Abs(got/want-1) > 1e-4 {
		t.Errorf("a column near the exponent 1 weighs %v, want %v", got, want)
	}
}

func TestHotKeyHasItsShare(t *testing.T) {
	for _, share := range []float64{0, 0.01, 0.3, 0.9, 1} {
		const draws = 100_000
		r := newKeyring(Keys{Kind: Hot, Share: share})
		hot, others := 0.0, map[uint64]int{}
		for n := range uint64(draws) {
			switch key := r.pick(stream(5).at(n)); {
			case key == 0:
				hot++
			case key > coldKeys:
				t.Fatalf("got key %d, want at most %d", key, coldKeys)
			default:
				others[key]++
			}
		}
		if off := math.Abs(hot - share*draws); off > 4*math.Sqrt(draws/4) {
			t.Errorf("share %v: got %.0f of %d", share, hot, draws)
		}
		if want := int(draws * (1 - share)); want > 90_000 && len(others) < coldKeys*99/100 {
			t.Errorf("share %v: the rest went to %d keys, want nearly all of %d", share, len(others), coldKeys)
		}
	}
}
