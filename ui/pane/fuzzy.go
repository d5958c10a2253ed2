package pane

import (
	"strings"
	"unicode"
)

// What kinds of finds are worth; the shorter text wins among equals.
const (
	findWhole = 4000 // the text itself
	findStart = 3000 // the start of the text
	findWord  = 2000 // the start of a word
	findPart  = 1000 // within a word
)

// scatteredMost is the longest text in which scattered letters mean anything.
const scatteredMost = 48

// Rank says how well a text answers what was typed: every word must be found,
// at a word's start, within it, or with its letters in order. Zero: not at all.
// Upper and lower case are alike.
func Rank(typed, text string) int {
	text = strings.ToLower(text)
	total := 0
	for _, word := range strings.Fields(strings.ToLower(typed)) {
		found := rankWord(word, text)
		if found == 0 {
			return 0
		}
		total += found
	}
	return max(total-len(text), 1)
}

func rankWord(word, text string) int {
	switch at := strings.Index(text, word); {
	case text == word:
		return findWhole
	case at == 0:
		return findStart
	case wordStart(text, word):
		return findWord
	case at > 0:
		return findPart
	}
	if len(text) > scatteredMost {
		return 0
	}
	return scattered(word, text)
}

func wordStart(text, word string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		if at := from + i; at == 0 || !unicode.IsLetter(rune(text[at-1])) {
			return true
		}
		from += i + 1
	}
}

// scattered finds the letters of a word in order, from the start of some word
// on. Too many pieces are no find: three letters are in every sentence.
func scattered(word, text string) int {
	letters, before, best := []rune(word), ' ', 0
	for at, r := range text {
		if r == letters[0] && !unicode.IsLetter(before) {
			if pieces := piecesOf(letters, text[at:]); pieces > 0 && pieces <= 1+len(letters)/3 {
				best = max(best, findPart/(1+pieces))
			}
		}
		before = r
	}
	return best
}

// piecesOf says in how many pieces the letters are found in order; zero: they
// are not.
func piecesOf(letters []rune, text string) int {
	pieces, joined := 0, false
	for _, r := range text {
		if r != letters[0] {
			joined = false
			continue
		}
		if !joined {
			pieces++
		}
		if letters, joined = letters[1:], true; len(letters) == 0 {
			return pieces
		}
	}
	return 0
}
