package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"kdyno/engine"
	"kdyno/engine/setting"
	"kdyno/presets"
	"kdyno/telemetry/report"
)

// failure is what ends a command: the words of the contract, and the exit
// code that goes with them.
type failure struct {
	Kind    string `json:"kind"` // usage, rail, unreachable, output or internal
	Message string `json:"message"`
	Hint    string `json:"hint"`
	Key     string `json:"key"`

	detail []string // further lines, only for people
	code   int
	told   bool // on stdout already, inside of the report
}

func usage(message, hint string) *failure {
	return &failure{Kind: string(engine.Usage), Message: message, Hint: hint, code: 2}
}

func usagef(hint, format string, args ...any) *failure {
	return usage(fmt.Sprintf(format, args...), hint)
}

// failed turns an error of the rooms below into a failure; nil stays nil.
func failed(err error) *failure {
	if err == nil {
		return nil
	}
	var ours *engine.Error
	if errors.As(err, &ours) {
		codes := map[engine.Kind]int{engine.Usage: 2, engine.Rail: 3, engine.Unreachable: 4}
		code, ok := codes[ours.Kind]
		if !ok {
			code = 1
		}
		return &failure{Kind: string(ours.Kind), Message: ours.Say, Hint: ours.Hint, Key: string(ours.Key), code: code}
	}
	return &failure{Kind: "internal", Message: err.Error(), code: 1}
}

// badPreset tells a preset's first problem, and the others below it.
func badPreset(err error) *failure {
	f := usage(err.Error(), "")
	var other *presets.ConflictError
	if errors.As(err, &other) {
		f.Hint = other.Hint()
		for _, c := range other.Changes {
			f.detail = append(f.detail, fmt.Sprintf("%s %s > %s", c.Key, shownValue(c.Key, c.Old), shownValue(c.Key, c.New)))
		}
		return f
	}
	var bad *presets.Error
	if errors.As(err, &bad) {
		lines := strings.Split(bad.Error(), "\n")
		f.Message, f.detail = lines[0], lines[1:]
		f.Hint, f.Key = bad.Hint(), string(bad.Key())
	}
	return f
}

// badValue tells what the table says about a key or value; from names the
// flag that it came by, where that was not --set.
func badValue(err error, from string) *failure {
	f := usage(err.Error(), "")
	var value *setting.ValueError
	var unknown *setting.UnknownKeyError
	switch {
	case errors.As(err, &value):
		f.Key, f.Message, f.Hint = string(value.Key), string(value.Key)+": "+value.What(), "use "+value.Hint
	case errors.As(err, &unknown):
		f.Key, f.Hint = unknown.Name, "kdyno settings lists every key"
		f.Message = fmt.Sprintf("there is no setting %q", unknown.Name)
		switch {
		case unknown.Whose != "":
			f.Message += ": " + unknown.Whose
		case len(unknown.Near) > 0:
			f.Message += "; did you mean " + orList(unknown.Near) + "?"
		}
	}
	if from != "" {
		f.Message = from + ": " + f.Message
	}
	return f
}

func orList(keys []setting.Key) string {
	var b strings.Builder
	for i, k := range keys {
		switch {
		case i == 0:
		case i == len(keys)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(string(k))
	}
	return b.String()
}

// tell says why it ended, once: one line first, then the detail; with --json
// also as an object on stdout. What brokers and certificates said may stand in it,
// so nothing is left that a terminal would obey. It settles the exit code.
func (a *app) tell() {
	f := a.fail
	if f == nil {
		return
	}
	a.code = f.code
	var b strings.Builder
	fmt.Fprintf(&b, "kdyno: %s\n", report.Harmless(f.Message))
	for _, line := range f.detail {
		fmt.Fprintf(&b, "  %s\n", report.Harmless(line))
	}
	if f.Hint != "" {
		fmt.Fprintf(&b, "  %s\n", report.Harmless(f.Hint))
	}
	_, _ = io.WriteString(a.Err, b.String()) // with stderr gone there is nobody left to tell
	if !a.json || f.told || f.Kind == "output" {
		return
	}
	if text, err := line(map[string]*failure{"error": f}); err == nil {
		_, _ = a.Out.Write(text) // stderr has said it already
	}
}

// line is one JSON object on a line of its own, with < and > readable.
func line(v any) ([]byte, error) { return report.JSON(v) }
