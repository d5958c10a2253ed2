package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kdyno/engine/setting"
	"kdyno/presets"
	"kdyno/presets/dialect"
	"kdyno/presets/disk"
)

func dialectHelp() string { return strings.Join(dialect.Names(), ", ") }

func (a *app) presetsImport() *cobra.Command {
	var name, in string
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Save a file in any dialect as a preset",
		Long: "Save a producer's configuration from a file as a preset: Java properties, Spring\nYAML, librdkafka, code in Java, Python, Go or C#, a kafka-producer-perf-test\ncommand and more. The dialect is recognised; --dialect says it.\nWhat cannot be kept is listed. Secrets are never saved.\n\n" +
			"Dialects: " + wrapped(dialectHelp()),
		Example: "kdyno presets import service.properties\nkdyno presets import src/main/resources/application.yml --name orders",
		Args:    cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) != 1 {
				return usage("presets import takes one file", seeHelp(cmd))
			}
			return a.importPreset(cmd.OutOrStdout(), args[0], name, in)
		}),
	}
	cmd.Flags().StringVar(&name, "name", "", "name of the preset; the file's own name otherwise")
	cmd.Flags().StringVar(&in, "dialect", "", "what the file is, where it is not recognised")
	return cmd
}

// wrapped breaks a text for a command's help.
func wrapped(text string) string { return strings.TrimLeft(wrap(text, ""), " ") }

func (a *app) importPreset(w io.Writer, path, name, in string) *failure {
	if fail := knownDialect(in); fail != nil {
		return fail
	}
	store, err := a.Presets()
	if err != nil {
		return badPreset(err)
	}
	f, fail := wholeForeign(store, path, in)
	if fail != nil {
		return fail
	}
	if fail := f.faults(); fail != nil {
		return fail
	}
	refused := f.refused()
	if refused != nil && f.im.JVM {
		return refused
	}
	if !f.ours {
		f.reduce()
	}
	p := presets.Preset{Note: f.note, Values: f.im.Values.WithoutSecrets()}
	if name == "" {
		name = f.name
		if fail := replaces(store, name, p, path); fail != nil {
			return fail
		}
	}
	if f.ours { // as it is, with all that it says of itself
		p = f.own
		p.Values = p.Values.WithoutSecrets()
	}
	saved, err := store.Put(name, p)
	if err != nil {
		return badPreset(err)
	}
	var b strings.Builder
	b.WriteString(savedLines(name, p, saved))
	if len(f.im.Secrets) > 0 {
		fmt.Fprintf(&b, "not saved, since presets hold no secrets: %s\n", keyList(f.im.Secrets))
	}
	for _, l := range f.remarks() {
		b.WriteString(l + "\n")
	}
	if refused != nil {
		b.WriteString("Kafka's own client would refuse this, and so will a run: " + refused.Message + "\n")
	}
	_, err = io.WriteString(w, b.String())
	return failed(err)
}

func knownDialect(name string) *failure {
	if name == "" || slices.Contains(dialect.Names(), name) {
		return nil
	}
	return usagef("one of "+dialectHelp(), "--dialect: there is no dialect %q", name)
}

// refused is what the Java client would not start with. What is left to
// variables or kept apart as a secret is not judged.
func (f foreign) refused() *failure {
	unknown := func(k setting.Key) bool {
		row, _ := setting.Find(k)
		return row.Secret || slices.ContainsFunc(f.im.Blanks, func(b dialect.Blank) bool { return b.Key == k })
	}
	later := map[string]bool{}
	for _, p := range setting.Refusals(f.im.Values) {
		later[p.Say] = true
	}
	for _, p := range setting.Check(f.im.Values, setting.Facts{}) {
		if p.Severity != setting.Error || later[p.Say] || slices.ContainsFunc(p.Keys, unknown) {
			continue
		}
		at := f.im.Origins[p.Keys[0]]
		fail := usage(place(f.path, at.Line, at.Column)+strings.TrimSuffix(p.Say, "."), p.Why)
		fail.Key = firstKey(p)
		return fail
	}
	return nil
}

// replaces guards a preset that has the file's name by chance.
func replaces(store *presets.Store, name string, p presets.Preset, path string) *failure {
	if err := presets.CheckName(name); err != nil {
		fail := badPreset(err)
		fail.Hint = "give it one: kdyno presets import " + path + " --name NAME"
		return fail
	}
	old, err := store.Load(name)
	if err != nil || old.BuiltIn || old.Values.Equal(p.Values) {
		return nil // Put tells what is wrong with the one that is there
	}
	return usagef("choose another with --name, or insist with --name "+name, "there is a preset named %s already, with other values", name)
}

// configuration finds what a person names: a preset, by name or path, or a file
// in any dialect.
func (a *app) configuration(name string) (foreign, *failure) {
	store, err := a.Presets()
	if err != nil {
		return foreign{}, badPreset(err)
	}
	if presets.CheckName(name) == nil {
		p, err := store.Load(name)
		if err == nil {
			return ownPreset(p, ""), nil
		}
		if !isThere(name) {
			return foreign{}, badPreset(err)
		}
	}
	f, fail := wholeForeign(store, name, "")
	if fail == nil {
		fail = f.faults()
	}
	return f, fail
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (a *app) presetsExport() *cobra.Command {
	var c exportFlags
	cmd := &cobra.Command{
		Use:   "export NAME",
		Short: "Write a preset, or a file, in another dialect",
		Long: "Write a preset in the words of an application: its name, a path, or a file in\nany dialect. The header says what it is, the guarantee, and what the dialect\ncannot say or means otherwise. Secrets are left to the environment.\n\n" +
			"Dialects: " + wrapped(dialectHelp()),
		Example: "kdyno presets export orders --dialect java\nkdyno presets export orders --dialect franz-go -o producer/options.go\nkdyno presets export service.properties --dialect librdkafka",
		Args:    cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) != 1 {
				return usage("presets export takes one name or path", seeHelp(cmd))
			}
			return a.exportPreset(cmd.OutOrStdout(), args[0], c)
		}),
	}
	cmd.Flags().StringVar(&c.dialect, "dialect", "", "what to write: one of "+dialectHelp())
	cmd.Flags().StringVarP(&c.out, "output", "o", "", "write to a file that is not there yet, instead of stdout")
	cmd.Flags().StringVar(&c.topic, "topic", "", "topic of a perf-test command")
	return cmd
}

type exportFlags struct{ dialect, out, topic string }

func (a *app) exportPreset(w io.Writer, name string, c exportFlags) *failure {
	if c.dialect == "" {
		return usage("presets export needs --dialect", "one of "+dialectHelp())
	}
	if fail := knownDialect(c.dialect); fail != nil {
		return fail
	}
	f, fail := a.configuration(name)
	if fail != nil {
		return fail
	}
	text, losses, err := dialect.Write(c.dialect, dialect.Config{Name: f.name, Note: f.note, Values: f.im.Values, Measured: f.own.MeasuredLines(), Topic: c.topic})
	if err != nil {
		return failed(err)
	}
	if !f.ours {
		a.say(f.remarks())
	}
	if n := meant(losses); n > 0 {
		a.say([]string{fmt.Sprintf("not everything can be said in %s: the header lists %d", c.dialect, n)})
	}
	if c.out == "" {
		_, err := io.WriteString(w, text)
		return failed(err)
	}
	return writeNew(w, c.out, text)
}

// meant counts the losses of a producer's settings; the load's are no surprise.
func meant(losses []dialect.Loss) int {
	n := 0
	for _, l := range losses {
		if row, _ := setting.Find(l.Key); row.Scope == setting.Producer {
			n++
		}
	}
	return n
}

// writeNew writes a file whole, and none that is there already.
func writeNew(w io.Writer, path, text string) *failure {
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		return usagef("choose another path, or remove that file first", "-o %s: there is something already", path)
	}
	if err := disk.Replace(path, []byte(text)); err != nil {
		return usagef("give a path in a folder that you may write to", "-o %s: %v", path, bare(err))
	}
	_, err := fmt.Fprintf(w, "wrote %s\n", path)
	return failed(err)
}

func (a *app) presetsDiff() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "diff A B",
		Short:   "Show where two presets or files differ",
		Long:    "Show where two configurations differ: presets by name or path, or files in any\ndialect. A value that nobody set counts as its default.",
		Example: "kdyno presets diff orders orders-zstd\nkdyno presets diff orders service.properties",
		Args:    cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) != 2 {
				return usage("presets diff takes two names or paths", seeHelp(cmd))
			}
			return a.diffPresets(cmd.OutOrStdout(), args[0], args[1])
		}),
	}
	cmd.Flags().Bool("json", false, "print the differences as a JSON array")
	return cmd
}

func (a *app) diffPresets(w io.Writer, one, two string) *failure {
	left, fail := a.configuration(one)
	if fail != nil {
		return fail
	}
	right, fail := a.configuration(two)
	if fail != nil {
		return fail
	}
	changes := right.im.Values.Diff(left.im.Values)
	if a.json {
		if changes == nil {
			changes = []setting.Change{}
		}
		text, err := line(changes)
		if err == nil {
			_, err = w.Write(text)
		}
		return failed(err)
	}
	if len(changes) == 0 {
		_, err := fmt.Fprintf(w, "%s and %s have the same values\n", one, two)
		return failed(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "KEY\t%s\t%s\n", strings.ToUpper(left.name), strings.ToUpper(right.name))
	for _, c := range changes {
		fmt.Fprintf(&b, "%s\t%s\t%s\n", c.Key, shownValue(c.Key, c.Old), shownValue(c.Key, c.New))
	}
	return failed(columns(w, b.String()))
}

func shownValue(k setting.Key, text string) string {
	row, _ := setting.Find(k)
	return quotedIfEmpty(row.Kind.Show(text))
}

func (a *app) presetsRemove() *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a preset",
		Args:  cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) != 1 {
				return usage("presets remove takes one name", seeHelp(cmd))
			}
			store, err := a.Presets()
			if err == nil {
				err = store.Remove(args[0])
			}
			if err != nil {
				return badPreset(err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "removed %s\n", args[0])
			return failed(err)
		}),
	}
}

func (a *app) presetsRename() *cobra.Command {
	return &cobra.Command{
		Use:   "rename OLD NEW",
		Short: "Give a preset another name",
		Args:  cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) != 2 {
				return usage("presets rename takes the old name and the new one", seeHelp(cmd))
			}
			store, err := a.Presets()
			if err != nil {
				return badPreset(err)
			}
			path, err := store.Rename(args[0], args[1])
			if err != nil {
				return badPreset(err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "renamed %s to %s: %s\n", args[0], args[1], path)
			return failed(err)
		}),
	}
}
