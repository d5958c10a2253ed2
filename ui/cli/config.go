package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kdyno/engine"
	"kdyno/engine/fault"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/presets"
)

// start is everything that a session and its screen begin with.
type start struct {
	config  engine.Config
	store   *presets.Store // nil where there is no folder for presets
	noStore error          // why
	preset  presets.Preset // the one that was loaded; its name is empty without
	every   time.Duration  // --every, 0: never
}

// resolve finds a preset by name or path.
func (s *start) resolve(name string) (presets.Preset, error) {
	if s.store == nil {
		return presets.Preset{}, s.noStore
	}
	return s.store.Load(name)
}

// shelf reads presets by their path, where there is no folder of one's own too.
func (s *start) shelf() *presets.Store {
	if s.store != nil {
		return s.store
	}
	store, _ := presets.Open(".") // only without a folder it can fail
	return store
}

// start judges the flags: defaults below the preset, --config, the environment, and --set with its short forms.
func (a *app) start(f *loadFlags) (start, *failure) {
	s, all, fail := a.layered(f)
	if fail != nil {
		return s, fail
	}
	values := all.values()
	if a.expects, fail = f.expectations(s.preset.Expect); fail != nil {
		return s, fail
	}
	if s.every, fail = f.interval(); fail != nil {
		return s, fail
	}
	s.config = engine.Config{
		Values: values, Brokers: values.Addresses(), Create: f.create, Yes: f.yes, Version: release(a.Build),
		Audit: f.audit,
		Resolve: func(name string) (setting.Values, error) {
			p, err := s.resolve(name)
			return p.All(), err
		},
	}
	if fail := a.saves(f, s); fail != nil {
		return s, fail
	}
	for _, judge := range []func(*engine.Config) *failure{f.topics, f.ends, f.steps, contradictions} {
		if fail := judge(&s.config); fail != nil {
			return s, fail
		}
	}
	return s, nil
}

// layered opens the presets' folder and puts the sources of values together.
func (a *app) layered(f *loadFlags) (start, layers, *failure) {
	var s start
	if s.store, s.noStore = a.Presets(); s.noStore != nil {
		s.store = nil
	}
	all, fail := a.sources(f, &s)
	return s, all, fail
}

// printConfig is --print-config: the values and where they come from, and
// nothing runs.
func (a *app) printConfig(w io.Writer, f *loadFlags) *failure {
	_, all, fail := a.layered(f)
	if fail != nil {
		return fail
	}
	return a.printSources(w, all)
}

var topicName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,249}$`)

// shortestEvery is the length of the engine's own intervals.
const shortestEvery = 100 * time.Millisecond

// interval reads --every.
func (f *loadFlags) interval() (time.Duration, *failure) {
	if f.every == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(f.every)
	if err != nil || d < shortestEvery || d > time.Minute {
		return 0, usagef("a time from 100ms to 1m, such as 1s", "--every: %q is not such a length of time", f.every)
	}
	return d, nil
}

func (f *loadFlags) topics(c *engine.Config) *failure {
	if strings.TrimSpace(f.topic) == "" {
		if len(c.Brokers) > 0 {
			return usage("--brokers needs --topic", "name the topic that may be loaded, such as --topic orders; --create makes it if it is missing")
		}
		return nil
	}
	for t := range strings.SplitSeq(f.topic, ",") {
		t = strings.TrimSpace(t)
		switch {
		case !topicName.MatchString(t) || t == "." || t == "..":
			return usagef("1 to 249 letters, digits, dots, dashes and underscores; several parted by commas", "--topic: %q is not a topic's name", t)
		case slices.Contains(c.Topics, t):
			return usagef("name each topic once", "--topic: %s stands there twice", t)
		}
		c.Topics = append(c.Topics, t)
	}
	return nil
}

func (f *loadFlags) ends(c *engine.Config) *failure {
	if f.length != "" {
		d, err := time.ParseDuration(f.length)
		if err != nil || d <= 0 {
			return usagef("a time with its unit, such as 10s, 1m30s or 500ms", "--for: %q is not a length of time above 0", f.length)
		}
		c.For = d
	}
	if f.count != "" {
		n, err := strconv.ParseInt(f.count, 10, 64)
		if err != nil || n <= 0 {
			return usagef("a whole number from 1, such as 100000", "--records: %q is not a number of records", f.count)
		}
		c.Records = n
	}
	return nil
}

// typed is a step of --at and how it was written.
type typed struct {
	step.Timed
	text string
}

// steps judges what --at will do before anything runs: a preset that is not
// there should not show after an hour.
func (f *loadFlags) steps(c *engine.Config) *failure {
	var timeline []typed
	for _, text := range f.at {
		timed, err := step.ParseTimed(text)
		if err != nil {
			return badStep(text, err)
		}
		if c.For > 0 && timed.At >= c.For {
			return usagef("make --for longer, or the step earlier", "--at %s: the load has ended by then, after %s", text, f.length)
		}
		if timed.Step.Verb == step.Preset {
			if _, err := c.Resolve(timed.Step.Name); err != nil {
				fail := badPreset(err)
				fail.Message = fmt.Sprintf("--at %s: %s", text, fail.Message)
				return fail
			}
		}
		timeline = append(timeline, typed{timed, text})
	}
	slices.SortStableFunc(timeline, func(a, b typed) int { return cmp.Compare(a.At, b.At) })
	for _, t := range timeline {
		c.At = append(c.At, t.Timed)
	}
	return faults(timeline, ground(c))
}

// faults judges what a timeline will break, by what is known of the cluster
// before it is there.
func faults(timeline []typed, g fault.Ground) *failure {
	for _, t := range timeline {
		switch t.Step.Verb {
		case step.Fault, step.Heal:
			if err := fault.Check(t.Step, g); err != nil {
				return badFault(t.text, err)
			}
		case step.Partitions:
			g.Partitions = 0 // there are more from here on
		default:
		}
	}
	return nil
}

// ground is the cluster that a configuration will stand on.
func ground(c *engine.Config) fault.Ground {
	if len(c.Brokers) > 0 {
		return fault.Ground{Real: true}
	}
	g := fault.Ground{Partitions: int(c.Values.Int(setting.StandPartitions))}
	for id := range c.Values.Int(setting.StandBrokers) {
		g.Brokers = append(g.Brokers, int32(id))
	}
	return g
}

// badFault says what is wrong with a fault, where, and what there is.
func badFault(text string, err error) *failure {
	var bad *fault.Error
	if !errors.As(err, &bad) {
		return usagef("", "--at %s: %v", text, err)
	}
	word := " " + bad.Parameter + "="
	if bad.Parameter == "" {
		word = " " + bad.Fault
	}
	at := strings.Index(text, word)
	if at < 0 {
		at = len(text) // what is missing belongs at the end
	}
	return badStep(text, &step.Error{Column: utf8.RuneCountInString(text[:at]) + 2, Say: bad.Sentence(), Hint: bad.Hint})
}

// badStep shows the line with a mark under the column that is wrong.
func badStep(text string, err error) *failure {
	var bad *step.Error
	if !errors.As(err, &bad) {
		return usagef("", "--at %s: %v", text, err)
	}
	fail := usagef(bad.Hint, "--at %s: column %d: %s", text, bad.Column, bad.Say)
	fail.detail = []string{text, strings.Repeat(" ", max(bad.Column-1, 0)) + "^"}
	return fail
}

// contradictions refuses what the Java client would refuse, all at once.
func contradictions(c *engine.Config) *failure {
	return refusing(setting.Check(c.Values, setting.Facts{}))
}

// refusing tells the problems that are errors.
func refusing(problems []setting.Problem) *failure {
	var fail *failure
	for _, p := range problems {
		if p.Severity != setting.Error {
			continue
		}
		if fail == nil {
			fail = usage(strings.TrimSuffix(p.Say, "."), remedy(p))
			fail.Key = firstKey(p)
			continue
		}
		fail.detail = append(fail.detail, p.Say)
		if fix := remedy(p); fix != "" {
			fail.detail = append(fail.detail, fix)
		}
	}
	return fail
}

func firstKey(p setting.Problem) string {
	if len(p.Keys) == 0 {
		return ""
	}
	return string(p.Keys[0])
}

// remedy writes a problem's fix as flags that can be pasted.
func remedy(p setting.Problem) string {
	var flags []string
	for k, text := range p.Fix {
		flags = append(flags, fmt.Sprintf("--set %s=%s", k, text))
	}
	if len(flags) == 0 {
		return p.Why
	}
	slices.Sort(flags)
	return "cured by " + strings.Join(flags, " ")
}
