package disk

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 5, 0, time.UTC) }

func shelf(t *testing.T, dir string) *Shelf {
	t.Helper()
	s, err := OpenShelf(dir, noon)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestKeepWritesEveryFormForOneselfAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "kdyno")
	path, err := shelf(t, dir).Keep(map[string][]byte{"svg": []byte("picture"), "csv": []byte("figures")})
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "20261122-120005"); path != want {
		t.Errorf("got %s, want %s", path, want)
	}
	for ext, want := range map[string]string{"svg": "picture", "csv": "figures"} {
		if got, err := os.ReadFile(path + "." + ext); err != nil || string(got) != want {
			t.Errorf("%s: got %q and %v, want %q", ext, got, err, want)
		}
	}
	for name, want := range map[string]os.FileMode{dir: 0o700, path + ".svg": 0o600} {
		at, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := at.Mode().Perm(); got != want {
			t.Errorf("%s: got mode %o, want %o", name, got, want)
		}
	}
}

func TestKeepNeverWritesOverWhatIsThere(t *testing.T) {
	s := shelf(t, t.TempDir())
	var names []string
	for range 3 {
		path, err := s.Keep(map[string][]byte{"svg": nil})
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.Base(path))
	}
	if diff := cmp.Diff([]string{"20261122-120005", "20261122-120005-2", "20261122-120005-3"}, names); diff != "" {
		t.Errorf("kept otherwise (-want +got):\n%s", diff)
	}
}

func TestRefusalSaysWhatToDo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	full := shelf(t, t.TempDir())
	full.write = func(path string, _ []byte) error { return &os.PathError{Op: "write", Path: path, Err: syscall.ENOSPC} }
	for name, c := range map[string]struct {
		shelf      *Shelf
		says, cure string
	}{
		"a file in the way": {shelf(t, filepath.Join(file, "kdyno")), "not a directory", "XDG_STATE_HOME"},
		"a full disk":       {full, ".svg: no space left on device", "make room"},
	} {
		_, err := c.shelf.Keep(map[string][]byte{"svg": nil})
		var told *Error
		if !errors.As(err, &told) {
			t.Fatalf("%s: got %v, want an *Error", name, err)
		}
		if !strings.Contains(told.Error(), c.says) || !strings.Contains(told.Hint(), c.cure) {
			t.Errorf("%s: got %q and %q, want %q and %q", name, told, told.Hint(), c.says, c.cure)
		}
	}
}

func TestFolderFollowsTheStateHome(t *testing.T) {
	t.Setenv("HOME", "/home/someone")
	for set, want := range map[string]string{
		"/var/state": "/var/state/kdyno",
		"relative":   "/home/someone/.local/state/kdyno",
		"":           "/home/someone/.local/state/kdyno",
	} {
		t.Setenv("XDG_STATE_HOME", set)
		if got := shelf(t, "").dir; got != want {
			t.Errorf("XDG_STATE_HOME=%q: got %s, want %s", set, got, want)
		}
	}
}
