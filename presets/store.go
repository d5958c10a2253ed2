package presets

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"kdyno/engine/setting"
	"kdyno/presets/disk"
)

// Store is a folder of presets.
type Store struct {
	dir   string
	write func(path string, text []byte) error // replaced by tests that fill the disk
}

// Open names the folder that holds the presets; "" means the person's own,
// $XDG_CONFIG_HOME/kdyno/presets. It is made by the first Save. The error is
// an *Error, where no home is known.
func Open(dir string) (*Store, error) {
	if dir == "" {
		base, err := configDir()
		if err != nil {
			return nil, refusal("", "no folder for presets: "+err.Error(), "set HOME, or XDG_CONFIG_HOME to an absolute path", err)
		}
		dir = filepath.Join(base, "kdyno", "presets")
	}
	return &Store{dir: dir, write: disk.Replace}, nil
}

// Dir is the folder.
func (s *Store) Dir() string { return s.dir }

// configDir follows the XDG rules everywhere, also where the system has a
// folder of its own: a person who sets the variable means it.
func configDir() (string, error) {
	// A relative path is to be ignored, says the XDG base directory text.
	if dir := os.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	switch runtime.GOOS {
	case "windows", "darwin", "ios", "plan9":
		return os.UserConfigDir()
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".config"), nil
}

// List gives every preset in the folder, by name, and then those that come with
// kdyno and have no namesake there. One that cannot be read is listed with its
// problem and with the values that could be; the error, an *Error, is about the
// folder as a whole. No folder yet means none but the built-in ones.
func (s *Store) List() ([]Entry, error) {
	files, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return builtInEntries(nil), refusal(s.dir, "cannot list the presets: "+reason(err), remedy(err), err)
	}
	var list []Entry
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), extension)
		if !ok || CheckName(name) != nil {
			continue
		}
		list = append(list, s.entry(name))
	}
	return append(list, builtInEntries(list)...), nil
}

func (s *Store) entry(name string) Entry {
	p, err := s.Load(name)
	p.Name = name
	e := entryOf(p, s.path(name))
	if err != nil {
		e.Problem = err.Error()
	}
	return e
}

// Load reads a preset by its name, or a file by its path: whatever holds a
// separator or ends in .yaml or .yml is a path. A preset of the folder goes
// before a built-in one of the same name. The error is an *Error; where it is
// about what is in the file, the preset holds what could be read all the same.
func (s *Store) Load(nameOrPath string) (Preset, error) {
	path, name := nameOrPath, ""
	if !isPath(nameOrPath) {
		if err := CheckName(nameOrPath); err != nil {
			return Preset{}, err
		}
		path, name = s.path(nameOrPath), nameOrPath
	}
	text, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if p, ok := BuiltIn(name); ok {
			return p, nil
		}
		return Preset{}, s.missing(nameOrPath, err)
	}
	if err != nil {
		return Preset{}, refusal(path, "cannot read the preset: "+reason(err), remedy(err), err)
	}
	p, err := decode(path, text)
	switch {
	case name != "":
		p.Name = name
	case p.Name == "":
		p.Name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	return p, err
}

// Remove deletes the preset of this name; paths are refused. The error is an
// *Error.
func (s *Store) Remove(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	unlock, err := s.lock()
	if err == nil {
		defer unlock()
		err = os.Remove(s.path(name))
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		if _, ok := BuiltIn(name); ok {
			return refusal("", fmt.Sprintf("%s comes with kdyno and cannot be removed", name), "", nil)
		}
		return s.missing(name, err)
	}
	return refusal(s.path(name), "preset not removed: "+reason(err), remedy(err), err)
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name+extension) }

func (s *Store) missing(nameOrPath string, cause error) *Error {
	if isPath(nameOrPath) {
		return refusal(nameOrPath, "there is no such preset file", "give the name of a saved preset, or the path of a file that exists", cause)
	}
	files, _ := os.ReadDir(s.dir) // an unreadable folder only costs the suggestion
	var names []string
	for _, f := range files {
		if n, ok := strings.CutSuffix(f.Name(), extension); ok && CheckName(n) == nil {
			names = append(names, n)
		}
	}
	hint := "there are: " + strings.Join(append(names, builtInNames()...), ", ")
	if near := setting.Closest(nameOrPath, append(names, builtInNames()...)); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "? kdyno presets list has them all"
	}
	return refusal("", fmt.Sprintf("there is no preset named %q", nameOrPath), hint, cause)
}
