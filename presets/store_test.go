package presets

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
)

// values reads "KEY=VALUE KEY=VALUE".
func values(t *testing.T, text string) setting.Values {
	t.Helper()
	v := setting.Defaults()
	for _, pair := range strings.Fields(text) {
		k, value, _ := strings.Cut(pair, "=")
		var err error
		if v, err = v.With(setting.Key(k), value); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

func open(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "kdyno", "presets"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// save saves over whatever is there.
func save(t *testing.T, s *Store, name string, p Preset) string {
	t.Helper()
	saved, err := s.Put(name, p)
	if err != nil {
		t.Fatalf("save %s: %v", name, err)
	}
	return saved.Path
}

// put writes a preset's file by hand.
func put(t *testing.T, s *Store, name, text string) string {
	t.Helper()
	if err := os.MkdirAll(s.Dir(), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.Dir(), name+".yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func fileNames(t *testing.T, dir string) []string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		if f.Name() != ".lock" {
			names = append(names, f.Name())
		}
	}
	return names
}

func asError(t *testing.T, err error) *Error {
	t.Helper()
	var bad *Error
	if !errors.As(err, &bad) {
		t.Fatalf("got %T %v, want an *Error", err, err)
	}
	return bad
}

func TestSaveWritesWhatWasSetInTableOrder(t *testing.T) {
	s := open(t)
	path := save(t, s, "orders", Preset{
		Note:   "for the evening\nof the sale",
		Values: values(t, "stand.link.rtt=30ms load.rate=10k linger.ms=20ms acks=all client.id=null"),
	})
	want := `schema: kdyno.preset/1
name: orders
note: |-
  for the evening
  of the sale
producer:
  client.id: "null"
  acks: all
  linger.ms: 20
load:
  load.rate: 10000
stand:
  stand.link.rtt: 30ms
`
	if diff := cmp.Diff(want, read(t, path)); diff != "" {
		t.Errorf("file differs (-want +got):\n%s", diff)
	}
	if want := filepath.Join(s.Dir(), "orders.yaml"); path != want {
		t.Errorf("path: got %s, want %s", path, want)
	}
}

func TestSaveThenLoadGivesTheSame(t *testing.T) {
	s := open(t)
	want := Preset{Name: "a", Note: "x: #y\n", Values: values(t, "acks=1 retries=0 load.keys=uniform:100 client.id=")}
	save(t, s, "a", want)
	got, err := s.Load("a")
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != want.Name || got.Note != want.Note || !got.Values.Equal(want.Values) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSaveKeepsCommentsNoteAndUnknownFields(t *testing.T) {
	s := open(t)
	path := put(t, s, "team", `# owned by the orders team
schema: kdyno.preset/1
labels: [a, b]
name: team
note: agreed in May
producer:
  # the broker's page cache likes it
  linger.ms: 5 # ms
  acks: '1'
goal: {p99_ms: 20}
`)
	save(t, s, "team", Preset{Values: values(t, "linger.ms=20 batch.size=65536")})
	want := `# owned by the orders team
schema: kdyno.preset/1
name: team
note: agreed in May
producer:
  # the broker's page cache likes it
  linger.ms: 20 # ms
  batch.size: 65536
labels: [a, b]
goal: {p99_ms: 20}
`
	if diff := cmp.Diff(want, read(t, path)); diff != "" {
		t.Errorf("file differs (-want +got):\n%s", diff)
	}
}

func TestSaveRefusesToReplaceWhatItCannotRead(t *testing.T) {
	s := open(t)
	broken := "schema: kdyno.preset/1\nproducer:\n  linger.ms: 5 apples\n"
	path := put(t, s, "mine", broken)
	_, err := s.Save("mine", Preset{Values: values(t, "acks=1")})
	if bad := asError(t, err); !strings.Contains(bad.Error(), "line 3") || bad.Hint() == "" {
		t.Errorf("got %q with hint %q, want the line and a hint", bad, bad.Hint())
	}
	if got := read(t, path); got != broken {
		t.Errorf("file: got %q, want it as it was", got)
	}
}

func TestNames(t *testing.T) {
	for _, name := range []string{"a", "7", "orders-low_latency", "v1.2", strings.Repeat("x", 64), "console", "com", "com10"} {
		if err := CheckName(name); err != nil {
			t.Errorf("%q: got %v, want it taken", name, err)
		}
	}
	s := open(t)
	for _, name := range []string{
		"", " ", ".", "..", ".hidden", "-x", "_x", "a b", "a/b", "../a", `a\b`, "/etc/passwd", "./a", "C:a", "a..b", "a.",
		"a\nb", "a\x00b", "a\x7f", "\u0430", strings.Repeat("x", 65), "CON", "nul", "aux.txt", "Com1", "lpt9.a", "a.yaml", "a.YML",
	} {
		_, err := s.Save(name, Preset{})
		if bad := asError(t, err); bad.Hint() == "" {
			t.Errorf("%q: refused without a hint", name)
		}
		if err := s.Remove(name); err == nil {
			t.Errorf("%q: removed, want a refusal", name)
		}
	}
	if _, err := os.Stat(s.Dir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a refused name left a folder: %v", err)
	}
}

func TestFailedWriteKeepsTheOldFileAndSaysWhatToDo(t *testing.T) {
	tests := []struct {
		cause error
		hint  string
	}{
		{syscall.ENOSPC, "make room"},
		{syscall.EFBIG, "make room"},
		{syscall.EROFS, "read-only"},
		{syscall.EACCES, "right"},
		{syscall.EIO, "XDG_CONFIG_HOME"},
	}
	for _, tt := range tests {
		s := open(t)
		path := save(t, s, "a", Preset{Values: values(t, "acks=1")})
		before := read(t, path)
		s.write = func(string, []byte) error { return &fs.PathError{Op: "write", Path: "x", Err: tt.cause} }
		_, err := s.Put("a", Preset{Values: values(t, "acks=all")})
		bad := asError(t, err)
		if !errors.Is(err, tt.cause) || !strings.Contains(bad.Hint(), tt.hint) || !strings.Contains(bad.Error(), path) {
			t.Errorf("%v: got %q with hint %q, want the path, the cause and %q", tt.cause, bad, bad.Hint(), tt.hint)
		}
		if got := read(t, path); got != before {
			t.Errorf("%v: got %q, want the old file", tt.cause, got)
		}
	}
}

func TestSaveWhereAFileIsInTheWay(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "kdyno"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(filepath.Join(root, "kdyno", "presets"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Save("a", Preset{})
	if bad := asError(t, err); bad.Hint() == "" {
		t.Errorf("got %v without a hint", bad)
	}
	if _, err := s.List(); err == nil {
		t.Error("listed a folder that is a file")
	}
}

func TestSecretsAreNotSettingsOfAPreset(t *testing.T) {
	for _, key := range []string{
		"sasl.jaas.config", "ssl.key.password", "ssl.keystore.password", "ssl.keystore.key", "ssl.truststore.password",
		"SASL.PASSWORD", "sasl.oauthbearer.token", "client.secret",
	} {
		if !secret(key) {
			t.Errorf("%s: got no secret, want one", key)
		}
	}
	for _, row := range setting.Rows() {
		if got := secret(string(row.Key)); got != row.Secret {
			t.Errorf("%s: got a secret %v, want %v", row.Key, got, row.Secret)
		}
	}
	for _, key := range []string{"ssl.keystore.location", "ssl.keystore.type", "ssl.truststore.location"} {
		if secret(key) {
			t.Errorf("%s: got a secret, want none", key)
		}
	}
}

func TestConcurrentSavesLeaveOneWhole(t *testing.T) {
	s := open(t)
	const writers, rounds = 8, 20
	var all sync.WaitGroup
	for w := range writers {
		v := values(t, fmt.Sprintf("client.id=writer-%d linger.ms=%d batch.size=%d", w, w, w))
		all.Go(func() {
			for range rounds {
				var other *ConflictError
				if _, err := s.Put("a", Preset{Values: v}); err != nil && !errors.As(err, &other) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	p, err := s.Load("a")
	if err != nil {
		t.Fatal(err)
	}
	w := p.Values.Text("linger.ms")
	if p.Values.Text("batch.size") != w || p.Values.Text("client.id") != "writer-"+w {
		t.Errorf("got a mixture: %v", p.Values.SetMap())
	}
	if got := fileNames(t, s.Dir()); !cmp.Equal(got, []string{"a.yaml"}) {
		t.Errorf("left behind: got %v, want a.yaml alone", got)
	}
}

func TestLoadTakesAPath(t *testing.T) {
	s := open(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "x.yml")
	if err := os.WriteFile(path, []byte("schema: kdyno.preset/1\nproducer: {acks: 1}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, p := range []string{path, "./x.yml", "x.yml"} {
		got, err := s.Load(p)
		if err != nil {
			t.Errorf("%s: %v", p, err)
			continue
		}
		if got.Name != "x" || got.Values.Text("acks") != "1" {
			t.Errorf("%s: got %q with acks %s, want x with 1", p, got.Name, got.Values.Text("acks"))
		}
	}
}

func TestLoadOfNothing(t *testing.T) {
	s := open(t)
	_, err := s.Load("nope")
	if bad := asError(t, err); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(bad.Hint(), "card-payments") {
		t.Errorf("empty store: got %q with hint %q", bad, bad.Hint())
	}
	save(t, s, "orders", Preset{})
	save(t, s, "clicks", Preset{})
	_, err = s.Load("ordres")
	if bad := asError(t, err); !strings.Contains(bad.Hint(), "did you mean orders") {
		t.Errorf("got hint %q, want the names that there are", bad.Hint())
	}
	_, err = s.Load("./nope.yaml")
	if bad := asError(t, err); !strings.Contains(bad.Error(), "./nope.yaml") {
		t.Errorf("got %q, want the path", bad)
	}
	for _, name := range []string{"", "..", ".x"} {
		if _, err := s.Load(name); err == nil {
			t.Errorf("%q: loaded, want a refusal", name)
		}
	}
}

func TestLoadOfWhatIsNoFile(t *testing.T) {
	s := open(t)
	if err := os.MkdirAll(filepath.Join(s.Dir(), "folder.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := s.Load("folder")
	if bad := asError(t, err); !strings.Contains(bad.Error(), "not a plain file") {
		t.Errorf("got %q, want that it is no file", bad)
	}
	if _, err := s.Save("folder", Preset{}); err == nil {
		t.Error("saved over a folder")
	}
}

func TestListKeepsTheOthersUsable(t *testing.T) {
	s := open(t)
	if list, err := s.List(); err != nil || len(list) != len(BuiltIns()) {
		t.Errorf("no folder: got %v %v, want the built-in ones alone", list, err)
	}
	save(t, s, "good", Preset{Note: "n", Values: values(t, "acks=1 load.rate=7")})
	put(t, s, "broken", "schema: [")
	put(t, s, ".hidden", "")
	if err := os.WriteFile(filepath.Join(s.Dir(), "readme.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2+len(BuiltIns()) || list[0].Name != "broken" || list[0].Problem == "" {
		t.Fatalf("got %+v, want broken with its problem, then good", list)
	}
	want := Entry{
		Name: "good", Note: "n", Path: filepath.Join(s.Dir(), "good.yaml"),
		Set: map[string]string{"acks": "1", "load.rate": "7"},
	}
	if diff := cmp.Diff(want, list[1]); diff != "" {
		t.Errorf("entry differs (-want +got):\n%s", diff)
	}
}

func TestRemove(t *testing.T) {
	s := open(t)
	save(t, s, "a", Preset{})
	if err := s.Remove("a"); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove("a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("again: got %v, want that it is not there", err)
	}
}

func TestOpenFollowsXDG(t *testing.T) {
	home, xdg := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", xdg)
	s, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(xdg, "kdyno", "presets"); s.Dir() != want {
		t.Errorf("got %s, want %s", s.Dir(), want)
	}
	for _, relative := range []string{"", "some/where"} {
		t.Setenv("XDG_CONFIG_HOME", relative)
		if s, err = Open(""); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(s.Dir(), home) {
			t.Errorf("XDG_CONFIG_HOME=%q: got %s, want it below %s", relative, s.Dir(), home)
		}
	}
	t.Setenv("HOME", "")
	if _, err := Open(""); err == nil {
		t.Error("no home: got a store, want an error")
	}
}
