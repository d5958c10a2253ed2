package pane

import (
	"fmt"
	"math"
	"strings"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// style is how a chart is drawn.
type style int

const (
	asLine style = iota
	asBraille
	asBlocks
	asHeat
	styleCount
)

var styleNames = [styleCount]string{"", "braille", "blocks", "heatmap"}

// Chart is one metric over time. It remembers its axis, so that it stands
// still.
type Chart struct {
	metric int
	style  style
	scale  draw.Scale
	bins   bins
	heat   heat
}

// NewChart makes a chart that starts with a metric of Metrics.
func NewChart(metric int) *Chart { return &Chart{metric: metric} }

// Metric is what the chart shows.
func (ch *Chart) Metric() Metric { return Metrics[ch.metric] }

// Turn goes on to the next style, and after the last one to the next metric.
func (ch *Chart) Turn() {
	ch.style++
	if ch.style == asHeat && !ch.Metric().Heat {
		ch.style++
	}
	if ch.style >= styleCount {
		ch.TurnMetric()
	}
}

// TurnMetric goes on to the next metric, and after the last one to the first.
func (ch *Chart) TurnMetric() { ch.show((ch.metric + 1) % len(Metrics)) }

// Move goes so many metrics on, and stops at the ends of the list.
func (ch *Chart) Move(by int) { ch.show(min(max(ch.metric+by, 0), len(Metrics)-1)) }

func (ch *Chart) show(metric int) {
	if metric != ch.metric || ch.style >= styleCount {
		ch.metric, ch.style, ch.scale = metric, asLine, draw.Scale{}
	}
}

// figureWidth is what most figures of a title take.
const figureWidth = 5

// Draw draws the chart with its box.
func (ch *Chart) Draw(c *draw.Canvas, s Scene) {
	title := []draw.Span{{Text: ch.Metric().Title, Role: draw.Title}}
	if metric := ch.Metric(); metric.hidden(s) {
		box := draw.Box{Title: title, Focus: s.Focus}
		box.Draw(c, func(c *draw.Canvas) { saidThere(c, "only the application itself knows this") })
		return
	}
	for _, l := range ch.Metric().Lines {
		figure := fmt.Sprintf("%-*s", figureWidth, l.Now(s.Figures)) // what follows stands still
		title = append(title, draw.Span{Text: string(draw.Rule) + " " + l.Label + " " + figure, Role: l.Role})
	}
	last := &title[len(title)-1]
	last.Text = strings.TrimRight(last.Text, " ")
	box := draw.Box{Title: title, Focus: s.Focus, Note: draw.Span{Text: s.SpanNote(), Role: draw.Faint}}
	if name := styleNames[ch.style]; name != "" {
		box.Foot = draw.Span{Text: name, Role: draw.Faint}
	}
	if foot := ch.Metric().Foot; foot != nil && box.Foot.Text == "" {
		if ways := foot(s.Figures); ways != nil {
			box.Foot = draw.Span{Text: fit(c.W-8, ways...), Role: draw.Faint}
		}
	}
	if ch.style == asHeat {
		box.Foot.Text = heatLegend(c.W - 8)
	}
	box.Draw(c, func(c *draw.Canvas) { ch.plot(c, s) })
}

func (ch *Chart) plot(c *draw.Canvas, s Scene) {
	if ch.style == asHeat {
		ch.heat.plot(c, s)
		return
	}
	margin := ch.margin(c.W)
	cols, rows := draw.PlotWidth(c.W)-margin, draw.PlotRows(c.H)
	if cols < 2 || rows < 1 {
		return
	}
	t, span := s.Charts, s.Span()
	chart := draw.Chart{
		Times: timeLabels(span, cols), VLines: window{end: t.At, span: span, columns: cols}.marks(t.Marks),
		Margin: margin, Most: ch.Metric().Most,
		Stroke: [...]draw.Stroke{draw.Lines, draw.Braille, draw.Blocks}[ch.style],
	}
	w := window{end: t.At, span: span, columns: chart.Stroke.Samples(cols)}
	top, any := 0.0, false
	ch.bins.take(w, t.Series)
	for _, l := range ch.Metric().Lines {
		values := ch.bins.values(l)
		for _, v := range values {
			if !math.IsNaN(v) {
				top, any = max(top, v), true
			}
		}
		chart.Lines = append(chart.Lines, draw.Line{Label: l.Label, Values: values, Role: l.Role})
	}
	if !any {
		nothingYet(c, t)
		return
	}
	chart.Step = ch.scale.Fit(top, rows, t.At)
	chart.Draw(c)
}

// leastPlot is the narrowest plot that leaves room for labels beside it.
const leastPlot = 24

// margin is the room for the names of the lines at their right ends; one line
// needs none, the title names it.
func (ch *Chart) margin(w int) int {
	lines := ch.Metric().Lines
	if len(lines) < 2 || draw.PlotWidth(w) < leastPlot {
		return 0
	}
	widest := 0
	for _, l := range lines {
		widest = max(widest, draw.Width(l.Label))
	}
	return widest + 1
}

// nothingYet says why a chart is empty.
func nothingYet(c *draw.Canvas, t *telemetry.Snapshot) {
	text := "nothing was measured in this stretch of time"
	if len(t.Series) == 0 {
		text = "nothing is measured yet"
	}
	saidThere(c, text)
}

// saidThere says in the middle of a chart why there is none.
func saidThere(c *draw.Canvas, text string) {
	c.Text(max(0, (c.W-draw.Width(text))/2), c.H/2, draw.Cut(text, c.W), draw.Faint)
}
