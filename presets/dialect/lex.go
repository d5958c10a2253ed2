package dialect

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// language is how a programming language writes texts and comments.
type language struct {
	hash     bool   // # begins a comment, and // is an operator
	single   bool   // '...' is a text, not a character
	tripled  bool   // """ parts texts of several lines
	raw      byte   // parts texts without escapes
	prefixes string // letters that may stand before a text
}

var (
	python = language{hash: true, single: true, tripled: true, prefixes: "rRbBuUfF"}
	javas  = language{tripled: true}
	golang = language{raw: '`'}
	csharp = language{prefixes: "@$"}
)

type tokenKind byte

const (
	endToken tokenKind = iota
	nameToken
	numberToken
	textToken
	signToken
)

// token is one word of a program.
type token struct {
	kind         tokenKind
	text         string // of a text, without its quotes and escapes
	open         bool   // a text that holds expressions of its own
	line, column int
}

// ruler tells columns in characters. It counts on from the last one that it
// told, so that a long line is counted once.
type ruler struct {
	start, at, column int // of the line, and of what was counted
}

func (r *ruler) measure(text string, start, at int) int {
	if r.start != start || r.at > at || r.column == 0 {
		*r = ruler{start: start, at: start, column: 1}
	}
	r.column += utf8.RuneCountInString(text[r.at:at])
	r.at = at
	return r.column
}

// lexer cuts a program into tokens, one at a time.
type lexer struct {
	language
	text  string
	at    int
	line  int
	start int // where the line begins
	ruler ruler
}

func newLexer(l language, text string) *lexer { return &lexer{language: l, text: text, line: 1} }

func (l *lexer) here() int { return l.ruler.measure(l.text, l.start, l.at) }

func (l *lexer) rest() string { return l.text[l.at:] }

// next gives the next token. The error is a text that does not end.
func (l *lexer) next() (token, *Error) {
	l.skip()
	t := token{line: l.line}
	if l.at >= len(l.text) {
		return t, nil
	}
	t.column = l.here()
	c, size := utf8.DecodeRuneInString(l.rest())
	switch {
	case l.quoteAhead():
		return l.quoted(t)
	case inName(c) && !unicode.IsDigit(c):
		t.kind, t.text = nameToken, l.run(inName)
	case isDigit(c) || c == '.' && l.at+1 < len(l.text) && isDigit(rune(l.text[l.at+1])):
		t.kind, t.text = numberToken, l.number()
	default:
		t.kind, t.text = signToken, l.rest()[:size]
		if l.at+1 < len(l.text) && longSign(c, l.text[l.at+1]) {
			t.text = l.text[l.at : l.at+2]
		}
		l.at += len(t.text)
	}
	return t, nil
}

func isDigit(c rune) bool { return c >= '0' && c <= '9' }

func inName(c rune) bool { return c == '_' || c == '$' || unicode.IsLetter(c) || unicode.IsDigit(c) }

// longSign says whether two characters are one sign: << := => == != <= >=.
func longSign(c rune, next byte) bool {
	switch c {
	case '<':
		return next == '<' || next == '='
	case '=':
		return next == '>' || next == '='
	case ':', '!', '>':
		return next == '='
	default:
		return false
	}
}

func (l *lexer) run(part func(rune) bool) string {
	rest := l.rest()
	end := strings.IndexFunc(rest, func(c rune) bool { return !part(c) })
	if end < 0 {
		end = len(rest)
	}
	l.at += end
	return rest[:end]
}

// number takes digits with what belongs to them: 1_000L, 0x10, 1.5e3.
func (l *lexer) number() string {
	start := l.at
	for l.at < len(l.text) {
		c := l.text[l.at]
		exponent := (c == '+' || c == '-') && strings.ContainsRune("eE", rune(l.text[l.at-1])) && !strings.HasPrefix(l.text[start:], "0x")
		if c != '.' && c != '_' && !exponent && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			break
		}
		l.at++
	}
	return l.text[start:l.at]
}

// skip passes over blanks and comments.
func (l *lexer) skip() {
	for l.at < len(l.text) {
		switch c := l.text[l.at]; {
		case c == '\n':
			l.at++
			l.line, l.start = l.line+1, l.at
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\\':
			l.at++
		case l.hash && c == '#', !l.hash && strings.HasPrefix(l.rest(), "//"), c == '#' && strings.TrimSpace(l.text[l.start:l.at]) == "":
			l.run(func(c rune) bool { return c != '\n' })
		case !l.hash && strings.HasPrefix(l.rest(), "/*"):
			l.comment()
		default:
			return
		}
	}
}

func (l *lexer) comment() {
	end := strings.Index(l.text[l.at+2:], "*/")
	stop := len(l.text)
	if end >= 0 {
		stop = l.at + 2 + end + 2
	}
	l.pass(stop)
}

// pass moves on to a place, counting the lines in between.
func (l *lexer) pass(to int) {
	between := l.text[l.at:to]
	if last := strings.LastIndexByte(between, '\n'); last >= 0 {
		l.line += strings.Count(between, "\n")
		l.start = l.at + last + 1
	}
	l.at = to
}

// quoteAhead says that a text begins here, perhaps after its prefix.
func (l *lexer) quoteAhead() bool {
	rest := strings.TrimLeft(l.rest()[:min(3, len(l.rest()))], l.prefixes)
	return rest != "" && (rest[0] == '"' || rest[0] == '\'' || l.raw != 0 && rest[0] == l.raw)
}

func (l *lexer) quoted(t token) (token, *Error) {
	t.kind = textToken
	prefix := l.run(func(c rune) bool { return strings.ContainsRune(l.prefixes, c) && l.prefixes != "" })
	quote := l.rest()[:1]
	raw := strings.ContainsAny(prefix, "rR@") || quote[0] == l.raw
	long := quote[0] == l.raw || strings.Contains(prefix, "@")
	if l.tripled && strings.HasPrefix(l.rest(), strings.Repeat(quote, 3)) {
		quote, long = strings.Repeat(quote, 3), true
	}
	body := l.text[l.at+len(quote):]
	end, closed := closing(body, quote, raw, long)
	if !closed {
		return t, &Error{Line: t.line, Column: t.column, Say: "the quote that opens here is not closed", Hint: "close it with the same quote"}
	}
	t.text = body[:end]
	if !raw {
		t.text = unescaped(t.text)
	}
	t.open = strings.ContainsAny(prefix, "fF$") && strings.ContainsRune(t.text, '{')
	l.pass(l.at + len(quote) + end + len(quote))
	return t, nil
}

// closing finds the quote that ends a text. Only a long text goes over lines.
func closing(body, quote string, raw, long bool) (end int, closed bool) {
	for end < len(body) && !strings.HasPrefix(body[end:], quote) {
		switch {
		case body[end] == '\\' && !raw:
			end++
		case body[end] == '\n' && !long:
			return end, false
		}
		end++
	}
	return end, end < len(body)
}

// unescaped reads the escapes that all of the languages share.
func unescaped(text string) string {
	if !strings.ContainsRune(text, '\\') {
		return text
	}
	var b strings.Builder
	for text != "" {
		if strings.HasPrefix(text, "\\\n") {
			text = text[2:]
			continue
		}
		if unit, ok := hexUnit(strings.TrimPrefix(text, `\u`)); ok && strings.HasPrefix(text, `\u`) && utf16.IsSurrogate(rune(unit)) {
			low, _ := secondUnit(text[6:]) // without one it is no character
			b.WriteRune(utf16.DecodeRune(rune(unit), rune(low)))
			text = text[min(12, len(text)):]
			continue
		}
		quote := byte('"')
		if strings.HasPrefix(text, `\'`) {
			quote = '\''
		}
		c, _, tail, err := strconv.UnquoteChar(text, quote)
		if err != nil { // a quote, or an escape of one language alone
			c, tail = utf8.RuneError, text[1:]
			if text[0] != '\\' {
				c = rune(text[0])
			} else if len(text) > 1 {
				var size int
				c, size = utf8.DecodeRuneInString(text[1:])
				tail = text[1+size:]
			}
		}
		b.WriteRune(c)
		text = tail
	}
	return b.String()
}
