package door

import (
	"encoding/binary"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	// headBytes is what each request begins with: its length, key, version and
	// correlation id.
	headBytes = 12
	sizeBytes = 4
	// maxJudged is socket.request.max.bytes: what is longer passes unread, and
	// the broker refuses it.
	maxJudged = 100 << 20
)

// conn is one connection by a door. Reading, it cuts what comes into requests,
// and looks at those that the rules concern; all others pass in the reader's own
// buffer. Each answer is one write of the broker's.
type conn struct {
	net.Conn
	door *Door
	gone chan struct{} // closed with the connection
	once sync.Once

	// Of the reading goroutine:
	head  [headBytes]byte
	ready []byte        // to be read before anything else
	left  int           // bytes of the present request that pass as they are
	body  []byte        // of a request that was looked at
	still time.Duration // nothing is read for so long: no answer tells it
	last  bool          // the connection ends once the present request was taken

	mu   sync.Mutex
	owed []owed // answers to come that are not to go out as they are, in order
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	if len(c.ready) == 0 && c.left == 0 {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	if len(c.ready) > 0 {
		n := copy(p, c.ready)
		c.ready = c.ready[n:]
		return n, nil
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// next begins a request. The rules are read once its first bytes are there, so
// that they act on the first one that comes after they were put in force.
func (c *conn) next() error {
	if c.last {
		_ = c.Close()
		return io.EOF
	}
	if _, err := io.ReadFull(c.Conn, c.head[:]); err != nil {
		return err
	}
	if c.still > 0 {
		c.wait(c.still, func(r *Rules) bool { return r.Quota > 0 || r.Hold > 0 })
		c.still = 0
	}
	size := int(int32(binary.BigEndian.Uint32(c.head[:])))
	if size < headBytes-sizeBytes {
		_ = c.Close()
		return io.ErrUnexpectedEOF
	}
	c.ready, c.left = c.head[:], size-(headBytes-sizeBytes)
	rules := &c.door.now.Load().Rules
	key := kmsg.Key(int16(binary.BigEndian.Uint16(c.head[sizeBytes:])))
	if size > maxJudged || !rules.concern(key) {
		return nil
	}
	return c.look(rules, key, size)
}

// look reads the whole request and lets what is left of it pass.
func (c *conn) look(rules *Rules, key kmsg.Key, size int) error {
	c.body = slices.Grow(c.body[:0], size+sizeBytes)[:size+sizeBytes]
	copy(c.body, c.head[:])
	c.left = 0
	if _, err := io.ReadFull(c.Conn, c.body[headBytes:]); err != nil {
		return err
	}
	c.ready = c.body
	switch key {
	case kmsg.Produce:
		return c.produce(rules, size)
	default:
		c.owe(owed{correlation: c.correlation(), version: c.version(), metadata: rules.Metadata})
		return nil
	}
}

func (c *conn) version() int16 { return int16(binary.BigEndian.Uint16(c.head[6:])) }

func (c *conn) correlation() int32 { return int32(binary.BigEndian.Uint32(c.head[8:])) }

// produce judges a produce request. Refused batches do not reach the broker;
// it answers for the others, be there none, so that answers keep their order.
// With acks=0 there is no answer to tell of a refusal: the connection ends, as
// with Kafka.
func (c *conn) produce(rules *Rules, size int) error {
	req, header, ok := readProduce(c.body)
	if !ok {
		return nil // the broker's to refuse
	}
	refused := rules.refuse(req)
	if len(refused) > 0 {
		c.ready = c.rewrite(req, header)
	}
	if req.Acks != 0 {
		// What the quota says is found when the broker has come to it: requests
		// are read ahead.
		c.owe(owed{correlation: c.correlation(), version: c.version(), refused: refused, hold: rules.Hold, bytes: size + sizeBytes})
		return nil
	}
	c.still = max(c.door.charge(size+sizeBytes), rules.Hold)
	c.last = len(refused) > 0
	if c.last && len(req.Topics) == 0 {
		c.ready = nil
		_ = c.Close()
		return io.EOF
	}
	return nil
}

// rewrite makes a frame of what is left of a request.
func (c *conn) rewrite(req *kmsg.ProduceRequest, header int) []byte {
	// The records lie in the old frame.
	frame := req.AppendTo(append(make([]byte, 0, len(c.body)), c.body[:header]...))
	binary.BigEndian.PutUint32(frame, uint32(len(frame)-sizeBytes))
	c.body = frame
	return frame
}

func (c *conn) owe(o owed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.owed = append(c.owed, o)
}

// due takes what is owed with an answer. What was owed before it will never be
// answered.
func (c *conn) due(answer []byte) (owed, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.owed) == 0 || len(answer) < sizeBytes+4 {
		return owed{}, false
	}
	id := int32(binary.BigEndian.Uint32(answer[sizeBytes:]))
	for i, o := range c.owed {
		if o.correlation == id {
			c.owed = append(c.owed[:0], c.owed[i+1:]...)
			return o, true
		}
	}
	return owed{}, false
}

// Write implements net.Conn for one whole answer. It returns when the
// connection's next request may be carried out: a throttled one is answered at
// once and still for its time (KIP-219).
func (c *conn) Write(p []byte) (int, error) {
	o, ok := c.due(p)
	if !ok {
		return c.Conn.Write(p)
	}
	if o.hold > 0 {
		c.wait(o.hold, func(r *Rules) bool { return r.Hold > 0 })
	}
	if o.bytes > 0 {
		o.throttle = c.door.charge(o.bytes)
	}
	if n, err := c.Conn.Write(o.apply(p)); err != nil {
		return min(n, len(p)), err
	}
	if o.throttle > 0 {
		c.wait(o.throttle, func(r *Rules) bool { return r.Quota > 0 })
	}
	return len(p), nil
}

// wait lets so much time go by, less if the rules no longer ask for it or the
// connection ends.
func (c *conn) wait(d time.Duration, asked func(*Rules) bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		rules := c.door.now.Load()
		if !asked(&rules.Rules) {
			return
		}
		select {
		case <-timer.C:
			return
		case <-c.gone:
			return
		case <-rules.over:
		}
	}
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.once.Do(func() {
		close(c.gone)
		c.door.forget(c)
	})
	return c.Conn.Close()
}
