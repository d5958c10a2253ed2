package pane

import (
	"fmt"
	"slices"
	"strings"

	"kdyno/ui/draw"
)

// Tabs is the second line: the views, and at its right end what does not fit
// the first one at every width.
type Tabs struct {
	Names  []string
	Active int
}

// Draw draws the line.
func (t Tabs) Draw(c *draw.Canvas, s Scene) {
	x := 0
	for i := range t.Names {
		role := draw.Faint
		if i == t.Active {
			role = draw.Title
		}
		x = c.Text(x, 0, t.label(i), role) + 2
	}
	for _, note := range notes(s, c.W) {
		if x+draw.Width(note) <= c.W {
			c.TextRight(c.W, 0, note, draw.Faint)
			return
		}
	}
}

func (t Tabs) label(i int) string {
	label := fmt.Sprintf("%d %s", i+1, t.Names[i])
	if i == t.Active {
		return "[" + label + "]"
	}
	return label
}

// At is the view whose name stands in a column.
func (t Tabs) At(x int) (view int, ok bool) {
	from := 0
	for i := range t.Names {
		to := from + draw.Width(t.label(i))
		if x >= from && x < to {
			return i, true
		}
		from = to + 2
	}
	return 0, false
}

// notes are what may stand at the right end, the longest first. The guarantee
// goes last of all, since whoever turns a setting has to see it fall.
func notes(s Scene, w int) []string {
	clock := draw.Clock(s.Figures.At)
	kind, preset := ClusterKind(s.Figures.Report.Cluster), ""
	if _, told := stand(s, w); s.Preset != "" && !told {
		preset = "preset " + draw.Safe(s.Preset, 40)
	}
	full, brief := kind, strings.TrimPrefix(kind, "embedded, ")
	if embeddedNote(s) != "" {
		full += ", no replication"
	}
	if s.Figures.Guests != nil { // nothing of theirs is set here
		return []string{side(full, preset, clock), side(kind, preset, clock), side(kind, clock), clock}
	}
	long, short := Revision(s), fmt.Sprintf("rev %d", s.Figures.Revision)
	name := s.Values.Guarantee().Name
	middle, once := name, name
	if at := strings.Index(name, " and producer session"); at >= 0 {
		middle = name[:at]
	}
	if at := strings.Index(name, "once"); at >= 0 {
		once = name[:at+len("once")]
	}
	return []string{
		side(full, preset, name, long, clock), side(full, preset, name, short, clock), side(kind, preset, name, short, clock),
		side(kind, preset, middle, long, clock), side(kind, preset, middle, short, clock), side(kind, middle, long, clock),
		side(kind, middle, short, clock), side(kind, once, short, clock), side(brief, once, short, clock), side(brief, once, short),
		side(once, short, clock), once + "  " + short, short,
	}
}

// side puts what there is side by side.
func side(notes ...string) string {
	notes = slices.DeleteFunc(notes, func(n string) bool { return n == "" })
	return strings.Join(notes, "   ")
}

// Revision names the revision that runs and what u and U would do.
func Revision(s Scene) string {
	r := fmt.Sprintf("rev %d", s.Figures.Revision)
	switch t := s.Figures; {
	case t.Undo > 0 && t.Redo > 0:
		r += " (u back, U on)"
	case t.Undo > 0:
		r += fmt.Sprintf(" (u back to %d)", t.Revision-1)
	case t.Redo > 0:
		r += " (U on)"
	}
	return r
}
