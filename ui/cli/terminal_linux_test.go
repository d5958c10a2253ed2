package cli

import (
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestFrozenTerminalCannotHoldTheProcess(t *testing.T) {
	t.Parallel()
	// Bubble Tea closes its reader's epoll under the reader when that has not
	// ended within half a second. The race detector says so on stderr, which is
	// the terminal that takes nothing here, and would hold the whole process.
	reports := "GORACE=log_path=" + filepath.Join(t.TempDir(), "race")
	x := onTerminal(t, "", "nowhere", reports)
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
