package draw

import (
	"slices"
	"strings"
)

// Cell is one character of the screen and what it means; a theme turns the
// meaning into colour. Every rune is one cell wide.
type Cell struct {
	Rune rune
	Role Role
}

// Canvas is a block of cells. Whatever is drawn beyond its edges is cut off,
// so a canvas always has exactly its size: no line is ever too wide.
type Canvas struct {
	W, H  int
	cells []Cell
	part  *Canvas // what Sub draws on, kept for its memory
}

// NewCanvas makes a blank canvas; a negative size counts as zero.
func NewCanvas(w, h int) *Canvas {
	c := &Canvas{}
	c.Reset(w, h)
	return c
}

// Reset blanks the canvas and gives it a size, reusing its memory.
func (c *Canvas) Reset(w, h int) {
	c.W, c.H = max(w, 0), max(h, 0)
	n := c.W * c.H
	if cap(c.cells) < n {
		c.cells = make([]Cell, n)
	}
	c.cells = c.cells[:n]
	for i := range c.cells {
		c.cells[i] = Cell{Rune: ' '}
	}
}

// Copy is a canvas of its own with the same cells.
func (c *Canvas) Copy() *Canvas {
	return &Canvas{W: c.W, H: c.H, cells: slices.Clone(c.cells)}
}

// At reads one cell; beyond the edges it is blank.
func (c *Canvas) At(x, y int) Cell {
	if x < 0 || y < 0 || x >= c.W || y >= c.H {
		return Cell{Rune: ' '}
	}
	return c.cells[y*c.W+x]
}

// Set writes one cell.
func (c *Canvas) Set(x, y int, r rune, role Role) {
	if x < 0 || y < 0 || x >= c.W || y >= c.H {
		return
	}
	if !narrow(r) {
		r = '?'
	}
	c.cells[y*c.W+x] = Cell{Rune: r, Role: role}
}

// Text writes s from (x, y) to the right and returns the column after it.
func (c *Canvas) Text(x, y int, s string, role Role) int {
	for _, r := range s {
		c.Set(x, y, r, role)
		x++
	}
	return x
}

// TextRight writes s so that it ends before column x.
func (c *Canvas) TextRight(x, y int, s string, role Role) {
	c.Text(x-Width(s), y, s, role)
}

// Fill gives a stretch of one line a role and keeps what is written there.
func (c *Canvas) Fill(x, y, w int, role Role) {
	for i := max(x, 0); i < min(x+w, c.W) && y >= 0 && y < c.H; i++ {
		c.cells[y*c.W+i].Role = role
	}
}

// Paste copies another canvas with its upper left corner at (x, y).
func (c *Canvas) Paste(x, y int, from *Canvas) {
	for row := range from.H {
		if y+row < 0 || y+row >= c.H {
			continue
		}
		lo, hi := max(0, -x), min(from.W, c.W-x)
		if lo < hi {
			copy(c.cells[(y+row)*c.W+x+lo:], from.cells[row*from.W+lo:row*from.W+hi])
		}
	}
}

// Sub draws on a part of the canvas: f gets a blank canvas of w x h, cut to
// what there is, and it is pasted at (x, y).
func (c *Canvas) Sub(x, y, w, h int, f func(*Canvas)) {
	w, h = min(w, c.W-x), min(h, c.H-y)
	if w <= 0 || h <= 0 {
		return
	}
	if c.part == nil {
		c.part = &Canvas{}
	}
	c.part.Reset(w, h)
	f(c.part)
	c.Paste(x, y, c.part)
}

// Plain is the canvas as lines of text without colour, each of full width.
func (c *Canvas) Plain() []string {
	lines := make([]string, c.H)
	var b strings.Builder
	for y := range lines {
		b.Reset()
		for x := range c.W {
			b.WriteRune(c.cells[y*c.W+x].Rune)
		}
		lines[y] = b.String()
	}
	return lines
}

// Render is the canvas as the terminal gets it: lines parted by newlines, with
// the colours of the theme. Every line stands for itself.
func (c *Canvas) Render(t Theme) string { return new(Printer).Print(c, t) }
