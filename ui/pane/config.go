package pane

import (
	"errors"
	"slices"

	"kdyno/engine/setting"
)

// Config is the table of settings: a cursor, what is staged (edited and not
// applied), and an editor at the row. Problems are those of the staged values;
// whoever stages must set them again, since judging needs the cluster's facts.
type Config struct {
	Problems []setting.Problem
	Filter   Filter
	// Reckon says what a setting should be by what is measured; nil or "": nothing
	// does.
	Reckon func(setting.Key, Scene) string

	rows   []setting.Row
	cursor int
	scroll int
	staged map[setting.Key]string // canonical
	asked  map[setting.Key]string // applied and not running yet
	edit   *editor
	seen   []int // the setting on each line, as it was last drawn; -1: none
}

// top scrolls so far that the cursor's group stands at the top.
const top = 1 << 20

// seldom are the groups that are set once and then left alone; they stand below
// what is turned while the load runs.
var seldom = map[string]bool{"connection": true, "network": true, "tls": true, "sasl": true, "oauthbearer": true}

// NewConfig makes the pane of all rows of the table that the engine honours;
// the others can only be refused, so they are no choice.
func NewConfig() *Config {
	p := &Config{staged: map[setting.Key]string{}, asked: map[setting.Key]string{}, scroll: top}
	for _, r := range setting.Rows() {
		if r.Honoured() {
			p.rows = append(p.rows, r)
		}
	}
	slices.SortStableFunc(p.rows, func(a, b setting.Row) int {
		return int(yes(seldom[a.Group]) - yes(seldom[b.Group]))
	})
	p.Find(setting.LingerMs) // what people try first; the first rows can only be read
	return p
}

// Row is the setting under the cursor.
func (p *Config) Row() setting.Row { return p.rows[p.cursor] }

// ListFilter implements Lister.
func (p *Config) ListFilter() *Filter { return &p.Filter }

// Move moves the cursor by so many of the rows that the filter lets pass, and
// stops at the ends. Moving by none brings it back to a row that passes.
func (p *Config) Move(by int) {
	var passing []int
	at := 0
	for i := range p.rows {
		if p.passes(i) {
			if i <= p.cursor {
				at = len(passing)
			}
			passing = append(passing, i)
		}
	}
	if len(passing) > 0 {
		p.cursor = passing[min(max(at+by, 0), len(passing)-1)]
	}
}

// PointAt moves the cursor to the setting that was drawn on a line of the pane;
// a line without one is left alone.
func (p *Config) PointAt(y int) {
	if y >= 0 && y < len(p.seen) && p.seen[y] >= 0 {
		p.cursor = p.seen[y]
	}
}

// passes says whether the filter lets a row pass; "staged" finds what is
// edited, and "problem" what does not fit together.
func (p *Config) passes(i int) bool {
	r, state := p.rows[i], ""
	if _, ok := p.staged[r.Key]; ok {
		state = "staged"
	}
	if len(p.problemsAt(r.Key)) > 0 {
		state += " problem"
	}
	return p.Filter.Passes(string(r.Key), string(r.Scope), r.Group, state)
}

// Find moves the cursor to a setting, and drops a filter that hides it; it says
// whether there is such a row.
func (p *Config) Find(k setting.Key) bool {
	i := slices.IndexFunc(p.rows, func(r setting.Row) bool { return r.Key == k })
	if i >= 0 {
		p.cursor, p.scroll = i, top
		if !p.passes(i) {
			p.Filter.Set("")
		}
	}
	return i >= 0
}

// Staged are the changes that a would apply, in the order of the table. What
// was staged and is the running value by now is no change.
func (p *Config) Staged(now setting.Values) []setting.Change {
	var changes []setting.Change
	for _, r := range p.rows {
		if text, ok := p.staged[r.Key]; ok && text != p.was(r.Key, now) {
			changes = append(changes, setting.Change{Key: r.Key, Old: p.was(r.Key, now), New: text})
		}
	}
	return changes
}

// was is a value as it runs or, where a change of it waits, as it will.
func (p *Config) was(k setting.Key, now setting.Values) string {
	if text, waits := p.asked[k]; waits {
		return text
	}
	return now.Text(k)
}

// Proposed are the values as they would be when the staged ones are applied.
func (p *Config) Proposed(now setting.Values) setting.Values {
	for k, text := range p.asked {
		if v, err := now.With(k, text); err == nil {
			now = v
		}
	}
	for _, ch := range p.Staged(now) {
		if v, err := now.With(ch.Key, ch.New); err == nil {
			now = v
		}
	}
	return now
}

// Stage stages one value as text, which may carry a unit. The error is that of
// the table; a row that is only read at the start is refused.
func (p *Config) Stage(k setting.Key, text string, now setting.Values) error {
	row, ok := setting.Find(k)
	if ok && row.AtStart {
		return errors.New(string(k) + " is only read at the start: give it to kdyno when it starts, with --set or a preset")
	}
	v, err := now.With(k, text)
	if err != nil {
		return err
	}
	p.staged[k] = v.Text(k)
	if p.staged[k] == p.was(k, now) {
		delete(p.staged, k)
	}
	return nil
}

// StageAll stages, in place of what was staged, everything that makes these
// values run (see setting.Values.Onto). It returns the keys that it could not
// stage, because they are only read at the start.
func (p *Config) StageAll(v, now setting.Values) (skipped []setting.Key) {
	p.Discard(now)
	for _, c := range v.Onto(now) {
		if err := p.Stage(c.Key, c.New, now); err != nil {
			skipped = append(skipped, c.Key)
		}
	}
	for _, k := range v.Set() {
		if row, _ := setting.Find(k); row.AtStart && v.Text(k) != now.Text(k) {
			skipped = append(skipped, k)
		}
	}
	return skipped
}

// Discard forgets what is staged and returns how many changes that were.
func (p *Config) Discard(now setting.Values) int {
	n := len(p.Staged(now))
	clear(p.staged)
	return n
}

// Applied takes note of changes that were handed to the engine: they are staged
// no more, and wait until they run.
func (p *Config) Applied(changes []setting.Change) {
	for _, ch := range changes {
		if p.staged[ch.Key] == ch.New {
			delete(p.staged, ch.Key)
		}
		p.asked[ch.Key] = ch.New
	}
}

// Settle forgets the changes that run by now, and all of them where nothing is
// under way any more: what has not come to run then was refused or replaced.
func (p *Config) Settle(now setting.Values, all bool) {
	for k, text := range p.asked {
		if all || now.Text(k) == text {
			delete(p.asked, k)
		}
	}
}

// Waiting is how many changes do not run yet.
func (p *Config) Waiting() int { return len(p.asked) }

// Fix stages the cure of the problem that is shown at the cursor's row; it
// says whether there was one.
func (p *Config) Fix(now setting.Values) bool {
	for _, problem := range p.problemsAt(p.Row().Key) {
		if len(problem.Fix) == 0 {
			continue
		}
		for k, text := range problem.Fix {
			if err := p.Stage(k, text, now); err != nil {
				return false
			}
		}
		return true
	}
	return false
}

// Fixable says whether Fix would do something.
func (p *Config) Fixable() bool {
	return slices.ContainsFunc(p.problemsAt(p.Row().Key), func(pr setting.Problem) bool { return len(pr.Fix) > 0 })
}

// Blocking is the first problem that forbids applying, or nil.
func (p *Config) Blocking() *setting.Problem {
	for i, problem := range p.Problems {
		if problem.Severity == setting.Error {
			return &p.Problems[i]
		}
	}
	return nil
}

func (p *Config) problemsAt(k setting.Key) []setting.Problem {
	var at []setting.Problem
	for _, problem := range p.Problems {
		if slices.Contains(problem.Keys, k) {
			at = append(at, problem)
		}
	}
	return at
}
