package ui

import (
	"kdyno/ui/draw"
)

// pressedMost is how many of the last keys are shown.
const pressedMost = 3

// turnKeys shows the keys that are pressed, for people who watch, or hides
// them.
func (m *Model) turnKeys() {
	m.person.pressed = nil
	if m.person.showKeys = !m.person.showKeys; m.person.showKeys {
		m.say("the last keys are shown at the lower left; K hides them", draw.Text)
	}
}

// press remembers a key while keys are shown.
func (p *person) press(key string) {
	if !p.showKeys {
		return
	}
	p.pressed = append(p.pressed, draw.Safe(key, 10))
	if extra := len(p.pressed) - pressedMost; extra > 0 {
		p.pressed = p.pressed[extra:]
	}
}

// drawPressed draws the last keys at the left end of a line, and returns the
// column after them.
func (m *Model) drawPressed(c *draw.Canvas) int {
	if !m.person.showKeys {
		return 0
	}
	x := 0
	for _, key := range m.person.pressed {
		end := c.Text(x, 0, " "+key+" ", draw.Text)
		c.Fill(x, 0, end-x, draw.Cursor)
		x = end + 1
	}
	if x == 0 {
		x = c.Text(0, 0, "keys:", draw.Faint) + 1
	}
	return c.Text(x, 0, "|", draw.Border) + 1
}
