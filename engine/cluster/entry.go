package cluster

import (
	"context"
	"net"
	"os"
	"sync"
	"syscall"

	"kdyno/engine/cluster/door"
)

// entryHost is the name under which clients find the embedded brokers at first;
// these say of themselves that they are at door.Host. So it can be told which
// connection came by bootstrap.servers.
const entryHost = "localhost"

// entry is the way by bootstrap.servers, such as a name in DNS or a load
// balancer is, which can be down while the brokers are not.
type entry struct {
	mu    sync.Mutex
	shut  bool
	conns map[net.Conn]struct{}
}

// turn shuts the entry, with the connections that came by it, or opens it.
func (e *entry) turn(shut bool) {
	e.mu.Lock()
	e.shut = shut
	var left []net.Conn
	for c := range e.conns {
		if shut {
			left = append(left, c)
		}
	}
	e.mu.Unlock()
	for _, c := range left {
		_ = c.Close()
	}
}

// dial opens a connection for a producer.
func (e *entry) dial(ctx context.Context, dial dialer, network, address string) (net.Conn, error) {
	host, _, _ := net.SplitHostPort(address)
	if host != entryHost {
		return dial(ctx, network, address)
	}
	if e.isShut() {
		return nil, refusedAt(network, address)
	}
	c, err := dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return e.admit(c, network, address)
}

func (e *entry) isShut() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.shut
}

// admit keeps the connection in mind, unless the entry was shut meanwhile.
func (e *entry) admit(c net.Conn, network, address string) (net.Conn, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.shut {
		_ = c.Close()
		return nil, refusedAt(network, address)
	}
	if e.conns == nil {
		e.conns = map[net.Conn]struct{}{}
	}
	var in net.Conn = &entered{Conn: c, by: e}
	if tcp, ok := c.(*net.TCPConn); ok {
		in = &enteredTCP{TCPConn: tcp, by: e}
	}
	e.conns[in] = struct{}{}
	return in, nil
}

func (e *entry) forget(c net.Conn) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.conns, c)
}

// entered is a connection that came by the entry.
type entered struct {
	net.Conn
	by *entry
}

// Close implements net.Conn.
func (c *entered) Close() error {
	c.by.forget(c)
	return c.Conn.Close()
}

// enteredTCP is one that a client may ask for the size of its buffers.
type enteredTCP struct {
	*net.TCPConn
	by *entry
}

// Close implements net.Conn.
func (c *enteredTCP) Close() error {
	c.by.forget(c)
	return c.TCPConn.Close()
}

// dialer opens a bare connection.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// atHome takes the entry's name for the address that it stands for, whatever
// the machine makes of that name.
func atHome(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, port, err := net.SplitHostPort(address); err == nil && host == entryHost {
			address = net.JoinHostPort(door.Host, port)
		}
		return dial(ctx, network, address)
	}
}

// named is an address as it was written.
type named struct{ network, address string }

func (n named) Network() string { return n.network }
func (n named) String() string  { return n.address }

func refusedAt(network, address string) error {
	return &net.OpError{
		Op: "dial", Net: network, Addr: named{network, address}, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED),
	}
}
