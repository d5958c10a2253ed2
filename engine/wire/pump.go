package wire

import "time"

// run is the pump: it delivers what is due and ends when nothing is on the way.
func (l *line) run() {
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	held := false // by a stall, when last looked at
	for {
		turn, ok := l.next(held)
		if !ok {
			return
		}
		held = turn.held
		if len(turn.bytes) == 0 {
			if !l.rest(turn, alarm) {
				return
			}
			continue
		}
		if _, err := l.Conn.Write(turn.bytes); err != nil {
			l.fail(err)
			return
		}
		l.mu.Lock()
		l.way.take(len(turn.bytes))
		l.mu.Unlock()
		nudge(l.wake)
	}
}

// turn is what the pump does next: deliver bytes, or wait until something is
// due or the weather changes.
type turn struct {
	bytes []byte
	due   time.Time // zero: only the weather tells
	over  <-chan struct{}
	held  bool
}

// next decides; without anything left the writing side goes back to Write.
func (l *line) next(wasHeld bool) (turn, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ends.closed || l.ends.failed != nil {
		return turn{}, false
	}
	if l.way.unacknowledged() == 0 {
		l.pumping = false
		_ = l.Conn.SetWriteDeadline(l.deadline)
		if l.ends.drained != nil {
			close(l.ends.drained)
			l.ends.drained = nil
		}
		return turn{}, false
	}
	w := l.link.now.Load()
	c := w.course(l.broker.Load())
	if c.stalled {
		return turn{over: w.over, held: true}, true
	}
	now := time.Now()
	if wasHeld {
		l.way.again(now, c, c.delay(l.dice))
	}
	bytes, due := l.way.ready(now)
	return turn{bytes: bytes, due: due, over: w.over}, true
}

// rest reports whether the line still is after what the turn waits for.
func (l *line) rest(t turn, alarm *time.Timer) bool {
	var due <-chan time.Time
	if !t.due.IsZero() {
		alarm.Reset(time.Until(t.due))
		due = alarm.C
	}
	select {
	case <-due:
	case <-t.over:
	case <-l.ends.stop:
		return false
	}
	return true
}
