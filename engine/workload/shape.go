package workload

import (
	"math"
	"math/bits"
	"time"
)

// Shape is how the rate goes over time, from the instant at which it is put in
// force. It is immutable; the zero Shape is a closed loop.
type Shape struct {
	rate  float64 // constant
	curve *curve  // ramp, steps and sine
	burst burst
}

// burst is so many records at once at the beginning of each period.
type burst struct {
	records uint64 // 0: no bursts
	period  time.Duration
}

// Constant is a shape of so many records a second; 0 or less is a closed loop.
func Constant(rate float64) Shape { return Shape{rate: rate} }

// Ramp is a rate that goes from one to another in a time above 0, evenly, and
// stays there. Rates are in records a second, from 0 to 100 million.
func Ramp(from, to float64, length time.Duration) Shape {
	return Shape{curve: ramp(from, to, length)}
}

// Steps is each of the rates, one or more, for a time above 0; the last one
// stays.
func Steps(rates []float64, each time.Duration) Shape { return Shape{curve: steps(rates, each)} }

// Sine is a rate that swings between two, of which the high one is above 0,
// once in each period. It begins at the low one.
func Sine(low, high float64, period time.Duration) Shape {
	return Shape{curve: sine(low, high, period)}
}

// Burst is so many records, 1 or more, at once at the beginning of each period.
func Burst(records uint64, period time.Duration) Shape {
	return Shape{burst: burst{records: max(records, 1), period: period}}
}

// Open reports whether records have due times.
func (s Shape) Open() bool { return s.curve != nil || s.burst.records > 0 || scaledRate(s.rate) > 0 }

// Pace is the pace of this shape from the instant at of the session on, whose
// first record is n.
func (s Shape) Pace(at time.Duration, n uint64) Pace {
	at = max(at, 0)
	return Pace{stretch: s.stretch(at, n), since: at}
}

// stretch is the shape from an instant on.
func (s Shape) stretch(at time.Duration, first uint64) stretch {
	if s.curve != nil || s.burst.records > 0 {
		return stretch{at: at, first: first, curve: s.curve, burst: s.burst}
	}
	return stretch{at: at, first: first, scaled: scaledRate(s.rate)}
}

// after is the shape from the instant at on, where the stretch before it has a
// share left until its next record, first. Bursts that follow bursts keep
// their share of the period instead of the record's.
func (s Shape) after(was stretch, at time.Duration, first uint64) stretch {
	next := s.stretch(at, first)
	if !was.open() {
		return next
	}
	left := was.left(at, first)
	switch {
	case next.curve != nil:
		next.owed = left
	case next.burst.records > 0:
		if was.burst.records > 0 {
			next.at = later(at, scaleTime(next.burst.period, left, whole))
		}
	case next.scaled > 0 && was.scaled > 0:
		next.at = later(at, max(1, scaleTime(was.due(first)-at, was.scaled, next.scaled)))
	case next.scaled > 0:
		next.at = later(at, max(1, scaleTime(time.Duration(left), wholeTime, next.scaled)))
	}
	return next
}

// wholeTime over a scaled rate is the time of 1/whole record, in nanoseconds.
const wholeTime = rateScale * uint64(time.Second) / whole

// left is the share of its interval that is missing at an instant until the
// record, the first one that is not due, is: from 1 to whole. Of bursts it is
// the share of the period.
func (s stretch) left(at time.Duration, first uint64) uint64 {
	switch {
	case s.curve != nil:
		return s.curve.left(uint64(max(at-s.at, 0)), s.owed)
	case s.burst.records > 0:
		wait := s.due(first) - at
		return min(max(scaleTime(wait, whole, uint64(s.burst.period)), 1), whole)
	default:
		wait := s.due(first) - at
		return min(max(scaleTime(wait, s.scaled, wholeTime), 1), whole)
	}
}

// due is when record k of the bursts is due after their start.
func (b burst) due(k uint64) uint64 {
	hi, lo := bits.Mul64(k/b.records, uint64(b.period))
	if hi > 0 {
		return math.MaxUint64
	}
	return lo
}

// dueBy is how many records of the bursts are due by t.
func (b burst) dueBy(t uint64) uint64 {
	hi, lo := bits.Mul64(t/uint64(b.period)+1, b.records)
	if hi > 0 {
		return math.MaxUint64
	}
	return lo
}
