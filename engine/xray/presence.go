package xray

import (
	"time"

	"kdyno/engine/cluster/signpost"
)

// presence is when a guest was here, and by how many connections.
type presence struct {
	open     int           // connections
	to       map[int32]int // of these, those that produce, by broker
	since    int64         // instant of the first that is open, or was the last time
	gone     int64         // instant of the end of the last; 0: one is open
	here     int64         // ns for which it was here, before since
	first    int64         // instant of its first produce request; 0: none
	lastUsed int64         // instant of the last thing that was counted
	closed   int64         // instant of the last close
}

// transactions are those of a guest with a transactional id.
type transactions struct {
	committed, aborted int64
	timeoutMs          int32
	open               bool
}

// came notes a connection.
func (g *Guest) came() {
	now := g.guests.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.presence.open == 0 {
		g.presence.since, g.presence.gone = now, 0
	}
	g.presence.open++
}

// leaves notes that a connection ended.
func (g *Guest) leaves(broker int32, wrote bool) {
	now := g.guests.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	p := &g.presence
	if p.open--; p.open == 0 {
		p.gone = max(now, 1)
		p.here += now - p.since
	}
	if wrote {
		p.to[broker]--
		g.record().Disconnected(broker)
	}
}

// produces notes that a connection carries produce requests.
func (g *Guest) produces(broker int32) {
	now, near := g.guests.now(), g.guests.nearness(broker)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.presence.to[broker]++
	g.record().Connected(broker, now)
	g.record().Reached(broker, near)
	g.producing(now)
}

func (g *Guest) producing(now int64) {
	if g.presence.first == 0 {
		g.presence.first = max(now, 1)
	}
}

// starts notes that it asked for a producer id.
func (g *Guest) starts(q *signpost.Question) {
	now := g.guests.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.producing(now)
	if q.TransactionalID != "" {
		g.txn.timeoutMs = q.TransactionMs
	}
}

// ends notes that it ended a transaction; a second request for the same one is a
// retry.
func (g *Guest) ends(q *signpost.Question) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.txn.open {
		return
	}
	g.txn.open = false
	if q.Commits {
		g.txn.committed++
	} else {
		g.txn.aborted++
	}
}

// Produces tells whether it has produced, or asked for a producer id.
func (g *Guest) Produces() bool { return g.Since() > 0 }

// Since is the instant at which it first did, 0 before.
func (g *Guest) Since() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.presence.first
}

func (g *Guest) isHere() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.presence.open > 0
}

// goneSince is the instant since when it is not here, 0 while it is.
func (g *Guest) goneSince() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.presence.gone
}

// here is for how long it has been connected; the caller holds mu.
func (g *Guest) here() time.Duration {
	ns := g.presence.here
	if g.presence.gone == 0 {
		ns += g.guests.now() - g.presence.since
	}
	return time.Duration(ns)
}

// producers is how many of this name seem to be here at once: one produces to a
// broker by one connection. The caller holds mu.
func (g *Guest) producers() int {
	most := 1
	for _, n := range g.presence.to {
		most = max(most, n)
	}
	return most
}
