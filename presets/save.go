package presets

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"kdyno/engine/setting"
)

// Saved is what a save did.
type Saved struct {
	Path      string
	Replaced  bool             // there was a file of this name
	Changes   []setting.Change // against that file
	Tightened bool             // others could read it, and no longer can
}

// ConflictError says that a file is another one than was read, or that there is one
// where none was: somebody else saved in between. Theirs is what is there now;
// Changes is what would become of it. A Preset that carries on from Theirs, see
// Over, replaces it knowingly.
type ConflictError struct {
	Path    string
	Theirs  Preset
	Changes []setting.Change
	Known   bool // it was read before, and changed since
}

func (c *ConflictError) Error() string {
	if c.Known {
		return fmt.Sprintf("preset not saved: %s was changed since it was read", c.Path)
	}
	return fmt.Sprintf("preset not saved: there is another %s already", c.Theirs.Name)
}

// Hint is what to do.
func (*ConflictError) Hint() string {
	return "look at the differences, then save under another name or replace it"
}

// Over is the preset as one that knows of the other and means to replace its
// file.
func (p Preset) Over(other Preset) Preset {
	p.read = other.read
	return p
}

// Save writes a preset under a plain name. It replaces the file that the preset
// was loaded from, or the one of Over, as a whole or not at all, and only if that
// is still as it was: else the error is a *ConflictError. Comments and fields that
// kdyno does not know stay, and so do note, purpose, objectives and reasons that
// the preset has none of. Any other error is an *Error, and then the old file is
// as it was.
func (s *Store) Save(name string, p Preset) (Saved, error) {
	if err := CheckName(name); err != nil {
		return Saved{}, err
	}
	if err := guarded(p); err != nil {
		return Saved{}, err
	}
	if err := s.make(); err != nil {
		return Saved{}, err
	}
	path := s.path(name)
	unlock, err := s.lock()
	if err != nil {
		return Saved{}, refusal(path, "preset not saved: "+reason(err), remedy(err), err)
	}
	defer unlock()
	theirs, err := s.readable(name)
	if err != nil {
		return Saved{}, err
	}
	p.Name, p.BuiltIn = name, false
	changes := p.All().Diff(theirs.All())
	if theirs.read.sum != p.read.sum && theirs.read.sum != "" {
		return Saved{}, &ConflictError{Path: path, Theirs: theirs, Changes: changes, Known: p.read.sum != ""}
	}
	base := theirs.read.text
	if base == nil {
		base = p.read.text // it was removed in between: it comes back as it was
	}
	text, err := encode(p, base)
	if err != nil {
		return Saved{}, refusal(path, "cannot write the preset down: "+err.Error(), "", err)
	}
	saved := Saved{Path: path, Replaced: theirs.read.sum != "", Changes: changes, Tightened: shared(path)}
	if err := s.write(path, text); err != nil {
		return Saved{}, refusal(path, "preset not saved: "+reason(err), remedy(err), err)
	}
	return saved, nil
}

// Put is Save by somebody who means to replace what is there, whatever it is.
func (s *Store) Put(name string, p Preset) (Saved, error) {
	if err := CheckName(name); err != nil {
		return Saved{}, err
	}
	if err := s.make(); err != nil {
		return Saved{}, err
	}
	theirs, err := s.readable(name)
	if err != nil {
		return Saved{}, err
	}
	return s.Save(name, p.Over(theirs))
}

// make makes the folder, readable by nobody else.
func (s *Store) make() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return refusal(s.dir, "cannot make the folder for presets: "+reason(err), remedy(err), err)
	}
	return nil
}

// guarded refuses a preset that holds a secret.
func guarded(p Preset) error {
	for _, k := range p.Values.Set() {
		if secret(string(k)) {
			return &Error{Problems: []Problem{{
				Key: k, Say: string(k) + " is a secret, and presets hold none",
				Hint: "leave it out of the preset and give it when kdyno starts",
			}}}
		}
	}
	return nil
}

// shared says whether others may read a file.
func shared(path string) bool {
	at, err := os.Stat(path)
	return err == nil && at.Mode().Perm()&0o077 != 0
}

// The lock's patience, and how often it looks.
const (
	lockWithin = 5 * time.Second
	lockEvery  = 5 * time.Millisecond
)

// errHeld says that somebody else kept the folder's lock all the time.
var errHeld = errors.New("another kdyno has been saving for five seconds")

// lock keeps other processes from saving until unlock. The system takes it from
// a process that dies.
func (s *Store) lock() (unlock func(), err error) {
	l := flock.New(filepath.Join(s.dir, ".lock"), flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(context.Background(), lockWithin)
	defer cancel()
	held, err := l.TryLockContext(ctx, lockEvery)
	if errors.Is(err, context.DeadlineExceeded) || err == nil && !held {
		return nil, errHeld
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = l.Close() }, nil // what is closed is free, whatever Close says
}

// readable reads what Save is about to replace; the zero Preset where there is
// nothing. A file that cannot be understood may hold work that a person has not
// finished, so it is not overwritten.
func (s *Store) readable(name string) (Preset, error) {
	path := s.path(name)
	text, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Preset{}, nil
	}
	var p Preset
	if err == nil {
		p, err = decode(path, text)
	}
	if err == nil {
		p.Name = name
		return p, nil
	}
	say := "preset not saved: there is one of this name that cannot be read"
	var bad *Error
	if errors.As(err, &bad) && len(bad.Problems) > 0 {
		say = fmt.Sprintf("%s (line %d: %s)", say, bad.Problems[0].Line, bad.Problems[0].Say)
	} else {
		say += " (" + reason(err) + ")"
	}
	return Preset{}, refusal(path, say, "mend or remove that file, or save under another name", err)
}
