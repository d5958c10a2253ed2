package cli

import (
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestFrozenTerminalCannotHoldTheProcess(t *testing.T) {
	t.Parallel()
	x := onTerminal(t, "", "nowhere")
	x.until(t, "the first frame", x.shows("Pipeline"))
	// ctrl+s in a terminal: whoever writes waits, for good.
	if err := unix.IoctlSetInt(int(x.theirs.Fd()), unix.TCXONC, unix.TCOOFF); err != nil {
		t.Fatal(err)
	}
	if err := x.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	x.until(t, "the end", x.gone)
}
