package draw

import "math"

// dots are the braille bits of a cell's two columns, from the top down.
var dots = [2][4]rune{{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}}

const (
	brailleBlank = '\u2800'
	dotRows      = 4
)

// braille draws the lines as dots, two columns and four rows of them to a
// cell. Where lines meet in a cell the later one gives the colour.
func (ch Chart) braille(c *Canvas, cols, rows int) {
	high := (rows + 1) * dotRows
	put := func(x, y int, role Role) {
		cell := c.At(Gutter+x/2, y/dotRows)
		r := cell.Rune
		if !braille(r) {
			r = brailleBlank
		}
		c.Set(Gutter+x/2, y/dotRows, r|dots[x%2][y%dotRows], role)
	}
	for _, l := range ch.Lines {
		before := -1
		from := max(len(l.Values)-2*cols, 0)
		for i, v := range l.Values[from:] {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				before = -1
				continue
			}
			x := 2*cols - len(l.Values[from:]) + i
			// The line of a value lies in the middle of its row's label.
			y := high - 1 - int(math.Round(min(max(v/ch.Step, 0), float64(rows))*dotRows+1))
			y = min(max(y, 0), high-1)
			lo, hi := y, y
			if before >= 0 {
				lo, hi = min(y, before), max(y, before)
			}
			for d := lo; d <= hi; d++ {
				put(x, d, l.Role)
			}
			before = y
		}
	}
}

// rising are the eighths of a cell from the floor up.
var rising = []rune(" ▁▂▃▄▅▆▇█")

// blocks fills the area under each line. The first line is solid and in front,
// the others are shaded, so that they differ without colour.
func (ch Chart) blocks(c *Canvas, cols, rows int) {
	for n := len(ch.Lines) - 1; n >= 0; n-- {
		l, body := ch.Lines[n], '█'
		if n > 0 {
			body = '░'
		}
		from := max(len(l.Values)-cols, 0)
		for i, v := range l.Values[from:] {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				continue
			}
			x := Gutter + cols - len(l.Values[from:]) + i
			eighth := int(math.Round(min(max(v/ch.Step, 0), float64(rows)) * 8))
			for y := range eighth / 8 {
				c.Set(x, rows-1-y, body, l.Role)
			}
			if rest := eighth % 8; rest > 0 {
				c.Set(x, rows-1-eighth/8, rising[rest], l.Role)
			}
			c.Set(x, rows, Rule, l.Role)
		}
	}
}

// Spark draws values as one line of blocks that rise from the floor, the last
// one at the right end; top is a full cell. What is not a number stays blank,
// and nothing at all is drawn at rest.
func (c *Canvas) Spark(x, y, w int, values []float64, top float64, role Role) {
	w = max(w, 0)
	from := max(len(values)-w, 0)
	for i, v := range values[from:] {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		eighth, is := 1, role
		switch {
		case v == 0:
			is = Faint
		case top > 0:
			eighth = int(min(max(math.Ceil(v/top*8), 1), 8))
		}
		c.Set(x+w-len(values[from:])+i, y, rising[eighth], is)
	}
}

// Shades are the glyphs of a heatmap from nothing to most.
var Shades = []rune(" ░▒▓█")
