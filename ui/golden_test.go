package ui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"kdyno/telemetry"
)

var update = flag.Bool("update", false, "write the golden files anew")

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// plainFrame is what stands on the screen, without colours.
func plainFrame(m *Model) string { return sgr.ReplaceAllString(m.View().Content, "") }

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(strings.TrimSuffix(string(want), "\n"), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s is drawn otherwise (-want +got), `go test ./ui -update` accepts it:\n%s", name, diff)
	}
}

// state brings the session to a state. Before the first record there is nothing
// but the state.
func state(s telemetry.State, say string) func(*Model, *fakeEngine) {
	return func(m *Model, e *fakeEngine) {
		next := *e.snap
		if s == telemetry.Starting {
			next = telemetry.Snapshot{}
		}
		next.State, next.Say = s, say
		e.snap = &next
		m.pull(true)
	}
}

func TestScreenIsDrawnAsTheGoldens(t *testing.T) {
	states := []struct {
		name string
		do   func(*Model, *fakeEngine)
	}{
		{"live", func(*Model, *fakeEngine) {}},
		{"config", func(m *Model, _ *fakeEngine) { press(m, "2") }},
		{"editing", func(m *Model, _ *fakeEngine) {
			m.config.Find("linger.ms")
			press(m, "e", "5", "x")
		}},
		{"staged", func(m *Model, _ *fakeEngine) {
			m.config.Find("linger.ms")
			press(m, "e", "5", "0", "0", "0", "0", "0", "0", "enter")
			m.config.Find("compression.type")
			press(m, "e", "right", "enter")
		}},
		{"presets", func(m *Model, _ *fakeEngine) { press(m, "p", "down", "down") }},
		{"naming", func(m *Model, _ *fakeEngine) { press(m, "p", "s", ".", ".", "/", "x", "enter") }},
		{"help", func(m *Model, _ *fakeEngine) { press(m, "?") }},
		{"palette", func(m *Model, _ *fakeEngine) { press(m, ":", "l", "i", "n", "g") }},
		{"command", func(m *Model, _ *fakeEngine) {
			press(m, ":")
			m.Update(tea.PasteMsg{Content: "set linger.ms=5x acks=all"})
			press(m, "enter")
		}},
		{"filter", func(m *Model, _ *fakeEngine) { press(m, "2", "/", "b", "a", "t", "c", "h") }},
		{"marking", func(m *Model, _ *fakeEngine) { press(m, "m", "n", "o", "w") }},
		{"frozen", func(m *Model, e *fakeEngine) {
			past(m, e, 5*time.Second)
			press(m, "space", "[", "[")
		}},
		{"pressed", func(m *Model, _ *fakeEngine) { press(m, "K", "down", "e", "5") }},
		{"risk", func(m *Model, e *fakeEngine) {
			foreign(m, e)
			press(m, ":")
			m.Update(tea.PasteMsg{Content: "set acks=0"})
			press(m, "enter")
		}},
		{"removed", func(m *Model, _ *fakeEngine) { press(m, "p", "down", "x") }},
		{"quit", func(m *Model, _ *fakeEngine) { press(m, "q") }},
		{"consent", func(m *Model, e *fakeEngine) {
			s := *e.snap
			s.State, s.Say = telemetry.Consent, "The brokers are beyond this machine: kafka-1.example.org:9092."
			s.Report.Cluster.Kind, s.Report.Cluster.Simulated, s.Report.Cluster.ID = "real", false, "MkU3OEVBNTcwNTJENDM2Qk"
			e.snap = &s
			m.pull(true)
		}},
		{"connecting", state(telemetry.Starting, "connecting to the embedded brokers")},
		{"warming", state(telemetry.WarmingUp, "the first records are on their way; figures count once all leaders have answered")},
		{"swapping", state(telemetry.Swapping, "changing the producer: linger.ms 5 > 20")},
		{"paused", state(telemetry.Paused, "the load is paused; what is in the buffer is still delivered")},
		{"draining", state(telemetry.Draining, "the load has ended; what is in the buffer drains")},
		{"degraded", func(m *Model, e *fakeEngine) {
			e.snap.Now.InFlight[2].Connected = false
			state(telemetry.Degraded, "broker 3 is away: connection refused; it is tried again")(m, e)
		}},
		{"done", state(telemetry.Done, "the load has ended; the figures stay")},
		{"starting", func(m *Model, e *fakeEngine) {
			e.snap = &telemetry.Snapshot{State: telemetry.Unreachable, Say: "No broker answers at 127.0.0.1:9092 (connection refused). Start it or check --brokers; it is tried again every second."}
			m.pull(true)
		}},
	}
	for _, size := range [][2]int{{60, 20}, {80, 24}, {120, 36}, {200, 50}} {
		for _, s := range states {
			name := fmt.Sprintf("%s-%dx%d", s.name, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				m, e, _ := workbench(size[0], size[1])
				s.do(m, e)
				golden(t, name, plainFrame(m))
			})
		}
	}
}
