package pane

import (
	"math"

	"kdyno/ui/draw"
)

// Signals are the metrics that are watched together, one sparkline each.
type Signals struct {
	Focus  bool
	scroll int
	over   int
}

// Scroll moves through the signals that do not fit.
func (p *Signals) Scroll(by int) { p.scroll = max(0, min(p.scroll+by, p.over)) }

// Draw draws the pane with its box.
func (p *Signals) Draw(c *draw.Canvas, s Scene) {
	box := draw.Box{
		Title: []draw.Span{{Text: "Signals", Role: draw.Title}}, Focus: p.Focus,
		Note: draw.Span{Text: s.SpanNote(), Role: draw.Faint},
	}
	box.Draw(c, func(c *draw.Canvas) {
		var shown []Metric
		for _, m := range Metrics {
			if m.Signal != "" {
				shown = append(shown, m)
			}
		}
		p.over = max(0, len(shown)-c.H)
		p.scroll = min(p.scroll, p.over)
		for y, m := range shown[p.scroll:] {
			drawSignal(c, y, m, s)
		}
	})
}

// The widths of a signal's name and figure.
const (
	signalName   = 14
	signalFigure = 10
)

func drawSignal(c *draw.Canvas, y int, m Metric, s Scene) {
	l := m.Lines[0]
	c.Text(1, y, draw.Left(m.Signal, signalName-1), draw.Text)
	c.TextRight(c.W-1, y, draw.Right(l.Now(s.Figures), signalFigure), draw.Strong)
	cols := c.W - signalName - signalFigure - 3
	if cols < 2 {
		return
	}
	w := window{end: s.Charts.At, span: s.Span(), columns: cols}
	values, top := w.values(s.Charts.Series, l), 0.0
	for _, v := range values {
		if !math.IsNaN(v) {
			top = max(top, v)
		}
	}
	if m.Full != nil {
		top = max(top, m.Full(s.Charts))
	}
	c.Spark(signalName, y, cols, values, top, l.Role)
	for _, v := range w.marks(s.Charts.Marks) {
		if c.At(signalName+v.Column, y).Rune == ' ' {
			c.Set(signalName+v.Column, y, draw.Dashed, draw.MarkLine)
		}
	}
}
