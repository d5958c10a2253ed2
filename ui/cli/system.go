package cli

import (
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"

	"kdyno/engine"
	"kdyno/presets"
)

// lastResort ends a process that was asked to end, whatever holds it: longer
// than draining and closing take together.
const lastResort = 8 * time.Second

// System is the world as it is: the process's streams, signals and files.
// From here on the signals that end a process are only what the commands make
// of them, so that the terminal is given back and the report written.
func System() World {
	ignoreClosedPipes()
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, endingSignals()...)
	asked := make(chan struct{}, 2)
	go func() {
		for range interrupts {
			// A terminal that takes no more output blocks whoever writes to it.
			time.AfterFunc(lastResort, func() { os.Exit(130) })
			asked <- struct{}{}
		}
	}()
	build, _ := debug.ReadBuildInfo() // nil is told as unknown
	w := World{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Terminal: term.IsTerminal(os.Stdin.Fd()) && term.IsTerminal(os.Stdout.Fd()),
		Dumb:     os.Getenv("TERM") == "dumb", NoUTF8: noUTF8(runtime.GOOS, os.Getenv),
		Interrupts: asked, Build: build,
		Open: open, XRay: openXRay, Facts: engine.Facts, Workbench: workbench,
		Presets: func() (*presets.Store, error) { return presets.Open("") },
		Env:     os.LookupEnv,
	}
	if term.IsTerminal(os.Stdin.Fd()) {
		w.Ask = askTerminal
	}
	return w
}

// endingSignals are the signals that mean: come to an end. One that the caller has
// switched off stays off, as nohup does with SIGHUP.
func endingSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(s) {
			signals = append(signals, s)
		}
	}
	return signals
}
