package dialect

import "strings"

// fact is something that a program says: it calls a function, gives a value to
// a name, or pairs a key with a value.
type fact struct {
	kind         factKind
	path         string // the function, or the name: props.put, cfg.Producer.Timeout
	key          value  // of a pair
	args         []value
	in           string // the call or literal that a pair or name stands in
	line, column int
}

type factKind byte

const (
	called factKind = iota
	given
	paired
)

// maxDepth bounds how deeply expressions and blocks may nest.
const maxDepth = 200

// mostValues bounds what is kept of a call or a list.
const mostValues = 1000

// program finds facts in the source text of any of the languages. It knows no
// language's grammar: expressions, names and brackets are enough.
type program struct {
	lex   *lexer
	peek  token
	depth int
	each  func(fact)
	fixed map[string]value // what names in capitals were given
	bad   *Error
}

// readCode hands out the facts in the order in which they end.
func readCode(l language, text string, each func(fact)) *Error {
	p := &program{lex: newLexer(l, text), each: each, fixed: map[string]value{}}
	p.advance()
	for p.peek.kind != endToken && p.bad == nil {
		before := p.peek
		p.item("")
		if p.peek == before {
			p.advance() // nothing that an expression begins with
		}
	}
	return p.bad
}

func (p *program) advance() {
	if p.bad != nil {
		p.peek = token{}
		return
	}
	t, bad := p.lex.next()
	if bad != nil {
		p.bad, t = bad, token{}
	}
	p.peek = t
}

func (p *program) sign(s string) bool { return p.peek.kind == signToken && p.peek.text == s }

// enter guards the recursion; false says that the text nests too deeply.
func (p *program) enter() bool {
	if p.depth++; p.depth > maxDepth && p.bad == nil {
		p.bad = &Error{Line: p.peek.line, Column: p.peek.column, Say: "brackets nest too deeply here", Hint: "no configuration does; check the file"}
		p.peek = token{}
	}
	return p.bad == nil
}

// expression is what was read of one.
type expression struct {
	value
	path  string // its dotted name, if it is one
	index *value // what stands in its last brackets
	line  int
	col   int
}

// item reads an expression, and what is given to it or paired with it; alone
// says that there was nothing of the kind.
func (p *program) item(in string) (v value, alone bool) {
	left := p.sum()
	f := fact{path: left.path, key: left.value, in: in, line: left.line, column: left.col}
	switch {
	case p.sign("=") || p.sign(":="):
		f.kind = given
		if left.index != nil {
			f.kind, f.key = paired, *left.index
		}
	case p.sign(":") || p.sign("=>") || p.peek.kind == nameToken && p.peek.text == "to":
		f.kind = paired
	default:
		return left.value, true
	}
	p.advance()
	f.args = []value{p.sum().value}
	if f.kind == given {
		p.fix(left.path, f.args[0])
	}
	p.each(f)
	return left.value, false
}

// fix remembers what a name in capitals was given.
func (p *program) fix(name string, v value) {
	plain := v.kind == numeral || v.kind == literal || v.kind == nanos || v.kind == boolean
	if plain && isConstant(name) && len(p.fixed) < mostValues {
		p.fixed[name] = v
	}
}

// isConstant says whether a name is one that all of the languages write in
// capitals: a value that stays.
func isConstant(name string) bool {
	return len(name) > 1 && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == ""
}

func (p *program) sum() expression {
	left := p.product()
	for p.sign("+") || p.sign("-") {
		op := p.peek.text
		p.advance()
		left.value, left.path = reckon(op, left.value, p.product().value), ""
	}
	return left
}

func (p *program) product() expression {
	left := p.primary()
	for p.sign("*") || p.sign("/") || p.sign("<<") {
		op := p.peek.text
		p.advance()
		left.value, left.path = reckon(op, left.value, p.primary().value), ""
	}
	return left
}

// primary reads what an expression is made of: a number, a text, a name, or
// something in brackets, and what follows it.
func (p *program) primary() expression {
	defer func() { p.depth-- }()
	e := expression{line: p.peek.line, col: p.peek.column, value: value{kind: code}}
	if !p.enter() {
		return e
	}
	switch t := p.peek; {
	case t.kind == numberToken:
		e.value = numeralOf(t.text)
		p.advance()
	case t.kind == textToken:
		e.value = p.strings()
	case t.kind == nameToken && t.text == "new", p.sign("&"), p.sign("*"):
		p.advance()
		return p.primary()
	case t.kind == nameToken:
		p.name(&e)
	case p.sign("-"):
		p.advance()
		e.value = reckon("-", value{kind: numeral, text: "0"}, p.primary().value)
		return e
	case p.sign("(") || p.sign("{") || p.sign("["):
		if !p.bracket(&e, t.text) {
			return p.primary()
		}
	default:
		return e
	}
	return p.postfix(e)
}

// name reads a name, and what it stands for where that is known.
func (p *program) name(e *expression) {
	word := p.peek.text
	e.path, e.value = word, value{kind: name, text: word}
	p.advance()
	if c, ok := constants[word]; ok {
		e.path, e.value = "", c
	} else if c, ok := p.fixed[word]; ok && !p.sign("=") {
		e.path, e.value = "", c
	}
}

// bracket reads what a bracket opens. Without more, what follows is the
// expression: a cast, or []string{...} of Go.
func (p *program) bracket(e *expression, open string) (more bool) {
	switch open {
	case "{":
		e.text = clipped("{" + joined(p.group("", "}")) + "}")
	case "[":
		e.value = listOf(p.group("", "]"))
		return e.text != "" || p.peek.kind != nameToken
	default:
		if inner := p.group("", ")"); len(inner) == 1 {
			e.value = inner[0]
		}
		return !casts[e.text] || e.kind != name || p.peek.kind != nameToken && p.peek.kind != numberToken && !p.sign("(")
	}
	return true
}

// casts are types that stand in brackets before what they are to be.
var casts = map[string]bool{"int": true, "long": true, "short": true, "double": true, "float": true, "String": true, "Integer": true, "Long": true, "Object": true, "string": true}

// strings joins texts that stand behind one another.
func (p *program) strings() value {
	v := value{kind: literal}
	var b strings.Builder
	for p.peek.kind == textToken {
		if p.peek.open {
			v.kind = code
		}
		b.WriteString(p.peek.text)
		p.advance()
	}
	if v.text = b.String(); v.kind == code {
		v.text = "a text with expressions in it"
	}
	return v
}

// postfix reads what may follow a name: members, calls, indices, literals.
func (p *program) postfix(e expression) expression {
	for p.bad == nil {
		switch {
		case p.sign("."):
			p.advance()
			if p.peek.kind != nameToken {
				return e
			}
			e = e.member(p.peek.text)
			p.advance()
		case p.sign("(") && e.kind != numeral:
			e = p.call(e)
		case p.sign("[") && e.path != "":
			args := p.group(e.path, "]")
			e.value = indexed(e.path, args)
			e.index = nil
			if len(args) == 1 {
				e.index = &args[0]
			}
		case p.sign("{") && e.path == "string":
			e.path, e.value = "", listOf(p.group("string", "}"))
		case p.sign("{") && (e.path != "" || e.kind == code):
			e.value = value{kind: code, text: clipped(e.text + "{" + joined(p.group(e.path, "}")) + "}")}
			e.path, e.index = "", nil
		default:
			return e
		}
	}
	return e
}

func (e expression) member(of string) expression {
	e.index = nil
	if len(e.path)+len(of) > mostShown { // no name of anybody's
		e.path = ""
		if e.kind != code {
			e.value = value{kind: code, text: clipped(e.text)}
		}
		return e
	}
	if e.path != "" {
		e.path += "." + of
	}
	e.value = memberOf(e.value, of)
	return e
}

func (p *program) call(e expression) expression {
	path := e.path
	if path == "" {
		path = e.text
	}
	args := p.group(path, ")")
	p.each(fact{kind: called, path: path, args: args, line: e.line, column: e.col})
	e.value = worked(path, e.value, args)
	e.index = nil
	if e.path == "" || e.kind != code || len(path) > mostShown {
		e.path = ""
		return e
	}
	e.path = path + "()"
	return e
}

// group reads items up to the closing bracket and gives their values.
func (p *program) group(in, end string) []value {
	defer func() { p.depth-- }()
	var values []value
	if !p.enter() {
		return nil
	}
	p.advance()
	for p.peek.kind != endToken && p.bad == nil {
		if p.sign(end) {
			p.advance()
			return values
		}
		if p.sign(",") || p.sign(";") {
			p.advance()
			continue
		}
		before := p.peek
		if v, alone := p.item(in); alone && len(values) < mostValues {
			values = append(values, v)
		}
		if p.peek == before {
			p.advance() // nothing that an expression begins with
		}
	}
	return values
}
