package workload

import (
	"math"
	"math/bits"
	"slices"
	"time"
)

// whole is one record in the counts of a curve: they are kept to a millionth
// of a record.
const whole = 1 << 20

// pieces is into how many straight pieces a bent curve is cut. The ends of each
// lie on the curve. In between a seventh of a record is missing at most where
// the rate swings between 1,000 and 100,000 a second within a minute.
const pieces = 4096

// A knot says how many records a curve has made so long after its start.
type knot struct {
	at    uint64 // ns
	count uint64 // in 1/whole records
}

// A curve is how many records have fallen due by when, straight from knot to
// knot. After the last one it begins anew or goes on at a constant rate.
//
//	count            ___/
//	            ___--
//	      __--'''
//	 ---''
//	 knot  knot  knot      time
type curve struct {
	knots  []knot // the first is at 0, 0
	repeat bool
	tail   uint64 // 1/whole records a second after the last knot, unless it repeats
}

// end is the last knot.
func (c *curve) end() knot { return c.knots[len(c.knots)-1] }

// made is how many records the curve has made by t, in 1/whole records.
func (c *curve) made(t uint64) wide {
	end := c.end()
	switch {
	case c.repeat:
		return multiply(t/end.at, end.count).plus(c.within(t % end.at))
	case t >= end.at:
		return multiply(t-end.at, c.tail).over(uint64(time.Second)).plus(end.count)
	default:
		return wide{lo: c.within(t)}
	}
}

// within is made before the last knot.
func (c *curve) within(t uint64) uint64 {
	i, _ := slices.BinarySearchFunc(c.knots, t, func(k knot, t uint64) int {
		if k.at <= t {
			return -1
		}
		return 1
	})
	from, to := c.knots[i-1], c.knots[i]
	hi, lo := bits.Mul64(t-from.at, to.count-from.count)
	quotient, _ := bits.Div64(hi, lo, to.at-from.at)
	return from.count + quotient
}

// reach is the first instant by which the curve has made so much: the exact
// inverse of made. What is never made is at the largest number.
func (c *curve) reach(target wide) uint64 {
	if target == (wide{}) {
		return 0
	}
	end := c.end()
	switch {
	case c.repeat:
		rounds := target.minus(wide{lo: 1}).over(end.count)
		rest := target.minus(rounds.times(end.count))
		return rounds.times(end.at).plus(c.find(rest.lo)).saturated()
	case target.more(end.count):
		if c.tail == 0 {
			return math.MaxUint64
		}
		beyond := target.minus(wide{lo: end.count}).times(uint64(time.Second))
		return beyond.plus(c.tail - 1).over(c.tail).plus(end.at).saturated()
	default:
		return c.find(target.lo)
	}
}

// find is reach up to the last knot, of a count above 0.
func (c *curve) find(count uint64) uint64 {
	i, _ := slices.BinarySearchFunc(c.knots, count, func(k knot, count uint64) int {
		if k.count < count {
			return -1
		}
		return 1
	})
	from, to := c.knots[i-1], c.knots[i]
	hi, lo := bits.Mul64(count-from.count, to.at-from.at)
	lo, carry := bits.Add64(lo, to.count-from.count-1, 0)
	quotient, _ := bits.Div64(hi+carry, lo, to.count-from.count)
	return from.at + quotient
}

// due is when record k of the curve is due, if the one before it had owed left
// as the curve began.
func (c *curve) due(k, owed uint64) uint64 {
	return c.reach(multiply(k, whole).plus(owed))
}

// dueBy is how many records are due by t.
func (c *curve) dueBy(t, owed uint64) uint64 {
	made := c.made(t)
	if made.hi == 0 && made.lo < owed {
		return 0
	}
	return made.minus(wide{lo: owed}).over(whole).plus(1).saturated()
}

// left is what is missing at t for the next record to be due, from 1 to whole.
func (c *curve) left(t, owed uint64) uint64 {
	next := multiply(c.dueBy(t, owed), whole).plus(owed)
	return min(max(next.minus(c.made(t)).saturated(), 1), whole)
}

// ramp goes from one rate to another in a time, and stays there. Rates are in
// records a second.
func ramp(from, to float64, length time.Duration) *curve {
	seconds := length.Seconds()
	c := bend(length, func(share float64) float64 {
		t := share * seconds
		return from*t + (to-from)*share*t/2
	})
	c.tail = count(to)
	return c
}

// sine swings between two rates, from the low one up and back in each period.
func sine(low, high float64, period time.Duration) *curve {
	seconds := period.Seconds()
	c := bend(period, func(share float64) float64 {
		middle, swing := (low+high)/2, (high-low)/2
		return seconds * (middle*share - swing*math.Sin(2*math.Pi*share)/(2*math.Pi))
	})
	c.repeat = true
	return c
}

// bend cuts a curve into pieces; records is how many it has made after a share
// of its length.
func bend(length time.Duration, records func(share float64) float64) *curve {
	c := &curve{knots: make([]knot, 1, pieces+1)}
	for i := range uint64(pieces) {
		hi, lo := bits.Mul64(uint64(length), i+1)
		at, _ := bits.Div64(hi, lo, pieces)
		c.add(at, count(records(float64(at)/float64(length))))
	}
	return c
}

// steps stays at each rate for a time, and at the last for good.
func steps(rates []float64, each time.Duration) *curve {
	c := &curve{knots: make([]knot, 1, len(rates)+1)}
	made := 0.0
	for i, rate := range rates {
		made += rate * each.Seconds()
		c.add(uint64(each)*uint64(i+1), count(made))
		c.tail = count(rate)
	}
	return c
}

// add puts a knot at the end; time rises and counts never fall.
func (c *curve) add(at, count uint64) {
	if end := c.end(); at > end.at {
		c.knots = append(c.knots, knot{at: at, count: max(count, end.count)})
	}
}

// count is a number of records in 1/whole.
func count(records float64) uint64 {
	return uint64(math.Round(min(max(records, 0), 1<<43) * whole))
}

// wide is a number of 128 bits. What goes beyond them is not met: times are 63
// bits of nanoseconds and rates 47 of 1/whole records.
type wide struct{ hi, lo uint64 }

func multiply(a, b uint64) wide {
	hi, lo := bits.Mul64(a, b)
	return wide{hi, lo}
}

func (w wide) plus(n uint64) wide {
	lo, carry := bits.Add64(w.lo, n, 0)
	return wide{w.hi + carry, lo}
}

func (w wide) minus(n wide) wide {
	lo, borrow := bits.Sub64(w.lo, n.lo, 0)
	hi, _ := bits.Sub64(w.hi, n.hi, borrow)
	return wide{hi, lo}
}

func (w wide) times(n uint64) wide {
	low := multiply(w.lo, n)
	return wide{low.hi + w.hi*n, low.lo}
}

func (w wide) over(n uint64) wide {
	hi, rest := w.hi/n, w.hi%n
	lo, _ := bits.Div64(rest, w.lo, n)
	return wide{hi, lo}
}

func (w wide) more(n uint64) bool { return w.hi > 0 || w.lo > n }

// saturated is the number in 64 bits, or the largest of those.
func (w wide) saturated() uint64 {
	if w.hi > 0 {
		return math.MaxUint64
	}
	return w.lo
}
