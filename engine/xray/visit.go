package xray

import (
	"net"
	"sync"
	"sync/atomic"
	"time"

	"kdyno/engine/cluster/signpost"
	"kdyno/engine/wire"
	"kdyno/engine/xray/relay"
)

// visit is one connection of a guest. It implements relay.Guest.
type visit struct {
	guests *Guests
	conn   *relay.Conn
	host   string

	answered atomic.Int64 // instant of the last answer; 0: none

	mu       sync.Mutex
	software string
	release  string
	guest    *Guest // nil until it has said its name
	wrote    bool   // it carried a produce request
	left     bool
}

var _ relay.Guest = (*visit)(nil)

func hostOf(a net.Addr) string {
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	return host
}

// of is the guest whose connection this is. What it calls itself first is its
// name for as long as the connection lives. Nil: it was turned away.
func (v *visit) of(clientID string) *Guest {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.guest == nil && !v.left {
		if v.guest = v.guests.find(identityOfGuest{safe(clientID), v.software, v.release, v.host}); v.guest != nil {
			v.guest.came()
		}
	}
	return v.guest
}

// Asked implements relay.Guest.
func (v *visit) Asked(_ signpost.Head, q signpost.Question) {
	if q.Software != "" {
		v.mu.Lock()
		v.software, v.release = safe(q.Software), safe(q.Release)
		v.mu.Unlock()
	}
	guest := v.of(q.ClientID)
	if guest == nil {
		v.conn.Shut()
		return
	}
	switch {
	case q.Starts:
		guest.starts(&q)
	case q.Ends:
		guest.ends(&q)
	case len(q.Topics) > 0 && v.guests.o.Want != nil:
		v.guests.o.Want(q.Topics, q.MayCreate)
	}
}

// Passed implements relay.Guest.
func (v *visit) Passed(h signpost.Head) {
	v.guests.pass(h, "a client at "+v.host)
}

// Left implements relay.Guest.
func (v *visit) Left() {
	v.mu.Lock()
	guest, wrote := v.guest, v.wrote
	v.left = true
	v.mu.Unlock()
	if guest != nil {
		guest.leaves(v.conn.Broker, wrote)
	}
}

// Wrote implements wire.Sink.
func (v *visit) Wrote(r *wire.Request) {
	guest := v.of(r.ClientID)
	if guest == nil {
		return // the connection is being ended
	}
	v.mu.Lock()
	first := !v.wrote
	v.wrote = true
	v.mu.Unlock()
	if first {
		guest.produces(r.Broker)
	}
	since := time.Duration(0)
	if at := v.answered.Load(); at > 0 {
		since = r.Written.Sub(v.guests.o.Start) - time.Duration(at)
	}
	guest.wrote(r, first, r.Conn.InFlight(), since)
}

// Answered implements wire.Sink.
func (v *visit) Answered(r *wire.Request) {
	v.answered.Store(int64(r.Answered.Sub(v.guests.o.Start)))
	if guest := v.of(r.ClientID); guest != nil {
		guest.answered(r)
	}
}

// Lost implements wire.Sink.
func (v *visit) Lost(r *wire.Request, err error) {
	if guest := v.of(r.ClientID); guest != nil {
		guest.lost(r, err)
	}
}

// Held implements wire.Sink.
func (v *visit) Held(broker int32, took time.Duration) {
	v.mu.Lock()
	guest := v.guest
	v.mu.Unlock()
	if guest != nil {
		guest.held(broker, took)
	}
}
