package workload

import (
	"math"
	"math/bits"

	"kdyno/engine/setting"
)

// sizes says how large the value of a record is. All draws lie from least to
// most.
type sizes struct {
	least, most int
	table       []int32 // of a lognormal: its quantiles, evenly spaced
}

// quantiles is how many sizes a lognormal is made of; the largest of them is
// drawn once in so many records.
const (
	quantileBits = 12
	quantiles    = 1 << quantileBits
)

func newSizes(s setting.Sizes) sizes {
	out := sizes{least: int(max(s.Least, 1)), most: int(max(s.Most, s.Least, 1))}
	if s.Median == 0 || s.Least == s.Most {
		return out
	}
	out.table = make([]int32, quantiles)
	// The tails beyond the bounds are cut off, and what is left is drawn in
	// their stead: a largest record must exist for the producer to be made for.
	reach := math.Log(float64(s.Most)/float64(s.Median)) / s.Sigma
	low := math.Log(float64(s.Least)/float64(s.Median)) / s.Sigma
	from, to := normal(low), normal(reach)
	for i := range out.table {
		share := from + (to-from)*(float64(i)+0.5)/quantiles
		size := float64(s.Median) * math.Exp(s.Sigma*math.Sqrt2*math.Erfinv(2*share-1))
		out.table[i] = int32(min(max(int(math.Round(size)), out.least), out.most))
	}
	out.table[0], out.table[quantiles-1] = int32(out.least), int32(out.most)
	return out
}

// normal is how much of a normal distribution lies below x sigmas.
func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// fixed tells whether all records have one size.
func (s *sizes) fixed() bool { return s.least == s.most }

// pick turns a draw into a size.
func (s *sizes) pick(draw uint64) int {
	if s.table != nil {
		return int(s.table[draw>>(64-quantileBits)])
	}
	up, _ := bits.Mul64(draw, uint64(s.most-s.least+1))
	return s.least + int(up)
}
