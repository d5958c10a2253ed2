package cli

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"kdyno/engine"
	"kdyno/engine/fault"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/presets"
)

// start is everything that a session and its screen begin with.
type start struct {
	config engine.Config
	store  *presets.Store // nil where there is no folder for presets
	preset string         // name of the one that was loaded
	every  time.Duration  // --every, 0: never
}

// start judges the flags: defaults below the preset, the environment, and --set with its short forms.
func (a *app) start(f *loadFlags) (start, *failure) {
	store, noStore := a.Presets()
	if noStore != nil {
		store = nil
	}
	s := start{store: store}
	resolve := func(name string) (presets.Preset, error) {
		if noStore != nil {
			return presets.Preset{}, noStore
		}
		return store.Load(name)
	}
	var base presets.Preset
	if f.preset != "" {
		var err error
		if base, err = resolve(f.preset); err != nil {
			return s, badPreset(err)
		}
		s.preset = base.Name
	}
	values, fail := a.environment(base.Values)
	if fail != nil {
		return s, fail
	}
	if a.expects, fail = f.expectations(); fail != nil {
		return s, fail
	}
	if s.every, fail = f.interval(); fail != nil {
		return s, fail
	}
	values, fail = f.values(a, values)
	if fail != nil {
		return s, fail
	}
	s.config = engine.Config{
		Values: values, Brokers: values.Addresses(), Create: f.create, Yes: f.yes, Version: release(a.Build),
		Audit: f.audit,
		Resolve: func(name string) (setting.Values, error) {
			p, err := resolve(name)
			return p.Values, err
		},
	}
	for _, judge := range []func(*engine.Config) *failure{f.topics, f.ends, f.steps, contradictions} {
		if fail := judge(&s.config); fail != nil {
			return s, fail
		}
	}
	return s, nil
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

// steps judges what --at will do before anything runs: a preset that is not
// there should not show after an hour.
func (f *loadFlags) steps(c *engine.Config) *failure {
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
		if v := timed.Step.Verb; v == step.Fault || v == step.Heal {
			if err := fault.Check(timed.Step); err != nil {
				return badFault(text, err)
			}
		}
		c.At = append(c.At, timed)
	}
	slices.SortStableFunc(c.At, func(a, b step.Timed) int { return int(min(max(a.At-b.At, -1), 1)) })
	return nil
}

// badFault says what is wrong with a fault, and what there is.
func badFault(text string, err error) *failure {
	hint := ""
	var bad *fault.Error
	if errors.As(err, &bad) {
		hint = bad.Hint
	}
	return usagef(hint, "--at %s: %v", text, err)
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
	var fail *failure
	for _, p := range setting.Check(c.Values, setting.Facts{}) {
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
