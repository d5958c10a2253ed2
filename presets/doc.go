// Package presets keeps named configurations on disk: one YAML file each,
// private to the person, holding only what was set. The commands and the
// workbench call it. It refuses to hold secrets, to write outside of its
// folder, and to overwrite a file that it could not read. A Store has no
// state of its own besides the folder's name, so all of its methods are safe
// for any goroutine, and two processes that save the same name leave one of
// the two files whole.
package presets

import (
	"fmt"
	"strings"

	"kdyno/engine/setting"
)

// Schema names the version of the file's words.
const Schema = "kdyno.preset/1"

// maxBytes bounds a file, so that a wrong path cannot fill the memory.
const maxBytes = 1 << 20

// Preset is a named configuration: what was set, and nothing else.
type Preset struct {
	Name   string
	Note   string // one line or more, for people
	Values setting.Values
}

// Entry is one line of the list of presets. Problem says why the file cannot
// be used, and is empty where it can.
type Entry struct {
	Name    string            `json:"name"`
	BuiltIn bool              `json:"builtin"`
	Note    string            `json:"note"`
	Path    string            `json:"path"`
	Set     map[string]string `json:"set"`
	Problem string            `json:"problem,omitempty"`
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
