package draw

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Printer turns canvases into text for a terminal and remembers the last one,
// so that a line that has not changed costs a comparison. The zero Printer is
// ready.
type Printer struct {
	theme Theme
	w, h  int
	cells []Cell
	lines [][]byte
}

// Print is the canvas as the terminal gets it: lines parted by newlines, with
// the colours of the theme. Every line stands for itself.
func (p *Printer) Print(c *Canvas, t Theme) string {
	fresh := p.w != c.W || p.h != c.H || p.theme != t
	if fresh {
		p.theme, p.w, p.h = t, c.W, c.H
		p.cells, p.lines = make([]Cell, len(c.cells)), make([][]byte, c.H)
	}
	size := c.H
	for y := range c.H {
		now, was := c.cells[y*c.W:(y+1)*c.W], p.cells[y*c.W:(y+1)*c.W]
		if fresh || !slices.Equal(now, was) {
			copy(was, now)
			p.lines[y] = t.appendLine(p.lines[y][:0], now)
		}
		size += len(p.lines[y])
	}
	var b strings.Builder
	b.Grow(size)
	for y, line := range p.lines {
		if y > 0 {
			b.WriteByte('\n')
		}
		b.Write(line)
	}
	return b.String()
}

// appendLine writes one line of cells and leaves the terminal without a look.
func (t *Theme) appendLine(b []byte, cells []Cell) []byte {
	if len(cells) == 0 {
		return b
	}
	role := cells[0].Role
	b = t.begin(b, role)
	for _, cell := range cells {
		if cell.Role != role {
			b = t.turn(b, role, cell.Role)
			role = cell.Role
		}
		b = utf8.AppendRune(b, t.glyph(cell.Rune))
	}
	if own, _ := t.style(role); own != "" {
		b = append(b, "\x1b[m"...)
	}
	return b
}
