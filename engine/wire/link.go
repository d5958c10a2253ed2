package wire

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// Link is the emulated network between client and brokers, one for all
// connections. It holds back what is written, never what is read: a client
// cannot tell, since answers come in the order of requests. The zero profile
// passes everything on at once and costs no goroutine. All methods are safe
// for any goroutine and act on open connections too.
type Link struct {
	rtt atomic.Int64
}

// NewLink returns a link without delay.
func NewLink() *Link { return &Link{} }

// SetRTT sets the round trip; less than 0 counts as 0. Bytes written before
// keep the delay they were written with, and no byte overtakes another.
func (l *Link) SetRTT(d time.Duration) { l.rtt.Store(int64(max(d, 0))) }

// RTT is the round trip in force.
func (l *Link) RTT() time.Duration { return time.Duration(l.rtt.Load()) }

// Wrap puts a connection on the link. It implements net.Conn; closing it drops
// what is still on the way.
func (l *Link) Wrap(c net.Conn) net.Conn {
	return newLine(l, c)
}

// Dialed waits for as long as the handshake of a new connection takes: one
// round trip. The error is the context's.
func (l *Link) Dialed(ctx context.Context) error {
	d := l.RTT()
	if d == 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
