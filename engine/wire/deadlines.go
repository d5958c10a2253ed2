package wire

import "time"

// deadlines are what the client asked for and what is in force below.
type deadlines struct {
	read, write time.Time // as asked
	armed       time.Time // the read deadline in force
	cut         bool      // the write deadline had passed when it was set
}

// SetDeadline sets both deadlines; one in the past acts at once.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline sets when Read gives up. While a produce request waits for
// its answer that is at most the request timeout after the oldest was written.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadlines.read = t
	return c.armRead()
}

// SetWriteDeadline sets when Write gives up. While Write waits for a slot only
// one that has passed acts: it is the client's way to interrupt.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadlines.write = t
	c.deadlines.cut = c.seat.slots != nil && !t.IsZero() && !t.After(c.options.Now())
	if c.deadlines.cut {
		nudge(c.seat.wake)
	}
	return c.under.SetWriteDeadline(t)
}

// delayWrite puts the write deadline off, unless the client has interrupted.
func (c *Conn) delayWrite(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d := &c.deadlines; !d.write.IsZero() && !d.cut {
		d.write = d.write.Add(by)
		_ = c.under.SetWriteDeadline(d.write)
	}
}

// armRead brings the read deadline in force up to date; the caller holds mu.
// It is called whenever the oldest waiting request can have changed while a
// Read is or will be blocked. No deadline asked for stays none: the client does
// not wait then.
func (c *Conn) armRead() error {
	t := c.deadlines.read
	if c.options.RequestTimeout > 0 && !t.IsZero() {
		if r := c.got.queue.oldest(); r != nil {
			if limit := r.Written.Add(c.options.RequestTimeout); limit.Before(t) {
				t = limit
			}
		}
	}
	if t.Equal(c.deadlines.armed) {
		return nil
	}
	c.deadlines.armed = t
	return c.under.SetReadDeadline(t)
}

// stretchWrite gives a produce request that is about to be written as long for
// the write as for the answer: how long a full socket may block it is the
// request timeout's to say. A deadline that has passed is left, it is the
// client's way to interrupt.
func (c *Conn) stretchWrite(now time.Time) {
	if c.options.RequestTimeout <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	limit := now.Add(c.options.RequestTimeout)
	if t := c.deadlines.write; t.After(now) && t.Before(limit) {
		c.deadlines.write = limit
		_ = c.under.SetWriteDeadline(limit)
	}
}
