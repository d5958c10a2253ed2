package wire

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// mostUnacknowledged bounds what one connection has on the way when its
	// send buffer is the operating system's to choose.
	mostUnacknowledged = 16 << 20
	// leastSendBuffer is what no kernel goes below.
	leastSendBuffer = 4 << 10
	// maxAddresses bounds what is remembered of where brokers were met.
	maxAddresses = 1 << 12
)

// Link is the emulated network between client and brokers, one for all
// connections. It holds back what is written, never what is read: a client
// cannot tell, since answers come in the order of requests. Only a stall holds
// back both. A link that does nothing passes everything on at once and costs no
// goroutine. All methods are safe for any goroutine and act on open
// connections too.
type Link struct {
	now   atomic.Pointer[weather]
	waits waits

	mu        sync.Mutex
	seed      uint64
	lines     uint64           // ever wrapped
	producing []*Conn          // that wrote a produce request, oldest first
	met       map[string]int32 // broker by remote address
}

// weather is what acts on the link. It is replaced, never changed.
type weather struct {
	rtt       time.Duration
	jitter    time.Duration
	bandwidth int64 // bytes/s; 0: no bound
	faults    []*ActiveFault
	over      chan struct{} // closed when another weather is in force
	calm      bool          // nothing holds bytes back
	harmless  bool          // nothing makes requests vanish
}

// course is what the weather means for the connections to one broker.
type course struct {
	rtt       time.Duration
	jitter    time.Duration
	bandwidth int64
	stalled   bool
}

// NewLink returns a link that does nothing.
func NewLink() *Link { return NewSeededLink(1) }

// NewSeededLink returns a link that does nothing and whose jitter, once set, is
// drawn from the seed: each connection, in the order wrapped, has its own
// sequence.
func NewSeededLink(seed uint64) *Link {
	l := &Link{seed: seed, met: map[string]int32{}}
	l.now.Store(&weather{over: make(chan struct{}), calm: true, harmless: true})
	return l
}

// SetRTT sets the round trip; less than 0 counts as 0. Bytes written before
// keep the delay they were written with, and no byte overtakes another.
func (l *Link) SetRTT(d time.Duration) {
	l.turn(func(w *weather) { w.rtt = max(d, 0) })
}

// RTT is the round trip in force where no fault makes it longer.
func (l *Link) RTT() time.Duration { return l.now.Load().rtt }

// SetJitter sets by how much the round trip of each write differs at most, to
// either side and evenly spread; less than 0 counts as 0. Since no byte
// overtakes another, writes that follow each other closely are late more often
// than early.
func (l *Link) SetJitter(d time.Duration) {
	l.turn(func(w *weather) { w.jitter = max(d, 0) })
}

// SetBandwidth sets how fast each connection sends, in bytes per second; 0 or
// less: no bound. Bytes written before leave as fast as they would have.
func (l *Link) SetBandwidth(bytesPerSec int64) {
	l.turn(func(w *weather) { w.bandwidth = max(bytesPerSec, 0) })
}

// turn puts a changed copy of the weather in force.
func (l *Link) turn(change func(*weather)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.now.Load()
	w := *old
	change(&w)
	w.calm = w.rtt == 0 && w.jitter == 0 && w.bandwidth == 0
	w.harmless = true
	for _, a := range w.faults {
		if a.fault.Kind.bytes() {
			w.calm = false
		} else {
			w.harmless = false
		}
	}
	w.over = make(chan struct{})
	l.now.Store(&w)
	close(old.over)
}

// course is what the weather means for one broker. Of several round trips the
// longest counts, of several bandwidths the narrowest.
func (w *weather) course(broker int32) course {
	c := course{rtt: w.rtt, jitter: w.jitter, bandwidth: w.bandwidth}
	for _, a := range w.faults {
		f := &a.fault
		if !f.concerns(broker) {
			continue
		}
		switch f.Kind {
		case SlowLink:
			c.rtt = max(c.rtt, f.RTT)
		case ThinLink:
			if c.bandwidth == 0 || f.Bandwidth < c.bandwidth {
				c.bandwidth = f.Bandwidth
			}
		case Stall:
			c.stalled = true
		default: // acts on requests
		}
	}
	return c
}

// delay is how long after it was sent a write arrives.
func (c course) delay(dice *rand.Rand) time.Duration {
	if c.jitter == 0 {
		return c.rtt
	}
	return max(0, c.rtt-c.jitter+time.Duration(dice.Int64N(2*int64(c.jitter)+1)))
}

// Wrap puts a connection on the link. It implements net.Conn; closing it drops
// what is still on the way. A Tap above it, with TLS between them or not, tells
// it whom it reaches and how large its send buffer is.
func (l *Link) Wrap(c net.Conn) net.Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := newLine(l, c, rand.New(rand.NewPCG(l.seed, l.lines)))
	l.lines++
	if broker, ok := l.met[remote(c)]; ok {
		n.broker.Store(broker)
	}
	return n
}

// remember notes whom a connection reached, so that a fault of one broker acts
// on the next connection there from its first byte.
func (l *Link) remember(c net.Conn, broker int32) {
	at := remote(c)
	if at == "" || broker < 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.met) >= maxAddresses {
		clear(l.met)
	}
	l.met[at] = broker
}

// remote is the address of the other side; empty if all connections share one, as pipes do.
func remote(c net.Conn) string {
	if _, ok := c.(interface{ SetLinger(int) error }); !ok {
		return ""
	}
	return c.RemoteAddr().String()
}

// Dialed waits for as long as the handshake of a new connection takes: until
// nothing stalls the whole link, and one round trip. The error is the context's.
func (l *Link) Dialed(ctx context.Context) error {
	for {
		w := l.now.Load()
		c := w.course(AnyBroker)
		if !c.stalled {
			return pause(ctx, c.rtt)
		}
		select {
		case <-w.over:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
