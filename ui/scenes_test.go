package ui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"kdyno/telemetry"
)

// scene is something to be seen on the screen, and how to come there.
type scene struct {
	name string
	do   func(*Model, *fakeEngine)
}

// sizes are those that every scene is drawn at.
var sizes = [][2]int{{60, 20}, {80, 24}, {120, 36}, {200, 50}}

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

// situations are the states of the session and what a person may be doing.
var situations = []scene{
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
	{"knowledge", func(m *Model, _ *fakeEngine) { press(m, "2", "w") }},
	{"clash", func(m *Model, _ *fakeEngine) {
		m.config.Find("delivery.timeout.ms")
		press(m, "e", "7")
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
	{"stuck", func(m *Model, e *fakeEngine) {
		for at := range 4 {
			next := *e.snap
			next.At += time.Duration(at) * time.Second
			next.Now.InFlight = slices.Clone(next.Now.InFlight)
			next.Now.InFlight[2].InFlight = 5
			e.snap = &next
			m.pull(true)
			_ = m.View()
		}
	}},
	{"done", state(telemetry.Done, "the load has ended; the figures stay")},
	{"starting", func(m *Model, e *fakeEngine) {
		e.snap = &telemetry.Snapshot{State: telemetry.Unreachable, Say: "No broker answers at 127.0.0.1:9092 (connection refused). Start it or check --brokers; it is tried again every second."}
		m.pull(true)
	}},
}

// views bring the workbench to a view by keys.
var views = []scene{
	{"charts", func(m *Model, _ *fakeEngine) { press(m, "3") }},
	{"charts2", func(m *Model, _ *fakeEngine) {
		press(m, "3")
		for m.focus != inFlightPane {
			press(m, "tab")
		}
	}},
	{"log", func(m *Model, _ *fakeEngine) { press(m, "4") }},
	{"braille", func(m *Model, _ *fakeEngine) { zoomTo(m, latencyPane); press(m, "c") }},
	{"blocks", func(m *Model, _ *fakeEngine) { zoomTo(m, latencyPane); press(m, "c", "c") }},
	{"heat", func(m *Model, _ *fakeEngine) { zoomTo(m, latencyPane); press(m, "c", "c", "c") }},
	{"pipeline", func(m *Model, _ *fakeEngine) { zoomTo(m, pipelinePane) }},
	{"partitions", func(m *Model, _ *fakeEngine) { zoomTo(m, partitionsPane) }},
	{"brokers", func(m *Model, _ *fakeEngine) { zoomTo(m, brokersPane) }},
	{"signals", func(m *Model, _ *fakeEngine) { zoomTo(m, signalsPane) }},
	{"many", func(m *Model, e *fakeEngine) {
		e.snap = many()
		m.pull(true)
	}},
	{"many-charts", func(m *Model, e *fakeEngine) {
		e.snap = many()
		m.pull(true)
		press(m, "3")
	}},
	{"many-partitions", func(m *Model, e *fakeEngine) {
		e.snap = many()
		m.pull(true)
		zoomTo(m, partitionsPane)
	}},
	{"many-brokers", func(m *Model, e *fakeEngine) {
		e.snap = many()
		m.pull(true)
		zoomTo(m, brokersPane)
	}},
	{"ten-minutes", func(m *Model, e *fakeEngine) {
		e.snap = aged()
		m.pull(true)
		press(m, "3", "+", "+", "+")
	}},
}
