package wire

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

const (
	// sendBuffer bounds what one connection has on the way; a write beyond it
	// waits, as it does on a full socket.
	sendBuffer = 16 << 20
	// maxSpare and spareBytes bound the buffers kept for the next writes.
	maxSpare   = 8
	spareBytes = 2 << 20
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

// parcel is one write on its way.
type parcel struct {
	due   time.Time
	bytes []byte
}

// way is what is between the client and the broker, oldest first.
type way struct {
	parcels []parcel
	first   int
	queued  int // bytes
	spare   [][]byte
}

// push copies p unless there is no room.
func (w *way) push(p []byte, due time.Time) bool {
	if w.queued > 0 && w.queued+len(p) > sendBuffer {
		return false
	}
	var b []byte
	if n := len(w.spare); n > 0 {
		b = w.spare[n-1]
		w.spare = w.spare[:n-1]
	}
	w.parcels = append(w.parcels, parcel{due: due, bytes: append(b, p...)})
	w.queued += len(p)
	return true
}

// head is the oldest parcel.
func (w *way) head() (parcel, bool) {
	if w.first == len(w.parcels) {
		w.parcels, w.first = w.parcels[:0], 0
		return parcel{}, false
	}
	return w.parcels[w.first], true
}

// pop drops the oldest parcel and keeps its buffer for another.
func (w *way) pop() {
	b := w.parcels[w.first].bytes
	w.parcels[w.first] = parcel{}
	w.first++
	if w.first >= 64 && w.first*2 >= len(w.parcels) {
		w.parcels = w.parcels[:copy(w.parcels, w.parcels[w.first:])]
		w.first = 0
	}
	w.queued -= len(b)
	if len(w.spare) < maxSpare && cap(b) <= spareBytes {
		w.spare = append(w.spare, b[:0])
	}
}
