package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kdyno/engine/run"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/engine/workload"
	"kdyno/telemetry"
)

// The bounds of waiting on a cluster.
const (
	warmWithin  = 10 * time.Second
	tryAgain    = 2 * time.Second
	refreshEach = 5 * time.Second
	// refreshTries is how often the metadata is asked for again at once.
	refreshTries = 3
	flushWithin  = 2 * time.Second
	drainWithin  = 30 * time.Second
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

// conduct carries out what is asked while the load runs.
func (s *Session) conduct() {
	end := s.endTimer()
	defer end.Stop()
	timeline := newTimeline(s.config.At)
	due := time.NewTimer(timeline.until(s.sinceBegun()))
	defer due.Stop()
	refresh := time.NewTicker(refreshEach)
	defer refresh.Stop()
	for !s.stranded(timeline) {
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
		case <-s.life.orders.some:
			s.life.orders.next()
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

// stranded tells whether --records will never be reached: the producer is dead,
// no step is left to start another, and nobody is there to do it.
func (s *Session) stranded(t *timeline) bool {
	if !s.crash.dead || !s.died() || s.config.Attended || s.config.Records == 0 || s.config.For > 0 || t.has(step.Restart) {
		return false
	}
	s.journal.note(s.elapsed(), "notice", "the producer is dead and nothing is left to restart it: the session ends")
	return true
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
	stand := s.grounds.on()
	if stand == nil {
		return
	}
	s.life.wg.Go(func() {
		ctx, cancel := context.WithTimeout(s.life.ctx, refreshEach)
		defer cancel()
		// The old answer stays; the run's own client tells of lost brokers. Who was
		// asked may be one of them.
		for tries := 0; stand.Refresh(ctx) != nil && tries < refreshTries && ctx.Err() == nil; tries++ {
		}
	})
}

// finish ends the load, drains and closes the last interval.
func (s *Session) finish() {
	s.endLoad()
	s.say(telemetry.Draining, "the load has ended; what is in the buffer drains")
	ctx, cancel := s.until(s.life.hurry, s.patience())
	s.awaitSenders(ctx)
	left := drain(ctx, s.fleet().runs())
	cancel()
	if left > 0 {
		s.journal.note(s.elapsed(), "notice", "%d records were still in the buffer when the drain ended; they were given up", left)
	}
	if n := s.load.calledBack.Load(); n > 0 {
		what := "space in buffer.memory"
		if s.crash.dead {
			what = "a producer that lives"
		}
		s.journal.note(s.elapsed(), "notice", "sends that still waited for %s when the load ended and were called back: %d", what, n)
	}
	s.load.drained.Store(s.now())
	s.stopSampling()
	s.grounds.breaking.outages.conclude()
	s.finishAudit()
}

// drain ends runs; what ctx gives no time for is given up. It returns how many
// records that were.
func drain(ctx context.Context, runs []*run.Run) int64 {
	// The error is that the patience ended; what it left is told by end.
	together(len(runs), func(i int) { _ = runs[i].Flush(ctx) })
	return end(runs)
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
