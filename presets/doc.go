// Package presets keeps named configurations: those that come with kdyno, and
// on disk those of a person or a team, one YAML file each. A file holds what was
// set and nothing else, what it is for, what it was measured to do. The commands
// and the workbench call it. It refuses to hold secrets, to write outside of its
// folder, to overwrite a file that it could not read, and to overwrite one that
// changed since it was read. A Store has no state of its own besides the
// folder's name, so all of its methods are safe for any goroutine, and of two
// processes that save the same name the second is told of the first.
package presets

import (
	"fmt"
	"slices"
	"strings"

	"kdyno/engine/setting"
)

// Schema names the version of the file's words.
const Schema = "kdyno.preset/1"

// maxBytes bounds a file, so that a wrong path cannot fill the memory.
const maxBytes = 1 << 20

// Preset is a named configuration: what was set, on top of named defaults.
type Preset struct {
	Name     string
	Note     string         // one line or more, for people
	For      string         // what it is for
	Base     string         // the named defaults that it is set upon; empty: Kafka 4's
	Values   setting.Values // what was set; All is with the defaults
	Expect   []string       // objectives, as --expect takes them
	Measured *Measured      // the last measurement; nil: none
	Reasons  Reasons
	BuiltIn  bool
	// Lines tell where in its file each setting stands; nil for a preset that
	// was not read.
	Lines map[setting.Key]int

	read source
}

// source is the file that a preset was read from.
type source struct {
	text []byte
	sum  string // of the text; empty: there was no file
}

// Reasons say why a preset is as it is.
type Reasons struct {
	Because []string // a sentence each
	Sources []string // where it can be read
	Claims  []string // what it does, as ParseClaim reads it
}

// All are the values that the preset comes to: what was set, on top of the
// named defaults.
func (p Preset) All() setting.Values {
	return baseValues(p.Base).Merge(p.Values)
}

// Entry is one line of the list of presets. Problem says why the file cannot
// be used, and is empty where it can. Set has the base's values too.
type Entry struct {
	Name     string            `json:"name"`
	BuiltIn  bool              `json:"builtin"`
	Note     string            `json:"note"`
	Path     string            `json:"path"`
	Set      map[string]string `json:"set"`
	For      string            `json:"for,omitempty"`
	Base     string            `json:"base,omitempty"`
	Expect   []string          `json:"expect,omitempty"`
	Measured *Measured         `json:"measured,omitempty"`
	Because  []string          `json:"because,omitempty"`
	Sources  []string          `json:"sources,omitempty"`
	Claims   []string          `json:"claims,omitempty"`
	Problem  string            `json:"problem,omitempty"`
}

// entryOf is a preset's line in the list.
func entryOf(p Preset, path string) Entry {
	return Entry{
		Name: p.Name, BuiltIn: p.BuiltIn, Note: p.Note, Path: path, Set: p.All().SetMap(),
		For: p.For, Base: p.Base, Expect: slices.Clone(p.Expect), Measured: p.Measured,
		Because: slices.Clone(p.Reasons.Because), Sources: slices.Clone(p.Reasons.Sources), Claims: slices.Clone(p.Reasons.Claims),
	}
}

// Problem is one thing that is wrong in a file. Line counts from 1; 0 means
// the file as a whole.
type Problem struct {
	Line int
	Key  setting.Key // empty where no setting is meant
	Say  string
	Hint string // what to change, may be empty
}

// Error says what could not be read or saved, and what to do about it. It
// lists every problem of a file, the first one first. Unwrap gives the cause
// where the operating system named one.
type Error struct {
	Path     string // the file, empty where a name was refused
	Problems []Problem
	Cause    error
}

// Error tells all problems, one a line, without the hints.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = e.where(p) + p.Say
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the operating system's error, or nil.
func (e *Error) Unwrap() error { return e.Cause }

// Hint is what to change: the first problem's hint, or "".
func (e *Error) Hint() string {
	for _, p := range e.Problems {
		if p.Hint != "" {
			return p.Hint
		}
	}
	return ""
}

// Key is the setting that the first problem is about, or "".
func (e *Error) Key() setting.Key {
	if len(e.Problems) == 0 {
		return ""
	}
	return e.Problems[0].Key
}

func (e *Error) where(p Problem) string {
	switch {
	case e.Path == "":
		return ""
	case p.Line == 0:
		return e.Path + ": "
	}
	return fmt.Sprintf("%s:%d: ", e.Path, p.Line)
}

func refusal(path, say, hint string, cause error) *Error {
	return &Error{Path: path, Problems: []Problem{{Say: say, Hint: hint}}, Cause: cause}
}
