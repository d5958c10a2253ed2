package relay

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"kdyno/engine/cluster/signpost"
	"kdyno/engine/wire"
)

const (
	// leastPart and mostPart are how much is taken from a socket at once: more
	// where much comes.
	leastPart = 8 << 10
	mostPart  = 256 << 10
	// headWithin is how long a new connection may take to say what it asks, and
	// restWithin how long any may take for more of a request that it began: a
	// broker's connections.max.idle.ms.
	headWithin = 10 * time.Second
	restWithin = 10 * time.Minute
	// dialWithin bounds one attempt to reach a broker.
	dialWithin = 10 * time.Second
	// answerWithin is how long answers are awaited for a client that has gone.
	answerWithin = time.Second
	// mostTold bounds a request that is read for what it tells, and mostAnswer an
	// answer that is rewritten; larger ones pass as they are.
	mostTold   = 1 << 20
	mostAnswer = 128 << 20
	// longFrame is from where on an embedded broker gets a frame only whole: it
	// sets aside what a frame says it has.
	longFrame = 1 << 20
)

// Conn is one connection of a client.
type Conn struct {
	Broker int32    // whose port it came by
	From   net.Addr // where the client is

	relay *Relay
	port  *Port
	guest Guest // of the goroutine that serves; nil until a request has begun
	debts debts
	raw   atomic.Bool // what passes can no longer be cut into frames

	mu     sync.Mutex
	client net.Conn
	broker *wire.Conn // nil until the broker was dialled
	over   bool       // the client has gone, or both were ended
}

// InFlight is how many produce requests wait for their answer.
func (c *Conn) InFlight() int {
	if b := c.tap(); b != nil {
		return b.InFlight()
	}
	return 0
}

// Shut ends the connection; any goroutine may call it.
func (c *Conn) Shut() { c.end(true) }

func (c *Conn) tap() *wire.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.broker
}

func (c *Conn) peer() net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.client
}

// serve brings what the client writes to the broker, until either has gone.
func (c *Conn) serve() {
	defer c.relay.forget(c)
	if err := c.handshake(); err != nil {
		c.complain(err)
		c.end(false)
		return
	}
	in := cutter{head: signpost.HeadBytes, begin: c.ask, whole: c.asked, pass: c.toBroker, blind: c.raw.Load}
	client, begun := c.peer(), time.Now()
	part := make([]byte, leastPart)
	for {
		c.await(client, &in, begun)
		n, err := client.Read(part)
		if e := in.feed(part[:n]); e != nil {
			c.complain(e)
			c.end(true)
			break
		}
		if err != nil {
			c.gone(&in, err)
			break
		}
		part = roomFor(part, n)
	}
	if c.guest != nil {
		c.guest.Left()
	}
}

// roomFor is more room where the last read filled what there was.
func roomFor(part []byte, n int) []byte {
	if n == len(part) && n < mostPart {
		return make([]byte, 2*n)
	}
	return part
}

// handshake speaks TLS with the client where that is asked for.
func (c *Conn) handshake() error {
	if c.relay.o.TLS == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.relay.ctx, headWithin)
	defer cancel()
	secure := tls.Server(c.peer(), c.relay.o.TLS)
	if err := secure.HandshakeContext(ctx); err != nil {
		var record tls.RecordHeaderError
		if errors.As(err, &record) {
			return strange{errors.New("does not speak TLS to a port that does")}
		}
		return strange{fmt.Errorf("gives up the TLS handshake: %w", err)}
	}
	c.mu.Lock()
	c.client = secure
	c.mu.Unlock()
	return nil
}

// await lets a client that keeps a request back wait only so long: the first one
// of a connection, and the rest of any.
func (c *Conn) await(client net.Conn, in *cutter, begun time.Time) {
	var until time.Time
	switch {
	case c.guest == nil:
		until = begun.Add(headWithin)
	case in.inside || len(in.held) > 0:
		until = time.Now().Add(restWithin)
	}
	_ = client.SetReadDeadline(until) // a connection that cannot take it fails the read itself
}

// strange is a client that does what no client of Kafka's does.
type strange struct{ error }

func (s strange) Unwrap() error { return s.error }

// ask looks at the head of a request. A connection that has said something gets
// its broker.
func (c *Conn) ask(head []byte) (hold bool, err error) {
	h, err := signpost.ReadHead(head)
	if err != nil {
		return false, strange{err}
	}
	if c.relay.o.Careful && !h.IsKnown() {
		return false, strange{fmt.Errorf("sends a request that the embedded brokers do not have (%s)", h)}
	}
	if c.guest == nil {
		c.guest = c.relay.o.Hear.Meet(c)
		if err := c.reach(); err != nil {
			return false, err
		}
	}
	if h.IsNewer() {
		c.guest.Passed(h)
	}
	if h.Names() {
		c.debts.add(h)
	}
	if h.IsRaw() && !c.relay.o.Careful { // the embedded brokers know no login
		c.raw.Store(true)
		c.relay.o.Hear.Tell(fmt.Sprintf("a client at %s logs in by %s, whose tokens cannot be told from requests: it passes unread, and is told of the brokers' own places", hostOf(c.From), h))
	}
	size := int(binary.BigEndian.Uint32(head))
	return h.Tells() && size <= mostTold || c.relay.o.Careful && size > longFrame, nil
}

// asked reads a request that was held, and lets it go on.
func (c *Conn) asked(frame []byte) []byte {
	h, _ := signpost.ReadHead(frame) // ask has seen it
	if !h.Tells() {
		return frame
	}
	if q, ok := signpost.Ask(h, frame); ok {
		c.guest.Asked(h, q)
	}
	return frame
}

func (c *Conn) toBroker(p []byte) error {
	_, err := c.tap().Write(p)
	return err
}

func hostOf(a net.Addr) string {
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	return host
}

// gone ends the connection of a client that has gone, or kept a request back for
// too long. What it asked may still be answered, so that it is known.
func (c *Conn) gone(in *cutter, err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if c.guest == nil {
			c.complain(strange{fmt.Errorf("does not send the head of a request within %v", headWithin)})
		} else if in.inside || len(in.held) > 0 {
			c.complain(strange{fmt.Errorf("does not send the rest of a request within %v", restWithin)})
		}
		c.end(true)
		return
	}
	b := c.tap()
	if b == nil || b.InFlight() == 0 {
		c.end(false)
		return
	}
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
	_ = b.SetReadDeadline(time.Now().Add(answerWithin))
}

// complain tells of a client that is none of Kafka's.
func (c *Conn) complain(err error) {
	var odd strange
	if errors.As(err, &odd) {
		c.relay.o.Hear.Tell(fmt.Sprintf("a client at %s %v (port %d); the connection is closed", hostOf(c.From), odd, c.port.Number))
	}
}

// end closes both sides. A client whose broker was lost gets a reset, as from a
// broker that has forgotten it.
func (c *Conn) end(reset bool) {
	c.mu.Lock()
	c.over = true
	broker, client := c.broker, c.client
	c.mu.Unlock()
	if broker != nil {
		_ = broker.Close()
	}
	if reset {
		forget(client)
	}
	_ = client.Close()
}

// forget makes the close of a connection a reset.
func forget(c net.Conn) {
	if s, ok := c.(*tls.Conn); ok {
		c = s.NetConn()
	}
	if t, ok := c.(interface{ SetLinger(seconds int) error }); ok {
		_ = t.SetLinger(0)
	}
}
