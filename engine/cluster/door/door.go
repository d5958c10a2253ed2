// Package door is the way into one embedded broker: the listener that the
// broker is given in place of its own, and the connections that come in by it.
// A Door can be shut as if the broker were away; while it is open its Rules say
// which batches are refused, how long answers take, what a producer may send
// and what the metadata tells. It holds these on the broker's side of the
// connection, so that any client meets them.
//
// It knows the protocol and no broker: whatever is not refused is the broker's
// to answer, in its own order. It starts no goroutine. All methods are safe for
// any goroutine; a connection is read by one and written by one, as brokers do.
package door

import (
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Rules are what acts on the requests that come in by a door. The zero Rules
// let everything pass, and cost nothing that could be measured.
type Rules struct {
	// Refuse is looked through in order; the first that matches a batch answers
	// for it.
	Refuse []*Refusal
	// Hold is how much longer each produce request takes. Like a broker that is
	// slow, a door holds the requests of one connection one after the other.
	Hold time.Duration
	// Quota is what may be produced by this door in bytes per second; 0: no bound.
	Quota int64
	// Metadata may rewrite an answer before it goes out; nil: it is the broker's.
	// Any number of goroutines call it.
	Metadata func(*kmsg.MetadataResponse)
}

// concern tells whether requests of a key have to be looked at.
func (r *Rules) concern(key kmsg.Key) bool {
	switch key {
	case kmsg.Produce:
		return len(r.Refuse) > 0 || r.Hold > 0 || r.Quota > 0
	case kmsg.Metadata:
		return r.Metadata != nil
	default:
		return false
	}
}

// inForce are rules until over is closed; others are in force then.
type inForce struct {
	Rules
	over chan struct{}
}

// Door is one broker's way in. It implements net.Listener for the broker.
type Door struct {
	address *net.TCPAddr
	listen  func() (net.Listener, error)
	now     atomic.Pointer[inForce]

	mu     sync.Mutex
	inner  net.Listener  // nil while the door is shut
	turned chan struct{} // closed when inner changes
	conns  map[*conn]struct{}
	bucket bucket
	closed bool
}

// Host is the address of all doors.
const Host = "127.0.0.1"

// New opens a door where listen does first; it is opened again at the same
// port. The error is listen's, or that its address has no port.
func New(listen func(address string) (net.Listener, error), address string) (*Door, error) {
	inner, err := listen(address)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(inner.Addr().String())
	if err != nil {
		_ = inner.Close()
		return nil, fmt.Errorf("address of a listener: %w", err)
	}
	at, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(Host, port))
	if err != nil {
		_ = inner.Close()
		return nil, fmt.Errorf("address of a listener: %w", err)
	}
	d := &Door{
		address: at, inner: inner, turned: make(chan struct{}), conns: map[*conn]struct{}{},
		listen: func() (net.Listener, error) { return listen(at.String()) },
	}
	d.now.Store(&inForce{over: make(chan struct{})})
	return d, nil
}

// Put makes rules those that are in force, on open connections too. What was
// told stands: a producer that was asked to wait waits.
func (d *Door) Put(r Rules) {
	d.mu.Lock()
	defer d.mu.Unlock()
	old := d.now.Load()
	if r.Quota != old.Quota {
		d.bucket = newBucket(r.Quota, time.Now())
	}
	d.now.Store(&inForce{Rules: r, over: make(chan struct{})})
	close(old.over)
}

// Shut closes the listener and every connection. A second call does nothing.
func (d *Door) Shut() {
	for _, c := range d.leave() {
		_ = c.Close()
	}
}

// leave closes the listener and returns the connections that are left.
func (d *Door) leave() []*conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inner == nil {
		return nil
	}
	_ = d.inner.Close()
	d.inner = nil
	d.turn()
	left := make([]*conn, 0, len(d.conns))
	for c := range d.conns {
		left = append(left, c)
	}
	return left
}

// Open listens again. The error says that the port is not to be had at the
// moment; the door stays shut then.
func (d *Door) Open() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inner != nil || d.closed {
		return nil
	}
	inner, err := d.listen()
	if err != nil {
		return err
	}
	d.inner = inner
	d.turn()
	return nil
}

// IsOpen tells whether the door takes connections.
func (d *Door) IsOpen() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.inner != nil
}

// turn tells whoever waits in Accept, under mu.
func (d *Door) turn() {
	close(d.turned)
	d.turned = make(chan struct{})
}

// Accept implements net.Listener. While the door is shut it waits.
func (d *Door) Accept() (net.Conn, error) {
	for {
		inner, turned, err := d.look()
		if err != nil {
			return nil, err
		}
		if inner == nil {
			<-turned
			continue
		}
		c, err := inner.Accept()
		switch {
		case err == nil:
			if in := d.admit(c, inner); in != nil {
				return in, nil
			}
		case d.is(inner):
			return nil, err
		}
	}
}

func (d *Door) look() (net.Listener, <-chan struct{}, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, nil, net.ErrClosed
	}
	return d.inner, d.turned, nil
}

func (d *Door) is(inner net.Listener) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.inner == inner
}

// admit lets a connection in unless the door was shut meanwhile.
func (d *Door) admit(c net.Conn, by net.Listener) net.Conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inner != by {
		_ = c.Close()
		return nil
	}
	in := &conn{Conn: c, door: d, gone: make(chan struct{})}
	d.conns[in] = struct{}{}
	return in
}

func (d *Door) forget(c *conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.conns, c)
}

// charge takes bytes off the quota and tells for how long their connection is
// to be still.
func (d *Door) charge(bytes int) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.bucket.take(int64(bytes), time.Now())
}

// Connections is how many are open.
func (d *Door) Connections() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.conns)
}

// Close implements net.Listener. The broker closes its own connections.
func (d *Door) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	inner := d.inner
	d.inner = nil
	d.turn()
	if inner == nil {
		return nil
	}
	return inner.Close()
}

// Addr implements net.Listener: where the broker says it is, open or shut.
func (d *Door) Addr() net.Addr { return d.address }
