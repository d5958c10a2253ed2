package draw

// Span is a text with one role.
type Span struct {
	Text string
	Role Role
}

// Box is the frame around a pane: a title and a note on the upper edge, a note
// on the lower one. Notes that do not fit are cut, the upper note last.
type Box struct {
	Title []Span
	Note  Span // upper right
	Foot  Span // lower right
	Focus bool // this pane has the keys
}

// Draw frames the whole canvas and lets inside draw on what the frame leaves. A
// canvas too small for a frame stays as it is.
func (b Box) Draw(c *Canvas, inside func(*Canvas)) {
	if c.W < 2 || c.H < 2 {
		return
	}
	edge := Border
	if b.Focus {
		edge = Focus
	}
	for x := 1; x < c.W-1; x++ {
		c.Set(x, 0, '─', edge)
		c.Set(x, c.H-1, '─', edge)
	}
	for y := 1; y < c.H-1; y++ {
		c.Set(0, y, '│', edge)
		c.Set(c.W-1, y, '│', edge)
	}
	c.Set(0, 0, '╭', edge)
	c.Set(c.W-1, 0, '╮', edge)
	c.Set(0, c.H-1, '╰', edge)
	c.Set(c.W-1, c.H-1, '╯', edge)
	b.edges(c)
	c.Sub(1, 1, c.W-2, c.H-2, inside)
}

func (b Box) edges(c *Canvas) {
	x := 2
	for i, t := range b.Title {
		before := " "
		if i == 0 && b.Focus {
			before = ">" // the focus is told without colour too
		}
		text := Cut(before+t.Text+" ", c.W-2-x)
		x = c.Text(x, 0, text, t.Role)
	}
	if note := Cut(b.Note.Text, c.W-x-4); note != "" {
		c.TextRight(c.W-2, 0, " "+note+" ", b.Note.Role)
	}
	if foot := Cut(b.Foot.Text, c.W-6); foot != "" {
		c.TextRight(c.W-2, c.H-1, " "+foot+" ", b.Foot.Role)
	}
}
