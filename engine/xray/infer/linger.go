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
	ages  []float32 // ms, the oldest batch of each request that nothing held back
	next  int
	open  float32 // ms, longest that a batch was open which left as soon as it was full
	full  int64   // those
	alike int64   // of these, those that only look full

	low float32 // ms, of the ages, as it was when last looked at
	old int     // how many were added since
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
		maybe := z.mayBeFull(b)
		if z.isFull(b) || maybe {
			if b.Age-b.open() <= rest {
				l.full++
				if maybe {
					l.alike++
				}
				l.open = max(l.open, float32(b.open().Seconds()*1000))
			}
			return
		}
	}
	l.old++
	age := float32(float64(oldest(r)) / float64(time.Millisecond))
	if len(l.ages) < samples {
		l.ages = append(l.ages, age)
		return
	}
	l.ages[l.next] = age
	l.next = (l.next + 1) % samples
}

// lookEach is after how many ages their low end is looked at again.
const lookEach = 32

// known is how long nothing is sent that is not full, where that can be told.
func (l *linger) known() (time.Duration, bool) {
	if len(l.ages) < enoughSamples {
		return 0, false
	}
	if l.old >= lookEach || l.low == 0 {
		sorted := slices.Clone(l.ages)
		slices.Sort(sorted)
		l.low, l.old = sorted[len(sorted)/10], 0
	}
	return time.Duration(float64(l.low) * float64(time.Millisecond)), true
}

func (l *linger) say() report.Inferred {
	if len(l.ages) < enoughSamples || l.alike > int64(len(l.ages)) {
		if l.full < enoughSamples || l.open < 1 {
			return report.Inferred{}
		}
		return bound(whole(float64(l.open)), "at least: a batch stood open for so long before it was full, or as large as any, and %s left at once when they were", count(l.full, "batch"))
	}
	sorted := slices.Clone(l.ages)
	slices.Sort(sorted)
	at := func(q float64) float64 { return float64(sorted[int(q*float64(len(sorted)-1))]) }
	low, half, high := at(0.1), at(0.5), at(0.9)
	switch {
	case half-low <= max(3, 0.15*half):
		// A busy client is late and never early.
		return estimate(whole(low-onTheWay), "%s that nothing held back left when the first record in them was %.1f ms old (one in ten earlier; half %.1f, nine in ten %.1f). A flush() would look shorter", count(int64(len(sorted)), "request"), low, half, high)
	case l.full > int64(len(sorted)):
		return bound(whole(low-onTheWay), "at least: most batches left full; %s left earlier, half of them when their first record was %.1f ms old", count(int64(len(sorted)), "request"), half)
	default:
		return report.Inferred{} // flush(), full batches that cannot be told, or a busy client
	}
}

// whole is a number of milliseconds as the setting takes it.
func whole(ms float64) string { return strconv.FormatInt(int64(max(math.Round(ms), 0)), 10) }
