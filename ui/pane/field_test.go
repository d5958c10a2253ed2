package pane

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"kdyno/ui/draw"
)

func TestFieldKeysAreCalledWhatTheTerminalSends(t *testing.T) {
	for name, key := range fieldKeys {
		if got := tea.KeyPressMsg(key).String(); got != name {
			t.Errorf("got the key %q, want %q", got, name)
		}
	}
	for _, name := range takeBack {
		if _, known := fieldKeys[name]; !known {
			t.Errorf("%q takes back and is no key of the field", name)
		}
	}
}

func TestFieldKeysDoWhatTheySay(t *testing.T) {
	for _, c := range []struct {
		key, want string // of "set acks=all", cursor before acks, then an x typed
	}{
		{"left", "setx acks=all"},
		{"ctrl+b", "setx acks=all"},
		{"right", "set axcks=all"},
		{"ctrl+f", "set axcks=all"},
		{"home", "xset acks=all"},
		{"ctrl+a", "xset acks=all"},
		{"end", "set acks=allx"},
		{"ctrl+e", "set acks=allx"},
		{"ctrl+left", "xset acks=all"},
		{"alt+b", "xset acks=all"},
		{"ctrl+right", "set acks=allx"},
		{"alt+f", "set acks=allx"},
		{"backspace", "setxacks=all"},
		{"ctrl+h", "setxacks=all"},
		{"delete", "set xcks=all"},
		{"ctrl+d", "set xcks=all"},
		{"ctrl+w", "xacks=all"},
		{"alt+backspace", "xacks=all"},
		{"ctrl+u", "xacks=all"},
		{"ctrl+k", "set x"},
		{"ctrl+v", "set xacks=all"},
		{"alt+d", "set xacks=all"},
		{"tab", "set xacks=all"},
	} {
		f := NewField("set acks=all")
		for range len("acks=all") {
			f.Key("left")
		}
		_, known := fieldKeys[c.key]
		if did := f.Key(c.key); did != known {
			t.Errorf("%s: got did %v, want %v", c.key, did, known)
		}
		f.Insert("x")
		if f.Text() != c.want {
			t.Errorf("%s: got %q, want %q", c.key, f.Text(), c.want)
		}
	}
}

func TestZeroFieldIsAnEmptyOne(t *testing.T) {
	for _, key := range slices.Sorted(maps.Keys(fieldKeys)) {
		var f Field
		if f.Key(key); f.Text() != "" {
			t.Errorf("%s: got %q, want nothing", key, f.Text())
		}
		if f.Insert("a note"); f.Text() != "a note" {
			t.Errorf("%s: got %q, want a note", key, f.Text())
		}
	}
}

// A control character that is left out without a word would make another value
// of a wrong one: 1<NUL>0 is no 10.
func TestControlCharactersAreSeenAndDoNotGetIn(t *testing.T) {
	for _, c := range []struct{ typed, want string }{
		{"1\x000", "1?0"},
		{"\x1b[31m5", "?[31m5"},
		{"a\tb", "a b"},
		{"a\u009bb\x7f", "a?b?"},
		{"a\xffb", "a?b"},
		{"\u4e2d\u202e", "\u4e2d\u202e"},
	} {
		f := NewField(c.typed)
		if f.Text() != c.want {
			t.Errorf("%q typed: got %q, want %q", c.typed, f.Text(), c.want)
		}
	}
}

func TestFieldCutsAtTheCursorAndSaysSo(t *testing.T) {
	f := NewField("ab")
	f.Key("left")
	f.Insert(strings.Repeat("9", 1<<20))
	if want := "a" + strings.Repeat("9", fieldMost-2) + "b"; f.Text() != want || !f.Full {
		t.Errorf("got %q, full %v; want %q, full", f.Text(), f.Full, want)
	}
	if f.Key("backspace"); f.Full {
		t.Error("got a full field, want room again")
	}
	if f.Insert("x\nrest"); f.Full || !strings.HasSuffix(f.Text(), "xb") {
		t.Errorf("got %q, full %v; want the first line, which fits", f.Text(), f.Full)
	}
}

func TestFreshFieldIsMarkedWholeAndReplaced(t *testing.T) {
	for _, key := range takeBack {
		f := NewField("15 20")
		f.Fresh = true
		c := draw.NewCanvas(12, 1)
		f.Draw(c, 0, 0, 12)
		if got, want := c.Plain()[0], "[15 20_    ]"; got != want {
			t.Errorf("got %q drawn, want %q", got, want)
		}
		for x := 1; x <= 6; x++ {
			if c.At(x, 0).Role != draw.Cursor {
				t.Errorf("got %v at %d, want all of the text marked", c.At(x, 0).Role, x)
			}
		}
		if f.Key(key); f.Text() != "" || f.Fresh {
			t.Errorf("%s: got %q, fresh %v; want it empty", key, f.Text(), f.Fresh)
		}
	}
}

func FuzzFieldHoldsOneLineOfPlainText(f *testing.F) {
	f.Add("set linger.ms=5", uint64(1))
	f.Add("  two  words \x1b[31m\u202e\n", uint64(2))
	f.Add(strings.Repeat("\xff\u4e2d ", 200), uint64(3))
	names := slices.Sorted(maps.Keys(fieldKeys))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var f Field
		for range 20 {
			for range rng.IntN(6) {
				f.Key(names[rng.IntN(len(names))])
			}
			from := rng.IntN(len(text) + 1)
			f.Fresh = rng.IntN(8) == 0
			f.Insert(text[from:])
			got := f.Text()
			if n := utf8.RuneCountInString(got); n > fieldMost || !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) {
				t.Fatalf("got %d characters: %q; want at most %d of plain text", n, got, fieldMost)
			}
			if at := f.input.Position(); at < 0 || at > utf8.RuneCountInString(got) {
				t.Fatalf("got the cursor at %d of %q", at, got)
			}
			w := rng.IntN(20)
			c := draw.NewCanvas(20, 1)
			f.Draw(c, 0, 0, w)
			for x := w; x < 20; x++ {
				if c.At(x, 0).Rune != ' ' {
					t.Fatalf("got %q drawn beyond %d cells", c.Plain()[0], w)
				}
			}
		}
	})
}
