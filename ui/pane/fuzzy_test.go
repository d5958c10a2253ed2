package pane

import (
	"testing"
	"unicode/utf8"
)

func TestBetterFindsComeFirst(t *testing.T) {
	all := []PaletteItem{
		{Name: "freeze", Does: "freeze the view"},
		{Name: "undo", Does: "back to the revision before"},
		{Name: "linger.ms", Does: "edit this setting"},
		{Name: "retry.backoff.ms", Does: "edit this setting"},
		{Name: "retries", Does: "edit this setting"},
		{Name: "max.request.size", Does: "edit this setting"},
	}
	for _, c := range []struct{ typed, first string }{
		{"linger", "linger.ms"},
		{"ms ling", "linger.ms"},
		{"frz", "freeze"},
		{"RETRIES", "retries"},
		{"retry", "retry.backoff.ms"},
		{"size", "max.request.size"},
		{"revision", "undo"},
		{"", "freeze"},
		{"backof", "retry.backoff.ms"},
	} {
		found := Find(c.typed, all)
		if len(found) == 0 || found[0].Name != c.first {
			t.Errorf("%q: got %v, want %s first", c.typed, found, c.first)
		}
	}
	for _, typed := range []string{"xyz", "linger freeze", "lxg"} {
		if found := Find(typed, all); len(found) > 0 {
			t.Errorf("%q: got %v, want nothing", typed, found)
		}
	}
}

func FuzzRank(f *testing.F) {
	f.Add("ling", "linger.ms")
	f.Add("\xff \u0130", "\u0130\xfe")
	f.Fuzz(func(t *testing.T, typed, text string) {
		if got := Rank(typed, text); got < 0 {
			t.Errorf("got %d, want no less than nothing", got)
		}
		if utf8.ValidString(text) && Rank(text, text) == 0 {
			t.Errorf("got no find of %q in itself", text)
		}
	})
}

func TestFilterHoldsAllOfItsWords(t *testing.T) {
	var flt Filter
	for _, c := range []struct {
		text string
		want bool
	}{{"", true}, {"  ", true}, {"RETRY", true}, {"ms retry", true}, {"retry xyz", false}} {
		flt.Set(c.text)
		if got := flt.Passes("retry.backoff.ms", "retries"); got != c.want {
			t.Errorf("%q: got %v, want %v", c.text, got, c.want)
		}
	}
}
