package step

import (
	"strconv"
	"strings"
)

// fault reads NAME [K=V...].
func (r *reader) fault() (Step, error) {
	r.skipSpace()
	name, bad := r.name("fault has no name", "write fault NAME, such as fault stall for=5s")
	if bad != nil {
		return Step{}, bad
	}
	s := Step{Verb: Fault, Name: name}
	for r.skipSpace(); r.at < len(r.line); r.skipSpace() {
		start := r.at
		p, bad := r.parameter()
		if bad != nil {
			return Step{}, bad
		}
		for _, q := range s.With {
			if p.Name == q.Name {
				return Step{}, r.wrong(start, p.Name+" is given twice", "keep one of them")
			}
		}
		s.With = append(s.With, p)
	}
	return s, nil
}

// heal reads [NAME].
func (r *reader) heal() (Step, error) {
	if r.skipSpace(); r.at == len(r.line) {
		return Step{Verb: Heal}, nil
	}
	name, bad := r.name("this is not the name of a fault", "write heal NAME, or heal alone to end all")
	if bad != nil {
		return Step{}, bad
	}
	if r.skipSpace(); r.at < len(r.line) {
		return Step{}, r.wrong(r.at, "heal takes one name", "heal alone ends all")
	}
	return Step{Verb: Heal, Name: name}, nil
}

// name reads the name of a fault: small letters with hyphens between.
func (r *reader) name(say, hint string) (string, *Error) {
	start := r.at
	if name := r.word(); isName(name) {
		return name, nil
	}
	return "", r.wrong(start, say, hint)
}

// parameter reads K=V.
func (r *reader) parameter() (Parameter, *Error) {
	start := r.at
	for r.at < len(r.line) && r.line[r.at] != '=' && !isSpace(rune(r.line[r.at])) {
		r.at++
	}
	name := r.line[start:r.at]
	if !isName(name) {
		return Parameter{}, r.wrong(start, strconv.Quote(name)+" is not the name of a parameter", "write K=V, such as broker=2 or for=5s")
	}
	if r.at == len(r.line) || r.line[r.at] != '=' {
		return Parameter{}, r.wrong(r.at, "K=V is expected here", "write it without spaces around the =, such as "+name+"=1")
	}
	r.at++
	at := r.at
	text, bad := r.value()
	if bad != nil {
		return Parameter{}, bad
	}
	if strings.ContainsFunc(text, unprintable) {
		return Parameter{}, r.wrong(at, "the value holds a character that cannot be printed", "")
	}
	return Parameter{Name: name, Text: text}, nil
}

func isName(text string) bool {
	if text == "" || text[0] == '-' || text[len(text)-1] == '-' {
		return false
	}
	for _, c := range text {
		if (c < 'a' || c > 'z') && c != '-' {
			return false
		}
	}
	return true
}
