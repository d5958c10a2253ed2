// Package disk puts files where the person keeps them: each whole or not at
// all, and readable by nobody else. The presets and the workbench's saved
// frames use it. It knows nothing of what is in the files. Everything in it is
// safe for any goroutine.
package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// Shelf is a folder of things that were saved at an instant, each in several
// forms: 20261122-163005.svg, 20261122-163005.csv.
type Shelf struct {
	dir   string
	clock func() time.Time
	write func(path string, text []byte) error // replaced by tests that fill the disk
}

// OpenShelf names the folder; "" means the person's own, $XDG_STATE_HOME/kdyno.
// It is made by the first Keep. The error says that no home is known.
func OpenShelf(dir string, clock func() time.Time) (*Shelf, error) {
	if dir == "" {
		base, err := stateDir()
		if err != nil {
			return nil, &Error{Say: "no folder for what is saved: " + err.Error(), Cure: "set HOME, or XDG_STATE_HOME to an absolute path", Cause: err}
		}
		dir = filepath.Join(base, "kdyno")
	}
	return &Shelf{dir: dir, clock: clock, write: Replace}, nil
}

func stateDir() (string, error) {
	// A relative path is to be ignored, says the XDG base directory text.
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	if runtime.GOOS == "windows" {
		return os.UserCacheDir()
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".local", "state"), nil
}

// Error is why something was not saved, and what to do about it.
type Error struct {
	Say   string
	Cure  string
	Cause error
}

func (e *Error) Error() string { return e.Say }

// Unwrap gives the system's error.
func (e *Error) Unwrap() error { return e.Cause }

// Hint says what to change.
func (e *Error) Hint() string { return e.Cure }

// Keep writes one thing in its forms, by file extension, and gives the path
// that they share, without an extension. What is there already stays: a second
// save within the second gets a number. The error is an *Error; the forms
// written before it stay.
func (s *Shelf) Keep(forms map[string][]byte) (string, error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return "", refusal(s.dir, err)
	}
	extensions := slices.Sorted(maps.Keys(forms))
	stem := s.vacant(extensions)
	for _, ext := range extensions {
		if err := s.write(stem+"."+ext, forms[ext]); err != nil {
			return "", refusal(stem+"."+ext, err)
		}
	}
	return stem, nil
}

// vacant is a path of which no form is there.
func (s *Shelf) vacant(extensions []string) string {
	stem := filepath.Join(s.dir, s.clock().Format("20060102-150405"))
	try := stem
	for n := 2; slices.ContainsFunc(extensions, func(ext string) bool {
		_, err := os.Lstat(try + "." + ext)
		return err == nil
	}); n++ {
		try = fmt.Sprintf("%s-%d", stem, n)
	}
	return try
}

func refusal(path string, err error) *Error {
	why := err
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		why = at.Err
	}
	return &Error{Say: fmt.Sprintf("not saved at %s: %v", path, why), Cure: cure(err), Cause: err}
}

func cure(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EFBIG):
		return "make room on the disk and save again"
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		return "a file is where a folder should be; move it away, or set XDG_STATE_HOME to another folder"
	}
	return "set XDG_STATE_HOME to a folder that you can write to"
}
