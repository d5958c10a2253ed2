package ui

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/ui/draw"
	"kdyno/ui/pane"
)

// command is the palette and what it can do.
type command struct {
	pane    pane.Palette
	all     []pane.PaletteItem
	presets []pane.PresetLine
}

// What an item's Act means: the row of the key map, or one of these.
const (
	actFill = -1 // it only types
	actEdit = -2 // it opens the editor of the setting that it is named after
)

// tooSimple are the keys that a palette need not offer: who is in it has its
// own.
var tooSimple = []string{":", "esc", "up", "down", "left", "right", "tab", "shift+tab", "g", "G"}

func (m *Model) openPalette() tea.Cmd {
	p := &command{all: m.paletteItems()}
	m.top = overlay{palette: p}
	m.askPalette()
	if m.opt.Presets == nil {
		return nil
	}
	return m.listPresets()
}

// paletteItems are every action of the key map, every step, every fault and
// every setting.
func (m *Model) paletteItems() []pane.PaletteItem {
	var items []pane.PaletteItem
	for i := range m.keys {
		b := &m.keys[i]
		if b.in != onMain || slices.Contains(tooSimple, b.keys[0]) {
			continue
		}
		item := pane.PaletteItem{Name: b.say, Does: b.help, Shows: b.show, Act: i}
		if item.Name == "" {
			item.Name, item.Does = b.help, ""
		}
		if b.not != nil {
			item.Not = b.not(m)
		}
		items = append(items, item)
	}
	slices.SortStableFunc(items, func(a, b pane.PaletteItem) int { return cmp.Compare(min(len(a.Not), 1), min(len(b.Not), 1)) })
	for _, w := range step.Words() {
		items = append(items, pane.PaletteItem{Name: w.Usage, Does: w.Doc, Shows: "step", Fill: string(w.Verb) + " ", Act: actFill})
	}
	items = append(items, m.faultItems()...)
	for _, r := range setting.Rows() {
		if !r.Honoured() || m.opt.Guests != nil && r.Scope != setting.Stand {
			continue
		}
		item := pane.PaletteItem{Name: string(r.Key), Does: "edit this setting", Shows: m.shown(r), Act: actEdit}
		if m.opt.Guests != nil {
			item.Does, item.Fill, item.Act = "set it on the stand", "set "+item.Name+"=", actFill
		}
		if r.AtStart {
			item.Not = "it is set at start only"
		}
		items = append(items, item)
	}
	return items
}

// shown is a setting's value as it runs.
func (m *Model) shown(r setting.Row) string {
	if r.Secret {
		return ""
	}
	return r.Kind.Show(m.scene.Values.Text(r.Key))
}

// askPalette reads the line: what it means, what is wrong with it, and what
// would complete it or answer it.
func (m *Model) askPalette() {
	p := m.top.palette
	p.pane.Firm, p.pane.Column = false, 0
	line := p.pane.Field.Text()
	word, isStep := stepWord(line)
	if !isStep {
		p.pane.Say = "a few letters of what you want, or a step such as set linger.ms=5"
		p.pane.Show(pane.Find(line, p.all))
		return
	}
	p.pane.Say = m.meaning(word, line)
	p.pane.Show(m.completions(word.Verb, line))
	// A word that can still become one is not told to be wrong.
	if _, err := step.Parse(line); err != nil && !p.pane.Any() {
		p.refused(err)
	}
}

// stepWord is the verb that a line begins with, once it is certain that it is
// one: a blank follows it.
func stepWord(line string) (step.Word, bool) {
	verb, _, spaced := strings.Cut(strings.TrimLeft(line, " "), " ")
	for _, w := range step.Words() {
		if spaced && string(w.Verb) == verb {
			return w, true
		}
	}
	return step.Word{}, false
}

func (p *command) refused(err error) {
	p.pane.Say, p.pane.Column = err.Error(), 0
	var bad *step.Error
	if errors.As(err, &bad) {
		p.pane.Column = bad.Column
	}
}

// typed takes text or an editing key into the line.
func (p *command) typed(key, text string) {
	if text == "" {
		p.pane.Field.Key(key)
		return
	}
	p.pane.Field.Insert(text)
}

// complete types what the item under the cursor would.
func (m *Model) complete() {
	p := m.top.palette
	if item, ok := p.pane.Chosen(); ok && item.Fill != "" {
		p.pane.Field = pane.NewField(item.Fill)
		m.askPalette()
	}
}

// command does what the line says: the step that it is, else what is under the
// cursor. What cannot be done keeps the line.
func (m *Model) command() tea.Cmd {
	p := m.top.palette
	line := p.pane.Field.Text()
	item, chosen := p.pane.Chosen()
	if _, isStep := stepWord(line); isStep {
		s, err := step.Parse(line)
		switch {
		case err == nil && (!chosen || !m.isUnfinished(s)):
			m.commanded(s)
		case chosen && item.Not != "":
			p.pane.Say, p.pane.Firm = item.Name+": "+item.Not, true
		case chosen && item.Fill != "" && item.Fill != line:
			m.complete()
		default:
			p.refused(err)
			p.pane.Firm = true
		}
		return nil
	}
	if !chosen {
		p.pane.Say, p.pane.Firm = "nothing is called so: backspace, or esc", true
		return nil
	}
	return m.act(item)
}

// act does what an item stands for.
func (m *Model) act(item pane.PaletteItem) tea.Cmd {
	p := m.top.palette
	switch {
	case item.Not != "":
		p.pane.Say, p.pane.Firm = item.Name+": "+item.Not, true
	case item.Act == actEdit:
		m.closeTop()
		m.config.Find(setting.Key(item.Name))
		m.edit()
	case item.Act == actFill:
		// heal and send stand alone too, and are mostly meant with more.
		if s, err := step.Parse(item.Fill); err == nil && s.Verb != step.Heal && s.Verb != step.Fault && s.Verb != step.Send {
			m.commanded(s)
			return nil
		}
		m.complete()
	default:
		m.closeTop()
		return m.run(&m.keys[item.Act], false)
	}
	return nil
}

// commanded carries out a step of the palette, or asks first; one that is
// refused keeps the line.
func (m *Model) commanded(s step.Step) {
	switch {
	case m.unanswered(s):
		m.askUnanswered(s)
		return
	case m.forGood(s):
		m.askForGood(s)
		return
	}
	p := m.top.palette
	if err := m.opt.Engine.Do(s); err != nil {
		p.pane.Say, p.pane.Firm, p.pane.Column = advice(err), true, 0
		return
	}
	m.closeTop()
	m.await(m.changesOf(s))
	m.say("done: "+s.String(), draw.Staged)
}

// changesOf are the changes that a set step makes, in canonical text; nothing
// for the other steps.
func (m *Model) changesOf(s step.Step) []setting.Change {
	var changes []setting.Change
	now := m.scene.Values
	for _, a := range s.Set {
		if v, err := now.With(a.Key, a.Text); err == nil {
			changes = append(changes, setting.Change{Key: a.Key, Old: now.Text(a.Key), New: v.Text(a.Key)})
		}
	}
	return changes
}
