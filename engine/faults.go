package engine

import (
	"errors"
	"fmt"
	"strings"
	"time"

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

// breakSomething starts a fault, and tells when it is over.
func (s *Session) breakSomething(st step.Step) error {
	var brokers []int32
	s.grounds.mu.Lock()
	if s.grounds.stand != nil {
		for _, b := range s.grounds.stand.Brokers() {
			brokers = append(brokers, b.ID)
		}
	}
	board := s.grounds.board
	s.grounds.mu.Unlock()
	active, err := board.Start(st, brokers)
	if err != nil {
		return refusedFault(err)
	}
	s.journal.mark(telemetry.Mark{At: s.elapsed(), Say: st.String()})
	s.journal.note(s.elapsed(), "fault", "%s", st)
	over := s.grounds.proof.faults.begin(strings.TrimPrefix(st.String(), "fault "), s.elapsed())
	s.life.wg.Go(func() {
		select {
		case <-active.Done():
		case <-s.life.ctx.Done():
			return
		}
		over(s.elapsed())
		what := fmt.Sprintf("%s is over after %v", st.Name, s.elapsed().Round(time.Millisecond)-active.Started.Sub(s.start).Round(time.Millisecond))
		if hits := active.Hits(); hits > 0 {
			what += fmt.Sprintf("; it hit %d times", hits)
		}
		s.journal.mark(telemetry.Mark{At: s.elapsed(), Say: "heal " + st.Name})
		s.journal.note(s.elapsed(), "heal", "%s", what)
	})
	return nil
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
		return &Error{Kind: Usage, Say: bad.Error(), Hint: bad.Hint}
	}
	return &Error{Kind: Usage, Say: err.Error()}
}
