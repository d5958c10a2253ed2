package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kdyno/engine"
	"kdyno/engine/setting"
	"kdyno/presets"
	"kdyno/presets/dialect"
)

const checkLong = `Lint a producer's configuration: a file in any dialect, or a preset by name or
path. Problems come with what would happen, the cure and the source; beside them
stand the guarantee and what the client quietly makes of the values. What the
Java client refuses is an error. Nothing is sent, and without --brokers nobody
is asked.`

const checkExample = `kdyno check service.properties
kdyno check src/main/resources/application.yml --strict
kdyno check orders --brokers 127.0.0.1:9092 --topic orders
kdyno check producer.go --json`

// checkFlags are the flags of `kdyno check`, as they were typed.
type checkFlags struct {
	load    loadFlags
	brokers string
	strict  bool
}

func (a *app) checkCommand() *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use:   "check FILE or PRESET",
		Short: "Lint a configuration: problems, cures, guarantee, effective values",
		Long:  checkLong + "\n\nDialects: " + wrapped(dialectHelp()), Example: checkExample,
		Args: cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) != 1 {
				return usage("check takes one file or preset", seeHelp(cmd))
			}
			return a.check(cmd.OutOrStdout(), args[0], f)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.load.dialect, "dialect", "", "what the file is, where it is not recognised")
	flags.BoolVar(&f.strict, "strict", false, "exit code 1 for warnings, too")
	flags.StringVar(&f.brokers, "brokers", "", "a cluster whose facts are to count: message.max.bytes, min.insync.replicas and others")
	flags.StringVar(&f.load.topic, "topic", "", "the topic that is written there, or several parted by commas")
	flags.Var(setFlag{f: &f.load, name: "set", shows: "KEY=VALUE"}, "set", "judge it with this set, too; may be repeated")
	flags.Bool("json", false, "print the verdict as one JSON object")
	return cmd
}

// verdict is what a check comes to, in the words of the contract.
type verdict struct {
	Dialect     string               `json:"dialect"`
	Guarantee   setting.Guarantee    `json:"guarantee"`
	Problems    []finding            `json:"problems"`
	Effective   map[string]string    `json:"effective"`
	Differences []setting.Difference `json:"differences"`
	NotJudged   []unjudged           `json:"not_judged,omitempty"`
}

// finding is a problem, and where in the file its settings stand.
type finding struct {
	setting.Problem
	Line  int                 `json:"line,omitempty"` // the first of Lines
	Lines map[setting.Key]int `json:"lines,omitempty"`
}

// unjudged is something that was left out of the judgement.
type unjudged struct {
	Key  setting.Key `json:"key,omitempty"`
	Line int         `json:"line,omitempty"`
	Say  string      `json:"say"`
}

func (a *app) check(w io.Writer, name string, f *checkFlags) *failure {
	if fail := knownDialect(f.load.dialect); fail != nil {
		return fail
	}
	c, fail := a.checked(name, f.load.dialect)
	if fail != nil {
		return fail
	}
	if c.asked, fail = f.load.values(a, c.im.Values); fail != nil {
		return fail
	}
	facts, fail := a.factsOf(f, c.asked)
	if fail != nil {
		return fail
	}
	v := c.verdict(facts)
	errs, warnings := v.count()
	if errs > 0 || f.strict && warnings > 0 {
		a.code = 1
	}
	if !a.json {
		_, err := io.WriteString(w, c.text(v))
		return failed(err)
	}
	text, err := line(v)
	if err == nil {
		_, err = w.Write(text)
	}
	return failed(err)
}

// checked is a configuration that is to be judged.
type checked struct {
	foreign
	asked  setting.Values // with what --set adds
	faults []finding      // of its preset's file
}

// checked finds what is to be judged: a preset, or a file in any dialect. What
// is wrong with single lines is judged with the rest.
func (a *app) checked(name, in string) (checked, *failure) {
	store, err := a.Presets()
	if err != nil {
		store, _ = presets.Open(".") // only without a folder it can fail
	}
	if in == "" && presets.CheckName(name) == nil {
		p, err := store.Load(name)
		if err == nil || p.Lines != nil {
			return checkedPreset(p, err), nil
		}
		if !isThere(name) {
			return checked{}, badPreset(err)
		}
	}
	f, fail := readForeign(store, name, in)
	if fail != nil {
		return checked{}, fail
	}
	if f.ours {
		return checkedPreset(f.own, f.faulty), nil
	}
	lost := slices.ContainsFunc(f.im.Losses, func(l dialect.Loss) bool { return l.Key != "" }) // that can be judged, too
	if fail := f.nothing(); fail != nil && !lost {
		return checked{}, fail
	}
	return checked{foreign: f}, nil
}

// checkedPreset is a preset of which err says what could not be read.
func checkedPreset(p presets.Preset, err error) checked {
	c := checked{foreign: ownPreset(p, "")}
	var bad *presets.Error
	if !errors.As(err, &bad) {
		return c
	}
	c.path = bad.Path
	for _, problem := range bad.Problems {
		f := finding{Problem: setting.Problem{Severity: setting.Error, Keys: keysOf(problem.Key), Say: sentence(problem.Say), Why: problem.Hint}, Line: problem.Line}
		c.faults = append(c.faults, f)
	}
	return c
}

func keysOf(k setting.Key) []setting.Key {
	if k == "" {
		return []setting.Key{}
	}
	return []setting.Key{k}
}

// sentence ends a text with a full stop.
func sentence(text string) string { return strings.TrimSuffix(text, ".") + "." }

// factsOf asks the cluster of --brokers, with what the configuration, the
// environment and --set say of the way there.
func (a *app) factsOf(f *checkFlags, v setting.Values) (setting.Facts, *failure) {
	if f.brokers == "" {
		if f.load.topic != "" {
			return setting.Facts{}, usage("--topic needs --brokers", "name the cluster that has the topic")
		}
		return setting.Facts{}, nil
	}
	v, fail := a.environment(v)
	if fail != nil {
		return setting.Facts{}, fail
	}
	v, err := v.With(setting.BootstrapServers, f.brokers)
	if err != nil {
		return setting.Facts{}, badValue(err, "--brokers")
	}
	c := engine.Config{Values: v, Brokers: v.Addresses()}
	if fail := f.load.topics(&c); fail != nil {
		return setting.Facts{}, fail
	}
	facts, err := a.Facts(context.Background(), c)
	return facts, failed(err)
}

// verdict judges.
func (c checked) verdict(facts setting.Facts) verdict {
	v := verdict{
		Dialect: cmp.Or(c.im.Dialect, "kdyno"), Guarantee: c.guarantee(), Effective: c.effective(),
		Problems: slices.Clone(c.faults), Differences: c.differences(), NotJudged: c.unjudged(),
	}
	for _, p := range c.im.Problems {
		if p.Ours {
			v.NotJudged = append(v.NotJudged, unjudged{p.Key, p.Line, sentence(p.Say)})
			continue
		}
		v.Problems = append(v.Problems, finding{
			Problem: setting.Problem{Severity: p.Severity, Keys: keysOf(p.Key), Say: sentence(p.Say), Why: p.Hint, Source: c.im.Client}, Line: p.Line,
		})
	}
	for _, p := range slices.Concat(c.missing(), c.rules(facts)) {
		v.Problems = append(v.Problems, c.placed(p))
	}
	if errs, _ := v.count(); errs > 0 && v.Guarantee.Name != undecided {
		v.Guarantee.Because = append([]string{notAsItIs}, v.Guarantee.Because...)
	}
	slices.SortStableFunc(v.Problems, func(a, b finding) int {
		return cmp.Or(strings.Compare(string(a.Severity), string(b.Severity)), cmp.Compare(a.Line, b.Line))
	})
	return v
}

// placed tells where a problem's settings stand.
func (c checked) placed(p setting.Problem) finding {
	f := finding{Problem: p}
	for _, k := range p.Keys {
		line := c.lineOf(k)
		if line == 0 {
			continue
		}
		if f.Lines == nil {
			f.Lines = map[setting.Key]int{}
		}
		f.Lines[k] = line
		if f.Line == 0 {
			f.Line = line
		}
	}
	return f
}

// lineOf is where a setting stands in the file, be it with a value that does not
// come across; 0: nowhere.
func (c checked) lineOf(k setting.Key) int {
	if line := c.im.Origins[k].Line; line > 0 {
		return line
	}
	for _, l := range c.im.Losses {
		if l.Key == k {
			return l.Line
		}
	}
	return 0
}

// effective is what the client makes of the values: of a producer, and of the
// rest where it is set.
func (c checked) effective() map[string]string {
	all := map[string]string{}
	e := c.asked.Effective()
	for k, text := range e.Map() {
		if row, _ := setting.Find(setting.Key(k)); row.Scope == setting.Producer || c.asked.IsSet(row.Key) {
			all[k] = text
		}
	}
	for _, b := range c.im.Blanks {
		if c.blank(b.Key) {
			all[string(b.Key)] = b.Text
		}
	}
	return all
}

func (c checked) differences() []setting.Difference {
	return slices.DeleteFunc(c.asked.Changed(), func(d setting.Difference) bool { return c.blank(d.Key) })
}

// unjudged lists what the judgement leaves out.
func (c checked) unjudged() []unjudged {
	var all []unjudged
	for _, b := range c.im.Blanks {
		if c.blank(b.Key) {
			all = append(all, unjudged{b.Key, b.Line, fmt.Sprintf("%s is %s, and nothing is filled in here.", b.Key, b.Text)})
		}
	}
	for _, l := range c.im.Losses {
		if !l.Refused {
			all = append(all, unjudged{l.Key, l.Line, cmp.Or(l.Name, string(l.Key)) + ": " + sentence(l.Say)})
		}
	}
	return all
}

// count counts by severity.
func (v verdict) count() (errs, warnings int) {
	for _, p := range v.Problems {
		if p.Severity == setting.Error {
			errs++
		} else {
			warnings++
		}
	}
	return errs, warnings
}
