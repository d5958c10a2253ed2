package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// keyMap is the table of keys as people read it.
func keyMap() string {
	var b strings.Builder
	b.WriteString("# Keys of the workbench\n\nMade from the table in `ui/keys.go` by `go test ./ui -run TestKeyMapIsDocumented -update`.\n")
	for at := range where(len(whereNames)) {
		fmt.Fprintf(&b, "\n## %s\n\n| key | what it does |\n|---|---|\n", whereNames[at])
		for _, k := range bindings() {
			if k.in != at {
				continue
			}
			keys := make([]string, len(k.keys))
			for i, key := range k.keys {
				keys[i] = "`" + strings.ReplaceAll(key, "|", "\\|") + "`"
			}
			fmt.Fprintf(&b, "| %s | %s |\n", strings.Join(keys, " "), k.help)
		}
	}
	return b.String()
}

func TestKeyMapIsDocumented(t *testing.T) {
	path := filepath.Join("..", "docs", "keys.md")
	if *update {
		if err := os.WriteFile(path, []byte(keyMap()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(keyMap(), string(got)); diff != "" {
		t.Errorf("docs/keys.md is not the table (-want +got), -update writes it:\n%s", diff)
	}
}

// readmeParts are what README.md shows of the screen: the frame of the real run
// at 80x24, and the keys that the key line names.
func readmeParts() []struct{ begin, end, text string } {
	m, e, _ := workbench(80, 24)
	play(m, e)
	m.preset = presetInUse{}
	m.pull(true)
	var keys []string
	for _, k := range bindings() {
		if k.in == onMain && k.say != "" {
			keys = append(keys, "`"+strings.Join(strings.Fields(k.show), "` `")+"` "+k.say)
		}
	}
	lines := strings.Split(plainFrame(m), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return []struct{ begin, end, text string }{
		{"```\nLIVE", "\n```\n", "```\n" + strings.Join(lines, "\n")},
		{"<!-- keys,", "\n<!-- /keys -->", "<!-- keys, written by go test ./ui -update -->\n" + strings.Join(keys, " \u00b7 ")},
	}
}

func TestReadmeShowsTheScreenAndItsKeys(t *testing.T) {
	path := filepath.Join("..", "README.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := string(text)
	for _, p := range readmeParts() {
		before, rest, begins := strings.Cut(want, p.begin)
		_, after, ends := strings.Cut(rest, p.end)
		if !begins || !ends {
			t.Fatalf("README.md has no part from %q to %q", p.begin, p.end)
		}
		want = before + p.text + p.end + after
	}
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("README.md shows otherwise (-want +got), -update writes it:\n%s", diff)
	}
}
