package draw

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// luminance is how bright a colour is, after WCAG 2.
func luminance(r, g, b int) float64 {
	linear := func(n int) float64 {
		v := float64(n) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func parse(t *testing.T, hex string) (r, g, b int) {
	t.Helper()
	if _, err := fmt.Sscanf(hex, "#%02x%02x%02x", &r, &g, &b); err != nil {
		t.Fatalf("%q: %v", hex, err)
	}
	return r, g, b
}

func contrast(t *testing.T, front, back string) float64 {
	t.Helper()
	a, b := luminance(parse(t, front)), luminance(parse(t, back))
	return (math.Max(a, b) + 0.05) / (math.Min(a, b) + 0.05)
}

// Words must be readable on their ground: 4.5 to 1 after WCAG, 7 to 1 on a
// projector. Boxes may recede.
func TestEveryRoleIsReadableOnItsGround(t *testing.T) {
	for _, c := range []struct {
		theme string
		least float64
	}{{"dark", 4.5}, {"light", 4.5}, {"contrast", 7}} {
		theme, _ := FindTheme(c.theme)
		for role := Text; role < roles; role++ {
			least := c.least
			if role == Border {
				least = 2
			}
			look := theme.ink(role)
			if got := contrast(t, look.front, look.back); got < least {
				t.Errorf("%s, role %d: got a contrast of %.1f of %s on %s, want %.1f", c.theme, role, got, look.front, look.back, least)
			}
		}
	}
}

// What a colour looks like to somebody who lacks the red or the green cones,
// after Vienot, Brettel and Mollon 1999.
var blindness = map[string][3][3]float64{
	"protanopia":   {{0.11238, 0.88762, 0}, {0.11238, 0.88762, 0}, {0.00401, -0.00401, 1}},
	"deuteranopia": {{0.29275, 0.70725, 0}, {0.29275, 0.70725, 0}, {-0.02234, 0.02234, 1}},
}

func TestSeriesDifferForColourBlindEyes(t *testing.T) {
	const apart = 40 // of 441, the way from black to white
	for _, name := range []string{"dark", "light", "contrast"} {
		theme, _ := FindTheme(name)
		for _, pair := range [][2]Role{{SeriesA, SeriesB}, {SeriesA, SeriesC}, {SeriesB, SeriesC}, {Good, Bad}} {
			for kind, eye := range blindness {
				var seen [2][3]float64
				for i, role := range pair {
					r, g, b := parse(t, theme.ink(role).front)
					for j, row := range eye {
						seen[i][j] = row[0]*float64(r) + row[1]*float64(g) + row[2]*float64(b)
					}
				}
				far := math.Hypot(math.Hypot(seen[0][0]-seen[1][0], seen[0][1]-seen[1][1]), seen[0][2]-seen[1][2])
				if far < apart {
					t.Errorf("%s, %s: roles %v look alike, %.0f apart, want %d", name, kind, pair, far, apart)
				}
			}
		}
	}
}

func TestMonoHasNoColour(t *testing.T) {
	mono, _ := FindTheme("mono")
	for role := Text; role < roles; role++ {
		if own, _ := mono.style(role); strings.ContainsAny(own, "34") {
			t.Errorf("role %d: got %q, want attributes alone", role, own)
		}
	}
}

func TestContrastPaintsEveryCellBold(t *testing.T) {
	c := NewCanvas(6, 3)
	Box{}.Draw(c, func(c *Canvas) { c.Text(0, 0, "ab", Bad) })
	theme, _ := FindTheme("contrast")
	got := c.Render(theme)
	for line := range strings.SplitSeq(got, "\n") {
		for part := range strings.SplitSeq(strings.TrimSuffix(line, "\x1b[m"), "\x1b[m") {
			if !strings.HasPrefix(part, "\x1b[1;") || !strings.Contains(part, "48;5;16") {
				t.Errorf("got %q, want it bold on its own ground", part)
			}
		}
	}
	if !strings.Contains(got, "┏━━━━┓") {
		t.Errorf("got %q, want thick strokes", got)
	}
}

// Every theme's look of every role, so that a change of the table is seen.
func TestThemesLookAsTheGolden(t *testing.T) {
	var b strings.Builder
	for _, theme := range themes {
		for role := Text; role < roles; role++ {
			own, ground := theme.style(role)
			fmt.Fprintf(&b, "%-9s %2d %s%s\n", theme.Name, role, own, ground)
		}
	}
	path := filepath.Join("testdata", "themes.golden")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("got another table of themes, `go test ./ui/draw -update` accepts it:\n%s", got)
	}
}
