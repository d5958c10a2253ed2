package dialect

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kdyno/engine/setting"
)

// blanks finds what a file leaves to somebody else to fill in: ${NAME} of
// Spring, shells and Kafka's own providers, {{ ... }} of templates.
var blanks = regexp.MustCompile(`\$\{[^}\n]*\}|\{\{[^}\n]*\}\}|#\{[^}\n]*\}`)

// hear sets one value from its entry.
func (i *importer) hear(row setting.Row, w word, e entry) {
	if row.Secret {
		i.secret(row.Key, e)
		return
	}
	if e.value.kind == name && !w.symbol(e.value) {
		e.value.kind = code // a name of the program's own
	}
	origin := Origin{Line: e.line, Column: e.column, Name: e.name}
	if blank := blankOf(e.value); blank != "" && (e.value.kind != code || !w.symbol(e.value)) {
		i.blank(row.Key, blank, e)
		if v, err := i.im.Values.With(row.Key, e.value.text); err == nil && e.value.kind == written && row.Kind.Type() == "string" && row.Kind.Enum() == nil {
			i.im.Values, i.im.Origins[row.Key] = v, origin
		}
		return
	}
	canonical, nearest, bad := w.hear(row, e.value, i.client)
	if bad == nil {
		v, err := i.im.Values.With(row.Key, canonical)
		if err == nil {
			i.im.Values, i.im.Origins[row.Key] = v, origin
			if nearest != "" {
				i.loss(Loss{Key: row.Key, Name: named(e.name), Line: e.line, Say: nearest, Nearest: string(row.Key) + "=" + canonical})
			}
			return
		}
		bad = heardError(row, err)
	}
	if bad.apart {
		i.loss(Loss{Key: row.Key, Name: named(e.name), Line: e.line, Say: bad.say, Nearest: bad.hint})
		return
	}
	i.problem(Problem{
		Severity: setting.Error, Line: e.line, Column: e.column, Key: row.Key,
		Say: named(e.name) + ": " + bad.say, Hint: bad.hint,
	})
}

// symbol says whether a name is one that stands for a value.
func (w word) symbol(v value) bool {
	if slices.ContainsFunc(w.pairs, func(p [2]string) bool { return p[1] == v.text }) {
		return true
	}
	if w.own == nil {
		return false
	}
	_, _, _, ok := w.own(v)
	return ok
}

func (i *importer) blank(k setting.Key, shows string, e entry) {
	if len(i.im.Blanks) < mostTold {
		i.im.Blanks = append(i.im.Blanks, Blank{Key: k, Text: shows, Line: e.line, Column: e.column})
	}
}

// blankOf is the part of a value that somebody else fills in; empty: none.
func blankOf(v value) string {
	switch v.kind {
	case elsewhere:
		return v.text
	case code:
		return "(" + v.text + ")"
	case written:
		return blanks.FindString(v.text)
	default:
		return ""
	}
}

// misheard is why a value does not come across. Apart says that its client
// takes it all the same, so that it is a loss and not an error.
type misheard struct {
	say, hint string
	apart     bool
}

// hear turns a value into Kafka's text. Nearest, where it is not empty, says
// that the text is only the nearest that Kafka has.
func (w word) hear(row setting.Row, v value, c *client) (canonical, nearest string, bad *misheard) {
	for _, p := range w.pairs {
		if v.text == p[1] || v.kind != name && strings.EqualFold(v.text, p[1]) {
			return p[0], "", nil
		}
	}
	if w.own != nil {
		if canonical, nearest, bad, ok := w.own(v); ok {
			return canonical, nearest, bad
		}
	}
	if v.kind == nothing {
		return setting.Defaults().Text(row.Key), "", nil
	}
	if w.only {
		said := make([]string, len(w.pairs))
		for n, p := range w.pairs {
			said[n] = p[1]
		}
		return "", "", &misheard{say: shown(v.text) + " is not one of its values", hint: "one of " + strings.Join(said, ", ")}
	}
	switch formOf(row.Key) {
	case asNumber:
		if row.Kind.Type() == "double" {
			return v.text, "", nil
		}
		return w.hearNumber(row, v)
	case asTruth:
		return hearTruth(v, c)
	default:
		return v.text, "", nil
	}
}

// wholeNumber is a number as every client reads it: no unit, no comma.
var wholeNumber = regexp.MustCompile(`^[+-]?[0-9]{1,40}$`)

var decimalNumber = regexp.MustCompile(`^[+-]?[0-9]{1,30}\.[0-9]{1,30}$`)

func (w word) hearNumber(row setting.Row, v value) (canonical, nearest string, bad *misheard) {
	n, exact, ok := w.whole(v)
	text := strings.TrimSpace(v.text)
	if !ok {
		return "", "", w.noNumber(row, text)
	}
	if w.unit > 1 {
		n.Mul(n, big.NewInt(w.unit))
	}
	bounded := w.least != w.most
	if bounded && (n.Cmp(big.NewInt(w.least)) < 0 || n.Cmp(big.NewInt(w.most)) > 0) {
		return "", "", &misheard{say: shown(text) + " is out of range", hint: fmt.Sprintf("a whole number from %d to %d", w.theirs(w.least), w.theirs(w.most))}
	}
	canonical, clamped := within(row, n)
	switch {
	case clamped && !bounded:
		least, most := row.Kind.Bounds()
		return "", "", &misheard{say: shown(text) + " is out of range", hint: rangeText(least, most)}
	case clamped:
		nearest = "Kafka's bounds are narrower."
	case !exact:
		nearest = "Kafka counts whole milliseconds."
	}
	return canonical, nearest, nil
}

// whole reads a number, in whole milliseconds where it is a length of time; it
// is exact if nothing had to be rounded up.
func (w word) whole(v value) (n *big.Int, exact, ok bool) {
	text := strings.TrimSpace(v.text)
	r := new(big.Rat)
	switch {
	case v.kind == nanos:
		if _, ok = r.SetString(text); ok {
			r.Quo(r, big.NewRat(1_000_000, 1))
		}
	case wholeNumber.MatchString(text), w.fraction && decimalNumber.MatchString(text):
		_, ok = r.SetString(text)
	}
	if !ok {
		return nil, false, false
	}
	n = new(big.Int).Quo(r.Num(), r.Denom())
	if !r.IsInt() && r.Sign() > 0 {
		n.Add(n, big.NewInt(1))
	}
	return n, r.IsInt(), true
}

func (w word) theirs(n int64) int64 { return n / max(w.unit, 1) }

func rangeText(least, most string) string {
	switch {
	case least != "" && most != "":
		return "a whole number from " + least + " to " + most
	case least != "":
		return "a whole number, " + least + " or more"
	default:
		return "a whole number"
	}
}

// within keeps a number inside of what Kafka takes.
func within(row setting.Row, n *big.Int) (canonical string, clamped bool) {
	least, most := row.Kind.Bounds()
	for _, bound := range []struct {
		text string
		sign int
	}{{least, -1}, {most, 1}} {
		if limit, ok := new(big.Int).SetString(bound.text, 10); ok && n.Cmp(limit) == bound.sign {
			return bound.text, true
		}
	}
	if !n.IsInt64() {
		return n.String(), true
	}
	return n.String(), false
}

// noNumber says what is wrong with a text, and what it would be without its
// unit where it has one of ours.
func (w word) noNumber(row setting.Row, text string) *misheard {
	least, most := row.Kind.Bounds()
	bad := &misheard{say: shown(text) + " is not a whole number", hint: rangeText(least, most)}
	if canonical, err := row.Kind.Parse(text); err == nil {
		if n, err := strconv.ParseInt(canonical, 10, 64); err == nil {
			bad.hint = fmt.Sprintf("units are not read there: write %d", w.theirs(n))
		}
	}
	return bad
}

func hearTruth(v value, c *client) (canonical, nearest string, bad *misheard) {
	text := strings.ToLower(strings.TrimSpace(v.text))
	short := map[string]string{"1": "true", "0": "false", "t": "true", "f": "false"}
	if full, ok := short[text]; ok && !c.java {
		text = full
	}
	if text == "true" || text == "false" {
		return text, "", nil
	}
	return "", "", &misheard{say: shown(v.text) + " is neither true nor false", hint: "true or false"}
}

// heardError puts the table's own words into ours.
func heardError(row setting.Row, err error) *misheard {
	var bad *setting.ValueError
	if !errors.As(err, &bad) {
		return &misheard{say: err.Error()}
	}
	hint := bad.Hint
	if words := row.Kind.Enum(); len(words) > 0 {
		hint = "one of " + strings.Join(words, ", ")
	}
	return &misheard{say: bad.Say, hint: hint}
}

// secret keeps a secret that the file holds, hidden. Nothing here may repeat it.
func (i *importer) secret(k setting.Key, e entry) {
	if !slices.Contains(i.im.Secrets, k) {
		i.im.Secrets = append(i.im.Secrets, k)
	}
	if blank := blankOf(e.value); blank != "" {
		i.blank(k, blank, e)
		if e.value.kind != written || blank == strings.TrimSpace(e.value.text) {
			return
		}
	}
	if e.value.kind == nothing || e.value.text == "" {
		return
	}
	v, err := i.im.Values.WithSecret(k, setting.Secret(e.value.text))
	if err == nil {
		i.im.Values = v
		i.im.Origins[k] = Origin{Line: e.line, Column: e.column, Name: e.name}
		return
	}
	p := Problem{Severity: setting.Error, Line: e.line, Column: e.column, Key: k}
	var bad *setting.ValueError
	if errors.As(err, &bad) {
		p.Say, p.Hint = fmt.Sprintf("%s: %s", k, bad.Say), bad.Hint
	}
	if k == setting.SASLJaasConfig && !knownModule(e.value.text) {
		p.Severity, p.Ours, p.Say = setting.Warning, true, fmt.Sprintf("%s names a login module that is not possible here", k)
	}
	i.problem(p)
}

func knownModule(jaas string) bool {
	module, _, _ := strings.Cut(strings.TrimSpace(jaas), " ")
	return slices.Contains([]string{setting.PlainModule, setting.ScramModule, setting.OAuthModule}, module)
}
