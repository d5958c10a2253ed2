package dialect

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"kdyno/engine/setting"
)

const pageHead = `# Dialects

What kdyno reads and writes besides its own presets, made from the tables that it reads and writes with.

- ` + "`kdyno presets import FILE`" + ` saves a file in any dialect as a preset, ` + "`kdyno presets export NAME --dialect D`" + ` writes one,
  ` + "`--config FILE`" + ` runs with one. A dialect is recognised by what is in the file; ` + "`--dialect`" + ` says it.
- A value that cannot be said in a dialect, or only otherwise, is listed: in the header of an export and beside an import.
- A client that does otherwise than Kafka's where nothing is said is told Kafka's value in an export; read, it counts as set to its own.
- Nothing is filled in: a ` + "`${NAME}`" + ` stays as it stands, and is reported. Secrets are never written, ` + "`${KAFKA_...}`" + ` stands in their place.
- Values are read as the client itself reads them: no ` + "`5ms`" + ` in a Java file.
- A file has at most 2 MiB.

| dialect | is | settings and defaults of |
|---|---|---|
`

// Markdown writes docs/dialects.md.
func Markdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString(pageHead)
	var clients []*client
	for _, d := range dialects {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", d.Name, d.Title, d.client.name)
		if !slices.ContainsFunc(clients, func(c *client) bool { return c.name == d.client.name }) {
			clients = append(clients, d.client)
		}
	}
	for _, c := range clients {
		c.page(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// page is what is to be known of one client.
func (c *client) page(b *strings.Builder) {
	title := c.name
	if rest, ok := strings.CutPrefix(title, "the "); ok {
		title = "The " + rest
	}
	fmt.Fprintf(b, "\n## %s\n", title)
	if c.about != "" {
		fmt.Fprintf(b, "\n%s\n", c.about)
	}
	c.namePage(b)
	if c == dotnetClient {
		return
	}
	c.ownPage(b)
	c.cannotPage(b)
}

// namePage lists what is called or counted otherwise.
func (c *client) namePage(b *strings.Builder) {
	var rows []string
	for _, w := range c.words {
		differs := c.difference(w)
		if !c.told(w, differs) {
			continue
		}
		name := "`" + w.name + "`"
		if c != springClient && c.fold == nil {
			for _, also := range w.also {
				name += ", `" + also + "`"
			}
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |", w.key, name, differs))
	}
	if len(rows) == 0 {
		return
	}
	b.WriteString("\n| setting | there | differs |\n|---|---|---|\n" + strings.Join(rows, "\n") + "\n")
}

// told leaves out the names that follow a rule, which is told once.
func (c *client) told(w word, differs string) bool {
	switch {
	case c == springClient:
		return !strings.HasPrefix(w.name, springProducer+springMap)
	case c == perfClient:
		return strings.HasPrefix(w.name, "--") || len(w.also) > 0
	case c.jvm:
		return false
	}
	return w.name != string(w.key) || differs != "" || len(w.also) > 0
}

// difference says in a few words how a setting is meant otherwise.
func (c *client) difference(w word) string {
	var parts []string
	if w.unit > 1 {
		parts = append(parts, fmt.Sprintf("counts %d", w.unit))
	}
	if w.form == asSpan {
		parts = append(parts, "a time.Duration")
	}
	if w.least != w.most && !c.jvm {
		parts = append(parts, fmt.Sprintf("%d to %s", w.theirs(w.least), mostOf(w)))
	}
	for _, p := range w.pairs {
		if p[0] == "-1" || p[0] == "0" && c == perfClient {
			parts = append(parts, fmt.Sprintf("%s is %s", p[0], p[1]))
		}
	}
	if w.note != "" {
		parts = append(parts, w.note)
	}
	return strings.Join(parts, "; ")
}

func mostOf(w word) string {
	if w.most == 1<<63-1 {
		return "any number"
	}
	return fmt.Sprint(w.theirs(w.most))
}

// ownPage lists what a client does by itself otherwise than Kafka's.
func (c *client) ownPage(b *strings.Builder) {
	own := c.own(setting.Defaults())
	if len(own) == 0 && len(c.partitioners) == 0 {
		return
	}
	b.WriteString("\nWhere nothing is said:\n\n| setting | Kafka's default | its own, in Kafka's words |\n|---|---|---|\n")
	for _, k := range own {
		text := c.std(k, setting.Defaults())
		if text == unbounded {
			text = "no limit"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", k, setting.Defaults().Text(k), text)
	}
	if len(c.partitioners) > 0 {
		b.WriteString("\nPartitioners: ")
		var parts []string
		for _, p := range c.partitioners {
			kafka := "the built-in one"
			switch {
			case p.ignore:
				kafka = "`partitioner.ignore.keys`"
			case p.class != setting.BuiltIn:
				kafka = "`" + p.class + "`"
			}
			text := fmt.Sprintf("%s is `%s`", kafka, p.says)
			if p.differs != "" {
				text += ", where " + p.differs
			}
			parts = append(parts, text)
		}
		b.WriteString(strings.Join(parts, "; ") + ".\n")
	}
}

// cannotPage lists what has no word, with the reason.
func (c *client) cannotPage(b *strings.Builder) {
	var lines []string
	for _, row := range setting.Rows() {
		if why, ok := c.cannot[row.Key]; ok && row.Scope == setting.Producer {
			lines = append(lines, fmt.Sprintf("- `%s`: %s", row.Key, why))
		}
	}
	if len(lines) > 0 {
		b.WriteString("\nCannot be said:\n\n" + strings.Join(lines, "\n") + "\n")
	}
}
