package ui

import (
	tea "charm.land/bubbletea/v2"

	"kdyno/ui/draw"
)

// wheelRows is how far one notch of the wheel moves.
const wheelRows = 3

// turnMouse takes the mouse or gives it back to the terminal, which selects
// text with it.
func (m *Model) turnMouse() {
	if m.person.mouse = !m.person.mouse; m.person.mouse {
		m.say("the mouse is the workbench's: click a panel or a row, the wheel scrolls", draw.Text)
		return
	}
	m.say("the mouse is the terminal's: it selects text; M takes it back", draw.Text)
}

func (m *Model) mouseMode() tea.MouseMode {
	if m.person.mouse {
		return tea.MouseModeCellMotion
	}
	return tea.MouseModeNone
}

// onClick gives the panel under the mouse the keys, and its cursor the row.
func (m *Model) onClick(msg tea.MouseClickMsg) {
	if msg.Button != tea.MouseLeft || m.top.dialog() != nil || m.top.prompt != nil {
		return
	}
	p, ok := m.placeAt(msg.X, msg.Y)
	if !ok || m.config.Editing() {
		return
	}
	m.screen.touch()
	switch {
	case p.pane == tabsPane:
		if view, ok := m.tabs().At(msg.X - p.x); ok {
			m.show(view)
		}
	case m.panels[p.pane].mover() == nil:
		return
	default:
		m.focus = p.pane
	}
	switch p.pane {
	case configPane:
		m.config.PointAt(msg.Y - p.y - 1)
	case guestsPane:
		m.guests.PointAt(msg.Y - p.y - 1)
		m.chooseGuest()
	default:
	}
}

// onWheel scrolls the list on top, or the panel under the mouse.
func (m *Model) onWheel(msg tea.MouseWheelMsg) {
	var by int
	switch msg.Button {
	case tea.MouseWheelUp:
		by = -wheelRows
	case tea.MouseWheelDown:
		by = wheelRows
	default:
		return
	}
	m.screen.touch()
	if m.top.palette != nil {
		m.top.palette.pane.Move(by)
		return
	}
	if m.top.dialog() != nil {
		m.moveList(by)
		return
	}
	p, ok := m.placeAt(msg.X, msg.Y)
	if list := m.panels[p.pane].mover(); ok && list != nil && !m.config.Editing() {
		list.Move(by)
		m.chooseGuest()
	}
}
