package dialect

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"kdyno/engine/setting"
)

// line is one value of an export.
type line struct {
	key  setting.Key
	name string
	text string
	form form
	why  string // a remark, where the person did not ask for it
	fill string // the variable that holds the value, which is never written
}

// exporter turns values into lines.
type exporter struct {
	client *client
	config Config
	asked  setting.Values // as they were given
	values setting.Values // as the client has to be told
	told   setting.Values // the same, as the client's own defaults look at it
	lines  []line
	losses []Loss
	done   map[setting.Key]bool // said in company with others
}

// Write writes a configuration down in the dialect of that name, with a comment
// on top that says what it is. The losses say what the dialect cannot say, or
// says otherwise. The error, an *Error, says that there is no such dialect.
func Write(name string, c Config) (string, []Loss, error) {
	d, bad := byName(name)
	if bad != nil {
		return "", nil, bad
	}
	e := &exporter{client: d.client, config: c, asked: c.Values, values: c.Values, done: map[setting.Key]bool{}}
	if !d.client.java {
		e.values = c.Values.Effective()
	}
	e.told, _ = e.values.With(setting.EnableIdempotence, e.values.Text(setting.EnableIdempotence)) // its own text is valid
	e.say()
	body := d.put(e)
	return e.head(d) + body, e.losses, nil
}

// say goes through the table.
func (e *exporter) say() {
	if e.client.more != nil {
		e.client.more(e)
	}
	place := map[setting.Key]int{}
	for n, row := range setting.Rows() {
		place[row.Key] = n
		if e.done[row.Key] {
			continue
		}
		w, ok := e.client.says(row.Key)
		switch {
		case row.Secret && ok:
			e.secret(row.Key, w.name)
		case row.Secret:
			e.unsaid(row, e.client.reason(row)+", and a secret is never written")
		case ok:
			e.speak(row, w)
		case row.Scope != setting.Producer:
			e.unsaid(row, cmp.Or(e.client.cannot[row.Key], noProducers))
		default:
			e.unsaid(row, e.client.reason(row))
		}
	}
	slices.SortStableFunc(e.lines, func(a, b line) int { return cmp.Compare(place[a.key], place[b.key]) })
	slices.SortStableFunc(e.losses, func(a, b Loss) int { return cmp.Compare(place[a.Key], place[b.Key]) })
}

const noProducers = "it is kdyno's own, and no setting of a producer"

// unsaid records what has no word, where it is not what everybody does anyway.
func (e *exporter) unsaid(row setting.Row, why string) {
	if e.values.Text(row.Key) == e.client.std(row.Key, e.told) {
		return
	}
	e.lose(row.Key, why, "")
}

// lose records a value that does not come across; nearest is what stands there.
func (e *exporter) lose(k setting.Key, why, nearest string) {
	e.losses = append(e.losses, Loss{Key: k, Say: fmt.Sprintf("%s=%s: %s.", k, e.values.Text(k), why), Nearest: nearest})
}

// remark records a value that comes across and means something else there.
func (e *exporter) remark(k setting.Key, why string) {
	e.losses = append(e.losses, Loss{Key: k, Say: fmt.Sprintf("%s: %s.", k, why), Kept: true})
}

func (e *exporter) add(l line) { e.lines = append(e.lines, l) }

// wanted says whether a value has to be written: a person set it, or the client
// would do otherwise by itself. Why is the remark for the second case.
func (e *exporter) wanted(k setting.Key) (why string, wanted bool) {
	v, std := e.values.Text(k), e.client.std(k, e.told)
	switch {
	case e.values.IsSet(k):
		return "", v != "" || setting.Defaults().Text(k) != ""
	case v == std:
		return "", false
	case std == "":
		return "Kafka's default", true
	default:
		return fmt.Sprintf("Kafka's default; %s's own is %s", e.client.name, e.client.inWords(k, std)), true
	}
}

// speak writes one value.
func (e *exporter) speak(row setting.Row, w word) {
	why, wanted := e.wanted(row.Key)
	if !wanted {
		return
	}
	text, form, lost := w.speak(e.values.Text(row.Key))
	if lost == notSaid {
		e.lose(row.Key, e.client.name+" "+lost, "")
		return
	}
	e.add(line{key: row.Key, name: w.name, text: text, form: form, why: why})
	switch {
	case lost != "":
		e.lose(row.Key, lost, w.name+"="+text)
	case w.note != "" && e.asked.IsSet(row.Key):
		e.remark(row.Key, w.note)
	}
}

const notSaid = "has no such value"

// speak turns Kafka's text into the client's. Lost says what went missing.
func (w word) speak(canonical string) (text string, f form, lost string) {
	for _, p := range w.pairs {
		if p[0] == canonical {
			return p[1], w.form, ""
		}
	}
	if w.only {
		return "", w.form, notSaid
	}
	n, err := strconv.ParseInt(canonical, 10, 64)
	if err != nil || w.form != asNumber && w.form != asSpan {
		return canonical, w.form, ""
	}
	for _, p := range w.pairs {
		if n < 0 && p[0] == "-1" {
			return p[1], w.form, "every number below 0 means the same"
		}
	}
	clamped := n
	if w.least != w.most {
		clamped = min(max(n, w.least), w.most)
	}
	if clamped != n {
		lost = fmt.Sprintf("it takes %d to %d there", w.theirs(w.least), w.theirs(w.most))
	}
	if unit := max(w.unit, 1); clamped%unit != 0 {
		clamped = (clamped/unit + 1) * unit
		lost = cmp.Or(lost, fmt.Sprintf("it is counted in units of %d there", unit))
	}
	return strconv.FormatInt(w.theirs(clamped), 10), w.form, lost
}

// variable is the name under which a value is to be found in the environment.
func variable(name string) string {
	return "KAFKA_" + strings.ToUpper(strings.ReplaceAll(name, ".", "_"))
}

// secret leaves a secret to the environment.
func (e *exporter) secret(k setting.Key, name string) {
	if !e.asked.IsSet(k) && !e.needs(k) {
		return
	}
	e.hide(k, name, variable(string(k)))
	e.lose(k, "a secret is never written", "${"+variable(string(k))+"}")
}

// hide writes the variable that is to hold a secret.
func (e *exporter) hide(k setting.Key, name, variable string) {
	e.add(line{key: k, name: e.spelt(name), text: "${" + variable + "}", fill: variable})
}

// The variables that are to hold a login's name and password.
const (
	userVariable     = "KAFKA_SASL_USERNAME"
	passwordVariable = "KAFKA_SASL_PASSWORD"
)

func (e *exporter) spelt(name string) string {
	if e.client.spell == nil {
		return name
	}
	return e.client.spell(name)
}

// needs says that a client cannot start without a secret that presets do not
// hold.
func (e *exporter) needs(k setting.Key) bool {
	v := e.values
	switch k {
	case setting.SASLJaasConfig:
		return usesLogin(v)
	case setting.SSLKeystorePassword:
		return v.Text(setting.SSLKeystoreLocation) != "" && v.Text(setting.SSLKeystoreType) != "PEM"
	default:
		return false
	}
}

func usesLogin(v setting.Values) bool {
	return v.Text(setting.SecurityProtocol) == setting.SASLPlaintext || v.Text(setting.SecurityProtocol) == setting.SASLSSL
}

func usesTLS(v setting.Values) bool {
	return v.Text(setting.SecurityProtocol) == setting.SSL || v.Text(setting.SecurityProtocol) == setting.SASLSSL
}

// head is the comment on top.
func (e *exporter) head(d *Dialect) string {
	what := d.Title + ", written by kdyno"
	if e.config.Name != "" {
		what = fmt.Sprintf("%s of %q, written by kdyno", d.Title, e.config.Name)
	}
	paragraphs := append([]string{what}, strings.Split(strings.TrimSpace(e.config.Note), "\n")...)
	for _, m := range e.config.Measured {
		paragraphs = append(paragraphs, "Measured: "+m)
	}
	g := e.config.Values.Guarantee()
	paragraphs = append(paragraphs, "Guarantee: "+g.Name)
	for _, because := range g.Because {
		paragraphs = append(paragraphs, "  because: "+because)
	}
	if fill := e.fills(); len(fill) > 0 {
		paragraphs = append(paragraphs, "To be filled in, since secrets are never written: "+strings.Join(fill, ", "))
	}
	paragraphs = append(paragraphs, e.lost()...)
	var b strings.Builder
	for _, p := range paragraphs {
		for _, part := range folded(tidy(p)) {
			b.WriteString(strings.TrimRight(d.mark+" "+part, " ") + "\n")
		}
	}
	return b.String()
}

func (e *exporter) fills() []string {
	var names []string
	for _, l := range e.lines {
		if l.fill != "" {
			names = append(names, l.fill)
		}
	}
	return names
}

// lost groups the losses, the same reason once.
func (e *exporter) lost() []string {
	var lines []string
	own := 0
	for _, l := range e.losses {
		row, _ := setting.Find(l.Key)
		switch {
		case row.Secret && slices.ContainsFunc(e.lines, func(line line) bool { return line.key == l.Key && line.fill != "" }):
		case strings.HasSuffix(l.Say, noProducers+"."):
			own++
		case l.Nearest != "":
			lines = append(lines, "  "+l.Say+" Here it is "+l.Nearest+".")
		default:
			lines = append(lines, "  "+l.Say)
		}
	}
	if own > 0 {
		lines = append(lines, "  "+plural(own, "setting", "settings")+" of the load and the stand, which are no producer's.")
	}
	if len(lines) > 0 {
		lines = append([]string{"Not said here, or meant otherwise:"}, lines...)
	}
	return lines
}

// tidy keeps a person's own words on their line of comment.
func tidy(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.TrimRight(text, "\r"))
}

// folded breaks a line between words, and keeps what it began with.
func folded(text string) []string {
	const width = 100
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
	var lines []string
	line := indent
	for word := range strings.FieldsSeq(text) {
		if len(line) > len(indent) && len(line)+1+len(word) > width {
			lines, line = append(lines, line), indent+"  "
		}
		if strings.TrimSpace(line) != "" {
			line += " "
		}
		line += word
	}
	if strings.TrimSpace(line) == "" {
		return nil
	}
	return append(lines, line)
}
