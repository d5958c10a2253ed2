package pane

import (
	"fmt"
	"strconv"
	"time"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// shadeFrom is the share of a column's records from which each shade is drawn.
var shadeFrom = [...]float64{0, 0.05, 0.2, 0.45}

// Heatmap is the latency's distribution over time.
type Heatmap struct {
	Focus bool
	heat  heat
}

// Draw draws the pane with its box.
func (h *Heatmap) Draw(c *draw.Canvas, s Scene) {
	per := s.Span().Seconds() / float64(max(draw.PlotWidth(c.W-2), 1))
	box := draw.Box{
		Title: []draw.Span{{Text: "Latency heatmap ms", Role: draw.Title}}, Focus: h.Focus,
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
}

const heatRest = 10 * time.Second

// plot draws the ranges as rows, each labelled with its lower edge.
func (h *heat) plot(c *draw.Canvas, s Scene) {
	cols, rows := draw.PlotWidth(c.W), draw.PlotRows(c.H)+1
	if cols < 2 || rows < 2 {
		return
	}
	w := window{end: s.Charts.At, span: s.Span(), columns: cols}
	columns, from, to := w.heat(s.Charts.Series)
	if from > to {
		nothingYet(c, s.Charts)
		return
	}
	h.fit(from, to, s.Charts.At)
	step := 1 // ranges to a row
	for (h.to+step-1)/step-(h.from+step-1)/step+1 > rows {
		step++
	}
	low := heatBase((h.from+step-1)/step, (h.to+step-1)/step, rows)
	axis := draw.Chart{Times: timeLabels(s.Span(), cols), VLines: w.marks(s.Charts.Marks), Step: 1}
	for i := range rows {
		label := "<" + heatEdge(1)
		if row := (low+i-1)*step + 1; low+i > 0 {
			label = heatEdge(min(row, telemetry.HeatRows-1))
		}
		axis.Names = append(axis.Names, label)
	}
	axis.Draw(c)
	for x := range columns {
		drawHeat(c, x, columns[x], low, step, rows)
	}
}

// heatBase is the lowest row, such that what there is stands in the middle.
func heatBase(low, high, rows int) int {
	return max(low-(rows-(high-low+1))/2, 0)
}

func drawHeat(c *draw.Canvas, x int, column telemetry.Heat, low, step, rows int) {
	total := 0.0
	var sums [telemetry.HeatRows]float64
	for row, n := range column {
		sums[(row+step-1)/step] += float64(n)
		total += float64(n)
	}
	for i := range min(rows, len(sums)-low) {
		n := sums[low+i]
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
		c.Set(draw.Gutter+x, rows-1-i, draw.Shades[shade+1], role)
	}
}

func (h *heat) fit(from, to int, at time.Duration) {
	if !h.kept || from < h.from || to > h.to || at < h.at || at-h.at >= heatRest {
		if h.kept && at >= h.at && at-h.at < heatRest {
			from, to = min(from, h.from), max(to, h.to)
		}
		*h = heat{from: from, to: to, at: at, kept: true}
	}
}

// heat adds the series up by column, and says which ranges have records.
func (w window) heat(series []telemetry.Point) (columns []telemetry.Heat, from, to int) {
	columns = make([]telemetry.Heat, w.columns)
	from, to = telemetry.HeatRows, -1
	b := w.bin(series)
	for i := range b.series {
		p, first, last := &b.series[i], b.from[i], b.to[i]
		if p.Heat == nil || last >= w.columns {
			continue
		}
		for row, n := range p.Heat {
			if n == 0 {
				continue
			}
			from, to = min(from, row), max(to, row)
			for col := max(min(first+1, last), 0); col <= last; col++ {
				columns[col][row] += n
			}
		}
	}
	return columns, from, to
}

func heatEdge(row int) string {
	edge := telemetry.HeatFrom(row)
	switch {
	case edge >= 1000:
		return strconv.FormatFloat(edge/1000, 'f', 0, 64) + "k"
	case edge >= 2 || edge == 1:
		return strconv.FormatFloat(edge, 'f', 0, 64)
	case edge > 1:
		return strconv.FormatFloat(edge, 'f', 1, 64)
	}
	return strconv.FormatFloat(edge, 'f', 2, 64)
}
