package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kdyno/engine"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui"
)

func decodeJSON(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
}

func TestProgressIsOneLineASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, session(3500*time.Millisecond))
		if code := b.run("run --for 3500ms"); code != 0 {
			t.Errorf("got code %d", code)
		}
		want := "    1 s         5000 records/s   p99    12.3 ms     3 in flight\n" +
			"    2 s         5000 records/s   p99    12.3 ms     3 in flight\n" +
			"    3 s         5000 records/s   p99    12.3 ms     3 in flight\n\n"
		if b.err.String() != want {
			t.Errorf("stderr: got %q, want %q", b.err.String(), want)
		}
		if !strings.Contains(b.out.String(), "100") {
			t.Errorf("stdout: got %q, want the report", b.out.String())
		}
	})
}

func TestProgressSaysTheStateOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := session(3500 * time.Millisecond)
		f.state, f.say = telemetry.Degraded, "broker 2 is away"
		b := newBench(t, f)
		b.run("run --for 3500ms")
		if got := strings.Count(b.err.String(), "degraded: broker 2 is away"); got != 1 {
			t.Errorf("got it %d times, want once: %q", got, b.err.String())
		}
	})
}

// Each case says when ctrl+c comes, how the session stops, and when it ends.
func TestInterruptDrainsForAMoment(t *testing.T) {
	quick := func(context.Context) {}
	slow := func(ctx context.Context) { <-ctx.Done() }
	tests := []struct {
		name  string
		at    []time.Duration
		stop  func(context.Context)
		stuck bool // Stop does not heed its context
		ends  time.Duration
	}{
		{"drained at once", []time.Duration{2 * time.Second}, quick, false, 2 * time.Second},
		{"drains a second at most", []time.Duration{2 * time.Second}, slow, false, 3 * time.Second},
		{"a second one ends at once", []time.Duration{2 * time.Second, 2300 * time.Millisecond}, slow, false, 2300 * time.Millisecond},
		{"a stuck session is left", []time.Duration{2 * time.Second}, nil, true, 3*time.Second + grace},
		{"a stuck session is left at once", []time.Duration{2 * time.Second, 2300 * time.Millisecond}, nil, true, 2300*time.Millisecond + grace},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, release := session(0), make(chan struct{})
				f.stop = tt.stop
				if tt.stuck {
					f.stop = func(context.Context) { <-release }
				}
				b := newBench(t, f)
				b.Interrupts = ticks(b, tt.at)
				start := time.Now()
				if code := b.run("run --for 60s --json -q"); code != 130 {
					t.Errorf("exit code: got %d, want 130", code)
				}
				if got := time.Since(start); got != tt.ends {
					t.Errorf("ended after %v, want %v", got, tt.ends)
				}
				if b.object(t)["schema"] != "kdyno.report/1" {
					t.Errorf("stdout: got %q, want the report", b.out.String())
				}
				close(release)
			})
		})
	}
}

// ticks makes interrupts inside of the bubble, at times from now.
func ticks(b *bench, at []time.Duration) <-chan struct{} {
	b.interrupts = make(chan struct{}, 4)
	for _, d := range at {
		time.AfterFunc(d, func() { b.interrupts <- struct{}{} })
	}
	return b.interrupts
}

func TestInterruptWhileTheSessionOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		release := make(chan struct{})
		b.Open = func(engine.Config) (Session, error) {
			<-release
			return nil, errors.New("too late")
		}
		b.Interrupts = ticks(b, []time.Duration{time.Second})
		if code := b.run("run --for 60s"); code != 130 {
			t.Errorf("got code %d, want 130", code)
		}
		close(release)
	})
}

func TestSecondInterruptDoesNotWaitForClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, release := session(0), make(chan struct{})
		f.stop = func(ctx context.Context) { <-ctx.Done() }
		f.close = func() error { <-release; return nil }
		b := newBench(t, f)
		b.Interrupts = ticks(b, []time.Duration{time.Second, 1500 * time.Millisecond})
		start := time.Now()
		if code := b.run("run --for 60s -q"); code != 130 || time.Since(start) != 1500*time.Millisecond {
			t.Errorf("got code %d after %v, want 130 after 1.5s", code, time.Since(start))
		}
		close(release)
	})
}

func TestOnlyAPersonAtAScreenAttends(t *testing.T) {
	b := newBench(t, ended())
	b.run("run --for 1s")
	b.Terminal = true
	b.Workbench = func(context.Context, Screen) error { return nil }
	b.run("--for 1s")
	b.run("run --for 1s")
	var got []bool
	for _, c := range b.configs {
		got = append(got, c.Attended)
	}
	if want := []bool{false, true, false}; !slices.Equal(got, want) {
		t.Errorf("attended: got %v, want %v", got, want)
	}
}

func TestClusterThatWasNeverReachedHasNoReport(t *testing.T) {
	f := ended()
	f.err = &engine.Error{Kind: engine.Unreachable, Say: "nobody listens on h:1", Hint: "start it"}
	f.report.Records = report.Records{}
	b := newBench(t, f)
	if code := b.run("run --for 5s"); code != 4 || b.out.Len() > 0 || b.err.String() != "kdyno: nobody listens on h:1\n  start it\n" {
		t.Errorf("got code %d, %q, %q", code, b.out.String(), b.err.String())
	}
	if b.run("run --for 5s --json"); b.object(t)["error"] == nil || b.object(t)["schema"] != nil {
		t.Errorf("got %s, want the error alone", b.out.String())
	}
}

func TestTerminalGetsTheWorkbench(t *testing.T) {
	f := session(0)
	b := newBench(t, f)
	b.putPresets(t)
	b.Terminal = true
	var got Screen
	b.Workbench = func(_ context.Context, s Screen) error {
		got = s
		return nil
	}
	if code := b.run("--preset orders"); code != 0 || b.err.Len() > 0 {
		t.Fatalf("got code %d: %s", code, b.err.String())
	}
	if got.Engine != Session(f) || got.Preset.Name != "orders" || got.Presets == nil {
		t.Errorf("got %+v, want the session, the presets and orders", got)
	}
	if b.out.Len() == 0 {
		t.Error("got no report after the screen")
	}
	for _, f := range got.Look.Faults {
		if f.Name == "" || f.Start == "" || f.Does == "" || len(f.With) == 0 || f.Not != "" {
			t.Errorf("fault %+v, want one that can be typed, with words", f)
		}
	}
	if len(got.Look.Faults) < 15 {
		t.Errorf("%d faults, want the table", len(got.Look.Faults))
	}
	b.run("--brokers h:9092 --topic t")
	for _, f := range got.Look.Faults {
		ofTheLink := slices.Contains([]string{"slow-link", "thin-link", "stall", "reset", "lose-request", "lose-response"}, f.Name)
		if ofTheLink != (f.Not == "") {
			t.Errorf("%s on a real cluster: %q, want only those of the link", f.Name, f.Not)
		}
	}
	b.Workbench = func(context.Context, Screen) error { return errors.New("no screen") }
	if code := b.run(""); code != 1 || !strings.Contains(b.err.String(), "kdyno: no screen") {
		t.Errorf("broken screen: got code %d: %s", code, b.err.String())
	}
	b.Workbench = func(context.Context, Screen) error { t.Error("run opened the workbench"); return nil }
	close(f.done)
	if code := b.run("run --for 1s"); code != 0 {
		t.Errorf("run in a terminal: got code %d: %s", code, b.err.String())
	}
}

func TestTerminatedWorkbenchLeavesTheScreenFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, session(0))
		b.Terminal = true
		left := false
		b.Workbench = func(ctx context.Context, _ Screen) error {
			<-ctx.Done()
			left = true
			return ctx.Err()
		}
		b.Interrupts = ticks(b, []time.Duration{time.Second})
		if code := b.run(""); code != 130 || !left || b.out.Len() == 0 {
			t.Errorf("got code %d, left %v, report of %d bytes, want 130 and a report after the screen", code, left, b.out.Len())
		}
	})
}

func TestCtrlCInTheWorkbenchIsAnInterruption(t *testing.T) {
	b := newBench(t, session(0))
	b.Terminal = true
	b.Workbench = func(context.Context, Screen) error { return fmt.Errorf("screen: %w", ui.ErrInterrupted) }
	if code := b.run(""); code != 130 || b.out.Len() == 0 || b.err.Len() > 0 {
		t.Errorf("got code %d, a report of %d bytes and %q, want 130, a report and no word", code, b.out.Len(), b.err.String())
	}
}
