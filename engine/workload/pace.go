package workload

import (
	"math"
	"math/bits"
	"slices"
	"time"
)

// A rate is kept in records per billion seconds: exact for every rate that a
// person types, and small enough that the products below fit 128 bits.
const (
	rateScale = 1_000_000_000
	maxRate   = 1_000_000_000
	// twiceScale is two billion seconds in nanoseconds; the two is for
	// rounding to the nearest.
	twiceScale = 2 * rateScale * uint64(time.Second)
)

// Pace says when record n is due, as pure arithmetic on the session's time. It
// remembers the paces before it for as long as their records may still wait,
// so that a record keeps its due time when the rate changes. The zero Pace is
// a closed loop from the session's start.
type Pace struct {
	stretch
	since   time.Duration // when the rate became what it is
	earlier []stretch     // oldest first, never written after it was built
}

// A stretch is one rate or shape from one instant on.
//
//	n      first        first+1      first+2
//	-------|------------|------------|------> time
//	       at           at + 1/rate  at + 2/rate
type stretch struct {
	scaled uint64        // a constant rate times rateScale
	at     time.Duration // when record first is due, or the shape begins
	first  uint64

	curve *curve // nil: constant, bursts or a closed loop
	owed  uint64 // what the curve makes before record first, in 1/whole records
	burst burst
}

// open tells whether records have due times.
func (s stretch) open() bool { return s.scaled > 0 || s.curve != nil || s.burst.records > 0 }

// NewPace returns the pace of rate records a second whose first record is n,
// due at the instant at of the session. A rate of 0 or less is a closed loop.
// Rates are kept to a billionth of a record a second and to at most one record
// a nanosecond.
func NewPace(rate float64, at time.Duration, n uint64) Pace { return Constant(rate).Pace(at, n) }

func scaledRate(rate float64) uint64 {
	if math.IsNaN(rate) || rate <= 0 {
		return 0
	}
	return max(1, uint64(math.Round(min(rate, maxRate)*rateScale)))
}

// Rebase is Turn to a constant rate.
func (p Pace) Rebase(rate float64, at time.Duration, next uint64) Pace {
	return p.Turn(Constant(rate), at, next)
}

// Turn returns the pace after the shape changed at an instant, not before the
// last such change. The records that are due by then keep their due times; the
// next one is due when the share of the interval that it had left has passed
// at the new rate, so that turning the rate often makes no records. Bursts
// begin at the instant, or after the same share of their period if bursts came
// before. Next is the lowest record that nobody has taken yet: due times before
// it are forgotten, and it is the first one of a pace that follows a closed
// loop.
func (p Pace) Turn(to Shape, at time.Duration, next uint64) Pace {
	at = max(at, p.since)
	first := max(p.first, next)
	if p.Open() {
		first = max(first, p.dueBy(at))
	}
	return Pace{
		stretch: to.after(p.stretch, at, first),
		since:   at,
		earlier: p.before(first, next),
	}
}

// before is the history that a pace beginning at first must keep: the
// stretches that hold a record from next on.
func (p Pace) before(first, next uint64) []stretch {
	if next >= first {
		return nil
	}
	held := slices.Clip(p.earlier)
	if p.first < first {
		held = append(held, p.stretch)
	}
	for len(held) > 1 && held[1].first <= next {
		held = held[1:]
	}
	return held
}

// Open reports whether records have due times. In a closed loop each record is
// due when its sender is free: the caller takes the instant of the send.
func (p Pace) Open() bool { return p.open() }

// Due returns when record n is due, since the session's start, to the nearest
// nanosecond and without drift. Due never falls as n grows. Of records before
// the oldest that is remembered, and of a closed loop, it is the start of that
// pace; what lies beyond the range of a Duration is the largest Duration.
func (p Pace) Due(n uint64) time.Duration {
	if n >= p.first || len(p.earlier) == 0 {
		return p.due(n)
	}
	i := len(p.earlier) - 1
	for i > 0 && n < p.earlier[i].first {
		i--
	}
	return p.earlier[i].due(n)
}

func (s stretch) due(n uint64) time.Duration {
	switch {
	case s.curve != nil:
		return later(s.at, s.curve.due(max(n, s.first)-s.first, s.owed))
	case s.burst.records > 0:
		return later(s.at, s.burst.due(max(n, s.first)-s.first))
	case n <= s.first || s.scaled == 0:
		return s.at
	}
	hi, lo := bits.Mul64(n-s.first, twiceScale)
	lo, carry := bits.Add64(lo, s.scaled, 0)
	hi += carry
	if hi >= 2*s.scaled {
		return math.MaxInt64
	}
	quotient, _ := bits.Div64(hi, lo, 2*s.scaled)
	return later(s.at, quotient)
}

// DueBy returns how many records are due up to and including the instant: the
// records below it are due, record DueBy(at) is not. It is the exact inverse
// of Due. Before the pace's start it is the number of its first record; in a
// closed loop every record is due.
func (p Pace) DueBy(at time.Duration) uint64 {
	n := p.dueBy(at)
	if n > p.first || len(p.earlier) == 0 {
		return n
	}
	until := p.first
	for i := len(p.earlier) - 1; i >= 0; i-- {
		s := p.earlier[i]
		if n = min(s.dueBy(at), until); n > s.first {
			return n
		}
		until = s.first
	}
	return n
}

func (s stretch) dueBy(at time.Duration) uint64 {
	if !s.open() {
		return math.MaxUint64
	}
	if at < s.at {
		return s.first
	}
	switch t := uint64(at - s.at); {
	case s.curve != nil:
		return s.from(s.curve.dueBy(t, s.owed))
	case s.burst.records > 0:
		return s.from(s.burst.dueBy(t))
	}
	// Due rounds to the nearest, so record k is due once 2 k/rate < 2 t + 1.
	hi, lo := bits.Mul64(s.scaled, 2*uint64(at-s.at)+1)
	lo, borrow := bits.Sub64(lo, 1, 0)
	hi -= borrow
	k, _ := bits.Div64(hi, lo, twiceScale)
	return s.from(k + 1)
}

// from is the number of record k of the stretch, or the largest one.
func (s stretch) from(k uint64) uint64 {
	if sum := s.first + k; sum >= s.first {
		return sum
	}
	return math.MaxUint64
}

// scaleTime returns d*numerator/denominator to the nearest nanosecond.
func scaleTime(d time.Duration, numerator, denominator uint64) uint64 {
	hi, lo := bits.Mul64(uint64(max(d, 0)), numerator)
	lo, carry := bits.Add64(lo, denominator/2, 0)
	hi += carry
	if hi >= denominator {
		return math.MaxInt64
	}
	quotient, _ := bits.Div64(hi, lo, denominator)
	return quotient
}

// later returns at plus some nanoseconds, or the largest Duration.
func later(at time.Duration, by uint64) time.Duration {
	if by >= uint64(math.MaxInt64-max(at, 0)) {
		return math.MaxInt64
	}
	return at + time.Duration(by)
}
