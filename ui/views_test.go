package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"kdyno/telemetry"
	"kdyno/ui/draw"
	"kdyno/ui/pane"
)

// zoomTo goes to a pane of view 3, or to one that is on the screen, and zooms
// it.
func zoomTo(m *Model, p paneID) {
	if !m.isOn(p) {
		press(m, "3")
	}
	for m.focus != p {
		press(m, "tab")
	}
	press(m, "z")
}

// aged is the sample after twelve minutes: the older ones as one point for each
// second.
func aged() *telemetry.Snapshot {
	t := later(450 * time.Second)
	var old []telemetry.Point
	for i := range 660 {
		p := t.Series[i%200]
		p.At, p.Width = time.Duration(i+1)*time.Second, time.Second
		p.P99Ms += float64(i / 60)
		old = append(old, p)
	}
	t.Series = append(old, t.Series...)
	t.Marks = append(t.Marks, telemetry.Mark{At: 400 * time.Second, Say: "lunch"})
	return t
}

// Every view fits every size, zoomed or not, whatever the session is like.
func TestEveryViewFitsEverySize(t *testing.T) {
	snaps := append(states(), many())
	for i, v := range views {
		for w := 1; w <= 300; w += 7 + (w*7+i)%19 {
			m, e, _ := workbench(120, 36)
			v.do(m, e)
			for h := 1; h <= 100; h += 3 + (w+h*3+i)%13 {
				e.snap = snaps[(w+h)%len(snaps)]
				m.pull(true)
				m.Update(tea.WindowSizeMsg{Width: w, Height: h})
				lines := strings.Split(plainFrame(m), "\n")
				if len(lines) != h {
					t.Fatalf("%s %dx%d: got %d lines, want %d", v.name, w, h, len(lines), h)
				}
				for _, l := range lines {
					if draw.Width(l) != w {
						t.Fatalf("%s %dx%d: got %q of %d cells, want %d", v.name, w, h, l, draw.Width(l), w)
					}
				}
			}
		}
	}
}

// The panes of every layout cover the body without a hole or an overlap.
func TestPanesCoverTheScreenOnce(t *testing.T) {
	for view := range viewNames {
		focuses := pages[:1]
		if view == viewCharts {
			focuses = pages
		}
		for w := leastWidth; w <= 300; w += 7 {
			for h := leastHeight; h <= 100; h += 3 {
				for _, focus := range focuses {
					seen := make([]int, w*h)
					for _, p := range layout(view, focus, w, h) {
						for y := p.y; y < p.y+p.h; y++ {
							for x := p.x; x < p.x+p.w; x++ {
								seen[y*w+x]++
							}
						}
					}
					for i, n := range seen {
						if n != 1 {
							t.Fatalf("view %d at %dx%d: got %d panes at column %d line %d, want 1", view, w, h, n, i%w, i/w)
						}
					}
				}
			}
		}
	}
}

func TestTabLeadsThroughEveryPanelOfView3(t *testing.T) {
	m, _, _ := workbench(80, 24)
	press(m, "3")
	var seen []paneID
	for range pages {
		if !m.isOn(m.focus) {
			t.Errorf("got the keys on pane %d, which is not on its page", m.focus)
		}
		seen = append(seen, m.focus)
		press(m, "tab")
	}
	if diff := cmp.Diff(pages, seen[len(seen)-len(pages):]); diff != "" && m.focus != seen[0] {
		t.Errorf("tab leads otherwise (-want +got):\n%s", diff)
	}
}

func TestZoomGoesThereAndBack(t *testing.T) {
	m, _, _ := workbench(120, 36)
	press(m, "tab", "z")
	if got := m.places(); len(got) != 5 || got[4].pane != pipelinePane {
		t.Errorf("got %v, want the pipeline alone", got)
	}
	press(m, "tab")
	if got := m.places()[4].pane; got != latencyPane {
		t.Errorf("got pane %d, want tab to go on to the latency", got)
	}
	press(m, "esc")
	if got := m.places(); len(got) != 9 || m.view != viewLive {
		t.Errorf("got %v, want the live view again", got)
	}
	press(m, "z", "1")
	if m.screen.zoom {
		t.Error("got a zoomed pane, want the whole view that was asked for")
	}
}

func TestOneKeyGoesThroughStylesAndMetrics(t *testing.T) {
	m, _, _ := workbench(120, 36)
	seen := map[string]bool{}
	for range 3*len(pane.Metrics) + 1 {
		seen[plainFrame(m)] = true
		press(m, "c")
	}
	if want := 3*len(pane.Metrics) + 1; len(seen) != want {
		t.Errorf("got %d pictures, want %d: three of each metric, and the heatmap", len(seen), want)
	}
	if got := m.chart().Metric().Title; got != pane.Metrics[0].Title {
		t.Errorf("got %q after all of them, want the first again", got)
	}
}

func TestChartWindowIsStretchedToItsEnds(t *testing.T) {
	m, _, _ := workbench(120, 36)
	press(m, "-", "-", "-")
	has(t, m, "-: this is the shortest")
	if got := m.scene.Span(); got != 15*time.Second {
		t.Errorf("got %v, want 15 s", got)
	}
	press(m, "+", "+", "+", "+", "+", "+")
	has(t, m, "+: this is the longest")
	if got := m.scene.Span(); got != 10*time.Minute {
		t.Errorf("got %v, want 10 min", got)
	}
	press(m, "0")
	has(t, m, "60 s")
}

func TestWorstOfManyStandsInTheFirstRow(t *testing.T) {
	for p, want := range map[paneID]string{partitionsPane: " p733 ", brokersPane: " b37 "} {
		m, e, _ := workbench(80, 24)
		e.snap = many()
		m.pull(true)
		zoomTo(m, p)
		if line := strings.Split(plainFrame(m), "\n")[4]; !strings.Contains(line, want) {
			t.Errorf("got first row %q, want %q", line, want)
		}
		m.panels[p].filter().Set("7 b3")
		m.screen.touch()
		_ = m.View()
		m.panels[p].mover().Move(1 << 30)
		m.screen.touch()
		for _, line := range strings.Split(plainFrame(m), "\n")[4:21] {
			if strings.Contains(line, "ms") && !strings.Contains(line, "7") {
				t.Errorf("got %q in a list that is filtered for a 7", line)
			}
		}
	}
}

// The live view on both sides of each breakpoint.
func TestBreakpointsAreDrawnAsTheGoldens(t *testing.T) {
	for _, size := range [][2]int{{59, 16}, {60, 15}, {60, 16}, {99, 30}, {100, 29}, {100, 30}, {159, 44}, {160, 43}, {160, 44}} {
		name := fmt.Sprintf("edge-%dx%d", size[0], size[1])
		t.Run(name, func(t *testing.T) {
			m, _, _ := workbench(size[0], size[1])
			golden(t, name, plainFrame(m))
		})
	}
}
