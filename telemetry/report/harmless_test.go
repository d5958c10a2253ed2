package report

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestHarmlessShowsWhatWouldBeObeyedOrHidden(t *testing.T) {
	for in, want := range map[string]string{
		"orders":        "orders",
		"caf\u00e9 中":   "caf\u00e9 中",
		"a\x1b[31m":     `a\u001b[31m`,
		"a\u009b2J":     `a\u009b2J`,
		"a\u202eb":      `a\u202eb`,
		"e\u0301":       `e\u0301`,
		"\U000e0041":    `\udb40\udc41`,
		"half\xe2\x82.": `half\ufffd\ufffd.`,
	} {
		if got := Harmless(in); got != want {
			t.Errorf("Harmless(%q): got %q, want %q", in, got, want)
		}
	}
}

func TestJSONIsOneReadableLine(t *testing.T) {
	got, err := JSON(map[string]string{"say": "5 > 2 & <b>\n"})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"say":"5 > 2 & <b>\n"}` + "\n"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := JSON(func() {}); err == nil {
		t.Error("got no error for what JSON cannot hold")
	}
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{"", "orders", "\x1b]0;x\x07", "\u2028", "\U000e0041\\", `\u001b`, "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		line, err := JSON(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range strings.TrimSuffix(string(line), "\n") {
			if !unicode.IsPrint(r) || unicode.Is(unicode.M, r) {
				t.Fatalf("got %U in %q", r, line)
			}
		}
		var got string
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatal(err)
		}
		if utf8.ValidString(s) && got != s {
			t.Fatalf("got %q, want %q", got, s)
		}
	})
}
