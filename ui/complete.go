package ui

import (
	"slices"
	"strings"

	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/ui/pane"
)

// completions are what may stand where the line ends.
func (m *Model) completions(verb step.Verb, line string) []pane.PaletteItem {
	at := strings.LastIndexByte(line, ' ') + 1
	before, last := line[:at], line[at:]
	switch verb {
	case step.Set:
		key, text, isValue := strings.Cut(last, "=")
		if isValue {
			return m.valueItems(before, setting.Key(key), text)
		}
		return m.keyItems(before, last)
	case step.Preset:
		var items []pane.PaletteItem
		for _, l := range m.top.palette.presets {
			s := step.Step{Verb: step.Preset, Name: l.Name}
			items = append(items, pane.PaletteItem{Name: l.Name, Does: l.Note, Not: l.Problem, Fill: s.String(), Act: actFill})
		}
		return pane.Find(last, items)
	case step.Fault:
		return m.faultItems(before, last)
	case step.Heal:
		return pane.Find(last, m.faultNames("heal "))
	default:
		return nil
	}
}

// faultNames are the faults by name, each behind what is typed before it.
func (m *Model) faultNames(before string) []pane.PaletteItem {
	var items []pane.PaletteItem
	for _, f := range m.opt.Faults {
		items = append(items, pane.PaletteItem{Name: f.Name, Does: f.Doc, Fill: before + f.Name, Act: actFill})
	}
	return items
}

// faultItems are the faults, and behind the name of one what it takes.
func (m *Model) faultItems(before, typed string) []pane.PaletteItem {
	f := m.faultOf(before)
	if f == nil {
		items := m.faultNames(before)
		for i := range items {
			items[i].Fill += " "
		}
		return pane.Find(typed, items)
	}
	var items []pane.PaletteItem
	for _, p := range f.Takes {
		if !strings.Contains(before, " "+p.Name+"=") && !strings.HasPrefix(typed, p.Name+"=") {
			items = append(items, pane.PaletteItem{Name: p.Name + "=", Does: p.Doc, Fill: before + p.Name + "=", Act: actFill})
		}
	}
	return pane.Find(typed, items)
}

// faultOf is the fault that a line names, once a blank follows it; nil before.
func (m *Model) faultOf(line string) *Fault {
	words := strings.Fields(line)
	if len(words) < 2 || words[0] != string(step.Fault) || strings.HasSuffix(line, words[1]) {
		return nil
	}
	i := slices.IndexFunc(m.opt.Faults, func(f Fault) bool { return f.Name == words[1] })
	if i < 0 {
		return nil
	}
	return &m.opt.Faults[i]
}

// meaning says what a line means so far: what its step does, or its fault.
func (m *Model) meaning(word step.Word, line string) string {
	if f := m.faultOf(line); f != nil {
		return f.Usage + ": " + f.Doc
	}
	return word.Usage + ": " + word.Doc
}

func (m *Model) keyItems(before, typed string) []pane.PaletteItem {
	var items []pane.PaletteItem
	for _, r := range setting.Rows() {
		if r.Honoured() && !r.AtStart && !r.Secret {
			items = append(items, pane.PaletteItem{Name: string(r.Key), Shows: m.shown(r), Fill: before + string(r.Key) + "=", Act: actFill})
		}
	}
	return pane.Find(typed, items)
}

func (m *Model) valueItems(before string, key setting.Key, typed string) []pane.PaletteItem {
	row, known := setting.Find(key)
	if !known {
		return nil
	}
	var items []pane.PaletteItem
	for _, word := range row.Kind.Enum() {
		if word != typed {
			items = append(items, pane.PaletteItem{Name: word, Fill: before + string(key) + "=" + word, Act: actFill})
		}
	}
	if items == nil && typed == "" {
		return []pane.PaletteItem{{Name: m.shown(row), Does: "is what runs now; " + pane.Range(row), Fill: before + string(key) + "=" + m.scene.Values.Text(key), Act: actFill}}
	}
	return pane.Find(typed, items)
}
