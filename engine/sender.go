package engine

import (
	"context"
	"runtime"
	"time"

	"kdyno/engine/run"
	"kdyno/engine/workload"
	"kdyno/telemetry"
)

// sender is one thread of the application: it sends its share of the records,
// each when it is due. Several due at once go in one burst, each with its own
// due time.
type sender struct {
	s        *Session
	index    int
	lane     *telemetry.Sender
	pass     pass
	producer *producer // whom it sends with
	plan     *plan
	n        uint64 // its next record
	timer    *time.Timer
	spent    bool  // no record is left for anybody
	began    int64 // when the section's first record was sent; 0: it has none
	yielded  time.Duration
	// refusal is why the last record was refused; only couriers ask.
	refusal string
	supply  run.Supply
	stamp   func(n uint64, due time.Duration, key, value []byte)
	errand
}

// A sender stays in one section of its lane for so many records at most, and
// for so long: where many senders contend for the client's lock of the topic
// each record waits for all others, and no interval can be closed meanwhile.
const (
	burst     = 64
	burstMost = int64(100 * time.Microsecond)
)

// sampleEvery is how many records one measurement of serializing stands for:
// it costs a second reading of the clock.
const sampleEvery = 64

// none is the next record of a sender without a share: beyond every plan's end
// and before the one that no plan reaches.
const none = 1 << 63

// send runs until there is no record left for anybody or ctx ends.
func (s *sender) send(ctx context.Context) {
	defer s.lane.Retire()
	s.timer = time.NewTimer(time.Hour)
	defer s.timer.Stop()
	s.enterPlan()
	for ctx.Err() == nil && !s.spent && !s.plan.last {
		if s.n >= s.plan.end.Load() {
			s.plan = s.plan.next
			s.enterPlan()
			continue
		}
		if !s.awaitDue(ctx) {
			continue
		}
		s.lane.Begin()
		s.pass.busy.Store(true)
		s.began = 0
		for i := 0; i < burst && s.one(ctx); i++ {
		}
		s.pass.busy.Store(false)
		s.lane.End()
		s.pauseFor(ctx)
	}
}

// enterPlan finds the sender's first record of its plan.
func (s *sender) enterPlan() {
	switch {
	case s.index >= s.plan.senders:
		s.n = none
	case s.plan.closed():
		s.n = s.plan.take()
	default:
		s.n = s.share().From(s.plan.first)
	}
}

func (s *sender) share() workload.Share {
	return workload.Share{Index: uint64(s.index), Senders: uint64(s.plan.senders)}
}

// advance goes to the sender's next record.
func (s *sender) advance() {
	if s.plan.closed() {
		s.n = s.plan.take()
	} else {
		s.n = s.share().Next(s.n)
	}
}

// awaitDue sleeps until the next record is due, the plan changes or ctx ends;
// it tells whether a record may be due.
func (s *sender) awaitDue(ctx context.Context) bool {
	now := time.Duration(s.s.now())
	due := now
	if s.plan.open {
		due = s.plan.pace.Due(s.n)
	}
	mine := s.n < s.plan.limit && !s.plan.over(due)
	if mine && due <= now {
		s.yield(now)
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
		s.spent = true
	case <-ctx.Done():
	}
	return false
}

// yieldEvery is how long a sender that has always something to send keeps its
// processor: the runtime would take it away after 10 ms only, for each of the
// senders before a key is heard.
const yieldEvery = time.Millisecond

// yield lets the others run that wait for a processor, between two sections.
func (s *sender) yield(now time.Duration) {
	if now-s.yielded >= yieldEvery {
		s.yielded = now
		runtime.Gosched()
	}
}

// ready tells whether the next record may be sent at an instant, and since
// when it is due.
func (s *sender) ready(now int64) (due int64, ok bool) {
	if s.n >= s.plan.end.Load() || s.n >= s.plan.limit {
		return 0, false
	}
	due = now
	if s.plan.open {
		due = int64(s.plan.pace.Due(s.n))
	}
	return due, due <= now && !s.plan.over(time.Duration(due))
}

// one sends the next record if it is due, and tells whether to go on at once.
func (s *sender) one(ctx context.Context) bool {
	called := s.s.now()
	due, ok := s.ready(called)
	if !ok || s.began > 0 && called-s.began > burstMost {
		return false
	}
	if s.began == 0 {
		s.began = called
	}
	s.begin(s.n, s.plan)
	s.advance()
	took := s.call(ctx, due, called)
	s.s.load.handed()
	return took && !s.waits && !s.flushes()
}

// call calls send() for the errand's record; without ok the sender was called
// back.
func (s *sender) call(ctx context.Context, due, called int64) (ok bool) {
	n, source := s.errand.n, s.errand.plan.source
	s.lane.Sent()
	rec := s.supply.Record()
	rec.Topic = s.s.topicOf(n)
	rec.Due, rec.Called = due, called
	rec.Fill(source, n)
	s.supply.Filled(rec)
	if s.stamp != nil {
		s.stamp(n, time.Duration(due), rec.Key, rec.Value)
	}
	s.underAudit(rec, n, due)
	admitted := called
	if n%sampleEvery == 0 {
		admitted = s.s.now()
		rec.Serialized(admitted - called)
	}
	return s.hand(ctx, rec, admitted)
}

// hand gives the record to the producer when the gate lets it pass.
func (s *sender) hand(ctx context.Context, rec *run.Record, admitted int64) bool {
	if kind := s.producer.run.Load().Refuses(rec); kind != "" {
		s.refused(kind)
		return true
	}
	if s.producer.admission.free() {
		s.produce(rec, admitted) //nolint:contextcheck // the context given to Produce stays with the record
		return true
	}
	h := s.wait(ctx)
	if !h.ok {
		return false
	}
	rec.Blocked, rec.Swap = h.blocked, h.swap
	s.produce(rec, s.s.now()) //nolint:contextcheck // as above
	s.producer.admission.through(&h)
	return true
}

// produce hands over a record that the gate let through. The run is read only
// here: a swap may have ended since the record was begun.
func (s *sender) produce(rec *run.Record, admitted int64) {
	s.lane.Accepted(rec.Bytes())
	s.lane.Entered()
	s.expect(rec, &s.s.load.app)
	s.producer.run.Load().Produce(rec, admitted)
}

// wait waits at the gate, outside the lane's section and with the pass down;
// both are up again when it returns ok.
func (s *sender) wait(ctx context.Context) held {
	s.lane.Block()
	s.pass.busy.Store(false)
	h := s.enter(ctx)
	exhausted := !h.ok && ctx.Err() == nil
	s.lane.Unblock(h.blocked, exhausted)
	switch {
	case h.ok:
	case exhausted:
		s.refused("BUFFER_EXHAUSTED")
	default:
		s.s.load.calledBack.Add(1)
		s.lane.Refused()
		s.refusal = "CALLED_BACK"
	}
	return h
}

// enter waits at the gate of its producer, and goes on to another's where the
// fleet has changed meanwhile.
func (s *sender) enter(ctx context.Context) held {
	var before held
	for {
		h := s.producer.admission.enter(ctx, &s.pass, s.s.maxBlock()-time.Duration(before.blocked))
		h.swap += before.swap
		h.blocked += before.blocked
		if !h.left {
			return h
		}
		before = h
		s.join()
	}
}

// join binds the sender to its producer in the present fleet. The senders of
// one number are spread evenly, whoever came first.
func (s *sender) join() {
	s.producer = s.s.fleet().of(s.index)
	s.producer.admission.join(&s.pass)
}

// refused counts a send() that failed. Who forgets his records looks at that
// as little as at any other outcome.
func (s *sender) refused(kind string) {
	s.refusal = kind
	s.lane.Refused()
	s.s.refuse(kind, -1)
	if s.errand.plan.manner.Send == workload.Forget {
		s.s.load.app.never.Add(1)
	}
}
