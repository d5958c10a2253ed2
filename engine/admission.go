package engine

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// admission is the gate in front of the producer: buffer.memory and
// max.block.ms, and the pause while one producer follows another. It outlives
// runs. Like the Java accumulator it charges a whole batch as it opens, so a
// sender that finds room may go over by one batch. Its fast path reads two
// words; those who wait do so in the order in which they came.
type admission struct {
	now   func() int64
	limit atomic.Int64
	room  atomic.Int64 // bytes that must be free for a sender to pass: one batch
	used  atomic.Int64
	most  atomic.Int64 // since the sampler last asked
	shut  atomic.Bool  // paused

	// press lets nothing linger until its context ends, and returns then. It is
	// called while senders wait for space: what is open has to leave, for
	// nothing else frees memory (without it, 600 times slower: measured).
	press func(context.Context)

	queued  atomic.Int32 // waiters
	mu      sync.Mutex
	passes  []*pass
	waiters []chan struct{}
	opened  chan struct{} // closed when the pause ends
	relieve context.CancelFunc
	pressed sync.WaitGroup
	since   atomic.Int64 // pressure, as run.Buffer tells it
	until   atomic.Int64
}

// pass is one sender's sign that it is between the gate and the end of its
// call of the producer. The padding keeps two senders' signs apart.
type pass struct {
	busy atomic.Bool
	_    [63]byte
}

// relief is how long nothing lingers after the last sender stopped waiting:
// in a closed loop they wait again within microseconds.
const relief = 2 * time.Millisecond

func newAdmission(now func() int64) *admission {
	return &admission{now: now}
}

// newPass adds a sender.
func (a *admission) newPass() *pass {
	p := &pass{}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.passes = append(a.passes, p)
	return p
}

// set changes buffer.memory and what a batch takes of it.
func (a *admission) set(limit, batch int64) {
	a.limit.Store(limit)
	a.room.Store(min(batch, limit))
	a.wakeNext()
}

// free tells whether a record may pass now: nobody waits before it.
func (a *admission) free() bool {
	return !a.shut.Load() && a.queued.Load() == 0 && a.spacious()
}

// spacious tells whether a batch more fits.
func (a *admission) spacious() bool { return a.used.Load()+a.room.Load() <= a.limit.Load() }

// Charge implements run.Buffer.
func (a *admission) Charge(n int64) {
	used := a.used.Add(n)
	for {
		most := a.most.Load()
		if used <= most || a.most.CompareAndSwap(most, used) {
			return
		}
	}
}

// Release implements run.Buffer.
func (a *admission) Release(n int64) {
	a.used.Add(-n)
	if a.queued.Load() > 0 {
		a.wakeNext()
	}
}

// Pressed implements run.Buffer.
func (a *admission) Pressed() (since, until int64) { return a.since.Load(), a.until.Load() }

// takeMost returns the most that was used since it was last asked.
func (a *admission) takeMost() int64 { return a.most.Swap(a.used.Load()) }

// waiting is how many senders wait for space.
func (a *admission) waiting() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.waiters)
}

// held is what a wait at the gate cost.
type held struct {
	swap    int64 // ns, by a change of producers
	blocked int64 // ns, for space
	ok      bool  // false: max.block.ms is over, or the session
}

// enter waits until the record may pass, for space at most maxBlock; the pause
// of a swap does not count against it.
func (a *admission) enter(ctx context.Context, maxBlock time.Duration) held {
	var h held
	for granted := false; ; {
		began := a.now()
		if !a.awaitOpen(ctx) {
			return h
		}
		h.swap += a.now() - began
		if granted || a.free() {
			h.ok = true
			return h
		}
		began = a.now()
		granted = a.awaitSpace(ctx, maxBlock-time.Duration(h.blocked))
		h.blocked += a.now() - began
		if !granted {
			return h
		}
	}
}

// awaitOpen waits for the end of a pause.
func (a *admission) awaitOpen(ctx context.Context) bool {
	a.mu.Lock()
	opened := a.opened
	a.mu.Unlock()
	if opened == nil {
		return true
	}
	select {
	case <-opened:
		return true
	case <-ctx.Done():
		return false
	}
}

// awaitSpace waits in line.
func (a *admission) awaitSpace(ctx context.Context, most time.Duration) bool {
	turn := make(chan struct{})
	a.mu.Lock()
	a.waiters = append(a.waiters, turn)
	a.queued.Add(1)
	a.startPress()
	a.mu.Unlock()
	// A release between the sender's look at the gate and its place in the line
	// found nobody to wake.
	a.wakeNext()
	timer := time.NewTimer(max(most, 0))
	defer timer.Stop()
	select {
	case <-turn:
		// The next may have room too.
		a.wakeNext()
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return a.giveUp(turn)
}

// giveUp takes a waiter out of the line; it tells whether its turn came all
// the same.
func (a *admission) giveUp(turn chan struct{}) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, w := range a.waiters {
		if w == turn {
			a.waiters = append(a.waiters[:i], a.waiters[i+1:]...)
			a.queued.Add(-1)
			return false
		}
	}
	return true
}

// wakeNext lets the first in line go if there is room.
func (a *admission) wakeNext() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.waiters) > 0 && a.spacious() {
		close(a.waiters[0])
		a.waiters = a.waiters[1:]
		a.queued.Add(-1)
	}
}

// startPress begins to press, under mu, unless it is on.
func (a *admission) startPress() {
	if a.relieve != nil || a.press == nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	a.relieve = cancel
	a.since.Store(max(a.now(), 1))
	a.until.Store(0)
	a.pressed.Go(func() { a.press(ctx) })
	a.pressed.Go(func() { a.watchPress(cancel) })
}

// watchPress ends the pressure when nobody waited for a while.
func (a *admission) watchPress(cancel context.CancelFunc) {
	timer := time.NewTimer(relief)
	defer timer.Stop()
	for {
		<-timer.C
		a.mu.Lock()
		if len(a.waiters) == 0 {
			a.relieve = nil
			a.until.Store(max(a.now(), 1))
			a.mu.Unlock()
			cancel()
			return
		}
		a.mu.Unlock()
		timer.Reset(relief)
	}
}

// pause shuts the gate and returns when no sender is between it and the
// producer.
func (a *admission) pause() {
	a.mu.Lock()
	if a.opened == nil {
		a.opened = make(chan struct{})
	}
	a.shut.Store(true)
	passes := a.passes
	a.mu.Unlock()
	for _, p := range passes {
		for i := 0; p.busy.Load(); i++ {
			if i < 100 {
				runtime.Gosched()
				continue
			}
			t := time.NewTimer(20 * time.Microsecond)
			<-t.C
		}
	}
}

// resume opens the gate again.
func (a *admission) resume() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.shut.Store(false)
	if a.opened != nil {
		close(a.opened)
		a.opened = nil
	}
}

// close waits for what the gate started; no sender may be inside any more.
func (a *admission) close() { a.pressed.Wait() }
