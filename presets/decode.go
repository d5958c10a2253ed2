package presets

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"kdyno/engine/setting"
)

// sections are the file's maps, one per scope of the table.
var sections = []string{"producer", "load", "stand"}

// The other fields that the file has.
var fields = append([]string{
	"schema", "name", "note", "for", "base", "expect", "measured", "because", "sources", "claims",
}, sections...)

// decode reads a file's text. The error is an *Error with every problem; the
// preset then holds what could be read all the same.
func decode(path string, text []byte) (Preset, error) {
	d := decoder{preset: Preset{Values: setting.Defaults(), Lines: map[setting.Key]int{}, read: source{text: text, sum: sumOf(text)}}}
	top, err := parse(path, text)
	if err != nil {
		return Preset{}, err
	}
	d.top(top)
	if len(d.problems) > 0 {
		slices.SortStableFunc(d.problems, func(a, b Problem) int { return a.Line - b.Line })
		return d.preset, &Error{Path: path, Problems: d.problems}
	}
	return d.preset, nil
}

// parse gives the file's outermost map.
func parse(path string, text []byte) (*yaml.Node, error) {
	if len(text) > maxBytes {
		return nil, refusal(path, fmt.Sprintf("larger than %d MiB, so it is no preset", maxBytes>>20), "check the path", nil)
	}
	var doc yaml.Node
	// Repeated keys are told by the decoder, which knows what they mean.
	if err := yaml.Load(text, &doc, yaml.WithUniqueKeys(false)); err != nil {
		p := syntax(err)
		if line := tabbed(text); line > 0 && (p.Line == 0 || line <= p.Line) {
			p = Problem{Line: line, Say: "not YAML: a tab indents this line", Hint: "indent with spaces: YAML takes no tabs there"}
		}
		return nil, &Error{Path: path, Problems: []Problem{p}, Cause: err}
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, refusal(path, "not a preset: a map with schema: "+Schema+" is wanted", "kdyno presets save NAME writes one to start from", nil)
	}
	return doc.Content[0], nil
}

func syntax(err error) Problem {
	p := Problem{Say: "not YAML: " + strings.TrimPrefix(err.Error(), "yaml: "), Hint: "mend the line, or save the preset again"}
	var at *yaml.LoadError
	if errors.As(err, &at) {
		p.Line, p.Say = at.Mark.Line, "not YAML: "+at.Message
	}
	return p
}

// tabbed finds the first line that a tab indents, which YAML does not take; 0:
// none.
func tabbed(text []byte) int {
	line := 0
	for l := range bytes.Lines(text) {
		line++
		if blanks := l[:len(l)-len(bytes.TrimLeft(l, " \t"))]; bytes.ContainsRune(blanks, '\t') && len(bytes.TrimSpace(l)) > 0 {
			return line
		}
	}
	return 0
}

type decoder struct {
	preset   Preset
	problems []Problem
}

func (d *decoder) problem(n *yaml.Node, key setting.Key, say, hint string) {
	d.problems = append(d.problems, Problem{Line: n.Line, Key: key, Say: say, Hint: hint})
}

func (d *decoder) top(m *yaml.Node) {
	versioned := false
	d.pairs(m, func(k, v *yaml.Node) {
		if k.Value == "schema" {
			versioned = true
		}
		d.field(k, v)
	})
	if !versioned {
		d.problem(m, "", "not a preset: the line schema: "+Schema+" is missing", "add that line if this file is meant to be one")
	}
}

// field reads one line of the outermost map.
func (d *decoder) field(k, v *yaml.Node) {
	p := &d.preset
	switch k.Value {
	case "schema":
		d.schema(k, v)
	case "name":
		p.Name = d.text(k, v)
	case "note":
		p.Note = d.text(k, v)
	case "for":
		p.For = d.text(k, v)
	case "base":
		p.Base = d.base(k, v)
	case "expect":
		p.Expect = d.expressions(k, v)
	case "measured":
		p.Measured = d.measured(v)
	case "because":
		p.Reasons.Because = d.list(k, v, nil)
	case "sources":
		p.Reasons.Sources = d.list(k, v, nil)
	case "claims":
		p.Reasons.Claims = d.list(k, v, func(text string) error {
			_, err := ParseClaim(text)
			return err
		})
	default:
		if slices.Contains(sections, k.Value) {
			d.section(k, v)
			return
		}
		d.unknown(k, v)
	}
}

func (d *decoder) schema(k, v *yaml.Node) {
	text := d.text(k, v)
	switch {
	case text == Schema:
	case strings.HasPrefix(text, schemaFamily):
		d.problem(v, "", fmt.Sprintf("schema %q is of a newer kdyno than this one", text), "it reads "+Schema+": use the newer kdyno, or save the preset with this one under another name")
	default:
		d.problem(v, "", fmt.Sprintf("schema %q is not one that this kdyno reads", text), "it reads "+Schema)
	}
}

const schemaFamily = "kdyno.preset/"

// unknown lets a field pass that a later kdyno or a person put there, but not
// one that holds settings: they would quietly not count.
func (d *decoder) unknown(k, v *yaml.Node) {
	if row, ok := setting.Find(setting.Key(k.Value)); ok {
		d.problem(k, row.Key, fmt.Sprintf("%s stands outside of the maps", row.Key), "put it under "+string(row.Scope)+":")
		return
	}
	if v.Kind == yaml.MappingNode {
		for i := 0; i < len(v.Content); i += 2 {
			if row, ok := setting.Find(setting.Key(v.Content[i].Value)); ok {
				d.problem(k, row.Key, fmt.Sprintf("%s stands under %q, which is not one of the maps", row.Key, k.Value), "put it under "+string(row.Scope)+":")
				return
			}
		}
	}
	d.plain(v)
}

// plain refuses what cannot be written back as it was read.
func (d *decoder) plain(n *yaml.Node) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		d.problem(n, "", "anchors and aliases are not taken in a preset", "write the value out")
		return
	}
	for _, c := range n.Content {
		d.plain(c)
	}
}

func (d *decoder) section(k, v *yaml.Node) {
	if v.Kind == yaml.ScalarNode && v.ShortTag() == "!!null" {
		return
	}
	if v.Kind != yaml.MappingNode {
		d.problem(v, "", fmt.Sprintf("%s: a map of settings is wanted, found %s", k.Value, kindName(v)), "write one KEY: VALUE a line, indented")
		return
	}
	d.pairs(v, func(key, value *yaml.Node) { d.set(k.Value, key, value) })
}

func (d *decoder) set(section string, k, v *yaml.Node) {
	key := setting.Key(k.Value)
	if secret(k.Value) {
		d.problem(k, key, k.Value+" is a secret, and presets hold none", "take it out of the file and give it when kdyno starts")
		return
	}
	row, known := setting.Find(key)
	if known && string(row.Scope) != section {
		d.problem(k, key, fmt.Sprintf("%s stands under %s:, and belongs under %s:", key, section, row.Scope), "put it under "+string(row.Scope)+":")
		return
	}
	before := len(d.problems)
	text := d.text(k, v)
	if len(d.problems) > before {
		return
	}
	values, err := d.preset.Values.With(key, text)
	if err != nil {
		d.problem(k, key, err.Error(), "")
		return
	}
	d.preset.Values, d.preset.Lines[key] = values, k.Line
}

// text gives a scalar as it is written; the table says what it means.
func (d *decoder) text(k, v *yaml.Node) string {
	key := keyOf(k)
	switch {
	case v.Kind != yaml.ScalarNode:
		d.problem(v, key, fmt.Sprintf("%s: one value is wanted, found %s", k.Value, kindName(v)), "")
	case v.Anchor != "":
		d.plain(v)
	case v.ShortTag() == "!!null":
		d.problem(k, key, k.Value+" has no value", `write one, or "" for an empty text, or take the line out`)
	case v.Style&yaml.TaggedStyle != 0:
		d.problem(v, key, fmt.Sprintf("%s: the tag %s is not taken", k.Value, v.Tag), "write the plain value")
	}
	return v.Value
}

// pairs walks a map and tells what stands in it twice.
func (d *decoder) pairs(m *yaml.Node, each func(k, v *yaml.Node)) {
	if m.Anchor != "" {
		d.problem(m, "", "anchors and aliases are not taken in a preset", "write the value out")
	}
	first := map[string]int{}
	for i := 0; i+1 < len(m.Content); i += 2 {
		k, v := m.Content[i], m.Content[i+1]
		if k.Kind != yaml.ScalarNode || k.Anchor != "" {
			d.problem(k, "", "a name is wanted before the colon, found "+kindName(k), "")
			continue
		}
		if line, twice := first[k.Value]; twice {
			d.problem(k, keyOf(k), fmt.Sprintf("%s stands here again, after line %d", k.Value, line), "keep one of the two")
			continue
		}
		first[k.Value] = k.Line
		each(k, v)
	}
}

// keyOf is the setting that a name stands for; none for a field of the file.
func keyOf(k *yaml.Node) setting.Key {
	if slices.Contains(fields, k.Value) {
		return ""
	}
	return setting.Key(k.Value)
}

func kindName(n *yaml.Node) string {
	switch {
	case n.Anchor != "" || n.Kind == yaml.AliasNode:
		return "an anchor or alias"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a map"
	}
	return fmt.Sprintf("the text %.40q", n.Value)
}
