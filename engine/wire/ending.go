package wire

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// ending is how a connection is over; its mutex guards it.
type ending struct {
	why   error // once set nothing can be answered any more
	cause error // the last error that a caller saw; Close hands it on
	reset bool  // by a fault
}

// below is the connection under a tap.
type below struct {
	net.Conn
	line     *line       // of the link, nil without one
	enrolled bool        // on the link, as one that produces; of the writing goroutine
	doomed   bool        // nothing written arrives any more; of the writing goroutine
	careless atomic.Bool // a request that wants no answer was written
}

// enrol makes the connection one that a reset is aimed at.
func (b *below) enrol(c *Conn) {
	if b.line == nil || b.enrolled {
		return
	}
	b.enrolled = true
	b.line.link.enrol(c)
}

func (b *below) strikes(broker int32, kinds ...FaultKind) bool {
	if b.line == nil {
		return false
	}
	_, ok := b.line.link.strikes(broker, kinds...)
	return ok
}

// strike lets a fault act on the request that was just written: it and all
// behind it vanish, and the connection is reset. Of what is before it, some has
// been passed on; returns how much is now.
func (c *Conn) strike(before []byte, passed int) (int, error) {
	if c.under.line == nil || c.under.doomed {
		return passed, nil
	}
	link, broker := c.under.line.link, c.Broker()
	if link.now.Load().harmless || c.wasReset() {
		return passed, nil
	}
	kind, ok := link.strikes(broker, Reset, LoseRequest)
	if !ok {
		return passed, nil
	}
	n, err := c.pass(before[passed:])
	c.under.doomed = true
	rtt := link.now.Load().course(broker).rtt
	if kind == Reset || rtt == 0 {
		c.reset()
	} else {
		time.AfterFunc(rtt, c.reset)
	}
	return passed + n, err
}

// swallow ends the connection in the place of a request's answer.
func (c *Conn) swallow(r *Request) {
	err := resetOf(c, "read")
	c.reset()
	c.lost(r, err)
	c.end(err)
}

// reset ends the connection as a peer does that knows nothing of it. Who reads
// or writes learns of it at once.
func (c *Conn) reset() {
	c.mu.Lock()
	c.ending.reset = true
	c.mu.Unlock()
	c.under.line.link.dismiss(c)
	c.under.line.reset()
	nudge(c.seat.wake)
}

func (c *Conn) wasReset() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ending.reset
}

// interrupted is why a write must not wait any longer, nil if it may.
func (c *Conn) interrupted() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ending.reset:
		return resetOf(c, "write")
	case c.ending.why != nil:
		return c.ending.why
	case c.deadlines.cut:
		return os.ErrDeadlineExceeded
	default:
		return nil
	}
}

func (c *Conn) note(err error) {
	c.mu.Lock()
	c.ending.cause = err
	c.mu.Unlock()
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

// end reports everything that waits as lost, once.
func (c *Conn) end(err error) {
	c.mu.Lock()
	if c.ending.why != nil {
		c.mu.Unlock()
		return
	}
	c.ending.why = err
	left := c.got.queue.clear()
	c.mu.Unlock()
	nudge(c.seat.wake)
	if c.under.line != nil {
		c.under.line.link.dismiss(c)
	}
	for _, r := range left {
		c.lost(r, err)
	}
}
