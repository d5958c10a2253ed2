// Package step is the small language in which everything that a session can
// be told is said: by the palette, by --at, by lessons. It is data only; the
// engine carries steps out.
package step

import (
	"time"

	"kdyno/engine/setting"
)

// Verb is what a step does.
type Verb string

// The verbs. Allow has no textual form: only a person's typed y makes it.
const (
	Set    Verb = "set"
	Preset Verb = "preset"
	Undo   Verb = "undo"
	Redo   Verb = "redo"
	Pause  Verb = "pause"
	Resume Verb = "resume"
	Mark   Verb = "mark"
	Allow  Verb = "allow"
)

// Step is one thing to do.
type Step struct {
	Verb Verb
	Set  []Assignment // of Set, in the order written
	Name string       // of Preset its name, of Mark its text
}

// Assignment is one KEY=VALUE; Text is what was written, unparsed.
type Assignment struct {
	Key  setting.Key
	Text string
}

// Timed is a step that is due At after the load's start.
type Timed struct {
	At   time.Duration
	Step Step
}
