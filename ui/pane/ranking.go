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
	at     int  // the row under the cursor
	moved  bool // there is a cursor: nobody moved it before
	rows   []T
	all    int // before the filter
	of     *telemetry.Snapshot
	fits   bool
	by     string
}

// ListFilter implements Lister.
func (r *ranking[T]) ListFilter() *Filter { return &r.Filter }

// Move moves the cursor; the rows follow it. The first step shows it.
func (r *ranking[T]) Move(by int) {
	if !r.moved {
		r.moved = true
		by -= min(max(by, -1), 1)
	}
	r.at = max(0, min(r.at+by, len(r.rows)-1))
}

// picked is the row under the cursor.
func (r *ranking[T]) picked() (row T, ok bool) {
	if !r.moved || r.at >= len(r.rows) {
		return row, false
	}
	return r.rows[r.at], true
}

// underCursor shows where the cursor is on the row y from the first one shown.
func (r *ranking[T]) underCursor(c *draw.Canvas, y, shown int, s Scene) {
	if at := r.at - r.scroll; s.Keys && r.moved && at >= 0 && at < shown {
		c.Fill(0, y+at, c.W, draw.Cursor)
	}
}

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
	r.at = max(0, min(r.at, len(r.rows)-1))
	r.scroll = max(min(r.scroll, r.at), r.at-room+1)
	r.scroll = max(0, min(r.scroll, len(r.rows)-room))
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
