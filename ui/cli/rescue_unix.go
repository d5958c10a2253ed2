//go:build !windows

package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// Bubble Tea gives the terminal back after a panic that it can recover. A
// panic in any other goroutine, a fatal error of the runtime and SIGKILL can
// be recovered by nobody inside of the process, so a second one waits beside
// the workbench: a pipe tells it when the first is gone and whether it said
// goodbye.
//
//	workbench --crash text, or goodbye--> rescue: waits for the pipe's end,
//	    |                                         gives the terminal back,
//	    v ends                                    says what happened
const (
	rescueWord = "rescue-terminal" // the only argument of the second process
	farewell   = "goodbye"
	mostTrace  = 1 << 20
	readyFD    = 3 // the first of ExtraFiles
	startsIn   = 2 * time.Second
)

// handBack leaves every mode that the screen turns on: synchronized output,
// mouse, focus, paste, the keyboard's, the other screen; and shows the cursor.
const handBack = "\x1b[?2026l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[>4m\x1b[<1u\x1b[?1049l\x1b[?25h\x1b[m\r\n"

// guard starts the second process; the func that it returns says goodbye.
// Without it the workbench is as good, and only a crash is not.
func guard(ctx context.Context) func() {
	program, err := os.Executable()
	if err != nil {
		return func() {}
	}
	told, tell, err := os.Pipe()
	if err != nil {
		return func() {}
	}
	defer closed(told)
	ready, readied, err := os.Pipe()
	if err != nil {
		closed(tell)
		return func() {}
	}
	defer closed(ready)
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program, rescueWord)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = told, os.Stdout, os.Stderr, []*os.File{readied}
	err = cmd.Start()
	closed(readied)
	if err != nil {
		closed(tell)
		return func() {}
	}
	// It reads the terminal's state, so that must not be changed before.
	_ = ready.SetReadDeadline(time.Now().Add(startsIn))
	_, _ = ready.Read(make([]byte, 1))
	_ = debug.SetCrashOutput(tell, debug.CrashOptions{})
	return func() {
		_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
		_, _ = tell.WriteString(farewell)
		closed(tell)
		_ = cmd.Wait()
	}
}

func closed(f *os.File) { _ = f.Close() }

// rescue is the second process. It outlives what ends the first.
func rescue() int {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGPIPE, syscall.SIGTSTP, syscall.SIGTTOU)
	before, err := term.GetState(os.Stdout.Fd())
	if err != nil {
		return 1
	}
	ready := os.NewFile(readyFD, "ready")
	if ready == nil {
		return 1
	}
	_, _ = ready.WriteString("!")
	closed(ready)
	said, _ := io.ReadAll(io.LimitReader(os.Stdin, mostTrace))
	_, _ = io.Copy(io.Discard, os.Stdin)
	if bytes.HasSuffix(said, []byte(farewell)) {
		return 0
	}
	// A shell that has already made the terminal its own keeps it.
	if now, err := term.GetState(os.Stdout.Fd()); err == nil && now.Lflag&unix.ISIG == 0 {
		_ = term.Restore(os.Stdout.Fd(), before)
	}
	text := "kdyno: it was killed; the terminal is as it was before\n"
	if len(said) > 0 {
		text = "kdyno: it crashed, which is a fault in kdyno; this is what Go says of it:\n" + string(said)
	}
	_, _ = io.WriteString(os.Stdout, handBack+text)
	return 0
}
