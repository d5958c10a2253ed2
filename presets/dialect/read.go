package dialect

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"kdyno/engine/setting"
)

// valueKind is what a value was where it stood.
type valueKind int

const (
	written   valueKind = iota // a text as it stands in a file; others may fill in parts of it
	literal                    // a text of a program
	numeral                    // a number of the language, in decimal
	boolean                    // true or false
	nothing                    // None, null, nil
	nanos                      // a length of time of the language, in nanoseconds
	name                       // a name of the language or a library
	elsewhere                  // comes from a variable; the text shows it as ${NAME}
	code                       // an expression that is not worked out here
)

type value struct {
	kind valueKind
	text string
}

func (v value) isText() bool { return v.kind == written || v.kind == literal }

// entry is one value as it stands in a file.
type entry struct {
	name         string
	value        value
	was          string // of YAML: the word itself, where it means something else
	line, column int
}

// source is a file on its way to entries.
type source struct {
	text     string
	problems []Problem
	ignored  []Ignored
	losses   []Loss
	topic    string
	records  int64
}

func (s *source) warn(line, column int, say, hint string) {
	s.problems = append(s.problems, Problem{Severity: setting.Warning, Line: line, Column: column, Say: say, Hint: hint})
}

// Read reads a configuration in the dialect of that name; an empty name lets
// Recognise decide. The error, an *Error, says why the text as a whole cannot
// be read; what is wrong with single values is in the problems, and the others
// are there all the same.
func Read(name string, raw []byte) (Imported, error) {
	s, bad := decode(raw)
	if bad != nil {
		return Imported{}, bad
	}
	if name == "" {
		var ok bool
		if name, ok = s.recognise(); !ok {
			return Imported{}, &Error{
				Say:  "nothing in it looks like a Kafka producer's configuration",
				Hint: "say what it is with --dialect: " + strings.Join(Names(), ", "),
			}
		}
	}
	d, bad := byName(name)
	if bad != nil {
		return Imported{}, bad
	}
	entries, bad := d.find(s)
	if bad != nil {
		return Imported{}, bad
	}
	if len(entries) > mostEntries {
		return Imported{}, errTooMany
	}
	i := newImporter(d, s)
	for _, e := range entries {
		i.take(e)
	}
	return i.finish(), nil
}

// mostEntries bounds what readers keep.
const mostEntries = 50_000

var errTooMany = &Error{Say: "it holds more entries than any configuration does", Hint: "check the path"}

// decode turns bytes into text: UTF-8, with or without a byte order mark, else
// Latin-1, which Java's own reader expects.
func decode(raw []byte) (*source, *Error) {
	switch {
	case len(raw) > MaxBytes:
		return nil, &Error{Say: fmt.Sprintf("larger than %d MiB, so it is no producer's configuration", MaxBytes>>20), Hint: "check the path"}
	case bytes.HasPrefix(raw, []byte("\xff\xfe")) || bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return nil, &Error{Line: 1, Column: 1, Say: "the text is UTF-16", Hint: "save it as UTF-8"}
	}
	if at := bytes.IndexByte(raw, 0); at >= 0 {
		line := bytes.Count(raw[:at], []byte("\n")) + 1
		return nil, &Error{Line: line, Say: "it holds a zero byte, so it is no text", Hint: "check the path"}
	}
	s := &source{}
	if bare, marked := bytes.CutPrefix(raw, []byte("\xef\xbb\xbf")); marked {
		raw = bare
		s.warn(1, 1, "the file begins with a byte order mark, which Java takes for a part of the first name", "save it without")
	}
	if utf8.Valid(raw) {
		s.text = string(raw)
		return s, nil
	}
	runes := make([]rune, len(raw))
	for i, b := range raw {
		runes[i] = rune(b)
	}
	s.text = string(runes)
	s.warn(0, 0, "the file is not UTF-8, so it is read as Latin-1", "save it as UTF-8, and write \\uXXXX in a .properties file")
	return s, nil
}

// mostTold bounds each list of an import: a file of nonsense is told by its
// beginning.
const mostTold = 100

// mostNear bounds how many unknown names are compared with all known ones.
const mostNear = 20

// importer turns entries into values.
type importer struct {
	client *client
	im     Imported
	known  map[string]standing
	open   []string // beginnings of names that are no producer's
	heard  map[setting.Key]entry
	others map[string]entry // known names without a word, by their folded name
	untold int              // problems beyond mostTold
	near   int              // unknown names that were compared
}

func newImporter(d *Dialect, s *source) *importer {
	i := &importer{
		client: d.client,
		im: Imported{
			Dialect: d.Name, Client: d.client.name, JVM: d.client.jvm, Values: setting.Defaults(), Origins: map[setting.Key]Origin{},
			Ignored: s.ignored, Losses: s.losses, Topic: s.topic, Records: s.records,
		},
		heard: map[setting.Key]entry{}, others: map[string]entry{},
	}
	i.known, i.open = d.client.names()
	for _, p := range s.problems {
		i.problem(p)
	}
	return i
}

func (i *importer) problem(p Problem) {
	if p.Severity != setting.Error && i.full() {
		return
	}
	if len(i.im.Problems) < 2*mostTold {
		i.im.Problems = append(i.im.Problems, p)
	}
}

// full says that no more warnings are kept, and counts one.
func (i *importer) full() bool {
	if len(i.im.Problems) < mostTold {
		return false
	}
	i.untold++
	return true
}

func (i *importer) loss(l Loss) {
	l.Refused = strings.HasPrefix(l.Say, gone)
	if len(i.im.Losses) < mostTold {
		i.im.Losses = append(i.im.Losses, l)
	}
}

// take sorts one entry.
func (i *importer) take(e entry) {
	folded := i.client.folded(e.name)
	at, ok := i.known[folded]
	switch {
	case ok && at.word >= 0:
		key := i.client.words[at.word].key
		if before, twice := i.heard[key]; twice {
			i.again(e, before, key)
		}
		i.heard[key] = e
	case at.beside:
		if before, twice := i.others[folded]; twice {
			i.again(e, before, "")
		}
		i.others[folded] = e
	case at.what != "":
		i.others[folded] = e
		i.loss(Loss{Name: named(e.name), Line: e.line, Say: "Kafka's producer has no such setting: " + at.what + "."})
	case at.why != "":
		i.ignore(e, at.why)
	case slices.ContainsFunc(i.open, func(begin string) bool { return strings.HasPrefix(folded, begin) }):
		i.ignore(e, "it is a consumer's, or another client's")
	default:
		i.unknown(e)
	}
}

func (i *importer) again(e, before entry, key setting.Key) {
	if i.full() {
		return
	}
	say := fmt.Sprintf("%s stands here again, after line %d, and this one counts", named(e.name), before.line)
	if e.name != before.name {
		say = fmt.Sprintf("%s means the same as %s on line %d, and this one counts", named(e.name), named(before.name), before.line)
	}
	i.problem(Problem{Severity: setting.Warning, Line: e.line, Column: e.column, Key: key, Say: say, Hint: "keep one of the two"})
}

func (i *importer) ignore(e entry, why string) {
	if len(i.im.Ignored) < mostTold {
		i.im.Ignored = append(i.im.Ignored, Ignored{Name: named(e.name), Line: e.line, Why: why})
	}
}

// unknown never shows the value: it may be a secret of somebody's own.
func (i *importer) unknown(e entry) {
	if i.full() {
		return
	}
	hint := ""
	if i.near < mostNear {
		i.near++
		if near := i.client.nearest(e.name); len(near) > 0 {
			hint = "did you mean " + strings.Join(near, " or ") + "?"
		}
	}
	i.problem(Problem{
		Severity: setting.Warning, Line: e.line, Column: e.column,
		Say: fmt.Sprintf("%s is no setting that %s has for a producer", named(e.name), i.client.name), Hint: hint,
	})
}

// finish sets the values, and adds what the client does by itself.
func (i *importer) finish() Imported {
	for _, row := range setting.Rows() {
		e, ok := i.heard[row.Key]
		if !ok {
			continue
		}
		w, _ := i.client.says(row.Key)
		i.hear(row, w, e)
	}
	if i.client.rest != nil {
		i.client.rest(i)
	}
	for _, k := range i.client.own(i.im.Values) {
		if _, heard := i.heard[k]; heard || i.im.Values.IsSet(k) {
			continue
		}
		if v, err := i.im.Values.With(k, i.client.std(k, i.im.Values)); err == nil {
			i.im.Values = v
			i.im.Origins[k] = Origin{Client: true}
		}
	}
	if i.untold > 0 {
		i.im.Problems = append(i.im.Problems, Problem{Severity: setting.Warning, Say: "there is more of the kind: " + plural(i.untold, "problem", "problems") + " not shown"})
	}
	slices.SortStableFunc(i.im.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(weight(a.Severity), weight(b.Severity)), cmp.Compare(a.Line, b.Line))
	})
	slices.SortStableFunc(i.im.Losses, func(a, b Loss) int { return a.Line - b.Line })
	return i.im
}

func weight(s setting.Severity) int {
	if s == setting.Error {
		return 0
	}
	return 1
}
