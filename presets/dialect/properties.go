package dialect

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// propertyReader reads a .properties file as java.util.Properties.load does,
// and remembers where things stand. Nothing is expanded.
type propertyReader struct {
	text string
	at   int // the next byte
	line int // its line, from 1
}

// readProperties gives each entry of a .properties file. The error is what Java
// throws at.
func readProperties(text string) ([]entry, *Error) {
	r := &propertyReader{text: text, line: 1}
	var entries []entry
	for r.at < len(r.text) {
		e, found, bad := r.entry()
		if bad != nil {
			return nil, bad
		}
		if found {
			entries = append(entries, e)
		}
		if len(entries) > mostEntries {
			return nil, errTooMany
		}
	}
	return entries, nil
}

// entry reads one natural line, and those that continue it.
func (r *propertyReader) entry() (entry, bool, *Error) {
	start := r.at
	r.blanks()
	if r.at >= len(r.text) {
		return entry{}, false, nil
	}
	if c := r.text[r.at]; c == '#' || c == '!' || c == '\n' || c == '\r' {
		r.skipLine()
		return entry{}, false, nil
	}
	e := entry{line: r.line, column: utf8.RuneCountInString(r.text[start:r.at]) + 1}
	key, bad := r.part(true)
	if bad != nil {
		return e, false, bad
	}
	r.separator()
	text, bad := r.part(false)
	if bad != nil {
		return e, false, bad
	}
	e.name, e.value = key, value{text: text}
	return e, true, nil
}

func (r *propertyReader) blanks() {
	for r.at < len(r.text) && (r.text[r.at] == ' ' || r.text[r.at] == '\t' || r.text[r.at] == '\f') {
		r.at++
	}
}

func (r *propertyReader) skipLine() {
	for r.at < len(r.text) && r.text[r.at] != '\n' && r.text[r.at] != '\r' {
		r.at++
	}
	r.newline()
}

// newline passes over the end of a line: \n, \r or \r\n.
func (r *propertyReader) newline() {
	if r.at >= len(r.text) {
		return
	}
	if r.text[r.at] == '\r' && strings.HasPrefix(r.text[r.at+1:], "\n") {
		r.at++
	}
	r.at++
	r.line++
}

// separator passes over what stands between a key and its value: blanks with
// at most one = or : among them.
func (r *propertyReader) separator() {
	r.between()
	if r.at < len(r.text) && (r.text[r.at] == '=' || r.text[r.at] == ':') {
		r.at++
		r.between()
	}
}

// between passes over blanks, also those at the beginning of a line that goes on.
func (r *propertyReader) between() {
	for {
		r.blanks()
		if !r.goesOn() {
			return
		}
	}
}

// goesOn passes over a backslash at the end of a line, and the line's end.
func (r *propertyReader) goesOn() bool {
	if r.at+1 >= len(r.text) || r.text[r.at] != '\\' || r.text[r.at+1] != '\n' && r.text[r.at+1] != '\r' {
		return false
	}
	r.at++
	r.newline()
	r.blanks()
	return true
}

// part reads a key or a value with its escapes.
func (r *propertyReader) part(key bool) (string, *Error) {
	var b strings.Builder
	for r.at < len(r.text) {
		switch c := r.text[r.at]; {
		case c == '\n' || c == '\r':
			if !key {
				r.newline()
			}
			return b.String(), nil
		case key && (c == '=' || c == ':' || c == ' ' || c == '\t' || c == '\f'):
			return b.String(), nil
		case c != '\\':
			b.WriteByte(c)
			r.at++
		case r.goesOn():
		default:
			if bad := r.escape(&b); bad != nil {
				return "", bad
			}
		}
	}
	return b.String(), nil
}

var propertyEscapes = map[byte]byte{'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f'}

func (r *propertyReader) escape(b *strings.Builder) *Error {
	r.at++
	if r.at >= len(r.text) {
		return nil // a lone backslash at the very end means nothing to Java
	}
	c := r.text[r.at]
	if c != 'u' {
		if plain, ok := propertyEscapes[c]; ok {
			c = plain
		}
		b.WriteByte(c)
		r.at++
		return nil
	}
	unit, ok := hexUnit(r.text[r.at+1:])
	if !ok {
		start := strings.LastIndexAny(r.text[:r.at], "\r\n") + 1
		return &Error{
			Line: r.line, Column: utf8.RuneCountInString(r.text[start:r.at]),
			Say: "malformed \\uxxxx encoding", Hint: "four hexadecimal digits belong behind \\u, and \\\\ makes a backslash; Java refuses the file",
		}
	}
	r.at += 5
	// Java counts in UTF-16, so one character may take two escapes.
	if low, ok := secondUnit(r.text[r.at:]); ok && utf16.IsSurrogate(rune(unit)) {
		b.WriteRune(utf16.DecodeRune(rune(unit), rune(low)))
		r.at += 6
		return nil
	}
	b.WriteRune(rune(unit))
	return nil
}

// hexUnit reads the four digits of \uXXXX.
func hexUnit(text string) (unit uint16, ok bool) {
	if len(text) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(text[:4], 16, 16)
	return uint16(n), err == nil
}

// secondUnit reads \uXXXX that belongs to the one before it.
func secondUnit(text string) (unit uint16, ok bool) {
	rest, ok := strings.CutPrefix(text, `\u`)
	if !ok {
		return 0, false
	}
	unit, ok = hexUnit(rest)
	return unit, ok && unit >= 0xDC00 && unit <= 0xDFFF
}

func findProperties(s *source) ([]entry, *Error) { return readProperties(s.text) }

func putProperties(e *exporter) string { return properties(e.lines, "", "#") }

// properties writes lines as KEY=VALUE, the remarks on lines of their own.
func properties(lines []line, prefix, mark string) string {
	var b strings.Builder
	for _, l := range lines {
		if l.why != "" {
			fmt.Fprintf(&b, "%s %s\n", mark, l.why)
		}
		fmt.Fprintf(&b, "%s%s=%s\n", prefix, propertyText(l.name, true), propertyText(l.text, false))
	}
	return b.String()
}

// propertyText escapes a key or a value so that Java reads it back as it is,
// whichever encoding it expects.
func propertyText(text string, key bool) string {
	var b strings.Builder
	for n, c := range text {
		switch {
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\\', c == ' ' && n == 0, key && strings.ContainsRune(" =:", c), key && n == 0 && strings.ContainsRune("#!", c):
			b.WriteString(`\` + string(c))
		case c < ' ' || c > '~':
			for _, unit := range utf16Units(c) {
				fmt.Fprintf(&b, `\u%04X`, unit)
			}
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}
