package ui

import (
	"fmt"
	"slices"

	"kdyno/ui/pane"
)

// places is where everything stands now.
func (m *Model) places() []place {
	if m.screen.zoom {
		return zoomed(m.focus, m.screen.w, m.screen.h)
	}
	return m.layout()
}

// tabNames are the names of the views; view 3 tells its page.
func (m *Model) tabNames() []string {
	names := slices.Clone(viewNames)
	if page, of := pageOf(m.focus, m.screen.w, m.screen.h); m.view == viewCharts && of > 1 && !m.screen.zoom {
		names[viewCharts] += fmt.Sprintf(" %d/%d", page+1, of)
	}
	return names
}

func (m *Model) tabs() pane.Tabs { return pane.Tabs{Names: m.tabNames(), Active: m.view} }

// placeAt is the place that a cell belongs to.
func (m *Model) placeAt(x, y int) (place, bool) {
	for _, p := range m.places() {
		if x >= p.x && x < p.x+p.w && y >= p.y && y < p.y+p.h {
			return p, true
		}
	}
	return place{}, false
}

func (m *Model) zoom() { m.screen.zoom = !m.screen.zoom }

// isOn says whether a pane stands on the screen.
func (m *Model) isOn(p paneID) bool {
	return slices.ContainsFunc(m.places(), func(at place) bool { return at.pane == p })
}

// chart is the chart that c turns: the one with the keys, else the first on
// the screen; nil where there is none.
func (m *Model) chart() *pane.Chart {
	if c, ok := m.panels[m.focus].Pane.(*pane.Chart); ok {
		return c
	}
	for _, p := range m.places() {
		if c, ok := m.panels[p.pane].Pane.(*pane.Chart); ok {
			return c
		}
	}
	return nil
}

func noChart(m *Model) string {
	if m.chart() == nil {
		return "there is no chart here; 3 shows them"
	}
	return ""
}

func (m *Model) turnChart() { m.chart().Turn() }

func (m *Model) turnMetric() { m.chart().TurnMetric() }

// stretch makes the charts' window longer or shorter by steps.
func (m *Model) stretch(by int) { m.scene.Window = m.scene.NextSpan(by) }

func (m *Model) autoWindow() { m.scene.Window = 0 }

// noZoom says that there is nothing else on the screen.
func noZoom(m *Model) string {
	boxes := 0
	for _, p := range m.places() {
		boxes += min(p.h-1, 1)
	}
	if boxes == 1 && !m.screen.zoom {
		return "this panel has the whole screen already"
	}
	return ""
}

func noLonger(m *Model) string {
	if why := noChart(m); why != "" {
		return why
	}
	if m.scene.NextSpan(1) == m.scene.Span() {
		return "this is the longest"
	}
	return ""
}

func noShorter(m *Model) string {
	if why := noChart(m); why != "" {
		return why
	}
	if m.scene.NextSpan(-1) == m.scene.Span() {
		return "this is the shortest"
	}
	return ""
}

func alreadyAuto(m *Model) string {
	if m.scene.Window == 0 {
		return "it is chosen by itself already"
	}
	return ""
}

// chartKeys are the keys of the pictures.
func chartKeys() []binding {
	charts := append(slices.Clone(pages), eventsPane)
	return []binding{
		{keys: []string{"c"}, show: "c", say: "chart", help: "the chart's next style (line, braille, blocks, heatmap), then its next metric", of: charts, not: noChart, do: do((*Model).turnChart)},
		{keys: []string{"C"}, show: "C", help: "the chart's next metric", of: charts, not: noChart, do: do((*Model).turnMetric)},
		{keys: []string{"z"}, show: "z", say: "zoom", help: "the panel with the keys alone at full size, and back", not: noZoom, do: do((*Model).zoom)},
		{keys: []string{"+"}, show: "+", help: "a longer stretch of time in the charts, up to 10 min", of: charts, not: noLonger, do: do(func(m *Model) { m.stretch(1) })},
		{keys: []string{"-"}, show: "-", help: "a shorter one, down to 15 s", of: charts, not: noShorter, do: do(func(m *Model) { m.stretch(-1) })},
		{keys: []string{"0"}, show: "0", help: "let the charts choose their stretch of time", of: charts, not: alreadyAuto, do: do((*Model).autoWindow)},
		{keys: []string{"3"}, show: "3", help: "all charts, partitions and brokers; tab turns the pages", do: do(func(m *Model) { m.show(viewCharts) })},
		{keys: []string{"4"}, show: "4", help: "the log of what happened", do: do(func(m *Model) { m.show(viewLog) })},
	}
}
