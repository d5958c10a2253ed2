package audit

import "time"

// pace says how closely the reader follows the log. Each fetch costs, however
// little it brings; so under a high rate the reader lets records gather for a
// moment, and only now and then reads each as soon as it can be read. What it
// sees then tells how soon records become visible: they are drawn by the time at
// which they come, like all others.
type pace struct {
	live   bool // it waits for the next record
	waited bool // records may have gathered before this poll
	since  time.Duration
	count  int // records since then
	fast   bool
	behind bool // the last poll left something unread
}

const (
	paceEach  = 2 * time.Millisecond // of a poll, under a high rate
	paceFrom  = 20_000               // records a second
	roundOf   = time.Second
	liveShare = 50 // one in so many of the time is live
)

// polled notes what a poll brought, and decides how to go on.
func (p *pace) polled(now time.Duration, records int) {
	p.waited, p.behind = !p.live, false
	p.count += records
	if now-p.since >= roundOf {
		p.fast = float64(p.count) >= paceFrom*(now-p.since).Seconds()
		p.since, p.count = now, 0
	}
	p.live = !p.fast || now-p.since < roundOf/liveShare
}
