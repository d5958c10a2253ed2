package presets

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

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

// List gives every preset in the folder, by name. One that cannot be read is
// listed with its problem and without values; the error, an *Error, is about
// the folder as a whole. No folder yet means no presets.
func (s *Store) List() ([]Entry, error) {
	files, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, refusal(s.dir, "cannot list the presets: "+reason(err), remedy(err), err)
	}
	var list []Entry
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), extension)
		if !ok || CheckName(name) != nil {
			continue
		}
		list = append(list, s.entry(name))
	}
	return list, nil
}

func (s *Store) entry(name string) Entry {
	e := Entry{Name: name, Path: s.path(name), Set: map[string]string{}}
	p, err := s.Load(name)
	if err != nil {
		e.Problem = err.Error()
		return e
	}
	e.Note = p.Note
	for _, k := range p.Values.Set() {
		e.Set[string(k)] = p.Values.Text(k)
	}
	return e
}

// Load reads a preset by its name, or a file by its path: whatever holds a
// separator or ends in .yaml or .yml is a path. The error is an *Error.
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
		return Preset{}, s.missing(nameOrPath, err)
	}
	if err != nil {
		return Preset{}, refusal(path, "cannot read the preset: "+reason(err), remedy(err), err)
	}
	p, err := decode(path, text)
	if err != nil {
		return Preset{}, err
	}
	switch {
	case name != "":
		p.Name = name
	case p.Name == "":
		p.Name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	return p, nil
}

// Save writes a preset under a plain name and gives the file's path. It
// replaces a preset of that name as a whole or not at all; an empty note
// keeps the old one, and fields of the file that kdyno does not know stay.
// The error is an *Error, and then the old file is as it was.
func (s *Store) Save(name string, p Preset) (string, error) {
	if err := CheckName(name); err != nil {
		return "", err
	}
	for _, k := range p.Values.Set() {
		if secret(string(k)) {
			return "", &Error{Problems: []Problem{{
				Key: k, Say: string(k) + " is a secret, and presets hold none",
				Hint: "leave it out of the preset and give it when kdyno starts",
			}}}
		}
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return "", refusal(s.dir, "cannot make the folder for presets: "+reason(err), remedy(err), err)
	}
	path := s.path(name)
	old, err := readable(path)
	if err != nil {
		return "", err
	}
	p.Name = name
	text, err := encode(p, old)
	if err != nil {
		return "", refusal(path, "cannot write the preset down: "+err.Error(), "", err)
	}
	if err := s.write(path, text); err != nil {
		return "", refusal(path, "preset not saved: "+reason(err), remedy(err), err)
	}
	return path, nil
}

// readable reads what Save is about to replace. A file that cannot be understood
// may hold work that a person has not finished, so it is not overwritten.
func readable(path string) ([]byte, error) {
	text, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		_, err = decode(path, text)
	}
	if err == nil {
		return text, nil
	}
	say := "preset not saved: there is one of this name that cannot be read"
	var bad *Error
	if errors.As(err, &bad) && len(bad.Problems) > 0 {
		say = fmt.Sprintf("%s (line %d: %s)", say, bad.Problems[0].Line, bad.Problems[0].Say)
	} else {
		say += " (" + reason(err) + ")"
	}
	return nil, refusal(path, say, "mend or remove that file, or save under another name", err)
}

// Remove deletes the preset of this name; paths are refused. The error is an
// *Error.
func (s *Store) Remove(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	err := os.Remove(s.path(name))
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
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
	hint := "there are none yet in " + s.dir + "; kdyno presets save NAME makes one"
	if len(names) > 0 {
		hint = "there are: " + strings.Join(names, ", ")
	}
	return refusal("", fmt.Sprintf("there is no preset named %q", nameOrPath), hint, cause)
}
