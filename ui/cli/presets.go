package cli

import (
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
	if len(list) == 0 {
		_, err := fmt.Fprintf(w, "no presets yet in %s\nkdyno presets save NAME --set linger.ms=20 makes one\n", dir)
		return err
	}
	var b strings.Builder
	for _, e := range list {
		what := fmt.Sprintf("%d set", len(e.Set))
		note, _, _ := strings.Cut(e.Note, "\n")
		if e.Problem != "" {
			what = "cannot be read"
			note, _, _ = strings.Cut(e.Problem, "\n")
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\n", e.Name, what, note)
	}
	return columns(w, b.String())
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
			text, err := presets.Preset{Name: f.name, Note: f.note, Values: f.im.Values.WithoutSecrets()}.Text()
			if err == nil {
				_, err = io.WriteString(cmd.OutOrStdout(), text)
			}
			return failed(err)
		}),
	}
}

func (a *app) presetsSave() *cobra.Command {
	f := &loadFlags{}
	cmd := &cobra.Command{
		Use:     "save NAME",
		Short:   "Save what --preset and --set give under a name",
		Long:    "Save what --preset and --set give under a name. A preset of that name is\nreplaced as a whole.",
		Example: "kdyno presets save orders --set linger.ms=20 --set acks=all\nkdyno presets save orders-zstd --preset orders --set compression.type=zstd",
		Args:    cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) != 1 {
				return usage("presets save takes one name", seeHelp(cmd))
			}
			return a.savePreset(cmd.OutOrStdout(), args[0], f)
		}),
	}
	cmd.Flags().StringVar(&f.preset, "preset", "", "start from a saved preset, by name or path")
	cmd.Flags().Var(setFlag{f: f, name: "set", shows: "KEY=VALUE"}, "set", "set one setting; may be repeated, and wins over the preset")
	return cmd
}

func (a *app) savePreset(w io.Writer, name string, f *loadFlags) *failure {
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
	values, fail := f.values(a, p.Values)
	if fail != nil {
		return fail
	}
	// A secret is given when kdyno starts and never saved, so it may be missing here.
	problems := slices.DeleteFunc(setting.Check(values, setting.Facts{}), func(p setting.Problem) bool {
		row, ok := setting.Find(setting.Key(firstKey(p)))
		return ok && row.Secret && values.Secret(row.Key) == ""
	})
	if fail := refusing(problems); fail != nil {
		return fail
	}
	p.Values = values
	path, err := store.Save(name, p)
	if err != nil {
		return badPreset(err)
	}
	_, err = fmt.Fprintf(w, "saved %s with %d set: %s\n", name, len(values.Set()), path)
	return failed(err)
}
