package pane

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kdyno/engine/setting"
	"kdyno/ui/draw"
)

const (
	aboutRows    = 5   // below the list
	aboutBeside  = 100 // from this width on the explanation stands beside the list
	fewestRows   = 10  // with fewer rows there is only the list
	keyLeast     = 18
	keyMost      = 37
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
	if len(p.Staged(s.Values)) > 0 {
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

// notes is what stands below a setting: the editor's words, what is wrong
// with the values together, and what runs instead of what was asked.
func (p *Config) notes(i int, s Scene, w int) []draw.Span {
	var notes []draw.Span
	key := p.rows[i].Key
	if p.edit != nil && p.edit.row.Key == key {
		notes = append(notes, p.edit.lines(w)...)
	}
	for _, problem := range p.Problems {
		if len(problem.Keys) > 0 && p.homeOf(problem) == key && p.told(problem) {
			notes = append(notes, p.problemLines(problem, w)...)
		}
	}
	if then, ok := s.Figures.Report.Settings[string(key)]; ok && s.Frozen && then != s.Values.Text(key) && !p.rows[i].Secret {
		notes = append(notes, draw.Span{Text: draw.Safe("at this instant: "+shown(p.rows[i], then), w), Role: draw.Warn})
	}
	for _, d := range s.Figures.Report.Differences {
		if d.Key == key {
			text := fmt.Sprintf("= runs as %s: %s", draw.Safe(d.Effective, 40), draw.Safe(d.Why, 3*w))
			for _, line := range draw.Wrap(text, w, 2) {
				notes = append(notes, draw.Span{Text: line, Role: draw.Warn})
			}
		}
	}
	return notes
}

// told says whether a problem is told in words. A mere warning of what has run
// all along is only marked at its rows until the cursor comes there.
func (p *Config) told(problem setting.Problem) bool {
	return problem.Severity == setting.Error || slices.ContainsFunc(problem.Keys, func(k setting.Key) bool {
		_, staged := p.staged[k]
		return staged || k == p.Row().Key
	})
}

// homeOf is the row that tells of a problem: the cursor's, if it has a part in
// it, else the first that is staged, else the first.
func (p *Config) homeOf(problem setting.Problem) setting.Key {
	if slices.Contains(problem.Keys, p.Row().Key) {
		return p.Row().Key
	}
	for _, k := range problem.Keys {
		if _, ok := p.staged[k]; ok {
			return k
		}
	}
	return problem.Keys[0]
}

// severest is the look of the worst of these problems.
func severest(problems []setting.Problem) draw.Role {
	for _, p := range problems {
		if p.Severity == setting.Error {
			return draw.Bad
		}
	}
	return draw.Warn
}

func (p *Config) problemLines(problem setting.Problem, w int) []draw.Span {
	role := severest([]setting.Problem{problem})
	var lines []draw.Span
	for _, line := range draw.Wrap("! "+draw.Safe(problem.Say, 4*w), w, 3) {
		lines = append(lines, draw.Span{Text: line, Role: role})
	}
	if fix := fixText(problem); fix != "" {
		how := "fix: "
		if slices.Contains(problem.Keys, p.Row().Key) {
			how = "f: " // the key works here
		}
		lines = append(lines, draw.Span{Text: how + fix, Role: draw.Key})
	}
	return lines
}

func fixText(problem setting.Problem) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(problem.Fix)) {
		row, _ := setting.Find(k)
		parts = append(parts, fmt.Sprintf("%s = %s", k, row.Kind.Show(problem.Fix[k])))
	}
	return draw.Safe(strings.Join(parts, ", "), 200)
}

func (p *Config) drawRow(c *draw.Canvas, y, i int, s Scene) {
	row := p.rows[i]
	edited := p.edit != nil && p.edit.row.Key == row.Key
	keyWidth := min(max(c.W-valueColumns-4, keyLeast), keyMost)
	if edited {
		keyWidth = min(keyWidth, max(c.W-fieldLeast-4, keyLeast/2))
	}
	x := 3 + keyWidth + 1
	staged, isStaged := p.staged[row.Key]
	now, will := s.Values.Text(row.Key), p.was(row.Key, s.Values)
	isStaged = isStaged && staged != will
	role := draw.Text
	switch {
	case isStaged:
		c.Set(1, y, '~', draw.Staged)
		role = draw.Staged
	case row.AtStart:
		role = draw.Faint
	}
	if problems := p.problemsAt(row.Key); len(problems) > 0 {
		c.Set(2, y, '!', severest(problems))
	}
	c.Text(3, y, draw.Left(string(row.Key), keyWidth), role)
	switch {
	case edited:
		p.edit.draw(c, x, y, c.W-x)
	case isStaged:
		c.Text(x, y, draw.Safe(shown(row, now)+" > "+shown(row, staged), c.W-x), role)
	case will != now:
		change := shown(row, now) + " > " + shown(row, will)
		c.Text(x, y, draw.Safe(fit(c.W-x, change+"  waits", change), c.W-x), draw.Staged)
	case row.AtStart:
		c.Text(x, y, draw.Safe(fit(c.W-x, shown(row, now)+"  at start only", shown(row, now)), c.W-x), role)
	default:
		c.Text(x, y, draw.Safe(shown(row, now), c.W-x), role)
	}
	if i == p.cursor {
		c.Set(0, y, '>', draw.Key)
		if p.edit == nil {
			c.Fill(3, y, c.W-3, draw.Cursor)
		}
	}
}

// shown is a value as people read it; an empty one is told as such.
func shown(row setting.Row, text string) string {
	if s := row.Kind.Show(text); s != "" {
		return s
	}
	return "(none)"
}
