package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"kdyno/engine/setting"
)

// layer is one source of values; of two the later one wins.
type layer struct {
	values setting.Values // what this source sets
	from   func(setting.Key) string
}

type layers []layer

func (ls layers) values() setting.Values {
	v := setting.Defaults()
	for _, l := range ls {
		v = v.Merge(l.values)
	}
	return v
}

// source says where a value comes from.
func (ls layers) source(k setting.Key) string {
	for n := len(ls) - 1; n >= 0; n-- {
		if ls[n].values.IsSet(k) {
			return ls[n].from(k)
		}
	}
	return "default"
}

// sources puts the layers together: the preset, --config, the environment, and
// the flags.
func (a *app) sources(f *loadFlags, s *start) (layers, *failure) {
	var all layers
	if f.preset != "" {
		base, err := s.resolve(f.preset)
		if err != nil {
			return nil, badPreset(err)
		}
		s.preset = base
		all = append(all, layer{base.All(), func(k setting.Key) string {
			if base.Values.IsSet(k) {
				return "preset " + base.Name
			}
			return "preset " + base.Name + ", base " + base.Base
		}})
	}
	environment, fail := a.environment(setting.Defaults())
	if fail != nil {
		return nil, fail
	}
	flags, fail := f.values(a, setting.Defaults())
	if fail != nil {
		return nil, fail
	}
	above := layers{
		{environment, variable},
		{flags, f.flagOf},
	}
	switch {
	case f.config != "":
		config, fail := a.configLayer(f, s, above.values())
		if fail != nil {
			return nil, fail
		}
		all = append(all, config)
	case f.dialect != "":
		return nil, usage("--dialect says what the file of --config is, and there is none", "add --config FILE, or leave --dialect out")
	}
	return append(all, above...), nil
}

// flagOf names the last flag on the line that set a key.
func (f *loadFlags) flagOf(k setting.Key) string {
	for _, given := range slices.Backward(f.assigned) {
		if given.of(k) {
			return "--" + given.flag
		}
	}
	return "--set"
}

// assigns says whether a flag on the line sets a key.
func (f *loadFlags) assigns(k setting.Key) bool {
	return slices.ContainsFunc(f.assigned, func(given assignment) bool { return given.of(k) })
}

func (a assignment) of(k setting.Key) bool {
	key, _, _ := strings.Cut(a.text, "=")
	return shortForms[a.flag] == k || a.flag == "set" && setting.Key(strings.TrimSpace(key)) == k
}

// sourced is one line of --print-config.
type sourced struct {
	Key    setting.Key `json:"key"`
	Value  string      `json:"value"`
	Source string      `json:"source"`
}

// printSources writes every value that counts, with where it comes from.
// Secrets are hidden, as everywhere.
func (a *app) printSources(w io.Writer, all layers) *failure {
	v := all.values()
	var lines []sourced
	for _, row := range setting.Rows() {
		if row.Honoured() || v.IsSet(row.Key) {
			lines = append(lines, sourced{row.Key, v.Text(row.Key), all.source(row.Key)})
		}
	}
	if a.json {
		text, err := line(lines)
		if err == nil {
			_, err = w.Write(text)
		}
		return failed(err)
	}
	var b strings.Builder
	b.WriteString("KEY\tVALUE\tSOURCE\n")
	for _, l := range lines {
		fmt.Fprintf(&b, "%s\t%s\t%s\n", l.Key, quotedIfEmpty(l.Value), l.Source)
	}
	return failed(columns(w, b.String()))
}
