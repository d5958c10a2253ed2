package ui

import (
	"context"
	"errors"
	"fmt"
	"os"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// Run shows the screen until the person leaves or ctx ends, and gives the
// terminal back as it was, whatever happened. It needs a terminal on standard
// input and output. The error is the terminal's or a panic's; leaving and the
// end of ctx are none.
func Run(ctx context.Context, o Options) error {
	_, err := newProgram(ctx, o).Run()
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
