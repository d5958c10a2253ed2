package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kdyno/engine/setting"
	"kdyno/engine/workload"
	"kdyno/telemetry"
)

// The bounds of waiting on a cluster.
const (
	warmWithin  = 10 * time.Second
	tryAgain    = 2 * time.Second
	refreshEach = 5 * time.Second
	flushWithin = 2 * time.Second
	drainWithin = 30 * time.Second
	// lateWithin is how long senders may still send what was due when the load
	// ended; only a full buffer keeps them longer.
	lateWithin = 250 * time.Millisecond
	warmAtMost = 3 * time.Second
	closeEach  = 100 * time.Millisecond
)

// errStopped ends a wait because the session was told to stop.
var errStopped = errors.New("stopped")

// live is the session's own goroutine: it reaches the cluster, makes the first
// run, starts the load, carries out changes one by one, and ends it all.
func (s *Session) live() {
	defer close(s.life.done)
	err := s.reach()
	if err == nil {
		s.beginWanted()
		s.startLoad()
		s.conduct()
		s.finish()
	}
	if err != nil && !errors.Is(err, errStopped) {
		s.fail(err)
	}
	s.say(telemetry.Done, s.lastWords())
}

// fail keeps the reason for the end.
func (s *Session) fail(err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Kind: Unreachable, Say: err.Error()}
	}
	s.life.err.Store(e)
	s.journal.note(s.elapsed(), "notice", "%s", e.Say)
}

func (s *Session) lastWords() string {
	if e := s.life.err.Load(); e != nil {
		return e.Say
	}
	return "the load has ended; the figures stay"
}

// wait sleeps unless the session is told to stop.
func (s *Session) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.life.stop:
	case <-s.life.ctx.Done():
	}
	return false
}

// until is a context that ends at a signal, at the latest after so long.
func (s *Session) until(signal <-chan struct{}, within time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(s.life.ctx, within)
	go func() {
		select {
		case <-signal:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

func (s *Session) isDone() bool {
	select {
	case <-s.life.done:
		return true
	default:
		return false
	}
}

func (s *Session) stopRequested() bool {
	select {
	case <-s.life.stop:
		return true
	case <-s.life.ctx.Done():
		return true
	default:
		return false
	}
}

// admit gives the gate its bounds.
func (s *Session) admit(v setting.Values) {
	s.admission.set(v.Int(setting.BufferMemory), v.Int(setting.BatchSize))
}

// conduct carries out what is asked while the load runs.
func (s *Session) conduct() {
	end := s.endTimer()
	defer end.Stop()
	timeline := newTimeline(s.config.At)
	due := time.NewTimer(timeline.until(s.sinceBegun()))
	defer due.Stop()
	refresh := time.NewTicker(refreshEach)
	defer refresh.Stop()
	for {
		select {
		case <-s.life.stop:
			return
		case <-s.life.ctx.Done():
			return
		case <-end.C:
			return
		case <-s.load.spent:
			return
		case <-s.life.change:
			s.changeRun()
		case <-due.C:
			for _, st := range timeline.take(s.sinceBegun()) {
				s.carryOut(st)
			}
			due.Reset(timeline.until(s.sinceBegun()))
		case <-refresh.C:
			s.refresh()
		}
	}
}

// endTimer fires when --for is over.
func (s *Session) endTimer() *time.Timer {
	if s.config.For <= 0 {
		t := time.NewTimer(time.Hour)
		t.Stop()
		return t
	}
	return time.NewTimer(s.config.For - s.sinceBegun())
}

// sinceBegun is the load's time.
func (s *Session) sinceBegun() time.Duration { return time.Duration(s.now() - s.load.begun.Load()) }

// refresh reads the leaders again; an answer that does not come changes nothing.
func (s *Session) refresh() {
	s.grounds.mu.Lock()
	stand := s.grounds.stand
	s.grounds.mu.Unlock()
	s.life.wg.Go(func() {
		ctx, cancel := context.WithTimeout(s.life.ctx, refreshEach)
		defer cancel()
		// The old answer stays; the run's own client tells of lost brokers.
		_ = stand.Refresh(ctx)
	})
}

// finish ends the load, drains and closes the last interval.
func (s *Session) finish() {
	s.endLoad()
	r := s.run.Load()
	s.say(telemetry.Draining, "the load has ended; what is in the buffer drains")
	ctx, cancel := s.until(s.life.hurry, s.patience())
	s.awaitSenders(ctx)
	// The error is that the patience ended; what it left is told below.
	_ = r.Flush(ctx)
	cancel()
	left := r.Drop()
	for _, l := range left {
		r.Abandon(l)
	}
	r.Retire()
	if len(left) > 0 {
		s.journal.note(s.elapsed(), "notice", "%d records were still in the buffer when the drain ended; they were given up", len(left))
	}
	if n := s.load.calledBack.Load(); n > 0 {
		s.journal.note(s.elapsed(), "notice", "%d sends still waited for space in buffer.memory when the load ended; they were called back", n)
	}
	s.load.drained.Store(s.now())
	s.stopSampling()
	s.finishAudit()
}

// patience is how long the end may drain.
func (s *Session) patience() time.Duration {
	return min(drainWithin, max(s.history.live().values.Effective().Duration(setting.DeliveryTimeoutMs), time.Second))
}

// giveUp ends a drain that is under way.
func (s *Session) giveUp() {
	s.life.hurried.Do(func() { close(s.life.hurry) })
}

func (s *Session) closeGrounds() {
	s.grounds.mu.Lock()
	defer s.grounds.mu.Unlock()
	if s.grounds.stand != nil {
		s.grounds.stand.Close()
		s.grounds.stand = nil
	}
}

// loadOf parses values that the table has accepted already.
func loadOf(v setting.Values) workload.Load {
	l, err := workload.FromValues(v)
	if err != nil {
		// Open and Do have asked before.
		panic(fmt.Sprintf("values accepted and not a load: %v", err))
	}
	return l
}
