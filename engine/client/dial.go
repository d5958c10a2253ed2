package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"kdyno/engine/setting"
)

// dialing opens a client's connections as the Java client does: it waits
// before it tries an address again that failed, gives each try its time, sets
// the socket buffers, and puts link, TLS and tap on top, in this order. Any
// goroutine may dial.
type dialing struct {
	stand         Stand
	security      *Security
	send, receive int // bytes; -1 leaves them to the operating system
	canonical     bool
	setup         func(tries int) time.Duration // how long the n-th try may take
	again         func(tries int) time.Duration // the pause after the n-th failure

	mu     sync.Mutex
	places map[string]*place
}

// place is an address that was dialled.
type place struct {
	failures int       // in a row
	closed   time.Time // until then it is not tried again
	err      error     // why the last try failed; nil after a connection that was lost
}

func newDialing(v setting.Values, s Stand, security *Security) *dialing {
	return &dialing{
		stand: s, security: security,
		send: int(v.Int(setting.SendBufferBytes)), receive: int(v.Int(setting.ReceiveBufferBytes)),
		canonical: v.Text(setting.ClientDNSLookup) == setting.CanonicalDNS,
		setup:     Backoff(v.Duration(setting.SocketSetupTimeoutMs), v.Duration(setting.SocketSetupTimeoutMaxMs)),
		again:     Backoff(v.Duration(setting.ReconnectBackoffMs), v.Duration(setting.ReconnectBackoffMaxMs)),
		places:    map[string]*place{},
	}
}

// dial has kgo.Dialer's form. Errors of the network are left as they are: the
// client tells by them whether to try again.
func (d *dialing) dial(ctx context.Context, network, address string) (net.Conn, error) {
	tries, err := d.turn(ctx, address)
	if err != nil {
		return nil, err
	}
	c, err := d.reach(ctx, network, address, d.setup(tries+1))
	if err != nil {
		if ctx.Err() == nil {
			d.failed(address, err)
		}
		return nil, err
	}
	d.mu.Lock()
	p := d.at(address)
	p.failures, p.err = 0, nil
	d.mu.Unlock()
	c = &watched{Conn: c, lost: func() { d.failed(address, nil) }}
	if d.stand.Wrap != nil {
		c = d.stand.Wrap(c)
	}
	return c, nil
}

// turn waits until the address may be tried, and tells how often in a row it
// failed. Where nobody took the connection the last time, it does not wait: the
// error is the same one. The client has one goroutine for all that a broker is
// asked; each request would wait in turn, and with the first of them the
// partitions that have another leader by then. So it asks for the metadata
// instead, as the Java client does of a node that it may not connect to yet.
func (d *dialing) turn(ctx context.Context, address string) (failures int, err error) {
	d.mu.Lock()
	p := *d.at(address)
	d.mu.Unlock()
	wait := time.Until(p.closed)
	if wait <= 0 {
		return p.failures, nil
	}
	if p.err != nil {
		return 0, p.err
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return p.failures, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// at finds an address's place; d.mu is held.
func (d *dialing) at(address string) *place {
	p, ok := d.places[address]
	if !ok {
		p = &place{}
		d.places[address] = p
	}
	return p
}

// failed makes the next try wait. The error is that of a try, nil if a
// connection was lost.
func (d *dialing) failed(address string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.at(address)
	p.failures++
	p.err = err
	p.closed = time.Now().Add(d.again(p.failures))
}

// reach opens one connection, with everything on it but the tap.
func (d *dialing) reach(ctx context.Context, network, address string, within time.Duration) (net.Conn, error) {
	if !d.canonical || !slices.Contains(d.stand.Seeds, address) {
		return d.open(ctx, network, address, within)
	}
	all, err := d.names(ctx, address)
	if err != nil {
		return nil, err
	}
	var failures []error
	for _, name := range all {
		c, err := d.open(ctx, network, name, within)
		if err == nil {
			return c, nil
		}
		failures = append(failures, err)
	}
	return nil, errors.Join(failures...)
}

func (d *dialing) open(ctx context.Context, network, address string, within time.Duration) (net.Conn, error) {
	tcp, cancel := context.WithTimeout(ctx, within)
	c, err := d.stand.Dial(tcp, network, address)
	late := tcp.Err() != nil && ctx.Err() == nil
	cancel()
	switch {
	case err != nil && late:
		return nil, fmt.Errorf("%s did not take the connection within %v (socket.connection.setup.timeout.ms): %w", address, within.Round(time.Millisecond), err)
	case err != nil:
		return nil, err
	}
	if b, ok := c.(buffered); ok {
		if err := size(b, d.send, d.receive); err != nil {
			_ = c.Close()
			return nil, fmt.Errorf("connection to %s: %w", address, err)
		}
	}
	if d.stand.Link != nil {
		c = d.stand.Link(c)
	}
	return d.security.Handshake(ctx, c, address)
}

// Resolver looks hosts up; *net.Resolver is one.
type Resolver interface {
	LookupHost(ctx context.Context, host string) (addresses []string, err error)
	LookupAddr(ctx context.Context, address string) (names []string, err error)
}

// names are the canonical names of a bootstrap address, with its port; an
// address that has none stands for itself.
func (d *dialing) names(ctx context.Context, address string) ([]string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	var resolver Resolver = net.DefaultResolver
	if d.stand.Resolver != nil {
		resolver = d.stand.Resolver
	}
	addresses, err := resolver.LookupHost(ctx, host)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, ip := range addresses {
		name := ip
		if found, err := resolver.LookupAddr(ctx, ip); err == nil && len(found) > 0 {
			name = strings.TrimSuffix(found[0], ".")
		}
		if name = net.JoinHostPort(name, port); !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all, nil
}

// watched is a connection that tells when it was lost: by the other side, not
// by a Close of ours.
type watched struct {
	net.Conn
	lost func()
	once sync.Once
}

// NetConn is the connection below, for whoever looks for the link.
func (w *watched) NetConn() net.Conn { return w.Conn }

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	var timeout net.Error
	if err != nil && !errors.Is(err, net.ErrClosed) && (!errors.As(err, &timeout) || !timeout.Timeout()) {
		w.once.Do(w.lost)
	}
	return n, err
}
