package engine

import (
	"fmt"
	"time"

	"kdyno/engine/run"
	"kdyno/engine/setting"
	"kdyno/telemetry"
)

// changeRun replaces the producer by the one asked for last.
func (s *Session) changeRun() {
	v, number, ok := s.changing.take()
	if !ok {
		return
	}
	live := s.history.live().values
	load, err := s.makeLoad(v)
	if err == nil && !producerChanged(v, live) && !s.outgrows(load) {
		// It went back to what is live before it was begun.
		s.changing.mu.Lock()
		defer s.changing.mu.Unlock()
		s.changing.busy = false
		s.commit(v, number, "applied")
		return
	}
	var note runNote
	if err == nil {
		note, err = s.swap(v, load)
	}
	s.changing.mu.Lock()
	defer s.changing.mu.Unlock()
	s.changing.busy = false
	s.sayRunning()
	if err != nil {
		s.rollBack(err)
		return
	}
	r := s.commit(v, number, "applied in %.1f ms, %d records drained", float64(note.resumed-note.paused)/1e6, note.drained)
	note.revision = r.number
	note.changed = map[string][2]string{}
	for _, c := range v.Diff(live) {
		note.changed[string(c.Key)] = [2]string{c.Old, c.New}
	}
	s.noteRun(note)
	if note.resent+note.gaveUp > 0 {
		s.journal.note(s.elapsed(), "notice",
			"the old producer could not drain within %v: %d records sent again (at most %d of them twice in the log), %d with unknown outcome",
			flushWithin, note.resent, note.maybeTwice, note.gaveUp)
	}
}

// rollBack goes back to what is live after a change that could not be made,
// unless another was asked for since: that one is tried as it is.
func (s *Session) rollBack(err error) {
	if !s.stopRequested() {
		s.journal.note(s.elapsed(), "notice", "the change was not made, the old producer goes on: %v", err)
	}
	if s.changing.asked {
		return
	}
	back := s.history.live().values
	s.history.abandon()
	if load, err := s.makeLoad(back); err == nil {
		s.putLoad(load)
	} // else a file of records is gone since: what is in memory stays
	s.shapeLink(back)
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
	lastAck    int64    // of the producer before
	next       *run.Run // until its first acknowledgement
	ackGap     int64
	promise    string // the guarantee that its values give
}

func (s *Session) noteRun(n runNote) {
	s.grounds.mu.Lock()
	defer s.grounds.mu.Unlock()
	n.at, n.promise = s.now(), s.history.live().values.Guarantee().Name
	s.grounds.runs = append(s.grounds.runs, n)
}

// swap makes a producer of values and hands it the load. Drain first: the two
// never overlap, since that reorders (thousands of records at 30 ms round
// trip, measured). While the next one connects the old one goes on; the gate
// is shut only from the flush to the hand-over.
func (s *Session) swap(v setting.Values, load nextLoad) (runNote, error) {
	s.say(telemetry.Swapping, "the next producer connects; the old one goes on")
	next, err := s.warmRun(v, load)
	if err != nil {
		return runNote{}, err
	}
	old := s.run.Load()
	n := runNote{swapped: true, paused: s.now()}
	s.say(telemetry.Swapping, "admission is paused; the old producer drains")
	s.admission.pause()
	buffered := old.Buffered()
	flush, cancel := s.until(s.life.hurry, flushWithin)
	flushed := old.Flush(flush)
	cancel()
	var left run.Leftovers
	if flushed != nil {
		left = old.Drop()
	}
	s.admit(v)
	s.run.Store(next)
	n.drained, n.lastAck, n.next = buffered-int64(len(left)), old.LastAck(), next
	s.handOver(next, old, left, &n)
	if s.outgrows(load) {
		s.putLoad(load)
	}
	// The first round trip after a swap is left out of the latencies.
	s.status.warmUntil(s.now() + s.settling(v))
	s.admission.resume()
	n.resumed = s.now()
	if flushed == nil {
		left = old.Drop()
		for _, l := range left {
			old.Abandon(l)
		}
	}
	old.Retire()
	return n, nil
}

// warmRun makes a producer of values that is ready for a load.
func (s *Session) warmRun(v setting.Values, load nextLoad) (*run.Run, error) {
	s.grounds.mu.Lock()
	stand := s.grounds.stand
	s.grounds.mu.Unlock()
	next, err := s.openRun(stand, v, load)
	if err != nil {
		return nil, err
	}
	ctx, cancel := s.until(s.life.stop, warmWithin)
	defer cancel()
	if err := next.Warm(ctx); err != nil {
		next.Drop()
		next.Retire()
		return nil, fmt.Errorf("the new producer did not get ready: %w", err)
	}
	return next, nil
}

// handOver sends again what the old producer did not deliver. What was written
// and not answered may be in the log: it is sent again only where the old
// producer promised at least once and no more.
func (s *Session) handOver(next, old *run.Run, left run.Leftovers, n *runNote) {
	again := s.history.live().values.Guarantee().Name == setting.AtLeastOnce
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

// settling is how many nanoseconds the first batches of a new producer may
// take: a round trip and two lingers.
func (s *Session) settling(v setting.Values) int64 {
	rtt := s.link.RTT()
	for _, b := range s.meter.PerBroker(nil) {
		if b.RTTP50Ms != nil {
			rtt = max(rtt, time.Duration(*b.RTTP50Ms*float64(time.Millisecond)))
		}
	}
	return int64(rtt + 2*v.Duration(setting.LingerMs))
}

// warmUntil makes a warm-up last at least until an instant.
func (st *status) warmUntil(until int64) {
	for {
		old := st.warm.Load()
		if old >= until || st.warm.CompareAndSwap(old, until) {
			return
		}
	}
}
