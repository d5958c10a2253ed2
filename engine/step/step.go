// Package step is the small language in which everything that a session can
// be told is said: by the palette, by --at, by lessons. It is data only; the
// engine carries steps out. It knows no session and no presets. All of its
// functions are safe for any goroutine.
package step

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"kdyno/engine/setting"
)

// Verb is what a step does.
type Verb string

// The verbs. Allow has no textual form: only a person's typed y makes it.
const (
	Set        Verb = "set"
	Preset     Verb = "preset"
	Undo       Verb = "undo"
	Redo       Verb = "redo"
	Pause      Verb = "pause"
	Resume     Verb = "resume"
	Mark       Verb = "mark"
	Send       Verb = "send"
	Partitions Verb = "partitions"
	Crash      Verb = "crash"
	Restart    Verb = "restart"
	Fault      Verb = "fault"
	Heal       Verb = "heal"
	Audit      Verb = "audit"
	Allow      Verb = "allow"
)

// Step is one thing to do.
type Step struct {
	Verb  Verb
	Set   []Assignment // of Set, in the order written
	Name  string       // of Preset its name, of Mark its text, of Fault and Heal the fault's; empty: heal all; of Audit on or off
	With  []Parameter  // of Fault and Send, in the order written
	Count int          // of Partitions
}

// Assignment is one KEY=VALUE; Text is what was written, unparsed.
type Assignment struct {
	Key  setting.Key
	Text string
}

// Parameter is one K=V of a fault or of a record; Text is what was written,
// unparsed. Which parameters a fault takes is not known here.
type Parameter struct {
	Name string
	Text string
}

// Timed is a step that is due At after the load's start.
type Timed struct {
	At   time.Duration
	Step Step
}

// Word is one verb of the language, for a palette.
type Word struct {
	Verb  Verb
	Usage string
	Doc   string
}

// words are the verbs that have a textual form, in the order of the contract.
var words = []Word{
	{Set, "set KEY=VALUE [KEY=VALUE...]", "change settings; those of the producer are applied together, as one revision"},
	{Preset, "preset NAME", "stage a preset and apply it"},
	{Undo, "undo", "go back to the revision before"},
	{Redo, "redo", "go forward again"},
	{Pause, "pause", "stop the load; what is in the buffer is still delivered"},
	{Resume, "resume", "let the load go on"},
	{Mark, "mark TEXT", "draw a line with this label in every chart"},
	{Send, "send [key=K] [value=V] [topic=T] [partition=P] [header.NAME=V] [timestamp=T]", "send one record and follow it through every station; what is left out is null"},
	{Partitions, "partitions N", "add partitions to the topic under load until it has N; keys move"},
	{Crash, "crash", "the producer dies without flush; the load stands still until restart"},
	{Restart, "restart", "a new producer takes over, and the application sends again what it saw no acknowledgement of"},
	{Audit, "audit on|off", "hold each record that is acknowledged against the log, or end that with a verdict"},
	{Fault, "fault NAME [K=V...]", "break something on purpose; for=5s heals it again by itself"},
	{Heal, "heal [NAME]", "end one fault, or all"},
}

// Words lists the verbs that Parse knows. The slice is the caller's own.
func Words() []Word { return append([]Word(nil), words...) }

// String gives the line that Parse reads back as the same step. Allow has no
// such line; its String is for logs.
func (s Step) String() string {
	switch s.Verb {
	case Set:
		parts := make([]string, 0, len(s.Set)+1)
		parts = append(parts, string(Set))
		for _, a := range s.Set {
			parts = append(parts, string(a.Key)+"="+quoted(a.Text))
		}
		return strings.Join(parts, " ")
	case Fault:
		return string(Fault) + " " + s.Name + s.with()
	case Send:
		return string(Send) + s.with()
	case Partitions:
		return string(Partitions) + " " + strconv.Itoa(s.Count)
	case Audit:
		return string(Audit) + " " + s.Name
	case Heal:
		return strings.TrimSpace(string(Heal) + " " + s.Name)
	case Preset:
		return string(Preset) + " " + quoted(s.Name)
	case Mark:
		return string(Mark) + " " + markText(s.Name)
	default:
		return string(s.Verb)
	}
}

// with are the parameters, each after a space.
func (s Step) with() string {
	var b strings.Builder
	for _, p := range s.With {
		b.WriteString(" " + p.Name + "=" + quoted(p.Text))
	}
	return b.String()
}

// String gives the text that ParseTimed reads back.
func (t Timed) String() string { return t.At.String() + "=" + t.Step.String() }

// quoted puts text into double quotes where a bare word would be read as
// something else.
func quoted(text string) string {
	if text == "" || text[0] == '"' || strings.ContainsFunc(text, notBare) {
		return strconv.Quote(text)
	}
	return text
}

func notBare(r rune) bool {
	return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == unicode.ReplacementChar
}

// markText leaves a label bare unless it would be trimmed or unquoted.
func markText(text string) string {
	if _, isQuoted := unquoteWhole(text); isQuoted || text == "" || strings.TrimSpace(text) != text {
		return strconv.Quote(text)
	}
	return text
}
