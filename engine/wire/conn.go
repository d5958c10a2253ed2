package wire

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// ErrBlind is what Lost and Conn.Blind tell when bytes passed that the tap does
// not understand; the connection itself is sound.
var ErrBlind = errors.New("tap is blind")

// maxSpareRequests is more than any client has in flight on one connection.
const maxSpareRequests = 32

// Options are how a connection is tapped.
type Options struct {
	// RequestTimeout is how long a produce request may wait for its answer: a
	// read deadline later than that is brought forward, a write deadline earlier
	// than that is put off. 0: deadlines are left alone.
	RequestTimeout time.Duration
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

	under    net.Conn
	sink     Sink
	options  Options
	broker   atomic.Int32
	inFlight atomic.Int32
	blind    atomic.Pointer[error]

	sent requests // of the writing goroutine

	mu        sync.Mutex // never held while the sink is called
	got       answers
	spare     []*Request
	ended     error // once set nothing can be answered any more
	cause     error // the last error that a caller saw; Close hands it on
	deadlines deadlines
}

var _ net.Conn = (*Conn)(nil)

// Tap wraps a client's connection and tells s of the produce requests that
// pass.
func Tap(c net.Conn, s Sink, o Options) *Conn {
	if o.Now == nil {
		o.Now = time.Now
	}
	t := &Conn{Opened: o.Now(), under: c, sink: s, options: o}
	t.broker.Store(-1)
	t.sent = requests{names: make(map[string]string), fresh: t.fresh}
	t.sent.stream.walker = &t.sent
	t.got.stream.walker = &t.got
	return t
}

// SetBroker says whose connection this is; any goroutine may call it. Requests
// written from then on carry the id.
func (c *Conn) SetBroker(id int32) { c.broker.Store(id) }

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
func (c *Conn) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0 && c.blind.Load() == nil; {
		n, end, err := c.sent.stream.feed(rest)
		if err != nil {
			c.goBlind(fmt.Errorf("request: %w", err))
			break
		}
		rest = rest[n:]
		if end {
			c.wrote(c.sent.current)
		}
	}
	n, err := c.under.Write(p)
	if err != nil {
		c.note(err)
	}
	return n, err
}

// wrote reports one whole request and lets it wait for its answer.
func (c *Conn) wrote(w waiting) {
	r := w.produce
	if r == nil {
		_ = c.await(w) // nobody waits to hear of it
		return
	}
	r.Written = c.options.Now()
	r.Broker = c.Broker()
	c.stretchWrite(r.Written)
	if r.Acks == 0 {
		c.expectStray()
		c.sink.Wrote(r)
		c.recycle(r)
		return
	}
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
	if c.ended != nil {
		return c.ended
	}
	return c.Blind()
}

// Read passes bytes on after telling the sink of the answers that end in them.
func (c *Conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	_ = c.armRead() // a connection that cannot take it fails the read itself
	c.mu.Unlock()
	n, err := c.under.Read(p)
	var at time.Time
	for rest := p[:n]; len(rest) > 0 && c.blind.Load() == nil; {
		k, r, err := c.answer(rest)
		if err != nil {
			c.goBlind(fmt.Errorf("answer: %w", err))
			break
		}
		rest = rest[k:]
		if r == nil {
			continue
		}
		if at.IsZero() {
			at = c.options.Now()
		}
		r.Answered = at
		c.inFlight.Add(-1)
		c.sink.Answered(r)
		c.recycle(r)
	}
	if err != nil {
		c.readFailed(err)
	}
	return n, err
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

// readFailed ends the connection's requests unless reading can go on: after a
// timeout it can.
func (c *Conn) readFailed(err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.note(err)
		return
	}
	c.end(err)
}

// Close closes the connection. What was not answered is lost.
func (c *Conn) Close() error {
	err := c.under.Close()
	c.mu.Lock()
	cause := c.cause
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

func (c *Conn) note(err error) {
	c.mu.Lock()
	c.cause = err
	c.mu.Unlock()
}

// end reports everything that waits as lost, once.
func (c *Conn) end(err error) {
	c.mu.Lock()
	if c.ended != nil {
		c.mu.Unlock()
		return
	}
	c.ended = err
	left := c.got.queue.clear()
	c.mu.Unlock()
	for _, r := range left {
		c.lost(r, err)
	}
}

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
	for _, r := range left {
		c.lost(r, err)
	}
}

func (c *Conn) lost(r *Request, err error) {
	c.inFlight.Add(-1)
	c.sink.Lost(r, err)
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
