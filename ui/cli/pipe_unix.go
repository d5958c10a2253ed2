//go:build !windows

package cli

import (
	"os/signal"
	"syscall"
)

// ignoreClosedPipes lets a write to a reader that went away return an error;
// the runtime would otherwise end the process at the first one on stdout.
func ignoreClosedPipes() { signal.Ignore(syscall.SIGPIPE) }
