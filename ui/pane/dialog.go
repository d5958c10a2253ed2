package pane

import (
	"kdyno/ui/draw"
)

// Dialog is what may lie on top of the screen.
type Dialog interface {
	// Size is how much room the dialog wants, its box included, on a screen of
	// that size.
	Size(w, h int) (int, int)
	Draw(c *draw.Canvas)
}

// Confirm asks for a typed y. Enter never means yes.
type Confirm struct {
	Title string
	Lines []string
	Ask   string // the line with the keys
	Yes   Intent // what y means
}

// Size implements Dialog.
func (q *Confirm) Size(w, h int) (int, int) {
	width := min(w, 72)
	rows := 1
	for _, l := range q.Lines {
		rows += max(1, len(draw.Wrap(l, width-4, h)))
	}
	return width, min(h, rows+3)
}

// Draw implements Dialog.
func (q *Confirm) Draw(c *draw.Canvas) {
	box := draw.Box{Title: []draw.Span{{Text: q.Title, Role: draw.Warn}}, Focus: true}
	box.Draw(c, func(c *draw.Canvas) {
		y := 0
		for _, l := range q.Lines {
			wrapped := draw.Wrap(l, c.W-2, max(c.H-y-1, 0))
			for _, s := range wrapped {
				c.Text(1, y, s, draw.Text)
				y++
			}
			if len(wrapped) == 0 {
				y++
			}
		}
		c.Text(1, c.H-1, draw.Cut(q.Ask, c.W-2), draw.Key)
	})
}
