package engine

import (
	"context"
	"math"
	"time"

	"kdyno/engine/workload"
	"kdyno/telemetry"
)

// sender is one thread of the application: it sends its share of the records,
// each when it is due. Several due at once go in one burst, each with its own
// due time.
type sender struct {
	s     *Session
	index int
	lane  *telemetry.Sender
	pass  *pass
	plan  *plan
	n     uint64
	timer *time.Timer
	idle  bool // it has no share, and none will come
	stamp func(n uint64, due time.Duration, key, value []byte)
}

// burst bounds how long a sender stays in one section of its lane.
const burst = 64

// sampleEvery is how many records one measurement of serializing stands for:
// it costs a second reading of the clock.
const sampleEvery = 64

// send runs until there is no record left for this sender or ctx ends.
func (s *sender) send(ctx context.Context) {
	defer s.lane.Retire()
	s.timer = time.NewTimer(time.Hour)
	defer s.timer.Stop()
	s.enterPlan()
	for ctx.Err() == nil {
		if s.n >= s.plan.end.Load() {
			s.plan = s.plan.next
			s.enterPlan()
			continue
		}
		if s.over() {
			return
		}
		if !s.awaitDue(ctx) {
			continue
		}
		s.lane.Begin()
		s.pass.busy.Store(true)
		for i := 0; i < burst && s.one(ctx); i++ {
		}
		s.pass.busy.Store(false)
		s.lane.End()
	}
}

// none is the next record of a sender that has no share: beyond the end of any
// plan whose end is known, and below that of one whose end is not.
const none = math.MaxUint64 - 1

// over tells whether the sender has no record any more.
func (s *sender) over() bool {
	if s.plan.last || s.idle {
		return true
	}
	if s.index < s.plan.senders && s.n >= s.plan.limit {
		s.s.load.spend()
		return true
	}
	return false
}

// enterPlan finds the sender's first record of its plan.
func (s *sender) enterPlan() {
	switch {
	case s.index >= s.plan.senders:
		s.n = none
	case s.plan.closed():
		s.take()
	default:
		s.n = s.share().From(s.plan.first)
	}
}

func (s *sender) share() workload.Share {
	return workload.Share{Index: uint64(s.index), Senders: uint64(s.plan.senders)}
}

// take takes a closed loop's next record.
func (s *sender) take() { s.n = s.plan.first + s.plan.taken.Add(1) - 1 }

// advance goes to the sender's next record.
func (s *sender) advance() {
	if s.plan.closed() {
		s.take()
	} else {
		s.n = s.share().From(s.n + 1)
	}
}

// awaitDue sleeps until the next record is due, the plan changes or ctx ends;
// it tells whether a record may be due.
func (s *sender) awaitDue(ctx context.Context) bool {
	now := time.Duration(s.s.now())
	due := now
	if s.plan.pace.Open() {
		due = s.plan.pace.Due(s.n)
	}
	mine := s.n < s.plan.limit && !s.plan.over(due)
	if mine && due <= now {
		return true
	}
	wait := time.Hour
	if mine {
		wait = due - now
	}
	s.timer.Reset(wait)
	select {
	case <-s.timer.C:
		return mine
	case <-s.plan.changed:
	case <-s.s.load.spent:
		// No record is left for anybody; a sender without a share goes too.
		s.idle = s.index >= s.plan.senders
	case <-ctx.Done():
	}
	return false
}

// one sends the next record if it is due.
func (s *sender) one(ctx context.Context) bool {
	if s.n >= s.plan.end.Load() || s.n >= s.plan.limit {
		return false
	}
	called := s.s.now()
	due := called
	if s.plan.pace.Open() {
		due = int64(s.plan.pace.Due(s.n))
		if due > called {
			return false
		}
	}
	if s.plan.over(time.Duration(due)) {
		return false
	}
	n := s.n
	s.advance()
	s.lane.Sent()
	r := s.s.run.Load()
	rec := r.Record()
	rec.Topic = s.s.topicOf(n)
	rec.Key, rec.Value = s.plan.source.Append(n, rec.Key[:0], rec.Value[:0])
	rec.Due, rec.Called = due, called
	admitted := called
	if n%sampleEvery == 0 {
		admitted = s.s.now()
		rec.Serialize = admitted - called
	}
	if s.stamp != nil {
		s.stamp(n, time.Duration(due), rec.Key, rec.Value)
	}
	size := len(rec.Key) + len(rec.Value)
	if why := r.Fits(rec); why != "" {
		s.lane.Refused()
		s.s.refuse(why)
		return true
	}
	if !s.s.admission.free() {
		s.lane.Block()
		s.pass.busy.Store(false)
		h := s.held(ctx, &rec.Blocked, &rec.Swap)
		s.lane.Unblock(h.blocked, !h.ok && ctx.Err() == nil)
		if !h.ok {
			s.lane.Refused()
			if ctx.Err() == nil {
				s.s.refuse("BUFFER_EXHAUSTED")
			}
			return false
		}
		admitted = s.s.now()
		r = s.s.run.Load()
	}
	s.lane.Accepted(size)
	s.lane.Entered()
	r.Produce(rec, admitted)
	return true
}

// held waits at the gate until the record is through, and the sender's pass is
// up again without a pause having begun in between.
func (s *sender) held(ctx context.Context, blocked, swap *int64) held {
	var h held
	for {
		more := s.s.admission.enter(ctx, s.s.maxBlock()-time.Duration(h.blocked))
		h.blocked += more.blocked
		h.swap += more.swap
		h.ok = more.ok
		*blocked, *swap = h.blocked, h.swap
		if !h.ok {
			return h
		}
		// The gate may have shut since: whoever shut it either sees the pass up,
		// or is seen here.
		s.pass.busy.Store(true)
		if !s.s.admission.shut.Load() {
			return h
		}
		s.pass.busy.Store(false)
	}
}
