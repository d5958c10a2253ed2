package pane

import (
	"slices"

	"kdyno/ui/draw"
)

// PaletteItem is something that can be done, found by what is typed. Not says
// why it is not possible now; Fill is what choosing it types.
type PaletteItem struct {
	Name  string // what it is found by first
	Does  string
	Shows string // at the right end: its key, or a present value
	Not   string
	Fill  string
	Act   int // an index of whoever made the item
}

// Palette is the line in which everything can be said: a step of the language,
// or a few letters of an action.
type Palette struct {
	Field  Field
	Say    string // what the line means, or what is wrong with it
	Column int    // of the first character that is wrong, from 1; 0: none
	Firm   bool   // the line was sent off: what is wrong is said aloud

	items  []PaletteItem
	cursor int
	scroll int
}

// Show gives the palette the items that answer the line, the best first.
func (p *Palette) Show(items []PaletteItem) {
	p.items, p.cursor, p.scroll = items, 0, 0
}

// Find takes from all items those that answer what was typed, the best first.
func Find(typed string, all []PaletteItem) []PaletteItem {
	type found struct {
		item PaletteItem
		rank int
	}
	var finds []found
	for _, item := range all {
		// What it is called counts twice as much as what it does, and what is not
		// possible now half as much.
		rank := max(2*Rank(typed, item.Name), Rank(typed, item.Name+" "+item.Does))
		if item.Not != "" {
			rank = (rank + 1) / 2
		}
		if rank > 0 {
			finds = append(finds, found{item, rank})
		}
	}
	slices.SortStableFunc(finds, func(a, b found) int { return b.rank - a.rank })
	items := make([]PaletteItem, len(finds))
	for i, f := range finds {
		items[i] = f.item
	}
	return items
}

// Any says whether anything answers the line.
func (p *Palette) Any() bool { return len(p.items) > 0 }

// Move moves the cursor in what was found.
func (p *Palette) Move(by int) {
	p.cursor = max(0, min(p.cursor+by, len(p.items)-1))
}

// Chosen is the item under the cursor.
func (p *Palette) Chosen() (PaletteItem, bool) {
	if p.cursor >= len(p.items) {
		return PaletteItem{}, false
	}
	return p.items[p.cursor], true
}

// Size implements Dialog. It stays the same whatever is found.
func (*Palette) Size(w, h int) (int, int) { return min(w, 88), min(h, 20) }

const paletteHead = 4 // rows above the list: the line, the caret, what is said

// Draw implements Dialog.
func (p *Palette) Draw(c *draw.Canvas) {
	box := draw.Box{
		Title: []draw.Span{{Text: "Command", Role: draw.Title}}, Focus: true,
		Note: draw.Span{Text: "enter does it   tab completes   esc back", Role: draw.Faint},
	}
	if n := len(p.items); n > 0 {
		box.Foot = draw.Span{Text: draw.Plural(int64(n), "match"), Role: draw.Faint}
		if n > 1 {
			box.Foot.Text = draw.Count(int64(n)) + " matches"
		}
	}
	box.Draw(c, func(c *draw.Canvas) {
		c.Text(1, 0, ":", draw.Key)
		p.Field.Draw(c, 2, 0, c.W-3)
		p.say(c, c.W-3)
		c.Sub(0, paletteHead, c.W, c.H-paletteHead, p.list)
	})
}

// say tells what the line means, or what is wrong with it below the place.
func (p *Palette) say(c *draw.Canvas, w int) {
	role := draw.Faint
	if p.Firm {
		role = draw.Bad
	}
	if p.Column > 0 {
		// The field draws its text behind a bracket and may have scrolled.
		room := w - 2
		if at := p.Column - 1 - p.Field.scrolled(room); at >= 0 && at < room {
			c.Set(3+at, 1, '^', role)
		}
	}
	for y, line := range draw.Wrap(draw.Safe(p.Say, 4*c.W), c.W-2, paletteHead-2) {
		c.Text(1, 2+y, line, role)
	}
	if p.Field.Full {
		c.Text(1, 1, draw.Cut("! the line is full, the rest is left out", c.W-2), draw.Bad)
	}
}

func (p *Palette) list(c *draw.Canvas) {
	p.scroll = max(0, min(p.scroll, p.cursor, len(p.items)-c.H))
	if p.cursor >= p.scroll+c.H {
		p.scroll = p.cursor - c.H + 1
	}
	shown := p.items[p.scroll:min(p.scroll+max(c.H, 0), len(p.items))]
	names := 0
	for _, item := range shown {
		names = max(names, draw.Width(draw.Safe(item.Name, c.W*2/5)))
	}
	for y, item := range shown {
		item.draw(c, y, names)
		if p.scroll+y == p.cursor {
			c.Set(0, y, '>', draw.Key)
			c.Fill(1, y, c.W-1, draw.Cursor)
		}
	}
}

// draw draws the item with so many columns for its name, unless there is
// nothing to tell beside it.
func (i PaletteItem) draw(c *draw.Canvas, y, names int) {
	shows := draw.Safe(i.Shows, c.W/3)
	if i.Does == "" && i.Not == "" {
		names = c.W - 3 - draw.Width(shows)
	}
	name := draw.Safe(i.Name, names)
	does, role := i.Does, draw.Text
	if i.Not != "" {
		does, role = "not now: "+i.Not, draw.Faint
	}
	c.Text(1, y, name, role)
	x := names + 3
	c.Text(x, y, draw.Safe(does, c.W-x-2-draw.Width(shows)), draw.Faint)
	c.TextRight(c.W-1, y, shows, draw.Key)
}
