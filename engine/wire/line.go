package wire

import (
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// line is one connection on a Link. While something is on the way a pump
// goroutine owns the writing side of the connection below; otherwise Write
// does.
type line struct {
	net.Conn
	link   *Link
	broker atomic.Int32
	back   back

	writing sync.Mutex // held by Write: what it is given stays in one piece

	mu       sync.Mutex
	way      way
	dice     *rand.Rand
	most     int // bytes unacknowledged at once
	pumping  bool
	ends     ends
	deadline time.Time // of Write

	wake chan struct{} // for a Write that waits: look again
	pump sync.WaitGroup
}

// ends is how a line is over.
type ends struct {
	closed  bool
	failed  error         // what the pump ran into, or a reset
	stop    chan struct{} // closed with either
	drained chan struct{} // made by who waits for it; closed when nothing is on the way
}

func newLine(l *Link, c net.Conn, dice *rand.Rand) *line {
	n := &line{
		Conn: c, link: l, dice: dice, most: mostUnacknowledged, wake: make(chan struct{}, 1),
		ends: ends{stop: make(chan struct{})}, back: back{wake: make(chan struct{}, 1)},
	}
	n.broker.Store(AnyBroker)
	return n
}

// lineBelow finds the line under a connection, through TLS if need be.
func lineBelow(c net.Conn) *line {
	for {
		switch v := c.(type) {
		case *line:
			return v
		case interface{ NetConn() net.Conn }:
			c = v.NetConn()
		default:
			return nil
		}
	}
}

// reaches tells whom the line reaches.
func (l *line) reaches(broker int32) {
	l.broker.Store(broker)
	l.link.remember(l.Conn, broker)
	nudge(l.wake)
	nudge(l.back.wake)
}

// setSendBuffer bounds what is unacknowledged at once.
func (l *line) setSendBuffer(bytes int) {
	if bytes <= 0 {
		return
	}
	l.mu.Lock()
	l.most = min(max(bytes, leastSendBuffer), mostUnacknowledged)
	l.mu.Unlock()
}

// Write passes p on at once or, while the link holds bytes back, sends it on
// its way. It returns when all of it is in the send buffer.
func (l *line) Write(p []byte) (int, error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	var since time.Time // when all of p could have gone but for want of room
	for sent := 0; ; {
		n, direct, err := l.send(p[sent:], since)
		sent += n
		if direct {
			n, err = l.Conn.Write(p[sent:])
			return sent + n, l.explain("write", err)
		}
		if err != nil || sent == len(p) {
			return sent, err
		}
		if since.IsZero() {
			since = time.Now()
		}
		l.wait()
	}
}

// wait blocks until it is worth looking again: there is room, the deadline
// changed or passed, or the line is over.
func (l *line) wait() {
	over := l.link.waits.begin(l.broker.Load())
	defer over()
	l.mu.Lock()
	deadline := l.deadline
	l.mu.Unlock()
	passed, stop := timer(deadline)
	defer stop()
	select {
	case <-l.wake:
	case <-passed:
	case <-l.ends.stop:
	}
}

// timer fires at the deadline, never without one.
func timer(deadline time.Time) (<-chan time.Time, func() bool) {
	if deadline.IsZero() {
		return nil, func() bool { return false }
	}
	t := time.NewTimer(time.Until(deadline))
	return t.C, t.Stop
}

// send puts as much of p on its way as there is room for, or says that it can
// go directly. Since when it has waited is zero if it has not.
func (l *line) send(p []byte, since time.Time) (n int, direct bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.link.now.Load()
	switch {
	case l.ends.failed != nil:
		return 0, false, l.failure("write")
	case l.ends.closed:
		return 0, false, net.ErrClosed
	case w.calm && !l.pumping:
		return 0, true, nil
	}
	now := time.Now()
	if !l.deadline.IsZero() && !now.Before(l.deadline) {
		return 0, false, os.ErrDeadlineExceeded
	}
	n = min(len(p), l.most-l.way.unacknowledged())
	if n <= 0 {
		return 0, false, nil
	}
	c := w.course(l.broker.Load())
	if !since.IsZero() {
		now = l.way.roomSince(since, now)
	}
	l.way.push(p[:n], now, c, c.delay(l.dice), l.most)
	if !l.pumping {
		l.pumping = true
		// The client's deadline is for its Write, which does not wait for this.
		_ = l.Conn.SetWriteDeadline(time.Time{})
		l.pump.Go(l.run)
	}
	return n, false, nil
}

// nudge makes whoever waits look again.
func nudge(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// fail ends the connection below and keeps why for the next call.
func (l *line) fail(err error) {
	l.mu.Lock()
	if l.ends.closed || l.ends.failed != nil {
		l.mu.Unlock()
		return
	}
	l.ends.failed = err
	close(l.ends.stop)
	l.mu.Unlock()
	_ = l.Conn.Close()
}

// reset ends the connection as a peer does that knows nothing of it: what is on
// the way is dropped on both sides.
func (l *line) reset() {
	if t, ok := l.Conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = t.SetLinger(0)
	}
	l.fail(errReset)
}

// explain puts the pump's error or the reset in the place of what the
// connection below says of its end.
func (l *line) explain(op string, err error) error {
	if err == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ends.failed != nil {
		return l.failure(op)
	}
	return err
}

// failure is why the line is over, for one call; the caller holds mu.
func (l *line) failure(op string) error {
	if l.ends.failed == errReset { //nolint:errorlint // our own mark, never wrapped
		return resetOf(l.Conn, op)
	}
	return l.ends.failed
}

// Close drops what is on the way and returns when the pump has ended.
func (l *line) Close() error {
	l.mu.Lock()
	if l.ends.closed {
		l.mu.Unlock()
		return net.ErrClosed
	}
	l.ends.closed = true
	if l.ends.failed == nil {
		close(l.ends.stop)
	}
	l.mu.Unlock()
	err := l.Conn.Close()
	l.pump.Wait()
	return err
}

// drain waits until what is on the way has arrived, for at most as long as that
// takes and not through a stall.
func (l *line) drain(atMost time.Duration) {
	l.mu.Lock()
	if !l.pumping || l.link.now.Load().course(l.broker.Load()).stalled {
		l.mu.Unlock()
		return
	}
	if l.ends.drained == nil {
		l.ends.drained = make(chan struct{})
	}
	drained := l.ends.drained
	l.mu.Unlock()
	limit := time.NewTimer(atMost)
	defer limit.Stop()
	select {
	case <-drained:
	case <-l.ends.stop:
	case <-limit.C:
	}
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
	if l.ends.closed {
		return net.ErrClosed
	}
	l.deadline = t
	nudge(l.wake)
	if l.pumping {
		return nil
	}
	return l.Conn.SetWriteDeadline(t)
}
