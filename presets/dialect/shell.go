package dialect

import "strings"

// shellWord is one word of a command line. Open says that a variable stands in
// it, which is not filled in.
type shellWord struct {
	text         string
	open         bool
	line, column int
}

// shellReader cuts a command line into words as a shell does, and stops where
// the command ends.
type shellReader struct {
	text string
	at   int
	line int
	from int // where the line begins
	ruler
}

// mostWords bounds the words of one command.
const mostWords = 10_000

// readShell hands out each command of a text until one is taken.
func readShell(text string, take func(words []shellWord) bool) *Error {
	r := &shellReader{text: text, line: 1}
	var words []shellWord
	for {
		r.skip()
		if r.at >= len(r.text) {
			take(words)
			return nil
		}
		switch c := r.text[r.at]; {
		case strings.IndexByte("\n;|&()", c) >= 0:
			r.step()
			if take(words) {
				return nil
			}
			words = words[:0]
		case c == '<' || c == '>':
			r.step()
		case c == '#':
			for r.at < len(r.text) && r.text[r.at] != '\n' {
				r.at++
			}
		default:
			w, bad := r.word()
			if bad != nil {
				return bad
			}
			if words = append(words, w); len(words) > mostWords {
				return &Error{Line: w.line, Column: w.column, Say: "no command has so many words", Hint: "check the file"}
			}
		}
	}
}

func (r *shellReader) step() {
	if r.text[r.at] == '\n' {
		r.line, r.from = r.line+1, r.at+1
	}
	r.at++
}

// skip passes over blanks and lines that go on.
func (r *shellReader) skip() {
	for r.at < len(r.text) {
		switch rest := r.text[r.at:]; {
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r':
			r.at++
		case strings.HasPrefix(rest, "\\\n"), strings.HasPrefix(rest, "\\\r\n"):
			r.at += strings.IndexByte(rest, '\n')
			r.step()
		default:
			return
		}
	}
}

func (r *shellReader) word() (shellWord, *Error) {
	w := shellWord{line: r.line, column: r.measure(r.text, r.from, r.at)}
	var b strings.Builder
	for r.at < len(r.text) {
		c := r.text[r.at]
		switch {
		case strings.IndexByte(" \t\r\n;|&()<>", c) >= 0:
			w.text = b.String()
			return w, nil
		case c == '\'' || c == '"':
			if !r.quoted(&b, &w, c) {
				return w, &Error{Line: w.line, Column: w.column, Say: "the quote in this word is not closed", Hint: "close it with the same quote"}
			}
		case c == '\\' && r.at+1 < len(r.text):
			r.step()
			if r.text[r.at] != '\n' {
				b.WriteByte(r.text[r.at])
			}
			r.step()
		default:
			w.open = w.open || r.variable()
			b.WriteByte(c)
			r.at++
		}
	}
	w.text = b.String()
	return w, nil
}

// variable says whether a shell would put something else here.
func (r *shellReader) variable() bool {
	if r.text[r.at] == '`' {
		return true
	}
	if r.text[r.at] != '$' || r.at+1 >= len(r.text) {
		return false
	}
	c := r.text[r.at+1]
	return c == '{' || c == '(' || c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func (r *shellReader) quoted(b *strings.Builder, w *shellWord, quote byte) bool {
	for r.step(); r.at < len(r.text); {
		c := r.text[r.at]
		switch {
		case c == quote:
			r.at++
			return true
		case quote == '"' && c == '\\' && r.at+1 < len(r.text) && strings.IndexByte("\"\\$`\n", r.text[r.at+1]) >= 0:
			r.at++
			if c = r.text[r.at]; c != '\n' {
				b.WriteByte(c)
			}
			r.step()
		default:
			w.open = w.open || quote == '"' && r.variable()
			b.WriteByte(c)
			r.step()
		}
	}
	return false
}

// shellQuote writes a word that a shell takes as it is.
func shellQuote(text string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("._-=,:/@%+", c)
	}
	if text != "" && !strings.ContainsFunc(text, func(c rune) bool { return !plain(c) }) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
