package draw

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestBrailleLineStandsWhereTheAxisSays(t *testing.T) {
	for v := range 5 {
		c := NewCanvas(Gutter+4, 7)
		values := []float64{float64(v), float64(v), float64(v), float64(v), float64(v), float64(v), float64(v), float64(v)}
		Chart{Lines: []Line{{Values: values}}, Step: 1, Stroke: Braille}.Draw(c)
		for y, l := range c.Plain()[:5] {
			drawn := strings.ContainsFunc(l, func(r rune) bool { return r > 0x2800 && r <= 0x28ff })
			if want := y == 5-v; want != drawn && v > 0 {
				t.Errorf("value %d: got line %d %q, want drawn %v", v, y, l, want)
			}
		}
	}
}

func TestBlocksFillUpToTheValue(t *testing.T) {
	c := NewCanvas(Gutter+3, 6)
	Chart{Lines: []Line{{Values: []float64{1, 2.5, 4}}}, Step: 1, Stroke: Blocks}.Draw(c)
	for x, want := range []string{"   \u2588", " \u2584\u2588\u2588", "\u2588\u2588\u2588\u2588"} {
		got := ""
		for y := range 4 {
			got += string(c.At(Gutter+x, y).Rune)
		}
		if got != want {
			t.Errorf("column %d: got %q from the top, want %q", x, got, want)
		}
	}
}

func TestAreasDifferWithoutColour(t *testing.T) {
	c := NewCanvas(Gutter+3, 6)
	front, behind := []float64{1, 1, 1}, []float64{3, 3, 3}
	Chart{Lines: []Line{{Values: front}, {Values: behind}}, Step: 1, Stroke: Blocks}.Draw(c)
	if top, bottom := c.At(Gutter, 2).Rune, c.At(Gutter, 3).Rune; top == bottom {
		t.Errorf("got %c for both areas, want them to differ", top)
	}
}

func TestSparkRisesWithItsValues(t *testing.T) {
	c := NewCanvas(6, 1)
	c.Spark(0, 0, 6, []float64{9, 0, 1, 4, 8, math.NaN(), 80}, 8, SeriesA)
	if got, want := c.Plain()[0], "\u2581\u2581\u2584\u2588 \u2588"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEveryStrokeSurvivesAnyData(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	odd := []float64{0, 1, -1, math.NaN(), math.Inf(1), math.Inf(-1), 1e300, 5e-324, math.MaxFloat64}
	for range 1500 {
		c := NewCanvas(rng.IntN(60), rng.IntN(20))
		ch := Chart{Stroke: Stroke(rng.IntN(3)), Step: []float64{1, 1e-9, 1e300, 0, math.NaN()}[rng.IntN(5)]}
		for range rng.IntN(3) {
			var l Line
			for range rng.IntN(150) {
				l.Values = append(l.Values, odd[rng.IntN(len(odd))])
			}
			ch.Lines = append(ch.Lines, l)
		}
		ch.Draw(c)
		c.Spark(rng.IntN(20)-10, rng.IntN(5), rng.IntN(40)-5, odd, odd[rng.IntN(len(odd))], SeriesA)
		for _, l := range c.Plain() {
			if Width(l) != c.W {
				t.Fatalf("got %q, want %d cells", l, c.W)
			}
		}
	}
}

// What the printer remembers must never be seen: each picture is what a
// printer without memory makes of it.
func TestPrinterRemembersNothingThatShows(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	var p Printer
	c := NewCanvas(20, 5)
	for range 500 {
		if rng.IntN(20) == 0 {
			c.Reset(rng.IntN(30), rng.IntN(8))
		}
		c.Set(rng.IntN(30), rng.IntN(8), rune('a'+rng.IntN(26)), Role(rng.IntN(int(roles))))
		theme := themes[rng.IntN(2)*rng.IntN(len(themes))]
		theme.ASCII = rng.IntN(30) == 0
		if got, want := p.Print(c, theme), c.Render(theme); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func TestLabelsOfManyRowsAreRound(t *testing.T) {
	for step, want := range map[float64]int{1: 2, 1.25: 4, 12.5: 4, 0.125: 4, 2: 2, 4: 5, 0.4: 5} {
		if got := labelEvery(step); got != want {
			t.Errorf("step %v: got a label every %d rows, want %d", step, got, want)
		}
	}
}
