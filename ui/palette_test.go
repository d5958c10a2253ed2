package ui

import (
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"kdyno/engine/step"
)

// typeIn types a text key by key.
func typeIn(m *Model, text string) {
	for _, r := range text {
		k := string(r)
		if k == " " {
			k = "space"
		}
		press(m, k)
	}
}

func TestPaletteCarriesOutAStep(t *testing.T) {
	m, e, _ := workbench(80, 24)
	press(m, ":")
	typeIn(m, "set linger.ms=50 load.rate=5k")
	press(m, "enter")
	told(t, e, set("linger.ms", "50", "load.rate", "5k"))
	hasNot(t, m, "Command")
	has(t, m, "done: set linger.ms=50")
}

func TestPaletteShowsWhereALineIsWrong(t *testing.T) {
	m, e, _ := workbench(80, 24)
	press(m, "ctrl+p")
	typeIn(m, "set linger.ms=50 acks=2")
	press(m, "enter")
	told(t, e)
	has(t, m, "column 23: acks:")
	lines := strings.Split(plainFrame(m), "\n")
	for i, l := range lines {
		line := []rune(l)
		at := strings.Index(l, "acks=2")
		if at < 0 {
			continue
		}
		value := len([]rune(l[:at])) + len("acks=")
		if below := []rune(lines[i+1]); below[value] != '^' {
			t.Errorf("got no caret below column %d:\n%s\n%s", value, string(line), string(below))
		}
		return
	}
	t.Error("got a palette that has lost the line")
}

func TestPaletteFindsActionsByAFewLetters(t *testing.T) {
	for _, c := range []struct{ typed, want string }{
		{"freeze", "FROZEN"},
		{"frze", "FROZEN"},
		{"presets", "Presets"},
		{"linger", "[5_"},
		{"quit", "Leave?"},
	} {
		m, _, _ := workbench(80, 24)
		press(m, ":")
		typeIn(m, c.typed)
		press(m, "enter")
		t.Run(c.typed, func(t *testing.T) { has(t, m, c.want) })
	}
}

func TestPaletteSaysWhyAnActionIsNotPossible(t *testing.T) {
	m, _, _ := workbench(80, 24)
	press(m, ":")
	typeIn(m, "apply what")
	has(t, m, "not now: nothing is staged")
	press(m, "enter")
	has(t, m, "Command")
	has(t, m, "apply: nothing is staged")
	press(m, "ctrl+u")
	typeIn(m, "stand.brokers")
	press(m, "enter")
	has(t, m, "it is set at start only")
}

func TestPaletteCompletesKeysAndValues(t *testing.T) {
	m, e, _ := workbench(80, 24)
	press(m, ":")
	typeIn(m, "set compr")
	press(m, "tab")
	has(t, m, "set compression.type=_")
	typeIn(m, "zs")
	press(m, "enter", "enter")
	told(t, e, set("compression.type", "zstd"))
}

func TestPaletteKnowsThePresets(t *testing.T) {
	m, e, _ := workbench(80, 24)
	press(m, ":")
	typeIn(m, "preset thr")
	has(t, m, "throughput")
	press(m, "tab", "enter")
	told(t, e, step.Step{Verb: step.Preset, Name: "throughput"})
}

func TestPaletteKnowsTheFaultsAndWhatTheyTake(t *testing.T) {
	m, e, _ := workbench(120, 36)
	e.refuse = hinted{errors.New("rtt is missing")}
	press(m, ":")
	typeIn(m, "fault ")
	has(t, m, "stall      lets nothing pass")
	typeIn(m, "slo")
	press(m, "enter")
	has(t, m, "[fault slow-link _")
	has(t, m, "fault slow-link rtt=80ms [for=5s]: makes the round trip longer")
	has(t, m, "for=  ends the fault by itself")
	press(m, "tab")
	has(t, m, "[fault slow-link rtt=_")
	typeIn(m, "40ms")
	hasNot(t, m, "the round trip  ")
	e.refuse = nil
	press(m, "enter")
	told(t, e, step.Step{Verb: step.Fault, Name: "slow-link", With: []step.Parameter{{Name: "rtt", Text: "40ms"}}})
}

func TestPaletteKnowsWhatCanBeHealed(t *testing.T) {
	m, e, _ := workbench(120, 36)
	press(m, ":")
	typeIn(m, "heal st")
	press(m, "tab", "enter")
	told(t, e, step.Step{Verb: step.Heal, Name: "stall"})
}

func TestRefusedStepKeepsTheLine(t *testing.T) {
	m, e, _ := workbench(80, 24)
	e.refuse = hinted{errors.New("no fault is called so")}
	press(m, ":")
	typeIn(m, "fault stall for=5s")
	press(m, "enter")
	has(t, m, "no fault is called so; try another")
	has(t, m, "[fault stall for=5s_")
	press(m, "esc")
	hasNot(t, m, "Command")
}

// hinted is an error with its remedy, as the engine's are.
type hinted struct{ error }

func (hinted) Advice() string { return "try another" }

func TestMegabyteInThePaletteIsCut(t *testing.T) {
	for _, open := range []string{":", "/", "m"} {
		m, _, _ := workbench(120, 36)
		press(m, open)
		m.Update(tea.PasteMsg{Content: strings.Repeat("set \x1b[31m\u202e", 1<<17)})
		m.Update(tea.PasteMsg{Content: "more"})
		has(t, m, "the line is full")
		for _, r := range plainFrame(m) {
			if r == 0x1b || r == 0x202e {
				t.Fatalf("%s: got %U on the screen", open, r)
			}
		}
	}
}

func TestFilterNarrowsEveryList(t *testing.T) {
	for _, c := range []struct {
		open               []string
		typed, want, never string
	}{
		{[]string{"2"}, "retr backoff", "retry.backoff.max.ms", "linger.ms "},
		{[]string{"events"}, "slow", "b3 slow", "the values that"},
		{[]string{"p"}, "thr", "throughput", "torn"},
		{[]string{"?"}, "theme", "the next theme", "stop the load"},
	} {
		m, _, _ := workbench(120, 36)
		if m.focus = eventsPane; c.open[0] != "events" {
			press(m, c.open...)
		}
		press(m, "/")
		typeIn(m, c.typed)
		has(t, m, "/"+c.typed)
		press(m, "enter")
		has(t, m, c.want)
		list := strings.Join(strings.Split(plainFrame(m), "\n")[2:34], "\n")
		if strings.Contains(list, c.never) {
			t.Errorf("%q: got a list with %q:\n%s", c.typed, c.never, list)
		}
		press(m, "esc")
		hasNot(t, m, "/"+c.typed)
		press(m, "/")
		typeIn(m, "nothing like that")
		press(m, "esc")
		hasNot(t, m, "/nothing")
	}
}

func TestEditorOpensOnTheFirstRowThatPasses(t *testing.T) {
	m, _, _ := workbench(120, 36)
	press(m, "2", "/")
	typeIn(m, "batch.size")
	press(m, "enter", "e")
	has(t, m, "batch.size")
	has(t, m, "[262144_")
	press(m, "esc", "/")
	typeIn(m, "xyz")
	press(m, "enter", "e")
	has(t, m, "no setting passes the filter")
}
