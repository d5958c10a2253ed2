package pane

import (
	"fmt"
	"slices"

	"kdyno/engine/setting"
	"kdyno/ui/draw"
)

const (
	aboutRows    = 5   // below the list
	aboutBeside  = 100 // from this width on the explanation stands beside the list
	fewestRows   = 10  // with fewer rows there is only the list
	keyLeast     = 18
	keyMost      = 50
	valueColumns = 12
	fieldLeast   = 18 // a value being typed has more room than one that is shown
	below        = 2  // rows of the list that stay in sight below the cursor
)

// tableLine is one line of the list: a group's head, a setting, or what is to
// be said below it.
type tableLine struct {
	row  int // index of the setting; -1 for a head
	head string
	note draw.Span // below the row's line
	main bool      // the setting's own line
}

// Draw draws the pane with its box.
func (p *Config) Draw(c *draw.Canvas, s Scene) {
	staged := p.Staged(s.Values)
	box := draw.Box{
		Title: []draw.Span{{Text: "Config", Role: draw.Title}}, Focus: s.Focus,
		Foot: draw.Span{Text: p.foot(s, c.W-8), Role: draw.Faint},
	}
	if note := p.Filter.Note(); note != "" {
		box.Title = append(box.Title, draw.Span{Text: note, Role: draw.Staged})
	}
	switch {
	case len(staged) > 0 && p.Blocking() != nil:
		box.Note = draw.Span{Text: fmt.Sprintf("%d staged, they do not fit together", len(staged)), Role: draw.Bad}
	case len(staged) > 0:
		box.Note = draw.Span{Text: fmt.Sprintf("%d staged", len(staged)), Role: draw.Staged}
	case p.Waiting() > 0:
		box.Note = draw.Span{Text: fmt.Sprintf("%d waiting", p.Waiting()), Role: draw.Staged}
	}
	box.Draw(c, func(c *draw.Canvas) {
		switch {
		case c.W >= aboutBeside && c.H >= fewestRows:
			left := c.W * 55 / 100
			c.Sub(0, 0, left, c.H, func(c *draw.Canvas) { p.list(c, s) })
			c.Sub(left+1, 0, c.W-left-2, c.H, func(c *draw.Canvas) { p.about(c, s) })
		case c.H >= fewestRows:
			rows := min(max(aboutRows, c.H*2/5), 9)
			c.Sub(0, 0, c.W, c.H-rows, func(c *draw.Canvas) { p.list(c, s) })
			c.Sub(0, c.H-rows, c.W, rows, func(c *draw.Canvas) { p.about(c, s) })
		default:
			p.list(c, s)
		}
	})
}

// foot is the guarantee that the values give, which must never be out of
// sight.
func (p *Config) foot(s Scene, w int) string {
	name := p.Proposed(s.Values).Guarantee().Name
	if name == "" {
		return ""
	}
	short := name
	if brief, ok := briefGuarantee[name]; ok {
		short = brief
	}
	if p.edit != nil || len(p.Staged(s.Values)) > 0 {
		return fit(w, "would be "+name, "would be "+short, short)
	}
	return fit(w, "guarantee: "+name, name, short)
}

// briefGuarantee says the long names where there is little room.
var briefGuarantee = map[string]string{setting.ExactlyOnce: "exactly once per session"}

func (p *Config) list(c *draw.Canvas, s Scene) {
	lines := p.lines(s, c.W)
	p.seen = p.seen[:0]
	if len(lines) == 0 {
		c.Text(1, 0, draw.Cut("no setting passes "+p.Filter.Note()+"; esc shows them all", c.W-1), draw.Faint)
		return
	}
	first := slices.IndexFunc(lines, func(l tableLine) bool { return l.row == p.cursor })
	last := first
	for last+1 < len(lines) && lines[last+1].row == p.cursor {
		last++
	}
	if first > 0 && lines[first-1].row < 0 {
		first-- // a group's first row shows its head as well
	}
	if p.scroll == top {
		p.scroll = headOf(lines, first, c.H)
	}
	if last = min(last+below, len(lines)-1); last >= p.scroll+c.H {
		p.scroll = last - c.H + 1
	}
	p.scroll = max(0, min(p.scroll, max(first, 0), len(lines)-c.H))
	for y, l := range lines[p.scroll:min(p.scroll+c.H, len(lines))] {
		p.seen = append(p.seen, l.row)
		switch {
		case l.row < 0:
			drawHead(c, y, l.head, l.note.Text)
		case l.main:
			p.drawRow(c, y, l.row, s)
		default:
			c.Text(4, y, draw.Cut(l.note.Text, c.W-5), l.note.Role)
		}
	}
}

// headOf is the line of the head above a line, or the line itself where both do
// not fit so many rows.
func headOf(lines []tableLine, at, rows int) int {
	for head := at; head >= max(at-rows/2, 0); head-- {
		if lines[head].row < 0 {
			return head
		}
	}
	return at
}

func drawHead(c *draw.Canvas, y int, head, note string) {
	for x := range c.W {
		c.Set(x, y, draw.Rule, draw.Border)
	}
	c.Text(1, y, " "+head+" ", draw.Faint)
	if note != "" && headFits(c.W, head, note) {
		c.TextRight(c.W-1, y, " "+note+" ", draw.Faint)
	}
}

// headFits says whether a head has room for its note.
func headFits(w int, head, note string) bool {
	return draw.Width(head)+draw.Width(note)+8 <= w
}

// lines lays the whole table out for a width.
func (p *Config) lines(s Scene, w int) []tableLine {
	var lines []tableLine
	group, scope := "", setting.Scope("")
	for i, r := range p.rows {
		if !p.passes(i) {
			continue
		}
		if g := string(r.Scope) + r.Group; g != group {
			head := tableLine{row: -1, head: r.Group}
			if r.Scope != scope {
				head.note.Text = appliedHow(r.Scope)
			}
			group, scope = g, r.Scope
			lines = append(lines, head)
		}
		lines = append(lines, tableLine{row: i, main: true})
		for _, note := range p.notes(i, s, w-6) {
			lines = append(lines, tableLine{row: i, note: note})
		}
	}
	return lines
}

func appliedHow(s setting.Scope) string {
	if s == setting.Producer {
		return "a makes a new producer"
	}
	return "a applies at once"
}
