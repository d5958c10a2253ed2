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

// panel is a pane on the screen: what draws it, what it is called in the help
// and what is seen in it, and what its picture depends on. It can have the keys
// if it is a pane.Mover, and has a list if it is a pane.Lister.
type panel struct {
	pane.Pane
	name, about string
	follows     follows
}

// drawn is a pane without a memory of its own.
type drawn func(c *draw.Canvas, s pane.Scene)

// Draw implements pane.Pane.
func (f drawn) Draw(c *draw.Canvas, s pane.Scene) { f(c, s) }

// newPanels is the list of panes; layout.go says where they stand.
func (m *Model) newPanels() [paneCount]panel {
	return [paneCount]panel{
		headerPane: {Pane: drawn(pane.Header), follows: gauges},
		tabsPane:   {Pane: drawn(func(c *draw.Canvas, s pane.Scene) { m.tabs().Draw(c, s) }), follows: figures},
		statusPane: {Pane: drawn(func(c *draw.Canvas, _ pane.Scene) { m.drawStatus(c) }), follows: gauges},
		keysPane:   {Pane: drawn(func(c *draw.Canvas, _ pane.Scene) { m.drawKeys(c) }), follows: figures},
		configPane: {m.config, "Config", "Every setting that the producer honours, as it runs now. What you edit is staged (~ old > new) and does nothing until a applies it. " +
			"! marks values that do not fit together, with the cure that f stages. The explanation says what the present measurement says of the setting.", figures},
		pipelinePane: {&pane.Pipeline{}, "Pipeline", "A record's way from send() to its acknowledgement. The upper edge says what limits now and where the time goes. " +
			"A full square is a batch that is ready to go, an empty one is filling; in flight shows each broker's slots, ! marks the slowest broker. " +
			"Of the time, a late start is from the moment a record is due to the call of send(), blocked is inside of send(), wait in batch lasts until the batch is ready, " +
			"wait for a slot until it is first written; where one ends and the other begins is derived.", gauges},
		latencyPane:    {pane.NewChart(0), "Latency", "From the moment a record is due to its acknowledgement, one interval a column. Dashed lines are revisions and marks.", charts},
		throughputPane: {pane.NewChart(1), "Throughput", "Acknowledged records a second. A dip behind a dashed line is what a change cost: the old producer drains before the new one sends.", charts},
		inFlightPane:   {pane.NewChart(2), "In flight", "Produce requests that are sent and not answered yet. Records/s times latency is what is under way.", charts},
		bufferPane:     {pane.NewChart(3), "Buffer", "Bytes that wait against buffer.memory. Where it is full, send() waits, for every partition.", charts},
		fillPane:       {pane.NewChart(4), "Batch fill", "How full batches are when they go, against batch.size. Empty batches are many small requests.", charts},
		retriesPane:    {pane.NewChart(5), "Retries", "Batches that were written again, a second.", charts},
		errorsPane:     {pane.NewChart(6), "Errors", "Answers with an error, a second, whether they were tried again or not.", charts},
		heatmapPane: {&pane.Heatmap{}, "Latency heatmap", "How many records were acknowledged after how long: the darker a cell, the more. Two bands are two ways that records take, " +
			"which no percentile tells.", charts},
		signalsPane:    {&pane.Signals{}, "Signals", "What a producer's health is read from, over the same stretch of time, each on its own scale.", charts},
		partitionsPane: {&pane.Partitions{}, "Partitions", "The share of each partition, the worst first. Skew is the busiest one against the mean. / narrows the list.", figures},
		brokersPane:    {&pane.Brokers{}, "Brokers", "What each broker answered in the whole session and how fast, the worst first. / narrows the list.", figures},
		eventsPane:     {&pane.Events{}, "Events", "What happened, the newest first: revisions with what the change cost, marks, faults, notices.", figures},
		guestsPane: {&m.guests, "Producers", "Every producer that came, as it introduced itself. The other panels show the one with the cursor. " +
			"In flight is the most on one connection; errors are answers with an error, whether it tried again or not.", figures},
		inferredPane: {&pane.Inferred{}, "Its settings", "What the producer's settings must be, from what it sends: = the wire says so, >= it is at least that, ~ it looks like that. " +
			"The explanation says why, and what the settings amount to. They are the application's to change; p saves them as a preset.", figures},
	}
}

// mover is a panel as what can have the keys; nil where it cannot.
func (p panel) mover() pane.Mover {
	m, _ := p.Pane.(pane.Mover)
	return m
}

// filter is the filter of a panel's list; nil where it holds none.
func (p panel) filter() *pane.Filter {
	if l, ok := p.Pane.(pane.Lister); ok {
		return l.ListFilter()
	}
	return nil
}

// drawStatus draws one line: at its right end how the objectives stand, before
// that what is to be said.
func (m *Model) drawStatus(c *draw.Canvas) {
	if m.top.prompt != nil {
		m.top.prompt.draw(c)
		return
	}
	room := c.W
	for _, s := range m.preset.goals.spans() {
		if w := draw.Width(s.Text); w <= c.W/2 {
			c.TextRight(c.W, 0, s.Text, s.Role)
			room -= w + 2
			break
		}
	}
	c.Sub(0, 0, room, 1, m.drawSaid)
}

// drawSaid draws what was just said to the person, else the state in a sentence,
// else the last event.
func (m *Model) drawSaid(c *draw.Canvas) {
	live := m.session.latest
	switch last := len(m.scene.Figures.Report.Events) - 1; {
	case m.person.notice.text != "" && m.opt.Clock().Before(m.person.notice.until):
		c.Text(0, 0, draw.Cut(m.person.notice.text, c.W), m.person.notice.role)
	case m.scene.Frozen:
		m.drawFrozen(c)
	case live.State != telemetry.Running && live.Say != "":
		pane.StateLine(c, live)
	case last >= 0 && !m.isOn(eventsPane): // else they have a pane of their own
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
	for _, p := range m.layout() {
		if m.panels[p.pane].mover() != nil {
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
	if p := m.panels[m.focus].mover(); p != nil {
		p.Move(by)
		m.chooseGuest()
	}
}

func (m *Model) show(view int) {
	m.view, m.screen.zoom = view, false
	m.keepFocus()
}
