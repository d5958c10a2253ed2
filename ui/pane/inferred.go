package pane

import (
	"strings"

	"kdyno/engine/setting"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// Inferred are the settings that somebody else's producer must have, with how sure
// that is and why. It stands where the settings of a producer of ours do.
type Inferred struct {
	Filter Filter
	cursor int
	scroll int
	count  int // rows as last drawn
}

// ListFilter implements Lister.
func (p *Inferred) ListFilter() *Filter { return &p.Filter }

// Move implements Mover; the end of the list is known when it is drawn.
func (p *Inferred) Move(by int) { p.cursor = max(0, p.cursor+by) }

// PointAt moves the cursor to a line of the pane, from 0.
func (p *Inferred) PointAt(line int) {
	if line >= 0 && line+p.scroll < p.count {
		p.cursor = line + p.scroll
	}
}

// inferredRow is one setting of which something is known.
type inferredRow struct {
	row setting.Row
	report.Inferred
}

func (p *Inferred) rows(s Scene) (rows []inferredRow) {
	if s.Figures.Guests == nil {
		return nil
	}
	for _, row := range setting.Rows() {
		if in, known := s.Figures.Guests.Inferred[string(row.Key)]; known && in.Value != "" && p.Filter.Passes(string(row.Key), row.Group) {
			rows = append(rows, inferredRow{row, in})
		}
	}
	return rows
}

// Draw draws the pane with its box.
func (p *Inferred) Draw(c *draw.Canvas, s Scene) {
	rows := p.rows(s)
	p.count = len(rows)
	p.cursor = max(0, min(p.cursor, len(rows)-1))
	box := draw.Box{
		Title: []draw.Span{{Text: "Its settings", Role: draw.Title}}, Focus: s.Focus,
		Note: draw.Span{Text: fit(c.W-20, "= exact   >= at least   ~ estimate", "= >= ~"), Role: draw.Faint},
	}
	if note := p.Filter.Note(); note != "" {
		box.Title = append(box.Title, draw.Span{Text: note, Role: draw.Staged})
	}
	if name := s.Figures.Report.Guarantee.Name; name != "" && len(rows) > 0 {
		brief, ok := briefGuarantee[name]
		if !ok {
			brief = name
		}
		box.Foot = draw.Span{Text: fit(c.W-8, "guarantee: "+name, name, brief), Role: draw.Faint}
	}
	box.Draw(c, func(c *draw.Canvas) {
		switch {
		case len(rows) == 0 && p.Filter.On():
			nothingPasses(c, &p.Filter)
		case len(rows) == 0:
			(&page{Canvas: c}).put("What its settings must be is read from what it sends: nothing yet.", 0, draw.Faint)
		case c.W >= aboutBeside && c.H >= fewestRows:
			left := c.W * 45 / 100
			c.Sub(0, 0, left, c.H, func(c *draw.Canvas) { p.list(c, rows) })
			c.Sub(left+1, 0, c.W-left-2, c.H, func(c *draw.Canvas) { p.about(c, s, rows[p.cursor]) })
		case c.H >= fewestRows:
			below := min(max(aboutRows, c.H-len(rows)), c.H/2)
			c.Sub(0, 0, c.W, c.H-below, func(c *draw.Canvas) { p.list(c, rows) })
			c.Sub(0, c.H-below, c.W, below, func(c *draw.Canvas) { p.about(c, s, rows[p.cursor]) })
		default:
			p.list(c, rows)
		}
	})
}

// sureSigns stand before a value.
var sureSigns = map[report.Sure]string{report.Exact: "= ", report.Bound: ">= ", report.Estimate: "~ "}

var sureRoles = map[report.Sure]draw.Role{report.Exact: draw.Text, report.Bound: draw.Warn, report.Estimate: draw.Warn}

func (p *Inferred) list(c *draw.Canvas, rows []inferredRow) {
	p.scroll = max(0, min(p.scroll, p.cursor, len(rows)-c.H))
	if p.cursor >= p.scroll+c.H {
		p.scroll = p.cursor - c.H + 1
	}
	const least = 12 // of a value with its sign
	keys := 0
	for i := range rows {
		keys = max(keys, draw.Width(string(rows[i].row.Key)))
	}
	keys = min(keys, max(c.W-3-least, 8))
	for y, r := range rows[p.scroll:min(p.scroll+c.H, len(rows))] {
		role := draw.Text
		if y+p.scroll == p.cursor {
			c.Text(0, y, ">", draw.Key)
			role = draw.Strong
		}
		c.Text(1, y, draw.Cut(string(r.row.Key), keys), role)
		c.Text(keys+2, y, draw.Cut(r.shown(), c.W-keys-3), sureRoles[r.Sure])
	}
}

// shown is the value with how sure it is.
func (r *inferredRow) shown() string {
	text := sureSigns[r.Sure] + r.value(r.Value)
	if r.Likely != "" && r.Likely != r.Value {
		text += " (" + r.value(r.Likely) + "?)"
	}
	return text
}

func (r *inferredRow) value(text string) string {
	if _, err := setting.Defaults().With(r.row.Key, text); err != nil {
		return draw.Safe(text, 80) // a word for what several values look like
	}
	return draw.Safe(shown(r.row, text), 80)
}

// sureWords say how sure a value is.
var sureWords = map[report.Sure]string{report.Exact: "exact", report.Bound: "at least", report.Estimate: "estimate"}

// about tells why the setting under the cursor must be so, then what all of them
// amount to and what limits the producer.
func (*Inferred) about(c *draw.Canvas, s Scene, r inferredRow) {
	drawHead(c, 0, string(r.row.Key), sureWords[r.Sure])
	to := &page{Canvas: c, y: 1}
	value := strings.TrimSpace(r.value(r.Value))
	if r.Likely != "" {
		value += ", likely " + r.value(r.Likely)
	}
	to.put(value+": "+r.Because+".", 0, draw.Strong)
	if now := NowOf(r.row.Key, s.Figures, s.Values); now != "" && c.H >= fewAbout {
		to.put(now, 0, draw.Text)
	}
	if limits := limit(held(s.Figures)); limits != nil && to.y+1 < c.H {
		to.put(limits[1], 0, draw.Text)
	}
	for _, note := range s.Figures.Guests.Notes {
		to.put("Note: "+note+".", 0, draw.Warn)
	}
	to.guarantee(s.Figures.Report.Guarantee)
}
