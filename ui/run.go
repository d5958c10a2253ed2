package ui

import (
	"context"
	"errors"
	"fmt"
	"os"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// ErrInterrupted is what Run returns when the person left with ctrl+c.
var ErrInterrupted = errors.New("interrupted")

// Run shows the screen until the person leaves or ctx ends, and gives the
// terminal back as it was, whatever happened. It needs a terminal on standard
// input and output. The error is the terminal's or a panic's, or
// ErrInterrupted; leaving with q and the end of ctx are none.
func Run(ctx context.Context, o Options) error { return run(ctx, o) }

func run(ctx context.Context, o Options, more ...tea.ProgramOption) error {
	end, err := newProgram(ctx, o, more...).Run()
	if m, ok := end.(*Model); ok && err == nil && m.person.interrupted {
		return ErrInterrupted
	}
	if err == nil || errors.Is(err, tea.ErrInterrupted) {
		return nil
	}
	if ctx.Err() != nil && !errors.Is(err, tea.ErrProgramPanic) {
		return nil
	}
	return fmt.Errorf("screen: %w", err)
}

func newProgram(ctx context.Context, o Options, more ...tea.ProgramOption) *tea.Program {
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithoutSignalHandler()}
	// Bubble Tea reads NO_COLOR as a boolean; the convention is any text.
	if os.Getenv("NO_COLOR") != "" {
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	return tea.NewProgram(New(o), append(options, more...)...)
}
