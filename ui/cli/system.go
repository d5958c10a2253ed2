package cli

import (
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/charmbracelet/x/term"

	"kdyno/presets"
)

// System is the world as it is: the process's streams, signals and files.
// From here on SIGINT and SIGTERM are only what the commands make of them.
func System() World {
	ignoreClosedPipes()
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	asked := make(chan struct{}, 2)
	go func() {
		for range interrupts {
			asked <- struct{}{}
		}
	}()
	build, _ := debug.ReadBuildInfo() // nil is told as unknown
	return World{
		Out: os.Stdout, Err: os.Stderr,
		Terminal:   term.IsTerminal(os.Stdin.Fd()) && term.IsTerminal(os.Stdout.Fd()),
		Interrupts: asked, Build: build,
		Open: open, Workbench: workbench,
		Presets: func() (*presets.Store, error) { return presets.Open("") },
		Env:     os.LookupEnv,
	}
}
