package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"kdyno/engine/setting"
	"kdyno/telemetry"
	"kdyno/ui/pane"
)

// at brings the workbench to the place where a row of the key map works, and
// to a state in which it is possible.
func at(t *testing.T, b *binding) (*Model, *fakeEngine) {
	t.Helper()
	m, e, _ := workbench(120, 36)
	switch b.in {
	case onMain:
		e.snap.Redo = 1
		e.values = values("delivery.timeout.ms", "30000")
		m.pull(true)
		m.config.Find(setting.DeliveryTimeoutMs)
		stage(m, "linger.ms", "50")
		m.config.Find(setting.DeliveryTimeoutMs)
		switch b.keys[0] {
		case "a":
			press(m, "f")
		case "r":
			paused := *e.snap
			paused.State = telemetry.Paused
			e.snap = &paused
			m.pull(true)
		case "1":
			press(m, "2")
		case "0":
			press(m, "+")
		case "esc":
			press(m, "2")
		case "[", "]", "{", "}":
			past(m, e, 4*time.Second)
			press(m, "space", "[", "[")
		}
		e.steps = nil
	case onField:
		press(m, "e")
	case onChoice:
		m.config.Find(setting.CompressionType)
		press(m, "e")
	case onPresets:
		press(m, "p", "down")
		if b.keys[0] == "u" {
			press(m, "x")
		}
	case onNaming:
		press(m, "p", "s", "x")
	case onHelp:
		m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
		press(m, "?")
		_ = m.View() // the help knows its height when it is drawn
		press(m, "down")
	case onPalette:
		press(m, ":", "s", "e", "t", " ", "l", "i", "n")
		if b.keys[0] == "up" {
			press(m, "down")
		}
	case onFilter:
		press(m, "/", "l", "down")
	case onMark:
		press(m, "m", "x")
	case onQuit:
		press(m, "q")
	case onRisk:
		foreign(m, e)
		m.config.Find(setting.Acks)
		press(m, "e", "left", "left", "enter", "a")
	case onSheet:
		troubled(m, e)
		m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
		switch b.keys[0] {
		case "enter":
			press(m, "F")
		case "n":
			press(m, "S")
		case "right", "left":
			press(m, "i")
		case "S":
			press(m, "F")
		case "F":
			press(m, "S")
		default:
			m.Update(tea.WindowSizeMsg{Width: 60, Height: 20})
			m.openSheet(pane.StopOf("linger.ms"))
			_ = m.View()
			press(m, "down")
		}
		_ = m.View()
		e.steps = nil
	case onConsent:
		s := *e.snap
		s.State = telemetry.Consent
		e.snap = &s
		m.pull(true)
	}
	if m.place() != b.in {
		t.Fatalf("got place %d, want %d", m.place(), b.in)
	}
	return m, e
}

func TestEveryKeyOfTheTableDoesSomething(t *testing.T) {
	for _, b := range bindings() {
		for _, key := range b.keys {
			t.Run(fmt.Sprintf("%s %s", whereNames[b.in], key), func(t *testing.T) {
				m, e := at(t, &b)
				if b.not != nil {
					if why := b.not(m); why != "" {
						t.Fatalf("got %q, want a state in which the key works", why)
					}
				}
				before := plainFrame(m)
				_, cmd := m.Update(keyMsg(key))
				after := plainFrame(m)
				if before == after && len(e.steps) == 0 && cmd == nil {
					t.Errorf("the key does nothing on:\n%s", after)
				}
			})
		}
	}
}

func TestNoPlaceHasAKeyTwice(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range bindings() {
		for _, key := range b.keys {
			id := fmt.Sprint(b.in, key)
			if seen[id] {
				t.Errorf("%s: %s stands twice in the table", whereNames[b.in], key)
			}
			seen[id] = true
		}
	}
}

func TestHelpNamesEveryKeyAndOnlyThose(t *testing.T) {
	m, _, _ := workbench(120, 50)
	named := map[string]int{}
	for _, g := range m.helpGroups() {
		for _, r := range g.Rows {
			named[r.Keys+r.Does]++
		}
	}
	for _, b := range bindings() {
		if named[b.show+b.help] == 0 {
			t.Errorf("got no help for %s", b.show)
		}
		if b.help == "" {
			t.Errorf("%s has no help", b.show)
		}
		for _, shown := range strings.Fields(b.show) {
			if !slices.Contains(b.keys, shown) {
				t.Errorf("%s: the help names %s, which does nothing", whereNames[b.in], shown)
			}
		}
	}
	for _, b := range bindings() {
		delete(named, b.show+b.help)
	}
	if len(named) > 0 {
		t.Errorf("got help for %v, which are no keys", named)
	}
}

func TestEveryPanelThatCanHaveTheKeysIsExplained(t *testing.T) {
	m, _, _ := workbench(120, 36)
	for id, p := range m.panels {
		switch {
		case p.Pane == nil:
			t.Errorf("pane %d has no row in the table of panels", id)
		case p.mover() != nil && (p.name == "" || p.about == ""):
			t.Errorf("pane %d can have the keys and has no words in the help", id)
		}
	}
}

func TestKeyLineShowsOnlyWhatIsPossible(t *testing.T) {
	m, _, _ := workbench(120, 36)
	line := func() string {
		lines := strings.Split(plainFrame(m), "\n")
		return lines[len(lines)-1]
	}
	for _, not := range []string{"a apply", "d discard", "f fix", "U redo", "r start"} {
		if strings.Contains(line(), not) {
			t.Errorf("got %q, want no %q", line(), not)
		}
	}
	stage(m, "linger.ms", "50")
	for _, want := range []string{"a apply", "d discard", "x stop", "? help", "q quit"} {
		if !strings.Contains(line(), want) {
			t.Errorf("got %q, want %q in it", line(), want)
		}
	}
	press(m, "p")
	if got := strings.TrimSpace(line()); got != "enter stage  w why  s save current  x remove  / filter  esc back" {
		t.Errorf("got %q, want the keys of the dialog", got)
	}
}

func TestHelpAndQuitAreOnEveryKeyLine(t *testing.T) {
	for w := leastWidth; w < 140; w++ {
		m, _, _ := workbench(w, 24)
		stage(m, "linger.ms", "50")
		lines := strings.Split(plainFrame(m), "\n")
		if last := lines[len(lines)-1]; !strings.Contains(last, "? help") || !strings.Contains(last, "q quit") {
			t.Errorf("w %d: got %q, want help and quit in it", w, last)
		}
	}
}
