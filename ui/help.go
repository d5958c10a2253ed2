package ui

import (
	"kdyno/ui/pane"
)

// helpGroups is the whole table as the help shows it: the keys of the panel
// that has them first, then those of every place.
func (m *Model) helpGroups() []pane.HelpGroup {
	var groups []pane.HelpGroup
	if p := m.panels[m.focus]; p.name != "" {
		groups = append(groups, pane.HelpGroup{Name: "this panel: " + p.name, About: p.about, Rows: m.helpRows(onMain, true)})
	}
	for at := range where(len(whereNames)) {
		groups = append(groups, pane.HelpGroup{Name: whereNames[at], Rows: m.helpRows(at, false)})
	}
	return groups
}

// helpRows are the rows of a place: those of the panel with the keys, or all
// the others.
func (m *Model) helpRows(at where, own bool) []pane.HelpRow {
	var rows []pane.HelpRow
	for i := range m.keys {
		b := &m.keys[i]
		if b.in != at || own != m.ownKey(b) {
			continue
		}
		row := pane.HelpRow{Keys: b.show, Does: b.help}
		if b.not != nil && at == onMain {
			row.Not = b.not(m)
		}
		rows = append(rows, row)
	}
	return rows
}

// ownKey says whether a row of the table is about the panel with the keys.
func (m *Model) ownKey(b *binding) bool {
	for _, p := range b.of {
		if p == m.focus {
			return true
		}
	}
	return false
}
