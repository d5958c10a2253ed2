package wire

import (
	"slices"
	"sync/atomic"
	"time"
)

// AnyBroker stands for all brokers.
const AnyBroker int32 = -1

// FaultKind is what a fault does.
type FaultKind uint8

// The faults. The first three hold bytes back, the others act on produce
// requests and end the connection with a reset, as a network does that has
// dropped part of a stream: after a gap nothing of it can be delivered.
const (
	// SlowLink makes the round trip at least RTT.
	SlowLink FaultKind = iota
	// ThinLink makes the bandwidth of each connection at most Bandwidth.
	ThinLink
	// Stall lets nothing pass in either direction; connections stay open. What
	// was on the way sets off anew once it is healed. A connection is still made
	// to a broker that alone is stalled and was never met before.
	Stall
	// Reset ends each connection that has carried a produce request at once, and
	// each later one at its next produce request.
	Reset
	// LoseRequest makes the next produce request vanish, and all that is written
	// behind it on its connection; the reset follows one round trip later.
	LoseRequest
	// LoseResponse lets the next produce request reach the broker and swallows
	// the answer; the reset comes in its place.
	LoseResponse
)

// String is the fault's name in a step.
func (k FaultKind) String() string {
	switch k {
	case SlowLink:
		return "slow-link"
	case ThinLink:
		return "thin-link"
	case Stall:
		return "stall"
	case Reset:
		return "reset"
	case LoseRequest:
		return "lose-request"
	case LoseResponse:
		return "lose-response"
	default:
		return "unknown"
	}
}

// bytes reports whether the fault holds bytes back, whatever they are.
func (k FaultKind) bytes() bool { return k <= Stall }

// Fault is something to break on the link.
type Fault struct {
	Kind      FaultKind
	Broker    int32         // whose connections; AnyBroker: all
	RTT       time.Duration // of SlowLink
	Bandwidth int64         // of ThinLink, bytes/s
	// Count is after how many connections (Reset), requests or answers the fault
	// is over; 0: when it is healed.
	Count int64
}

func (f *Fault) concerns(broker int32) bool { return f.Broker == AnyBroker || f.Broker == broker }

// ActiveFault is a fault in force. Its methods are safe for any goroutine.
type ActiveFault struct {
	fault Fault
	link  *Link
	hits  atomic.Int64
	done  chan struct{}
	ended atomic.Bool
}

// Start puts a fault in force, on open connections too; it lasts until its
// count is used up or it is healed. It panics if a slow or thin link says not
// how slow or thin: whoever reads the fault's parameters must have asked.
func (l *Link) Start(f Fault) *ActiveFault {
	if (f.Kind == SlowLink && f.RTT <= 0) || (f.Kind == ThinLink && f.Bandwidth <= 0) {
		panic("wire: " + f.Kind.String() + " without its measure")
	}
	a := &ActiveFault{fault: f, link: l, done: make(chan struct{})}
	var open []*Conn
	l.turn(func(w *weather) {
		w.faults = append(slices.Clone(w.faults), a)
		if f.Kind == Reset {
			open = slices.Clone(l.producing)
		}
	})
	for _, c := range open {
		if f.concerns(c.Broker()) && a.hit() {
			c.reset()
		}
	}
	return a
}

// Heal ends the fault; a second call does nothing.
func (a *ActiveFault) Heal() {
	if a.ended.Swap(true) {
		return
	}
	a.link.turn(func(w *weather) {
		w.faults = slices.DeleteFunc(slices.Clone(w.faults), func(b *ActiveFault) bool { return a == b })
	})
	close(a.done)
}

// Done is closed once the fault is over.
func (a *ActiveFault) Done() <-chan struct{} { return a.done }

// Hits is how many connections were reset, requests or answers lost. It stays
// 0 for a fault that holds bytes back.
func (a *ActiveFault) Hits() int64 { return a.hits.Load() }

// hit uses the fault once, if it is not used up.
func (a *ActiveFault) hit() bool {
	if a.ended.Load() {
		return false
	}
	n := a.hits.Add(1)
	if a.fault.Count == 0 {
		return true
	}
	if n > a.fault.Count {
		a.hits.Add(-1)
		return false
	}
	if n == a.fault.Count {
		a.Heal()
	}
	return true
}

// strikes reports whether a fault of one of the kinds acts on what one broker's
// connection just carried, and which it was.
func (l *Link) strikes(broker int32, kinds ...FaultKind) (FaultKind, bool) {
	w := l.now.Load()
	if w.harmless {
		return 0, false
	}
	for _, a := range w.faults {
		if slices.Contains(kinds, a.fault.Kind) && a.fault.concerns(broker) && a.hit() {
			return a.fault.Kind, true
		}
	}
	return 0, false
}

// enrol notes that a connection carries produce requests, which is what a reset
// is aimed at.
func (l *Link) enrol(c *Conn) {
	l.mu.Lock()
	l.producing = append(l.producing, c)
	l.mu.Unlock()
}

func (l *Link) dismiss(c *Conn) {
	l.mu.Lock()
	l.producing = slices.DeleteFunc(l.producing, func(other *Conn) bool { return c == other })
	l.mu.Unlock()
}
