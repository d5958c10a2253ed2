package setting

import (
	"slices"
)

// Check returns every problem that the values have, errors first: the
// refusals, then what is wrong with several values together.
// What it needs to know of the cluster and does not (zero) it does not judge.
// Applying a problem's fix makes that problem go away.
func Check(v Values, f Facts) []Problem {
	return sorted(append(Refusals(v), broken(v, f, func(rule) bool { return true })...))
}

// Lint is Check for values that nobody is about to run here: what the Java
// client takes and kdyno's own producer does not is no problem.
func Lint(v Values, f Facts) []Problem {
	return sorted(broken(v, f, func(r rule) bool { return r.of != ourOwn }))
}

func sorted(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Severity.rank() - b.Severity.rank() })
	return problems
}

// broken goes through the rules.
func broken(v Values, f Facts, judges func(rule) bool) []Problem {
	j := judged{asked: v, effective: v.Effective(), facts: f}
	var problems []Problem
	for _, r := range rules {
		if !judges(r) {
			continue
		}
		if p, is := r.broken(j); is {
			p.Source, p.Everywhere = r.source, r.of == everyClient
			problems = append(problems, p)
		}
	}
	return problems
}

// Rule is one constraint among settings, for people.
type Rule struct {
	Keys   []Key
	Holds  string // what has to hold, in a sentence
	Source string
}

// RulesOf lists the rules that may name a setting, by weight.
func RulesOf(k Key) []Rule {
	var named []Rule
	for _, r := range rules {
		if slices.Contains(r.keys, k) {
			named = append(named, Rule{Keys: slices.Clone(r.keys), Holds: r.holds, Source: r.source})
		}
	}
	return named
}

// refusal says in half a sentence why a row that is not honoured is refused.
var refusal = map[How]string{
	Meaningless: " means nothing to a Go client",
	Impossible:  " cannot be honoured by this client",
	Later:       " is not built yet",
}

// Refusals are the errors for what was set and is not honoured: a run must not
// start with it, and whoever only judges a configuration may look past them.
func Refusals(v Values) []Problem {
	var problems []Problem
	for _, r := range table {
		if r.Honoured() || !v.IsSet(r.Key) {
			continue
		}
		problems = append(problems, Problem{
			Severity: Error, Keys: []Key{r.Key},
			Say: string(r.Key) + refusal[r.How] + "; leave it out.",
			Why: r.Note,
		})
	}
	return problems
}

func (s Severity) rank() int {
	if s == Error {
		return 0
	}
	return 1
}

// judged is what a rule looks at: what was asked, and what the Java client
// makes of it.
type judged struct {
	asked, effective Values
	facts            Facts
}

// whose says who keeps a rule.
type whose int

const (
	theJavaClient whose = iota
	everyClient         // every client that can do the thing at all refuses it, each in its words
	ourOwn              // the producer under test cannot, the Java client can
)

// rule looks for one kind of problem. Its keys are those that its problems may
// name.
type rule struct {
	broken func(judged) (Problem, bool)
	keys   []Key
	holds  string
	source string
	of     whose
}

func defaultOf(k Key) string { return Defaults().Text(k) }

func defaultInt(k Key) int64 { return Defaults().Int(k) }

// show is a value in words for people.
func (v Values) show(k Key) string {
	row, _ := Find(k)
	return row.Kind.Show(v.Text(k))
}
