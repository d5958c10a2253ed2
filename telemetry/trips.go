package telemetry

import "kdyno/telemetry/report"

// RoundTrip is how long a broker's answers took in the last five to ten
// seconds, in milliseconds; nil with too few of them.
type RoundTrip struct{ P50Ms, P99Ms *float64 }

// turnEach is how long answers are counted, in ns, before they begin to be old.
const turnEach = int64(5e9)

// trips are a broker's answers of the stretch that goes on and of the one before.
type trips struct {
	now, before coarse
	since       int64
}

func (t *trips) put(rtt, at int64) {
	t.turn(at)
	t.now.put(bucketOf(min(max(rtt, 0), histEdge-1)))
}

// turn makes what is recent old once its time is over.
func (t *trips) turn(at int64) {
	late := at - t.since
	if late < turnEach {
		return
	}
	t.before.reset()
	if late < 2*turnEach {
		t.now.settle()
		t.before, t.now = t.now, t.before
	}
	t.now.reset()
	t.since = at - late%turnEach
}

func (t *trips) figures(at int64) RoundTrip {
	t.turn(at)
	t.now.settle()
	var n int64
	lo, hi := t.now.lo, t.now.hi
	if t.before.hi > 0 {
		if hi == 0 {
			lo = t.before.lo
		}
		lo, hi = min(lo, t.before.lo), max(hi, t.before.hi)
	}
	for i := lo; i < hi; i++ {
		n += int64(t.now.counts[i]) + int64(t.before.counts[i])
	}
	of := func(p percentile) *float64 {
		if n < p.need {
			return nil
		}
		rank := nearestRank(p.q, n)
		for i := lo; i < hi; i++ {
			if rank -= int64(t.now.counts[i]) + int64(t.before.counts[i]); rank <= 0 {
				return report.Ns(midpoint(i<<coarseBits + 1<<coarseBits/2))
			}
		}
		return nil
	}
	return RoundTrip{P50Ms: of(p50), P99Ms: of(p99)}
}

// RoundTrips are those of the last seconds, by broker. Any goroutine may call it.
func (m *Meter) RoundTrips() map[int32]RoundTrip {
	w := &m.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	now := m.now()
	all := make(map[int32]RoundTrip, len(w.brokers))
	for id, b := range w.brokers {
		all[id] = b.trips.figures(now)
	}
	return all
}
