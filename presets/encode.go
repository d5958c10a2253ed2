package presets

import (
	"cmp"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"

	"kdyno/engine/setting"
)

// Text gives the preset as its file: YAML with what was set, in the order of
// the table, and with the comments of the file that it was read from.
func (p Preset) Text() (string, error) {
	text, err := encode(p, p.read.text)
	return string(text), err
}

// encode writes a preset down. From the old text, if there is one, it keeps
// comments, fields that it does not know, and what the preset says nothing of:
// note, purpose, objectives, reasons, and a measurement of the same settings.
func encode(p Preset, old []byte) ([]byte, error) {
	doc := &yaml.Node{Kind: yaml.DocumentNode}
	was := &yaml.Node{Kind: yaml.MappingNode}
	if old != nil {
		doc = &yaml.Node{}
		if err := yaml.Load(old, doc); err != nil {
			return nil, err
		}
		was = doc.Content[0]
		before, _ := decode("", old) // what is wrong in it is not kept
		p = p.over(before)
	}
	now := &yaml.Node{Kind: yaml.MappingNode, HeadComment: was.HeadComment, FootComment: was.FootComment}
	keep(now, was, "schema", scalar(Schema))
	for _, f := range []struct{ name, text string }{{"name", p.Name}, {"note", p.Note}, {"for", p.For}, {"base", p.Base}} {
		if f.text != "" || f.name == "name" {
			keep(now, was, f.name, scalar(f.text))
		}
	}
	for _, name := range sections {
		_, before := find(was, name)
		if m := section(p.Values, name, before); len(m.Content) > 0 {
			keep(now, was, name, m)
		}
	}
	for _, f := range []struct {
		name  string
		texts []string
	}{{"expect", p.Expect}, {"because", p.Reasons.Because}, {"sources", p.Reasons.Sources}, {"claims", p.Reasons.Claims}} {
		if len(f.texts) > 0 {
			keepList(now, was, f.name, f.texts)
		}
	}
	keepMeasured(now, was, p.Measured)
	keepUnknown(now, was)
	doc.Content = []*yaml.Node{now}
	text, err := yaml.Dump(doc, yaml.WithIndent(2), yaml.WithLineWidth(-1))
	if err != nil {
		return nil, err
	}
	return text, readsBack(p, text)
}

// over fills in from an older preset what this one says nothing of.
func (p Preset) over(old Preset) Preset {
	p.Note, p.For = cmp.Or(p.Note, old.Note), cmp.Or(p.For, old.For)
	for _, f := range []struct{ mine, theirs *[]string }{
		{&p.Expect, &old.Expect}, {&p.Reasons.Because, &old.Reasons.Because}, {&p.Reasons.Sources, &old.Reasons.Sources}, {&p.Reasons.Claims, &old.Reasons.Claims},
	} {
		if *f.mine == nil {
			*f.mine = *f.theirs
		}
	}
	if p.Measured == nil {
		p.Measured = old.Measured
		if p.Stale() {
			p.Measured = nil
		}
	}
	return p
}

// keepList writes a list; one that says the same stays as it was.
func keepList(now, was *yaml.Node, name string, texts []string) {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, text := range texts {
		list.Content = append(list.Content, scalar(text))
	}
	if _, old := find(was, name); old != nil && old.Kind == yaml.SequenceNode && slices.EqualFunc(old.Content, texts, func(n *yaml.Node, text string) bool { return n.Value == text }) {
		list = old
	}
	keep(now, was, name, list)
}

// keepMeasured writes a measurement; the one that is there already stays as it
// was, with what a later kdyno may have put into it.
func keepMeasured(now, was *yaml.Node, m *Measured) {
	if m == nil {
		return
	}
	if _, old := find(was, "measured"); old != nil {
		d := decoder{}
		if before := d.measured(old); before != nil && reflect.DeepEqual(before, m) {
			keep(now, was, "measured", old)
			return
		}
	}
	keep(now, was, "measured", m.node())
}

// node is the measurement as YAML.
func (m Measured) node() *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	put := func(name, text string) {
		if text != "" {
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, scalar(text))
		}
	}
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	put("at", m.At)
	put("kdyno", m.Kdyno)
	cluster := []string{"kind", m.Cluster.Kind, "version", m.Cluster.Version}
	for _, f := range []struct {
		name string
		n    int
	}{{"brokers", m.Cluster.Brokers}, {"partitions", m.Cluster.Partitions}, {"replication", m.Cluster.Replication}} {
		if f.n > 0 {
			cluster = append(cluster, f.name, strconv.Itoa(f.n))
		}
	}
	n.Content = append(n.Content, pairsOf("cluster", cluster)...)
	put("for_s", number(m.ForS))
	put("records_per_s", number(m.RecordsPerS))
	if m.P99Ms != nil {
		put("p99_ms", number(*m.P99Ms))
	}
	put("guarantee", m.Guarantee)
	put("audit", m.Audit)
	n.Content = append(n.Content, pairsOf("load", sortedPairs(m.Load))...)
	n.Content = append(n.Content, pairsOf("stand", sortedPairs(m.Stand))...)
	put("of", m.Of)
	return n
}

func sortedPairs(m map[string]string) []string {
	var pairs []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		pairs = append(pairs, k, m[k])
	}
	return pairs
}

// pairsOf is a name and its map; nothing for an empty one.
func pairsOf(name string, pairs []string) []*yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: pairs[i]}, scalar(pairs[i+1]))
		}
	}
	if len(m.Content) == 0 {
		return nil
	}
	return []*yaml.Node{{Kind: yaml.ScalarNode, Value: name}, m}
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
	if old != nil && old != value && value.Kind == old.Kind {
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
	same := again.Values.Equal(p.Values) && again.Name == p.Name && again.Note == p.Note && again.For == p.For && again.Base == p.Base &&
		slices.Equal(again.Expect, p.Expect) && slices.Equal(again.Reasons.Because, p.Reasons.Because) && slices.Equal(again.Reasons.Sources, p.Reasons.Sources) &&
		slices.Equal(again.Reasons.Claims, p.Reasons.Claims) && reflect.DeepEqual(again.Measured, p.Measured)
	if !same {
		return errors.New("it would not be read back as it is")
	}
	return nil
}
