package draw

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// asciigraph panics on empty and infinite data and collapses a flat series;
// the chart must do neither at any size.
func TestChartSurvivesAnyDataAtAnySize(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	odd := []float64{0, 1, -1, math.NaN(), math.Inf(1), math.Inf(-1), 1e300, 5e-324, math.MaxFloat64}
	for range 2000 {
		c := NewCanvas(rng.IntN(80), rng.IntN(20))
		var scale Scale
		ch := Chart{Times: []string{"-60s", "0s"}}
		top := 0.0
		for range rng.IntN(4) {
			l := Line{Label: "p99", Role: SeriesA}
			for range rng.IntN(100) {
				v := rng.Float64() * 100
				if rng.IntN(3) == 0 {
					v = odd[rng.IntN(len(odd))]
				}
				if !math.IsNaN(v) {
					top = max(top, v)
				}
				l.Values = append(l.Values, v)
			}
			ch.Lines = append(ch.Lines, l)
		}
		ch.VLines = []VLine{{Column: rng.IntN(200) - 50, Label: "r7"}}
		ch.Step = scale.Fit(top, PlotRows(c.H), 0)
		if rng.IntN(10) == 0 {
			ch.Step = odd[rng.IntN(len(odd))]
		}
		ch.Draw(c)
		for _, line := range c.Plain() {
			if Width(line) != c.W {
				t.Fatalf("got %q of %d cells, want %d", line, Width(line), c.W)
			}
		}
	}
}

func TestChartDrawsAFlatLineAtItsValue(t *testing.T) {
	c := NewCanvas(Gutter+20, 7)
	flat := make([]float64, 20)
	for i := range flat {
		flat[i] = 30
	}
	Chart{Lines: []Line{{Values: flat, Role: SeriesA}}, Step: 10}.Draw(c)
	lines := c.Plain()
	want := "    30 ┤" + strings.Repeat("─", 20)
	if lines[2] != want {
		t.Errorf("got %q, want %q in\n%s", lines[2], want, strings.Join(lines, "\n"))
	}
}

func TestChartCutsWhatIsBeyondItsAxis(t *testing.T) {
	c := NewCanvas(Gutter+4, 6)
	Chart{Lines: []Line{{Values: []float64{1e9, 1e9, 1e9, 1e9}}}, Step: 1}.Draw(c)
	if got := c.Plain()[0]; got != "     4 ┤────" {
		t.Errorf("got %q, want the line at the top", got)
	}
}

func TestChartKeepsAShortHistoryAtTheRight(t *testing.T) {
	c := NewCanvas(Gutter+10, 6)
	Chart{Lines: []Line{{Values: []float64{2, 2, 2}}}, Step: 1}.Draw(c)
	got := []rune(c.Plain()[2])
	if got[Gutter+5] != ' ' || got[Gutter+9] != '─' {
		t.Errorf("got %q, want three columns at the right end", string(got))
	}
}

func TestLinesAreNamedInTheMarginAndNeverInOneRow(t *testing.T) {
	flat := func(v float64) []float64 { return []float64{v, v, v, v} }
	for _, c := range []struct {
		low, high float64
		want      []string // the margin from the top
	}{
		{1, 3, []string{"", "high", "", "low", ""}},
		{2, 2.2, []string{"", "", "high", "low", ""}},
		{0, 0, []string{"", "", "", "high", "low"}},
		{9, 9, []string{"high", "low", "", "", ""}},
		{math.NaN(), 0, []string{"", "", "", "", "high"}},
	} {
		canvas := NewCanvas(Gutter+4+5, 6)
		Chart{Lines: []Line{{Label: "low", Values: flat(c.low)}, {Label: "high", Values: flat(c.high)}}, Step: 1, Margin: 5}.Draw(canvas)
		for y, want := range c.want {
			if got := strings.TrimSpace(string([]rune(canvas.Plain()[y])[Gutter+4:])); got != want {
				t.Errorf("%v and %v: got %q in row %d, want %q", c.low, c.high, got, y, want)
			}
		}
	}
}

func TestWhatCannotBeHasNoLabel(t *testing.T) {
	c := NewCanvas(Gutter+4, 9)
	Chart{Lines: []Line{{Values: []float64{100, 100}}}, Step: 20, Most: 100}.Draw(c)
	lines := c.Plain()
	if strings.Contains(lines[1], "120") || !strings.Contains(lines[2], "100") {
		t.Errorf("got %q and %q, want no label beyond 100", lines[1], lines[2])
	}
}

func TestLabelsNeverTouchOneAnother(t *testing.T) {
	c := NewCanvas(Gutter+40, 8)
	Chart{Lines: []Line{{Values: make([]float64, 40)}}, Step: 1, Times: []string{"-60s", "-20s", "0s"}, VLines: []VLine{{Column: 19, Label: "r6"}, {Column: 20, Label: "r7"}}}.Draw(c)
	got := c.Plain()[7]
	if !strings.Contains(got, " r7 ") || strings.Contains(got, "r6") || strings.Contains(got, "-20s") {
		t.Errorf("got %q, want only the newest mark where labels meet", got)
	}
}

func TestScaleGrowsAtOnceAndShrinksLater(t *testing.T) {
	var s Scale
	for _, c := range []struct {
		at   time.Duration
		top  float64
		want float64
	}{
		{0, 40, 5},
		{time.Second, 80, 10},      // grows at once
		{2 * time.Second, 30, 10},  // small, and waits
		{11 * time.Second, 30, 10}, // nine seconds
		{12 * time.Second, 30, 4},  // ten
		{13 * time.Second, 1, 4},   // small again
		{14 * time.Second, 32, 4},  // and back: the wait starts anew
		{20 * time.Second, 1, 4},   //
		{29 * time.Second, 1, 4},   //
		{30 * time.Second, 1, 0.2}, //
		{5 * time.Second, 0, 0},    // 0: any step above it
	} {
		got := s.Fit(c.top, 8, c.at)
		if c.want == 0 {
			if got <= 0 {
				t.Errorf("at %v: got step %v, want more than 0", c.at, got)
			}
			continue
		}
		if math.Abs(got-c.want) > 1e-12 {
			t.Errorf("at %v top %v: got step %v, want %v", c.at, c.top, got, c.want)
		}
	}
}

func TestStepIsTheSmallestRoundOneThatReachesTheTop(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		top, rows := math.Pow(10, rng.Float64()*16-6), 1+rng.IntN(30)
		step := niceStep(top, rows)
		if reach := step * (float64(rows) + overTop); reach < top*(1-1e-6) || reach > 2*top*(1+1e-6) {
			t.Fatalf("top %v over %d rows: got step %v, which reaches %v", top, rows, step, reach)
		}
	}
}
