package cli

import (
	"context"
	"errors"
	"time"

	"kdyno/ui"
)

// workbench shows a session on the screen until the person leaves it.
func (a *app) workbench(f *loadFlags, l *lookFlags) *failure {
	look, fail := l.options(&a.World)
	if fail != nil {
		return fail
	}
	s, fail := a.start(f)
	if fail != nil {
		return fail
	}
	s.config.Attended = true
	look.Faults = faultLines(len(s.config.Brokers) > 0)
	session, fail := a.begin(s.config)
	if session == nil {
		return fail
	}
	return a.finish(session, a.attend(session, Screen{Engine: session, Presets: s.store, Preset: s.preset, Look: look}))
}

// attend shows the screen until the person leaves it, and then ends the session.
func (a *app) attend(session Ending, screen Screen) (end ending) {
	ctx, leave := context.WithCancel(context.Background())
	defer leave()
	left := make(chan error, 1)
	go func() { left <- a.Workbench(ctx, screen) }()
	var err error
	select {
	case err = <-left:
	case <-a.Interrupts:
		end.interrupted = true
		leave()
		// The terminal is only the person's again when the screen has ended,
		// which never happens on one that takes no more output.
		err = awaitScreen(left)
	}
	if errors.Is(err, ui.ErrInterrupted) {
		end.interrupted, err = true, nil
	}
	if err != nil && !end.interrupted {
		end.fail = failed(err)
	}
	select {
	case <-session.Done():
		if end.fail == nil {
			end.fail = failed(session.Err())
		}
	default:
	}
	end.hurried = a.stop(session)
	return end
}

// patience is how long a screen that was asked to end is waited for.
const patience = time.Second

func awaitScreen(left <-chan error) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-left:
		return err
	case <-timer.C:
		return nil
	}
}
