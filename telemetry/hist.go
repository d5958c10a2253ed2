package telemetry

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// The buckets of a Hist:
//
//	value   0 .. 63   64 .. 127   128 .. 255    256 .. 511   ...  2^39 .. 2^40
//	bucket  0 .. 63   64 .. 127   128 .. 191    192 .. 255   ...  2176 .. 2239
//	width      1          1           2             4                2^33
//
// A value below 128 ns has a bucket of its own; above, each octave has 64, so a
// bucket is at most 1/64 of its values wide and its midpoint off by at most 0.8 %.
const (
	subBits  = 6
	topBits  = 40
	buckets  = (topBits - subBits + 1) << subBits
	histEdge = int64(1) << topBits // 2^40 ns, 18 minutes
)

// Hist counts durations in nanoseconds in log-linear buckets: count, sum,
// least and greatest are exact, quantiles are off by less than 1 %. A value of
// 18 minutes or more lies in the last bucket and is told by Clamped; a negative
// one counts as 0. The zero Hist is empty and ready. One goroutine at a time.
type Hist struct {
	count   int64
	sum     int64
	max     int64
	under   int64 // MaxInt64 - least, so that the zero Hist needs no set-up
	clamped int64

	// Neighbouring records fall into the same bucket, so the bucket is written
	// once per run of them (measured: twice the rate of writing each).
	last   int
	run    int64
	counts [buckets]int64
}

func bucketOf(v int64) int {
	if v < 1<<subBits {
		return int(v)
	}
	octave := bits.Len64(uint64(v)) - 1 - subBits
	return octave<<subBits + int(v>>octave)
}

// midpoint is the value that stands for a bucket.
func midpoint(bucket int) int64 {
	if bucket < 2<<subBits {
		return int64(bucket)
	}
	octave := bucket>>subBits - 1
	low := int64(bucket-octave<<subBits) << octave
	return low + int64(1)<<octave/2
}

// Record counts one value in nanoseconds. It allocates nothing.
func (h *Hist) Record(v int64) { h.record(v, 1) }

// RecordN counts the same value n times.
func (h *Hist) RecordN(v, n int64) {
	if n > 0 {
		h.record(v, n)
	}
}

// record tells the bucket, for a caller that counts it elsewhere too.
func (h *Hist) record(v, n int64) int {
	if uint64(v) >= uint64(histEdge) {
		return h.recordOutside(v, n)
	}
	b := bucketOf(v)
	h.sum += v * n
	h.widen(v)
	h.put(b, n)
	return b
}

func (h *Hist) recordOutside(v, n int64) int {
	if v < 0 {
		return h.record(0, n)
	}
	h.sum += v * n
	h.clamped += n
	h.widen(v)
	h.put(buckets-1, n)
	return buckets - 1
}

func (h *Hist) widen(v int64) {
	h.max = max(h.max, v)
	h.under = max(h.under, math.MaxInt64-v)
}

func (h *Hist) put(b int, n int64) {
	if b != h.last {
		h.settle()
		h.last = b
	}
	h.run += n
}

// settle writes the run that is pending.
func (h *Hist) settle() {
	h.counts[h.last] += h.run
	h.count += h.run
	h.run = 0
}

// Count is the number of values recorded.
func (h *Hist) Count() int64 { return h.count + h.run }

// Sum is the exact sum in nanoseconds.
func (h *Hist) Sum() int64 { return h.sum }

// Max is the greatest value in nanoseconds, 0 when empty.
func (h *Hist) Max() int64 { return h.max }

// Min is the least value in nanoseconds, 0 when empty.
func (h *Hist) Min() int64 {
	if h.Count() == 0 {
		return 0
	}
	return math.MaxInt64 - h.under
}

// Clamped is how many values were beyond the last bucket.
func (h *Hist) Clamped() int64 { return h.clamped }

// span is the range of buckets in use, both ends included.
func (h *Hist) span() (from, to int) {
	return bucketOf(min(h.Min(), histEdge-1)), bucketOf(min(h.max, histEdge-1))
}

// Merge adds all that o counted.
func (h *Hist) Merge(o *Hist) {
	o.settle()
	if o.count == 0 {
		return
	}
	h.settle()
	from, to := o.span()
	for i := from; i <= to; i++ {
		h.counts[i] += o.counts[i]
	}
	h.mergeSums(o.count, o.sum, o.Min(), o.max, o.clamped)
}

func (h *Hist) mergeSums(count, sum, least, greatest, clamped int64) {
	h.count += count
	h.sum += sum
	h.clamped += clamped
	h.widen(least)
	h.widen(greatest)
}

// Reset empties the histogram.
func (h *Hist) Reset() {
	if h.Count() == 0 {
		return
	}
	from, to := h.span()
	clear(h.counts[from : to+1])
	h.count, h.sum, h.max, h.under, h.clamped, h.last, h.run = 0, 0, 0, 0, 0, 0, 0
}

// Quantile is the value in nanoseconds that a share q of all values does not
// exceed, by nearest rank: a bucket's midpoint, never outside Min and Max; 0
// when empty.
func (h *Hist) Quantile(q float64) int64 {
	h.settle()
	if h.count == 0 {
		return 0
	}
	rank := nearestRank(q, h.count)
	from, to := h.span()
	for i := from; i < to; i++ {
		if rank -= h.counts[i]; rank <= 0 {
			return min(max(midpoint(i), h.Min()), h.max)
		}
	}
	return min(max(midpoint(to), h.Min()), h.max)
}

// nearestRank allows for q*n landing a rounding error above a whole number:
// 0.9 of 10 is the ninth.
func nearestRank(q float64, n int64) int64 {
	rank := int64(math.Ceil(q*float64(n) - 1e-6))
	return min(max(rank, 1), n)
}

// Sparse is a histogram at rest: its exact sums, and the buckets that are not
// empty, two to four bytes each. It is immutable.
type Sparse struct {
	Count, Sum, Min, Max, Clamped int64 // sums in nanoseconds

	pairs []byte // uvarints: steps between buckets, counts
}

// Sparse stores what h counted.
func (h *Hist) Sparse() Sparse {
	h.settle()
	s := Sparse{Count: h.count, Sum: h.sum, Min: h.Min(), Max: h.max, Clamped: h.clamped}
	if h.count == 0 {
		return s
	}
	var scratch [512]byte
	pairs := scratch[:0]
	from, to := h.span()
	for i, last := from, 0; i <= to; i++ {
		if h.counts[i] != 0 {
			pairs = binary.AppendUvarint(pairs, uint64(i-last))
			pairs = binary.AppendUvarint(pairs, uint64(h.counts[i]))
			last = i
		}
	}
	s.pairs = append(make([]byte, 0, len(pairs)), pairs...)
	return s
}

// Merge adds the histogram to h, as if h had counted its values.
func (s Sparse) Merge(h *Hist) {
	if s.Count == 0 {
		return
	}
	h.settle()
	bucket := 0
	for rest := s.pairs; len(rest) > 0; {
		step, n := binary.Uvarint(rest)
		count, m := binary.Uvarint(rest[n:])
		rest = rest[n+m:]
		bucket += int(step)
		h.counts[bucket] += int64(count)
	}
	h.mergeSums(s.Count, s.Sum, s.Min, s.Max, s.Clamped)
}
