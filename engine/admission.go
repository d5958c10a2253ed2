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
// sender that finds room may go over by one batch. Its fast path reads three
// words; those who wait do so in the order in which they came.
type admission struct {
	now   func() int64
	limit atomic.Int64
	room  atomic.Int64 // bytes that must be free for a sender to pass: one batch
	used  atomic.Int64
	most  atomic.Int64 // since the sampler last asked

	granted atomic.Int64 // bytes for senders whose turn came and who are not through yet

	queued  atomic.Int32 // waiters
	gate    gate
	mu      sync.Mutex
	passes  []*pass
	waiters []*waiter
	press   pressure
}

// waiter is a sender's place in the line.
type waiter struct {
	turn  chan struct{}
	room  int64 // granted to it, set before its turn
	since int64 // when it came
}

// gate is shut while one run follows another.
type gate struct {
	shut   atomic.Bool
	turned chan struct{} // under admission.mu: closed when shut or left changes
	left   bool          // under admission.mu: shut for ever, senders are to go to another
}

// pass is one sender's sign that it is between the gate and the end of its
// call of the producer. The padding keeps two senders' signs apart.
type pass struct {
	busy atomic.Bool
	_    [63]byte
}

func newAdmission(now func() int64) *admission {
	return &admission{now: now, gate: gate{turned: make(chan struct{})}, press: pressure{kicks: make(chan struct{}, 1)}}
}

// join adds a sender.
func (a *admission) join(p *pass) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.passes = append(a.passes, p)
}

// set changes buffer.memory and what a batch takes of it.
func (a *admission) set(limit, batch int64) {
	a.limit.Store(limit)
	a.room.Store(min(batch, limit))
	a.wakeNext()
}

// free tells whether a record may pass now: nobody waits before it.
func (a *admission) free() bool {
	return !a.gate.shut.Load() && a.queued.Load() == 0 && a.spacious()
}

// spacious tells whether a batch more fits.
func (a *admission) spacious() bool {
	return a.used.Load()+a.granted.Load()+a.room.Load() <= a.limit.Load()
}

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

// takeMost returns the most that was used since it was last asked.
func (a *admission) takeMost() int64 { return a.most.Swap(a.used.Load()) }

// waiting is how many senders wait for space.
func (a *admission) waiting() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.waiters)
}

// longest is since when the one waits who came first; 0: nobody does.
func (a *admission) longest() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.waiters) == 0 {
		return 0
	}
	return a.waiters[0].since
}

// held is what a wait at the gate cost.
type held struct {
	swap    int64 // ns, by a change of producers
	blocked int64 // ns, for space
	room    int64 // bytes granted; to be given back by through
	ok      bool  // false: max.block.ms is over, or the session, or this gate
	left    bool  // the gate is shut for ever: another one is to be entered
}

// enter waits until the record may pass, for space at most so long; the pause
// of a swap does not count against it. When it returns ok the pass is up, and
// no pause began in between; through must follow.
func (a *admission) enter(ctx context.Context, p *pass, most time.Duration) held {
	var h held
	for mine := false; ; mine = true {
		if !a.awaitOpen(ctx, &h) || !mine && !a.free() && !a.awaitSpace(ctx, most, &h) {
			a.through(&h)
			return h
		}
		// The gate may have shut since: whoever shut it either sees the pass up,
		// or is seen here.
		p.busy.Store(true)
		if !a.gate.shut.Load() {
			h.ok = true
			return h
		}
		p.busy.Store(false)
	}
}

// through tells that the record has taken what space it needs: the next in
// line may have room too.
func (a *admission) through(h *held) {
	if h.room == 0 {
		return
	}
	a.granted.Add(-h.room)
	h.room = 0
	a.wakeNext()
	if a.queued.Load() > 0 {
		a.press.kick()
	}
}

// look tells whether the gate is shut, whether for ever, and of its next turn.
func (a *admission) look() (shut, left bool, turned <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.gate.shut.Load(), a.gate.left, a.gate.turned
}

// awaitOpen waits for the end of a pause.
func (a *admission) awaitOpen(ctx context.Context, h *held) bool {
	for {
		shut, left, turned := a.look()
		if !shut {
			return true
		}
		if left {
			h.left = true
			return false
		}
		began := a.now()
		select {
		case <-turned:
		case <-ctx.Done():
		}
		h.swap += a.now() - began
		if ctx.Err() != nil {
			return false
		}
	}
}

// awaitSpace waits in line. The place in it is kept over pauses.
func (a *admission) awaitSpace(ctx context.Context, most time.Duration, h *held) bool {
	w := a.queue()
	timer := time.NewTimer(most)
	defer timer.Stop()
	for {
		if !a.awaitOpen(ctx, h) {
			return a.giveUp(w, h)
		}
		_, _, turned := a.look()
		began := a.now()
		timer.Reset(max(most-time.Duration(h.blocked), 0))
		over := false
		select {
		case <-w.turn:
			h.blocked += a.now() - began
			h.room = w.room
			return true
		case <-turned:
		case <-timer.C:
			over = true
		case <-ctx.Done():
			over = true
		}
		h.blocked += a.now() - began
		if over {
			return a.giveUp(w, h)
		}
	}
}

// queue takes a place at the end of the line.
func (a *admission) queue() *waiter {
	w := &waiter{turn: make(chan struct{}), since: a.now()}
	a.mu.Lock()
	a.waiters = append(a.waiters, w)
	a.queued.Add(1)
	a.startPress()
	a.mu.Unlock()
	// A release between the sender's look at the gate and its place in the line
	// found nobody to wake.
	a.wakeNext()
	return w
}

// giveUp takes a waiter out of the line; it tells whether its turn came all
// the same.
func (a *admission) giveUp(w *waiter, h *held) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, other := range a.waiters {
		if w == other {
			a.waiters = append(a.waiters[:i], a.waiters[i+1:]...)
			a.queued.Add(-1)
			return false
		}
	}
	h.room = w.room
	return true
}

// wakeNext lets those go for whom there is room, in their order, unless the
// gate is shut.
func (a *admission) wakeNext() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.waiters) > 0 && !a.gate.shut.Load() && a.spacious() {
		w := a.waiters[0]
		w.room = a.room.Load()
		a.granted.Add(w.room)
		a.waiters = a.waiters[1:]
		a.queued.Add(-1)
		close(w.turn)
	}
}

// turn shuts or opens the gate, under mu.
func (a *admission) turn(shut bool) {
	if a.gate.shut.Swap(shut) != shut {
		close(a.gate.turned)
		a.gate.turned = make(chan struct{})
	}
}

// shut lets nobody pass from now on.
func (a *admission) shut() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.turn(true)
}

// leave tells those who wait at the gate, which is shut, and those who come,
// that it opens never again.
func (a *admission) leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.gate.left = true
	close(a.gate.turned)
	a.gate.turned = make(chan struct{})
}

// clear returns when no sender is between the gate, which was shut, and the
// producer.
func (a *admission) clear() {
	a.mu.Lock()
	passes := a.passes
	a.mu.Unlock()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for _, p := range passes {
		for i := 0; p.busy.Load(); i++ {
			if i < 100 {
				runtime.Gosched()
				continue
			}
			timer.Reset(20 * time.Microsecond)
			<-timer.C
		}
	}
}

// resume opens the gate again.
func (a *admission) resume() {
	a.mu.Lock()
	a.turn(false)
	a.mu.Unlock()
	a.wakeNext()
}
