package engine

import (
	"sync"
	"sync/atomic"
	"time"
)

// pressure sends what is open while senders wait for space: nothing else frees
// memory (without it, 600 times slower: measured). It does so once when a
// sender comes to wait, when a record passes while others wait, and every
// relief; in between batches fill.
type pressure struct {
	unlinger func()        // sends what is open; nil: nothing is
	kicks    chan struct{} // somebody waits anew
	on       bool          // under admission.mu
	running  sync.WaitGroup
	instants [64]atomic.Int64 // of the last times, in a ring
	count    atomic.Int64
}

// relief is how often what is open is sent while senders wait, and how long
// their end is awaited: in a closed loop they wait again within microseconds.
const relief = time.Millisecond

// startPress begins to press, under mu, or tells who presses already.
func (a *admission) startPress() {
	p := &a.press
	if p.unlinger == nil {
		return
	}
	if p.on {
		p.kick()
		return
	}
	p.on = true
	p.running.Go(a.pressOn)
}

// kick does not wait.
func (p *pressure) kick() {
	select {
	case p.kicks <- struct{}{}:
	default:
	}
}

// pressOn presses until nobody has waited for a while.
func (a *admission) pressOn() {
	p := &a.press
	timer := time.NewTimer(relief)
	defer timer.Stop()
	for {
		if a.queued.Load() > 0 {
			p.instants[p.count.Load()%int64(len(p.instants))].Store(max(a.now(), 1))
			p.count.Add(1)
			p.unlinger()
		}
		timer.Reset(relief)
		select {
		case <-p.kicks:
			continue
		case <-timer.C:
		}
		a.mu.Lock()
		p.on = len(a.waiters) > 0
		over := !p.on
		a.mu.Unlock()
		if over {
			return
		}
	}
}

// Pressed implements run.Buffer.
func (a *admission) Pressed(since int64) int64 {
	p := &a.press
	n := p.count.Load()
	for i := max(n-int64(len(p.instants)), 0); i < n; i++ {
		if at := p.instants[i%int64(len(p.instants))].Load(); at >= since {
			return at
		}
	}
	return 0
}

// close waits for what the gate started; no sender may be inside any more.
func (a *admission) close() { a.press.running.Wait() }
