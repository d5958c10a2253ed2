package ui

import (
	"errors"

	"kdyno/engine/step"
	"kdyno/ui/draw"
	"kdyno/ui/pane"
)

// prompt is one line being typed at the foot of the screen: the words of a
// filter, or the note of a mark.
type prompt struct {
	at    where
	label string
	field pane.Field
	wrong string // why the note was not taken
}

// listFilter is the filter of the list that has the keys, and how that list
// moves; nil where there is no list.
func (m *Model) listFilter() (*pane.Filter, func(by int)) {
	switch {
	case m.top.help != nil:
		return &m.top.help.Filter, m.top.help.Scroll
	case m.top.presets != nil:
		return &m.top.presets.Filter, m.top.presets.Move
	case m.top.dialog() != nil:
		return nil, nil
	}
	return m.panels[m.focus].filter(), m.move
}

func (m *Model) openFilter() {
	f, _ := m.listFilter()
	m.top.prompt = &prompt{at: onFilter, label: "filter", field: pane.NewField(f.Text())}
}

// narrow gives the list what is typed, and its cursor a place in what is left.
func (m *Model) narrow(text string) {
	f, move := m.listFilter()
	if f == nil {
		return
	}
	f.Set(text)
	if move != nil {
		move(0)
	}
}

// narrowed lets the list follow what is typed into its filter.
func (m *Model) narrowed() {
	if m.top.prompt.at == onFilter {
		m.narrow(m.top.prompt.field.Text())
	}
}

// leaveList goes back one level: from a narrowed list to all of it, and from
// there to the screen.
func (m *Model) leaveList() {
	if f, _ := m.listFilter(); f != nil && f.On() {
		m.narrow("")
		return
	}
	m.closeTop()
}

// moveList moves in the list while its filter is typed.
func (m *Model) moveList(by int) {
	if _, move := m.listFilter(); move != nil {
		move(by)
	}
}

func (m *Model) closePrompt() { m.top.prompt = nil }

// dropFilter clears the filter and closes its prompt.
func (m *Model) dropFilter() {
	m.narrow("")
	m.closePrompt()
}

func (m *Model) openMark() {
	m.top.prompt = &prompt{at: onMark, label: "mark"}
}

// mark sets the mark with the note that was typed; a note that is refused stays
// to be mended.
func (m *Model) mark() {
	p := m.top.prompt
	s, err := step.Parse(string(step.Mark) + " " + p.field.Text())
	var bad *step.Error
	if errors.As(err, &bad) {
		p.wrong = bad.Say
		return
	}
	if m.tell(s) {
		m.closePrompt()
		m.say("marked: "+s.Name, draw.Staged)
	}
}

// typed takes text or an editing key into the line.
func (p *prompt) typed(key, text string) {
	p.wrong = ""
	if text == "" {
		p.field.Key(key)
		return
	}
	p.field.Insert(text)
}

// draw draws the line over the status.
func (p *prompt) draw(c *draw.Canvas) {
	x := c.Text(0, 0, p.label+" ", draw.Key)
	say, role := "", draw.Faint
	switch {
	case p.wrong != "":
		say, role = "! "+p.wrong, draw.Bad
	case p.field.Full:
		say, role = "! the line is full, the rest is left out", draw.Bad
	}
	w := max(min(c.W-x-draw.Width(say)-1, 60), 12)
	p.field.Draw(c, x, 0, w)
	c.Text(x+w+1, 0, draw.Cut(say, c.W-x-w-1), role)
}
