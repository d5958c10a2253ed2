// Package relay stands between clients that come to kdyno and the brokers: a
// port for each broker, and on each connection a tap that tells of produce
// requests. Answers that say where brokers are name its ports instead; all else
// passes as it comes, whatever its version. A session opens one Relay and says
// who is told.
//
// It keeps no record and judges no client. Each connection has two goroutines,
// each port one; Close ends them and waits. All methods are safe for any
// goroutine.
package relay

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"kdyno/engine/cluster/signpost"
	"kdyno/engine/wire"
)

// Bootstrap is the broker of a port behind which any of the cluster's may be.
const Bootstrap int32 = -1

// Options say where clients come to and where they are brought.
type Options struct {
	Address string // host:port of the first port; each further one is the next
	Listen  func(network, address string) (net.Listener, error)
	// TLS is spoken with clients; nil: they speak in the clear.
	TLS *tls.Config
	// Dial opens a connection to a broker's address, and Secure puts TLS on it.
	Dial   func(ctx context.Context, network, address string) (net.Conn, error)
	Secure func(ctx context.Context, c net.Conn, address string) (net.Conn, error)
	Link   *wire.Link
	// Careful keeps from the brokers what a Kafka broker would survive and an
	// embedded one might not: requests that do not exist, and long frames before
	// they are whole.
	Careful bool
	Hear    Hear
}

// Hear is who is told what. Each is called by the goroutine to which it
// happened, and must not block.
type Hear struct {
	// Meet is called once for each connection that has sent the head of a request.
	Meet func(*Conn) Guest
	// Tell says in a sentence what a person should know.
	Tell func(say string)
	// Learned is what a cluster said of itself in an answer.
	Learned func(signpost.Told)
	// Reached tells how a connection to a broker went, and how long it took.
	Reached func(broker int32, address string, took time.Duration, err error)
}

// Guest hears of one connection. Requests are told before they go on.
type Guest interface {
	wire.Sink
	Asked(signpost.Head, signpost.Question)
	// Passed tells of a request that is newer than what is known here.
	Passed(signpost.Head)
	Left()
}

// Relay is the ports of one cluster.
type Relay struct {
	o     Options
	host  string
	first int // port

	ctx    context.Context // of all connections
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu     sync.Mutex
	ports  []*Port // in the order in which they were opened
	conns  map[*Conn]struct{}
	closed bool
}

// Port is where one broker is found.
type Port struct {
	Broker int32 // Bootstrap: any
	Number int

	listener net.Listener
	mu       sync.Mutex
	behind   []string // addresses, to be tried in this order
}

// mostConnections is far more than a person's applications open.
const mostConnections = 4096

// New returns a relay without a port. The error says what is wrong with the
// address.
func New(o Options) (*Relay, error) {
	host, port, err := net.SplitHostPort(o.Address)
	if err != nil {
		return nil, fmt.Errorf("%q is not host:port", o.Address)
	}
	first, err := strconv.Atoi(port)
	if err != nil || first < 0 || first > 65535 {
		return nil, fmt.Errorf("%q is not a port, 0 to 65535", port)
	}
	r := &Relay{o: o, host: host, first: first, conns: map[*Conn]struct{}{}}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r, nil
}

// Open listens for a broker at the next port; that must be free.
func (r *Relay) Open(broker int32, behind ...string) (*Port, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open(broker, r.next(), behind)
}

// Place finds the port of a broker, and opens one for a broker that is new: the
// next that is free. It is where the broker is said to be.
func (r *Relay) Place(b signpost.Broker) (port int, err error) {
	behind := net.JoinHostPort(b.Host, strconv.Itoa(int(b.Port)))
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.ports {
		if p.Broker == b.ID {
			p.move(behind)
			return p.Number, nil
		}
	}
	p, err := r.open(b.ID, r.next(), []string{behind})
	for tries := 1; inUse(err) && tries < mostTaken; tries++ {
		p, err = r.open(b.ID, r.next()+tries, []string{behind})
	}
	if err != nil {
		return 0, err
	}
	r.o.Hear.Tell(fmt.Sprintf("broker %d at %s is found at %s", b.ID, behind, net.JoinHostPort(r.host, strconv.Itoa(p.Number))))
	return p.Number, nil
}

// mostTaken is how many ports in a row may be somebody else's.
const mostTaken = 100

// next is the port after the last one; 0 lets the system choose.
func (r *Relay) next() int {
	if r.first == 0 {
		return 0
	}
	last := r.first - 1
	for _, p := range r.ports {
		last = max(last, p.Number)
	}
	return last + 1
}

// open listens, under mu.
func (r *Relay) open(broker int32, number int, behind []string) (*Port, error) {
	if r.closed {
		return nil, net.ErrClosed
	}
	l, err := r.o.Listen("tcp", net.JoinHostPort(r.host, strconv.Itoa(number)))
	if err != nil {
		return nil, err
	}
	p := &Port{Broker: broker, Number: number, listener: l, behind: behind}
	if _, text, err := net.SplitHostPort(l.Addr().String()); err == nil {
		p.Number, _ = strconv.Atoi(text)
	}
	r.ports = append(r.ports, p)
	r.wg.Go(func() { r.accept(p) })
	return p, nil
}

func inUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

// Ports are those that are open, in the order in which they were opened.
func (r *Relay) Ports() []*Port {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ports)
}

// Host is where the ports are.
func (r *Relay) Host() string { return r.host }

// Address is what clients write to find the port.
func (r *Relay) Address(p *Port) string { return net.JoinHostPort(r.host, strconv.Itoa(p.Number)) }

// Connections is how many are open.
func (r *Relay) Connections() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.conns)
}

// move says where the broker is now.
func (p *Port) move(behind string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.behind) != 1 || p.behind[0] != behind {
		p.behind = []string{behind}
	}
}

// Behind is where the port leads to.
func (p *Port) Behind() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.behind
}

// accept takes connections until the relay is closed.
func (r *Relay) accept(p *Port) {
	for {
		c, err := p.listener.Accept()
		switch {
		case err == nil:
			r.admit(p, c)
		case errors.Is(err, net.ErrClosed) || r.ctx.Err() != nil:
			return
		default:
			// Too many files are open, mostly: it passes when connections end.
			r.o.Hear.Tell(fmt.Sprintf("port %d cannot take a connection: %v", p.Number, err))
			if !r.wait(acceptAgain) {
				return
			}
		}
	}
}

// acceptAgain is how long a port that could not take a connection rests.
const acceptAgain = 100 * time.Millisecond

func (r *Relay) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.ctx.Done():
		return false
	}
}

func (r *Relay) admit(p *Port, client net.Conn) {
	c := &Conn{Broker: p.Broker, From: client.RemoteAddr(), relay: r, port: p, client: client}
	r.mu.Lock()
	full := len(r.conns) >= mostConnections
	if full || r.closed {
		r.mu.Unlock()
		_ = client.Close()
		if full {
			r.o.Hear.Tell(fmt.Sprintf("a connection from %s was closed: %d are open, more than any application needs", hostOf(client.RemoteAddr()), mostConnections))
		}
		return
	}
	r.conns[c] = struct{}{}
	r.wg.Go(c.serve)
	r.mu.Unlock()
}

func (r *Relay) forget(c *Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, c)
}

// Close ends all connections and waits for them. A second call does nothing.
func (r *Relay) Close() {
	r.mu.Lock()
	r.closed = true
	ports, conns := r.ports, r.conns
	left := make([]*Conn, 0, len(conns))
	for c := range conns {
		left = append(left, c)
	}
	r.mu.Unlock()
	r.cancel()
	for _, p := range ports {
		_ = p.listener.Close()
	}
	for _, c := range left {
		c.end(false)
	}
	r.wg.Wait()
}
