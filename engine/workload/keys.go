package workload

import (
	"math"
	"math/bits"
	"slices"
	"strconv"
)

// keyPrefix begins every key that is drawn, and keyDigits is the least number
// of digits that follow it.
const (
	keyPrefix = "key-"
	keyDigits = 6
)

// coldKeys is over how many keys hot spreads what the hot one does not get.
const coldKeys = 10_000

// keyring makes keys.
type keyring struct {
	kind  KeyKind
	count uint64 // of the keys that are drawn
	width int    // digits of their numbers
	share uint64 // of the hot key, in 2^-64
	all   bool   // the hot key has all
	ranks *ranks // of zipf
}

func newKeyring(k Keys) keyring {
	r := keyring{kind: k.Kind, count: k.Count}
	switch k.Kind {
	case Hot:
		r.count = coldKeys + 1
		r.all = k.Share >= 1
		if !r.all {
			r.share = threshold(k.Share)
		}
	case Zipf:
		r.ranks = newRanks(max(k.Count, 1), k.Exponent)
	default:
	}
	r.width = max(keyDigits, len(strconv.FormatUint(max(r.count, 1)-1, 10)))
	return r
}

// most is the length of the longest key.
func (r *keyring) most() int {
	switch r.kind {
	case NoKeys:
		return 0
	case Sequence:
		return len("18446744073709551615")
	default:
		return len(keyPrefix) + r.width
	}
}

// put makes the key of record n in the memory of key; draw decides which.
func (r *keyring) put(n, draw uint64, key []byte) []byte {
	switch r.kind {
	case NoKeys:
		return nil
	case Sequence:
		return strconv.AppendUint(key[:0], n, 10)
	default:
	}
	key = append(key[:0], keyPrefix...)
	key = slices.Grow(key, r.width)[:len(keyPrefix)+r.width]
	putDigits(key[len(keyPrefix):], r.pick(draw))
	return key
}

// pick is the number of the key that a draw means. The hottest one is 0.
func (r *keyring) pick(draw uint64) uint64 {
	switch r.kind {
	case Hot:
		if r.all || draw < r.share {
			return 0
		}
		// Which cold key must not hang on how far above the share the draw is.
		pick, _ := bits.Mul64(mix(draw), coldKeys)
		return 1 + pick
	case Zipf:
		return r.ranks.pick(draw)
	default:
		pick, _ := bits.Mul64(draw, r.count)
		return pick
	}
}

// ranks draws ranks by Zipf's law: rank k, from 1, as often as k to the power
// of minus the exponent. The first ranks stand alone; the later ones share
// columns, each no wider than a hundredth of its ranks, in which they are
// equally likely. Which column is an alias table's answer: two looks at memory,
// whatever the number of keys, and the same on every machine.
type ranks struct{ columns []column }

// column is one of the alias table. Below keep of its own share of the draws it
// stands for itself, else for the alias.
type column struct {
	first uint64 // rank, from 0
	width uint64
	keep  uint64 // in 2^-64
	alias uint32
}

// fine is how many columns there are to a rank's own size: beyond that many
// ranks a column is wider than one.
const fine = 128

func newRanks(count uint64, exponent float64) *ranks {
	r := &ranks{}
	var weights []float64
	total := 0.0
	for first := uint64(1); first <= count; {
		width := min(max(first/fine, 1), count-first+1)
		weight := zipfWeight(first, width, exponent)
		r.columns = append(r.columns, column{first: first - 1, width: width})
		weights = append(weights, weight)
		total += weight
		first += width
	}
	r.alias(weights, total)
	return r
}

// zipfWeight is the sum over the ranks of one column. A wide one is an integral
// between the middles, which is off by less than a part in 100,000.
func zipfWeight(first, width uint64, exponent float64) float64 {
	if width == 1 {
		return math.Pow(float64(first), -exponent)
	}
	from, to := float64(first)-0.5, float64(first+width)-0.5
	if exponent == 1 {
		return math.Log(to / from)
	}
	return (math.Pow(to, 1-exponent) - math.Pow(from, 1-exponent)) / (1 - exponent)
}

// alias fills the table: each column gets what it lacks from one that has more
// than its share (Vose's method).
func (r *ranks) alias(weights []float64, total float64) {
	var small, large []int
	mean := total / float64(len(weights))
	for i := range weights {
		weights[i] /= mean
		if weights[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		low, high := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		r.columns[low].keep = threshold(weights[low])
		r.columns[low].alias = uint32(high)
		weights[high] -= 1 - weights[low]
		if weights[high] < 1 {
			large = large[:len(large)-1]
			small = append(small, high)
		}
	}
	// What is left is whole but for rounding.
	for _, i := range append(small, large...) {
		r.columns[i].keep = math.MaxUint64
		r.columns[i].alias = uint32(i)
	}
}

func (r *ranks) pick(draw uint64) uint64 {
	i, share := bits.Mul64(draw, uint64(len(r.columns)))
	c := &r.columns[i]
	if share >= c.keep {
		c = &r.columns[c.alias]
	}
	if c.width == 1 {
		return c.first
	}
	place, _ := bits.Mul64(mix(draw), c.width)
	return c.first + place
}
