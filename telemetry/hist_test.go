package telemetry

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// facts are what can be asked of a histogram.
type facts struct {
	Count, Sum, Min, Max, Clamped int64
	Quantiles                     [6]int64
}

var quantiles = [6]float64{0, 0.5, 0.9, 0.99, 0.999, 1}

func factsOf(h *Hist) facts {
	f := facts{Count: h.Count(), Sum: h.Sum(), Min: h.Min(), Max: h.Max(), Clamped: h.Clamped()}
	for i, q := range quantiles {
		f.Quantiles[i] = h.Quantile(q)
	}
	return f
}

func TestBucketsFollowOneAnotherWithoutHoles(t *testing.T) {
	last := -1
	for _, v := range append(edges(), histEdge-1) {
		b := bucketOf(v)
		if b != last+1 && b != last {
			t.Fatalf("value %d is in bucket %d after bucket %d", v, b, last)
		}
		if m := midpoint(b); bucketOf(m) != b {
			t.Errorf("midpoint %d of bucket %d is in bucket %d", m, b, bucketOf(m))
		}
		last = b
	}
	if last != buckets-1 {
		t.Errorf("got last bucket %d, want %d", last, buckets-1)
	}
}

// edges are the least values of all buckets.
func edges() []int64 {
	var list []int64
	for v := int64(0); v < histEdge; {
		list = append(list, v)
		v += max(1, int64(1)<<(bitLen(v)-1-subBits))
	}
	return list
}

func bitLen(v int64) int {
	n := subBits + 1
	for ; v>>n != 0; n++ {
	}
	return n
}

func TestQuantilesErrByLessThanOnePercent(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 11))
	for round := range 30 {
		n := 1 + rng.IntN(5000)
		values := make([]int64, n)
		h := new(Hist)
		for i := range values {
			values[i] = int64(math.Exp(rng.Float64() * 27.7)) // 1 ns to 18 minutes
			h.Record(values[i])
		}
		slices.Sort(values)
		for _, q := range quantiles {
			want := values[min(max(int(math.Ceil(q*float64(n)-1e-6))-1, 0), n-1)]
			got := h.Quantile(q)
			if off := math.Abs(float64(got-want)) / float64(want); off > 0.01 {
				t.Errorf("round %d, n %d, q %v: got %d, want %d, off by %.2f %%", round, n, q, got, want, off*100)
			}
		}
	}
}

func TestSumsAreExactHoweverRecorded(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	one, many := new(Hist), new(Hist)
	want := facts{Min: math.MaxInt64}
	for range 1000 {
		v, n := rng.Int64N(1<<uint(rng.IntN(44))+1), rng.Int64N(5)
		many.RecordN(v, n)
		for range n {
			one.Record(v)
		}
		if n > 0 {
			want.Count += n
			want.Sum += v * n
			want.Min, want.Max = min(want.Min, v), max(want.Max, v)
			if v >= histEdge {
				want.Clamped += n
			}
		}
	}
	if want.Clamped == 0 {
		t.Fatal("no value was beyond the edge")
	}
	got := factsOf(one)
	if diff := cmp.Diff(factsOf(many), got); diff != "" {
		t.Errorf("RecordN and Record differ (-N +one):\n%s", diff)
	}
	want.Quantiles = got.Quantiles
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sums (-want +got):\n%s", diff)
	}
}

func TestHistTakesWhatIsOutOfRange(t *testing.T) {
	h := new(Hist)
	h.Record(-5)
	h.Record(11 * 60 * 1e9)
	h.Record(math.MaxInt64 / 4)
	got := factsOf(h)
	if got.Min != 0 || got.Max != math.MaxInt64/4 || got.Clamped != 1 || got.Count != 3 {
		t.Errorf("got %+v, want min 0, max %d, one clamped of three", got, int64(math.MaxInt64/4))
	}
	if p := h.Quantile(0.5); math.Abs(float64(p)-660e9) > 6.6e9 {
		t.Errorf("got median %d, want 660 s", p)
	}
}

// 99 of 100 shards answer in 1 ms and one in 500 ms: the mean of the shards'
// own p99s is 250 times the truth.
func TestMergedPercentilesAreNotAverages(t *testing.T) {
	merged, averaged := new(Hist), int64(0)
	for shard := range 2 {
		h := new(Hist)
		if shard == 0 {
			h.RecordN(1e6, 99_000)
		} else {
			h.RecordN(500e6, 1_000)
		}
		averaged += h.Quantile(0.99) / 2
		merged.Merge(h)
	}
	if averaged < 240e6 {
		t.Fatalf("got averaged p99 %d, the trap is not set", averaged)
	}
	if got := merged.Quantile(0.99); got < 0.99e6 || got > 1.01e6 {
		t.Errorf("got merged p99 %d ns, want 1 ms", got)
	}
}

func TestMergeIsAsIfOneHadCounted(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 17))
	for round := range 20 {
		whole, merged := new(Hist), new(Hist)
		for range rng.IntN(6) {
			part := new(Hist)
			for range rng.IntN(300) {
				v := rng.Int64N(1 << uint(1+rng.IntN(42)))
				whole.Record(v)
				part.Record(v)
			}
			if rng.IntN(2) == 0 {
				merged.Merge(part)
			} else {
				part.Sparse().Merge(merged)
			}
		}
		if diff := cmp.Diff(factsOf(whole), factsOf(merged)); diff != "" {
			t.Fatalf("round %d (-whole +merged):\n%s", round, diff)
		}
	}
}

func TestResetLeavesNothing(t *testing.T) {
	h := new(Hist)
	for _, v := range []int64{1, 5e6, 5e6, 2 * histEdge, 300} {
		h.Record(v)
	}
	h.Reset()
	if diff := cmp.Diff(facts{}, factsOf(h)); diff != "" {
		t.Errorf("after Reset (-want +got):\n%s", diff)
	}
	for i, n := range h.counts {
		if n != 0 {
			t.Errorf("bucket %d still holds %d", i, n)
		}
	}
}

func FuzzSparseHoldsAll(f *testing.F) {
	f.Add(int64(1), uint16(3), int64(5e6), uint16(200))
	f.Add(int64(0), uint16(0), int64(math.MaxInt64), uint16(1))
	f.Fuzz(func(t *testing.T, a int64, n uint16, b int64, m uint16) {
		h := new(Hist)
		for v, times := range map[int64]uint16{a % (1 << 45): n, b % (1 << 45): m} {
			h.RecordN(v, int64(times))
		}
		back := new(Hist)
		h.Sparse().Merge(back)
		if diff := cmp.Diff(factsOf(h), factsOf(back)); diff != "" {
			t.Errorf("stored and read (-was +is):\n%s", diff)
		}
	})
}

func TestPercentilesNeedEnoughSamples(t *testing.T) {
	for _, c := range []struct {
		p    percentile
		need int64
	}{{p50, 20}, {p90, 100}, {p99, 1_000}, {p999, 10_000}, {p9999, 100_000}} {
		h := new(Hist)
		h.RecordN(7e6, c.need-1)
		if got := quantile(h, c.p); got != nil {
			t.Errorf("q %v of %d samples: got %v, want none", c.p.q, c.need-1, *got)
		}
		h.Record(7e6)
		if got := quantile(h, c.p); got == nil || *got != 7 {
			t.Errorf("q %v of %d samples: got %v, want 7", c.p.q, c.need, got)
		}
	}
}
