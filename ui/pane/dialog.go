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

// HelpRow is one key and what it does; Not says why it is not possible now.
type HelpRow struct{ Keys, Does, Not string }

// HelpGroup is the keys of one place.
type HelpGroup struct {
	Name string
	Rows []HelpRow
}

// Help lists every key that works, made from the one table of keys.
type Help struct {
	Groups []HelpGroup
	scroll int
	over   int
}

// Scroll moves through the list.
func (p *Help) Scroll(by int) { p.scroll = max(0, min(p.scroll+by, p.over)) }

// Size implements Dialog.
func (p *Help) Size(w, h int) (int, int) {
	return min(w, 84), min(h, p.rows()+2)
}

func (p *Help) rows() int {
	n := 0
	for _, g := range p.Groups {
		n += len(g.Rows) + 1
	}
	return n
}

// Draw implements Dialog.
func (p *Help) Draw(c *draw.Canvas) {
	p.over = max(0, p.rows()-(c.H-2))
	p.scroll = min(p.scroll, p.over)
	box := draw.Box{
		Title: []draw.Span{{Text: "Keys", Role: draw.Title}}, Focus: true,
		Note: draw.Span{Text: "esc back", Role: draw.Faint},
	}
	if p.over > 0 {
		box.Foot = draw.Span{Text: "up, down scroll", Role: draw.Faint}
	}
	box.Draw(c, func(c *draw.Canvas) {
		y := -p.scroll
		for _, g := range p.Groups {
			if y >= 0 {
				drawHead(c, y, g.Name, "")
			}
			y++
			for _, r := range g.Rows {
				p.row(c, y, r)
				y++
			}
		}
	})
}

func (*Help) row(c *draw.Canvas, y int, r HelpRow) {
	const keys = 16
	c.Text(1, y, draw.Left(r.Keys, keys), draw.Key)
	role, does := draw.Text, r.Does
	if r.Not != "" {
		role, does = draw.Faint, r.Does+" (not now: "+r.Not+")"
	}
	c.Text(keys+2, y, draw.Cut(does, c.W-keys-3), role)
}
