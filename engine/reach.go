package engine

import (
	"context"
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
		again := s.retried
		if e != nil && e.denied {
			again = s.asked
		}
		if !again(err) {
			return errStopped
		}
	}
}

// retried waits until it is time to try again; false: the session ends.
func (s *Session) retried(err error) bool {
	s.say(telemetry.Unreachable, fmt.Sprintf("%s; trying again every %v. %s", err, tryAgain, hintOf(err)))
	return s.wait(tryAgain)
}

// asked waits until a person wants it tried again: who is refused and goes on
// asking is locked out by some clusters. False: the session ends.
func (s *Session) asked(err error) bool {
	select {
	case <-s.life.again: // from before
	default:
	}
	s.say(telemetry.Refused, fmt.Sprintf("%s; not tried again by itself. %s", err, hintOf(err)))
	select {
	case <-s.life.again:
		s.say(telemetry.Starting, "connecting to "+s.where()+" once more")
		return true
	case <-s.life.stop:
	case <-s.life.ctx.Done():
	}
	return false
}

func hintOf(err error) string {
	var e *Error
	if !errors.As(err, &e) || e.Hint == "" {
		return ""
	}
	hint := strings.ToUpper(e.Hint[:1]) + e.Hint[1:]
	if strings.HasSuffix(hint, "?") {
		return hint
	}
	return hint + "."
}

func (s *Session) tryReach() error {
	ctx, cancel := s.until(s.life.stop, warmWithin)
	defer cancel()
	options, err := standOptions(s.config)
	if err != nil {
		return err
	}
	options.Limits, options.Told = limitsOf(s.history.wanted()), s.hear
	stand, err := cluster.Open(ctx, options)
	if err != nil {
		return s.standError(err)
	}
	s.grounds.mu.Lock()
	s.grounds.stand, s.grounds.limits = stand, options.Limits
	s.grounds.limits.QuotaBytes = 0
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

// Facts asks a cluster what is to be known of it and its topics, without loading
// it: the answer or an *Error comes within five seconds. It may be called beside
// any session.
func Facts(ctx context.Context, c Config) (setting.Facts, error) {
	options, err := standOptions(c)
	if err != nil {
		return setting.Facts{}, err
	}
	stand, err := cluster.Open(ctx, options)
	if err != nil {
		return setting.Facts{}, refusalError(err)
	}
	defer stand.Close()
	return stand.Facts(), nil
}

// standOptions say what to stand on. The error is of stores and credentials that
// cannot be used.
func standOptions(c Config) (cluster.Options, error) {
	v := c.Values
	o := cluster.Options{
		Brokers: c.Brokers, Topics: c.Topics, Create: c.Create,
		Nodes: int(v.Int(setting.StandBrokers)), Partitions: int(v.Int(setting.StandPartitions)),
		Network: c.Network, Blackhole: c.Blackhole,
	}
	security, err := client.Secure(v)
	if err != nil {
		return o, faultError(err)
	}
	if !security.Plain() {
		o.Secure, o.Login = security.Handshake, security.ContactOptions()
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
	return refusalError(err)
}

// refusalError puts a refusal of the stand into the session's words.
func refusalError(err error) error {
	var r *cluster.Refusal
	if !errors.As(err, &r) {
		return &Error{Kind: Unreachable, Say: err.Error()}
	}
	kind := map[cluster.Kind]Kind{cluster.Usage: Usage, cluster.Rail: Rail, cluster.Unreachable: Unreachable}[r.Kind]
	return &Error{Kind: kind, Say: r.Say, Hint: r.Hint, denied: r.Denied}
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
	// Some rules need to know the cluster.
	if err := judgeBy(rev.values, stand.Facts()); err != nil {
		return err
	}
	load, err := s.makeLoad(rev.values)
	if err != nil {
		return err
	}
	next, err := s.openCrew(stand, rev.values, load)
	if err != nil {
		return faultError(err)
	}
	ctx, cancel := s.until(s.life.stop, warmWithin)
	defer cancel()
	if err := next.warm(ctx); err != nil {
		next.dismiss()
		if s.stopRequested() {
			return errStopped
		}
		return s.notReady(stand, err)
	}
	for _, t := range stand.Topics() {
		s.load.topics = append(s.load.topics, t.Name)
	}
	s.take(next, rev.values)
	s.noteRun(runNote{revision: rev.number})
	return nil
}

// notReady is why a cluster that answered has no broker that takes records.
func (s *Session) notReady(stand *cluster.Stand, err error) error {
	if r := stand.Refused(err); r != nil {
		return s.standError(r)
	}
	why := strings.NewReplacer("\n", "; ", context.DeadlineExceeded.Error(), fmt.Sprintf("nothing came within %v", warmWithin)).Replace(err.Error())
	return &Error{
		Kind: Unreachable, Say: fmt.Sprintf("the cluster at %s answered, its brokers do not: %s", s.where(), why),
		Hint: "check that the addresses that the brokers advertise can be reached from here",
	}
}

// openCrew makes producers of values for a load; they are not warmed.
func (s *Session) openCrew(stand *cluster.Stand, v setting.Values, load nextLoad) (crew, error) {
	next := crew{fleet: s.fleet()}
	if n := load.load.Producers; n != len(next.fleet) {
		next.fleet = newFleet(n, s.now)
	}
	o := s.runOptions(stand, v, load)
	for i, p := range next.fleet {
		mine := o
		mine.Recorder, mine.Buffer = s.meter.Recorder(s.runNumber()), p.admission
		// The partitioners of the fleet must not choose in step.
		mine.Seed += uint64(i) << 32
		r, err := run.Open(mine)
		if err != nil {
			next.dismiss()
			return crew{}, err
		}
		next.runs = append(next.runs, r)
	}
	return next, nil
}

// runNumber is that of the next run.
func (s *Session) runNumber() int {
	s.grounds.mu.Lock()
	defer s.grounds.mu.Unlock()
	return len(s.grounds.runs) + 1
}

// runOptions say what the next run is made of, but for what is each producer's
// own.
func (s *Session) runOptions(stand *cluster.Stand, v setting.Values, load nextLoad) run.Options {
	known := stand.Topics()
	s.grounds.places.meet(known)
	var topics []run.Topic
	for _, t := range known {
		topics = append(topics, run.Topic{Name: t.Name, ID: t.ID, Partitions: len(t.Leaders)})
	}
	var brokers []int32
	for _, b := range stand.Brokers() {
		brokers = append(brokers, b.ID)
	}
	s.load.mu.Lock()
	largest := max(s.load.largest, load.source.MaxBytes(), load.largest)
	s.load.mu.Unlock()
	if some, all := load.source.Apart(); some || all {
		largest += identityRoom
	}
	return run.Options{
		Values: v.Effective(), Topics: topics, Brokers: brokers, Index: s.grounds.places.of, Seeds: stand.Seeds, Dial: stand.Dial, Link: s.link,
		Start: s.start, Paced: &s.load.paced,
		Largest: largest, Fail: s.refuse, Callback: s.load.app.callback, Seed: uint64(v.Int(setting.LoadSeed)) + uint64(s.runNumber()),
		Stock: &s.load.stock, Number: uint32(s.runNumber()), Witness: &s.grounds.proof, Claims: claimsOf(v),
	}
}
