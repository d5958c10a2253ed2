package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kdyno/engine/setting"
	"kdyno/presets"
)

func (a *app) presetsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "presets",
		Short: "Keep named configurations, bring them in and carry them out",
		Args:  cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return usage("presets needs a command: list, show, save, remove, rename, diff, import or export", seeHelp(cmd))
		}),
	}
	cmd.AddCommand(a.presetsList(), a.presetsShow(), a.presetsSave(), a.presetsRemove(), a.presetsRename(), a.presetsDiff(), a.presetsImport(), a.presetsExport())
	return cmd
}

func (a *app) presetsList() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the saved presets",
		Args:  cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) > 0 {
				return noArguments(cmd, args)
			}
			store, err := a.Presets()
			if err != nil {
				return badPreset(err)
			}
			list, err := store.List()
			if err != nil {
				return badPreset(err)
			}
			if a.json {
				return failed(listJSON(cmd.OutOrStdout(), list))
			}
			return failed(listPresets(cmd.OutOrStdout(), list, store.Dir()))
		}),
	}
	cmd.Flags().Bool("json", false, "print the list as a JSON array")
	return cmd
}

func listJSON(w io.Writer, list []presets.Entry) error {
	if list == nil {
		list = []presets.Entry{}
	}
	text, err := line(list)
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}

func listPresets(w io.Writer, list []presets.Entry, dir string) error {
	var own, others strings.Builder
	for _, e := range list {
		note, _, _ := strings.Cut(e.Note, "\n")
		if e.BuiltIn {
			fmt.Fprintf(&others, "%s\t%d set\t%s\n", e.Name, len(e.Set), note)
			continue
		}
		what := fmt.Sprintf("%d set", len(e.Set))
		if e.Problem != "" {
			what = "cannot be read"
			note, _, _ = strings.Cut(e.Problem, "\n")
		}
		fmt.Fprintf(&own, "%s\t%s\t%s\n", e.Name, what, note)
	}
	if own.Len() == 0 {
		if _, err := fmt.Fprintf(w, "no presets of your own yet in %s\nkdyno presets save NAME --set linger.ms=20 makes one\n", dir); err != nil {
			return err
		}
	} else if err := columns(w, own.String()); err != nil {
		return err
	}
	if others.Len() == 0 {
		return nil
	}
	if _, err := io.WriteString(w, "\nbuilt in, kdyno presets show NAME says why they are so:\n"); err != nil {
		return err
	}
	return columns(w, others.String())
}

func (a *app) presetsShow() *cobra.Command {
	return &cobra.Command{
		Use:     "show NAME",
		Short:   "Print a preset, by name or path, or a file in any dialect, as YAML",
		Example: "kdyno presets show orders\nkdyno presets show ./team/orders.yaml",
		Args:    cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) != 1 {
				return usage("presets show takes one name or path", seeHelp(cmd))
			}
			f, fail := a.configuration(args[0])
			if fail != nil {
				return fail
			}
			shown := f.own
			if !f.ours {
				shown = presets.Preset{Name: f.name, Note: f.note, Values: f.im.Values.WithoutSecrets()}
			}
			text, err := shown.Text()
			if err == nil {
				_, err = io.WriteString(cmd.OutOrStdout(), text)
			}
			return failed(err)
		}),
	}
}

// saveFlags are the flags of `kdyno presets save`.
type saveFlags struct {
	loadFlags
	note, purpose string
}

func (a *app) presetsSave() *cobra.Command {
	f := &saveFlags{}
	cmd := &cobra.Command{
		Use:   "save NAME",
		Short: "Save what --preset and --set give under a name",
		Long: "Save what --preset and --set give under a name. Of a preset of that name the\nvalues are replaced as a whole, and what changes is told; note, purpose and\n" +
			"objectives stay where none are given.",
		Example: "kdyno presets save orders --set linger.ms=20 --set acks=all --note 'agreed in May'\nkdyno presets save orders-zstd --preset orders --set compression.type=zstd\n" +
			"kdyno presets save mine --preset card-payments --expect 'latency.p99_ms<20' --expect 'records.failed==0'",
		Args: cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) != 1 {
				return usage("presets save takes one name", seeHelp(cmd))
			}
			return a.savePreset(cmd.OutOrStdout(), args[0], f)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.preset, "preset", "", "start from another preset, by name or path")
	flags.Var(setFlag{f: &f.loadFlags, name: "set", shows: "KEY=VALUE"}, "set", "set one setting; may be repeated, and wins over the preset")
	flags.StringVar(&f.note, "note", "", "a line or more for people")
	flags.StringVar(&f.purpose, "for", "", "what it is for")
	flags.StringArrayVar(&f.expect, "expect", nil, "an objective, judged whenever the preset is run, such as 'latency.p99_ms<20'; may be repeated")
	return cmd
}

func (a *app) savePreset(w io.Writer, name string, f *saveFlags) *failure {
	store, err := a.Presets()
	if err != nil {
		return badPreset(err)
	}
	p := presets.Preset{Values: setting.Defaults()}
	if f.preset != "" {
		if p, err = store.Load(f.preset); err != nil {
			return badPreset(err)
		}
	}
	if _, fail := f.expectations(nil); fail != nil {
		return fail
	}
	values, fail := f.values(a, p.Values)
	if fail != nil {
		return fail
	}
	p.Note, p.For = cmp.Or(f.note, p.Note), cmp.Or(f.purpose, p.For)
	if f.expect != nil {
		p.Expect = f.expect
	}
	p.Values = values
	// A secret is given when kdyno starts and never saved, so it may be missing here.
	problems := slices.DeleteFunc(setting.Check(p.All(), setting.Facts{}), func(p setting.Problem) bool {
		row, ok := setting.Find(setting.Key(firstKey(p)))
		return ok && row.Secret && values.Secret(row.Key) == ""
	})
	if fail := refusing(problems); fail != nil {
		return fail
	}
	if p.Stale() {
		p.Measured = nil // it was of other settings
	}
	save := store.Put
	if f.preset == name {
		save = store.Save // what was read is what it replaces
	}
	saved, err := save(name, p)
	if err != nil {
		return badPreset(err)
	}
	_, err = io.WriteString(w, savedLines(name, p, saved))
	return failed(err)
}

// savedLines say what a save did.
func savedLines(name string, p presets.Preset, saved presets.Saved) string {
	var b strings.Builder
	fmt.Fprintf(&b, "saved %s with %d set: %s\n", name, len(p.Values.Set()), saved.Path)
	if saved.Replaced {
		for _, c := range saved.Changes {
			fmt.Fprintf(&b, "  %s %s > %s\n", c.Key, shownValue(c.Key, c.Old), shownValue(c.Key, c.New))
		}
	}
	if saved.Tightened {
		b.WriteString("others could read the file; now only you can\n")
	}
	return b.String()
}
