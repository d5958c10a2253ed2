package ui

import (
	"kdyno/telemetry"
	"kdyno/ui/draw"
	"kdyno/ui/pane"
)

// follows says which version of the data a pane is drawn from.
type follows int

const (
	gauges follows = iota
	figures
	charts
)

// panel is a pane on the screen: how it is drawn, how it moves when it has the
// keys, and what its picture depends on.
type panel struct {
	draw    func(c *draw.Canvas, focus bool)
	move    func(by int) // nil: it never has the keys
	filter  *pane.Filter // nil: it holds no list
	follows follows
}

// newPanels is the list of panes; layout.go says where they stand.
func (m *Model) newPanels() [paneCount]panel {
	p := &m.parts
	panels := [paneCount]panel{
		headerPane: {draw: func(c *draw.Canvas, _ bool) { pane.Header(c, m.scene) }, follows: gauges},
		tabsPane: {draw: func(c *draw.Canvas, _ bool) {
			m.tabs().Draw(c, m.scene)
		}, follows: figures},
		configPane: {draw: func(c *draw.Canvas, focus bool) {
			p.config.Focus = focus
			p.config.Draw(c, m.scene)
		}, move: p.config.Move, filter: &p.config.Filter, follows: figures},
		pipelinePane: {draw: func(c *draw.Canvas, focus bool) {
			p.pipeline.Focus = focus
			p.pipeline.Draw(c, m.scene)
		}, move: p.pipeline.Scroll, follows: gauges},
		heatmapPane: {draw: func(c *draw.Canvas, focus bool) {
			p.heatmap.Focus = focus
			p.heatmap.Draw(c, m.scene)
		}, move: func(int) {}, follows: charts},
		signalsPane: {draw: func(c *draw.Canvas, focus bool) {
			p.signals.Focus = focus
			p.signals.Draw(c, m.scene)
		}, move: p.signals.Scroll, follows: charts},
		partitionsPane: {draw: func(c *draw.Canvas, focus bool) {
			p.partitions.Focus = focus
			p.partitions.Draw(c, m.scene)
		}, move: p.partitions.Scroll, filter: &p.partitions.Filter, follows: figures},
		brokersPane: {draw: func(c *draw.Canvas, focus bool) {
			p.brokers.Focus = focus
			p.brokers.Draw(c, m.scene)
		}, move: p.brokers.Scroll, filter: &p.brokers.Filter, follows: figures},
		eventsPane: {draw: func(c *draw.Canvas, focus bool) {
			p.events.Focus = focus
			pane.BesideAudit(c, m.scene, p.events.Draw)
		}, move: p.events.Scroll, filter: &p.events.Filter, follows: figures},
		statusPane: {draw: func(c *draw.Canvas, _ bool) { m.drawStatus(c) }, follows: gauges},
		keysPane:   {draw: func(c *draw.Canvas, _ bool) { m.drawKeys(c) }, follows: figures},
	}
	for id, chart := range p.charts {
		if chart != nil {
			panels[id] = panel{draw: func(c *draw.Canvas, focus bool) {
				chart.Focus = focus
				chart.Draw(c, m.scene)
			}, move: chart.Move, follows: charts}
		}
	}
	return panels
}

// drawStatus draws one line: what was just said to the person, else the state
// in a sentence, else the last event.
func (m *Model) drawStatus(c *draw.Canvas) {
	live := m.session.latest
	switch last := len(m.scene.Figures.Report.Events) - 1; {
	case m.top.prompt != nil:
		m.top.prompt.draw(c)
	case m.person.notice.text != "" && m.opt.Clock().Before(m.person.notice.until):
		c.Text(0, 0, draw.Cut(m.person.notice.text, c.W), m.person.notice.role)
	case m.scene.Frozen:
		m.drawFrozen(c)
	case live.State != telemetry.Running && live.Say != "":
		pane.StateLine(c, live)
	case live.Say != "" && !compact(m.screen.w, m.screen.h):
		c.Text(0, 0, draw.Safe(live.Say, c.W), draw.Faint) // the events have a pane of their own
	case last >= 0:
		c.Text(0, 0, draw.Cut(pane.EventLine(m.scene.Figures.Report.Events[last], c.W), c.W), draw.Faint)
	}
}

func (m *Model) drawKeys(c *draw.Canvas) {
	x := m.drawPressed(c)
	for _, s := range m.keyLine(c.W - x) {
		x = c.Text(x, 0, s.Text, s.Role)
	}
}

// focusable are the panes on the screen that can have the keys, in the order
// of tab.
func (m *Model) focusable() []paneID {
	if m.view == viewCharts {
		return pages
	}
	var panes []paneID
	for _, p := range layout(m.view, m.focus, m.screen.w, m.screen.h) {
		if m.panels[p.pane].move != nil {
			panes = append(panes, p.pane)
		}
	}
	return panes
}

// keepFocus moves the keys to a pane that is there.
func (m *Model) keepFocus() {
	panes := m.focusable()
	for _, p := range panes {
		if p == m.focus {
			return
		}
	}
	if len(panes) > 0 {
		m.focus = panes[0]
	}
}

func (m *Model) turnFocus(by int) {
	panes := m.focusable()
	for i, p := range panes {
		if p == m.focus {
			m.focus = panes[(i+by+len(panes))%len(panes)]
			return
		}
	}
	m.keepFocus()
}

func (m *Model) move(by int) {
	if f := m.panels[m.focus].move; f != nil {
		f(by)
	}
}

func (m *Model) show(view int) {
	m.view, m.screen.zoom = view, false
	m.keepFocus()
}
