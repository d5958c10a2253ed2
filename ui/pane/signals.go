package pane

import (
	"math"

	"kdyno/ui/draw"
)

// Signals are the metrics that are watched together, one sparkline each.
type Signals struct {
	scroll int
	over   int
	bins   bins
}

// Move moves through the signals that do not fit.
func (p *Signals) Move(by int) { p.scroll = max(0, min(p.scroll+by, p.over)) }

// Draw draws the pane with its box.
func (p *Signals) Draw(c *draw.Canvas, s Scene) {
	box := draw.Box{
		Title: []draw.Span{{Text: "Signals", Role: draw.Title}}, Focus: s.Focus,
		Note: draw.Span{Text: s.SpanNote(), Role: draw.Faint},
	}
	box.Draw(c, func(c *draw.Canvas) {
		var shown []Metric
		for _, m := range Metrics {
			if m.Signal != "" && !m.hidden(s) {
				shown = append(shown, m)
			}
		}
		p.over = max(0, len(shown)-c.H)
		p.scroll = min(p.scroll, p.over)
		w := window{end: s.Charts.At, span: s.Span(), columns: max(c.W-signalName-signalFigure-3, 1)}
		marks := w.marks(s.Charts.Marks)
		p.bins.take(w, s.Charts.Series)
		for y, m := range shown[p.scroll:] {
			drawSignal(c, y, m, s)
			p.drawSpark(c, y, m, full(m, s))
			for _, v := range marks {
				if x := signalName + v.Column; c.At(x, y).Rune == ' ' && y < c.H {
					c.Set(x, y, draw.Dashed, draw.MarkLine)
				}
			}
		}
	})
}

// The widths of a signal's name and figure.
const (
	signalName   = 14
	signalFigure = 8
)

func drawSignal(c *draw.Canvas, y int, m Metric, s Scene) {
	c.Text(1, y, draw.Left(m.Signal, signalName-1), draw.Text)
	c.TextRight(c.W-1, y, draw.Right(m.Lines[0].Now(s.Figures), signalFigure), draw.Strong)
}

func full(m Metric, s Scene) float64 {
	if m.Full == nil {
		return 0
	}
	return m.Full(s.Charts)
}

func (p *Signals) drawSpark(c *draw.Canvas, y int, m Metric, top float64) {
	values := p.bins.values(m.Lines[0])
	for _, v := range values {
		if !math.IsNaN(v) {
			top = max(top, v)
		}
	}
	c.Spark(signalName, y, p.bins.columns, values, top, m.Lines[0].Role)
}
