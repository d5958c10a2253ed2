package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/twmb/franz-go/pkg/kfake"

	"kdyno/engine"
	"kdyno/telemetry/report"
)

// lore is one claim of docs/folklore.md.
type lore struct {
	claim    string
	text     string
	commands []string
}

func readLore(t *testing.T) []lore {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "folklore.md"))
	if err != nil {
		t.Fatal(err)
	}
	var all []lore
	for _, section := range strings.Split(string(text), "\n## ")[1:] {
		claim, body, _ := strings.Cut(section, "\n")
		l := lore{claim: claim, text: body}
		for line := range strings.Lines(body) {
			if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "kdyno run "); ok {
				l.commands = append(l.commands, "run "+rest)
			}
		}
		all = append(all, l)
	}
	return all
}

// Each command of docs/folklore.md shows what it says. The command line is read
// as a person's is; the session runs in fake time.
func TestFolkloreIsAsThePageSays(t *testing.T) {
	for _, l := range readLore(t) {
		t.Run(l.claim, func(t *testing.T) {
			if len(l.commands) == 0 && !strings.Contains(l.text, "needs replicas") && !strings.Contains(l.text, "No figure of") {
				t.Error("nothing shows it, and nothing says why")
			}
			for _, line := range l.commands {
				showLore(t, line)
			}
		})
	}
}

// showLore runs one command line, and holds its objectives against the report.
func showLore(t *testing.T, line string) {
	t.Helper()
	b := newBench(t, ended())
	open := b.Open
	b.Open = func(c engine.Config) (Session, error) {
		s, err := open(c)
		s.(*fake).report = ranInFakeTime(t, c)
		return s, err
	}
	if !strings.Contains(line, "--expect") {
		t.Errorf("%s: it expects nothing", line)
	}
	if code := b.run(line); code != 0 {
		t.Errorf("%s: got code %d\n%s%s", line, code, b.out.String(), b.err.String())
	}
}

// ranInFakeTime is the report of a session on the embedded cluster.
func ranInFakeTime(t *testing.T, c engine.Config) (r report.Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c.Network = &kfake.VirtualNetwork{}
		s, err := engine.Open(c)
		if err != nil {
			t.Fatal(err)
		}
		<-s.Done()
		if s.Err() != nil {
			t.Error(s.Err())
		}
		r = s.Report()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}
