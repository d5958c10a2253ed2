package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kdyno/engine/cluster"
	"kdyno/engine/fault"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/telemetry"
)

// shapeLink makes the emulated network that of values, at once.
func (s *Session) shapeLink(v setting.Values) {
	s.link.SetRTT(v.Duration(setting.StandLinkRTT))
	s.link.SetJitter(v.Duration(setting.StandLinkJitter))
	s.link.SetBandwidth(v.LinkBandwidth())
}

// shape makes the emulated network and the embedded brokers those of values.
func (s *Session) shape(v setting.Values) {
	s.shapeLink(v)
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

// breakSomething starts a fault, and tells when it is over.
func (s *Session) breakSomething(st step.Step) error {
	active, err := s.grounds.board.Start(st, s.grounds.on())
	if err != nil {
		return refusedFault(err)
	}
	o := s.suffer(active)
	s.journal.mark(telemetry.Mark{At: s.elapsed(), Say: st.String()})
	s.journal.note(s.elapsed(), "fault", "%s", st)
	told := s.grounds.proof.faults.begin(strings.TrimPrefix(st.String(), "fault "), s.elapsed())
	s.look()
	s.life.wg.Go(func() {
		select {
		case <-active.Done():
		case <-s.life.ctx.Done():
			return
		}
		over := s.elapsed()
		told(over)
		s.recovered(o, int64(over))
		what := fmt.Sprintf("%s is over after %v", st.Name, over.Round(time.Millisecond)-active.Started.Sub(s.start).Round(time.Millisecond))
		if hits := active.Hits(); hits > 0 {
			what += fmt.Sprintf("; it hit %d times", hits)
		}
		s.journal.mark(telemetry.Mark{At: over, Say: "heal " + st.Name})
		s.journal.note(over, "heal", "%s", what)
		s.look()
	})
	return nil
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

// heal ends the faults of a name, all of them without one.
func (s *Session) heal(name string) error {
	healed, err := s.grounds.board.Heal(name)
	if err != nil {
		return refusedFault(err)
	}
	if len(healed) == 0 {
		return &Error{Kind: Usage, Say: "there is no such fault to heal", Hint: "the event list tells what was started"}
	}
	return nil
}

// healAll ends every fault; the names of faults can not be wrong then.
func (s *Session) healAll() { _, _ = s.grounds.board.Heal("") }

func refusedFault(err error) error {
	var bad *fault.Error
	if errors.As(err, &bad) {
		return &Error{Kind: Usage, Say: bad.Sentence(), Hint: bad.Hint}
	}
	return &Error{Kind: Usage, Say: err.Error()}
}

// faultsNow are the faults that are in force.
func (s *Session) faultsNow() []telemetry.FaultNow {
	var list []telemetry.FaultNow
	for _, a := range s.grounds.board.Active() {
		now := telemetry.FaultNow{
			Name: a.Step.Name, Step: strings.TrimPrefix(a.Step.String(), "fault "), Target: "all brokers",
			Since: a.Started.Sub(s.start), Hits: a.Hits(),
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
