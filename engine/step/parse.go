package step

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kdyno/engine/setting"
)

// Error says what of a line is not understood, where, and what would be.
type Error struct {
	Line   string
	Column int // of the first character that is wrong, counted from 1
	Say    string
	Hint   string
}

func (e *Error) Error() string {
	text := fmt.Sprintf("column %d: %s", e.Column, e.Say)
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Parse reads one line of the language. Keys and values of set are judged by
// the table of settings; whether a preset or a fault of that name exists is not
// known here. The error is an *Error.
func Parse(line string) (Step, error) { return parse(&reader{line: line}) }

// ParseTimed reads TIME=STEP, as --at takes it: "3s=set linger.ms=5". The time
// counts from the load's start. The error is an *Error whose column counts
// from the start of text.
func ParseTimed(text string) (Timed, error) {
	at, _, ok := strings.Cut(text, "=")
	due, err := time.ParseDuration(strings.TrimSpace(at))
	if !ok || err != nil || due < 0 {
		return Timed{}, &Error{
			Line: text, Column: 1, Say: "this does not begin with a time",
			Hint: "write TIME=STEP, such as 3s=set linger.ms=5",
		}
	}
	s, err := parse(&reader{line: text, at: len(at) + 1})
	if err != nil {
		return Timed{}, err
	}
	return Timed{At: due, Step: s}, nil
}

func parse(r *reader) (Step, error) {
	if i := strings.IndexFunc(r.line, unprintable); i >= 0 {
		return Step{}, r.wrong(i, "a character that cannot be printed", "write one line of plain text")
	}
	r.skipSpace()
	start := r.at
	switch verb := Verb(r.word()); verb {
	case Set:
		return r.assignments()
	case Preset:
		return r.presetName()
	case Mark:
		return r.markLabel()
	case Send:
		return r.send()
	case Partitions:
		return r.partitions()
	case Fault:
		return r.fault()
	case Heal:
		return r.heal()
	case Audit:
		return r.audit()
	case Undo, Redo, Pause, Resume, Crash, Restart:
		return r.nothingMore(verb)
	case "":
		return Step{}, r.wrong(start, "there is no step here", knownVerbs())
	default:
		return Step{}, r.wrong(start, strconv.Quote(string(verb))+" is not a step", knownVerbs())
	}
}

func knownVerbs() string {
	verbs := make([]string, len(words))
	for i, w := range words {
		verbs[i] = string(w.Verb)
	}
	return "the steps are " + strings.Join(verbs, ", ")
}

// reader walks through one line.
type reader struct {
	line string
	at   int // the next byte
}

func (r *reader) wrong(at int, say, hint string) *Error {
	return &Error{Line: r.line, Column: utf8.RuneCountInString(r.line[:at]) + 1, Say: say, Hint: hint}
}

func (r *reader) skipSpace() {
	for r.at < len(r.line) && isSpace(rune(r.line[r.at])) {
		r.at++
	}
}

// word takes everything up to the next space.
func (r *reader) word() string {
	start := r.at
	for r.at < len(r.line) && !isSpace(rune(r.line[r.at])) {
		r.at++
	}
	return r.line[start:r.at]
}

// value takes a word, or a quoted text that ends the word.
func (r *reader) value() (string, *Error) {
	if r.at >= len(r.line) || r.line[r.at] != '"' {
		return r.word(), nil
	}
	start := r.at
	literal, err := strconv.QuotedPrefix(r.line[start:])
	if err != nil {
		return "", r.wrong(start, "this quote is not closed, or holds an escape that is unknown", `end the text with "`)
	}
	r.at += len(literal)
	if r.at < len(r.line) && !isSpace(rune(r.line[r.at])) {
		return "", r.wrong(r.at, "something follows the closing quote", "put a space between two assignments")
	}
	text, err := strconv.Unquote(literal)
	if err != nil {
		return "", r.wrong(start, "this quoted text cannot be read", "")
	}
	return text, nil
}

func (r *reader) assignments() (Step, error) {
	s := Step{Verb: Set}
	for r.skipSpace(); r.at < len(r.line); r.skipSpace() {
		start := r.at
		a, err := r.assignment()
		if err != nil {
			return Step{}, err
		}
		for _, b := range s.Set {
			if a.Key == b.Key {
				return Step{}, r.wrong(start, string(a.Key)+" is set twice in one step", "keep one of them")
			}
		}
		s.Set = append(s.Set, a)
	}
	if len(s.Set) == 0 {
		return Step{}, r.wrong(len(r.line), "set has nothing to set", "write set KEY=VALUE, such as set linger.ms=5")
	}
	return s, nil
}

// assignment reads KEY=VALUE and asks the table about both.
func (r *reader) assignment() (Assignment, error) {
	start := r.at
	for r.at < len(r.line) && r.line[r.at] != '=' && !isSpace(rune(r.line[r.at])) {
		r.at++
	}
	key := setting.Key(r.line[start:r.at])
	row, known := setting.Find(key)
	if key != "" && !known {
		say := "there is no setting " + strconv.Quote(string(key))
		if whose := setting.Whose(string(key)); whose != "" {
			say += ": " + whose
		}
		return Assignment{}, r.wrong(start, say, nearest(string(key)))
	}
	if key == "" || r.at >= len(r.line) || r.line[r.at] != '=' {
		return Assignment{}, r.wrong(r.at, "KEY=VALUE is expected here", "write it without spaces around the =, such as linger.ms=5")
	}
	r.at++
	at := r.at
	text, bad := r.value()
	if bad != nil {
		return Assignment{}, bad
	}
	if row.AtStart {
		return Assignment{}, r.wrong(start, string(key)+" cannot be changed once the session runs", "give it at the start")
	}
	if _, err := setting.Defaults().With(key, text); err != nil {
		return Assignment{}, r.refused(at, err)
	}
	return Assignment{Key: key, Text: text}, nil
}

// refused turns the table's answer about a value into an error of this line.
func (r *reader) refused(at int, err error) *Error {
	var bad *setting.ValueError
	if !errors.As(err, &bad) {
		return r.wrong(at, err.Error(), "")
	}
	wrong := r.wrong(at, string(bad.Key)+": "+bad.Say, "use "+bad.Hint)
	if bad.Column > 0 {
		wrong.Column += bad.Column - 1
		if r.line[at] == '"' {
			wrong.Column++
		}
	}
	return wrong
}

func nearest(name string) string {
	near := setting.Nearest(name)
	if len(near) == 0 {
		return "kdyno settings lists them all"
	}
	names := make([]string, len(near))
	for i, k := range near {
		names[i] = string(k)
	}
	return "near: " + strings.Join(names, ", ")
}

func (r *reader) presetName() (Step, error) {
	r.skipSpace()
	start := r.at
	name, bad := r.value()
	if bad != nil {
		return Step{}, bad
	}
	if strings.TrimSpace(name) == "" {
		return Step{}, r.wrong(start, "preset has no name", "write preset NAME")
	}
	if strings.ContainsFunc(name, unprintable) {
		return Step{}, r.wrong(start, "the name holds a character that cannot be printed", "")
	}
	if r.skipSpace(); r.at < len(r.line) {
		return Step{}, r.wrong(r.at, "preset takes one name", "put a name with spaces into double quotes")
	}
	return Step{Verb: Preset, Name: name}, nil
}

// markLabel takes the rest of the line as it is; quotes count only if they
// hold all of it.
func (r *reader) markLabel() (Step, error) {
	r.skipSpace()
	start := r.at
	text := strings.TrimSpace(r.line[start:])
	if inner, ok := unquoteWhole(text); ok {
		text = inner
	}
	// A tab has no width that a chart could count on.
	text = strings.ReplaceAll(text, "\t", " ")
	if strings.TrimSpace(text) == "" {
		return Step{}, r.wrong(start, "mark has no text", "write mark TEXT")
	}
	if strings.ContainsFunc(text, unprintable) {
		return Step{}, r.wrong(start, "the text holds a character that cannot be printed", "")
	}
	return Step{Verb: Mark, Name: text}, nil
}

// The words that audit takes.
const (
	On  = "on"
	Off = "off"
)

func (r *reader) audit() (Step, error) {
	r.skipSpace()
	start := r.at
	word := r.word()
	if word != On && word != Off {
		return Step{}, r.wrong(start, "audit is on or off", "write audit on or audit off")
	}
	if r.skipSpace(); r.at < len(r.line) {
		return Step{}, r.wrong(r.at, "audit "+word+" stands alone", "leave out what follows it")
	}
	return Step{Verb: Audit, Name: word}, nil
}

func (r *reader) nothingMore(verb Verb) (Step, error) {
	if r.skipSpace(); r.at < len(r.line) {
		return Step{}, r.wrong(r.at, string(verb)+" stands alone", "leave out what follows it")
	}
	return Step{Verb: verb}, nil
}

func unquoteWhole(text string) (string, bool) {
	if text == "" || text[0] != '"' {
		return "", false
	}
	inner, err := strconv.Unquote(text)
	return inner, err == nil
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' }

// unprintable leaves out the tab, which parts words.
func unprintable(r rune) bool {
	return r != '\t' && (!unicode.IsPrint(r) || r == utf8.RuneError)
}
