package engine

import (
	"context"
	"slices"
	"time"

	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/engine/workload"
	"kdyno/telemetry"
)

// startLoad begins to send and to sample.
func (s *Session) startLoad() {
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	now := s.now()
	s.load.begun.Store(max(now, 1))
	s.meter.Close(telemetry.Close{At: now, WarmUp: true})
	s.status.warm.Store(now + int64(s.warmAtMost()))
	s.say(telemetry.WarmingUp, "the first records are on their way; figures count once all leaders have answered")
	s.journal.note(s.elapsed(), "notice", "the load starts against %s", s.where())
	_ = s.sampler.cpu(s.config.Network != nil) // what came before is not the load's
	s.startSampling()

	l := loadOf(s.load.values)
	s.load.ctx, s.load.stop = context.WithCancel(s.life.ctx) //nolint:fatcontext // made once a session
	at := time.Duration(now)
	if s.config.For > 0 {
		s.load.until = at + s.config.For
	}
	s.load.plan = s.newPlan(l.Shape().Pace(at, 0), s.load.source, l.Threads(), 0)
	s.startSenders(l.Threads())
}

// newPlan makes a plan within the session's bounds, under load.mu.
func (s *Session) newPlan(pace workload.Pace, source *workload.Source, senders int, first uint64) *plan {
	p := newPlan(pace, source, senders, first, s.load.limit)
	p.until = s.load.until
	p.manner = loadOf(s.load.values).Manner
	p.plain = p.manner.Send == workload.Async && p.manner.FlushEvery == 0
	return p
}

// warmAtMost is 3 s or 30 % of --for, the smaller.
func (s *Session) warmAtMost() time.Duration {
	if s.config.For > 0 {
		return min(warmAtMost, s.config.For*3/10)
	}
	return warmAtMost
}

// startSenders makes sure that so many run, under load.mu.
func (s *Session) startSenders(n int) {
	ctx := s.load.ctx
	for ; s.load.started < n; s.load.started++ {
		sn := &sender{
			s: s, index: s.load.started, lane: s.meter.Sender(), plan: s.load.plan,
			supply: s.load.stock.Supply(), stamp: s.config.Stamp,
		}
		sn.join()
		s.load.senders.Go(func() { sn.send(ctx) })
	}
}

// nextLoad is a load that is ready to become the session's. Making it takes
// milliseconds; putting it in force does not.
type nextLoad struct {
	values  setting.Values
	load    workload.Load
	source  *workload.Source
	largest int // bytes of a record that is not of the source; 0: there is none
}

// makeLoad makes the load of values. The source is the present one where the
// records are the same. The error is an *Error: the user's own records cannot
// be read.
func (s *Session) makeLoad(v setting.Values) (nextLoad, error) {
	next := nextLoad{values: v, load: loadOf(v)}
	s.load.mu.Lock()
	have, source := loadOf(s.load.values), s.load.source
	s.load.mu.Unlock()
	if !have.SameRecords(next.load) {
		var err error
		if source, err = workload.NewSource(next.load); err != nil {
			return next, sourceError(err)
		}
	}
	next.source = source
	return next, nil
}

// sourceError makes a refusal of records that cannot be read.
func sourceError(err error) *Error {
	return &Error{Kind: Usage, Say: err.Error(), Key: setting.LoadPayload}
}

// outgrows tells whether the load needs other producers: it has records that
// these were not made for, or another number of them.
func (s *Session) outgrows(next nextLoad) bool {
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	return next.source.MaxBytes() > s.load.largest || next.load.Producers != loadOf(s.load.values).Producers
}

// putLoad makes the load that of the session, at once: what is due by now keeps
// its due time and its content.
func (s *Session) putLoad(next nextLoad) {
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	l, old := next.load, loadOf(s.load.values)
	s.load.values, s.load.source = next.values, next.source
	s.load.largest = max(s.load.largest, next.source.MaxBytes())
	s.load.paced.Store(l.Open())
	s.load.waits.Store(l.Manner.Send == workload.Sync)
	s.load.app.takes.Store(int64(l.Manner.Callback))
	last := s.load.plan
	if last == nil || l.Equal(old) || last.senders == 0 {
		return // not begun, unchanged, or paused: what comes then reads the values
	}
	at, shape := s.elapsed(), l.Shape()
	s.load.plan = last.follow(at, func(first uint64) *plan {
		pace := last.pace
		if !l.SameTimes(old) {
			pace = pace.Turn(shape, at, first)
		}
		return s.newPlan(pace, next.source, l.Threads(), first)
	})
	s.startSenders(l.Threads())
}

// pauseLoad and resumeLoad stop and start the load; measuring goes on.
func (s *Session) pauseLoad() {
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	if !s.crash.halted && !s.stopPlan() {
		return
	}
	s.crash.halted = false
	s.say(telemetry.Paused, sayPaused)
	s.journal.note(s.elapsed(), "notice", "load paused")
}

func (s *Session) resumeLoad() {
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	if s.goOn() {
		s.say(s.going(s.now()))
		s.journal.note(s.elapsed(), "notice", "load resumed")
	}
}

// haltLoad stops the load since its application died, and unhaltLoad lets it go
// on where nobody paused it before or since.
func (s *Session) haltLoad() {
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	s.crash.halted = s.stopPlan()
}

func (s *Session) unhaltLoad() {
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	if s.crash.halted {
		s.goOn()
	}
}

// stopPlan makes nothing due from now on, under load.mu; it tells whether
// something was.
func (s *Session) stopPlan() bool {
	last := s.load.plan
	if last == nil || last.senders == 0 {
		return false
	}
	s.load.plan = last.follow(s.elapsed(), func(first uint64) *plan {
		return s.newPlan(workload.Pace{}, nil, 0, first)
	})
	return true
}

// goOn makes records due again, under load.mu; it tells whether they were not.
func (s *Session) goOn() bool {
	s.crash.halted = false
	last := s.load.plan
	if last == nil || last.senders > 0 || s.load.ended.Load() > 0 {
		return false
	}
	l := loadOf(s.load.values)
	at, shape := s.elapsed(), l.Shape()
	s.load.plan = last.follow(at, func(first uint64) *plan {
		return s.newPlan(shape.Pace(at, first), s.load.source, l.Threads(), first)
	})
	s.startSenders(l.Threads())
	return true
}

// endLoad makes no more records due. With --for that was exactly its end,
// however late this is called.
func (s *Session) endLoad() {
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	end := s.elapsed()
	if s.load.until > 0 {
		end = min(end, s.load.until)
	}
	s.load.plan = s.load.plan.follow(end, func(first uint64) *plan {
		p := s.newPlan(workload.Pace{}, nil, 0, first)
		p.last = true
		return p
	})
	s.load.ended.Store(int64(end))
}

// handed notes that one record more of --records was taken or refused.
func (l *load) handed() {
	if l.limit != unlimited && l.count.Add(1) == l.limit {
		close(l.spent)
	}
}

// isPaused tells whether a person paused the load.
func (s *Session) isPaused() bool {
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	p := s.load.plan
	return p != nil && p.senders == 0 && !p.last && !s.crash.halted
}

// awaitSenders lets the senders end what was due, and calls back those that
// still wait for space when ctx ends.
func (s *Session) awaitSenders(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		s.load.senders.Wait()
		close(done)
	}()
	late := time.NewTimer(lateWithin)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
	case <-ctx.Done():
	}
	s.load.stop()
	<-done
}

// due is how many records are due by an instant: by the pacing, since the
// application sent them again, and since a step sent them.
func (s *Session) due(at time.Duration) int64 {
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	if s.load.plan == nil {
		return 0
	}
	return int64(s.load.plan.due(at)) + s.load.app.resent.Load() + s.load.app.asked.Load()
}

func (s *Session) closedLoop() bool {
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	return s.load.plan != nil && s.load.plan.closed()
}

// timeline is what is left of --at.
type timeline struct{ left []step.Timed }

func newTimeline(at []step.Timed) *timeline {
	t := &timeline{left: append([]step.Timed(nil), at...)}
	// Steps of one instant keep the order in which they were given.
	for i := 1; i < len(t.left); i++ {
		for k := i; k > 0 && t.left[k].At < t.left[k-1].At; k-- {
			t.left[k], t.left[k-1] = t.left[k-1], t.left[k]
		}
	}
	return t
}

func (t *timeline) until(now time.Duration) time.Duration {
	if len(t.left) == 0 {
		return 1 << 62
	}
	return max(t.left[0].At-now, 0)
}

// has tells whether a step of this verb is left.
func (t *timeline) has(verb step.Verb) bool {
	return slices.ContainsFunc(t.left, func(at step.Timed) bool { return at.Step.Verb == verb })
}

func (t *timeline) take(now time.Duration) []step.Step {
	var due []step.Step
	for len(t.left) > 0 && t.left[0].At <= now {
		due = append(due, t.left[0].Step)
		t.left = t.left[1:]
	}
	return due
}
