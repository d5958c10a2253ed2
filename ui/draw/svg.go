package draw

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// The size of one cell of a picture, in the units of its type.
const (
	cellWidth  = 8.43 // of DejaVu Sans Mono and Menlo; renderers that know no textLength rely on it
	cellHeight = 17.0
	fontSize   = 14
	margin     = 10
)

// ink is a role's look with the colours spelled out.
type ink struct {
	front, back string
	bold, dim   bool
}

// SVG is the canvas as a picture in the colours of the theme.
func (c *Canvas) SVG(t Theme) string {
	paper := t.ink(Text)
	var b strings.Builder
	w, h := float64(c.W)*cellWidth+2*margin, float64(c.H)*cellHeight+2*margin
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="%d %d %.1f %.1f" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="%d">`+"\n",
		w, h, -margin, -margin, w, h, fontSize)
	fmt.Fprintf(&b, `<rect x="%d" y="%d" width="100%%" height="100%%" fill="%s"/>`+"\n", -margin, -margin, paper.back)
	for y := range c.H {
		for x := 0; x < c.W; {
			end := c.run(x, y)
			c.svgRun(&b, t, x, y, end)
			x = end
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// run is where the stretch of cells ends that begins at (x, y): one role, and
// strokes and blocks apart from words, since only they must touch.
func (c *Canvas) run(x, y int) int {
	first := c.At(x, y)
	end := x + 1
	if braille(first.Rune) {
		return end // it comes from a font of another width
	}
	for end < c.W && c.At(end, y).Role == first.Role && pictorial(c.At(end, y).Rune) == pictorial(first.Rune) {
		end++
	}
	return end
}

func pictorial(r rune) bool { return r >= 0x2500 && r < 0x2900 }

func braille(r rune) bool { return r >= brailleBlank && r <= brailleBlank+0xff }

func (c *Canvas) svgRun(b *strings.Builder, t Theme, x, y, end int) {
	var words strings.Builder
	for i := x; i < end; i++ {
		words.WriteRune(t.glyph(c.At(i, y).Rune))
	}
	look, paper := t.ink(c.At(x, y).Role), t.ink(Text)
	left, width := float64(x)*cellWidth, float64(end-x)*cellWidth
	if look.back != paper.back {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", left, float64(y)*cellHeight, width, cellHeight, look.back)
	}
	if strings.TrimSpace(words.String()) == "" {
		return
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" textLength="%.1f" lengthAdjust="spacingAndGlyphs" xml:space="preserve" fill="%s"`,
		left, float64(y)*cellHeight+cellHeight*0.76, width, look.front)
	if look.bold {
		b.WriteString(` font-weight="bold"`)
	}
	if look.dim {
		b.WriteString(` fill-opacity="0.6"`)
	}
	b.WriteByte('>')
	_ = xml.EscapeText(b, []byte(words.String())) // a Builder takes everything
	b.WriteString("</text>\n")
}

// ink spells a role's look out. What a theme leaves to the terminal is drawn
// as on a dark one, or a light one for the light theme.
func (t *Theme) ink(r Role) ink {
	own := ink{front: "#d0d0d0", back: "#121212"}
	if t.Name == "light" {
		own = ink{front: "#1c1c1c", back: "#ffffff"}
	}
	words := strings.Split(t.sgr[r%roles]+t.ground, ";")
	reverse := false
	for i := 0; i < len(words); i++ {
		switch n, _ := strconv.Atoi(words[i]); {
		case n == 1:
			own.bold = true
		case n == 2:
			own.dim = true
		case n == 7:
			reverse = true
		case n >= 30 && n <= 37:
			own.front = hex(n - 30)
		case (n == 38 || n == 48) && i+2 < len(words):
			index, _ := strconv.Atoi(words[i+2])
			if n == 38 {
				own.front = hex(index)
			} else {
				own.back = hex(index)
			}
			i += 2
		}
	}
	if reverse {
		own.front, own.back = own.back, own.front
	}
	return own
}

// firstSixteen are the colours that a terminal may replace, as xterm has them
// but for its blue, which nobody can read.
var firstSixteen = [16][3]int{
	{0, 0, 0},
	{205, 49, 49},
	{13, 188, 121},
	{229, 229, 16},
	{59, 142, 234},
	{188, 63, 188},
	{17, 168, 205},
	{229, 229, 229},
	{102, 102, 102},
	{241, 76, 76},
	{35, 209, 139},
	{245, 245, 67},
	{59, 142, 234},
	{214, 112, 214},
	{41, 184, 219},
	{255, 255, 255},
}

// rgb is a colour of the 256: sixteen, a cube of six levels, and greys.
func rgb(index int) (r, g, b int) {
	level := func(n int) int {
		if n == 0 {
			return 0
		}
		return 55 + 40*n
	}
	switch {
	case index < 16:
		c := firstSixteen[max(index, 0)]
		return c[0], c[1], c[2]
	case index < 232:
		index -= 16
		return level(index / 36), level(index / 6 % 6), level(index % 6)
	}
	grey := 8 + 10*(min(index, 255)-232)
	return grey, grey, grey
}

func hex(index int) string {
	r, g, b := rgb(index)
	return fmt.Sprintf("#%02x%02x%02x", r, g, b)
}
