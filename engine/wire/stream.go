package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

const (
	// maxHeld bounds what is kept of an item that the end of a part cut in two:
	// the longest is a name, whose length is 15 bits.
	maxHeld = math.MaxInt16 + 128
	// holdStep is how much of the next part is added to a cut item at once; most
	// items are shorter.
	holdStep = 128
	// minFrame is the correlation id of an answer; requests need more and find
	// out themselves.
	minFrame = 4
)

var (
	errCut      = errors.New("frame ends in the middle of an item")
	errTrailing = errors.New("frame is longer than its contents")
	errLength   = errors.New("length out of range")
)

// walker reads the items of one frame, one at each call of step. A step that
// finds the cursor short must leave the walker as it was: it is called again
// with more bytes.
type walker interface {
	begin(size int)
	step(c *cursor)
	done() bool
	// forgives says that the rest of a frame which makes no sense may be passed
	// over: where the next one begins is known all the same.
	forgives() bool
}

// stream cuts one direction of a connection into frames and items. It takes
// parts of any size, looks at whole items in place and keeps only an item that
// is cut by the end of a part; what a walker does not want is never kept.
type stream struct {
	walker   walker
	cur      cursor // here, since it would escape through the walker
	inside   bool   // a frame's length was read
	left     int    // bytes of the frame not yet gone by
	skip     int    // of these, bytes to pass over
	sections int    // sections of tagged fields that come next
	tags     int    // tagged fields left in the current section
	held     []byte
}

// feed takes p up to the end of the current frame at most. It returns how many
// bytes it took and whether the frame ended there.
func (s *stream) feed(p []byte) (n int, end bool, err error) {
	for n < len(p) {
		k := min(s.skip, len(p)-n)
		if k > 0 {
			s.skip -= k
			s.left -= k
		} else if k, err = s.item(p[n:]); err != nil {
			return n, false, err
		}
		n += k
		if s.inside && s.left == 0 {
			if (s.sections > 0 || !s.walker.done()) && !s.walker.forgives() {
				return n, false, errCut
			}
			s.inside = false
			return n, true, nil
		}
	}
	return n, false, nil
}

// item reads one item at the start of p, or of what was held and p, and
// returns how much of p it took.
func (s *stream) item(p []byte) (int, error) {
	old := len(s.held)
	b := p
	if old > 0 {
		s.held = append(s.held, p[:min(len(p), holdStep)]...)
		b = s.held
	}
	if s.inside && len(b) > s.left {
		b = b[:s.left]
	}
	c := &s.cur
	*c = cursor{b: b}
	s.read(c)
	if c.err != nil {
		return 0, s.passOver(old, c.err)
	}
	if c.short {
		return s.hold(p, old)
	}
	s.held = s.held[:0]
	if !s.inside {
		return c.i - old, s.open(int(c.size))
	}
	s.left -= c.i
	s.skip = c.skip
	s.sections += c.sections
	if s.skip > s.left {
		return c.i - old, s.passOver(0, errLength)
	}
	return c.i - old, nil
}

// passOver leaves a frame unread from here on, of which so many bytes are held;
// the error is the reason where that is not possible.
func (s *stream) passOver(held int, why error) error {
	if !s.inside || !s.walker.forgives() {
		return why
	}
	s.left -= held
	s.held = s.held[:0]
	s.skip, s.sections, s.tags = s.left, 0, 0
	return nil
}

// read reads whatever comes next: a frame's length, a tagged field, or an item
// of the walker's.
func (s *stream) read(c *cursor) {
	switch {
	case !s.inside:
		c.size = c.int32()
	case s.sections > 0:
		s.tagged(c)
	case s.walker.done():
		c.err = errTrailing
	default:
		s.walker.step(c)
		if c.whole() && c.skip == 0 {
			c.sections -= c.empties(c.sections)
		}
	}
}

// open starts a frame.
func (s *stream) open(size int) error {
	if size < minFrame {
		return fmt.Errorf("frame of %d bytes: %w", size, errLength)
	}
	s.inside, s.left, s.skip, s.sections, s.tags = true, size, 0, 0, 0
	s.walker.begin(size)
	return nil
}

// hold keeps a cut item until the next part comes. An item of which all the
// rest of the frame is there will never be whole.
func (s *stream) hold(p []byte, old int) (int, error) {
	if s.inside && len(s.cur.b) == s.left {
		return 0, s.passOver(old, errCut)
	}
	if old == 0 {
		if len(p) > maxHeld {
			return 0, s.passOver(0, errLength)
		}
		s.held = append(s.held, p...)
		return len(p), nil
	}
	if len(s.held) > maxHeld {
		return 0, s.passOver(old, errLength)
	}
	return len(s.held) - old, nil
}

// tagged passes over sections of tagged fields (KIP-482), field by field.
func (s *stream) tagged(c *cursor) {
	if s.tags > 0 {
		s.field(c)
		return
	}
	if n := c.empties(s.sections); n > 0 {
		s.sections -= n
		return
	}
	n := c.uvarint() // not 0 unless badly encoded
	if !c.whole() {
		return
	}
	s.tags = n
	if n == 0 {
		s.sections--
	}
}

// field passes over one tagged field; the last one ends its section.
func (s *stream) field(c *cursor) {
	c.uvarint() // the tag
	n := c.uvarint()
	if !c.whole() {
		return
	}
	c.skip = n
	s.tags--
	if s.tags == 0 {
		s.sections--
	}
}

// cursor reads numbers from the start of b. Once short or in error it returns
// zeros.
type cursor struct {
	b        []byte
	i        int
	skip     int   // to pass over after what was read
	sections int   // sections of tagged fields that come after that
	size     int32 // of a frame
	short    bool  // b ended before the item did
	err      error
}

// take returns the next n bytes in place, nil if they are not there.
func (c *cursor) take(n int) []byte {
	if c.short || c.err != nil {
		return nil
	}
	if len(c.b)-c.i < n {
		c.short = true
		return nil
	}
	c.i += n
	return c.b[c.i-n : c.i]
}

// empties passes over at most n sections without tagged fields, which nearly
// all are, and returns how many there were.
func (c *cursor) empties(n int) int {
	from := c.i
	for c.i < len(c.b) && c.i-from < n && c.b[c.i] == 0 {
		c.i++
	}
	return c.i - from
}

func (c *cursor) int16() int16 {
	if b := c.take(2); b != nil {
		return int16(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (c *cursor) int32() int32 {
	if b := c.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

func (c *cursor) int64() int64 {
	if b := c.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

// uvarint reads a number of up to 31 bits.
func (c *cursor) uvarint() int {
	var x uint64
	for shift := 0; shift < 35; shift += 7 {
		b := c.take(1)
		if b == nil {
			return 0
		}
		x |= uint64(b[0]&0x7f) << shift
		if b[0] < 0x80 {
			if x > math.MaxInt32 {
				c.err = errLength
				return 0
			}
			return int(x)
		}
	}
	c.err = errLength
	return 0
}

// array reads how many elements an array has; null counts as none.
func (c *cursor) array(flexible bool) int {
	if flexible {
		return max(c.uvarint()-1, 0)
	}
	return c.length(int(c.int32()))
}

// text reads the length of a string, 15 bits in any version; null counts as
// empty.
func (c *cursor) text(flexible bool) int {
	if !flexible {
		return c.length(int(c.int16()))
	}
	n := max(c.uvarint()-1, 0)
	if n > math.MaxInt16 {
		c.err = errLength
		return 0
	}
	return n
}

// length refuses negative lengths except -1, which is null.
func (c *cursor) length(n int) int {
	if n < -1 && c.err == nil {
		c.err = errLength
	}
	return max(n, 0)
}

// whole reports whether all that was asked for was there.
func (c *cursor) whole() bool { return !c.short && c.err == nil }

// close says that so many levels end here; in a flexible version each ends
// with tagged fields.
func (c *cursor) close(flexible bool, levels int) {
	if flexible {
		c.sections = levels
	}
}
