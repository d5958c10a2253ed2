package setting

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind is the type of a setting's values: it parses what a person wrote, and
// shows what was parsed. The zero Kind accepts any text.
type Kind struct {
	form  form
	unit  unit
	least int64
	most  int64
	words []string                                              // of a choice, in menu order, as people see them
	alias map[string]string                                     // other spellings of a choice, and the canonical one
	fold  bool                                                  // a choice in any case, as Kafka takes some
	hole  func(int64) bool                                      // numbers between the bounds that are refused
	unset bool                                                  // empty text is allowed and means Java's null
	takes string                                                // of words with figures: what they look like
	read  func(text string) (canonical string, bad *ValueError) // nil: as the form is read
}

// form is the shape of a kind's text.
type form string

const (
	wholeInt   form = "int"
	wholeLong  form = "long"
	wholeShort form = "short"
	fraction   form = "double" // bounds in hundredths
	boolean    form = "boolean"
	choice     form = "string"
	freeText   form = "text"
	password   form = "password"
	class      form = "class"
	className  form = "class name"
	addresses  form = "list"
	textList   form = "text list"
	choiceList form = "choice list"
	span       form = "duration"
	wordForm   form = "words" // with figures behind some of them; takes and read tell
)

func integer(u unit, least, most int64) Kind {
	return Kind{form: wholeInt, unit: u, least: least, most: most}
}

func long(u unit, least, most int64) Kind {
	return Kind{form: wholeLong, unit: u, least: least, most: most}
}

func oneOf(words ...string) Kind { return Kind{form: choice, words: words} }

// Type is the type's name as Kafka's ConfigDef prints it in lower case;
// settings of our own add "duration".
func (k Kind) Type() string {
	switch k.form {
	case freeText, wordForm, "":
		return string(choice)
	case className:
		return string(class)
	case textList, choiceList:
		return string(addresses)
	default:
		return string(k.form)
	}
}

// Unit is what a plain number counts: "ms", "bytes", "records/s", or nothing.
func (k Kind) Unit() string { return string(k.unit) }

// Bounds are the least and the greatest value, inclusive and in canonical
// text; empty where only a 64-bit number's own range bounds it.
func (k Kind) Bounds() (least, most string) {
	switch k.form {
	case wholeInt, wholeLong, wholeShort:
		if k.least != math.MinInt64 {
			least = strconv.FormatInt(k.least, 10)
		}
		if k.most != math.MaxInt64 {
			most = strconv.FormatInt(k.most, 10)
		}
	case fraction:
		if k.least != math.MinInt64 {
			return hundredths(k.least), hundredths(k.most)
		}
	case span:
		return spanText(time.Duration(k.least)), spanText(time.Duration(k.most))
	default:
	}
	return least, most
}

// Enum lists the values of a choice in menu order, in words that Parse takes;
// nil for any other kind.
func (k Kind) Enum() []string {
	switch k.form {
	case boolean:
		return []string{"false", "true"}
	case choiceList:
		return nil // a value is a list of them
	default:
		return slices.Clone(k.words)
	}
}

// Takes says in a few words what the kind takes where Enum and Bounds do not
// tell all of it; else it is empty.
func (k Kind) Takes() string { return k.takes }

// Parse turns what a person wrote into canonical text: plain numbers, lower
// case words. The error is a *ValueError without its Key.
func (k Kind) Parse(text string) (canonical string, err error) {
	text = strings.TrimSpace(text) // as Kafka does
	if text == "" && k.unset {
		return "", nil
	}
	canonical, bad := k.parser()(text)
	if bad != nil {
		if k.form != password {
			bad.Text = text
		}
		return "", bad
	}
	return canonical, nil
}

// parser is how the kind's form is read.
func (k Kind) parser() func(text string) (string, *ValueError) {
	if k.read != nil {
		return k.read
	}
	switch k.form {
	case wholeInt, wholeLong, wholeShort:
		return k.parseNumber
	case fraction:
		return k.parseFraction
	case boolean:
		return parseBoolean
	case choice, class:
		return k.parseChoice
	case addresses:
		return parseAddresses
	case textList, choiceList:
		return k.parseList
	case span:
		return k.parseSpan
	case password:
		return parseNoSecret
	default:
		return parseText
	}
}

// Show puts canonical text into words for people: 33554432 becomes "32 MiB".
// Nothing is rounded; text that is not canonical is returned as it is.
func (k Kind) Show(canonical string) string {
	switch k.form {
	case wholeInt, wholeLong, wholeShort:
		n, err := strconv.ParseInt(canonical, 10, 64)
		if err != nil {
			return canonical
		}
		return k.unit.show(n)
	case choice, class:
		for _, w := range k.words {
			if to, ok := k.alias[w]; ok && to == canonical {
				return w
			}
		}
	default:
	}
	return canonical
}

// parseNumber reads a whole number, with or without a unit of the kind's own
// dimension.
func (k Kind) parseNumber(text string) (string, *ValueError) {
	n, bad := k.unit.parse(text)
	if bad != nil {
		bad.Hint = k.bounds()
		return "", bad
	}
	if !n.IsInt64() || n.Int64() < k.least || n.Int64() > k.most {
		return "", &ValueError{Say: quote(text) + " is out of range", Hint: k.bounds()}
	}
	if k.hole != nil && k.hole(n.Int64()) {
		return "", &ValueError{Say: quote(text) + " is not one of its values", Hint: k.bounds()}
	}
	return n.String(), nil
}

// bounds says in words what a number may be.
func (k Kind) bounds() string {
	of := ""
	if k.unit != plain {
		of = " of " + k.unit.noun()
	}
	least, most := k.Bounds()
	within := "a whole number" + of
	switch {
	case least != "" && most != "":
		within += " from " + least + " to " + most
	case least != "":
		within += ", " + least + " or more"
	default:
	}
	return within + k.unit.examples()
}

func parseBoolean(text string) (string, *ValueError) {
	switch strings.ToLower(text) {
	case "true":
		return "true", nil
	case "false":
		return "false", nil
	default:
		return "", &ValueError{Say: quote(text) + " is neither true nor false", Hint: "true or false"}
	}
}

// parseChoice is case-sensitive where Kafka is.
func (k Kind) parseChoice(text string) (string, *ValueError) {
	if k.fold {
		for _, w := range k.words {
			if strings.EqualFold(w, text) {
				return w, nil
			}
		}
	}
	if to, ok := k.alias[text]; ok {
		return to, nil
	}
	if slices.Contains(k.words, text) {
		return text, nil
	}
	return "", &ValueError{Say: quote(text) + " is not one of its values", Hint: "one of " + strings.Join(k.words, ", ")}
}

// parseSpan reads a length of time that carries its own unit; a bare number
// other than 0 says nothing and is refused.
func (k Kind) parseSpan(text string) (string, *ValueError) {
	hint := "0, or a time with its unit up to " + spanText(time.Duration(k.most)) + ", such as 500us, 30ms or 1.5s"
	d, err := time.ParseDuration(text)
	if err != nil {
		return "", &ValueError{Say: quote(text) + " is not a length of time", Hint: hint}
	}
	if d < time.Duration(k.least) || d > time.Duration(k.most) {
		return "", &ValueError{Say: quote(text) + " is out of range", Hint: hint}
	}
	return spanText(d), nil
}

// spanText is Go's own duration text in ASCII, with "0" for none.
func spanText(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	return strings.Replace(d.String(), "\u00b5", "u", 1)
}
