package engine

import (
	"fmt"
	"strings"

	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/telemetry"
)

// Do carries a step out, or refuses it with an *Error. It returns at once: a
// change of the load is live then, a change of the producer follows and is
// told by an event.
func (s *Session) Do(st step.Step) error {
	if s.load.ended.Load() > 0 || s.isDone() {
		return loadEnded()
	}
	switch st.Verb {
	case step.Set, step.Preset, step.Undo, step.Redo:
		return s.change(st)
	case step.Pause, step.Resume:
		return s.turnLoad(st.Verb == step.Resume)
	case step.Send, step.Partitions, step.Crash, step.Restart:
		return s.intervene(st)
	case step.Mark:
		s.journal.mark(telemetry.Mark{At: s.elapsed(), Say: st.Name})
		s.journal.note(s.elapsed(), "mark", "%s", st.Name)
	case step.Fault:
		return s.grounds.breaking.begin(st, s.grounds.on())
	case step.Heal:
		return s.grounds.breaking.heal(st.Name)
	case step.Audit:
		return s.turnAudit(st.Name == step.On)
	case step.Allow:
		select {
		case s.life.allow <- struct{}{}:
		default:
		}
	default:
		return &Error{Kind: Usage, Say: fmt.Sprintf("there is no step %q", st.Verb)}
	}
	return nil
}

// intervene does a step that is done to the running producer.
func (s *Session) intervene(st step.Step) error {
	switch st.Verb {
	case step.Send:
		return s.send(st)
	case step.Partitions:
		return s.addPartitions(st.Count)
	case step.Crash:
		return s.askCrash()
	default:
		return s.askRestart()
	}
}

func loadEnded() *Error {
	return &Error{Kind: Usage, Say: "the load has ended; nothing can be changed any more", Hint: "start kdyno again"}
}

// turnLoad pauses or resumes the load.
func (s *Session) turnLoad(on bool) error {
	state, say := s.state()
	switch {
	case s.died():
		return &Error{Kind: Usage, Say: "the producer is dead and the load stands still already", Hint: "restart starts another, and the load goes on"}
	case on && state == telemetry.Consent:
		return &Error{Kind: Rail, Say: say}
	case on && state == telemetry.Refused:
		select {
		case s.life.again <- struct{}{}:
		default:
		}
	case on:
		s.resumeLoad()
	default:
		s.pauseLoad()
	}
	return nil
}

// change does a step that asks for other values.
func (s *Session) change(st step.Step) error {
	s.changing.mu.Lock()
	defer s.changing.mu.Unlock()
	switch st.Verb {
	case step.Preset:
		return s.preset(st.Name)
	case step.Undo:
		return s.walk(-1, "nothing to undo: this is the first revision")
	case step.Redo:
		return s.walk(1, "nothing to redo: this is the last revision")
	default:
		return s.set(st.Set)
	}
}

// carryOut does a step of the timeline; nobody is there to be told but the log.
func (s *Session) carryOut(st step.Step) {
	if err := s.Do(st); err != nil {
		s.journal.note(s.elapsed(), "notice", "%s was refused: %s", st, err)
	}
}

func (s *Session) set(assignments []step.Assignment) error {
	v := s.history.wanted()
	for _, a := range assignments {
		next, err := v.With(a.Key, a.Text)
		if err != nil {
			return &Error{Kind: Usage, Say: err.Error(), Key: a.Key}
		}
		v = next
	}
	return s.want(v, 0)
}

func (s *Session) preset(name string) error {
	if s.config.Resolve == nil {
		return &Error{Kind: Usage, Say: "presets are not at hand here"}
	}
	v, err := s.config.Resolve(name)
	if err != nil {
		return &Error{Kind: Usage, Say: err.Error()}
	}
	return s.want(v.Upon(s.history.wanted()), 0)
}

func (s *Session) walk(by int, none string) error {
	if s.changing.asked || s.changing.busy {
		return &Error{Kind: Usage, Say: "a change of producers is under way", Hint: "wait for its event"}
	}
	r, ok := s.history.step(by)
	if !ok {
		return &Error{Kind: Usage, Say: none}
	}
	return s.want(r.values, r.number)
}

// want judges values and makes them so: load and link at once, the producer
// by asking the session's goroutine. A load that the producers were not made for
// comes with the next ones. number is the revision gone back to.
func (s *Session) want(v setting.Values, number int) error {
	from := s.history.wanted()
	changes := v.Diff(from)
	if len(changes) == 0 && number == 0 && v.Equal(from) {
		return nil
	}
	if err := s.judgeChange(v, changes); err != nil {
		return err
	}
	next, err := s.makeLoad(v)
	if err != nil {
		return err
	}
	s.history.want(v)
	s.shape(v)
	outgrows := s.outgrows(next)
	if !outgrows {
		s.putLoad(next)
	}
	c := &s.changing
	if c.asked || c.busy || outgrows || producerChanged(v, s.history.live().values) {
		c.values, c.number, c.asked = v, number, true
		select {
		case s.life.change <- struct{}{}:
		default:
		}
		return nil
	}
	s.commit(v, number, "applied")
	return nil
}

// judgeChange refuses what only counts at the start and what does not go
// together.
func (s *Session) judgeChange(v setting.Values, changes []setting.Change) error {
	for _, c := range changes {
		if row, _ := setting.Find(c.Key); row.AtStart {
			return &Error{
				Kind: Usage, Say: fmt.Sprintf("%s counts only at the start", c.Key), Key: c.Key,
				Hint: fmt.Sprintf("start kdyno with --set %s=%s", c.Key, c.New),
			}
		}
	}
	return judgeBy(v, s.facts())
}

// producerChanged tells whether the producer needs to be another: by text, or
// since Java reads a value that was set otherwise than one that was not.
func producerChanged(v, old setting.Values) bool {
	for _, row := range setting.Rows() {
		if row.Scope != setting.Producer {
			continue
		}
		if !v.Same(old, row.Key) || v.IsSet(row.Key) != old.IsSet(row.Key) {
			return true
		}
	}
	return false
}

// commit makes values live and tells.
func (s *Session) commit(v setting.Values, number int, how string, args ...any) revision {
	old := s.history.live()
	r := s.history.commit(v, number)
	what := diffText(v.Diff(old.values))
	s.journal.mark(telemetry.Mark{At: s.elapsed(), Revision: r.number, Say: what})
	s.journal.note(s.elapsed(), "revision", "rev %d %s: %s", r.number, fmt.Sprintf(how, args...), what)
	return r
}

func diffText(changes []setting.Change) string {
	if len(changes) == 0 {
		return "no value differs"
	}
	parts := make([]string, len(changes))
	for i, c := range changes {
		parts[i] = fmt.Sprintf("%s %s > %s", c.Key, c.Old, c.New)
	}
	return strings.Join(parts, ", ")
}

// begin and end are around what the session's goroutine does besides a change,
// and during which none may be made.
func (c *changing) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = true
}

func (c *changing) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = false
}

// take begins the change that was asked for last, if one was.
func (c *changing) take() (v setting.Values, number int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ok, c.asked = c.asked, false
	c.busy = ok
	return c.values, c.number, ok
}
