//go:build !windows

package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"kdyno/engine"
)

// childLine makes the test binary a kdyno whose sessions are fakes, so that
// it can get real signals and real pipes.
const childLine = "KDYNO_TEST_LINE"

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == rescueWord {
		os.Exit(rescue())
	}
	text, ok := os.LookupEnv(childLine)
	if !ok {
		os.Exit(m.Run())
	}
	w := System()
	w.Open = func(engine.Config) (Session, error) {
		f := session(0)
		f.began = time.Now()
		f.stop = func(ctx context.Context) { <-ctx.Done() }
		return f, nil
	}
	if how := os.Getenv(childBreaks); how != "" {
		breakAt(&w, how)
	}
	os.Exit(Main(w, words(text)))
}

func process(t *testing.T, line string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childLine+"="+line, "XDG_CONFIG_HOME="+t.TempDir())
	return cmd
}

func TestSignalsEndARunWithItsReport(t *testing.T) {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		cmd := process(t, "run --for 1h --json")
		var out bytes.Buffer
		cmd.Stdout = &out
		progress, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// The first line of progress says that the run is on its way.
		if _, err := progress.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
		}
		_ = cmd.Wait() // its exit code is looked at below
		if got := cmd.ProcessState.ExitCode(); got != 130 {
			t.Errorf("%v: got exit code %d, want 130", s, got)
		}
		if !strings.HasPrefix(out.String(), `{"schema":"kdyno.report/1"`) {
			t.Errorf("%v: got %q, want the report", s, out.String())
		}
	}
}

func TestClosedPipeEndsWithoutNoise(t *testing.T) {
	for _, line := range []string{"settings", "settings --json", "completion bash", "man", "--help"} {
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := read.Close(); err != nil {
			t.Fatal(err)
		}
		cmd := process(t, line)
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = write, &said
		if err := cmd.Run(); err != nil || said.Len() > 0 {
			t.Errorf("%s: got %v and %q, want a quiet end", line, err, said.String())
		}
		if err := write.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPipeIsNoTerminal(t *testing.T) {
	cmd := process(t, "")
	text, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(text), "--for or --records") {
		t.Errorf("got %v and %q, want exit code 2 and what is missing", err, text)
	}
}
