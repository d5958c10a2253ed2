package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kdyno/engine/setting"
)

// client is whose words a dialect has: how its settings are called, in which
// unit, within which bounds, and what it does where nothing is said.
type client struct {
	name  string
	about string // a line or more for people
	words []word
	// java says that it is the Java client itself, which changes some values by
	// itself in the same quiet way; others have to be told.
	java bool
	// jvm says that Kafka's own client is inside, so that it refuses what that
	// refuses.
	jvm bool
	// defaults are what it does otherwise than Kafka's, given what was said.
	defaults func(said setting.Values) map[setting.Key]string
	// cannot says why a setting has no word.
	cannot map[setting.Key]string
	// foreign are its settings that Kafka's producer does not have, and what
	// they are.
	foreign map[string]string
	// beside are names that an export writes next to others: read, they say
	// nothing of their own.
	beside []string
	// consumer are the names, or beginnings of names, that only a consumer or
	// an admin client has.
	consumer []string
	// fold makes two spellings of a name the same.
	fold func(name string) string
	// spell turns a name of the words above into what stands in a text; nil: as
	// it is.
	spell func(name string) string
	// login is how certificates and passwords are called; nil: as Kafka does.
	login *login
	// partitioners are the client's, and what they are in Kafka's words.
	partitioners []partitioner
	// rest reads what takes more than one entry; nil: nothing does.
	rest func(*importer)
	// more writes what takes more than one setting; nil: nothing does.
	more func(*exporter)
}

// form is how a value is written where a language tells numbers from texts.
type form int

// The forms of a value.
const (
	asText form = iota
	asNumber
	asTruth
	asSpan   // a length of time; in Kafka's table milliseconds
	asSymbol // a name of the language or library itself
)

// word is one setting in a client's words.
type word struct {
	key  setting.Key
	name string
	also []string // other names for the same
	// std is what the client does where nothing is said, in Kafka's words;
	// empty: what Kafka does.
	std string
	// unit is how many of Kafka's units make one of the client's; 0: one.
	unit int64
	// least and most bound what the client takes, in Kafka's unit; both 0: as
	// Kafka does.
	least, most int64
	// pairs are values that are called otherwise, Kafka's first.
	pairs [][2]string
	// only says that nothing but the pairs can be said.
	only bool
	// fraction says that the client reads 0.5 where Kafka wants a whole number.
	fraction bool
	form     form
	note     string // how its meaning differs
	// own reads what the fields above cannot say; without ok they decide.
	own func(v value) (canonical, nearest string, bad *misheard, ok bool)
}

// like is a word that has Kafka's own name and meaning.
func like(keys ...setting.Key) []word {
	words := make([]word, len(keys))
	for i, k := range keys {
		words[i] = word{key: k, name: string(k), form: formOf(k)}
	}
	return words
}

func formOf(k setting.Key) form {
	row, _ := setting.Find(k)
	switch row.Kind.Type() {
	case "int", "long", "short", "double":
		return asNumber
	case "boolean":
		return asTruth
	default:
		return asText
	}
}

// standing is what a known name is.
type standing struct {
	word   int    // its place among the words, -1: it has none
	beside bool   // it says nothing of its own
	what   string // of a name that Kafka does not have
	why    string // it is no producer's
}

// names finds every name by its folded form. Open are the beginnings of names
// that are no producer's.
func (c *client) names() (known map[string]standing, open []string) {
	known = make(map[string]standing, 4*len(c.words))
	for _, name := range c.consumer {
		if begin, more := strings.CutSuffix(name, "*"); more {
			open = append(open, c.folded(begin))
			continue
		}
		known[c.folded(name)] = standing{word: -1, why: "it is a consumer's, or another client's"}
	}
	for name, what := range c.foreign {
		known[c.folded(name)] = standing{word: -1, what: what}
	}
	for _, name := range c.beside {
		known[c.folded(name)] = standing{word: -1, beside: true}
	}
	for n, w := range c.words {
		known[c.folded(w.name)] = standing{word: n}
		for _, also := range w.also {
			known[c.folded(also)] = standing{word: n}
		}
	}
	return known, open
}

func (c *client) folded(name string) string {
	if c.fold == nil {
		return name
	}
	return c.fold(name)
}

// says finds the word for a setting.
func (c *client) says(k setting.Key) (word, bool) {
	for _, w := range c.words {
		if w.key == k {
			return w, true
		}
	}
	return word{}, false
}

// std is what the client does for a setting where nothing is said.
func (c *client) std(k setting.Key, said setting.Values) string {
	if c.defaults != nil {
		if own, ok := c.defaults(said)[k]; ok {
			return own
		}
	}
	w, ok := c.says(k)
	switch {
	case ok && w.std != "":
		return w.std
	case !ok && k == setting.SocketSetupTimeoutMaxMs:
		// Where the time does not grow, what was said is not cut to Kafka's longest.
		return strconv.FormatInt(max(setting.Defaults().Int(k), said.Int(setting.SocketSetupTimeoutMs)), 10)
	}
	return setting.Defaults().Text(k)
}

// inWords shows a value as the client writes it.
func (c *client) inWords(k setting.Key, canonical string) string {
	if canonical == unbounded {
		return "no limit"
	}
	w, ok := c.says(k)
	if !ok {
		return canonical
	}
	text, form, _ := w.speak(canonical)
	if form == asSpan {
		text = goSpan(text)
	}
	return text
}

// own lists what the client does otherwise than Kafka's, in the table's order.
func (c *client) own(said setting.Values) []setting.Key {
	var keys []setting.Key
	for _, row := range setting.Rows() {
		if c.std(row.Key, said) != row.Default {
			keys = append(keys, row.Key)
		}
	}
	return keys
}

const inJVM = "it names something inside of a Java virtual machine"

// reason says why a setting has no word.
func (c *client) reason(row setting.Row) string {
	if why, ok := c.cannot[row.Key]; ok {
		return why
	}
	switch row.Group {
	case "tls in the jvm", "sasl in the jvm", "plug-ins", "serialization":
		return inJVM
	case "metrics":
		return "it shapes the Java client's own metrics"
	case "token checks":
		return "brokers check tokens with it, a producer does not"
	}
	return c.name + " has no such setting"
}

// nearest finds names of the client that a mistyped one may have meant.
func (c *client) nearest(name string) []string {
	type near struct {
		name string
		cost int
	}
	var found []near
	if len(name) > 80 {
		return nil
	}
	name = strings.ToLower(name)
	for _, w := range c.words {
		if cost := setting.Distance(name, strings.ToLower(w.name)); cost <= max(2, len(w.name)/4) {
			found = append(found, near{w.name, cost})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.cost - b.cost })
	var names []string
	for _, n := range found[:min(len(found), 3)] {
		names = append(names, n.name)
	}
	return names
}

// pascal turns a dotted name into one of .NET: linger.ms becomes LingerMs.
func pascal(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, ".") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

// unbounded stands for no limit where Kafka always has one.
const unbounded = "9223372036854775807"

func plural(n int, one, many string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s", one)
	}
	return fmt.Sprintf("%d %s", n, many)
}
