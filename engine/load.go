package engine

import (
	"context"
	"time"

	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/engine/workload"
	"kdyno/telemetry"
)

// startLoad begins to send and to sample.
func (s *Session) startLoad() {
	now := s.now()
	s.load.begun.Store(max(now, 1))
	s.meter.Close(telemetry.Close{At: now, WarmUp: true})
	s.status.warm.Store(now + int64(s.warmAtMost()))
	s.say(telemetry.WarmingUp, "the first records are on their way; figures count once all leaders have answered")
	s.journal.note(s.elapsed(), "notice", "the load starts against %s", s.where())
	s.startSampling()

	l := loadOf(s.load.values)
	ctx, cancel := context.WithCancel(s.life.ctx)
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	s.load.stop = cancel
	at := time.Duration(now)
	if s.config.For > 0 {
		s.load.until = at + s.config.For
	}
	s.load.plan = s.newPlan(workload.NewPace(l.Rate, at, 0), s.load.source, l.Senders, 0)
	s.startSenders(ctx, l.Senders)
}

// newPlan makes a plan within the session's bounds, under load.mu.
func (s *Session) newPlan(pace workload.Pace, source *workload.Source, senders int, first uint64) *plan {
	p := newPlan(pace, source, senders, first, s.load.limit)
	p.until = s.load.until
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
func (s *Session) startSenders(ctx context.Context, n int) {
	for ; s.load.started < n; s.load.started++ {
		sn := &sender{
			s: s, index: s.load.started, lane: s.meter.Sender(), pass: s.admission.newPass(), plan: s.load.plan,
			stamp: s.config.Stamp,
		}
		s.load.senders.Go(func() { sn.send(ctx) })
	}
	s.load.ctx = ctx
}

// changeLoad makes the load that of values, at once: what is due by now keeps
// its due time and its content. It tells whether the largest record grew.
func (s *Session) changeLoad(v setting.Values) (grew bool) {
	l := loadOf(v)
	source := s.sourceOf(l)
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	if size := source.MaxBytes(); size > s.load.largest {
		s.load.largest, grew = size, true
	}
	old := loadOf(s.load.values)
	s.load.values, s.load.source = v, source
	s.load.paced.Store(l.Rate > 0)
	last := s.load.plan
	if last == nil || l == old || last.senders == 0 {
		return grew // not begun, unchanged, or paused: resume reads the values
	}
	at := s.elapsed()
	s.load.plan = last.follow(at, func(first uint64) *plan {
		pace := last.pace
		if l.Rate != old.Rate {
			pace = pace.Rebase(l.Rate, at, first)
		}
		return s.newPlan(pace, source, l.Senders, first)
	})
	s.startSenders(s.load.ctx, l.Senders)
	return grew
}

// sourceOf is the present source where only rate or senders differ: making one
// takes milliseconds.
func (s *Session) sourceOf(l workload.Load) *workload.Source {
	s.load.mu.Lock()
	have, source := loadOf(s.load.values), s.load.source
	s.load.mu.Unlock()
	have.Rate, have.Senders = l.Rate, l.Senders
	if source != nil && have == l {
		return source
	}
	return workload.NewSource(l)
}

// pauseLoad and resumeLoad stop and start the load; measuring goes on.
func (s *Session) pauseLoad() {
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	last := s.load.plan
	if last == nil || last.senders == 0 {
		return
	}
	s.load.plan = last.follow(s.elapsed(), func(first uint64) *plan {
		return s.newPlan(workload.Pace{}, nil, 0, first)
	})
	s.say(telemetry.Paused, "the load is paused; what is in the buffer drains. r starts it again")
	s.journal.note(s.elapsed(), "notice", "load paused")
}

func (s *Session) resumeLoad() {
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	last := s.load.plan
	if last == nil || last.senders > 0 || s.load.ended.Load() > 0 {
		return
	}
	l := loadOf(s.load.values)
	at := s.elapsed()
	s.load.plan = last.follow(at, func(first uint64) *plan {
		return s.newPlan(workload.NewPace(l.Rate, at, first), s.load.source, l.Senders, first)
	})
	s.startSenders(s.load.ctx, l.Senders)
	s.say(telemetry.Running, "")
	s.journal.note(s.elapsed(), "notice", "load resumed")
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

// exhausted is closed when the senders have sent every record that there is
// to be; nil, which is never, without --records.
func (s *Session) exhausted() <-chan struct{} {
	if s.config.Records <= 0 {
		return nil
	}
	done := make(chan struct{})
	s.life.wg.Go(func() {
		select {
		case <-s.load.spent:
		case <-s.life.done:
			return
		}
		s.load.senders.Wait()
		close(done)
	})
	return done
}

// spend tells that the last record of --records was taken.
func (l *load) spend() { l.spentOnce.Do(func() { close(l.spent) }) }

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

// due is how many records are due by an instant.
func (s *Session) due(at time.Duration) int64 {
	s.load.mu.Lock()
	defer s.load.mu.Unlock()
	if s.load.plan == nil {
		return 0
	}
	return int64(s.load.plan.due(at))
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

func (t *timeline) take(now time.Duration) []step.Step {
	var due []step.Step
	for len(t.left) > 0 && t.left[0].At <= now {
		due = append(due, t.left[0].Step)
		t.left = t.left[1:]
	}
	return due
}
