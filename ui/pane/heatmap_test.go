package pane

import (
	"strings"
	"testing"
	"time"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// heated is a second of intervals of 100 ms with so many records in each row.
func heated(counts map[int]uint32) *telemetry.Snapshot {
	t := &telemetry.Snapshot{At: 10 * time.Second}
	for i := range 100 {
		p := telemetry.Point{At: time.Duration(i+1) * 100 * time.Millisecond, Width: 100 * time.Millisecond, Heat: new(telemetry.Heat)}
		for row, n := range counts {
			p.Heat[row] = n
		}
		t.Series = append(t.Series, p)
	}
	return t
}

func rowsOf(t *telemetry.Snapshot, h int) []string {
	c := draw.NewCanvas(40, h)
	(&heat{}).plot(c, Scene{Live: t, Figures: t, Charts: t})
	return c.Plain()
}

func TestHeatmapStandsAtTheEdgesOfItsRanges(t *testing.T) {
	// 9 is 1 to 1.5 ms, 13 is 4 to 6, 15 is 8 to 12.
	lines := rowsOf(heated(map[int]uint32{9: 10, 13: 940, 15: 40}), 12)
	want := map[string]rune{"1": '\u2591', "4": '\u2588', "8": '\u2591'}
	for _, l := range lines[:11] {
		edge, row, _ := strings.Cut(l, "\u2524")
		glyph, drawn := want[strings.TrimSpace(edge)]
		if drawn != (strings.Trim(row, " ") != "") {
			t.Errorf("got row %q, want drawn %v", l, drawn)
		}
		if drawn && !strings.ContainsRune(row, glyph) {
			t.Errorf("got row %q, want %c", l, glyph)
		}
		delete(want, strings.TrimSpace(edge))
	}
	if len(want) > 0 {
		t.Errorf("got no rows for %v in %q", want, lines)
	}
}

func TestHeatmapKeepsTheSlowestAndFoldsTheFastest(t *testing.T) {
	for h := 4; h < 40; h++ {
		lines := rowsOf(heated(map[int]uint32{0: 1, 13: 100_000, 33: 1}), h)
		bottom, top := lines[h-2], ""
		for _, l := range lines {
			if strings.ContainsAny(l, "\u2591\u2592\u2593\u2588") {
				top = l
				break
			}
		}
		if !strings.Contains(bottom, "<") {
			t.Errorf("height %d: got lowest row %q, want all that is below", h, bottom)
		}
		if !strings.Contains(top, "\u2591") && h > 5 {
			t.Errorf("height %d: got highest row %q, want the slowest alone", h, top)
		}
	}
}

func TestNoTwoRowsOfAHeatmapHaveOneName(t *testing.T) {
	for from := range telemetry.HeatRows {
		for to := from; to < telemetry.HeatRows; to++ {
			for rows := 2; rows < 60; rows++ {
				g := groupRows(from, to, rows)
				if high := g.group(to) - g.low; high < 0 || high >= rows {
					t.Fatalf("%d to %d in %d rows: got the highest in row %d", from, to, rows, high)
				}
				seen := map[string]bool{"": false}
				for _, name := range g.names() {
					if seen[name] {
						t.Fatalf("%d to %d in %d rows: got %s twice", from, to, rows, name)
					}
					seen[name] = name != ""
				}
			}
		}
	}
}

func TestHeatmapRowsGrowAtOnceAndShrinkAfterTenSeconds(t *testing.T) {
	var h heat
	for _, c := range []struct {
		at         time.Duration
		from, to   int
		low, wants int
	}{
		{0, 9, 15, 9, 15},
		{1 * time.Second, 7, 20, 7, 20},
		{5 * time.Second, 9, 12, 7, 20},
		{12 * time.Second, 9, 12, 9, 12},
		{2 * time.Second, 10, 11, 10, 11}, // a frozen view
	} {
		h.fit(c.from, c.to, c.at)
		if h.from != c.low || h.to != c.wants {
			t.Errorf("at %v: got %d to %d, want %d to %d", c.at, h.from, h.to, c.low, c.wants)
		}
	}
}
