package telemetry

import "kdyno/telemetry/report"

// coarseBits is how many buckets of a Hist a partition's histogram joins:
// 2^2, so its quantiles are off by up to 3 %.
const coarseBits = 2

// coarse is a partition's latency histogram.
type coarse struct {
	last   int
	run    uint32
	lo, hi int // buckets in use, hi excluded
	counts [buckets >> coarseBits]uint32
}

func (h *coarse) put(bucket int) {
	b := bucket >> coarseBits
	if b != h.last {
		h.settle()
		h.last = b
	}
	h.run++
}

func (h *coarse) settle() {
	if h.run == 0 {
		return
	}
	if h.hi == 0 {
		h.lo = h.last
	}
	h.lo, h.hi = min(h.lo, h.last), max(h.hi, h.last+1)
	h.counts[h.last] += h.run
	h.run = 0
}

func (h *coarse) reset() {
	clear(h.counts[h.lo:h.hi])
	h.lo, h.hi, h.run = 0, 0, 0
}

// partCell is one partition's share of an interval.
type partCell struct {
	records, wire, batches int64
	latency                *coarse // nil for a guest's
}

func newPartCell(guest bool) *partCell {
	if guest {
		return &partCell{}
	}
	return &partCell{latency: new(coarse)}
}

func (p *partCell) reset() {
	p.records, p.wire, p.batches = 0, 0, 0
	if p.latency != nil {
		p.latency.reset()
	}
}

// partTotal is one partition's share of the session. What is not told of guests
// takes no room: a hundred of them on a thousand partitions would fill a
// gigabyte.
type partTotal struct {
	records, wire, batches int64
	measured               int64 // records in counts: those after the warm-up
	counts                 *[buckets >> coarseBits]int64
	lastError              string
}

func (p *partTotal) add(c *partCell, warm bool) {
	p.records += c.records
	p.wire += c.wire
	p.batches += c.batches
	if c.latency == nil {
		return
	}
	c.latency.settle()
	if warm {
		return
	}
	if p.counts == nil {
		p.counts = new([buckets >> coarseBits]int64)
	}
	for i := c.latency.lo; i < c.latency.hi; i++ {
		p.counts[i] += int64(c.latency.counts[i])
		p.measured += int64(c.latency.counts[i])
	}
}

// p99 is in milliseconds, nil below 1,000 records.
func (p *partTotal) p99() *float64 {
	if p.measured < 1000 {
		return nil
	}
	rank := nearestRank(0.99, p.measured)
	for i, n := range p.counts {
		if rank -= n; rank <= 0 {
			return report.Ns(midpoint(i<<coarseBits + 1<<coarseBits/2))
		}
	}
	return nil
}
