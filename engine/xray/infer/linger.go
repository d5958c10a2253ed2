package infer

import (
	"math"
	"slices"
	"strconv"
	"time"

	"kdyno/telemetry/report"
)

const (
	// samples is how many ages are kept: what was changed since shows soon.
	samples = 512
	// enoughSamples is how many it takes to say something.
	enoughSamples = 5
	// onTheWay is what a request that nothing holds back takes from the end of its
	// linger to here, with half of the millisecond that timestamps leave out.
	onTheWay = 0.45
)

// linger is how old batches were that left by themselves.
type linger struct {
	ages []float32 // ms, the oldest batch of each request that nothing held back
	next int
	open float32 // ms, longest that a batch was open and then left full
	full int64   // batches that left full
}

// add notes how old the oldest batch of a request was. It was closed by linger if
// the request is not the first of its connection, was not held back by the limit
// in flight, is no repeat, and no batch in it is full.
func (l *linger) add(r *Request, s *slots, z *size) {
	if r.First || !s.isFree(r) || len(r.Batches) == 0 {
		return
	}
	for i := range r.Batches {
		b := &r.Batches[i]
		if b.Again || !b.Timed {
			return
		}
		if z.isFull(b) {
			l.full++
			l.open = max(l.open, float32(b.open().Seconds()*1000))
			return
		}
	}
	age := float32(float64(oldest(r)) / float64(time.Millisecond))
	if len(l.ages) < samples {
		l.ages = append(l.ages, age)
		return
	}
	l.ages[l.next] = age
	l.next = (l.next + 1) % samples
}

func (l *linger) say() report.Inferred {
	if len(l.ages) < enoughSamples {
		if l.full < enoughSamples {
			return report.Inferred{}
		}
		return bound(whole(float64(l.open)), "at least: a batch stood open for so long before it was full, and %s left full", count(l.full, "batch"))
	}
	sorted := slices.Clone(l.ages)
	slices.Sort(sorted)
	at := func(q float64) float64 { return float64(sorted[int(q*float64(len(sorted)-1))]) }
	half, low, high := at(0.5), at(0.1), at(0.9)
	value := whole(half - onTheWay)
	switch {
	case half-low <= max(3, 0.15*half):
		// A busy client is late and never early.
		return estimate(whole(low-onTheWay), "%s that nothing held back left when the first record in them was %.1f ms old (one in ten earlier; half %.1f, nine in ten %.1f). A flush() would look shorter", count(int64(len(sorted)), "request"), low, half, high)
	case l.full > int64(len(sorted)):
		return bound(value, "at least: most batches left full; %s left earlier, half of them when their first record was %.1f ms old", count(int64(len(sorted)), "request"), half)
	default:
		return estimate(value, "%s that nothing held back left when the first record in them was %.1f ms old, but that differs (one in ten %.1f, nine in ten %.1f): flush(), full batches or a busy client", count(int64(len(sorted)), "request"), half, low, high)
	}
}

// whole is a number of milliseconds as the setting takes it.
func whole(ms float64) string { return strconv.FormatInt(int64(max(math.Round(ms), 0)), 10) }
