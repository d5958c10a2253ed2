package presets

import (
	"errors"
	"slices"

	"go.yaml.in/yaml/v4"

	"kdyno/engine/setting"
)

// Text gives the preset as its file: YAML with what was set, in the order of
// the table.
func (p Preset) Text() (string, error) {
	text, err := encode(p, nil)
	return string(text), err
}

// encode writes a preset down. From the old text, if there is one, it keeps
// comments, the note where the preset has none, and fields that it does not
// know.
func encode(p Preset, old []byte) ([]byte, error) {
	doc := &yaml.Node{Kind: yaml.DocumentNode}
	was := &yaml.Node{Kind: yaml.MappingNode}
	if old != nil {
		doc = &yaml.Node{}
		if err := yaml.Load(old, doc); err != nil {
			return nil, err
		}
		was = doc.Content[0]
	}
	now := &yaml.Node{Kind: yaml.MappingNode, HeadComment: was.HeadComment, FootComment: was.FootComment}
	keep(now, was, "schema", scalar(Schema))
	keep(now, was, "name", scalar(p.Name))
	if p.Note != "" {
		keep(now, was, "note", scalar(p.Note))
	} else if _, note := find(was, "note"); note != nil {
		keep(now, was, "note", note)
	}
	for _, name := range sections {
		_, before := find(was, name)
		if m := section(p.Values, name, before); len(m.Content) > 0 {
			keep(now, was, name, m)
		}
	}
	keepUnknown(now, was)
	doc.Content = []*yaml.Node{now}
	text, err := yaml.Dump(doc, yaml.WithIndent(2), yaml.WithLineWidth(-1))
	if err != nil {
		return nil, err
	}
	return text, readsBack(p, text)
}

func section(v setting.Values, name string, was *yaml.Node) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode}
	for _, row := range setting.Rows() {
		if string(row.Scope) == name && v.IsSet(row.Key) {
			keep(m, was, string(row.Key), scalar(v.Text(row.Key)))
		}
	}
	return m
}

// keep adds a pair, with the comments that it had before.
func keep(now, was *yaml.Node, name string, value *yaml.Node) {
	key, old := find(was, name)
	if key == nil {
		key = &yaml.Node{Kind: yaml.ScalarNode, Value: name}
	}
	if old != nil && old != value {
		value.HeadComment, value.LineComment, value.FootComment = old.HeadComment, old.LineComment, old.FootComment
	}
	now.Content = append(now.Content, key, value)
}

func keepUnknown(now, was *yaml.Node) {
	for i := 0; i+1 < len(was.Content); i += 2 {
		if key, _ := find(now, was.Content[i].Value); key == nil && !slices.Contains(fields, was.Content[i].Value) {
			now.Content = append(now.Content, was.Content[i], was.Content[i+1])
		}
	}
}

func find(m *yaml.Node, name string) (key, value *yaml.Node) {
	if m == nil {
		return nil, nil
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == name {
			return m.Content[i], m.Content[i+1]
		}
	}
	return nil, nil
}

// scalar writes 5 and true plain, and quotes only what would be read as
// nothing at all: every other value is read back as it is written.
func scalar(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: text}
	switch text {
	case "", "~", "null", "Null", "NULL":
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// readsBack guards the person's work against a value that YAML would bend.
func readsBack(p Preset, text []byte) error {
	again, err := decode("", text)
	if err != nil {
		return err
	}
	if !again.Values.Equal(p.Values) || (p.Note != "" && again.Note != p.Note) {
		return errors.New("it would not be read back as it is")
	}
	return nil
}
