package run

import (
	"net"
	"sync"
	"sync/atomic"
)

// wires are a run's connections below the tap. Once cut they take no bytes: a
// write that the tap did not see before the cut never happens, so that a record
// of which the tap knows no write is not in the log.
type wires struct {
	closed atomic.Bool
	blind  atomic.Bool // a tap was: what was written may not have been seen

	mu    sync.Mutex
	times map[string]int64 // ns that the last handshake of TCP took, by address
}

// reached notes how long a connection took, without TLS and what follows.
func (w *wires) reached(at net.Addr, ns int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.times == nil || len(w.times) >= maxTimes {
		w.times = map[string]int64{}
	}
	w.times[at.String()] = ns
}

// took is how long the last connection to an address took.
func (w *wires) took(at net.Addr) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.times[at.String()]
}

// maxTimes bounds the addresses that are remembered.
const maxTimes = 1 << 12

// cut lets no further write begin.
func (w *wires) cut() { w.closed.Store(true) }

func (w *wires) wrap(c net.Conn) net.Conn { return &cuttable{Conn: c, wires: w} }

// cuttable is a connection that can be cut.
type cuttable struct {
	net.Conn
	wires *wires
}

// NetConn is the connection below, for the tap that looks for the link.
func (c *cuttable) NetConn() net.Conn { return c.Conn }

// Write fails once the run's connections are cut.
func (c *cuttable) Write(p []byte) (int, error) {
	if c.wires.closed.Load() {
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}
