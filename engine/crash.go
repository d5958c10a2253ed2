package engine

import (
	"fmt"

	"kdyno/engine/run"
	"kdyno/engine/setting"
	"kdyno/engine/workload"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// crash is the death of the producers, and of the application with them: until
// a restart nothing falls due, what was due waits, and what was inside send()
// is held at the gates.
type crash struct {
	asked  bool            // under changing.mu: they are dead or are to be
	halted bool            // under load.mu: the load stands still for it
	dead   bool            // of the session's own goroutine, as what follows is
	values setting.Values  // that they had
	lost   [][]*run.Record // what the application saw no acknowledgement of, by producer
}

// died tells whether the producers are dead or are to be.
func (s *Session) died() bool {
	s.changing.mu.Lock()
	defer s.changing.mu.Unlock()
	return s.crash.asked
}

// askCrash and askRestart leave it to the session's own goroutine, which may be
// in the middle of a change.
func (s *Session) askCrash() error {
	if s.load.begun.Load() == 0 {
		return notBegun()
	}
	s.changing.mu.Lock()
	defer s.changing.mu.Unlock()
	if s.crash.asked {
		return &Error{Kind: Usage, Say: "the producer is dead already", Hint: "restart starts another"}
	}
	s.crash.asked = true
	s.life.orders.add(s.die)
	return nil
}

func (s *Session) askRestart() error {
	s.changing.mu.Lock()
	defer s.changing.mu.Unlock()
	if !s.crash.asked {
		return &Error{Kind: Usage, Say: "the producer lives: there is nothing to restart", Hint: "restart follows crash; a change of settings makes a new producer by itself"}
	}
	s.crash.asked = false
	s.life.orders.add(s.revive)
	return nil
}

const sayDead = "the producer is dead and the load stands still"

// die ends the producers without a flush: their connections are cut, and what
// they had not delivered is gone.
func (s *Session) die() {
	if s.crash.dead {
		return // a restart failed meanwhile
	}
	s.haltLoad()
	dead := s.fleet()
	dead.pause()
	at := s.elapsed()
	runs := dead.runs()
	left := make([]run.Leftovers, len(runs))
	together(len(runs), func(i int) { left[i] = runs[i].Drop() })

	c := &s.crash
	c.dead, c.values, c.lost = true, s.history.live().values, make([][]*run.Record, len(runs))
	told := report.Crash{AtS: at.Seconds()}
	for i, l := range left {
		c.lost[i] = bury(runs[i], l, &told)
		runs[i].Retire()
	}
	if loadOf(c.values).Manner.Send == workload.Forget {
		c.lost = nil // who never looks at an outcome knows of nothing to send again
	}
	s.journal.died(told)
	s.journal.mark(telemetry.Mark{At: at, Say: "crash"})
	s.journal.note(at, "crash", "%s died without flush: %d records in the buffer are gone, %d in flight may be in the log or not",
		producersText(len(runs)), told.InBuffer, told.InFlight)
	s.say(telemetry.Crashed, sayDead)
}

// bury counts what a producer left, and returns it as it was before it was sent.
func bury(r *run.Run, left run.Leftovers, told *report.Crash) []*run.Record {
	var lost []*run.Record
	for _, l := range left {
		if l.MaybeStored {
			told.InFlight++
		} else {
			told.InBuffer++
		}
		lost = append(lost, r.Bury(l))
	}
	return lost
}

func producersText(n int) string {
	if n == 1 {
		return "the producer"
	}
	return fmt.Sprintf("all %d producers", n)
}

// revive starts producers of the values that are live by now. What the
// application saw no acknowledgement of it sends again first: records that are
// new and due, to a producer that is new to the brokers, so that what was in
// flight may be in the log twice.
func (s *Session) revive() {
	s.changing.begin()
	defer s.changing.end()
	s.say(telemetry.Crashed, "a new producer connects")
	v := s.history.live().values
	load, err := s.makeLoad(v)
	var next crew
	if err == nil {
		next, err = s.warmCrew(v, load)
	}
	if err != nil {
		s.stillDead(err)
		return
	}
	old := s.fleet()
	s.take(next, v)
	c := &s.crash
	lost := c.lost
	s.noteRun(runNote{revision: s.history.live().number, restart: true, changed: changed(v.Diff(c.values))})
	c.dead, c.lost = false, nil
	s.status.warmUntil(s.now() + s.settling(v))
	n := s.sendAgain(lost)
	s.journal.revived(s.elapsed(), n)
	s.journal.mark(telemetry.Mark{At: s.elapsed(), Say: "restart"})
	s.journal.note(s.elapsed(), "restart", "the application sends %d records again that it saw no acknowledgement of; %s", n, successors(next))
	hand(old, next.fleet)
	s.sayRunning()
}

// stillDead tells that a restart failed; another may be tried.
func (s *Session) stillDead(err error) {
	s.changing.mu.Lock()
	s.crash.asked = true
	s.changing.mu.Unlock()
	s.say(telemetry.Crashed, sayDead)
	if !s.stopRequested() {
		s.journal.note(s.elapsed(), "notice", "the producer was not started again: %v; restart tries it once more", err)
	}
}

// successors names the producers that took over.
func successors(c crew) string {
	if n := len(c.runs); n > 1 {
		return fmt.Sprintf("%d new producers took over", n)
	}
	if id, _, ok := c.runs[0].ProducerID(); ok {
		return fmt.Sprintf("a new producer took over, its producer id is %d", id)
	}
	return "a new producer took over"
}

// sendAgain has the application send what it lost, in the order in which each
// producer had it, before anything else as far as there is room; the load goes
// on after that. It returns how many records these are.
func (s *Session) sendAgain(lost [][]*run.Record) (n int64) {
	for _, records := range lost {
		n += int64(len(records))
	}
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	if s.load.ended.Load() > 0 {
		return 0
	}
	s.load.app.resent.Add(n)
	due, ctx := s.now(), s.load.ctx
	couriers, rest := make([]*courier, len(lost)), make([][]*run.Record, len(lost))
	for i, records := range lost {
		couriers[i] = s.newCourier(i)
		rest[i] = couriers[i].first(due, records)
	}
	s.load.senders.Go(func() {
		together(len(lost), func(i int) {
			couriers[i].carry(ctx, due, rest[i])
			couriers[i].lane.Retire()
		})
		s.unhaltLoad() //nolint:contextcheck // senders have the load's context, as these do
	})
	return n
}
