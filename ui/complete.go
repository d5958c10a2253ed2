package ui

import (
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
	case step.Send:
		return sendItems(before, last)
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
		return m.faultCompletions(line, before, last)
	case step.Heal:
		return pane.Find(last, m.healItems())
	default:
		return nil
	}
}

// sendItems are what a record may be given.
func sendItems(before, typed string) []pane.PaletteItem {
	var items []pane.PaletteItem
	for _, name := range []string{"key=", "value=", "partition=", "topic=", "timestamp=", "header."} {
		if !strings.Contains(before, " "+name) || name == "header." {
			items = append(items, pane.PaletteItem{Name: name, Fill: before + name, Act: actFill})
		}
	}
	return pane.Find(typed, items)
}

// meaning says what a line means so far: what its step does, or its fault.
func (m *Model) meaning(word step.Word, line string) string {
	if words := strings.Fields(line); word.Verb == step.Fault && len(words) > 1 {
		if f, known := m.fault(words[1]); known {
			return f.Usage + ": " + f.Does
		}
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
