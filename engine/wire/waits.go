package wire

import (
	"sync"
	"time"
)

// waits sums up, for each broker, for how long at least one write to it waited
// for room on the link.
type waits struct {
	mu sync.Mutex
	by map[int32]*standstill
}

type standstill struct {
	writes int // that wait now
	since  time.Time
	sum    time.Duration
}

// begin notes that a write waits; end is called when it does no more.
func (w *waits) begin(broker int32) (end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by == nil {
		w.by = map[int32]*standstill{}
	}
	s := w.by[broker]
	if s == nil {
		s = new(standstill)
		w.by[broker] = s
	}
	if s.writes++; s.writes == 1 {
		s.since = time.Now()
	}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if s.writes--; s.writes == 0 {
			s.sum += time.Since(s.since)
		}
	}
}

// Waited is for how long writes to one broker waited for room on the link since
// it was last asked, of the broker where that was longest: the bandwidth, the
// send buffer by the round trip, or a stall held them up. For one caller.
func (l *Link) Waited() time.Duration {
	l.waits.mu.Lock()
	defer l.waits.mu.Unlock()
	var most time.Duration
	now := time.Now()
	for _, s := range l.waits.by {
		if s.writes > 0 {
			s.sum += now.Sub(s.since)
			s.since = now
		}
		most = max(most, s.sum)
		s.sum = 0
	}
	return most
}
