package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"kdyno/engine/cluster"
	"kdyno/engine/fault"
	"kdyno/engine/run"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/engine/wire"
	"kdyno/telemetry"
)

// shapeLink makes the emulated network that of values, at once.
func shapeLink(l *wire.Link, v setting.Values) {
	l.SetRTT(v.Duration(setting.StandLinkRTT))
	l.SetJitter(v.Duration(setting.StandLinkJitter))
	l.SetBandwidth(v.LinkBandwidth())
}

// shape makes the emulated network and the embedded brokers those of values.
func (s *Session) shape(v setting.Values) {
	shapeLink(s.link, v)
	if stand := s.grounds.on(); stand != nil {
		s.shapeStand(stand, v)
	}
}

// shapeStand gives the embedded brokers their limits: the quota at once, the
// rest as soon as they have heard of it.
func (s *Session) shapeStand(stand *cluster.Stand, v setting.Values) {
	want := limitsOf(v)
	stand.SetQuota(want.QuotaBytes)
	want.QuotaBytes = 0
	s.grounds.mu.Lock()
	changed := s.grounds.limits != want
	s.grounds.limits = want
	s.grounds.mu.Unlock()
	if !changed {
		return
	}
	s.life.wg.Go(func() {
		ctx, cancel := context.WithTimeout(s.life.ctx, refreshEach)
		defer cancel()
		if err := stand.Limit(ctx, want); err != nil && ctx.Err() == nil {
			s.journal.note(s.elapsed(), "notice", "the brokers' limits stay as they were: %v", err)
		}
	})
}

func limitsOf(v setting.Values) cluster.Limits {
	return cluster.Limits{
		MaxMessageBytes: v.Int(setting.StandMessageMaxBytes), RetentionBytes: v.Int(setting.StandRetentionBytes),
		QuotaBytes: v.Int(setting.StandQuotaBytes),
	}
}

// breaking is what a session needs to break something on purpose and to heal it.
// It outlives the runs.
type breaking struct {
	board   *fault.Board
	outages outages
	start   time.Time
	journal *journal
	ctx     context.Context // ends with the session
	wg      *sync.WaitGroup
	look    func() // reads leaders and brokers again, which a fault may have changed

	// witness is told of a fault as it begins, and by what it returns as that is over;
	// nil: nobody is.
	witness func(what string, at time.Duration) (over func(at time.Duration))
}

func (b *breaking) elapsed() time.Duration { return time.Since(b.start) }

// begin starts a fault, and tells when it is over.
func (b *breaking) begin(st step.Step, on *cluster.Stand) error {
	active, err := b.board.Start(st, on)
	if err != nil {
		return refusedFault(err)
	}
	o := b.outages.suffer(active, int64(active.Started.Sub(b.start)))
	b.journal.mark(telemetry.Mark{At: b.elapsed(), Say: st.String()})
	b.journal.note(b.elapsed(), "fault", "%s", st)
	told := func(time.Duration) {}
	if b.witness != nil {
		told = b.witness(strings.TrimPrefix(st.String(), "fault "), b.elapsed())
	}
	b.look()
	b.wg.Go(func() {
		select {
		case <-active.Done():
		case <-b.ctx.Done():
			return
		}
		over := b.elapsed()
		told(over)
		b.outages.recovered(o, int64(over))
		what := fmt.Sprintf("%s is over after %v", st.Name, over.Round(time.Millisecond)-active.Started.Sub(b.start).Round(time.Millisecond))
		if hits := active.Hits(); hits > 0 {
			what += fmt.Sprintf("; it hit %d times", hits)
		}
		b.journal.mark(telemetry.Mark{At: over, Say: "heal " + st.Name})
		b.journal.note(over, "heal", "%s", what)
		b.look()
	})
	return nil
}

// heal ends the faults of a name, all of them without one.
func (b *breaking) heal(name string) error {
	healed, err := b.board.Heal(name)
	if err != nil {
		return refusedFault(err)
	}
	if len(healed) == 0 {
		return &Error{Kind: Usage, Say: "there is no such fault to heal", Hint: "the event list tells what was started"}
	}
	return nil
}

// healAll ends every fault; the names of faults can not be wrong then.
func (b *breaking) healAll() { _, _ = b.board.Heal("") }

// feel makes faults felt by the session's own load.
func (s *Session) feel() felt {
	return felt{
		watch: s.meter.Watch, unwatch: s.meter.Unwatch, backlog: s.meter.Backlog, queued: s.queued, touched: s.touched,
		tell: func(format string, args ...any) { s.journal.note(s.elapsed(), "heal", format, args...) },
	}
}

// touched are the partitions that a fault acts on, nil for all.
func (s *Session) touched(a *fault.Active) []int32 {
	if a.Broker < 0 && a.Partition < 0 {
		return nil
	}
	parts := []int32{}
	for p, leader := range s.leaders() {
		if (a.Partition < 0 || a.Partition == p.partition) && (a.Broker < 0 || a.Broker == leader) {
			parts = append(parts, s.grounds.places.of(p.topic, p.partition))
		}
	}
	return parts
}

// queued is how many records are in the buffer for each partition, by number.
func (s *Session) queued() map[int32]int64 {
	queued := map[int32]int64{}
	for _, q := range run.Queues(s.fleet().runs()) {
		queued[s.grounds.places.of(q.Topic, q.Partition)] += q.Records
	}
	return queued
}

// look reads leaders and brokers again, which a fault may have changed.
func (s *Session) look() {
	if s.life.ctx.Err() == nil {
		s.refresh()
	}
}

// hear tells of what happened on the stand by itself.
func (s *Session) hear(say string) {
	s.journal.note(s.elapsed(), "notice", "%s", say)
	s.look()
}

func refusedFault(err error) error {
	var bad *fault.Error
	if errors.As(err, &bad) {
		return &Error{Kind: Usage, Say: bad.Sentence(), Hint: bad.Hint}
	}
	return &Error{Kind: Usage, Say: err.Error()}
}

// inForce are the faults that hold now, told by the time since start.
func (b *breaking) inForce(start time.Time) []telemetry.FaultNow {
	var list []telemetry.FaultNow
	for _, a := range b.board.Active() {
		now := telemetry.FaultNow{
			Name: a.Step.Name, Step: strings.TrimPrefix(a.Step.String(), "fault "), Target: "all brokers",
			Since: a.Started.Sub(start), Hits: a.Hits(),
		}
		switch {
		case a.Partition >= 0:
			now.Target = fmt.Sprintf("partition %d", a.Partition)
		case a.Broker >= 0:
			now.Target = fmt.Sprintf("broker %d", a.Broker)
		}
		if a.For > 0 {
			now.Ends = now.Since + a.For
		}
		for _, p := range a.Step.With {
			now.Counts = now.Counts || p.Name == "count"
		}
		list = append(list, now)
	}
	return list
}
