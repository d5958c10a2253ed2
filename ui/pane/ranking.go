package pane

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// ranking is the memory of a list that may be long: where it is scrolled to,
// and the order of the figures that it was made of, so that a frame between
// two figures costs no sorting and the rows do not jump.
type ranking[T any] struct {
	Filter Filter
	scroll int
	over   int // rows that did not fit when it was last drawn
	rows   []T
	all    int // before the filter
	of     *telemetry.Snapshot
	fits   bool
	by     string
}

// ListFilter implements Lister.
func (r *ranking[T]) ListFilter() *Filter { return &r.Filter }

// Move moves through the rows that do not fit.
func (r *ranking[T]) Move(by int) { r.scroll = max(0, min(r.scroll+by, r.over)) }

// take makes the rows anew where the figures, the filter or the room have
// changed: all that pass the filter, the worst first when they do not all fit.
func (r *ranking[T]) take(t *telemetry.Snapshot, room int, all func() []T, pass func(*Filter, T) bool, worse func(a, b T) int) {
	fits := r.of == t && r.by == r.Filter.Text() && r.all <= room
	if r.of == t && r.by == r.Filter.Text() && fits == r.fits {
		return
	}
	rows := all()
	r.all, r.fits, r.of, r.by = len(rows), len(rows) <= room, t, r.Filter.Text()
	if r.Filter.On() {
		rows = slices.DeleteFunc(rows, func(row T) bool { return !pass(&r.Filter, row) })
	}
	if !r.fits {
		slices.SortStableFunc(rows, worse)
	}
	r.rows = rows
}

// page are the rows that are shown in so many lines.
func (r *ranking[T]) page(room int) []T {
	room = max(room, 0)
	r.over = max(0, len(r.rows)-room)
	r.scroll = min(r.scroll, r.over)
	return r.rows[r.scroll:min(r.scroll+room, len(r.rows))]
}

// note tells how much of the list is shown, and in which order.
func (r *ranking[T]) note(shown int) string {
	switch n := len(r.rows); {
	case n == 0:
		return r.Filter.Note()
	case shown < n:
		return strings.TrimSpace(fmt.Sprintf("worst first, %d to %d of %s %s", r.scroll+1, r.scroll+shown, draw.Count(int64(n)), r.Filter.Note()))
	default:
		return r.Filter.Note()
	}
}

// worseBy compares by the first of these that differs, the greater one first.
func worseBy(pairs ...[2]float64) int {
	for _, p := range pairs {
		if order := cmp.Compare(p[1], p[0]); order != 0 {
			return order
		}
	}
	return 0
}

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// nothingPasses says that a filter holds everything back.
func nothingPasses(c *draw.Canvas, f *Filter) {
	c.Text(1, 0, draw.Cut("nothing has "+draw.Safe(f.Text(), 24)+" in it; esc shows all", c.W-2), draw.Faint)
}
