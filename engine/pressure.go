package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// pressure is on while senders wait for space.
type pressure struct {
	// release lets nothing linger until its context ends, and returns then. It
	// is called while senders wait for space: what is open has to leave, for
	// nothing else frees memory (without it, 600 times slower: measured).
	release func(context.Context)
	relieve context.CancelFunc // under admission.mu; nil: off
	running sync.WaitGroup
	since   atomic.Int64 // as run.Buffer tells it
	until   atomic.Int64
}

// relief is how long nothing lingers after the last sender stopped waiting:
// in a closed loop they wait again within microseconds.
const relief = 2 * time.Millisecond

// startPress begins to press, under mu, unless it is on.
func (a *admission) startPress() {
	p := &a.press
	if p.relieve != nil || p.release == nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.relieve = cancel
	p.since.Store(max(a.now(), 1))
	p.until.Store(0)
	p.running.Go(func() { p.release(ctx) })
	p.running.Go(func() { a.watchPress(cancel) })
}

// watchPress ends the pressure when nobody waited for a while.
func (a *admission) watchPress(cancel context.CancelFunc) {
	timer := time.NewTimer(relief)
	defer timer.Stop()
	for {
		<-timer.C
		a.mu.Lock()
		if len(a.waiters) == 0 {
			a.press.relieve = nil
			a.press.until.Store(max(a.now(), 1))
			a.mu.Unlock()
			cancel()
			return
		}
		a.mu.Unlock()
		timer.Reset(relief)
	}
}

// close waits for what the gate started; no sender may be inside any more.
func (a *admission) close() { a.press.running.Wait() }
