package wire

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// line is one connection on a Link. While something is on the way a pump
// goroutine owns the writing side of the connection below; otherwise Write
// does.
type line struct {
	net.Conn
	link *Link

	writing sync.Mutex // held by Write: what it is given stays in one piece

	mu       sync.Mutex
	way      way
	pumping  bool
	closed   bool
	failed   error     // what the pump ran into
	deadline time.Time // of Write

	wake chan struct{} // for a Write that waits: look again
	stop chan struct{}
	pump sync.WaitGroup
}

func newLine(l *Link, c net.Conn) *line {
	return &line{Conn: c, link: l, wake: make(chan struct{}, 1), stop: make(chan struct{})}
}

// Write passes p on at once or, while the link delays, sends it on its way and
// returns. It waits only when the send buffer is full.
func (l *line) Write(p []byte) (int, error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	for {
		direct, ok, err := l.send(p)
		if err != nil {
			return 0, err
		}
		if direct {
			return l.Conn.Write(p)
		}
		if ok {
			return len(p), nil
		}
		l.wait()
	}
}

// wait blocks until it is worth looking again: there is room, the deadline
// changed or passed, or the line is closed.
func (l *line) wait() {
	l.mu.Lock()
	deadline := l.deadline
	l.mu.Unlock()
	var passed <-chan time.Time
	if !deadline.IsZero() {
		t := time.NewTimer(time.Until(deadline))
		defer t.Stop()
		passed = t.C
	}
	select {
	case <-l.wake:
	case <-passed:
	case <-l.stop:
	}
}

// send puts p on its way if there is room, or says that it can go directly.
func (l *line) send(p []byte) (direct, ok bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rtt := l.link.RTT()
	switch {
	case l.failed != nil:
		return false, false, l.failed
	case l.closed:
		return false, false, net.ErrClosed
	case rtt == 0 && !l.pumping:
		return true, false, nil
	}
	now := time.Now()
	if !l.deadline.IsZero() && !now.Before(l.deadline) {
		return false, false, os.ErrDeadlineExceeded
	}
	if !l.way.push(p, now.Add(rtt)) {
		return false, false, nil
	}
	if !l.pumping {
		l.pumping = true
		// The client's deadline is for its Write, which returns now.
		_ = l.Conn.SetWriteDeadline(time.Time{})
		l.pump.Go(l.run)
	}
	return false, true, nil
}

// run is the pump: it writes each parcel when it is due and ends when nothing
// is on the way.
func (l *line) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		p, ok := l.next()
		if !ok {
			return
		}
		if d := time.Until(p.due); d > 0 {
			timer.Reset(d)
			select {
			case <-timer.C:
			case <-l.stop:
				return
			}
		}
		if _, err := l.Conn.Write(p.bytes); err != nil {
			l.fail(err)
			return
		}
		l.mu.Lock()
		l.way.pop()
		l.mu.Unlock()
		l.nudge()
	}
}

// next is the oldest parcel; without one the writing side goes back to Write.
func (l *line) next() (parcel, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return parcel{}, false
	}
	p, ok := l.way.head()
	if !ok {
		l.pumping = false
		_ = l.Conn.SetWriteDeadline(l.deadline)
	}
	return p, ok
}

// nudge makes a Write that waits look again.
func (l *line) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// fail keeps the pump's error for the next call and ends the connection below,
// so that a blocked Read learns of it.
func (l *line) fail(err error) {
	l.mu.Lock()
	if !l.closed {
		l.failed = err
	}
	l.mu.Unlock()
	_ = l.Conn.Close()
	l.nudge()
}

// Read reads from the connection below. If the pump ended it, the pump's error
// says why.
func (l *line) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed != nil {
		err = l.failed
	}
	return n, err
}

// Close drops what is on the way and returns when the pump has ended.
func (l *line) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return net.ErrClosed
	}
	l.closed = true
	l.mu.Unlock()
	close(l.stop)
	err := l.Conn.Close()
	l.pump.Wait()
	return err
}

// SetDeadline sets both deadlines and wakes what is past them.
func (l *line) SetDeadline(t time.Time) error {
	if err := l.SetReadDeadline(t); err != nil {
		return err
	}
	return l.SetWriteDeadline(t)
}

// SetWriteDeadline sets when Write gives up. Bytes on the way are not Write's
// any more and keep going.
func (l *line) SetWriteDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return net.ErrClosed
	}
	l.deadline = t
	l.nudge()
	if l.pumping {
		return nil
	}
	return l.Conn.SetWriteDeadline(t)
}
