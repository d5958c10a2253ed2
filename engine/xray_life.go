package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"kdyno/engine/cluster"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/telemetry"
)

// live is the session's own goroutine: it finds the cluster, carries out --at,
// and ends it all.
func (x *XRay) live() {
	defer close(x.life.done)
	stop := make(chan struct{})
	sampled := make(chan struct{})
	go func() {
		defer close(sampled)
		x.sample(stop)
	}()
	err := x.find()
	if err == nil {
		x.life.found.Store(true)
		x.journal.note(x.elapsed(), "notice", "listening: bootstrap.servers=%s", x.Bootstrap())
		x.conduct()
	}
	close(stop)
	<-sampled
	if err != nil && !errors.Is(err, errStopped) {
		x.fail(err)
	} else if gone := x.gone(); err == nil && x.stand == nil && len(gone) > 0 && x.probe(x.config.Brokers) != nil {
		x.fail(&Error{Kind: Unreachable, Say: "the cluster at " + strings.Join(x.config.Brokers, ",") + " is away: it took no connections at the end", Hint: "look at its brokers"})
	}
	x.breaking.outages.conclude()
	last := x.report()
	x.life.last.Store(&last)
	say := "no more is counted; the figures stay"
	if e := x.life.err.Load(); e != nil {
		say = e.Say
	}
	x.say(telemetry.Done, say)
}

func (x *XRay) fail(err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Kind: Unreachable, Say: err.Error()}
	}
	x.life.err.Store(e)
	x.journal.note(x.elapsed(), "notice", "%s", e.Say)
}

// conduct carries out what is asked until the end.
func (x *XRay) conduct() {
	begun := time.Now()
	end := make(<-chan time.Time)
	if x.config.For > 0 {
		t := time.NewTimer(x.config.For)
		defer t.Stop()
		end = t.C
	}
	timeline := newTimeline(x.config.At)
	due := time.NewTimer(timeline.until(0))
	defer due.Stop()
	refresh := time.NewTicker(tryAgain)
	defer refresh.Stop()
	for {
		select {
		case <-x.life.stop:
			return
		case <-x.life.ctx.Done():
			return
		case <-end:
			return
		case <-due.C:
			for _, st := range timeline.take(time.Since(begun)) {
				if err := x.Do(st); err != nil {
					x.journal.note(x.elapsed(), "notice", "%s was refused: %s", st, err)
				}
			}
			due.Reset(timeline.until(time.Since(begun)))
		case <-refresh.C:
			if x.stand == nil {
				x.lookAgain()
			}
		}
	}
}

// sample closes an interval every 100 ms until stop, and then the last one of
// every guest.
func (x *XRay) sample(stop <-chan struct{}) {
	tick := time.NewTicker(closeEach)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			x.closeInterval(false)
		case <-stop:
			x.closeInterval(true)
			return
		}
	}
}

func (x *XRay) closeInterval(all bool) {
	at := int64(x.elapsed())
	x.guests.Close(telemetry.Close{
		At: at, LinkWaited: int64(x.link.Waited()), LinkRTT: int64(x.link.RTT()), Cores: runtime.GOMAXPROCS(0),
	}, x.guest(), all)
	x.breaking.outages.look(at, 0)
	x.status.mu.Lock()
	defer x.status.mu.Unlock()
	if x.life.found.Load() && x.status.state != telemetry.Done {
		x.status.state, x.status.say = x.going()
	}
}

// going is the state of a session that goes on.
func (x *XRay) going() (telemetry.State, string) {
	if gone := x.gone(); len(gone) > 0 {
		return telemetry.Degraded, strings.Join(gone, ", ") + " takes no connections: who comes for it is reset, as by a broker that is away"
	}
	if len(x.producers()) == 0 {
		return telemetry.Running, "waiting for producers: set bootstrap.servers=" + x.Bootstrap() + " in the application"
	}
	return telemetry.Running, ""
}

// Do carries a step out, or refuses it with an *Error.
func (x *XRay) Do(st step.Step) error {
	if x.isDone() {
		return &Error{Kind: Usage, Say: "the session has ended; nothing can be changed any more", Hint: "start kdyno again"}
	}
	switch st.Verb {
	case step.Set:
		stand, err := x.share(st.Set)
		if err != nil || len(stand) == 0 {
			return err
		}
		return x.set(stand)
	case step.Resume:
		return x.startOwn()
	case step.Pause:
		return x.stopOwn()
	case step.Mark:
		x.journal.mark(telemetry.Mark{At: x.elapsed(), Say: st.Name})
		x.journal.note(x.elapsed(), "mark", "%s", st.Name)
	case step.Fault:
		return x.breaking.begin(st, x.ground())
	case step.Heal:
		return x.breaking.heal(st.Name)
	case step.Allow:
		x.allow()
	default:
		return &Error{
			Kind: Usage, Say: fmt.Sprintf("%s is of a producer of kdyno's own; here the producers are the applications'", st.Verb),
			Hint: "the steps here are set stand.*, fault, heal and mark, and resume and pause for a producer of kdyno's own beside them",
		}
	}
	return nil
}

// ground is what faults act on: of a real cluster nothing is known here but that
// it is one.
func (x *XRay) ground() *cluster.Stand {
	if x.stand == nil {
		return &cluster.Stand{}
	}
	return x.stand
}

// set changes the stand. What the applications set is theirs.
func (x *XRay) set(assignments []step.Assignment) error {
	x.values.mu.Lock()
	defer x.values.mu.Unlock()
	v := x.values.now
	for _, a := range assignments {
		row, known := setting.Find(a.Key)
		switch {
		case known && row.Scope != setting.Stand:
			return &Error{
				Kind: Usage, Key: a.Key, Say: fmt.Sprintf("%s is the application's to set", a.Key),
				Hint: "set it there, or save what it has as a preset and run kdyno's own producer with it",
			}
		case known && row.AtStart:
			return &Error{Kind: Usage, Key: a.Key, Say: fmt.Sprintf("%s counts only at the start", a.Key), Hint: fmt.Sprintf("start kdyno xray with --set %s=%s", a.Key, a.Text)}
		}
		next, err := v.With(a.Key, a.Text)
		if err != nil {
			return &Error{Kind: Usage, Say: err.Error(), Key: a.Key}
		}
		v = next
	}
	if err := judgeBy(v, setting.Facts{}); err != nil {
		return err
	}
	changed := v.Diff(x.values.now)
	x.values.now = v
	for _, c := range changed {
		x.journal.note(x.elapsed(), "revision", "%s %s > %s", c.Key, c.Old, c.New)
		x.journal.mark(telemetry.Mark{At: x.elapsed(), Say: fmt.Sprintf("%s=%s", c.Key, c.New)})
	}
	x.shape(v)
	return nil
}

// shape makes the stand what its values say.
func (x *XRay) shape(v setting.Values) {
	shapeLink(x.link, v)
	if x.stand == nil {
		return
	}
	limits := limitsOf(v)
	x.stand.SetQuota(limits.QuotaBytes)
	limits.QuotaBytes = 0
	x.life.wg.Go(func() {
		ctx, cancel := context.WithTimeout(x.life.ctx, refreshEach)
		defer cancel()
		if err := x.stand.Limit(ctx, limits); err != nil && ctx.Err() == nil {
			x.tell("the brokers' limits stay as they were: " + err.Error())
		}
	})
}

// Done is closed when the session has ended; Err then says why.
func (x *XRay) Done() <-chan struct{} { return x.life.done }

// Err is nil for a good end and before the end.
func (x *XRay) Err() error {
	if e := x.life.err.Load(); e != nil {
		return e
	}
	return nil
}

func (x *XRay) isDone() bool {
	select {
	case <-x.life.done:
		return true
	default:
		return false
	}
}

// Stop ends the session and returns when it has; nothing has to drain here.
func (x *XRay) Stop(ctx context.Context) {
	x.life.stopped.Do(func() { close(x.life.stop) })
	select {
	case <-x.life.done:
	case <-ctx.Done():
	}
}

// Close ends the session at once, with all connections of guests, and returns
// when nothing of it is left.
func (x *XRay) Close() error {
	x.life.stopped.Do(func() { close(x.life.stop) })
	x.life.cancel()
	x.breaking.healAll()
	x.closeAll()
	x.life.wg.Wait()
	return nil
}

func (x *XRay) closeAll() {
	if x.relay != nil {
		x.relay.Close()
	}
	if x.stand != nil {
		x.stand.Close()
	}
}
