// Package cli is the commands: it turns a command line into a session, hands
// that to the workbench or drives it without a screen, and ends with an exit
// code. main calls it and nobody else. It measures nothing and knows no Kafka
// client. Main runs on one goroutine; the few that it starts end before it
// returns, unless a person asks a second time to end at once.
package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"

	"kdyno/engine"
	"kdyno/engine/setting"
	"kdyno/presets"
	"kdyno/telemetry/report"
	"kdyno/ui"
)

// World is what the commands touch outside of themselves; System is the real
// one, and tests have their own.
type World struct {
	In         io.Reader // nil: none
	Out, Err   io.Writer
	Terminal   bool            // both stdin and stdout are one
	Dumb       bool            // that terminal cannot place text
	NoUTF8     bool            // the locale has none
	Interrupts <-chan struct{} // one for each ctrl+c, SIGTERM, SIGHUP or SIGQUIT
	Build      *debug.BuildInfo

	Open      func(engine.Config) (Session, error)
	XRay      func(engine.XRayConfig) (Guests, error)
	Facts     func(context.Context, engine.Config) (setting.Facts, error) // asks a cluster and loads nothing
	Workbench func(context.Context, Screen) error
	Presets   func() (*presets.Store, error)
	Env       func(name string) (text string, ok bool) // nil: an empty environment
	Ask       func(prompt string) (string, error)      // asks for a secret; nil: nobody is there
}

// Session is the engine's, as much of it as the commands use.
type Session interface {
	ui.Engine
	Ending
	Intervals
	Report() report.Report
}

// Guests is the engine's session of somebody else's producers.
type Guests interface {
	ui.Engine
	ui.Guests
	Ending
	Report() report.Xray
}

// Intervals are the stretches that --every prints.
type Intervals interface {
	After(from time.Duration) (iv report.Interval, next time.Duration)
}

// Ending is how a session comes to its end; see engine.Session.
type Ending interface {
	Done() <-chan struct{}
	Err() error
	Stop(ctx context.Context)
	Close() error
}

// Screen is what the workbench gets to show and to work with.
type Screen struct {
	Engine  ui.Engine
	Guests  ui.Guests // nil: the producer is kdyno's own
	Presets *presets.Store
	Preset  presets.Preset // the one that it starts with; its name is empty without
	Look    ui.Options     // its theme and pace
}

// app is one command line on its way.
type app struct {
	World
	json bool
	code int

	expects []report.Expect // judged at the end
	measure *measurement    // saved at the end; nil without --save-measurement
	every   *every          // nil without --every
	fail    *failure
}

// Main carries a command line out and gives the exit code: 0 done, 2 bad usage
// or input, 3 refused by a safety rail, 4 no cluster, 130 interrupted, 1 for
// what kdyno itself could not do. It must run once at a time.
func Main(w World, args []string) int {
	if len(args) == 1 && args[0] == rescueWord {
		return rescue()
	}
	a := &app{World: w, json: asksJSON(args)}
	root := a.root()
	root.SetArgs(append([]string{}, args...)) // nil would be the words that the process was started with
	// cobra and fang write page by page; the buffer turns that into one write,
	// whose failure is seen here and nowhere else.
	var page bytes.Buffer
	root.SetOut(&page)
	root.SetErr(w.Err)
	a.closeCompletion(root)
	err := fang.Execute(context.Background(), root, fang.WithVersion(release(w.Build)), fang.WithErrorHandler(quietly))
	if err != nil && a.fail == nil && !errors.Is(err, syscall.EPIPE) {
		a.fail = usage(err.Error(), "kdyno --help lists what there is")
	}
	if a.fail == nil && page.Len() > 0 {
		a.put(page.Bytes())
	}
	a.tell()
	return a.code
}

// quietly keeps fang from drawing its box; tell says it in one line first.
func quietly(io.Writer, fang.Styles, error) {}

// does wraps a command. Its error is kept and not handed to cobra: fang would
// ask the terminal for its colours before it prints one, which takes seconds
// where nothing answers.
func (a *app) does(work func(cmd *cobra.Command, args []string) *failure) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if fail := work(cmd, args); fail != nil {
			a.fail = fail
		}
		return nil
	}
}

// put writes a result to stdout. A reader that went away wanted no more, so
// that is no failure.
func (a *app) put(text []byte) {
	if len(text) == 0 {
		return
	}
	if _, err := a.Out.Write(text); err != nil && !errors.Is(err, syscall.EPIPE) && a.fail == nil {
		a.fail = &failure{Kind: "output", Message: "cannot write the result: " + err.Error(), Hint: "check where stdout goes", code: 1}
	}
}

// asksJSON looks at the raw words, since a line that cannot be parsed must be
// answered in JSON too.
func asksJSON(args []string) bool {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	return slices.Contains(args, "--json") || slices.Contains(args, "--json=true")
}
