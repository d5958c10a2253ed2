package presets

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"sync"

	"kdyno/engine/setting"
)

// builtInFiles are the presets that come with kdyno, written as a person's own
// are.
//
//go:embed builtin/*.yaml
var builtInFiles embed.FS

// bases are the presets that only say what a client does by itself.
var bases = []string{"kafka4", "kafka2", "librdkafka", "franz-go"}

// Bases are the names that base: may have: the defaults of Kafka 4, Kafka 2.x,
// librdkafka and franz-go. The slice is the caller's own.
func Bases() []string { return slices.Clone(bases) }

// builtIns are read once, by name; a test reads each of them.
var builtIns = sync.OnceValue(func() []Preset {
	files, err := builtInFiles.ReadDir("builtin")
	if err != nil {
		panic("presets: " + err.Error())
	}
	all := make([]Preset, 0, len(files))
	for _, f := range files {
		text, err := builtInFiles.ReadFile(path.Join("builtin", f.Name()))
		if err != nil {
			panic("presets: " + err.Error())
		}
		p, err := decode("builtin/"+f.Name(), text)
		if err != nil {
			panic(fmt.Sprintf("presets: %v", err))
		}
		p.BuiltIn, p.read = true, source{} // there is no file to replace
		all = append(all, p)
	}
	return all
})

// BuiltIns are the presets that come with kdyno, by name. The slice is the
// caller's own.
func BuiltIns() []Preset { return slices.Clone(builtIns()) }

// BuiltIn finds one of them by its name.
func BuiltIn(name string) (Preset, bool) {
	for _, p := range builtIns() {
		if p.Name == name {
			return p, true
		}
	}
	return Preset{}, false
}

// builtInEntries lists them, but for those that have a namesake.
func builtInEntries(but []Entry) []Entry {
	var list []Entry
	for _, p := range builtIns() {
		if !slices.ContainsFunc(but, func(e Entry) bool { return e.Name == p.Name }) {
			list = append(list, entryOf(p, ""))
		}
	}
	return list
}

func builtInNames() []string {
	var names []string
	for _, p := range builtIns() {
		names = append(names, p.Name)
	}
	return names
}

// baseValues are the values of named defaults.
func baseValues(name string) setting.Values {
	if p, ok := BuiltIn(name); ok && name != "" {
		return p.producer()
	}
	return setting.Defaults()
}

// producer is what a preset sets of the producer.
func (p Preset) producer() setting.Values {
	v := p.Values
	for _, k := range v.Set() {
		if row, _ := setting.Find(k); row.Scope != setting.Producer {
			v = v.Without(k)
		}
	}
	return v
}
