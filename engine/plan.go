package engine

import (
	"math"
	"sync/atomic"
	"time"

	"kdyno/engine/workload"
)

// plan is the load between two of its changes: which records it owns, when
// they are due, what is in them and how many senders share them. Plans form a
// chain; a sender that is behind ends the records of the old one before it
// goes on with the next, so that no record is sent twice or forgotten.
type plan struct {
	pace    workload.Pace
	source  *workload.Source
	manner  workload.Manner
	open    bool          // records have due times; else what a sender takes is due
	plain   bool          // the application neither waits, forgets nor flushes
	senders int           // 0: the load is paused
	first   uint64        // the first record of this plan
	limit   uint64        // there are no records from here on, in any plan
	until   time.Duration // nothing is due from this instant on; 0: for ever
	last    bool          // the load has ended

	end     atomic.Uint64 // the first record of the next plan
	changed chan struct{} // closed when end and next are known
	next    *plan

	_     [64]byte      // what lies before is read for each record and hardly ever written
	taken atomic.Uint64 // closed loop: records that a sender took
}

// spent is added to taken when a closed loop's plan ends; senders that come
// later find themselves beyond its end.
const spent = 1 << 62

// unlimited is the limit of a load that has none: more than any rate reaches.
const unlimited = 1 << 61

func newPlan(pace workload.Pace, source *workload.Source, senders int, first, limit uint64) *plan {
	p := &plan{pace: pace, open: pace.Open(), source: source, senders: senders, first: first, limit: limit, changed: make(chan struct{})}
	p.end.Store(math.MaxUint64)
	return p
}

// due is how many records are due by the instant, of all plans so far.
func (p *plan) due(at time.Duration) uint64 {
	n := p.first
	if p.until > 0 {
		at = min(at, p.until-1)
	}
	switch {
	case p.senders == 0:
	case p.open:
		n = max(p.pace.DueBy(at), p.first)
	default:
		n = p.first + min(p.taken.Load(), spent-1)
	}
	return min(n, p.end.Load(), p.limit)
}

// follow ends the plan at an instant: the records due by then are its own,
// make the first of the next one's. It returns the next plan.
func (p *plan) follow(at time.Duration, next func(first uint64) *plan) *plan {
	end := p.due(at)
	if p.senders > 0 && !p.open {
		end = min(p.first+p.taken.Swap(spent), p.limit)
	}
	p.next = next(end)
	p.end.Store(end)
	close(p.changed)
	return p.next
}

// over tells whether what is due at an instant is due no more, since the load
// has ended. A record that a closed loop's sender took before it heard of the
// end is still its own.
func (p *plan) over(at time.Duration) bool {
	return p.until > 0 && at >= p.until && (p.open || p.end.Load() == math.MaxUint64)
}

// take takes a closed loop's next record, for one sender. Once the plan has
// ended that is a number beyond all limits.
func (p *plan) take() uint64 { return p.first + p.taken.Add(1) - 1 }

// closed tells whether the plan is a closed loop.
func (p *plan) closed() bool { return p.senders > 0 && !p.open }
