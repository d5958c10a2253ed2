package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kdyno/engine/cluster"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/telemetry"
)

// asking makes a session that is about to ask for consent, without a cluster.
func asking(attended, yes bool) *Session {
	s := &Session{config: Config{Attended: attended, Yes: yes}, start: time.Now()}
	s.life.stop, s.life.allow, s.life.done = make(chan struct{}), make(chan struct{}, 1), make(chan struct{})
	s.life.ctx, s.life.cancel = context.WithCancel(context.Background()) //nolint:fatcontext // made once a session
	s.history.begin(setting.Defaults())
	return s
}

var far = &cluster.Stand{ID: "prod-1", Seeds: []string{"127.0.0.1:9092", "kafka.example:9092"}}

// A cluster beyond this machine is not loaded because nobody said no.
func TestForeignClusterNeedsAYes(t *testing.T) {
	var e *Error
	if err := asking(false, false).consent(far); !errors.As(err, &e) || e.Kind != Rail ||
		!strings.Contains(e.Say, "kafka.example:9092") || !strings.Contains(e.Say, "prod-1") || !strings.Contains(e.Hint, "--yes") {
		t.Errorf("got %#v, want the rail, which cluster, and --yes", err)
	}
	if err := asking(false, true).consent(far); err != nil {
		t.Errorf("refused in spite of --yes: %v", err)
	}
	if err := asking(true, false).consent(&cluster.Stand{Seeds: []string{"127.0.0.1:1", "localhost:2", "[::1]:3"}}); err != nil {
		t.Errorf("this machine was refused: %v", err)
	}
}

// A person is asked, may not get round it, and is asked once.
func TestForeignClusterWaitsForThePerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := asking(true, false)
		answer := make(chan error, 1)
		go func() { answer <- s.consent(far) }()
		synctest.Wait()
		if state, say := s.state(); state != telemetry.Consent || !strings.Contains(say, "kafka.example:9092") {
			t.Fatalf("state %s, %q, want consent and the address", state, say)
		}
		var e *Error
		if err := s.Do(step.Step{Verb: step.Resume}); !errors.As(err, &e) || e.Kind != Rail {
			t.Errorf("resume: got %v, want the rail", err)
		}
		time.Sleep(time.Hour)
		select {
		case err := <-answer:
			t.Fatalf("went on without an answer: %v", err)
		default:
		}
		if err := s.Do(step.Step{Verb: step.Allow}); err != nil {
			t.Fatal(err)
		}
		if err := <-answer; err != nil {
			t.Errorf("got %v after the yes", err)
		}
		if err := s.consent(far); err != nil {
			t.Errorf("asked again: %v", err)
		}
	})
}

// A stop answers for the person.
func TestStopEndsTheQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := asking(true, false)
		answer := make(chan error, 1)
		go func() { answer <- s.consent(far) }()
		synctest.Wait()
		close(s.life.stop)
		if err := <-answer; !errors.Is(err, errStopped) {
			t.Errorf("got %v, want errStopped", err)
		}
	})
}
