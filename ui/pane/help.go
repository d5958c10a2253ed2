package pane

import (
	"kdyno/ui/draw"
)

// HelpRow is one key and what it does; Not says why it is not possible now.
type HelpRow struct{ Keys, Does, Not string }

// HelpGroup is the keys of one place, with a word on what is seen there.
type HelpGroup struct {
	Name  string
	About string
	Rows  []HelpRow
}

// Help lists every key that works, made from the one table of keys.
type Help struct {
	Groups []HelpGroup
	Filter Filter
	scroll int
	over   int
}

const helpKeys = 16 // columns of the keys

// helpLine is one line of the list: a head, a line about the place, or a line
// of a key.
type helpLine struct {
	head, about string
	keys, does  string
	not         bool // it is not possible now
}

// Scroll moves through the list.
func (p *Help) Scroll(by int) { p.scroll = max(0, min(p.scroll+by, p.over)) }

// Size implements Dialog. A list that is being narrowed keeps its size, so that
// it does not jump while a search is typed.
func (p *Help) Size(w, h int) (int, int) {
	w = min(w, 84)
	whole := *p
	whole.Filter.Set("")
	return w, min(h, len(whole.lines(w-2))+2)
}

// lines lays the list out for a width.
func (p *Help) lines(w int) []helpLine {
	var lines []helpLine
	for _, g := range p.Groups {
		var rows []helpLine
		for _, r := range g.Rows {
			if p.Filter.Passes(g.Name, r.Keys, r.Does, r.Not) {
				rows = append(rows, r.lines(w-helpKeys-3)...)
			}
		}
		if len(rows) == 0 && (p.Filter.On() || g.About == "") {
			continue
		}
		lines = append(lines, helpLine{head: g.Name})
		if !p.Filter.On() {
			for _, text := range draw.Wrap(g.About, w-2, 12) {
				lines = append(lines, helpLine{about: text})
			}
		}
		lines = append(lines, rows...)
	}
	return lines
}

// lines are what the key does, in lines of w cells.
func (r HelpRow) lines(w int) []helpLine {
	does := r.Does
	if r.Not != "" {
		does += " (not now: " + r.Not + ")"
	}
	var lines []helpLine
	for _, text := range draw.Wrap(does, w, 4) {
		lines = append(lines, helpLine{does: text, not: r.Not != ""})
	}
	if len(lines) > 0 {
		lines[0].keys = r.Keys
	}
	return lines
}

// Draw implements Dialog.
func (p *Help) Draw(c *draw.Canvas) {
	lines := p.lines(c.W - 2)
	p.over = max(0, len(lines)-(c.H-2))
	p.scroll = min(p.scroll, p.over)
	box := draw.Box{
		Title: []draw.Span{{Text: "Help", Role: draw.Title}}, Focus: true,
		Note: draw.Span{Text: "/ search   esc back", Role: draw.Faint},
	}
	if note := p.Filter.Note(); note != "" {
		box.Title = append(box.Title, draw.Span{Text: note, Role: draw.Staged})
	}
	if p.over > 0 {
		box.Foot = draw.Span{Text: "up, down scroll", Role: draw.Faint}
	}
	box.Draw(c, func(c *draw.Canvas) {
		if len(lines) == 0 {
			c.Text(1, 0, draw.Cut("no key does that: esc shows them all, : finds every action", c.W-1), draw.Faint)
		}
		for y, l := range lines[p.scroll:min(p.scroll+c.H, len(lines))] {
			l.draw(c, y)
		}
	})
}

func (l helpLine) draw(c *draw.Canvas, y int) {
	switch {
	case l.head != "":
		drawHead(c, y, l.head, "")
	case l.about != "":
		c.Text(1, y, l.about, draw.Text)
	default:
		c.Text(1, y, draw.Left(l.keys, helpKeys), draw.Key)
		role := draw.Text
		if l.not {
			role = draw.Faint
		}
		c.Text(helpKeys+2, y, l.does, role)
	}
}
