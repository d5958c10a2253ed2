package wire

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// errReset marks a line that a fault has ended.
var errReset = errors.New("reset by a fault")

// resetOf is what a call on a connection returns once the peer has reset it.
func resetOf(c net.Conn, op string) error {
	return &net.OpError{
		Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(),
		Err: os.NewSyscallError(op, syscall.ECONNRESET),
	}
}

// back is the way from the broker to the client, which only a stall holds up.
// It belongs to the reading goroutine, but for what is said otherwise.
type back struct {
	bytes []byte // read below and kept from the client
	err   error  // what the read below said after them
	kept  atomic.Bool
	wake  chan struct{} // look again; any goroutine
	// deadline is of Read; the line's mutex guards it.
	deadline time.Time
}

// Read reads from the connection below. What comes in while the line is stalled
// is kept until it no longer is.
func (l *line) Read(p []byte) (int, error) {
	if !l.back.kept.Load() {
		n, err := l.Conn.Read(p)
		if err != nil && n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			return 0, err
		}
		if w := l.link.now.Load(); w.calm || !w.course(l.broker.Load()).stalled {
			return n, l.explain("read", err)
		}
		l.back.bytes, l.back.err = append(l.back.bytes[:0], p[:n]...), err
		l.back.kept.Store(true)
	}
	if err := l.stalled(); err != nil {
		return 0, err
	}
	n := copy(p, l.back.bytes)
	l.back.bytes = l.back.bytes[n:]
	if len(l.back.bytes) > 0 {
		return n, nil
	}
	l.back.kept.Store(false)
	return n, l.explain("read", l.back.err)
}

// stalled returns once the line is not stalled; the error says why it gave up.
func (l *line) stalled() error {
	for {
		w := l.link.now.Load()
		select {
		case <-l.ends.stop:
			return l.over()
		default:
		}
		if !w.course(l.broker.Load()).stalled {
			return nil
		}
		l.mu.Lock()
		deadline := l.back.deadline
		l.mu.Unlock()
		if !deadline.IsZero() && !time.Now().Before(deadline) {
			return os.ErrDeadlineExceeded
		}
		l.await(w, deadline)
	}
}

// await waits until a kept read is worth another look.
func (l *line) await(w *weather, deadline time.Time) {
	passed, stop := timer(deadline)
	defer stop()
	select {
	case <-w.over:
	case <-passed:
	case <-l.back.wake:
	case <-l.ends.stop:
	}
}

// over is why nothing can be read any more.
func (l *line) over() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ends.failed != nil {
		return l.failure("read")
	}
	return net.ErrClosed
}

// SetReadDeadline sets when Read gives up.
func (l *line) SetReadDeadline(t time.Time) error {
	l.mu.Lock()
	l.back.deadline = t
	l.mu.Unlock()
	if l.back.kept.Load() {
		nudge(l.back.wake)
	}
	return l.Conn.SetReadDeadline(t)
}
