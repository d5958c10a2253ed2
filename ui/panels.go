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
	return [paneCount]panel{
		headerPane: {draw: func(c *draw.Canvas, _ bool) { pane.Header(c, m.scene) }, follows: gauges},
		tabsPane: {draw: func(c *draw.Canvas, _ bool) {
			pane.Tabs{Names: viewNames, Active: m.view}.Draw(c, m.scene)
		}, follows: figures},
		configPane: {draw: func(c *draw.Canvas, focus bool) {
			p.config.Focus = focus
			p.config.Draw(c, m.scene)
		}, move: p.config.Move, filter: &p.config.Filter, follows: figures},
		pipelinePane: {draw: func(c *draw.Canvas, focus bool) {
			p.pipeline.Focus = focus
			p.pipeline.Draw(c, m.scene)
		}, move: p.pipeline.Scroll, follows: gauges},
		latencyPane:    {draw: func(c *draw.Canvas, _ bool) { p.latency.Draw(c, m.scene) }, follows: figures},
		throughputPane: {draw: func(c *draw.Canvas, _ bool) { p.throughput.Draw(c, m.scene) }, follows: figures},
		eventsPane: {draw: func(c *draw.Canvas, focus bool) {
			p.events.Focus = focus
			p.events.Draw(c, m.scene)
		}, move: p.events.Scroll, filter: &p.events.Filter, follows: figures},
		statusPane: {draw: func(c *draw.Canvas, _ bool) { m.drawStatus(c) }, follows: gauges},
		keysPane:   {draw: func(c *draw.Canvas, _ bool) { m.drawKeys(c) }, follows: figures},
	}
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
	case live.State != telemetry.Running && live.Say != "":
		c.Text(0, 0, draw.Safe(live.Say, c.W), draw.Strong)
	case live.Say != "" && !compact(m.screen.w, m.screen.h):
		c.Text(0, 0, draw.Safe(live.Say, c.W), draw.Faint) // the events have a pane of their own
	case last >= 0:
		c.Text(0, 0, draw.Cut(pane.EventLine(m.scene.Figures.Report.Events[last], c.W), c.W), draw.Faint)
	}
}

func (m *Model) drawKeys(c *draw.Canvas) {
	x := 0
	for _, s := range m.keyLine(c.W) {
		x = c.Text(x, 0, s.Text, s.Role)
	}
}

// focusable are the panes on the screen that can have the keys, in the order
// of tab.
func (m *Model) focusable() []paneID {
	var panes []paneID
	for _, p := range layout(m.view, m.screen.w, m.screen.h) {
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
	m.view = view
	m.keepFocus()
}
