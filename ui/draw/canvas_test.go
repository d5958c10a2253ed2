package draw

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestCanvasIsNeverWrittenBeyondItsEdges(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	at := func() int { return rng.IntN(60) - 20 }
	for range 3000 {
		c := NewCanvas(rng.IntN(30), rng.IntN(10))
		c.Text(at(), at(), "a text that is longer than most", Bad)
		c.Bar(at(), at(), at(), rng.Float64()*3-1, SeriesA)
		c.Bar(at(), at(), at(), math.NaN(), SeriesA)
		c.Slots(at(), at(), at(), at(), at(), SeriesA)
		c.Fill(at(), at(), at(), Cursor)
		c.Sub(at(), at(), at(), at(), func(s *Canvas) { s.TextRight(at(), at(), "sub", Warn) })
		Box{Title: []Span{{"Title", Title}, {"more", Warn}}, Note: Span{"note", Faint}, Foot: Span{"foot", Faint}, Focus: true}.
			Draw(c, func(s *Canvas) { s.Text(0, 0, strings.Repeat("x", 99), Text) })
		lines := c.Plain()
		if len(lines) != c.H {
			t.Fatalf("got %d lines, want %d", len(lines), c.H)
		}
		for _, l := range lines {
			if Width(l) != c.W {
				t.Fatalf("got %q of %d cells, want %d", l, Width(l), c.W)
			}
		}
	}
}

func TestCanvasRefusesWideGlyphs(t *testing.T) {
	c := NewCanvas(3, 1)
	c.Text(0, 0, "中\u0301x", Text)
	if got := c.Plain()[0]; got != "??x" {
		t.Errorf("got %q, want ??x", got)
	}
}

func TestRenderTurnsRolesIntoColoursAndBack(t *testing.T) {
	c := NewCanvas(4, 1)
	c.Text(0, 0, "ab", Bad)
	dark, _ := FindTheme("dark")
	if got, want := c.Render(dark), "\x1b[1;38;5;214mab\x1b[m  "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := c.Render(Theme{}); got != "ab  " {
		t.Errorf("got %q, want no colours", got)
	}
}

func TestASCIIThemeHasOnlyASCII(t *testing.T) {
	c := NewCanvas(40, 12)
	Box{Title: []Span{{"Latency", Title}}}.Draw(c, func(c *Canvas) {
		Chart{Lines: []Line{{Values: []float64{1, 5, 2, 4, 3}}}, Step: 1, VLines: []VLine{{Column: 3, Label: "r7"}}}.Draw(c)
		c.Bar(0, 0, 9, 0.37, SeriesA)
		c.Slots(0, 1, 5, 3, 5, SeriesA)
		c.Set(0, 2, Filling, Text)
	})
	for _, r := range c.Render(Theme{ASCII: true}) {
		if r > 0x7e || r == '?' {
			t.Errorf("got %q, want ASCII that stands for something", r)
		}
	}
}

func TestEveryListedThemeIsFound(t *testing.T) {
	for _, name := range ThemeNames() {
		if _, ok := FindTheme(name); !ok {
			t.Errorf("theme %q is listed and not found", name)
		}
	}
	if _, ok := FindTheme("plaid"); ok {
		t.Error("got a theme for a name that there is not")
	}
}

func TestBarFillsByEighths(t *testing.T) {
	for _, c := range []struct {
		share float64
		want  string
	}{
		{0, "····"},
		{0.0001, "▏···"},
		{0.5, "██··"},
		{0.53, "██▏·"},
		{1, "████"},
		{7, "████"},
		{-1, "····"},
	} {
		canvas := NewCanvas(4, 1)
		canvas.Bar(0, 0, 4, c.share, SeriesA)
		if got := canvas.Plain()[0]; got != c.want {
			t.Errorf("share %v: got %q, want %q", c.share, got, c.want)
		}
	}
}

func TestSlotsShowTheLimit(t *testing.T) {
	for _, c := range []struct {
		used, limit int
		want        string
	}{
		{0, 5, "·····   "},
		{3, 5, "■■■··   "},
		{5, 5, "■■■■■   "},
		{6, 5, "■■■■■■  "},
		{8, 1000, "■·······"},
		{1000, 1000, "■■■■■■■■"},
	} {
		canvas := NewCanvas(8, 1)
		canvas.Slots(0, 0, 8, c.used, c.limit, SeriesA)
		if got := canvas.Plain()[0]; got != c.want {
			t.Errorf("%d of %d: got %q, want %q", c.used, c.limit, got, c.want)
		}
	}
}
