package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const about = `A dynamometer for Apache Kafka producers: a real producer runs under a real
load, its settings are turned while it runs, and the gauges say where a
record's time goes. Without --brokers it brings its own embedded cluster.`

func (a *app) root() *cobra.Command {
	f, look := &loadFlags{}, &lookFlags{}
	root := &cobra.Command{
		Use:     "kdyno",
		Short:   "A dynamometer for Apache Kafka producers",
		Long:    about,
		Example: "kdyno\nkdyno --set linger.ms=20 --rate 50k\nkdyno --brokers 127.0.0.1:9092 --topic orders",
		Args:    cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			if f.print {
				return a.printConfig(cmd.OutOrStdout(), f)
			}
			if !a.Terminal {
				return a.headless(f)
			}
			if a.Dumb {
				return a.inLines(f)
			}
			return a.workbench(f, look)
		}),
	}
	f.register(root.Flags())
	look.register(root.Flags())
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		a.fail = badFlag(cmd, err)
		return nil
	})
	root.AddCommand(a.runCommand(), a.settingsCommand(), a.checkCommand(), a.partitionCommand(), a.xrayCommand(), a.presetsCommand(), a.versionCommand())
	root.SetHelpCommand(a.helpCommand())
	return root
}

// helpCommand is cobra's, but refuses a command that there is not.
func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command",
		Args:  cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			of, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(cmd.Root(), strings.Join(args, " "))
			}
			return failed(of.Help())
		}),
	}
}

// closeCompletion makes cobra's own command refuse a shell that it does not
// know; by itself it prints its help and ends well. The command remembers
// where root writes, so that must be settled before.
func (a *app) closeCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() != "completion" {
			continue
		}
		cmd.Args = cobra.ArbitraryArgs
		cmd.RunE = a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return usage("completion needs a shell", seeHelp(cmd))
		})
	}
}

func (a *app) runCommand() *cobra.Command {
	f := &loadFlags{}
	cmd := &cobra.Command{
		Use:     "run",
		Short:   "Run the load without a screen and print the report",
		Long:    "The same engine and load as the workbench, without a screen: progress goes to\nstderr, the report to stdout. It needs --for or --records.",
		Example: "kdyno run --for 10s\nkdyno run --for 30s --at '10s=set linger.ms=50' --json",
		Args:    cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) > 0 {
				return noArguments(cmd, args)
			}
			if f.print {
				return a.printConfig(cmd.OutOrStdout(), f)
			}
			return a.headless(f)
		}),
	}
	f.register(cmd.Flags())
	return cmd
}

func noArguments(cmd *cobra.Command, args []string) *failure {
	return usagef(seeHelp(cmd), "%s takes flags and no arguments, and got %q", cmd.CommandPath(), args[0])
}

func unknownCommand(cmd *cobra.Command, name string) *failure {
	// cobra only suggests once its own check of arguments has set this.
	cmd.SuggestionsMinimumDistance = 2
	say := fmt.Sprintf("%s has no command %q", cmd.CommandPath(), name)
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		say += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return usage(say, seeHelp(cmd))
}

// badFlag says in our words what pflag found, with the nearest flag's name.
func badFlag(cmd *cobra.Command, err error) *failure {
	var absent *pflag.NotExistError
	if !errors.As(err, &absent) {
		return usage(err.Error(), seeHelp(cmd))
	}
	name := absent.GetSpecifiedName()
	if absent.GetSpecifiedShortnames() != "" {
		return usagef(seeHelp(cmd), "%s has no flag -%s", cmd.CommandPath(), name)
	}
	say := fmt.Sprintf("%s has no flag --%s", cmd.CommandPath(), name)
	if near := nearestFlag(cmd.Flags(), name); near != "" {
		say += "; did you mean --" + near + "?"
	}
	return usage(say, seeHelp(cmd))
}

func seeHelp(cmd *cobra.Command) string { return cmd.CommandPath() + " --help lists what there is" }

func nearestFlag(flags *pflag.FlagSet, name string) string {
	best, fewest := "", 3
	flags.VisitAll(func(f *pflag.Flag) {
		if d := edits(name, f.Name); d < fewest {
			best, fewest = f.Name, d
		}
	})
	return best
}

// edits counts the letters to insert, drop or change on the way from a to b.
func edits(a, b string) int {
	if len(a) > 40 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
