package ui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"kdyno/presets"
	"kdyno/ui/draw"
)

// removedMsg says that a preset was removed, and holds what it was.
type removedMsg struct {
	preset presets.Preset
	err    error
}

// restoredMsg says that it was brought back.
type restoredMsg struct {
	name string
	err  error
}

// removePreset removes the preset under the cursor. It asks nothing, since what
// was removed is kept and u brings it back; one that cannot be read could not
// be brought back, so it is left to its owner.
func (m *Model) removePreset() tea.Cmd {
	line, ok := m.top.presets.Chosen()
	if !ok {
		return nil
	}
	if line.Problem != "" {
		m.top.presets.Problem = line.Name + " cannot be read, so it could not be brought back: remove its file by hand"
		return nil
	}
	if line.BuiltIn {
		m.top.presets.Problem = line.Name + " comes with kdyno and cannot be removed"
		return nil
	}
	store := m.opt.Presets
	return func() tea.Msg {
		p, err := store.Load(line.Name)
		if err == nil {
			err = store.Remove(line.Name)
		}
		return removedMsg{preset: p, err: err}
	}
}

func (m *Model) onRemoved(msg removedMsg) tea.Cmd {
	m.screen.touch()
	if msg.err != nil {
		m.sayPreset(advice(msg.err))
		return nil
	}
	m.person.removed = &msg.preset
	m.say(fmt.Sprintf("preset %s removed; u brings it back", msg.preset.Name), draw.Staged)
	return m.relist()
}

func (m *Model) restorePreset() tea.Cmd {
	store, p := m.opt.Presets, *m.person.removed
	return func() tea.Msg {
		_, err := store.Save(p.Name, p)
		return restoredMsg{name: p.Name, err: err}
	}
}

func (m *Model) onRestored(msg restoredMsg) tea.Cmd {
	m.screen.touch()
	if msg.err != nil {
		m.sayPreset(advice(msg.err))
		return nil
	}
	m.person.removed = nil
	m.say("preset "+msg.name+" is back", draw.Good)
	return m.relist()
}

// relist reads the folder anew where its list is open.
func (m *Model) relist() tea.Cmd {
	if m.top.presets == nil {
		return nil
	}
	return m.listPresets()
}

func noneRemoved(m *Model) string {
	if m.person.removed == nil {
		return "none was removed"
	}
	return ""
}
