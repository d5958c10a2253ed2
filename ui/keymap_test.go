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
