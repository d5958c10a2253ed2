package pane

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// shadeFrom is the share of a column's records from which each shade is drawn.
var shadeFrom = [...]float64{0, 0.05, 0.2, 0.45}

// Heatmap is the latency's distribution over time.
type Heatmap struct {
	heat heat
}

// Move does nothing; the pane has the keys so that it can be zoomed and copied.
func (*Heatmap) Move(int) {}

// Draw draws the pane with its box.
func (h *Heatmap) Draw(c *draw.Canvas, s Scene) {
	per := s.Span().Seconds() / float64(max(draw.PlotWidth(c.W-2), 1))
	box := draw.Box{
		Title: []draw.Span{{Text: "Latency heatmap ms", Role: draw.Title}}, Focus: s.Focus,
		Note: draw.Span{Text: fit(c.W-26, fmt.Sprintf("%s   %.1f s a column", s.SpanNote(), per), s.SpanNote()), Role: draw.Faint},
		Foot: draw.Span{Text: heatLegend(c.W - 8), Role: draw.Faint},
	}
	box.Draw(c, func(c *draw.Canvas) { h.heat.plot(c, s) })
}

// heatLegend says what the shades mean.
func heatLegend(w int) string {
	return fit(w, "share of a column: ░ some  ▒ 5 %  ▓ 20 %  █ 45 %", "░ some  ▒ 5 %  ▓ 20 %  █ 45 %", "░ ▒ ▓ █ share")
}

// heat is a heatmap's memory: the rows that it shows, which grow at once and
// shrink after ten seconds.
type heat struct {
	from, to int // rows of telemetry.Heat, to included
	at       time.Duration
	kept     bool
	bins     bins
	columns  []telemetry.Heat
}

const heatRest = 10 * time.Second

// heatRows says which ranges stand in which row of the picture: step ranges in
// each, low the first group of them. What is below stands in the lowest row.
type heatRows struct{ low, step, rows int }

func (g heatRows) group(row int) int { return (row + g.step - 1) / g.step }

// group rows of a heat so that they fit, what there is in the middle.
func groupRows(from, to, rows int) heatRows {
	g := heatRows{step: 1, rows: rows}
	for g.group(to)-g.group(from)+1 > rows {
		g.step *= 2
	}
	low, high := g.group(from), g.group(to)
	g.low = low - (rows-(high-low+1))/2
	g.low = max(min(g.low, g.group(telemetry.HeatRows-1)-rows+1), 0)
	return g
}

// names are the rows' lower edges; the lowest holds all that is below.
func (g heatRows) names() []string {
	names := make([]string, g.rows)
	for i := range names {
		if row := (g.low+i-1)*g.step + 1; row < telemetry.HeatRows {
			names[i] = heatEdge(row)
		}
	}
	names[0] = "<" + heatEdge(min(g.low*g.step+1, telemetry.HeatRows-1))
	return names
}

// plot draws the ranges as rows, each labelled with its lower edge.
func (h *heat) plot(c *draw.Canvas, s Scene) {
	cols, rows := draw.PlotWidth(c.W), draw.PlotRows(c.H)+1
	if cols < 2 || rows < 2 {
		return
	}
	w := window{end: s.Charts.At, span: s.Span(), columns: cols}
	from, to := h.take(w, s.Charts.Series)
	if from > to {
		nothingYet(c, s.Charts)
		return
	}
	h.fit(from, to, s.Charts.At)
	// The lowest row is the one for all that is below.
	g := groupRows(max(h.from-1, 0), h.to, rows)
	draw.Chart{Times: timeLabels(s.Span(), cols), VLines: w.marks(s.Charts.Marks), Step: 1, Names: g.names()}.Draw(c)
	for x := range h.columns {
		g.draw(c, x, &h.columns[x])
	}
}

func (g heatRows) draw(c *draw.Canvas, x int, column *telemetry.Heat) {
	total := 0.0
	var sums [telemetry.HeatRows]float64
	for row, n := range column {
		if n > 0 {
			sums[min(max(g.group(row)-g.low, 0), g.rows-1)] += float64(n)
			total += float64(n)
		}
	}
	for i, n := range sums[:min(g.rows, len(sums))] {
		if n == 0 {
			continue
		}
		shade := 0
		for shade < len(shadeFrom)-1 && n/total >= shadeFrom[shade+1] {
			shade++
		}
		role := draw.SeriesA
		if shade == 0 {
			role = draw.Faint
		}
		c.Set(draw.Gutter+x, g.rows-1-i, draw.Shades[shade+1], role)
	}
}

func (h *heat) fit(from, to int, at time.Duration) {
	if !h.kept || from < h.from || to > h.to || at < h.at || at-h.at >= heatRest {
		if h.kept && at >= h.at && at-h.at < heatRest {
			from, to = min(from, h.from), max(to, h.to)
		}
		h.from, h.to, h.at, h.kept = from, to, at, true
	}
}

// lowTail is the share of the records that may stand together in the lowest
// row: the fastest few are no news, the slowest few are.
const lowTail = 0.005

// take adds the series up by column, and says between which ranges the records
// lie but for the fastest few.
func (h *heat) take(w window, series []telemetry.Point) (from, to int) {
	if cap(h.columns) < w.columns {
		h.columns = make([]telemetry.Heat, w.columns)
	}
	h.columns = h.columns[:w.columns]
	clear(h.columns)
	h.bins.take(w, series)
	var sums [telemetry.HeatRows]float64
	total, b := 0.0, &h.bins
	for i := range b.series {
		p, first, last := &b.series[i], int(b.from[i]), int(b.to[i])
		if p.Heat == nil || last >= w.columns {
			continue
		}
		for row, n := range p.Heat {
			if n == 0 {
				continue
			}
			sums[row] += float64(n)
			total += float64(n)
			for col := max(min(first+1, last), 0); col <= last; col++ {
				h.columns[col][row] += n
			}
		}
	}
	from, to = telemetry.HeatRows, -1
	below := 0.0
	for row, n := range sums {
		if n > 0 {
			to = row
		}
		if below += n; from > row && below > total*lowTail {
			from = row
		}
	}
	return from, to
}

func heatEdge(row int) string {
	edge := telemetry.HeatFrom(row)
	switch {
	case edge >= 10_000:
		return strconv.FormatFloat(edge/1000, 'f', 0, 64) + "k"
	case edge >= 1000:
		return strings.TrimSuffix(strconv.FormatFloat(edge/1000, 'f', 1, 64), ".0") + "k"
	case edge >= 2 || edge == 1:
		return strconv.FormatFloat(edge, 'f', 0, 64)
	case edge > 1:
		return strconv.FormatFloat(edge, 'f', 1, 64)
	}
	return strconv.FormatFloat(edge, 'f', 2, 64)
}
