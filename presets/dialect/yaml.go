package dialect

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// The bounds of a YAML text: what it may hold, and what its aliases may make of
// it. A node costs some hundred bytes.
const (
	mostYAMLSigns = 60_000
	mostYAMLNodes = 60_000
	mostYAMLDepth = 100
)

// leaf is one scalar of a YAML text with the names on the way to it.
type leaf struct {
	path         string
	value        value
	was          string // the word itself, where YAML 1.1 makes something else of it
	line, column int
}

// yamlReader flattens YAML as Spring does: names joined by dots, lists by commas.
type yamlReader struct {
	leaves []leaf
	nodes  int
	bad    *Error
}

// readYAML gives the leaves of each document.
func readYAML(s *source) ([][]leaf, *Error) {
	if strings.Count(s.text, "\n")+strings.Count(s.text, ",")+strings.Count(s.text, "{")+strings.Count(s.text, "[")+strings.Count(s.text, ":") > mostYAMLSigns {
		return nil, errTooMany
	}
	if line, column := tabbed(s.text); line > 0 {
		return nil, &Error{Line: line, Column: column, Say: "a tab indents this line", Hint: "YAML takes blanks alone"}
	}
	documents, bad := flattened(s.text)
	if bad != nil && strings.Contains(s.text, "{{") {
		bad.Hint = "it is a template: fill it in first, as helm template does"
	}
	return documents, bad
}

func flattened(text string) ([][]leaf, *Error) {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var documents [][]leaf
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, yamlError(err)
		}
		r := &yamlReader{}
		for _, n := range doc.Content {
			r.walk(n, "", 0)
		}
		if r.bad != nil {
			return nil, r.bad
		}
		documents = append(documents, r.leaves)
	}
}

// tabbed finds a tab among the blanks that a line begins with.
func tabbed(text string) (line, column int) {
	n := 0
	for l := range strings.SplitSeq(text, "\n") {
		n++
		indent := l[:len(l)-len(strings.TrimLeft(l, " \t"))]
		if at := strings.IndexByte(indent, '\t'); at >= 0 && strings.TrimSpace(l) != "" {
			return n, at + 1
		}
	}
	return 0, 0
}

func yamlError(err error) *Error {
	bad := &Error{Say: "not YAML: " + strings.TrimPrefix(err.Error(), "yaml: "), Hint: "mend the line"}
	var at *yaml.LoadError
	if errors.As(err, &at) {
		bad.Line, bad.Say = at.Mark.Line, "not YAML: "+at.Message
	}
	bad.Say = tidy(bad.Say)
	return bad
}

func (r *yamlReader) fail(n *yaml.Node, say, hint string) {
	if r.bad == nil {
		r.bad = &Error{Line: n.Line, Column: n.Column, Say: say, Hint: hint}
	}
}

func (r *yamlReader) walk(n *yaml.Node, path string, depth int) {
	r.nodes++
	switch {
	case r.bad != nil:
	case r.nodes > mostYAMLNodes:
		r.fail(n, "its aliases make more of it than any configuration holds", "write the values out")
	case depth > mostYAMLDepth:
		r.fail(n, "it nests too deeply here", "no configuration does")
	case n.Kind == yaml.AliasNode:
		r.walk(n.Alias, path, depth+1)
	case n.Kind == yaml.MappingNode:
		r.pairs(n, path, depth)
	case n.Kind == yaml.SequenceNode:
		r.list(n, path, depth)
	case n.Kind == yaml.ScalarNode:
		v, was := scalar(n)
		r.leaves = append(r.leaves, leaf{path: path, value: v, was: was, line: n.Line, column: n.Column})
	}
}

func under(path, name string) string {
	if path == "" || strings.HasPrefix(name, "[") {
		return path + name
	}
	return path + "." + name
}

func (r *yamlReader) pairs(n *yaml.Node, path string, depth int) {
	first := map[string]int{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			r.fail(k, "a name is wanted before the colon", "write a plain word there")
			return
		}
		if k.Value == "<<" && k.Style == 0 {
			merged = append(merged, v)
			continue
		}
		if line, twice := first[k.Value]; twice {
			r.fail(k, fmt.Sprintf("%s stands here again, after line %d", named(k.Value), line), "keep one of the two; Spring refuses the file")
			return
		}
		first[k.Value] = k.Line
		before := len(r.leaves)
		r.walk(v, under(path, k.Value), depth+1)
		for l := before; l < len(r.leaves); l++ {
			if r.leaves[l].line == v.Line && v.Kind == yaml.ScalarNode {
				r.leaves[l].line, r.leaves[l].column = k.Line, k.Column
			}
		}
	}
	r.merge(n, merged, path, depth)
}

// merge adds what <<: brings along and the map itself does not have.
func (r *yamlReader) merge(n *yaml.Node, merged []*yaml.Node, path string, depth int) {
	own := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		own[n.Content[i].Value] = true
	}
	for _, m := range merged {
		for m.Kind == yaml.AliasNode {
			m = m.Alias
		}
		parts := []*yaml.Node{m}
		if m.Kind == yaml.SequenceNode {
			parts = m.Content
		}
		for _, part := range parts {
			for part.Kind == yaml.AliasNode {
				part = part.Alias
			}
			if part.Kind != yaml.MappingNode {
				r.fail(m, "<<: takes a map, or a list of maps", "write the values out")
				return
			}
			rest := &yaml.Node{Kind: yaml.MappingNode, Line: part.Line, Column: part.Column}
			for i := 0; i+1 < len(part.Content); i += 2 {
				if name := part.Content[i].Value; name == "<<" || !own[name] {
					own[name] = true
					rest.Content = append(rest.Content, part.Content[i], part.Content[i+1])
				}
			}
			r.walk(rest, path, depth+1)
		}
	}
}

// list joins a list of scalars; a list of anything else is numbered.
func (r *yamlReader) list(n *yaml.Node, path string, depth int) {
	texts := make([]string, 0, len(n.Content))
	for _, c := range n.Content {
		for c.Kind == yaml.AliasNode {
			c = c.Alias
		}
		if c.Kind == yaml.ScalarNode {
			v, _ := scalar(c)
			texts = append(texts, v.text)
		}
	}
	if len(texts) == len(n.Content) {
		r.nodes += len(texts)
		r.leaves = append(r.leaves, leaf{path: path, value: value{text: strings.Join(texts, ",")}, line: n.Line, column: n.Column})
		return
	}
	for i, c := range n.Content {
		r.walk(c, fmt.Sprintf("%s[%d]", path, i), depth+1)
	}
}

// scalar reads a plain word as YAML 1.1 does, which Spring's reader follows:
// on is true, 010 is 8. Was is the word where it is not what it looks like.
func scalar(n *yaml.Node) (v value, was string) {
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) != 0 {
		return value{text: n.Value}, ""
	}
	if n.Value == "" || n.Value == "~" || strings.EqualFold(n.Value, "null") {
		return value{kind: nothing}, ""
	}
	old := oldYAML(n.Value)
	if old != n.Value {
		was = n.Value
	}
	return value{text: old}, was
}

var (
	oldTruth  = map[string]string{"yes": "true", "on": "true", "no": "false", "off": "false"}
	oldNumber = regexp.MustCompile(`^[-+]?(0[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+|[1-9][0-9_]*_[0-9_]*)$`)
	oldSixty  = regexp.MustCompile(`^[1-9][0-9]*(:[0-5]?[0-9])+$`)
)

func oldYAML(text string) string {
	if b, ok := oldTruth[strings.ToLower(text)]; ok {
		return b
	}
	switch {
	case oldNumber.MatchString(text):
		if n, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 0, 64); err == nil {
			return strconv.FormatInt(n, 10)
		}
	case oldSixty.MatchString(text):
		var n int64
		for part := range strings.SplitSeq(text, ":") {
			digit, err := strconv.ParseInt(part, 10, 32)
			if err != nil || n > 1<<40 {
				return text
			}
			n = n*60 + digit
		}
		return strconv.FormatInt(n, 10)
	}
	return text
}
