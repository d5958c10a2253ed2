package ui

import (
	"math/rand/v2"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"kdyno/ui/draw"
)

// A window that is dragged sends any size, and a broken terminal any number.
func TestResizeStormDoesNoHarm(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	m, e, clock := workbench(80, 24)
	keys := []string{"1", "2", "3", "tab", "z", "?", "p", "esc", "q", "n", "T", "c", "/", "x", ":", "space", "["}
	for range 1500 {
		w, h := 1+rng.IntN(300), 1+rng.IntN(100)
		switch rng.IntN(40) {
		case 0:
			w, h = rng.IntN(3)-1, rng.IntN(3)-1
		case 1:
			w, h = 1<<30, 1<<30
		case 2:
			e.snap = states()[rng.IntN(len(states()))]
		}
		m.Update(tea.WindowSizeMsg{Width: w, Height: h})
		press(m, keys[rng.IntN(len(keys))])
		clock.now = clock.now.Add(gaugeEvery)
		m.Update(tickMsg(clock.now))
		fits(t, m, min(max(w, 0), mostWidth), min(max(h, 0), mostHeight))
	}
}

func fits(t *testing.T, m *Model, w, h int) {
	t.Helper()
	lines := strings.Split(plainFrame(m), "\n")
	if len(lines) != max(h, 1) {
		t.Fatalf("%dx%d: got %d lines", w, h, len(lines))
	}
	for _, l := range lines {
		if draw.Width(l) != w && h > 0 {
			t.Fatalf("%dx%d: got %q of %d cells", w, h, l, draw.Width(l))
		}
	}
}

func TestHugeScreenIsDrawnAsTheLargest(t *testing.T) {
	m, _, _ := workbench(1_000_000, 1_000_000)
	fits(t, m, mostWidth, mostHeight)
}
