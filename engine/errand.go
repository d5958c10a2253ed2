package engine

import (
	"context"
	"sync/atomic"
	"time"

	"kdyno/engine/run"
	"kdyno/engine/workload"
)

// errand is one record that a sender sends, and what the application does
// between two of them: nothing, wait for the outcome, or flush.
type errand struct {
	n       uint64
	plan    *plan
	waits   bool
	outcome chan struct{} // of the record that is waited for, and of its copies
	copied  bool          // it was sent again
	flushed uint64        // records since the last flush
	open    open
	told    func(from *run.Run, delivered bool) // made once for each manner and wait
	manner  workload.Manner                     // that told is made for
}

// open counts records that were handed over and have not ended.
type open struct {
	left  atomic.Int64
	empty chan struct{} // has room for one
}

func (o *open) ended() {
	if o.left.Add(-1) == 0 {
		select {
		case o.empty <- struct{}{}:
		default:
		}
	}
}

// await waits until none is left, or ctx ends.
func (o *open) await(ctx context.Context) {
	for o.left.Load() > 0 {
		select {
		case <-o.empty:
		case <-ctx.Done():
			return
		}
	}
}

func (e *errand) begin(n uint64, p *plan) {
	e.n, e.plan = n, p
	e.flushed++
}

// expect says how the application hears of a record that is handed over now.
func (e *errand) expect(rec *run.Record, app *application) {
	if e.plan.plain {
		return
	}
	m := e.plan.manner
	if e.manner != m {
		e.manner, e.told, e.outcome = m, nil, nil
	}
	if e.told == nil {
		e.told = e.listener(app)
	}
	rec.Told, rec.Silent = e.told, m.Send != workload.Async
	e.waits = m.Send == workload.Sync
	if m.FlushEvery > 0 {
		e.open.left.Add(1)
	}
}

// listener makes what is called as a record of the present manner ends. It must
// not touch the errand, which is the sender's.
func (e *errand) listener(app *application) func(from *run.Run, delivered bool) {
	sync, forget, counts := e.manner.Send == workload.Sync, e.manner.Send == workload.Forget, e.manner.FlushEvery > 0
	outcome, open := make(chan struct{}, 1), &e.open
	e.outcome = outcome
	if open.empty == nil {
		open.empty = make(chan struct{}, 1)
	}
	return func(_ *run.Run, delivered bool) {
		if forget && !delivered {
			app.never.Add(1)
		}
		if sync {
			select {
			case outcome <- struct{}{}:
			default: // a copy of it ended before
			}
		}
		if counts {
			open.ended()
		}
	}
}

// flushes tells whether a flush is next.
func (e *errand) flushes() bool {
	return e.plan.manner.FlushEvery > 0 && e.flushed >= e.plan.manner.FlushEvery
}

// pauseFor does what the application does between two records, outside the
// lane's section and with the pass down.
func (s *sender) pauseFor(ctx context.Context) {
	if s.waits {
		s.hear(ctx)
	}
	if s.errand.plan != nil && s.flushes() {
		s.flushed = 0
		over := s.producer.run.Load().Settle() //nolint:contextcheck // it does not wait
		s.open.await(ctx)
		over()
	}
}

// hear waits for the outcome of the record. A caller that waits no longer than
// load.wait.ms then sends it again, until one of the copies has an outcome or
// the load ends.
func (s *sender) hear(ctx context.Context) {
	for s.waits {
		select {
		case <-s.outcome:
			s.waits = false
		case <-s.impatience():
			if len(s.outcome) == 0 && s.s.load.ended.Load() == 0 {
				s.again(ctx)
			}
		case <-ctx.Done():
			return
		}
	}
	if s.copied {
		// Its other copies still have outcomes, to which nobody listens.
		s.told, s.copied = nil, false
	}
}

// impatience fires when the caller waits no longer; never if he has patience.
func (s *sender) impatience() <-chan time.Time {
	if s.errand.plan.manner.Wait <= 0 || s.s.load.ended.Load() > 0 {
		return nil
	}
	s.timer.Reset(s.errand.plan.manner.Wait)
	return s.timer.C
}

// again sends the same record once more: a new one to everybody else.
func (s *sender) again(ctx context.Context) {
	s.copied = true
	s.s.load.app.resent.Add(1)
	s.lane.Begin()
	s.pass.busy.Store(true)
	now := s.s.now()
	s.call(ctx, now, now)
	s.pass.busy.Store(false)
	s.lane.End()
}

// application is what the senders' outcomes come to, and its callbacks.
type application struct {
	takes  atomic.Int64 // ns of a callback
	resent atomic.Int64 // records
	asked  atomic.Int64 // records that a step sent
	never  atomic.Int64 // records whose sender was never told that they failed
}

func (a *application) callback() time.Duration { return time.Duration(a.takes.Load()) }
