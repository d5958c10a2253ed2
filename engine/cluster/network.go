package cluster

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"

	"github.com/twmb/franz-go/pkg/kfake"
)

// Network is a network in memory, for fake time.
type Network = kfake.VirtualNetwork

// overNetwork dials on a network in memory. Its errors are made those of a real
// one, by which a client knows what it may try again: nobody listens, and the
// other side is gone.
func overNetwork(n *Network) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := n.DialContext(ctx, network, address)
		switch {
		case err == nil:
			return &piped{Conn: c}, nil
		case ctx.Err() != nil:
			return nil, err
		default:
			return nil, refusedAt(network, address)
		}
	}
}

// piped is one end of a pipe with the errors of a socket.
type piped struct {
	net.Conn
	closed atomic.Bool
}

// Read implements net.Conn.
func (p *piped) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	return n, p.as("read", err)
}

// Write implements net.Conn.
func (p *piped) Write(b []byte) (int, error) {
	n, err := p.Conn.Write(b)
	return n, p.as("write", err)
}

// Close implements net.Conn.
func (p *piped) Close() error {
	p.closed.Store(true)
	return p.Conn.Close()
}

func (p *piped) as(operation string, err error) error {
	if !errors.Is(err, io.ErrClosedPipe) {
		return err
	}
	e := &net.OpError{Op: operation, Net: "tcp", Source: p.LocalAddr(), Addr: p.RemoteAddr(), Err: net.ErrClosed}
	if !p.closed.Load() {
		e.Err = os.NewSyscallError(operation, syscall.ECONNRESET)
	}
	return e
}
