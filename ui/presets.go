package ui

import (
	"errors"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kdyno/engine/setting"
	"kdyno/presets"
	"kdyno/ui/draw"
	"kdyno/ui/pane"
)

// presetInUse is the preset that was last loaded, saved or started with.
type presetInUse struct {
	name   string
	values setting.Values
	known  bool // the values are read
}

// label is the preset's name, with a * when the values are no longer its own.
func (p presetInUse) label(now setting.Values) string {
	if p.name == "" || !p.known {
		return p.name
	}
	for _, k := range p.values.Set() {
		if now.Text(k) != p.values.Text(k) {
			return p.name + "*"
		}
	}
	for _, k := range now.Set() {
		if row, _ := setting.Find(k); !p.values.IsSet(k) && now.Text(k) != row.Default {
			return p.name + "*"
		}
	}
	return p.name
}

type loadedMsg struct {
	preset presets.Preset
	stage  bool // false: only to know what the session started with
	err    error
}

type savedMsg struct {
	name, path string
	values     setting.Values
	err        error
}

func (m *Model) openPresets() tea.Cmd {
	m.top = overlay{presets: &pane.Presets{Now: m.scene.Values}}
	return m.listPresets()
}

func (m *Model) listPresets() tea.Cmd {
	store := m.opt.Presets
	return func() tea.Msg {
		entries, err := store.List()
		msg := listedMsg{err: err}
		for _, e := range entries {
			msg.lines = append(msg.lines, pane.PresetLine{Name: e.Name, Note: e.Note, Problem: e.Problem, Set: e.Set})
		}
		return msg
	}
}

// onStore takes what a command brought back from the store.
func (m *Model) onStore(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case listedMsg:
		m.onListed(msg)
	case loadedMsg:
		m.onLoaded(msg)
	case savedMsg:
		m.onSaved(msg)
	case removedMsg:
		return m.onRemoved(msg)
	case restoredMsg:
		return m.onRestored(msg)
	}
	return nil
}

func (m *Model) onListed(msg listedMsg) {
	m.screen.touch()
	if m.top.palette != nil && msg.err == nil {
		m.top.palette.presets = msg.lines
		m.askPalette()
	}
	if m.top.presets == nil {
		return
	}
	m.top.presets.Fill(msg.lines)
	if msg.err != nil {
		m.top.presets.Problem = advice(msg.err)
	}
}

func (m *Model) choosePreset() tea.Cmd { return m.intend(m.top.presets.Choose()) }

func (m *Model) loadPreset(name string) tea.Cmd {
	store := m.opt.Presets
	return func() tea.Msg {
		p, err := store.Load(name)
		return loadedMsg{preset: p, stage: true, err: err}
	}
}

// loadPresetInUse reads the preset that the session started with, to know when
// the values are no longer its own.
func (m *Model) loadPresetInUse() tea.Cmd {
	store, name := m.opt.Presets, m.preset.name
	if store == nil || name == "" {
		return nil
	}
	return func() tea.Msg {
		p, err := store.Load(name)
		return loadedMsg{preset: p, err: err}
	}
}

func (m *Model) onLoaded(msg loadedMsg) {
	m.screen.touch()
	switch {
	case msg.err != nil && msg.stage:
		m.sayPreset(advice(msg.err))
		return
	case msg.err != nil:
		return // it was read when the session started; the name is enough
	}
	name := m.preset.name
	if msg.stage {
		name = msg.preset.Name
	}
	m.preset = presetInUse{name: name, values: msg.preset.Values, known: true}
	if msg.stage {
		m.stagePreset(msg.preset)
	}
	m.refreshValues()
}

func (m *Model) stagePreset(p presets.Preset) {
	skipped := m.config.StageAll(p.Values, m.scene.Values)
	m.closeTop()
	n := len(m.config.Staged(m.scene.Values))
	say := fmt.Sprintf("preset %s staged: %s, a applies", p.Name, draw.Plural(int64(n), "change"))
	if n == 0 {
		say = fmt.Sprintf("preset %s changes nothing", p.Name)
	}
	if len(skipped) > 0 {
		var keys []string
		for _, k := range skipped {
			keys = append(keys, string(k))
		}
		say += "; set at start only: " + strings.Join(keys, ", ")
	}
	m.say(say, draw.Staged)
}

func (m *Model) saveNamed() tea.Cmd { return m.intend(m.top.presets.SaveName()) }

func (m *Model) savePreset(name string) tea.Cmd {
	store, values := m.opt.Presets, m.scene.Values
	return func() tea.Msg {
		path, err := store.Save(name, presets.Preset{Name: name, Values: values})
		return savedMsg{name: name, path: path, values: values, err: err}
	}
}

func (m *Model) onSaved(msg savedMsg) {
	m.screen.touch()
	if msg.err != nil {
		m.sayPreset(advice(msg.err))
		return
	}
	m.preset = presetInUse{name: msg.name, values: msg.values, known: true}
	m.closeTop()
	say := "saved " + msg.path
	if n := len(m.config.Staged(m.scene.Values)); n > 0 {
		say += fmt.Sprintf(" without the %s", draw.Plural(int64(n), "staged change"))
	}
	if m.opt.Guests != nil {
		say += fmt.Sprintf("; kdyno --preset %s runs a producer of kdyno's own so", msg.name)
	}
	m.say(say, draw.Good)
	m.refreshValues()
}

// sayPreset shows a store's answer where the person looks.
func (m *Model) sayPreset(text string) {
	if m.top.presets != nil {
		m.top.presets.Problem = text
		return
	}
	m.say(text, draw.Bad)
}

// advice is an error with its remedy, where it has one.
func advice(err error) string {
	var cure interface{ Hint() string }
	if errors.As(err, &cure) && cure.Hint() != "" {
		return err.Error() + "; " + cure.Hint()
	}
	var told interface{ Advice() string }
	if errors.As(err, &told) && told.Advice() != "" {
		return err.Error() + "; " + told.Advice()
	}
	return err.Error()
}
