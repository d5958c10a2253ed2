package ui

import (
	"strings"

	"kdyno/engine/step"
	"kdyno/ui/pane"
)

// faultItems are the faults as the palette finds them. Choosing one types it,
// so that it can be changed before it is started.
func (m *Model) faultItems() []pane.PaletteItem {
	var items []pane.PaletteItem
	for _, f := range m.opt.Faults {
		items = append(items, pane.PaletteItem{
			Name: string(step.Fault) + " " + f.Name, Does: f.Does, Shows: "step", Not: f.Not, Fill: f.Start + " ", Act: actFill,
		})
	}
	return items
}

// faultCompletions are the faults, and once one is named its parameters that
// are not given yet.
func (m *Model) faultCompletions(line, before, last string) []pane.PaletteItem {
	words := strings.Fields(before)
	if len(words) < 2 {
		var items []pane.PaletteItem
		for _, f := range m.opt.Faults {
			items = append(items, pane.PaletteItem{Name: f.Name, Does: f.Does, Not: f.Not, Fill: f.Start + " ", Act: actFill})
		}
		return pane.Find(last, items)
	}
	f, known := m.fault(words[1])
	if !known || strings.Contains(last, "=") {
		return nil
	}
	var items []pane.PaletteItem
	for _, p := range f.With {
		if !strings.Contains(line, " "+p.Name+"=") {
			items = append(items, pane.PaletteItem{Name: p.Example, Does: p.Does, Not: f.Not, Fill: before + p.Example, Act: actFill})
		}
	}
	return pane.Find(last, items)
}

func (m *Model) fault(name string) (Fault, bool) {
	for _, f := range m.opt.Faults {
		if f.Name == name {
			return f, true
		}
	}
	return Fault{}, false
}

// isUnfinished tells whether a step names a fault that there is not, but may
// become one.
func (m *Model) isUnfinished(s step.Step) bool {
	if s.Verb != step.Fault && (s.Verb != step.Heal || s.Name == "") {
		return false
	}
	_, known := m.fault(s.Name)
	return !known
}

// healItems are the faults that can be.
func (m *Model) healItems() []pane.PaletteItem {
	var items []pane.PaletteItem
	for _, f := range m.opt.Faults {
		if f.Not == "" {
			items = append(items, pane.PaletteItem{Name: f.Name, Does: "end it", Fill: string(step.Heal) + " " + f.Name, Act: actFill})
		}
	}
	return items
}
