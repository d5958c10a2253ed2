package report

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Expectation is one expression judged on a report.
type Expectation struct {
	Expr string `json:"expr"`
	Got  any    `json:"got"` // null: the report does not have it
	Met  bool   `json:"met"`
}

// Expect is an expression such as latency.p99_ms<20: a dotted path of the
// report, an operator and a value. It is immutable.
type Expect struct {
	text     string
	path     []hop
	operator string
	want     any // float64, bool or string
}

// hop is one part of a path: a name, or the index of a list.
type hop struct {
	name  string
	index int // -1: a name
}

// ExpectError is an expression that can not be read.
type ExpectError struct {
	Text   string
	Column int // of the first character that is wrong, from 1
	Say    string
}

func (e *ExpectError) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Say) }

// operators in the order in which they are looked for: the longer ones first.
var operators = []string{"<=", ">=", "==", "!=", "<", ">"}

// ParseExpect reads an expression. The error is an *ExpectError. Whether the
// report has what the path names is only seen when it is judged.
func ParseExpect(text string) (Expect, error) {
	at, operator := -1, ""
	for i := range text {
		for _, op := range operators {
			if strings.HasPrefix(text[i:], op) {
				at, operator = i, op
				break
			}
		}
		if at >= 0 {
			break
		}
	}
	bad := func(column int, say string) (Expect, error) {
		return Expect{}, &ExpectError{Text: text, Column: column + 1, Say: say}
	}
	if at < 0 {
		return bad(len(text), "an operator is missing: < <= > >= == or !=")
	}
	e := Expect{text: text, operator: operator}
	path := strings.TrimSpace(text[:at])
	if path == "" {
		return bad(0, "a path of the report is missing, such as latency.p99_ms")
	}
	var column int
	var say string
	if e.path, column, say = parsePath(path); say != "" {
		return bad(column+strings.Index(text, path), say)
	}
	value := strings.TrimSpace(text[at+len(operator):])
	if value == "" {
		return bad(len(text), "a value to compare with is missing")
	}
	e.want = parseWant(value)
	if _, number := e.want.(float64); !number && operator != "==" && operator != "!=" {
		return bad(at, fmt.Sprintf("%s compares numbers, and %s is none", operator, value))
	}
	return e, nil
}

// String is the expression as it was written.
func (e Expect) String() string { return e.text }

// parsePath splits a.b[0].c; say is what is wrong at column.
func parsePath(text string) (path []hop, column int, say string) {
	for _, part := range strings.Split(text, ".") {
		name, rest, indexed := strings.Cut(part, "[")
		if name == "" {
			return nil, column, "a name is missing in the path"
		}
		path = append(path, hop{name: name, index: -1})
		for indexed {
			var inside string
			var closed bool
			inside, rest, closed = strings.Cut(rest, "]")
			n, err := strconv.Atoi(inside)
			if !closed || err != nil || n < 0 {
				return nil, column + len(name), "an index is a number in brackets, such as partitions[0]"
			}
			path = append(path, hop{index: n})
			if rest == "" {
				break
			}
			if rest[0] != '[' {
				return nil, column + len(name), "a dot is missing behind the index"
			}
			rest = rest[1:]
		}
		column += len(part) + 1
	}
	return path, 0, ""
}

func parseWant(text string) any {
	if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
		return f
	}
	if b, err := strconv.ParseBool(text); err == nil {
		return b
	}
	return strings.Trim(text, `"'`)
}

// Judge holds expressions against a report. A path that the report does not
// have, or whose figure is null, is not met; a count of errors or of closed
// batches that never happened is 0.
func Judge(r Report, expects []Expect) ([]Expectation, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("judge the report: %w", err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("judge the report: %w", err)
	}
	out := make([]Expectation, 0, len(expects))
	for _, e := range expects {
		got := find(tree, e.path)
		out = append(out, Expectation{Expr: e.text, Got: got, Met: e.met(got)})
	}
	return out, nil
}

// counting are the maps whose missing entries are counts of 0.
var counting = []string{"errors", "closed"}

func find(node any, path []hop) any {
	for i := 0; i < len(path); i++ {
		switch at := node.(type) {
		case []any:
			if path[i].index < 0 || path[i].index >= len(at) {
				return nil
			}
			node = at[path[i].index]
		case map[string]any:
			next, used, ok := entry(at, path[i:])
			if !ok {
				if i > 0 && i == len(path)-1 && slices.Contains(counting, path[i-1].name) {
					return float64(0)
				}
				return nil
			}
			node, i = next, i+used-1
		default:
			return nil
		}
	}
	return node
}

// entry finds the longest name that the map has: settings have dots in theirs.
func entry(m map[string]any, path []hop) (node any, used int, ok bool) {
	name := ""
	for i, h := range path {
		if h.index >= 0 {
			break
		}
		if i > 0 {
			name += "."
		}
		name += h.name
		if v, has := m[name]; has {
			node, used, ok = v, i+1, true
		}
	}
	return node, used, ok
}

func (e Expect) met(got any) bool {
	switch want := e.want.(type) {
	case float64:
		f, ok := figureOf(got)
		return ok && compare(f, e.operator, want)
	case bool:
		b, ok := got.(bool)
		return ok && (b == want) == (e.operator == "==")
	default:
		s, ok := got.(string)
		return ok && (s == want) == (e.operator == "==")
	}
}

// figureOf reads a figure, or a setting's text that is one.
func figureOf(got any) (float64, bool) {
	switch v := got.(type) {
	case float64:
		return v, true
	case string:
		f, err := strconv.ParseFloat(v, 64)
		return f, err == nil
	}
	return 0, false
}

func compare(got float64, operator string, want float64) bool {
	switch operator {
	case "<":
		return got < want
	case "<=":
		return got <= want
	case ">":
		return got > want
	case ">=":
		return got >= want
	case "==":
		return got == want
	default:
		return got != want
	}
}
