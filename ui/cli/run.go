package cli

import (
	"bytes"
	"context"
	"io"
	"time"

	"kdyno/engine"
	"kdyno/telemetry/report"
)

const (
	glance    = 100 * time.Millisecond // how often progress looks whether a second is over
	lastDrain = time.Second            // for what is in the buffer after ctrl+c
	grace     = 250 * time.Millisecond // for a session that should have stopped by now
)

// headless drives a session without a screen.
func (a *app) headless(f *loadFlags) *failure {
	if f.length == "" && f.count == "" {
		return usage("a run without a screen needs an end: --for or --records", "add --for 10s, or start kdyno in a terminal for the workbench")
	}
	return a.drive(f)
}

// inLines is the workbench of a terminal that cannot place text: progress by
// the line, until the load ends or somebody ends it.
func (a *app) inLines(f *loadFlags) *failure {
	if !f.quiet {
		_, _ = io.WriteString(a.Err, "kdyno: TERM=dumb cannot show the workbench, so this is a run in lines; ctrl+c ends it with the report\n")
	}
	return a.drive(f)
}

func (a *app) drive(f *loadFlags) *failure {
	s, fail := a.start(f)
	if fail == nil {
		fail = inOrder(&s.config)
	}
	if fail != nil {
		return fail
	}
	session, fail := a.begin(s.config)
	if session == nil {
		return fail
	}
	a.every = newEvery(s.every, a.json)
	var progress *progress
	if !f.quiet {
		progress = newProgress(a.Err)
	}
	end := a.watch(session, progress)
	progress.end()
	return a.finish(session, end)
}

// begin opens a session. A person may lose patience while it still looks for
// the cluster; then there is neither a session nor a failure.
func (a *app) begin(c engine.Config) (Session, *failure) {
	type opened struct {
		session Session
		err     error
	}
	ready := make(chan opened, 1)
	go func() {
		session, err := a.Open(c)
		ready <- opened{session, err}
	}()
	select {
	case o := <-ready:
		if o.err != nil {
			return nil, failed(o.err)
		}
		return o.session, nil
	case <-a.Interrupts:
		a.code = 130
		return nil, nil
	}
}

// ending is how a session came to its end.
type ending struct {
	fail        *failure
	interrupted bool
	hurried     bool // asked twice
}

// watch waits for the session's end, or brings it about.
func (a *app) watch(session Session, p *progress) ending {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for {
		select {
		case <-session.Done():
			return ending{fail: failed(session.Err())}
		case <-a.Interrupts:
			return ending{interrupted: true, hurried: a.stop(session)}
		case <-tick.C:
			p.show(session.Snapshot())
			a.put(a.every.show(session, false))
		}
	}
}

// stop drains for a moment; true says that a person did not want to wait.
func (a *app) stop(session Ending) bool {
	ctx, cancel := context.WithTimeout(context.Background(), lastDrain)
	defer cancel()
	stopped := make(chan struct{})
	go func() {
		session.Stop(ctx)
		close(stopped)
	}()
	hurried := false
	select {
	case <-stopped:
		return false
	case <-ctx.Done():
	case <-a.Interrupts:
		hurried = true
		cancel()
	}
	await(stopped, grace)
	return hurried
}

// await waits for done, but no longer than most.
func await(done <-chan struct{}, most time.Duration) {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// finish writes the report, whatever the end, and lets the session go.
func (a *app) finish(session Session, end ending) *failure {
	if end.interrupted {
		a.code = 130
	}
	r := session.Report()
	if fail := a.judge(&r); fail != nil && end.fail == nil {
		end.fail = fail
	}
	if end.fail == nil && !end.interrupted {
		end.fail = a.keepMeasured(session, r)
	}
	// Of a cluster that was never reached there is nothing to report.
	if end.fail == nil || r.Records.Due > 0 {
		a.put(a.every.show(session, true))
		if fail := a.print(r, end.fail); fail != nil && end.fail == nil {
			end.fail = fail
		}
	}
	a.letGo(session, &end)
	return end.fail
}

// letGo closes a session, and waits for it unless a person does not want to.
func (a *app) letGo(session io.Closer, end *ending) {
	closed := make(chan error, 1)
	go func() { closed <- session.Close() }()
	if end.hurried {
		return
	}
	select {
	case err := <-closed:
		if err != nil && end.fail == nil && !end.interrupted {
			end.fail = failed(err)
		}
	case <-a.Interrupts:
	}
}

// keepMeasured writes the figures into the preset, where that was asked for.
func (a *app) keepMeasured(session Session, r report.Report) *failure {
	if a.measure == nil {
		return nil
	}
	say, fail := a.measure.keep(session, r)
	if fail == nil {
		a.say([]string{say})
	}
	return fail
}

// outcome is the report of a run that ended badly: its words, and the error
// beside them, so that stdout stays one object.
type outcome struct {
	report.Report
	Error *failure `json:"error,omitempty"`
}

func (a *app) print(r report.Report, fail *failure) *failure {
	var text []byte
	var err error
	if a.json {
		var whole any = outcome{Report: r, Error: fail}
		if a.every != nil {
			whole = map[string]any{"report": whole}
		}
		text, err = line(whole)
	} else {
		var b bytes.Buffer
		err = report.Text(&b, r)
		text = b.Bytes()
	}
	return a.hand(text, err, fail)
}

// hand puts a report out; where it holds a failure, that is told with it.
func (a *app) hand(text []byte, err error, fail *failure) *failure {
	if err != nil {
		return failed(err)
	}
	if fail != nil {
		fail.told = true
	}
	a.put(text)
	return nil
}
