package relay

import "encoding/binary"

// sizeBytes is the length before each frame.
const sizeBytes = 4

// cutter cuts one direction of a connection into frames. What a frame begins
// with is shown to begin before any of it goes on; then it passes as it comes,
// in parts of any size, or is held until it is whole. One goroutine at a time.
type cutter struct {
	head int // bytes that a frame is known by, its length included
	// begin tells whether the frame is held; an error lets nothing more pass.
	begin func(head []byte) (hold bool, err error)
	// whole says what goes on in the place of a held frame.
	whole func(frame []byte) []byte
	pass  func([]byte) error
	// blind is asked between two frames: what comes after is none.
	blind func() bool

	inside  bool
	left    int  // bytes of the frame still to come
	holding bool // held is the frame, else what there is of its head
	held    []byte
}

// mostKept bounds the room that is kept for the next held frame.
const mostKept = 1 << 20

// feed takes the next bytes, which are not kept. The error is begin's or pass's.
func (c *cutter) feed(p []byte) error {
	from := 0 // what is before it has gone on or is held
	for at := 0; at < len(p); {
		if !c.inside {
			if len(c.held) == 0 && c.blind() {
				break
			}
			n, err := c.open(p, &from, at)
			at += n
			if err != nil {
				return err
			}
			continue
		}
		k := min(c.left, len(p)-at)
		if c.holding {
			c.held = append(c.held, p[at:at+k]...)
			from = at + k
		}
		at += k
		c.left -= k
		if err := c.close(); err != nil {
			return err
		}
	}
	return c.passOn(p[from:])
}

func (c *cutter) passOn(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	return c.pass(p)
}

// open reads the head of the frame that begins at p[at], or goes on with one that
// was cut, and returns how much of p it took.
func (c *cutter) open(p []byte, from *int, at int) (n int, err error) {
	if len(c.held) == 0 && len(p)-at >= c.head {
		if err := c.start(p[at : at+c.head]); err != nil {
			return 0, c.after(err, p[*from:at])
		}
		if !c.holding {
			return c.head, c.close()
		}
		if err := c.passOn(p[*from:at]); err != nil {
			return 0, err
		}
		c.held = append(c.held, p[at:at+c.head]...)
		*from = at + c.head
		return c.head, c.close()
	}
	if err := c.passOn(p[*from:at]); err != nil {
		return 0, err
	}
	n = min(c.head-len(c.held), len(p)-at)
	c.held = append(c.held, p[at:at+n]...)
	*from = at + n
	if len(c.held) < c.head {
		return n, nil
	}
	if err := c.start(c.held); err != nil || c.holding {
		return n, first(err, c.close)
	}
	if err := c.pass(c.held); err != nil {
		return n, err
	}
	c.held = c.held[:0]
	return n, c.close()
}

// after lets what came before a bad frame go on.
func (c *cutter) after(bad error, before []byte) error {
	if err := c.passOn(before); err != nil {
		return err
	}
	return bad
}

func first(err error, then func() error) error {
	if err != nil {
		return err
	}
	return then()
}

func (c *cutter) start(head []byte) (err error) {
	size := int(int32(binary.BigEndian.Uint32(head)))
	if c.holding, err = c.begin(head); err != nil {
		return err
	}
	c.inside, c.left = true, size+sizeBytes-c.head
	return nil
}

// close ends the frame if all of it has come.
func (c *cutter) close() error {
	if c.left > 0 {
		return nil
	}
	c.inside = false
	if !c.holding {
		return nil
	}
	err := c.pass(c.whole(c.held))
	if cap(c.held) > mostKept {
		c.held = nil
	}
	c.holding, c.held = false, c.held[:0]
	return err
}
