package pane

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kdyno/engine/setting"
	"kdyno/ui/draw"
)

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
		if p.edit == nil && slices.Contains(problem.Keys, p.Row().Key) {
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
