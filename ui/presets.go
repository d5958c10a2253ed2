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

// presetInUse is the preset that was last loaded, saved or started with, and its
// objectives; its name is empty where there is none.
type presetInUse struct {
	presets.Preset
	goals goals
}

// inUse makes a preset the one in use.
func inUse(p presets.Preset) presetInUse { return presetInUse{Preset: p, goals: goalsOf(p.Expect)} }

// label is the preset's name, with a * when the values are no longer its own.
func (p presetInUse) label(now setting.Values) string {
	if p.Name == "" {
		return ""
	}
	own := p.All()
	for _, k := range own.Set() {
		if now.Text(k) != own.Text(k) {
			return p.Name + "*"
		}
	}
	for _, k := range now.Set() {
		if row, _ := setting.Find(k); !own.IsSet(k) && now.Text(k) != row.Default {
			return p.Name + "*"
		}
	}
	return p.Name
}

type loadedMsg struct {
	preset presets.Preset
	err    error
}

func (m *Model) openPresets() tea.Cmd {
	m.top = overlay{presets: &pane.Presets{}}
	return m.listPresets()
}

func (m *Model) listPresets() tea.Cmd {
	store, now, judged := m.opt.Presets, m.scene.Values, m.preset
	return func() tea.Msg {
		entries, err := store.List()
		msg := listedMsg{err: err}
		for _, e := range entries {
			msg.lines = append(msg.lines, presetLine(e, now, judged))
		}
		return msg
	}
}

// presetLine is a preset in the list, and what it would change.
func presetLine(e presets.Entry, now setting.Values, used presetInUse) pane.PresetLine {
	l := pane.PresetLine{
		Name: e.Name, Note: e.Note, For: e.For, Problem: e.Problem, BuiltIn: e.BuiltIn,
		Because: e.Because, Sources: e.Sources, Claims: e.Claims,
	}
	if e.Problem == "" || len(e.Set) > 0 {
		l.Changes = valuesOf(e.Set).Onto(now)
	}
	if e.Measured != nil {
		l.Measured = e.Measured.Line()
		if (presets.Preset{Values: valuesOf(e.Set), Measured: e.Measured}).Stale() {
			l.Measured += ", before its settings were changed"
		}
	}
	for _, expr := range e.Expect {
		l.Goals = append(l.Goals, used.goals.line(expr, e.Name == used.Name))
	}
	return l
}

// valuesOf are the values that an entry sets.
func valuesOf(set map[string]string) setting.Values {
	v := setting.Defaults()
	for k, text := range set {
		if next, err := v.With(setting.Key(k), text); err == nil { // the store has read it before
			v = next
		}
	}
	return v
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
		return loadedMsg{preset: p, err: err}
	}
}

// onLoaded stages a preset; of a file in which some lines are wrong what could be
// read, and says which could not.
func (m *Model) onLoaded(msg loadedMsg) {
	m.screen.touch()
	if msg.err != nil && len(msg.preset.Values.Set()) == 0 {
		m.sayPreset(advice(msg.err))
		return
	}
	m.preset = inUse(msg.preset)
	m.stagePreset(msg.preset, msg.err)
	m.refreshValues()
}

func (m *Model) stagePreset(p presets.Preset, wrong error) {
	before := len(m.config.Staged(m.scene.Values))
	skipped := m.config.StageAll(p.All(), m.scene.Values)
	m.closeTop()
	n := len(m.config.Staged(m.scene.Values))
	say := fmt.Sprintf("preset %s staged: %s, a applies", p.Name, draw.Plural(int64(n), "change"))
	if n == 0 {
		say = fmt.Sprintf("preset %s changes nothing", p.Name)
	}
	if before > 0 {
		say += fmt.Sprintf("; in place of the %s before", draw.Plural(int64(before), "staged change"))
	}
	if len(skipped) > 0 {
		var keys []string
		for _, k := range skipped {
			keys = append(keys, string(k))
		}
		say += "; set at start only: " + strings.Join(keys, ", ")
	}
	if wrong != nil {
		m.say(say+"; without what cannot be read: "+strings.ReplaceAll(wrong.Error(), "\n", "; "), draw.Warn)
		return
	}
	m.say(say, draw.Staged)
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
