package draw

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/lipgloss/v2"
)

// Ellipsis ends a text that was cut.
const Ellipsis = '…'

// Safe makes a text from outside harmless: valid UTF-8, one cell for every
// rune, at most max cells. Whatever a terminal could act upon or hide (control
// characters, escapes, bidi and zero-width signs, combining marks, wide
// glyphs) is shown as its escape. It reads no more of s than it shows.
func Safe(s string, max int) string {
	if max <= 0 {
		return ""
	}
	if len(s) <= max && plain(s) {
		return s
	}
	out := make([]rune, 0, min(len(s), max+8))
	for i := 0; i < len(s) && len(out) <= max; {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			out = append(out, []rune(fmt.Sprintf(`\x%02x`, s[i]))...)
		case narrow(r):
			out = append(out, r)
		case r < 0x100:
			out = append(out, []rune(fmt.Sprintf(`\x%02x`, r))...)
		default:
			out = append(out, []rune(fmt.Sprintf(`\u%04x`, r))...)
		}
		i += size
	}
	return string(cut(out, max))
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// narrow says whether a rune is printed in exactly one cell.
func narrow(r rune) bool {
	switch {
	case r >= 0x20 && r <= 0x7e:
		return true
	case r >= 0x2500 && r <= 0x25a1: // boxes, blocks, squares: our own glyphs
		return true
	case r == Ellipsis, r == Dot, r >= 0x2800 && r <= 0x28ff: // braille
		return true
	case r < 0xa0, r == 0xad, !unicode.IsPrint(r), unicode.Is(unicode.M, r), unicode.Is(unicode.Co, r):
		return false
	case r == utf8.RuneError:
		return true
	}
	return lipgloss.Width(string(r)) == 1
}

func cut(rs []rune, max int) []rune {
	if len(rs) <= max {
		return rs
	}
	rs = rs[:max]
	rs[max-1] = Ellipsis
	return rs
}

// Cut shortens a text of our own to w cells; what is cut ends in an ellipsis.
func Cut(s string, w int) string {
	if w <= 0 {
		return ""
	}
	if len(s) <= w || utf8.RuneCountInString(s) <= w {
		return s
	}
	return string(cut([]rune(s), w))
}

// Width is the number of cells of a text that Safe or this package made.
func Width(s string) int { return utf8.RuneCountInString(s) }

// Left pads or cuts a text to exactly w cells, aligned to the left.
func Left(s string, w int) string {
	s = Cut(s, w)
	return s + blanks(w-Width(s))
}

// Right pads or cuts a text to exactly w cells, aligned to the right.
func Right(s string, w int) string {
	s = Cut(s, w)
	return blanks(w-Width(s)) + s
}

func blanks(n int) string { return strings.Repeat(" ", max(n, 0)) }

// Wrap breaks a text at spaces into at most most lines of w cells; a word that
// is longer than a line is broken, and what does not fit ends in an ellipsis.
func Wrap(s string, w, most int) []string {
	if w <= 0 || most <= 0 {
		return nil
	}
	var lines []string
	line := ""
	words := strings.Fields(s)
	for i := 0; i < len(words); i++ {
		word := words[i]
		switch {
		case line == "" && Width(word) > w:
			rs := []rune(word)
			lines, words[i] = append(lines, string(rs[:w])), string(rs[w:])
			i--
		case line == "":
			line = word
		case Width(line)+1+Width(word) <= w:
			line += " " + word
		default:
			lines, line = append(lines, line), ""
			i--
		}
		if len(lines) > most {
			break
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	if len(lines) > most {
		lines = lines[:most]
		lines[most-1] = Cut(lines[most-1]+" "+string(Ellipsis), w)
	}
	return lines
}
