package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kdyno/engine/cluster"
	"kdyno/engine/run"
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

// reach returns when the first run is ready to be loaded.
func (s *Session) reach() error {
	for {
		err := s.tryReach()
		var e *Error
		if err == nil || !s.config.Attended || errors.As(err, &e) && e.Kind != Unreachable || errors.Is(err, errStopped) {
			return err
		}
		s.say(telemetry.Unreachable, fmt.Sprintf("%s; trying again every %v. %s", err, tryAgain, hintOf(err)))
		if !s.wait(tryAgain) {
			return errStopped
		}
	}
}

func hintOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
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

// stopping is a context that ends when the session is told to stop.
func (s *Session) stopping(within time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(s.life.ctx, within)
	go func() {
		select {
		case <-s.life.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

func (s *Session) tryReach() error {
	ctx, cancel := s.stopping(warmWithin)
	defer cancel()
	stand, err := cluster.Open(ctx, s.standOptions())
	if err != nil {
		return s.standError(err)
	}
	s.grounds.mu.Lock()
	s.grounds.stand = stand
	s.grounds.mu.Unlock()
	err = s.consent(stand)
	if err == nil {
		err = s.firstRun(stand)
	}
	if err != nil {
		s.closeGrounds()
	}
	return err
}

func (s *Session) standOptions() cluster.Options {
	v := s.config.Values
	return cluster.Options{
		Brokers: s.config.Brokers, Topics: s.config.Topics, Create: s.config.Create,
		Nodes: int(v.Int(setting.StandBrokers)), Partitions: int(v.Int(setting.StandPartitions)),
		Network: s.config.Network, Blackhole: s.config.Blackhole,
	}
}

func (s *Session) standError(err error) error {
	if s.stopRequested() {
		return errStopped
	}
	var r *cluster.Refusal
	if !errors.As(err, &r) {
		return &Error{Kind: Unreachable, Say: err.Error()}
	}
	kind := map[cluster.Kind]Kind{cluster.Usage: Usage, cluster.Rail: Rail, cluster.Unreachable: Unreachable}[r.Kind]
	return &Error{Kind: kind, Say: r.Say, Hint: r.Hint}
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

// consent is the rail before a cluster beyond this machine.
func (s *Session) consent(stand *cluster.Stand) error {
	foreign := stand.Foreign()
	if len(foreign) == 0 || s.config.Yes {
		return nil
	}
	where := fmt.Sprintf("%s (cluster %s) is not on this machine", strings.Join(foreign, ", "), stand.ID)
	if !s.config.Attended {
		return &Error{Kind: Rail, Say: where + " and would be loaded", Hint: "if you mean it, say so with --yes"}
	}
	s.say(telemetry.Consent, where+". Nothing is sent before you allow it: type y")
	select {
	case <-s.life.allow:
		s.config.Yes = true
		return nil
	case <-s.life.stop:
	case <-s.life.ctx.Done():
	}
	return errStopped
}

// firstRun makes the first producer and warms it.
func (s *Session) firstRun(stand *cluster.Stand) error {
	v := s.history.live().values
	next, err := s.openRun(stand, v)
	if err != nil {
		return &Error{Kind: Usage, Say: err.Error()}
	}
	ctx, cancel := s.stopping(warmWithin)
	defer cancel()
	if err := next.Warm(ctx); err != nil {
		next.Drop()
		if s.stopRequested() {
			return errStopped
		}
		return &Error{Kind: Unreachable, Say: fmt.Sprintf("the cluster at %s answered, its brokers do not: %v", s.where(), err), Hint: "check that the addresses that the brokers advertise can be reached from here"}
	}
	for _, t := range stand.Topics() {
		s.load.topics = append(s.load.topics, t.Name)
	}
	s.admit(v)
	s.run.Store(next)
	s.noteRun(runNote{revision: s.history.live().number})
	return nil
}

// openRun makes a producer of values; it is not warmed.
func (s *Session) openRun(stand *cluster.Stand, v setting.Values) (*run.Run, error) {
	s.grounds.mu.Lock()
	number := len(s.grounds.runs) + 1
	s.grounds.mu.Unlock()
	var topics []run.Topic
	index := int32(0)
	for _, t := range stand.Topics() {
		topics = append(topics, run.Topic{Name: t.Name, ID: t.ID, Partitions: len(t.Leaders), Index: index})
		index += int32(len(t.Leaders))
	}
	s.load.mu.Lock()
	largest := s.load.largest
	s.load.mu.Unlock()
	return run.Open(run.Options{
		Values: v.Effective(), Topics: topics, Seeds: stand.Seeds, Dial: stand.Dial, Link: s.link,
		Recorder: s.meter.Recorder(number), Buffer: s.admission, Start: s.start, Paced: &s.load.paced,
		Largest: largest, Fail: s.refuse, Seed: uint64(v.Int(setting.LoadSeed)) + uint64(number),
	})
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
	exhausted := s.exhausted()
	for {
		select {
		case <-s.life.stop:
			return
		case <-s.life.ctx.Done():
			return
		case <-end.C:
			return
		case <-exhausted:
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
	ctx, cancel := context.WithTimeout(s.life.ctx, s.patience())
	go func() {
		select {
		case <-s.life.hurry:
			cancel()
		case <-ctx.Done():
		}
	}()
	s.awaitSenders(ctx)
	err := r.Flush(ctx)
	cancel()
	left := r.Drop()
	for _, l := range left {
		r.Abandon(l)
	}
	if err != nil && len(left) > 0 {
		s.journal.note(s.elapsed(), "notice", "%d records were still in the buffer when the drain ended; they were given up", len(left))
	}
	s.load.drained.Store(s.now())
	s.stopSampling()
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
