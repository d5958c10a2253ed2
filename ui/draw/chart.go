package draw

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/guptarohit/asciigraph"
)

// Gutter is the width of a chart's value axis, always the same so that the
// plot does not move sideways when the figures grow.
const Gutter = 8

// Line is one line of a chart: one value for each column, NaN where there is
// none. Its label stands in the margin at its right end, so that lines can be
// told apart without colour.
type Line struct {
	Label  string
	Values []float64
	Role   Role
}

// VLine is a dashed line down the chart at a column, with a label on the time
// axis. The last one has its long label, where there is one and room for it.
type VLine struct {
	Column int
	Label  string
	Long   string
}

// Chart is lines over a common time axis, the newest at the right end.
//
//	40 |                  :          values, one label a row
//	20 |--------.         :
//	 0 |        '---------:----- p99 the margin, with the lines' labels
//	    -60s            r7    0s     the time axis, from TimeLabels
type Chart struct {
	Lines  []Line
	Step   float64 // the value of one row; the lowest row is 0
	Most   float64 // the largest value that there can be; 0: any
	Margin int     // columns at the right end for the labels of lines; 0: none are drawn
	VLines []VLine
	Times  []string // labels of the time axis, spread evenly from left to right
	Stroke Stroke
	Names  []string // of the rows, from the lowest; nil: multiples of Step
}

// Stroke is how the lines of a chart are drawn.
type Stroke int

// The strokes. Blocks fills the area under a line in eighths of a cell.
const (
	Lines Stroke = iota
	Braille
	Blocks
)

// Samples is how many values a line has for so many columns.
func (s Stroke) Samples(columns int) int {
	if s == Braille {
		return 2 * columns
	}
	return columns
}

// PlotWidth is how many columns a chart of that width has for its values.
func PlotWidth(w int) int { return max(w-Gutter, 0) }

// PlotRows is how many rows of height h a chart gives to values above zero.
func PlotRows(h int) int { return max(h-2, 0) }

// Draw draws the chart over the whole canvas.
func (ch Chart) Draw(c *Canvas) {
	cols, rows := PlotWidth(c.W)-max(ch.Margin, 0), PlotRows(c.H)
	if cols < 2 || rows < 1 || !(ch.Step > 0) || math.IsInf(ch.Step, 0) {
		return
	}
	ch.axis(c, rows)
	for _, v := range ch.VLines {
		if v.Column < 0 || v.Column >= cols {
			continue
		}
		for y := range rows + 1 {
			c.Set(Gutter+v.Column, y, Dashed, MarkLine)
		}
	}
	switch ch.Stroke {
	case Braille:
		ch.braille(c, cols, rows)
	case Blocks:
		ch.blocks(c, cols, rows)
	default:
		for _, l := range ch.Lines {
			ch.stroke(c, l, cols, rows)
		}
	}
	ch.labels(c, cols, rows)
	ch.times(c, cols, rows+1)
}

func (ch Chart) axis(c *Canvas, rows int) {
	every := 1
	if rows >= fewRows {
		every = labelEvery(ch.Step)
	}
	for i := range rows + 1 {
		y := rows - i
		c.Set(Gutter-1, y, '┤', Border)
		if ch.Most > 0 && float64(i)*ch.Step > ch.Most*(1+1e-9) {
			continue
		}
		switch {
		case ch.Names != nil && i < len(ch.Names):
			c.TextRight(Gutter-2, y, ch.Names[i], Faint)
		case ch.Names == nil && i%every == 0:
			c.TextRight(Gutter-2, y, axisLabel(float64(i)*ch.Step, ch.Step*float64(every)), Faint)
		}
	}
}

// labelEvery is how many rows lie between two labels, such that these are
// round: of rows of 1.25 every fourth, of rows of 4 every fifth.
func labelEvery(step float64) int {
	switch m := step / math.Pow(10, math.Floor(math.Log10(step)+1e-9)); {
	case math.Abs(m-1.25) < 1e-6:
		return 4
	case math.Abs(m-4) < 1e-6:
		return 5
	}
	return 2
}

// axisLabel prints a tick with the decimals that its step has.
func axisLabel(v, step float64) string {
	if v >= 10000 || step >= 1000 {
		return SI(v)
	}
	decimals := 0
	for s := step; decimals < 3 && math.Abs(s-math.Round(s)) > 1e-9; s *= 10 {
		decimals++
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// stroke lets asciigraph draw one line and copies its strokes. asciigraph
// panics on empty or infinite data, collapses a flat series and widens its
// bounds for what is outside, so it gets rows instead of values, at least two
// finite points, both bounds, and nothing beyond them. Lines are drawn one by one: a plot without
// colours needs no parsing.
func (ch Chart) stroke(c *Canvas, l Line, cols, rows int) {
	// asciigraph draws n-1 columns for n points.
	points := make([]float64, cols+1)
	for i := range points {
		points[i] = math.NaN()
	}
	seen := 0
	from := max(len(l.Values)-cols, 0)
	for i, v := range l.Values[from:] {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		points[cols-len(l.Values[from:])+i] = min(max(v/ch.Step, 0), float64(rows))
		seen++
	}
	if seen == 0 {
		return
	}
	points[cols] = points[cols-1]
	plot := asciigraph.Plot(points,
		asciigraph.Height(rows), asciigraph.LowerBound(0), asciigraph.UpperBound(float64(rows)), asciigraph.Offset(3),
		asciigraph.YAxisValueFormatter(func(float64) string { return "" }))
	const before = 3 // the cells of asciigraph's own axis
	x, y := -before, 0
	for _, r := range plot {
		switch {
		case r == '\n':
			x, y = -before, y+1
			continue
		case x >= 0 && x < cols && y <= rows && r != ' ':
			c.Set(Gutter+x, y, r, l.Role)
		}
		x++
	}
}

// labels writes the name of each line into the margin beside its right end, the
// highest first; where two would meet, the lower line's gives way downwards.
func (ch Chart) labels(c *Canvas, cols, rows int) {
	if ch.Margin < 2 {
		return
	}
	lines := slices.DeleteFunc(slices.Clone(ch.Lines), func(l Line) bool { return math.IsNaN(l.last()) })
	slices.Reverse(lines) // of equal ones the one that is drawn last stands above
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Compare(b.last(), a.last()) })
	above := -1
	for i, l := range lines {
		y := rows - int(math.Round(min(max(l.last()/ch.Step, 0), float64(rows))))
		y = max(min(y, rows+1-(len(lines)-i)), above+1)
		c.Text(Gutter+cols+1, y, Cut(l.Label, ch.Margin-1), l.Role)
		above = y
	}
}

// last is the newest value, NaN where there is none.
func (l Line) last() float64 {
	if len(l.Values) == 0 || math.IsInf(l.Values[len(l.Values)-1], 0) {
		return math.NaN()
	}
	return l.Values[len(l.Values)-1]
}

func free(c *Canvas, x, y, w int) bool {
	for i := range w {
		if r := c.At(x+i, y).Rune; r != ' ' && r != Dashed {
			return false
		}
	}
	return true
}

// leastLabel is to how few signs the label of a mark may be cut.
const leastLabel = 4

// times draws the time axis: the newest mark wins where two labels would meet,
// older ones are cut to what room there is, and a mark wins over a time.
func (ch Chart) times(c *Canvas, cols, y int) {
	put := func(x int, text string, role Role) bool {
		x = min(max(x, 0), cols-Width(text))
		if !free(c, Gutter+x-1, y, Width(text)+2) {
			return false
		}
		c.Text(Gutter+x, y, text, role)
		return true
	}
	for i := len(ch.VLines) - 1; i >= 0; i-- {
		v := ch.VLines[i]
		if v.Column < 0 || v.Column >= cols {
			continue
		}
		const now = 4 // the last time label stays
		if i == len(ch.VLines)-1 && v.Long != "" && v.Column+Width(v.Long)+now <= cols {
			v.Label = v.Long
		}
		for w := Width(v.Label); !put(v.Column, Cut(v.Label, w), MarkLine) && w > leastLabel; {
			w--
		}
	}
	n := len(ch.Times)
	for i, text := range ch.Times {
		if n > 1 {
			put(i*(cols-1)/(n-1)-i*Width(text)/(n-1), text, Faint)
		}
	}
}
