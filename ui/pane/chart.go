package pane

import (
	"fmt"
	"math"
	"time"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// ChartWindow is how much time a chart shows.
const ChartWindow = time.Minute

// Metric is what a chart shows; Metrics is the one list of them.
type Metric struct {
	Title string
	Lines []MetricLine
}

// MetricLine is one line of a chart. Of reads a closed interval; where several
// fall into one column the worst one is drawn, since percentiles cannot be
// averaged. Now is the figure in the title, of the last five seconds.
type MetricLine struct {
	Label string
	Role  draw.Role
	Of    func(telemetry.Point) float64
	Now   func(*telemetry.Snapshot) string
	Mean  bool // columns show the mean: for rates
}

// Metrics lists what charts can show.
var Metrics = []Metric{
	{Title: "Latency ms", Lines: []MetricLine{
		{
			Label: "p50", Role: draw.SeriesA, Of: func(p telemetry.Point) float64 { return p.P50Ms },
			Now: func(t *telemetry.Snapshot) string { return draw.Ms(t.Recent.Latency.P50Ms) },
		},
		{
			Label: "p99", Role: draw.SeriesB, Of: func(p telemetry.Point) float64 { return p.P99Ms },
			Now: func(t *telemetry.Snapshot) string { return draw.Ms(recentP99(t.Recent)) },
		},
	}},
	{Title: "Throughput rec/s", Lines: []MetricLine{
		{
			Label: "acked", Role: draw.SeriesA, Mean: true, Of: func(p telemetry.Point) float64 { return p.RecordsPerS },
			Now: func(t *telemetry.Snapshot) string { return draw.SI(t.Recent.Rate.RecordsPerS) },
		},
	}},
}

// Chart is one metric over time. It remembers its axis, so that it stands
// still.
type Chart struct {
	Metric Metric
	Focus  bool
	scale  draw.Scale
}

// Draw draws the chart with its box.
func (ch *Chart) Draw(c *draw.Canvas, s Scene) {
	title := []draw.Span{{Text: ch.Metric.Title, Role: draw.Title}}
	for _, l := range ch.Metric.Lines {
		title = append(title, draw.Span{Text: string(draw.Rule) + " " + l.Label + " " + l.Now(s.Figures), Role: l.Role})
	}
	box := draw.Box{
		Title: title, Focus: ch.Focus,
		Note: draw.Span{Text: fmt.Sprintf("%.0f s", ChartWindow.Seconds()), Role: draw.Faint},
	}
	box.Draw(c, func(c *draw.Canvas) { ch.plot(c, s.Charts) })
}

func (ch *Chart) plot(c *draw.Canvas, t *telemetry.Snapshot) {
	cols, rows := draw.PlotWidth(c.W), draw.PlotRows(c.H)
	if cols < 2 || rows < 1 {
		return
	}
	w := window{end: t.At, columns: cols}
	chart := draw.Chart{Times: []string{"-60s", "-40s", "-20s", "0s"}, VLines: w.marks(t.Marks)}
	if cols < 36 {
		chart.Times = []string{"-60s", "0s"}
	}
	top, any := 0.0, false
	for _, l := range ch.Metric.Lines {
		values := w.values(t.Series, l)
		for _, v := range values {
			if !math.IsNaN(v) {
				top, any = max(top, v), true
			}
		}
		chart.Lines = append(chart.Lines, draw.Line{Label: l.Label, Values: values, Role: l.Role})
	}
	if !any {
		text := "no acknowledged records in the last minute"
		c.Text(max(0, (c.W-draw.Width(text))/2), c.H/2, draw.Cut(text, c.W), draw.Faint)
		return
	}
	chart.Step = ch.scale.Fit(top, rows, t.At)
	chart.Draw(c)
}

// window puts times into columns. Columns are laid on the time since the
// start and not on now: so a finished column never changes again and the chart
// moves by whole columns.
type window struct {
	end     time.Duration
	columns int
}

// column is where a time is drawn; below zero it is too old.
func (w window) column(at time.Duration) int {
	width := ChartWindow / time.Duration(w.columns)
	return w.columns - 1 - int(w.end/width-at/width)
}

func (w window) values(series []telemetry.Point, l MetricLine) []float64 {
	values := make([]float64, w.columns)
	weight := make([]float64, w.columns)
	for i := range values {
		values[i] = math.NaN()
	}
	for i := len(series) - 1; i >= 0; i-- {
		p := series[i]
		// An interval belongs to the column in which it began to end.
		col := w.column(p.At - 1)
		if col < 0 {
			break
		}
		v := l.Of(p)
		if col >= w.columns || math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		switch width := p.Width.Seconds(); {
		case math.IsNaN(values[col]):
			values[col], weight[col] = v, width
		case l.Mean && weight[col]+width > 0:
			values[col] = (values[col]*weight[col] + v*width) / (weight[col] + width)
			weight[col] += width
		default:
			values[col] = max(values[col], v)
		}
	}
	w.bridge(values, series)
	return values
}

// bridge fills the columns that an interval wider than a column spans.
func (w window) bridge(values []float64, series []telemetry.Point) {
	for i := len(series) - 1; i >= 0; i-- {
		p := series[i]
		to, from := w.column(p.At-1), w.column(p.At-p.Width)
		if to < 0 {
			return
		}
		for col := max(from, 0); col < to && to < w.columns; col++ {
			if math.IsNaN(values[col]) {
				values[col] = values[to]
			}
		}
	}
}

// marks are the revision lines; the first revision is the start itself.
func (w window) marks(marks []telemetry.Mark) []draw.VLine {
	var lines []draw.VLine
	for _, m := range marks {
		label := fmt.Sprintf("r%d", m.Revision)
		if m.Revision == 0 {
			label = draw.Safe(m.Say, 12)
		}
		if col := w.column(m.At); col >= 0 && col < w.columns {
			lines = append(lines, draw.VLine{Column: col, Label: label})
		}
	}
	return lines
}
