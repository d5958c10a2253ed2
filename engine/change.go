package engine

import (
	"fmt"
	"strings"
	"time"

	"kdyno/engine/run"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/telemetry"
)

// Do carries a step out, or refuses it with an *Error. It returns at once: a
// change of the load is live then, a change of the producer follows and is
// told by an event.
func (s *Session) Do(st step.Step) error {
	switch st.Verb {
	case step.Set:
		return s.set(st.Set)
	case step.Preset:
		return s.preset(st.Name)
	case step.Undo:
		return s.walk(-1, "nothing to undo: this is the first revision")
	case step.Redo:
		return s.walk(1, "nothing to redo: this is the last revision")
	case step.Pause:
		s.pauseLoad()
	case step.Resume:
		if state, say := s.state(); state == telemetry.Consent {
			return &Error{Kind: Rail, Say: say}
		}
		s.resumeLoad()
	case step.Mark:
		s.journal.mark(telemetry.Mark{At: s.elapsed(), Say: st.Name})
		s.journal.note(s.elapsed(), "mark", "%s", st.Name)
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
	// What only counts at the start stays as it is.
	now := s.history.wanted()
	for _, row := range setting.Rows() {
		if row.AtStart {
			v = v.Without(row.Key)
			if now.IsSet(row.Key) {
				v, _ = v.With(row.Key, now.Text(row.Key)) // it was accepted before
			}
		}
	}
	return s.want(v, 0)
}

func (s *Session) walk(by int, none string) error {
	if s.pending() {
		return &Error{Kind: Usage, Say: "a change of producers is under way", Hint: "wait for its event"}
	}
	r, ok := s.history.step(by)
	if !ok {
		return &Error{Kind: Usage, Say: none}
	}
	return s.want(r.values, r.number)
}

func (s *Session) pending() bool {
	return !s.history.wanted().Equal(s.history.live().values)
}

// want judges values and makes them so: load and link at once, the producer
// by asking the session's goroutine. number is the revision gone back to.
func (s *Session) want(v setting.Values, number int) error {
	from := s.history.wanted()
	changes := v.Diff(from)
	if len(changes) == 0 && number == 0 && v.Equal(from) {
		return nil
	}
	for _, c := range changes {
		if row, _ := setting.Find(c.Key); row.AtStart {
			return &Error{Kind: Usage, Say: fmt.Sprintf("%s counts only at the start", c.Key), Hint: fmt.Sprintf("start kdyno with --set %s=%s", c.Key, c.New), Key: c.Key}
		}
	}
	for _, p := range s.Check(v) {
		if p.Severity == setting.Error {
			return problemError(p)
		}
	}
	s.history.want(v)
	s.link.SetRTT(v.Duration(setting.StandLinkRTT))
	grew := s.changeLoad(v)
	if !grew && !producerChanged(v, s.history.live().values) {
		s.cancelAsked()
		s.commit(v, number, "applied")
		return nil
	}
	s.life.asked.put(v, number)
	select {
	case s.life.change <- struct{}{}:
	default:
	}
	return nil
}

// producerChanged tells whether the producer needs to be another: by text, or
// since Java reads a value that was set otherwise than one that was not.
func producerChanged(v, old setting.Values) bool {
	for _, row := range setting.Rows() {
		if row.Scope != setting.Producer {
			continue
		}
		if v.Text(row.Key) != old.Text(row.Key) || v.IsSet(row.Key) != old.IsSet(row.Key) {
			return true
		}
	}
	return false
}

func (a *asked) put(v setting.Values, number int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.values, a.number, a.set = v, number, true
}

func (a *asked) take() (v setting.Values, number int, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ok, a.set = a.set, false
	return a.values, a.number, ok
}

// cancelAsked forgets a change that went back to what is live before it was
// begun.
func (s *Session) cancelAsked() { s.life.asked.take() }

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

// changeRun replaces the producer by the one asked for last.
func (s *Session) changeRun() {
	v, number, ok := s.life.asked.take()
	if !ok {
		return
	}
	state, say := s.state()
	s.say(telemetry.Swapping, "the next producer connects; the old one goes on")
	note, err := s.swap(v)
	s.say(state, say)
	if err != nil {
		if s.stopRequested() {
			return
		}
		// The load's part of the change is live; the producer's is not.
		back := s.history.live().values
		s.history.abandon()
		s.changeLoad(back)
		s.link.SetRTT(back.Duration(setting.StandLinkRTT))
		s.journal.note(s.elapsed(), "notice", "the change was not made, the old producer goes on: %v", err)
		return
	}
	old := s.history.live()
	r := s.commit(v, number, "applied in %.1f ms, %d records drained", float64(note.resumed-note.paused)/1e6, note.drained)
	note.revision = r.number
	note.changed = map[string][2]string{}
	for _, c := range v.Diff(old.values) {
		note.changed[string(c.Key)] = [2]string{c.Old, c.New}
	}
	s.noteRun(note)
	if note.resent+note.gaveUp > 0 {
		s.journal.note(s.elapsed(), "notice",
			"the old producer could not drain within %v: %d records sent again (at most %d of them twice in the log), %d with unknown outcome",
			flushWithin, note.resent, note.maybeTwice, note.gaveUp)
	}
}

// runNote is what the report tells of a run.
type runNote struct {
	revision   int
	at         int64
	changed    map[string][2]string
	swapped    bool
	paused     int64
	resumed    int64
	drained    int64
	resent     int64
	gaveUp     int64
	maybeTwice int64
	ackGap     int64
}

func (s *Session) noteRun(n runNote) {
	s.grounds.mu.Lock()
	defer s.grounds.mu.Unlock()
	n.at = s.now()
	s.grounds.runs = append(s.grounds.runs, n)
}

// swap makes a producer of values and hands it the load. Drain first: the two
// never overlap, since that reorders (thousands of records at 30 ms round
// trip, measured). While the next one connects the old one goes on; the gate
// is shut only from the flush to the hand-over.
func (s *Session) swap(v setting.Values) (runNote, error) {
	s.grounds.mu.Lock()
	stand := s.grounds.stand
	s.grounds.mu.Unlock()
	next, err := s.openRun(stand, v)
	if err != nil {
		return runNote{}, err
	}
	ctx, cancel := s.stopping(warmWithin)
	err = next.Warm(ctx)
	cancel()
	if err != nil {
		next.Drop()
		return runNote{}, fmt.Errorf("the new producer did not get ready: %w", err)
	}
	old := s.run.Load()
	n := runNote{swapped: true, paused: s.now()}
	s.say(telemetry.Swapping, "admission is paused; the old producer drains")
	s.admission.pause()
	buffered := old.Buffered()
	flush, cancel := s.stopping(flushWithin)
	flushed := old.Flush(flush)
	cancel()
	var left run.Leftovers
	if flushed != nil {
		left = old.Drop()
	}
	s.admit(v)
	s.run.Store(next)
	n.drained = buffered - int64(len(left))
	s.handOver(next, old, left, &n)
	s.warmAgain(v)
	s.admission.resume()
	n.resumed = s.now()
	if flushed == nil {
		old.Drop()
	}
	return n, nil
}

// handOver sends again what the old producer did not deliver. What was written
// and not answered may be in the log: it is sent again only where the old
// producer promised at least once and no more.
func (s *Session) handOver(next, old *run.Run, left run.Leftovers, n *runNote) {
	again := s.history.live().values.Guarantee().Name == "at least once"
	for _, l := range left {
		switch {
		case !l.MaybeStored:
			next.Resend(l.Record)
			n.resent++
		case again:
			next.Resend(l.Record)
			n.resent++
			n.maybeTwice++
		default:
			old.Abandon(l)
			n.gaveUp++
		}
	}
}

// warmAgain leaves the first round trip after a swap out of the latencies.
func (s *Session) warmAgain(v setting.Values) {
	rtt := s.link.RTT()
	for _, b := range s.meter.PerBroker(nil) {
		if b.RTTP50Ms != nil {
			rtt = max(rtt, time.Duration(*b.RTTP50Ms*float64(time.Millisecond)))
		}
	}
	until := s.now() + int64(rtt+2*v.Duration(setting.LingerMs))
	if s.status.warm.Load() < until {
		s.status.warm.Store(until)
	}
}
