package ui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"kdyno/engine/setting"
)

// cellOf is where a text stands on the screen.
func cellOf(t *testing.T, m *Model, text string) (x, y int) {
	t.Helper()
	for y, l := range strings.Split(plainFrame(m), "\n") {
		if at := strings.Index(l, text); at >= 0 {
			return len([]rune(l[:at])), y
		}
	}
	t.Fatalf("got a screen without %q:\n%s", text, plainFrame(m))
	return 0, 0
}

func click(m *Model, x, y int) { m.Update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}) }

func TestClickGivesAPanelTheKeysAndItsRowTheCursor(t *testing.T) {
	m, _, _ := workbench(120, 36)
	click(m, 60, 8)
	if m.focus != pipelinePane {
		t.Errorf("got pane %d, want the pipeline", m.focus)
	}
	x, y := cellOf(t, m, "max.request.size")
	click(m, x, y)
	if got := m.config.Row().Key; m.focus != configPane || got != setting.MaxRequestSize {
		t.Errorf("got pane %d and row %s, want the row that was clicked", m.focus, got)
	}
	x, y = cellOf(t, m, "2 Config")
	click(m, x+3, y)
	if m.view != viewConfig {
		t.Errorf("got view %d, want the one that was clicked", m.view)
	}
}

func TestWheelScrollsThePanelUnderTheMouse(t *testing.T) {
	m, _, _ := workbench(120, 36)
	before := m.config.Row().Key
	x, y := cellOf(t, m, string(before))
	m.Update(tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelDown})
	if got := m.config.Row().Key; got == before {
		t.Errorf("got row %s, want it moved", got)
	}
	m.Update(tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelUp})
	if got := m.config.Row().Key; got != before {
		t.Errorf("got row %s, want %s again", got, before)
	}
	press(m, "p")
	m.Update(tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelDown})
	has(t, m, "torn")
	if got := m.config.Row().Key; got != before {
		t.Errorf("got row %s, want the wheel to move the dialog", got)
	}
}

func TestClicksAnywhereDoNoHarm(t *testing.T) {
	for _, size := range [][2]int{{0, 0}, {10, 3}, {60, 16}, {80, 24}, {120, 36}, {200, 50}} {
		for _, open := range []string{"1", "2", "3", "?", ":", "e"} {
			m, e, _ := workbench(size[0], size[1])
			press(m, open)
			for y := -1; y <= size[1]; y += 3 {
				for x := -1; x <= size[0]; x += 7 {
					click(m, x, y)
					m.Update(tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelDown})
				}
			}
			_ = m.View()
			told(t, e)
		}
	}
}

func TestMouseIsGivenBackToSelectText(t *testing.T) {
	m, _, _ := workbench(80, 24)
	if got := m.View().MouseMode; got != tea.MouseModeCellMotion {
		t.Errorf("got mouse mode %v, want clicks", got)
	}
	press(m, "M")
	if got := m.View().MouseMode; got != tea.MouseModeNone {
		t.Errorf("got mouse mode %v, want none", got)
	}
	has(t, m, "it selects text")
}

func TestPressedKeysAreShownToWhoWatches(t *testing.T) {
	m, _, _ := workbench(80, 24)
	press(m, "K", "2", "down", "e", "5")
	lines := strings.Split(plainFrame(m), "\n")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, " down   e   5  | ") {
		t.Errorf("got %q, want the last three keys first", last)
	}
	press(m, "esc", "K")
	lines = strings.Split(plainFrame(m), "\n")
	if last := lines[len(lines)-1]; strings.Contains(last, "|") {
		t.Errorf("got %q, want no keys", last)
	}
}
