package draw

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSafeShowsWhatATerminalWouldActUpon(t *testing.T) {
	for _, c := range []struct {
		name, in string
		max      int
		want     string
	}{
		{"plain", "orders", 40, "orders"},
		{"escape", "a\x1b[31mb", 40, `a\x1b[31mb`},
		{"line break", "a\nb\rc\td", 40, `a\x0ab\x0dc\x09d`},
		{"delete and C1", "a\x7f\u009bb", 40, `a\x7f\x9bb`},
		{"bidi", "a\u202eb", 40, `a\u202eb`},
		{"zero width", "a\u200bb\ufeff", 40, `a\u200bb\ufeff`},
		{"line separator", "a\u2028b", 40, `a\u2028b`},
		{"combining", "e\u0301", 40, `e\u0301`},
		{"wide", "a中b", 40, `a\u4e2db`},
		{"emoji", "a\U0001f600", 40, `a\u1f600`},
		{"private", "a\ue000", 40, `a\ue000`},
		{"not UTF-8", "a\xffb", 40, `a\xffb`},
		{"accent", "caf\u00e9", 40, "caf\u00e9"},
		{"cut", "orders-of-today", 8, "orders-…"},
		{"just fits", "orders", 6, "orders"},
		{"escape cut", "ab\x1b", 4, `ab\…`},
		{"no room", "orders", 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Safe(c.in, c.max); got != c.want {
				t.Errorf("Safe(%q, %d): got %q, want %q", c.in, c.max, got, c.want)
			}
		})
	}
}

func TestSafeReadsNoMoreThanItShows(t *testing.T) {
	flood := "x" + strings.Repeat("\u0301", 1<<20)
	allocs := testing.AllocsPerRun(10, func() { _ = Safe(flood, 20) })
	if allocs > 40 {
		t.Errorf("got %v allocations for 20 cells of a flood, want few", allocs)
	}
}

func FuzzSafe(f *testing.F) {
	for _, s := range []string{"", "orders", "\x1b]8;;http://x\x07", "\u202e中\u0301", "\xff\xfe", "a\r\n"} {
		f.Add(s, 10)
	}
	f.Fuzz(func(t *testing.T, s string, max int) {
		max %= 300
		got := Safe(s, max)
		if !utf8.ValidString(got) {
			t.Fatalf("Safe(%q, %d): got %q, which is not UTF-8", s, max, got)
		}
		cells := 0
		for _, r := range got {
			if !narrow(r) {
				t.Fatalf("Safe(%q, %d): got %q, whose %U is not one cell", s, max, got, r)
			}
			cells++
		}
		if cells > max && max > 0 || max <= 0 && cells > 0 {
			t.Fatalf("Safe(%q, %d): got %d cells, want at most %d", s, max, cells, max)
		}
	})
}

func TestWrapLosesNothingButBlanks(t *testing.T) {
	text := "a broker that answers late holds up every partition that it leads, pneumonoultramicroscopicsilicovolcanoconiosis included"
	for w := 1; w < 60; w++ {
		lines := Wrap(text, w, 1000)
		for _, l := range lines {
			if Width(l) > w {
				t.Fatalf("w %d: got %q, want at most %d cells", w, l, w)
			}
		}
		got, want := strings.ReplaceAll(strings.Join(lines, ""), " ", ""), strings.ReplaceAll(text, " ", "")
		if got != want {
			t.Fatalf("w %d: got %q, want %q", w, got, want)
		}
	}
}

func TestWrapSaysThatItCut(t *testing.T) {
	got := Wrap("one two three four five six", 9, 2)
	if len(got) != 2 || !strings.HasSuffix(got[1], string(Ellipsis)) {
		t.Errorf("got %q, want two lines of which the last ends in an ellipsis", got)
	}
}
