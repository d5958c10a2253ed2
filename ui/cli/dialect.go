package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"kdyno/engine/setting"
	"kdyno/presets"
	"kdyno/presets/dialect"
)

// foreign is a configuration that somebody brings: a preset, or a file in one of
// the dialects.
type foreign struct {
	path  string
	name  string
	note  string
	im    dialect.Imported
	ours  bool // it is a preset of our own
	own   presets.Preset
	apart []setting.Key

	faulty error // what of a preset could not be read; the rest of it is there
}

// presetSchema tells our own files from everybody else's.
var presetSchema = regexp.MustCompile(`(?m)^\s*\{?\s*"?schema"?\s*:\s*["']?kdyno\.preset/`)

// readForeign reads a file in any dialect, or one of our own presets.
func readForeign(store *presets.Store, path, name string) (foreign, *failure) {
	raw, fail := configFile(path)
	if fail != nil {
		return foreign{}, fail
	}
	f := foreign{path: path, name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))}
	if name == "" && presetSchema.Match(raw) {
		if filepath.Base(path) == path {
			path = "." + string(filepath.Separator) + path
		}
		p, err := store.Load(path)
		if err != nil && p.Lines == nil {
			return f, badPreset(err)
		}
		own := ownPreset(p, path)
		own.faulty = err
		return own, nil
	}
	im, err := dialect.Read(name, raw)
	if err != nil {
		return f, badDialect(path, err)
	}
	f.im = im
	f.note = fmt.Sprintf("imported from %s (%s)", filepath.Base(path), im.Dialect)
	return f, nil
}

// wholeForeign is readForeign for whoever cannot do with a part of a preset.
func wholeForeign(store *presets.Store, path, name string) (foreign, *failure) {
	f, fail := readForeign(store, path, name)
	if f.faulty != nil && fail == nil {
		fail = badPreset(f.faulty)
	}
	return f, fail
}

// ownPreset is a preset of our own as a configuration that somebody brings.
func ownPreset(p presets.Preset, path string) foreign {
	f := foreign{path: path, name: p.Name, note: p.Note, ours: true, own: p}
	f.im = dialect.Imported{JVM: true, Values: p.All(), Origins: map[setting.Key]dialect.Origin{}}
	for k, line := range p.Lines {
		f.im.Origins[k] = dialect.Origin{Line: line, Name: string(k)}
	}
	return f
}

// configFile reads a file that may be anything, but no more of it than a
// configuration has.
func configFile(path string) ([]byte, *failure) {
	at, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, usagef("give the path of a file that exists", "%s: there is no such file", path)
	case err != nil:
		return nil, usagef("give the path of a file that you may read", "%s: %v", path, bare(err))
	case !at.Mode().IsRegular():
		return nil, usagef("give the path of a plain file", "%s: it is not a plain file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, usagef("give the path of a file that you may read", "%s: %v", path, bare(err))
	}
	raw, err := io.ReadAll(io.LimitReader(file, dialect.MaxBytes+1))
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, usagef("", "%s: %v", path, bare(err))
	}
	return raw, nil
}

// bare drops the operation and the path, which the message names already.
func bare(err error) error {
	if at := (*os.PathError)(nil); errors.As(err, &at) {
		return at.Err
	}
	return err
}

// badDialect says why a file cannot be read at all.
func badDialect(path string, err error) *failure {
	var bad *dialect.Error
	if !errors.As(err, &bad) {
		return usage(path+": "+err.Error(), "")
	}
	return usage(place(path, bad.Line, bad.Column)+bad.Say, bad.Hint)
}

// place is FILE:LINE:COLUMN, as editors read it.
func place(path string, line, column int) string {
	switch {
	case path == "" && line == 0:
		return ""
	case line == 0:
		return path + ": "
	case column == 0:
		return fmt.Sprintf("%s:%d: ", path, line)
	}
	return fmt.Sprintf("%s:%d:%d: ", path, line, column)
}

// faults turns what the file's own client would refuse into a failure, and a
// file in which nothing is a producer's.
func (f foreign) faults() *failure {
	fail := f.nothing()
	if fail != nil {
		return fail
	}
	for _, p := range f.im.Problems {
		if p.Severity != setting.Error {
			continue
		}
		text := place(f.path, p.Line, p.Column) + p.Say
		if fail == nil {
			fail = usage(text, p.Hint)
			fail.Key = string(p.Key)
			continue
		}
		fail.detail = append(fail.detail, text)
	}
	return fail
}

// nothing is a file in which nothing is a producer's.
func (f foreign) nothing() *failure {
	if !f.ours && !f.im.Faulty() && len(f.im.Blanks)+len(f.im.Secrets) == 0 && len(f.clients()) == len(f.im.Values.Set()) {
		return usagef("check the path, or what --dialect says it is", "%s: nothing in it is a producer's setting, read as %s", f.path, f.im.Dialect)
	}
	return nil
}

// reduce leaves out what means nothing to a Go client and what the load does by
// itself: real files are full of it, and a run would refuse it.
func (f *foreign) reduce() {
	for _, row := range setting.Rows() {
		if f.im.Values.IsSet(row.Key) && !row.Honoured() && (row.How == setting.Meaningless || row.Group == "serialization") {
			f.im.Values = f.im.Values.Without(row.Key)
			f.apart = append(f.apart, row.Key)
		}
	}
}

// remarks are what a person should know of what was read, a line each.
func (f foreign) remarks() []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if own := f.clients(); len(own) > 0 {
		add("%s does otherwise than Kafka by itself, so these are set: %s", f.im.Client, strings.Join(own, ", "))
	}
	if len(f.apart) > 0 {
		add("left out, since it means nothing here: %s", keyList(f.apart))
	}
	for _, p := range f.im.Problems {
		if p.Severity == setting.Warning {
			add("%s%s%s", place(f.path, p.Line, p.Column), p.Say, tail(p.Hint))
		}
	}
	for _, b := range f.im.Blanks {
		what := "left out"
		if row, _ := setting.Find(b.Key); f.im.Values.IsSet(b.Key) && !row.Secret {
			what = "kept as it stands"
		}
		add("%s%s is %s, and nothing is filled in here: %s", place(f.path, b.Line, b.Column), b.Key, b.Text, what)
	}
	for _, l := range f.im.Losses {
		name := l.Name
		if name == "" {
			name = string(l.Key)
		}
		add("%s%s: %s%s", place(f.path, l.Line, 0), name, l.Say, tail(l.Nearest))
	}
	if n := len(f.im.Ignored); n > 0 {
		first := f.im.Ignored[0]
		add("%s and %d more are no business of a producer: %s", first.Name, n-1, first.Why)
		if n == 1 {
			lines[len(lines)-1] = fmt.Sprintf("%s is no business of a producer: %s", first.Name, first.Why)
		}
	}
	return lines
}

func tail(hint string) string {
	if hint == "" {
		return ""
	}
	return " (" + hint + ")"
}

func keyList(keys []setting.Key) string {
	texts := make([]string, len(keys))
	for n, k := range keys {
		texts[n] = string(k)
	}
	return strings.Join(texts, ", ")
}

// clients are the values that are the client's and not the file's.
func (f foreign) clients() []string {
	var texts []string
	for _, k := range f.im.Values.Set() {
		if f.im.Origins[k].Client {
			texts = append(texts, string(k)+"="+f.im.Values.Text(k))
		}
	}
	return texts
}

// say writes remarks to stderr.
func (a *app) say(lines []string) {
	for _, l := range lines {
		_, _ = fmt.Fprintf(a.Err, "kdyno: %s\n", l) // with stderr gone there is nobody to tell
	}
}

// configLayer is the file of --config. What it leaves to variables must be set
// above it: the environment's and the flags' values.
func (a *app) configLayer(f *loadFlags, s *start, above setting.Values) (layer, *failure) {
	if f.dialect != "" && !slices.Contains(dialect.Names(), f.dialect) {
		return layer{}, usagef("one of "+strings.Join(dialect.Names(), ", "), "--dialect: there is no dialect %q", f.dialect)
	}
	got, fail := wholeForeign(s.shelf(), f.config, f.dialect)
	if fail != nil {
		return layer{}, fail
	}
	if fail := got.faults(); fail != nil {
		return layer{}, fail
	}
	if !got.ours {
		got.reduce()
	}
	if fail := got.unfilled(above); fail != nil {
		return layer{}, fail
	}
	if !f.quiet && !f.print {
		a.say(got.remarks())
	}
	return layer{got.im.Values, got.origin}, nil
}

// unfilled is a value that the file leaves to a variable and that nobody sets
// above it. Without brokers there is the embedded cluster, and credentials that
// no protocol asks for are not missed.
func (f foreign) unfilled(above setting.Values) *failure {
	protocol := f.im.Values.Merge(above).Text(setting.SecurityProtocol)
	for _, b := range f.im.Blanks {
		row, _ := setting.Find(b.Key)
		idle := row.Secret && protocol == setting.Plaintext
		if b.Key == setting.BootstrapServers || above.IsSet(b.Key) || idle || f.im.Values.IsSet(b.Key) && !row.Secret {
			continue
		}
		how := fmt.Sprintf("--set %s=...", b.Key)
		if row.Secret {
			how = fmt.Sprintf("--set %s=file:PATH", b.Key)
		}
		fail := usagef(fmt.Sprintf("give it yourself: %s in the environment, or %s", variable(b.Key), how),
			"%s%s is %s, and nothing fills that in here", place(f.path, b.Line, b.Column), b.Key, b.Text)
		fail.Key = string(b.Key)
		return fail
	}
	return nil
}

// origin says where in its file a value stands.
func (f foreign) origin(k setting.Key) string {
	at := f.im.Origins[k]
	switch {
	case at.Client:
		return f.path + " (" + f.im.Client + "'s own)"
	case at.Line == 0:
		return f.path
	}
	return fmt.Sprintf("%s:%d", f.path, at.Line)
}
