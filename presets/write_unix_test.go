//go:build !windows

package presets

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// childFolder makes the test binary a process that saves, so that it can be
// killed or starved.
const (
	childFolder = "KDYNO_TEST_PRESETS"
	childWork   = "KDYNO_TEST_WORK"
)

// noteBytes makes a file of more than one page.
const noteBytes = 6000

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		os.Exit(child(dir, os.Getenv(childWork)))
	}
	os.Exit(m.Run())
}

func child(dir, work string) int {
	s, err := Open(dir)
	if err != nil {
		return 1
	}
	notes := []string{strings.Repeat("a", noteBytes), strings.Repeat("b", noteBytes)}
	switch work {
	case "starve":
		// The kernel's signal would end the process before the write's error.
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1000, Max: 1000}); err != nil {
			return 1
		}
		_, err := s.Put("a", Preset{Note: notes[0]})
		var bad *Error
		if errors.Is(err, syscall.EFBIG) && errors.As(err, &bad) && strings.Contains(bad.Hint(), "make room") {
			return 42
		}
		return 1
	case "hold":
		if _, err := s.lock(); err != nil {
			return 1
		}
		_, _ = os.Stdout.WriteString("held\n")
		select {}
	}
	for i := 0; ; i++ {
		if _, err := s.Put("a", Preset{Note: notes[i%2]}); err != nil {
			return 1
		}
		_, _ = os.Stdout.WriteString(".") // a save that was done
	}
}

func childProcess(t *testing.T, dir, work string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childFolder+"="+dir, childWork+"="+work)
	return cmd
}

func TestFullDiskLeavesTheOldFileAndNoOther(t *testing.T) {
	s := open(t)
	path := save(t, s, "a", Preset{Note: "old"})
	before := read(t, path)
	err := childProcess(t, s.Dir(), "starve").Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 42 {
		t.Fatalf("starved save: got %v, want the error of a full disk with its hint", err)
	}
	if got := read(t, path); got != before {
		t.Errorf("got a changed file of %d bytes, want the old one", len(got))
	}
	if got := fileNames(t, s.Dir()); !cmp.Equal(got, []string{"a.yaml"}) {
		t.Errorf("got %v, want a.yaml alone", got)
	}
}

func TestKilledSaveLeavesAWholeFile(t *testing.T) {
	s := open(t)
	save(t, s, "a", Preset{Note: strings.Repeat("a", noteBytes)})
	random := rand.New(rand.NewPCG(1, 2))
	const enough = 1000
	kills, saves := 0, 0
	for ; saves < enough; kills++ {
		cmd := childProcess(t, s.Dir(), "write")
		var done bytes.Buffer
		cmd.Stdout = &done
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(60+random.IntN(200)) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		saves += done.Len()
		p, err := s.Load("a")
		if err != nil {
			t.Fatalf("after a kill: %v", err)
		}
		if len(p.Note) != noteBytes || strings.Trim(p.Note, p.Note[:1]) != "" {
			t.Fatalf("after a kill: got a note of %d bytes, want one of the two", len(p.Note))
		}
	}
	if kills < 3 {
		t.Errorf("%d saves were killed %d times only", saves, kills)
	}
	list, err := s.List()
	if err != nil || len(list) != 1+len(BuiltIns()) {
		t.Errorf("got %v %v, want what a killed save left to be no preset", list, err)
	}
}

// A process that dies with the lock takes it along.
func TestLockOfADeadProcessIsFree(t *testing.T) {
	s := open(t)
	save(t, s, "a", Preset{Note: "old"})
	cmd := childProcess(t, s.Dir(), "hold")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	saved := make(chan error, 1)
	go func() {
		_, err := s.Put("a", Preset{Note: "new"})
		saved <- err
	}()
	select {
	case err := <-saved:
		t.Fatalf("saved beside the lock: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if err := <-saved; err != nil {
		t.Errorf("got %v, want it saved once the other is dead", err)
	}
}

func TestSaveIsPrivateWhateverTheUmask(t *testing.T) {
	for _, mask := range []int{0, 0o022, 0o777} {
		s := open(t)
		if mask == 0o777 {
			// Such a mask would make folders that their owner cannot use.
			if err := os.MkdirAll(s.Dir(), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		was := syscall.Umask(mask)
		saved, err := s.Save("a", Preset{})
		syscall.Umask(was)
		path := saved.Path
		if err != nil {
			t.Fatalf("umask %o: %v", mask, err)
		}
		if got := mode(t, path); got != 0o600 {
			t.Errorf("umask %o: file: got %o, want 600", mask, got)
		}
		for _, dir := range []string{s.Dir(), filepath.Dir(s.Dir())} {
			if got := mode(t, dir); got != 0o700 {
				t.Errorf("umask %o: folder %s: got %o, want 700", mask, filepath.Base(dir), got)
			}
		}
	}
}

func TestSaveTightensAnOpenFile(t *testing.T) {
	s := open(t)
	path := put(t, s, "a", "schema: kdyno.preset/1\n")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	saved, err := s.Put("a", Preset{})
	if err != nil || !saved.Tightened {
		t.Errorf("got %+v, %v, want it told", saved, err)
	}
	if got := mode(t, path); got != 0o600 {
		t.Errorf("got %o, want 600", got)
	}
	if saved, err := s.Put("a", Preset{}); err != nil || saved.Tightened {
		t.Errorf("again: got %+v, %v, want nothing to tell", saved, err)
	}
}

func TestSaveKeepsALink(t *testing.T) {
	s := open(t)
	save(t, s, "b", Preset{})
	kept := filepath.Join(t.TempDir(), "dotfiles.yaml")
	if err := os.WriteFile(kept, []byte("schema: kdyno.preset/1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(s.Dir(), "a.yaml")
	if err := os.Symlink(kept, link); err != nil {
		t.Fatal(err)
	}
	save(t, s, "a", Preset{Note: "new"})
	if at, err := os.Readlink(link); err != nil || at != kept {
		t.Errorf("link: got %q %v, want %q", at, err, kept)
	}
	if !strings.Contains(read(t, kept), "note: new") {
		t.Error("the file behind the link was not written")
	}
}

func TestLoadDoesNotWaitOnAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe.yaml")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t).Load(path); !errors.Is(err, errNotFile) {
		t.Errorf("got %v, want a refusal", err)
	}
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	at, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return at.Mode().Perm()
}
