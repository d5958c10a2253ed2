package engine

import (
	"errors"
	"fmt"
	"strings"

	"kdyno/engine/client"
	"kdyno/engine/cluster"
	"kdyno/engine/run"
	"kdyno/engine/setting"
	"kdyno/telemetry"
)

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

func (s *Session) tryReach() error {
	ctx, cancel := s.until(s.life.stop, warmWithin)
	defer cancel()
	options, err := s.standOptions()
	if err != nil {
		return err
	}
	stand, err := cluster.Open(ctx, options)
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

// standOptions say what to stand on. The error is of stores and credentials that
// cannot be used.
func (s *Session) standOptions() (cluster.Options, error) {
	v := s.config.Values
	o := cluster.Options{
		Brokers: s.config.Brokers, Topics: s.config.Topics, Create: s.config.Create,
		Nodes: int(v.Int(setting.StandBrokers)), Partitions: int(v.Int(setting.StandPartitions)),
		Network: s.config.Network, Blackhole: s.config.Blackhole,
	}
	security, err := client.Secure(v)
	if err != nil {
		return o, faultError(err)
	}
	if !security.Plain() {
		o.Secure, o.Login = security.Handshake, security.Options()
	}
	return o, nil
}

// faultError makes a refusal of what the client cannot be made of.
func faultError(err error) *Error {
	e := &Error{Kind: Usage, Say: err.Error()}
	var f *client.Error
	if errors.As(err, &f) {
		e.Say, e.Hint = f.Say, f.Hint
	}
	return e
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
	rev := s.history.live()
	load, err := s.makeLoad(rev.values)
	if err != nil {
		return err
	}
	next, err := s.openRun(stand, rev.values, load)
	if err != nil {
		return faultError(err)
	}
	ctx, cancel := s.until(s.life.stop, warmWithin)
	defer cancel()
	if err := next.Warm(ctx); err != nil {
		next.Drop()
		next.Retire()
		if s.stopRequested() {
			return errStopped
		}
		return &Error{
			Kind: Unreachable, Say: fmt.Sprintf("the cluster at %s answered, its brokers do not: %v", s.where(), err),
			Hint: "check that the addresses that the brokers advertise can be reached from here",
		}
	}
	for _, t := range stand.Topics() {
		s.load.topics = append(s.load.topics, t.Name)
	}
	s.admit(rev.values)
	s.run.Store(next)
	s.noteRun(runNote{revision: rev.number})
	return nil
}

// openRun makes a producer of values for a load; it is not warmed.
func (s *Session) openRun(stand *cluster.Stand, v setting.Values, load nextLoad) (*run.Run, error) {
	known := stand.Topics()
	s.grounds.places.meet(known)
	var topics []run.Topic
	for _, t := range known {
		topics = append(topics, run.Topic{Name: t.Name, ID: t.ID, Partitions: len(t.Leaders)})
	}
	s.grounds.mu.Lock()
	number := len(s.grounds.runs) + 1
	s.grounds.mu.Unlock()
	s.load.mu.Lock()
	largest := max(s.load.largest, load.source.MaxBytes())
	s.load.mu.Unlock()
	if some, all := load.source.Apart(); some || all {
		largest += identityRoom
	}
	return run.Open(run.Options{
		Values: v.Effective(), Topics: topics, Index: s.grounds.places.of, Seeds: stand.Seeds, Dial: stand.Dial, Link: s.link,
		Recorder: s.meter.Recorder(number), Buffer: s.admission, Start: s.start, Paced: &s.load.paced,
		Largest: largest, Fail: s.refuse, Callback: s.load.app.callback, Seed: uint64(v.Int(setting.LoadSeed)) + uint64(number),
		Number: uint32(number), Witness: &s.grounds.proof, Claims: claimsOf(v),
	})
}
