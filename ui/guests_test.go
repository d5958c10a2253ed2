package ui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// fakeGuests writes down who is to be shown, and shows them.
type fakeGuests struct {
	e      *fakeEngine
	chosen []int
}

func (g *fakeGuests) Choose(number int) {
	g.chosen = append(g.chosen, number)
	next, guests := *g.e.snap, *g.e.snap.Guests
	guests.Shown = number
	next.Guests, g.e.snap = &guests, &next
}

// invite makes the session one of guests, of so many.
func invite(m *Model, e *fakeEngine, count int) *fakeGuests {
	g := &fakeGuests{e: e}
	m.opt.Guests, m.focus = g, guestsPane
	next := guestSession()
	next.Guests.List = next.Guests.List[:count]
	if count == 0 {
		next.Guests.Shown, next.Guests.Inferred, next.Guests.Notes = 0, nil, nil
		next.Recent, next.Report.Interval, next.Series, next.Marks = report.Interval{}, report.Interval{}, nil, nil
		next.Report.Partitions, next.Report.Skew, next.Report.Topics, next.Now = nil, 0, nil, telemetry.Now{}
		next.Say = "waiting for producers: set bootstrap.servers=127.0.0.1:9092 in the application"
	}
	e.snap = next
	m.pull(true)
	_ = m.View()
	return g
}

// guestSession is the sample as one of guests: of their buffers and callbacks
// nothing is known.
func guestSession() *telemetry.Snapshot {
	t := sample()
	t.Revision, t.Undo, t.Now.Queues, t.Now.BufferUsed = 0, 0, nil, 0
	t.Recent.Batches.OpenMeanMs, t.Recent.Batches.QueueMeanMs = ms(3.9), ms(5.2)
	t.Recent.Rate.OfferedPerS = 0
	t.Report.Guarantee = values().Guarantee()
	t.Guests = &telemetry.Guests{
		Bootstrap: "127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094", Shown: 1, Others: 2,
		List: []telemetry.Guest{
			{Number: 1, Name: "orders-service", Software: "apache-kafka-java 4.3.1", Address: "127.0.0.1", Connections: 4, RecordsPerS: 180_000, Records: 48_780_000, Acks: "all", Codec: "lz4", Idempotent: true, InFlightMax: 5, Retries: 2, Limit: "load"},
			{Number: 3, Name: "rdkafka \x1b[2J", Software: "librdkafka 2.11.0", Address: "127.0.0.1", Connections: 3, RecordsPerS: 12.5, Records: 3_000, Acks: "1", Codec: "none", InFlightMax: 41, Errors: 7},
			{Number: 4, Name: "kafka-python-producer-1", Address: "127.0.0.1", Records: 120, Acks: "0", Codec: "gzip", InFlightMax: 1},
		},
		Inferred: map[string]report.Inferred{
			"acks":               {Value: "all", Sure: report.Exact, Because: "each produce request says so"},
			"enable.idempotence": {Value: "true", Sure: report.Exact, Because: "each batch has a producer id, an epoch and a sequence number"},
			"linger.ms":          {Value: "5", Sure: report.Estimate, Because: "512 requests that nothing held back left when the first record in them was 5.2 ms old"},
			"batch.size":         {Value: "15478", Sure: report.Bound, Likely: "16384", Because: "at least: the largest batch of several records has so many bytes on the wire"},
			"partitioner.class":  {Value: "sticky", Sure: report.Estimate, Because: "batches of all partitions follow one another: 1.0 are open at once"},
		},
		Notes: []string{"2 producers seem to share this client.id and host: their figures are one here"},
	}
	return t
}

// guestScenes are the workbench on somebody else's producers.
var guestScenes = []scene{
	{"guests-none", func(m *Model, e *fakeEngine) { invite(m, e, 0) }},
	{"guests", func(m *Model, e *fakeEngine) { invite(m, e, 3) }},
	{"guests-settings", func(m *Model, e *fakeEngine) { invite(m, e, 3); press(m, "2", "down", "down") }},
	{"guests-charts", func(m *Model, e *fakeEngine) { invite(m, e, 3); press(m, "3") }},
	{"guests-leave", func(m *Model, e *fakeEngine) { invite(m, e, 3); press(m, "q") }},
}

func TestTheListChoosesWhoIsShown(t *testing.T) {
	m, e, _ := workbench(120, 36)
	g := invite(m, e, 3)
	for _, key := range []string{"down", "down", "down", "up"} {
		press(m, key)
		_ = m.View()
	}
	if got := fmt.Sprint(g.chosen); got != "[3 4 3]" {
		t.Errorf("chose %s, want 3, 4 and 3 again", got)
	}
	for _, p := range m.places() {
		if p.pane == guestsPane {
			m.Update(tea.MouseClickMsg{X: p.x + 4, Y: p.y + 2, Button: tea.MouseLeft})
		}
	}
	if got := g.chosen[len(g.chosen)-1]; got != 1 {
		t.Errorf("a click on the first row chose %d, want 1", got)
	}
}

// What is of a producer of kdyno's own says so, and does nothing.
func TestWhatGuestsSetIsNotSetHere(t *testing.T) {
	for _, key := range []string{"e", "a", "d", "f", "u", "U", "A"} {
		m, e, _ := workbench(120, 36)
		invite(m, e, 3)
		press(m, key)
		if len(e.steps) > 0 || !strings.Contains(m.person.notice.text, "applications'") {
			t.Errorf("%s: did %v and said %q", key, e.steps, m.person.notice.text)
		}
		if strings.Contains(plainFrame(m), key+" edit") {
			t.Errorf("%s stands in the key line", key)
		}
	}
}

// r starts a producer of kdyno's own beside the guest that is shown, x stops it.
func TestOneOfItsOwnIsStartedBesideAGuest(t *testing.T) {
	m, e, _ := workbench(120, 36)
	invite(m, e, 0)
	press(m, "r", "x")
	if len(e.steps) > 0 {
		t.Errorf("did %v though nobody has come", e.steps)
	}
	invite(m, e, 3)
	press(m, "x", "r")
	e.snap.Guests.Own = true
	m.pull(true)
	press(m, "r", "x")
	if got := fmt.Sprint(e.steps); got != "[resume pause]" {
		t.Errorf("did %s, want resume and then pause", got)
	}
}

func TestWhatAGuestSetsIsSavedAsAPreset(t *testing.T) {
	m, e, _ := workbench(120, 36)
	invite(m, e, 3)
	e.values = values("linger.ms", "42")
	m.pull(true)
	press(m, "p", "s", "t", "h", "e", "i", "r", "s", "enter", "enter")
	kept := m.opt.Presets.(*fakePresets).kept["theirs"]
	if kept.Text("linger.ms") != "42" || !strings.Contains(m.person.notice.text, "kdyno --preset theirs") {
		t.Errorf("kept %v, said %q", kept.SetMap(), m.person.notice.text)
	}
	press(m, "p", "down", "enter")
	if n := len(m.config.Staged(m.scene.Values)); n > 0 {
		t.Errorf("%d values of a preset are staged for somebody else's producer", n)
	}
}

// Leaving asks where somebody would be cut off.
func TestLeavingGuestsAsks(t *testing.T) {
	m, e, _ := workbench(120, 36)
	invite(m, e, 3)
	press(m, "q")
	if m.place() != onQuit {
		t.Error("leaving does not ask while applications are connected")
	}
	invite(m, e, 0)
	m.closeTop()
	_, cmd := m.Update(keyMsg("q"))
	if cmd == nil || m.place() == onQuit {
		t.Error("leaving asks though nobody is here")
	}
}

func TestPanesOfGuestsCoverTheScreenOnce(t *testing.T) {
	for w := leastWidth; w <= 300; w += 7 {
		for h := leastHeight; h <= 100; h += 3 {
			for _, some := range []bool{false, true} {
				seen := make([]int, w*h)
				for _, p := range guestLayout(viewLive, guestsPane, w, h, some) {
					for y := p.y; y < p.y+p.h; y++ {
						for x := p.x; x < p.x+p.w; x++ {
							seen[y*w+x]++
						}
					}
				}
				for i, n := range seen {
					if n != 1 {
						t.Fatalf("%dx%d, some %v: got %d panes at column %d line %d, want 1", w, h, some, n, i%w, i/w)
					}
				}
			}
		}
	}
}
