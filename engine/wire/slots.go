package wire

import (
	"slices"
	"sync"
)

// Slots bound how many produce requests of each broker may be unanswered: a
// request beyond that waits in Write. They count over all connections tapped
// with them; connections whose broker is not known count together. Requests with acks=0 neither wait nor count.
// All methods are safe for any goroutine.
type Slots struct {
	mu    sync.Mutex
	limit int             // 0: none
	gates map[int32]*gate // by broker
}

// gate counts for one broker; the mutex of Slots guards it.
type gate struct {
	taken int
	queue []*seat // oldest first
}

// NewSlots returns slots with a limit per broker; 0 or less: no limit.
func NewSlots(limit int) *Slots {
	return &Slots{limit: max(limit, 0), gates: map[int32]*gate{}}
}

// SetLimit changes the limit at once; 0 or less: no limit. Requests that were
// written stay written: with a lower limit the next waits until enough of them
// are answered.
func (s *Slots) SetLimit(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = max(n, 0)
	for _, g := range s.gates {
		s.admit(g)
	}
}

// Limit is the limit in force, 0 if there is none.
func (s *Slots) Limit() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limit
}

// Taken is how many requests of a broker are unanswered and how many wait in
// Write for a slot.
func (s *Slots) Taken(broker int32) (unanswered, waiting int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.gates[broker]; g != nil {
		return g.taken, len(g.queue)
	}
	return 0, 0
}

func (s *Slots) free(g *gate) bool {
	return s.limit == 0 || g.taken < s.limit
}

// admit lets those in who have waited longest; the caller holds mu.
func (s *Slots) admit(g *gate) {
	for len(g.queue) > 0 && s.free(g) {
		first := g.queue[0]
		g.queue = slices.Delete(g.queue, 0, 1)
		g.taken++
		first.held = g
		nudge(first.wake)
	}
}

// seat is one connection's place at the gate. Its writing goroutine takes, any
// goroutine may move it. Without slots it is always free.
type seat struct {
	slots *Slots
	gate  *gate // where the next request counts; the mutex of Slots guards it
	held  *gate // where the request about to be written does
	wake  chan struct{}
}

// move makes later requests count for a broker.
func (s *seat) move(broker int32) {
	if s.slots == nil {
		return
	}
	s.slots.mu.Lock()
	defer s.slots.mu.Unlock()
	s.gate = s.slots.gates[broker]
	if s.gate == nil {
		s.gate = &gate{}
		s.slots.gates[broker] = s.gate
	}
}

func newSeat(s *Slots) seat {
	n := seat{slots: s, wake: make(chan struct{}, 1)}
	n.move(AnyBroker)
	return n
}

// take reports whether there was a slot and nobody waited for it.
func (s *seat) take() bool {
	if s.slots == nil {
		return true
	}
	s.slots.mu.Lock()
	defer s.slots.mu.Unlock()
	if len(s.gate.queue) > 0 || !s.slots.free(s.gate) {
		return false
	}
	s.gate.taken++
	s.held = s.gate
	return true
}

// leave gives a slot back; nil was never one.
func (s *seat) leave(g *gate) {
	if g == nil {
		return
	}
	s.slots.mu.Lock()
	defer s.slots.mu.Unlock()
	g.taken--
	s.slots.admit(g)
}

// enlist makes the connection wait behind the others.
func (s *seat) enlist() {
	s.slots.mu.Lock()
	defer s.slots.mu.Unlock()
	s.held = nil
	s.gate.queue = append(s.gate.queue, s)
	s.slots.admit(s.gate) // a slot may have become free since it was asked for
}

// granted reports whether the wait is over.
func (s *seat) granted() bool {
	s.slots.mu.Lock()
	defer s.slots.mu.Unlock()
	return s.held != nil
}

// giveUp ends the wait without a slot, or gives the slot back that came in the
// last moment.
func (s *seat) giveUp() {
	s.slots.mu.Lock()
	defer s.slots.mu.Unlock()
	if s.held != nil {
		s.held.taken--
		s.slots.admit(s.held)
		return
	}
	for _, g := range s.slots.gates {
		g.queue = slices.DeleteFunc(g.queue, func(other *seat) bool { return s == other })
	}
}

// queue waits for a slot. The time it takes is not the write's: its deadline is
// put off by as much.
func (c *Conn) queue() error {
	from := c.options.Now()
	c.seat.enlist()
	for {
		// First: the end of this connection gives its own slots back, of which one
		// may be granted to it.
		if err := c.interrupted(); err != nil {
			c.seat.giveUp()
			return err
		}
		if c.seat.granted() {
			c.delayWrite(c.options.Now().Sub(from))
			return nil
		}
		<-c.seat.wake
	}
}
