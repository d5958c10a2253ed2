package dialect

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite docs/dialects.md")

// TestDialectsPageIsUpToDate fails when a table has changed and the page has
// not; -update writes it.
func TestDialectsPageIsUpToDate(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "dialects.md")
	var page bytes.Buffer
	if err := Markdown(&page); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), page.String()); diff != "" {
		t.Errorf("docs/dialects.md is not what the tables say; run this test with -update (-page +tables):\n%s", diff)
	}
}
