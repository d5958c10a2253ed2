package pane

import (
	"strings"

	"kdyno/ui/draw"
)

// Filter narrows a list to the lines that hold all of its words, in any order
// and in upper or lower case. The zero Filter lets everything pass. A pane
// with a list keeps one and asks Passes for each line.
type Filter struct {
	text  string
	words []string
}

// Set gives the filter its text; an empty one lets everything pass again.
func (f *Filter) Set(text string) {
	f.text, f.words = text, strings.Fields(strings.ToLower(text))
}

// Text is what was set.
func (f *Filter) Text() string { return f.text }

// On says whether the filter holds anything back.
func (f *Filter) On() bool { return len(f.words) > 0 }

// Passes says whether a line that consists of these texts is in the list.
func (f *Filter) Passes(texts ...string) bool {
	if !f.On() {
		return true
	}
	line := strings.ToLower(strings.Join(texts, " "))
	for _, w := range f.words {
		if !strings.Contains(line, w) {
			return false
		}
	}
	return true
}

// Note is how a list tells in its frame that it is narrowed; "" when it is not.
func (f *Filter) Note() string {
	if !f.On() {
		return ""
	}
	return "/" + draw.Safe(f.text, 24)
}
