package ui

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"kdyno/telemetry"
)

// terminal collects what a program writes.
type terminal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.Write(p)
}

func (t *terminal) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}

// show runs the whole program in fake time for so long.
func show(t *testing.T, o Options, long time.Duration) (out string, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), long)
		defer cancel()
		term := &terminal{}
		_, err = newProgram(ctx, o, tea.WithInput(nil), tea.WithOutput(term), tea.WithWindowSize(80, 24),
			tea.WithEnvironment([]string{"TERM=xterm-256color", "CLICOLOR_FORCE=1"})).Run()
		out = term.String()
		time.Sleep(time.Second) // fake: the last tick ends
	})
	return out, err
}

func TestProgramGivesTheTerminalBack(t *testing.T) {
	out, err := show(t, Options{Engine: &fakeEngine{snap: sample()}}, 3*time.Second)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v, want the end of the context", err)
	}
	enter, leave := strings.Index(out, "\x1b[?1049h"), strings.LastIndex(out, "\x1b[?1049l")
	if enter < 0 || leave < enter {
		t.Errorf("got the other screen entered at %d and left at %d, want it left at last", enter, leave)
	}
	if !strings.Contains(out, "Pipeline") {
		t.Error("got an output without the pipeline")
	}
}

func TestAnyNoColorTurnsColoursOff(t *testing.T) {
	for _, c := range []struct {
		noColor string
		want    bool
	}{{"", true}, {"yes", false}, {"1", false}} {
		t.Setenv("NO_COLOR", c.noColor)
		out, _ := show(t, Options{Engine: &fakeEngine{snap: sample()}}, time.Second)
		if got := strings.Contains(out, "38;5;"); got != c.want {
			t.Errorf("NO_COLOR=%q: got colours %v, want %v", c.noColor, got, c.want)
		}
	}
}

func TestCtrlCEndsTheProgramAsInterrupted(t *testing.T) {
	for _, c := range []struct {
		keys string
		want error
	}{{"\x03", ErrInterrupted}, {"q", nil}} {
		e := &fakeEngine{snap: &telemetry.Snapshot{State: telemetry.Paused}}
		err := run(t.Context(), Options{Engine: e}, tea.WithInput(strings.NewReader(c.keys)), tea.WithOutput(&terminal{}), tea.WithWindowSize(80, 24))
		if !errors.Is(err, c.want) {
			t.Errorf("%q: got %v, want %v", c.keys, err, c.want)
		}
	}
}

// panicking is an engine whose snapshots panic after a while.
type panicking struct {
	fakeEngine
	after int
}

func (e *panicking) Snapshot() *telemetry.Snapshot {
	if e.after--; e.after < 0 {
		panic("a bug in a test")
	}
	return e.snap
}

func TestPanicGivesTheTerminalBack(t *testing.T) {
	e := &panicking{fakeEngine: fakeEngine{snap: sample()}, after: 20}
	out, err := show(t, Options{Engine: e}, time.Minute)
	if !errors.Is(err, tea.ErrProgramPanic) {
		t.Fatalf("got %v, want the panic", err)
	}
	if strings.LastIndex(out, "\x1b[?1049l") < strings.Index(out, "\x1b[?1049h") {
		t.Error("got a terminal that stays on the other screen")
	}
}
