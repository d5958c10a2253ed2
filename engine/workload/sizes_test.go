package workload

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"kdyno/engine/setting"
)

func spread(least, most int64) setting.Sizes {
	return setting.Sizes{Kind: "range", Least: least, Most: most}
}

// lognormal is as the table says it.
func lognormal(t *testing.T, text string) setting.Sizes {
	t.Helper()
	v, err := setting.Defaults().With(setting.LoadRecordBytes, text)
	if err != nil {
		t.Fatal(err)
	}
	return v.RecordSizes()
}

func TestRangesAreDrawnEvenly(t *testing.T) {
	s := newSizes(spread(100, 199))
	counts := map[int]float64{}
	for n := range uint64(100_000) {
		size := s.pick(stream(1).at(n))
		if size < 100 || size > 199 {
			t.Fatalf("draw %d: got %d bytes, want 100 to 199", n, size)
		}
		counts[size]++
	}
	chi := 0.0
	for size := 100; size < 200; size++ {
		chi += (counts[size] - 1000) * (counts[size] - 1000) / 1000
	}
	if chi > 200 {
		t.Errorf("got chi-squared %.0f over 100 sizes, want at most 200", chi)
	}
}

func TestLognormalSizesHaveTheirMedianAndSpread(t *testing.T) {
	for _, text := range []string{"lognormal:500:0.6", "lognormal:10000:0.1", "lognormal:2000:1.5"} {
		want := lognormal(t, text)
		s := newSizes(want)
		var all []float64
		for n := range uint64(100_000) {
			all = append(all, float64(s.pick(stream(7).at(n))))
		}
		slices.Sort(all)
		median := all[len(all)/2]
		if off := median / float64(want.Median); off < 0.97 || off > 1.03 {
			t.Errorf("%s: got a median of %v", text, median)
		}
		// One sigma either side of the median holds 68.3 %.
		low, high := float64(want.Median)*math.Exp(-want.Sigma), float64(want.Median)*math.Exp(want.Sigma)
		inside := 0.0
		for _, size := range all {
			if size >= low && size <= high {
				inside++
			}
		}
		if got := inside / float64(len(all)); got < 0.67 || got > 0.70 {
			t.Errorf("%s: got %.3f within one sigma, want 0.683", text, got)
		}
		if all[0] != float64(want.Least) || all[len(all)-1] != float64(want.Most) {
			t.Errorf("%s: got %v to %v, want %d to %d", text, all[0], all[len(all)-1], want.Least, want.Most)
		}
	}
}

func TestLognormalSizesStayWithinTheTable(t *testing.T) {
	for _, text := range []string{"lognormal:1:3", "lognormal:67108864:3", "lognormal:5:0.001", "lognormal:100:0.001"} {
		want := lognormal(t, text)
		s := newSizes(want)
		last := 0
		for i := range uint64(quantiles) {
			size := s.pick(i << (64 - quantileBits))
			if size < last || int64(size) < want.Least || int64(size) > want.Most {
				t.Fatalf("%s: quantile %d is %d bytes after %d, want %d to %d", text, i, size, last, want.Least, want.Most)
			}
			last = size
		}
	}
}

func TestSizesAndRecordsOfAVaryingLoadHangOnSeedAndNumber(t *testing.T) {
	for _, payload := range payloads {
		l := Load{Sizes: spread(1, 3000), Payload: payload, Keys: Keys{Kind: Uniform, Count: 10}, Seed: 4}
		a, b := newSource(t, l), newSource(t, l)
		var k, v []byte
		for n := uint64(2000); n > 0; n-- {
			k, v = b.Append(n, k, v)
			wantKey, want := a.Append(n, nil, nil)
			if string(k) != string(wantKey) || string(v) != string(want) {
				t.Fatalf("%s, record %d: got %q %q, want %q %q", payload, n, k, v, wantKey, want)
			}
			if payload == JSON && !json.Valid(v) {
				t.Fatalf("record %d is not JSON: %q", n, v)
			}
			if len(v) < 1 || len(v) > 3000 {
				t.Fatalf("%s, record %d has %d bytes", payload, n, len(v))
			}
		}
	}
}

// A key is the same whatever the sizes are: one change changes one thing.
func TestVaryingSizesLeaveTheKeysAlone(t *testing.T) {
	l := Load{Sizes: fixed(100), Payload: Zeros, Keys: Keys{Kind: Uniform, Count: 1000}, Seed: 4}
	one := newSource(t, l)
	l.Sizes = spread(1, 100)
	two := newSource(t, l)
	for n := range uint64(100) {
		a, _ := one.Append(n, nil, nil)
		b, _ := two.Append(n, nil, nil)
		if string(a) != string(b) {
			t.Errorf("record %d: got key %q with varying sizes, want %q", n, b, a)
		}
	}
}

func TestDocumentsAreValidInEveryClass(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for range 60 {
		least := 1 + rng.IntN(2000)
		most := least + rng.IntN(20_000)
		d := newDocuments(least, most, 1<<16, 1, false)
		for range 60 {
			b := make([]byte, least+rng.IntN(most-least+1))
			d.put(b, rng.Uint64(), stream(rng.Uint64()))
			if !json.Valid(b) {
				t.Fatalf("%d bytes of %d to %d are not JSON: %q", len(b), least, most, b)
			}
		}
	}
	big := newDocuments(1<<20-5, 3<<20, 1<<16, 1, false)
	for _, size := range []int{1<<20 - 5, 1 << 20, 1<<20 + 1, 3 << 20} {
		b := make([]byte, size)
		if big.put(b, 1, 1); !json.Valid(b) {
			t.Errorf("%d bytes are not JSON", size)
		}
	}
}

func TestTextIsPrintable(t *testing.T) {
	d := newDocuments(1, 500, 1<<16, 1, true)
	for size := 1; size <= 500; size++ {
		b := make([]byte, size)
		d.put(b, uint64(size), stream(size))
		for i, c := range b {
			if c < ' ' || c > '~' {
				t.Fatalf("%d bytes: byte %d is %q", size, i, c)
			}
		}
	}
}

func TestVaryingSourcesDoNotAllocate(t *testing.T) {
	for _, payload := range payloads {
		for _, sizes := range []setting.Sizes{spread(10, 5000), lognormal(t, "lognormal:500:0.6")} {
			s := newSource(t, Load{Sizes: sizes, Payload: payload, Keys: Keys{Kind: Hot, Share: 0.5}, Seed: 1})
			key, value := make([]byte, 0, 32), make([]byte, 0, 5000)
			n := uint64(0)
			if got := testing.AllocsPerRun(1000, func() {
				s.Append(n, key, value)
				n += 1 << 40
			}); got != 0 {
				t.Errorf("%s %s: got %v allocations a record, want 0", payload, sizes, got)
			}
		}
	}
}
