//go:build !windows

package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"

	"kdyno/engine"
	"kdyno/telemetry"
	"kdyno/ui"
)

// childBreaks says where the child's workbench panics.
const childBreaks = "KDYNO_TEST_BREAKS"

// breakAt puts a panic into a child's workbench, once it has been looked at; a
// child that is watched is a whole kdyno.
func breakAt(w *World, how string) {
	if how == "watched" {
		w.Open = open
		go watchVitals()
		return
	}
	f := session(0)
	f.began = time.Now()
	f.stop = func(context.Context) { _ = os.WriteFile(os.Getenv("KDYNO_TEST_STOPPED"), nil, 0o600) }
	w.Open = func(engine.Config) (Session, error) { return f, nil }
	switch how {
	case "update":
		w.Open = func(engine.Config) (Session, error) {
			return &breaking{fake: f, bug: func() { panic("a bug in Update") }}, nil
		}
	case "goroutine":
		w.Open = func(engine.Config) (Session, error) {
			return &breaking{fake: f, bug: func() { go panic("a bug in a goroutine of ours") }}, nil
		}
	case "view", "command":
		w.Workbench = func(ctx context.Context, s Screen) error {
			goodbye := guard(ctx)
			defer goodbye()
			return ui.Run(ctx, ui.Options{Engine: s.Engine, Shelf: breakingShelf{}, Clock: breakingClock(how), Greeting: "drawn with the clock"})
		}
	}
}

// breaking has a bug in Update, which pulls snapshots.
type breaking struct {
	*fake
	pulled int
	bug    func()
}

// drawnBefore is how often the screen was drawn before something breaks.
const drawnBefore = 20

func (b *breaking) Snapshot() *telemetry.Snapshot {
	if b.pulled++; b.pulled > drawnBefore {
		b.bug()
	}
	return b.fake.Snapshot()
}

// breakingShelf panics in a command.
type breakingShelf struct{}

func (breakingShelf) Keep(map[string][]byte) (string, error) { panic("a bug in a command") }

// breakingClock panics in View, where a notice is drawn.
func breakingClock(how string) func() time.Time {
	drawn := 0
	return func() time.Time {
		if how == "view" && bytes.Contains(debug.Stack(), []byte("drawStatus")) {
			if drawn++; drawn > drawnBefore {
				panic("a bug in View")
			}
		}
		return time.Now()
	}
}

// terminal is a pseudo-terminal with a workbench on it.
type terminal struct {
	*exec.Cmd
	ours, theirs *os.File
	before       *term.State
	ended        chan struct{}
	stopped      string // a file that is there once the load was stopped

	mu  sync.Mutex
	out bytes.Buffer
}

// onTerminal starts the test binary as kdyno and waits for its first frame.
func onTerminal(t *testing.T, line, breaks string, more ...string) *terminal {
	t.Helper()
	ours, theirs, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{Cmd: process(t, line), ours: ours, theirs: theirs, ended: make(chan struct{}), stopped: filepath.Join(t.TempDir(), "stopped")}
	t.Cleanup(func() { _, _ = ours.Close(), theirs.Close() })
	if err := pty.Setsize(theirs, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	if x.before, err = term.GetState(theirs.Fd()); err != nil {
		t.Fatal(err)
	}
	x.Stdin, x.Stdout, x.Stderr = theirs, theirs, theirs
	x.Env = append(x.Env, "TERM=xterm-256color", "LC_ALL=C.UTF-8", "XDG_STATE_HOME="+t.TempDir(), childBreaks+"="+breaks, "KDYNO_TEST_STOPPED="+x.stopped)
	x.Env = append(x.Env, more...)
	x.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := x.Start(); err != nil {
		t.Fatal(err)
	}
	go x.read()
	go func() {
		_ = x.Wait() // its exit code is looked at by the tests
		close(x.ended)
	}()
	return x
}

func (x *terminal) read() {
	chunk := make([]byte, 4096)
	for {
		n, err := x.ours.Read(chunk)
		x.mu.Lock()
		x.out.Write(chunk[:n])
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (x *terminal) text() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.out.String()
}

// until waits for a condition, or fails with what the terminal got.
func (x *terminal) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s; the terminal got\n%q", what, x.text())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (x *terminal) shows(text string) func() bool {
	return func() bool { return strings.Contains(x.text(), text) }
}

func (x *terminal) gone() bool {
	select {
	case <-x.ended:
		return true
	default:
		return false
	}
}

// asBefore says whether the terminal is as it was: its modes, the first
// screen, and the cursor.
func (x *terminal) asBefore() bool {
	now, err := term.GetState(x.theirs.Fd())
	out := x.text()
	return err == nil && cmp.Equal(x.before.Termios, now.Termios) &&
		strings.LastIndex(out, "\x1b[?1049l") > strings.LastIndex(out, "\x1b[?1049h") &&
		strings.LastIndex(out, "\x1b[?25h") > strings.LastIndex(out, "\x1b[?25l")
}

func TestTerminalIsGivenBackAfterAPanic(t *testing.T) {
	for _, c := range []struct{ where, key, says string }{
		{"update", "", "a bug in Update"},
		{"view", "", "a bug in View"},
		{"command", "s", "a bug in a command"},
		{"goroutine", "", "a bug in a goroutine of ours"},
	} {
		t.Run(c.where, func(t *testing.T) {
			t.Parallel()
			x := onTerminal(t, "", c.where)
			x.until(t, "the first frame", x.shows("Pipeline"))
			if c.key != "" {
				if _, err := x.ours.WriteString(c.key); err != nil {
					t.Fatal(err)
				}
			}
			x.until(t, "the end", x.gone)
			x.until(t, "the terminal as it was", x.asBefore)
			x.until(t, "what happened", x.shows(c.says))
			if x.ProcessState.Success() {
				t.Error("got a good end after a panic")
			}
		})
	}
}

func TestTerminalIsGivenBackAfterASignal(t *testing.T) {
	for _, c := range []struct {
		signal syscall.Signal
		want   string
	}{
		{syscall.SIGINT, "kdyno.report/1"},
		{syscall.SIGTERM, "kdyno.report/1"},
		{syscall.SIGHUP, "kdyno.report/1"},
		{syscall.SIGQUIT, "kdyno.report/1"},
		{syscall.SIGKILL, "it was killed"},
	} {
		t.Run(c.signal.String(), func(t *testing.T) {
			t.Parallel()
			x := onTerminal(t, "--json", "nowhere")
			x.until(t, "the first frame", x.shows("Pipeline"))
			if err := x.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			x.until(t, "the end", x.gone)
			x.until(t, "the terminal as it was", x.asBefore)
			x.until(t, "the last words", x.shows(c.want))
			if got := x.ProcessState.ExitCode(); got != 130 && c.signal != syscall.SIGKILL {
				t.Errorf("got exit code %d, want 130", got)
			}
		})
	}
}

func TestClosedTerminalStopsTheLoad(t *testing.T) {
	t.Parallel()
	x := onTerminal(t, "", "nowhere")
	x.until(t, "the first frame", x.shows("Pipeline"))
	if err := x.theirs.Close(); err != nil {
		t.Fatal(err)
	}
	if err := x.ours.Close(); err != nil {
		t.Fatal(err)
	}
	x.until(t, "the load's stop", func() bool { _, err := os.Stat(x.stopped); return err == nil })
	x.until(t, "the end", x.gone)
}

func TestDumbTerminalGetsLines(t *testing.T) {
	t.Parallel()
	x := onTerminal(t, "", "nowhere", "TERM=dumb")
	x.until(t, "progress", x.shows("records/s"))
	if err := x.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	x.until(t, "the end", x.gone)
	if got := x.text(); strings.Contains(got, "\x1b") || !strings.Contains(got, "TERM=dumb") {
		t.Errorf("got %q, want plain lines and why", got)
	}
}

func TestLocaleWithoutUTF8IsDrawnInASCII(t *testing.T) {
	for _, c := range []struct {
		line, locale string
		want         bool
	}{
		{"", "LC_ALL=C", true},
		{"", "LC_ALL=de_DE.ISO-8859-1", true},
		{"--ascii=false", "LC_ALL=C", false},
		{"", "LC_ALL=de_DE.utf8", false},
		{"--ascii", "LC_ALL=C.UTF-8", true},
	} {
		t.Run(c.line+c.locale, func(t *testing.T) {
			t.Parallel()
			x := onTerminal(t, c.line, "nowhere", c.locale)
			x.until(t, "the first frame", x.shows("Pipeline"))
			if got := !strings.ContainsFunc(x.text(), func(r rune) bool { return r > 0x7e }); got != c.want {
				t.Errorf("got ASCII %v, want %v", got, c.want)
			}
			if err := x.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			x.until(t, "the end", x.gone)
		})
	}
}
