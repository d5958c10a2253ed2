package setting

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Markdown writes the table as the page docs/settings.md. Elsewhere says in one
// line what other clients do by default; it may be nil. The error is the writer's.
func Markdown(w io.Writer, elsewhere func(Key) string) error {
	page := bufio.NewWriter(w)
	// A bufio.Writer keeps its first error; Flush returns it.
	_, _ = page.WriteString(preface)
	var scope Scope
	var group string
	for _, r := range table {
		if r.Scope != scope {
			scope = r.Scope
			_, _ = fmt.Fprintf(page, "\n## %s\n\n%s\n", scopeTitles[scope], scopeTexts[scope])
		}
		if r.Group != group {
			group = r.Group
			_, _ = fmt.Fprintf(page, "\n### Group: %s\n", group)
		}
		r.markdown(page)
		r.knowledge(page, elsewhere)
	}
	return page.Flush()
}

const preface = `# Settings

Made by ` + "`kdyno settings --markdown`" + ` from the table in ` + "`engine/setting`" + `; do not edit it by hand.

Producer settings have the names, types, ranges and defaults of the Apache Kafka 4.x Java producer. Plain numbers
are in the unit that is given; ` + "`--set`" + `, steps, the editor and presets also take a unit and show it back plain:
` + "`linger.ms=2s`" + `, ` + "`batch.size=64KiB`" + ` (1024s) or ` + "`64kB`" + ` (1000s), ` + "`load.rate=180k`" + `.

How a setting is honoured: *exact*, the same meaning as in the Java client; *emulated*, the same meaning by machinery
of our own; *different*, honoured with the departure that its note tells. What is *meaningless* for a Go client,
*impossible* with its Kafka library or comes *later* is known by name and explained here; a run that sets it is
refused with the reason. A *secret* is never shown: it is given by ` + "`KEY=file:PATH`" + `, the environment or ` + "`KEY=ask`" + `.
`

var scopeTitles = map[Scope]string{Producer: "Producer", Load: "Load", Stand: "Stand"}

var scopeTexts = map[Scope]string{
	Producer: "Kafka's own. A change makes a new producer; the old one delivers what it holds first.",
	Load:     "What is sent, and when. A change is applied at once.",
	Stand:    "What the producer is tested against.",
}

func (r Row) markdown(w io.Writer) {
	facts := []string{r.Kind.Type(), "default " + r.defaultText(), r.Kind.rangeText(), string(r.How)}
	if r.Secret {
		facts = append(facts, "secret")
	}
	if r.AtStart {
		facts = append(facts, "at start only")
	}
	_, _ = fmt.Fprintf(w, "\n#### %s\n", r.Key)
	for _, text := range nonEmpty([]string{strings.Join(nonEmpty(facts), "; "), r.Doc, r.Cost}) {
		_, _ = fmt.Fprintf(w, "\n%s\n", text)
	}
	if r.Note != "" {
		_, _ = fmt.Fprintf(w, "\n*%s*\n", r.Note)
	}
}

// knowledge writes what there is to know besides the row: defaults of other
// versions and clients, rules, sources.
func (r Row) knowledge(w io.Writer, elsewhere func(Key) string) {
	var lines []string
	if text := r.HistoryLine(); text != "" {
		lines = append(lines, "Default by version: "+text+".")
	}
	if elsewhere != nil {
		if text := elsewhere(r.Key); text != "" {
			lines = append(lines, "Other clients by default: "+text+".")
		}
	}
	for _, rule := range RulesOf(r.Key) {
		lines = append(lines, "Rule: "+rule.Holds)
	}
	if sources := r.Sources(); len(sources) > 1 {
		lines = append(lines, "Sources: "+strings.Join(sources, "; ")+".")
	}
	if len(lines) > 0 {
		_, _ = fmt.Fprintf(w, "\n- %s\n", strings.Join(lines, "\n- "))
	}
}

// defaultText is the default as Kafka writes it, and in larger units.
func (r Row) defaultText() string {
	shown := r.Kind.Show(r.Default)
	switch {
	case r.Default == "" && shown == "":
		return "empty"
	case r.Default == "":
		return shown
	case shown != r.Default && r.Kind.Unit() != "":
		return "`" + r.Default + "` (" + shown + ")"
	default:
		return "`" + r.Default + "`"
	}
}

// rangeText says in a few words what the kind takes.
func (k Kind) rangeText() string {
	if k.takes != "" {
		return k.takes
	}
	if k.form == addresses {
		return "host:port,host:port"
	}
	if k.form == choiceList {
		return "some of " + strings.Join(k.words, ", ")
	}
	if words := k.Enum(); words != nil {
		return "one of " + strings.Join(words, ", ")
	}
	least, most := k.Bounds()
	unit := ""
	if k.Unit() != "" {
		unit = " " + k.Unit()
	}
	switch {
	case least != "" && most != "":
		return least + " to " + most + unit
	case least != "":
		return least + unit + " or more"
	default:
		return strings.TrimSpace(unit)
	}
}

func nonEmpty(texts []string) []string {
	kept := texts[:0]
	for _, t := range texts {
		if t != "" {
			kept = append(kept, t)
		}
	}
	return kept
}
