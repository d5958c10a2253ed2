package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"kdyno/engine/setting"
	"kdyno/engine/sizing"
	"kdyno/presets/dialect"
)

const lineWidth = 78

func (a *app) settingsCommand() *cobra.Command {
	var markdown bool
	cmd := &cobra.Command{
		Use:     "settings [KEY...]",
		Short:   "List what can be set, or explain some settings",
		Long:    "List what can be set, or explain some settings: what each does and costs, its\ndefaults in other versions and clients, how it is honoured here, the rules that\nname it, and where to read on. kdyno settings size KEY reckons what some of them\nshould be.",
		Example: "kdyno settings\nkdyno settings linger.ms batch.size\nkdyno settings --json\nkdyno settings size buffer.memory --rate 10k --size 1KiB --stall 30s",
		Args:    cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			rows, fail := chosen(args)
			if fail != nil {
				return fail
			}
			return a.writeSettings(cmd.OutOrStdout(), rows, len(args) > 0, markdown)
		}),
	}
	cmd.AddCommand(a.sizeCommand())
	cmd.Flags().Bool("json", false, "print the rows as a JSON array")
	cmd.Flags().BoolVar(&markdown, "markdown", false, "print the whole table as docs/settings.md")
	return cmd
}

func (a *app) writeSettings(w io.Writer, rows []setting.Row, named, markdown bool) *failure {
	switch {
	case markdown && (named || a.json):
		return usage("--markdown prints the whole table and nothing else", "leave the keys and --json out")
	case markdown:
		return failed(setting.Markdown(w, dialect.DefaultsLine))
	case a.json:
		shown := make([]settingJSON, len(rows))
		for i, r := range rows {
			shown[i] = asJSON(r)
		}
		text, err := line(shown)
		if err == nil {
			_, err = w.Write(text)
		}
		return failed(err)
	case named:
		return failed(explainRows(w, rows))
	}
	return failed(listRows(w, rows))
}

func chosen(keys []string) ([]setting.Row, *failure) {
	if len(keys) == 0 {
		return setting.Rows(), nil
	}
	var rows []setting.Row
	for _, k := range keys {
		row, ok := setting.Find(setting.Key(k))
		if !ok {
			return nil, badValue(setting.Unknown(k), "")
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// settingJSON is a row in the words of the contract. Bounds are numbers where
// the type is one, and text for a duration.
type settingJSON struct {
	Key     setting.Key   `json:"key"`
	Scope   setting.Scope `json:"scope"`
	Group   string        `json:"group"`
	Type    string        `json:"type"`
	Default string        `json:"default"`
	Min     any           `json:"min"`
	Max     any           `json:"max"`
	Enum    []string      `json:"enum"`
	Unit    string        `json:"unit"`
	How     setting.How   `json:"how"`
	Note    string        `json:"note"`
	Doc     string        `json:"doc"`

	Cost    string            `json:"cost"`
	History []setting.Was     `json:"history,omitempty"` // defaults by version of Kafka
	Clients []dialect.Default `json:"clients,omitempty"` // defaults of other clients
	Rules   []string          `json:"rules,omitempty"`   // that name it
	Sources []string          `json:"sources,omitempty"`
}

func asJSON(r setting.Row) settingJSON {
	least, most := r.Kind.Bounds()
	bound := func(text string) any {
		switch {
		case text == "":
			return nil
		case r.Kind.Type() == "int" || r.Kind.Type() == "long":
			return json.Number(text)
		}
		return text
	}
	var rules []string
	for _, rule := range setting.RulesOf(r.Key) {
		rules = append(rules, rule.Holds)
	}
	return settingJSON{
		Cost: r.Cost, History: r.History(), Clients: dialect.Defaults(r.Key), Rules: rules, Sources: r.Sources(),
		Key: r.Key, Scope: r.Scope, Group: r.Group, Type: r.Kind.Type(), Default: r.Default,
		Min: bound(least), Max: bound(most), Enum: r.Kind.Enum(), Unit: r.Kind.Unit(), How: r.How, Note: r.Note, Doc: r.Doc,
	}
}

func listRows(w io.Writer, rows []setting.Row) error {
	var b strings.Builder
	b.WriteString("KEY\tDEFAULT\tTAKES\tHONOURED\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", r.Key, quotedIfEmpty(r.Kind.Show(r.Default)), takes(r.Kind), r.How)
	}
	return columns(w, b.String())
}

// columns lines up what tabs part.
func columns(w io.Writer, text string) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	if _, err := io.WriteString(t, text); err != nil {
		return err
	}
	return t.Flush()
}

// takes says in a few words what a row accepts.
func takes(k setting.Kind) string {
	if text := k.Takes(); text != "" {
		return text
	}
	if words := k.Enum(); len(words) > 0 {
		return strings.Join(words, ", ")
	}
	text := k.Type()
	if k.Unit() != "" {
		text += " of " + k.Unit()
	}
	switch least, most := k.Bounds(); {
	case least != "" && most != "":
		text += ", " + least + " to " + most
	case least != "":
		text += ", from " + least
	}
	return text
}

func explainRows(w io.Writer, rows []setting.Row) error {
	var b strings.Builder
	for i, r := range rows {
		if i > 0 {
			b.WriteString("\n")
		}
		explainRow(&b, r)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// explainRow tells all that there is to know of a setting.
func explainRow(b *strings.Builder, r setting.Row) {
	where := string(r.Scope)
	if r.Group != "" && r.Group != where {
		where += ", " + r.Group
	}
	fmt.Fprintf(b, "%s (%s)\n", r.Key, where)
	facts := [][2]string{
		{"default", quotedIfEmpty(r.Kind.Show(r.Default))},
		{"versions", r.HistoryLine()},
		{"elsewhere", dialect.DefaultsLine(r.Key)},
		{"takes", takes(r.Kind)},
		{"honoured", string(r.How)},
	}
	if r.AtStart {
		facts = append(facts, [2]string{"changes", "only at the start of a session"})
	}
	for _, f := range facts {
		if f[1] != "" {
			b.WriteString(hanging(fmt.Sprintf("  %-10s", f[0]), f[1]))
		}
	}
	for _, text := range []string{r.Doc, r.Cost, r.Note} {
		if text != "" {
			b.WriteString("\n" + wrap(text, "  "))
		}
	}
	if rules := setting.RulesOf(r.Key); len(rules) > 0 {
		b.WriteString("\n  rules\n")
		for _, rule := range rules {
			b.WriteString(hanging("  - ", rule.Holds))
		}
	}
	if sizing.Can(r.Key) {
		fmt.Fprintf(b, "\n  reckoned by kdyno settings size %s\n", r.Key)
	}
	if sources := r.Sources(); len(sources) > 0 {
		b.WriteString("\n" + hanging("  sources   ", strings.Join(sources, "; ")))
	}
}

// hanging wraps a text behind its head, and indents the lines below as far.
func hanging(head, text string) string {
	return head + strings.TrimLeft(wrap(text, strings.Repeat(" ", len(head))), " ")
}

func quotedIfEmpty(text string) string {
	if text == "" {
		return `""`
	}
	return text
}

// wrap breaks a text between words into lines of at most lineWidth bytes.
func wrap(text, indent string) string {
	var b strings.Builder
	used := 0
	for word := range strings.FieldsSeq(text) {
		switch {
		case used == 0:
			b.WriteString(indent)
			used = len(indent)
		case used+1+len(word) > lineWidth:
			b.WriteString("\n" + indent)
			used = len(indent)
		default:
			b.WriteString(" ")
			used++
		}
		b.WriteString(word)
		used += len(word)
	}
	return b.String() + "\n"
}
