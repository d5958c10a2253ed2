package engine

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
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
	if err == nil && (s.crash.dead || !producerChanged(v, live) && !s.outgrows(load)) {
		// Nobody is there to be changed, or it went back to what is live before it
		// was begun.
		how := "applied"
		if s.crash.dead {
			how = "applied, the next producer starts with it"
			s.putLoad(load)
		}
		s.changing.mu.Lock()
		defer s.changing.mu.Unlock()
		s.changing.busy = false
		s.commit(v, number, "%s", how)
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
	note.changed = changed(v.Diff(live))
	s.noteRun(note)
	if note.resent+note.gaveUp > 0 {
		s.journal.note(s.elapsed(), "notice",
			"%s could not drain within %v: %d records sent again (at most %d of them twice in the log), %d with unknown outcome",
			oldOnes(live), flushWithin, note.resent, note.maybeTwice, note.gaveUp)
	}
}

// changed is what a report says of changes.
func changed(changes []setting.Change) map[string][2]string {
	out := map[string][2]string{}
	for _, c := range changes {
		out[string(c.Key)] = [2]string{c.Old, c.New}
	}
	return out
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
	s.shape(back)
}

// runNote is what the report tells of a run.
type runNote struct {
	revision   int
	at         int64
	changed    map[string][2]string
	swapped    bool
	restart    bool // after a crash
	paused     int64
	resumed    int64
	drained    int64
	resent     int64
	gaveUp     int64
	maybeTwice int64
	lastAck    int64      // of the producers before
	next       []*run.Run // until their first acknowledgement
	ackGap     int64
	promise    string // the guarantee that its values give
}

func (s *Session) noteRun(n runNote) {
	s.grounds.mu.Lock()
	defer s.grounds.mu.Unlock()
	n.at, n.promise = s.now(), s.history.live().values.Guarantee().Name
	s.grounds.runs = append(s.grounds.runs, n)
}

// swap makes producers of values and hands them the load. Drain first: the old
// and the new never overlap, since that reorders (thousands of records at 30 ms
// round trip, measured). While the next ones connect the old ones go on; the
// gates are shut only from the flush to the hand-over.
func (s *Session) swap(v setting.Values, load nextLoad) (runNote, error) {
	s.say(telemetry.Swapping, "the next producer connects; the old one goes on")
	next, err := s.warmCrew(v, load)
	if err != nil {
		return runNote{}, err
	}
	old := s.fleet()
	runs := old.runs()
	n := runNote{swapped: true, paused: s.now(), next: next.runs}
	s.say(telemetry.Swapping, "admission is paused; the old producer drains")
	old.pause()
	n.drained = buffered(runs)
	left := s.flush(runs)
	n.lastAck = lastAck(runs)
	for i, l := range left {
		n.drained -= int64(len(l))
		s.handOver(next.runs[i%len(next.runs)], runs[i], l, &n)
	}
	s.take(next, v)
	if s.outgrows(load) {
		s.putLoad(load)
	}
	// The first round trip after a swap is left out of the latencies.
	s.status.warmUntil(s.now() + s.settling(v))
	hand(old, next.fleet)
	n.resumed = s.now()
	end(runs)
	return n, nil
}

// hand lets those go on who wait at the gates, with the fleet that is the
// session's by now.
func hand(old, next fleet) {
	next.resume()
	if next[0] != old[0] {
		old.disband()
	}
}

// warmCrew makes producers of values that are ready for a load.
func (s *Session) warmCrew(v setting.Values, load nextLoad) (crew, error) {
	s.grounds.mu.Lock()
	stand := s.grounds.stand
	s.grounds.mu.Unlock()
	next, err := s.openCrew(stand, v, load)
	if err != nil {
		return crew{}, err
	}
	ctx, cancel := s.until(s.life.stop, warmWithin)
	defer cancel()
	err = next.warm(ctx)
	var some *run.Unreached
	switch {
	case errors.As(err, &some):
		s.journal.note(s.elapsed(), "notice", "the new producer takes over without some of the brokers: %s", oneLine(some))
	case err != nil:
		next.dismiss()
		return crew{}, fmt.Errorf("the new producer did not get ready: %w", err)
	}
	return next, nil
}

// oneLine is an error that may be joined of several.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// flush drains runs as far as the time for it goes. It returns what those left
// that could not, and closes them.
func (s *Session) flush(runs []*run.Run) []run.Leftovers {
	ctx, cancel := s.until(s.life.hurry, flushWithin)
	defer cancel()
	left := make([]run.Leftovers, len(runs))
	together(len(runs), func(i int) {
		if runs[i].Flush(ctx) != nil {
			left[i] = runs[i].Drop()
		}
	})
	return left
}

// end closes runs that have handed over, and returns how many records were
// given up with them.
func end(runs []*run.Run) int64 {
	var given atomic.Int64
	together(len(runs), func(i int) {
		left := runs[i].Drop()
		for _, l := range left {
			runs[i].Abandon(l)
		}
		runs[i].Retire()
		given.Add(int64(len(left)))
	})
	return given.Load()
}

// handOver sends again what an old run did not deliver. What was written and
// not answered may be in the log: it is sent again only where the old one
// promised at least once and no more.
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

// oldOnes names what was replaced.
func oldOnes(v setting.Values) string {
	if v.Int(setting.LoadProducers) == 1 {
		return "the old producer"
	}
	return "the old producers"
}
