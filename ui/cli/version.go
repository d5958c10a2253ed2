package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of kdyno, Go and the Kafka client",
		Args:  cobra.ArbitraryArgs,
		RunE: a.does(func(cmd *cobra.Command, args []string) *failure {
			if len(args) > 0 {
				return noArguments(cmd, args)
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "kdyno %s\n%s %s/%s\nfranz-go %s\n",
				release(a.Build), runtime.Version(), runtime.GOOS, runtime.GOARCH, module(a.Build, "github.com/twmb/franz-go"))
			return failed(err)
		}),
	}
}

const unknown = "unknown"

// release is the module's version and, where the build knows it, the commit.
func release(b *debug.BuildInfo) string {
	if b == nil {
		return unknown
	}
	version, commit, changed := b.Main.Version, "", ""
	for _, s := range b.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = ", changed since"
		}
	}
	if version == "" {
		version = unknown
	}
	if commit != "" {
		version += " (" + commit + changed + ")"
	}
	return version
}

func module(b *debug.BuildInfo, path string) string {
	if b == nil {
		return unknown
	}
	for _, m := range b.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return unknown
}
