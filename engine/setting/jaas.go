package setting

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The login modules that a client can be given here.
const (
	PlainModule = "org.apache.kafka.common.security.plain.PlainLoginModule"
	ScramModule = "org.apache.kafka.common.security.scram.ScramLoginModule"
	OAuthModule = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
)

const kerberosModule = "com.sun.security.auth.module.Krb5LoginModule"

// JAAS is one entry of a JAAS configuration, as sasl.jaas.config holds it.
type JAAS struct {
	Module  string // one of the modules above
	Control string // required, requisite, sufficient or optional; it changes nothing
	Options map[string]Secret
}

// JAASError says where a JAAS configuration cannot be read. It never repeats
// what stands there.
type JAASError struct {
	Line, Column int // from 1, in characters
	Say          string
	Hint         string
}

func (e *JAASError) Error() string { return e.where() + ": " + e.Say + "; " + e.Hint }

func (e *JAASError) where() string {
	if e.Line == 1 {
		return fmt.Sprintf("column %d", e.Column)
	}
	return fmt.Sprintf("line %d, column %d", e.Line, e.Column)
}

var jaasControls = []string{"required", "requisite", "sufficient", "optional"}

// ParseJAAS reads the one entry of sasl.jaas.config by the rules of the Java
// client: MODULE CONTROL NAME="VALUE"...; with quotes of either kind, octal
// and letter escapes inside them, and comments. The error is a *JAASError.
func ParseJAAS(text string) (JAAS, error) {
	r := &jaasReader{text: text}
	j, err := r.entry()
	if err != nil {
		return JAAS{}, err
	}
	return j, nil
}

func (r *jaasReader) entry() (JAAS, *JAASError) {
	j := JAAS{Options: map[string]Secret{}}
	var bad *JAASError
	if j.Module, bad = r.module(); bad != nil {
		return j, bad
	}
	if j.Control, bad = r.control(); bad != nil {
		return j, bad
	}
	for {
		t, bad := r.next()
		switch {
		case bad != nil:
			return j, bad
		case t.kind == jaasEnd:
			return j, r.wrong(t.at, "the entry does not end", "end it with ; (and quote values: outside of quotes a / begins a comment)")
		case t.kind == ';':
			return j, r.nothingMore()
		case t.kind != jaasWord:
			return j, r.wrong(t.at, "the name of an option is expected", `write NAME="VALUE", and ; after the last one`)
		}
		value, bad := r.value()
		if bad != nil {
			return j, bad
		}
		j.Options[t.text] = Secret(value)
	}
}

func (r *jaasReader) module() (string, *JAASError) {
	const hint = "begin with " + PlainModule + ", ScramLoginModule of its package scram, or OAuthBearerLoginModule of oauthbearer"
	t, bad := r.next()
	switch {
	case bad != nil:
		return "", bad
	case t.kind == jaasEnd:
		return "", r.wrong(t.at, "there is no login module", hint)
	case t.text == kerberosModule:
		return "", r.wrong(t.at, "Kerberos (GSSAPI) is not possible with this client", "use PLAIN, SCRAM or OAUTHBEARER")
	case t.kind != jaasWord || !slices.Contains([]string{PlainModule, ScramModule, OAuthModule}, t.text):
		return "", r.wrong(t.at, "this is no login module that is known here", hint)
	}
	return t.text, nil
}

func (r *jaasReader) control() (string, *JAASError) {
	t, bad := r.next()
	if bad != nil {
		return "", bad
	}
	flag := strings.ToLower(t.text)
	if t.kind != jaasWord || !slices.Contains(jaasControls, flag) {
		return "", r.wrong(t.at, "a control flag is expected after the login module", "write required there")
	}
	return flag, nil
}

// value reads what follows an option's name.
func (r *jaasReader) value() (string, *JAASError) {
	t, bad := r.next()
	if bad != nil {
		return "", bad
	}
	if t.kind != '=' {
		return "", r.wrong(t.at, "a = is expected after the option's name", `write NAME="VALUE"`)
	}
	if t, bad = r.next(); bad != nil {
		return "", bad
	}
	if t.kind != jaasWord {
		return "", r.wrong(t.at, "the option has no value that can be read", `put the value into quotes, NAME="VALUE": outside of them it must begin with a letter`)
	}
	return t.text, nil
}

func (r *jaasReader) nothingMore() *JAASError {
	t, bad := r.next()
	if bad == nil && t.kind != jaasEnd {
		return r.wrong(t.at, "something follows the first entry", "keep one login module: a client takes one")
	}
	return bad
}

// jaasToken is a word, a quoted text, or one character that is neither.
type jaasToken struct {
	kind rune // jaasWord, jaasEnd, or the character itself
	text string
	at   int // the byte where it begins
}

const (
	jaasWord rune = -1
	jaasEnd  rune = -2
)

// jaasReader cuts the text as java.io.StreamTokenizer does.
type jaasReader struct {
	text string
	at   int // the next byte
}

func (r *jaasReader) wrong(at int, say, hint string) *JAASError {
	before := r.text[:at]
	start := strings.LastIndexByte(before, '\n') + 1
	return &JAASError{
		Line: strings.Count(before, "\n") + 1, Column: utf8.RuneCountInString(before[start:]) + 1,
		Say: say, Hint: hint,
	}
}

func (r *jaasReader) next() (jaasToken, *JAASError) {
	r.skip()
	start := r.at
	c, size := utf8.DecodeRuneInString(r.text[start:])
	switch {
	case size == 0:
		return jaasToken{kind: jaasEnd, at: start}, nil
	case c == '"' || c == '\'':
		return r.quoted(byte(c))
	case jaasLetter(c):
		r.at = len(r.text)
		if end := strings.IndexFunc(r.text[start:], notJAASWord); end >= 0 {
			r.at = start + end
		}
		return jaasToken{kind: jaasWord, text: r.text[start:r.at], at: start}, nil
	default:
		r.at += size
		return jaasToken{kind: c, at: start}, nil
	}
}

// skip passes over space and comments.
func (r *jaasReader) skip() {
	for r.at < len(r.text) && (r.text[r.at] <= ' ' || r.text[r.at] == '/') {
		if r.text[r.at] == '/' {
			r.comment()
		} else {
			r.at++
		}
	}
}

func notJAASWord(c rune) bool {
	return !jaasLetter(c) && (c < '0' || c > '9') && c != '.' && c != '-'
}

func jaasLetter(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || c >= 160
}

// comment skips to the end of the line, or of a comment that says its end. A
// single slash begins one too: the Java client leaves that as it is in
// StreamTokenizer.
func (r *jaasReader) comment() {
	rest := r.text[r.at:]
	end := "\n"
	if strings.HasPrefix(rest, "/*") {
		rest, end = rest[2:], "*/"
		r.at += 2
	}
	i := strings.Index(rest, end)
	if i < 0 {
		r.at = len(r.text)
		return
	}
	r.at += i + len(end)
}

// quoted takes a text up to the same quote. Java also ends it at a line's end,
// which is never meant.
func (r *jaasReader) quoted(quote byte) (jaasToken, *JAASError) {
	start := r.at
	var text strings.Builder
	for r.at++; r.at < len(r.text); {
		switch c := r.text[r.at]; c {
		case quote:
			r.at++
			return jaasToken{kind: jaasWord, text: text.String(), at: start}, nil
		case '\n', '\r':
			return jaasToken{}, r.wrong(start, "the quote that opens here is not closed on its line", "close it with the same quote")
		case '\\':
			r.at++
			text.WriteString(r.escape())
		default:
			text.WriteByte(c)
			r.at++
		}
	}
	return jaasToken{}, r.wrong(start, "the quote that opens here is not closed", "close it with the same quote, and write \\ before one that is part of the value")
}

var jaasEscapes = map[byte]string{'a': "\a", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v"}

// escape reads what follows a backslash: up to three octal digits, a letter
// with a meaning, or the character itself.
func (r *jaasReader) escape() string {
	if r.at >= len(r.text) {
		return ""
	}
	c := r.text[r.at]
	if c < '0' || c > '7' {
		if s, ok := jaasEscapes[c]; ok {
			r.at++
			return s
		}
		_, size := utf8.DecodeRuneInString(r.text[r.at:])
		s := r.text[r.at : r.at+size]
		r.at += size
		return s
	}
	most := 2
	if c <= '3' {
		most = 3
	}
	code := rune(0)
	for ; most > 0 && r.at < len(r.text) && r.text[r.at] >= '0' && r.text[r.at] <= '7'; most-- {
		code = code*8 + rune(r.text[r.at]-'0')
		r.at++
	}
	return string(code)
}
