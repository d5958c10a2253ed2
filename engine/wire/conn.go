package wire

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// ErrBlind is what Lost and Conn.Blind tell when bytes passed that the tap does
// not understand; the connection itself is sound.
var ErrBlind = errors.New("tap is blind")

// ErrGarbled is in an ErrBlind where an answer was the reason: it is none of
// Kafka's, or to nothing that was asked. One whose frame is sound only leaves
// batches untold.
var ErrGarbled = errors.New("the answer makes no sense")

// maxDrain is for how long Close waits for bytes on a link that nobody will
// confirm.
const maxDrain = 2 * time.Second

// maxSpareRequests is more than any client has in flight on one connection.
const maxSpareRequests = 32

// Options are how a connection is tapped.
type Options struct {
	// RequestTimeout is how long a produce request may wait for its answer: a
	// read deadline later than that is brought forward, a write deadline earlier
	// than that is put off. 0: deadlines are left alone.
	RequestTimeout time.Duration
	// Slots bound the requests in flight per broker; nil: nothing does.
	Slots *Slots
	// SendBuffer is how many bytes may be written to a broker over a Link and
	// not be acknowledged by it. 0 or less: the operating system's choice, for
	// which 16 MiB stand.
	SendBuffer int
	// Blinded is called when the tap goes blind, before the Lost of whatever still
	// waits; broker is as Conn.Broker tells, why is an ErrBlind. What is written from then on is not told of. Nil:
	// nobody asks.
	Blinded func(broker int32, why error)
	// Now is the clock; it must be the one of the connection's deadlines. Nil:
	// time.Now.
	Now func() time.Time
}

// Conn is a tapped connection. It implements net.Conn for a client: what is
// written are requests, what is read are answers. Parts may have any size, but
// only one goroutine may read and only one may write at a time.
type Conn struct {
	// Opened is when the connection was tapped.
	Opened time.Time

	under    below
	sink     Sink
	options  Options
	broker   atomic.Int32
	inFlight atomic.Int32
	blind    atomic.Pointer[error]

	sent requests // of the writing goroutine

	mu        sync.Mutex // never held while the sink is called
	got       answers
	spare     []*Request
	ending    ending
	deadlines deadlines

	seat seat
}

var _ net.Conn = (*Conn)(nil)

// Tap wraps a client's connection and tells s of the produce requests that
// pass.
func Tap(c net.Conn, s Sink, o Options) *Conn {
	if o.Now == nil {
		o.Now = time.Now
	}
	t := &Conn{Opened: o.Now(), under: below{Conn: c, line: lineBelow(c)}, sink: s, options: o}
	t.broker.Store(AnyBroker)
	if t.under.line != nil {
		t.under.line.setSendBuffer(o.SendBuffer)
	}
	if o.Slots != nil {
		t.seat = newSeat(o.Slots)
	}
	t.sent = requests{names: make(map[string]string), fresh: t.fresh}
	t.sent.stream.walker = &t.sent
	t.got.stream.walker = &t.got
	return t
}

// SetBroker says whose connection this is; any goroutine may call it. Requests
// written from then on carry the id.
func (c *Conn) SetBroker(id int32) {
	c.broker.Store(id)
	c.seat.move(id)
	if c.under.line != nil {
		c.under.line.reaches(id)
	}
}

// Broker is the node id that SetBroker gave, -1 before.
func (c *Conn) Broker() int32 { return c.broker.Load() }

// InFlight is how many produce requests are written and neither answered nor
// lost; any goroutine may call it. It includes the request that Wrote is being
// called with, and no longer the one of Answered or Lost.
func (c *Conn) InFlight() int { return int(c.inFlight.Load()) }

// Blind is nil while the tap understands what passes; else it is an ErrBlind
// that says what it did not understand. From then on everything passes
// unread. Any goroutine may call it.
func (c *Conn) Blind() error {
	if err := c.blind.Load(); err != nil {
		return *err
	}
	return nil
}

// Write tells the sink of the produce requests that end in p and passes p on.
// A produce request waits before that until it has a slot; meanwhile only a
// write deadline set to now or earlier, or Close, makes Write return.
func (c *Conn) Write(p []byte) (int, error) {
	if c.under.doomed && c.wasReset() {
		return 0, resetOf(c, "write")
	}
	passed := 0
	for at := 0; at < len(p) && c.blind.Load() == nil; {
		n, end, err := c.sent.stream.feed(p[at:])
		if err != nil {
			c.goBlind(fmt.Errorf("request: %w", err))
			break
		}
		if end {
			k, err := c.leaves(p[passed:at])
			passed += k
			if err != nil {
				return passed, err
			}
		}
		at += n
	}
	n, err := c.pass(p[passed:])
	return passed + n, err
}

// leaves lets the request that was just read whole go. What is before it may
// have to be passed on first: returns how much of that was.
func (c *Conn) leaves(before []byte) (int, error) {
	w := c.sent.current
	if w.produce == nil {
		_ = c.await(w) // nobody waits to hear of it
		return 0, nil
	}
	passed := 0
	if w.produce.Acks != 0 && !c.seat.take() {
		// Its slot may be free only when they are answered.
		n, err := c.pass(before)
		if err == nil {
			err = c.queue()
		}
		if err != nil {
			c.recycle(w.produce)
			return n, err
		}
		passed = n
	}
	c.wrote(w)
	return c.strike(before, passed)
}

// pass gives p to the connection below.
func (c *Conn) pass(p []byte) (int, error) {
	if c.under.doomed || len(p) == 0 {
		return len(p), nil
	}
	began := time.Now()
	n, err := c.under.Write(p)
	if err != nil {
		c.note(err)
	}
	if took := time.Since(began); took >= heldFrom {
		c.sink.Held(c.Broker(), took)
	}
	return n, err
}

// heldFrom is what a write takes that waited: one that does not is a copy into
// the socket's buffer, some microseconds.
const heldFrom = time.Millisecond

// wrote reports one whole request and lets it wait for its answer.
func (c *Conn) wrote(w waiting) {
	r := w.produce
	c.under.enrol(c)
	r.Written = c.options.Now()
	r.Broker = c.Broker()
	c.stretchWrite(r.Written)
	if r.Acks == 0 {
		c.under.careless.Store(true)
		c.expectStray()
		c.sink.Wrote(r)
		c.recycle(r)
		return
	}
	r.gate = c.seat.held
	c.inFlight.Add(1)
	c.sink.Wrote(r)
	// Only now may it be found by whoever ends the connection: Lost must not
	// come before Wrote has returned.
	if err := c.await(w); err != nil {
		c.lost(r, err)
	}
}

// await puts a request into the queue; the error says why no answer will be
// seen.
func (c *Conn) await(w waiting) error {
	c.mu.Lock()
	if err := c.closedEyes(); err != nil {
		c.mu.Unlock()
		return err
	}
	ok := c.got.queue.push(w)
	_ = c.armRead()
	c.mu.Unlock()
	if !ok {
		c.goBlind(errTooMany)
		return fmt.Errorf("%w: %w", ErrBlind, errTooMany)
	}
	return nil
}

// closedEyes is why nothing is followed any more; the caller holds mu.
func (c *Conn) closedEyes() error {
	if c.ending.why != nil {
		return c.ending.why
	}
	return c.Blind()
}

// Read passes bytes on after telling the sink of the answers that end in them.
func (c *Conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	reset := c.ending.reset
	_ = c.armRead() // a connection that cannot take it fails the read itself
	c.mu.Unlock()
	if reset {
		err := resetOf(c, "read")
		c.readFailed(err)
		return 0, err
	}
	n, err := c.under.Read(p)
	if k := c.came(p[:n]); k < n {
		n, err = k, nil
		if k == 0 {
			err = resetOf(c, "read")
		}
	}
	if err != nil {
		c.readFailed(err)
	}
	return n, err
}

// came tells of the answers that end in p and returns how much of p the reader
// gets: not the answer that a fault swallows, and nothing behind it.
func (c *Conn) came(p []byte) int {
	var now time.Time
	for at := 0; at < len(p) && c.blind.Load() == nil; {
		k, r, err := c.answer(p[at:])
		if err != nil {
			c.goBlind(fmt.Errorf("%w: %w", ErrGarbled, err))
			break
		}
		if r == nil {
			at += k
			continue
		}
		if c.under.strikes(c.Broker(), LoseResponse) {
			c.swallow(r)
			return at
		}
		at += k
		if now.IsZero() {
			now = c.options.Now()
		}
		r.Answered = now
		c.inFlight.Add(-1)
		c.sink.Answered(r)
		c.seat.leave(r.gate)
		c.recycle(r)
	}
	return len(p)
}

// answer takes p up to the end of one frame and returns the request that it
// answered, if it answered one.
func (c *Conn) answer(p []byte) (int, *Request, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closedEyes() != nil {
		return len(p), nil, nil
	}
	n, end, err := c.got.stream.feed(p)
	if err != nil || !end || !c.got.matched {
		return n, nil, err
	}
	c.got.queue.pop()
	return n, c.got.produce, nil
}

// Close closes the connection. What was not answered is lost; what was written
// and asked for no answer arrives first, if the link delivers it within two
// seconds.
func (c *Conn) Close() error {
	if c.under.careless.Load() && c.under.line != nil {
		c.under.line.drain(maxDrain)
	}
	err := c.under.Close()
	c.mu.Lock()
	cause := c.ending.cause
	c.mu.Unlock()
	if cause == nil {
		cause = net.ErrClosed
	}
	c.end(cause)
	return err
}

// LocalAddr is the address of this side.
func (c *Conn) LocalAddr() net.Addr { return c.under.LocalAddr() }

// RemoteAddr is the address of the other side.
func (c *Conn) RemoteAddr() net.Addr { return c.under.RemoteAddr() }

// goBlind lets everything pass unread from now on. The requests that wait can
// no longer be followed.
func (c *Conn) goBlind(why error) {
	c.mu.Lock()
	if c.closedEyes() != nil {
		c.mu.Unlock()
		return
	}
	err := fmt.Errorf("%w: %w", ErrBlind, why)
	c.blind.Store(&err)
	left := c.got.queue.clear()
	_ = c.armRead()
	c.mu.Unlock()
	if c.options.Blinded != nil {
		c.options.Blinded(c.Broker(), err)
	}
	for _, r := range left {
		c.lost(r, err)
	}
}

func (c *Conn) lost(r *Request, err error) {
	c.inFlight.Add(-1)
	c.sink.Lost(r, err)
	c.seat.leave(r.gate)
}

// expectStray remembers that answers may come for requests that asked for none.
func (c *Conn) expectStray() {
	c.mu.Lock()
	c.got.lax = true
	c.mu.Unlock()
}

func (c *Conn) fresh() *Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.spare)
	if n == 0 {
		return &Request{Conn: c}
	}
	r := c.spare[n-1]
	c.spare = c.spare[:n-1]
	r.reset(c)
	return r
}

func (c *Conn) recycle(r *Request) {
	c.mu.Lock()
	if len(c.spare) < maxSpareRequests {
		c.spare = append(c.spare, r)
	}
	c.mu.Unlock()
}
