package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// module is the prefix of our own import paths.
const module = "kdyno"

// mayImport is the import table of docs/ARCHITECTURE.md: which of our rooms a room may import.
// The root is ".". Tests are exempt.
var mayImport = map[string][]string{
	"engine/setting":          {},
	"engine/wire":             {},
	"engine/cluster/door":     {},
	"engine/cluster/signpost": {},
	"ui/draw":                 {},
	"presets/disk":            {},
	"presets/dialect":         {"engine/setting"},
	"engine/step":             {"engine/setting"},
	"engine/workload":         {"engine/setting"},
	"engine/partition":        {"engine/setting"},
	"engine/sizing":           {"engine/setting"},
	"engine/fault":            {"engine/setting", "engine/step", "engine/wire", "engine/cluster"},
	"engine/cluster":          {"engine/setting", "engine/cluster/door"},
	"engine/audit":            {"engine/workload", "telemetry/report"},
	"telemetry/report":        {"engine/setting"},
	"telemetry":               {"telemetry/report"},
	"presets":                 {"presets/disk", "engine/setting", "telemetry/report"},
	"engine/client":           {"engine/setting", "engine/wire", "engine/partition"},
	"engine/xray/relay":       {"engine/wire", "engine/cluster/signpost"},
	"engine/xray/infer":       {"engine/setting", "telemetry/report"},
	"engine/xray": {
		"engine/setting", "engine/wire", "engine/cluster", "engine/cluster/signpost", "engine/xray/relay", "engine/xray/infer",
		"telemetry", "telemetry/report",
	},
	"engine/run": {
		"engine/setting", "engine/client", "engine/partition", "engine/wire", "engine/workload",
		"telemetry", "telemetry/report",
	},
	"engine": {
		"engine/xray", "engine/xray/relay", "engine/cluster/signpost", "engine/setting", "engine/wire", "engine/step", "engine/workload", "engine/partition",
		"engine/cluster", "engine/fault", "engine/client", "engine/run", "engine/audit", "telemetry", "telemetry/report",
	},
	"ui/pane": {"ui/draw", "telemetry", "telemetry/report", "engine/setting"},
	"ui": {
		"ui/pane", "ui/draw", "telemetry", "telemetry/report", "engine/setting", "engine/sizing", "engine/step",
		"presets",
	},
	"ui/cli": {
		"ui", "ui/pane", "ui/draw", "presets", "presets/dialect", "presets/disk", "telemetry", "telemetry/report", "engine",
		"engine/setting", "engine/sizing", "engine/wire", "engine/step", "engine/workload", "engine/partition",
		"engine/cluster", "engine/fault", "engine/client", "engine/run", "engine/audit",
	},
	".": {"ui/cli"},
}

// outside says in which rooms a module of others is known. The first prefix that fits decides.
var outside = []struct {
	prefix string
	rooms  []string
	why    string
}{
	{
		"github.com/twmb/franz-go/pkg/kfake",
		[]string{"engine/cluster"},
		"only cluster knows that the embedded brokers are fake",
	},
	{
		"github.com/twmb/franz-go",
		[]string{"engine/client", "engine/partition", "engine/run", "engine/cluster", "engine/cluster/door", "engine/cluster/signpost", "engine/audit"},
		"only client, partition, run, cluster and audit talk to the Kafka client",
	},
	{
		"charm.land",
		[]string{"ui", "ui/pane", "ui/draw", "ui/cli"},
		"only ui draws",
	},
}

// fileLinesMax is the hard limit on a file; tests and the tables below may be longer.
const fileLinesMax = 400

// tables are files that are one long table: a reader looks a row up in them and reads no logic.
var tables = []string{}

func TestRoomsImportOnlyWhatTheTableAllows(t *testing.T) {
	for _, broken := range brokenImports(t, os.DirFS(".")) {
		t.Error(broken)
	}
}

func TestFilesStayShort(t *testing.T) {
	for _, long := range longFiles(t, os.DirFS(".")) {
		t.Error(long)
	}
}

func TestBrokenImportsAreFound(t *testing.T) {
	file := func(imports ...string) *fstest.MapFile {
		text := "package p\n"
		for _, i := range imports {
			text += "import _ " + strconv.Quote(i) + "\n"
		}
		return &fstest.MapFile{Data: []byte(text)}
	}
	const kgo, kfake = "github.com/twmb/franz-go/pkg/kgo", "github.com/twmb/franz-go/pkg/kfake"
	cases := map[string]struct {
		tree fstest.MapFS
		want []string
	}{
		"what the table allows": {
			tree: fstest.MapFS{
				"main.go":                   file("kdyno/ui/cli"),
				"engine/run/run.go":         file("fmt", "kdyno/engine/wire", kgo),
				"engine/cluster/brokers.go": file(kfake),
				"ui/pane/live.go":           file("charm.land/lipgloss/v2"),
			},
		},
		"a lower room imports a higher one": {
			tree: fstest.MapFS{"engine/setting/row.go": file("kdyno/engine")},
			want: []string{"engine/setting/row.go: engine/setting may not import engine: move what it needs down, or change the table in imports_test.go and docs/ARCHITECTURE.md"},
		},
		"a room that the table lacks": {
			tree: fstest.MapFS{"engine/stuff/a.go": file(), "engine/stuff/b.go": file()},
			want: []string{"engine/stuff/a.go: the room engine/stuff is not in the import table: give it a row in imports_test.go and docs/ARCHITECTURE.md, or put the file where its job is done"},
		},
		"the Kafka client outside its rooms": {
			tree: fstest.MapFS{"engine/engine.go": file(kgo)},
			want: []string{"engine/engine.go: engine may not import " + kgo + ": only client, partition, run, cluster and audit talk to the Kafka client"},
		},
		"the fake cluster in a room of the client": {
			tree: fstest.MapFS{"engine/run/run.go": file(kfake)},
			want: []string{"engine/run/run.go: engine/run may not import " + kfake + ": only cluster knows that the embedded brokers are fake"},
		},
		"a terminal in the engine": {
			tree: fstest.MapFS{"telemetry/a.go": file("charm.land/lipgloss/v2")},
			want: []string{"telemetry/a.go: telemetry may not import charm.land/lipgloss/v2: only ui draws"},
		},
		"tests, testdata and hidden folders are exempt": {
			tree: fstest.MapFS{
				"engine/setting/row_test.go":        file("kdyno/engine"),
				"engine/setting/testdata/broken.go": file("kdyno/engine"),
				".ci/tool.go":                       file("kdyno/engine"),
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, brokenImports(t, c.tree)); diff != "" {
				t.Errorf("broken imports (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLongFilesAreFound(t *testing.T) {
	lines := func(n int) *fstest.MapFile {
		return &fstest.MapFile{Data: bytes.Repeat([]byte("\n"), n)}
	}
	tree := fstest.MapFS{
		"engine/fits.go":      lines(fileLinesMax),
		"engine/long.go":      lines(fileLinesMax + 1),
		"engine/long_test.go": lines(fileLinesMax + 1),
	}
	want := []string{"engine/long.go has 401 lines, at most 400 are allowed: split it by job"}
	if diff := cmp.Diff(want, longFiles(t, tree)); diff != "" {
		t.Errorf("long files (-want +got):\n%s", diff)
	}
}

func TestTableNamesOnlyRoomsWithARow(t *testing.T) {
	for room, imports := range mayImport {
		for _, imported := range imports {
			if _, ok := mayImport[imported]; !ok {
				t.Errorf("%s may import %s, which has no row of its own", room, imported)
			}
			if slices.Contains(mayImport[imported], room) {
				t.Errorf("%s and %s may import each other", room, imported)
			}
		}
	}
}

// brokenImports returns one sentence for each import that the tables forbid, in file order.
func brokenImports(t *testing.T, tree fs.FS) []string {
	t.Helper()
	var broken []string
	unknown := map[string]bool{}
	for _, name := range goFiles(t, tree) {
		room := path.Dir(name)
		allowed, ok := mayImport[room]
		if !ok {
			if !unknown[room] {
				broken = append(broken, fmt.Sprintf("%s: the room %s is not in the import table: give it a row in imports_test.go and docs/ARCHITECTURE.md, or put the file where its job is done", name, room))
			}
			unknown[room] = true
			continue
		}
		for _, imported := range importsOf(t, tree, name) {
			if why := forbidden(room, allowed, imported); why != "" {
				broken = append(broken, fmt.Sprintf("%s: %s may not import %s", name, room, why))
			}
		}
	}
	return broken
}

// forbidden returns what may not be imported and why, or nothing.
func forbidden(room string, allowed []string, imported string) string {
	if ours, ok := strings.CutPrefix(imported, module+"/"); ok {
		if slices.Contains(allowed, ours) {
			return ""
		}
		return ours + ": move what it needs down, or change the table in imports_test.go and docs/ARCHITECTURE.md"
	}
	for _, o := range outside {
		if imported != o.prefix && !strings.HasPrefix(imported, o.prefix+"/") {
			continue
		}
		if slices.Contains(o.rooms, room) {
			return ""
		}
		return imported + ": " + o.why
	}
	return ""
}

func longFiles(t *testing.T, tree fs.FS) []string {
	t.Helper()
	var long []string
	for _, name := range goFiles(t, tree) {
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Count(text, []byte("\n"))
		if lines > fileLinesMax && !slices.Contains(tables, name) {
			long = append(long, fmt.Sprintf("%s has %d lines, at most %d are allowed: split it by job", name, lines, fileLinesMax))
		}
	}
	return long
}

// goFiles walks the tree for what is built; build tags are not looked at, every platform counts.
func goFiles(t *testing.T, tree fs.FS) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := name != "." && strings.HasPrefix(entry.Name(), ".")
		if entry.IsDir() {
			if hidden || entry.Name() == "testdata" {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && !hidden {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func importsOf(t *testing.T, tree fs.FS, name string) []string {
	t.Helper()
	text, err := fs.ReadFile(tree, name)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	return importPaths(t, parsed)
}

func importPaths(t *testing.T, parsed *ast.File) []string {
	t.Helper()
	var paths []string
	for _, spec := range parsed.Imports {
		unquoted, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, unquoted)
	}
	return paths
}
