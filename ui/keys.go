package ui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"kdyno/ui/draw"
)

// where is the place that has the keys.
type where int

const (
	onMain where = iota
	onField
	onChoice
	onPresets
	onNaming
	onHelp
	onPalette
	onFilter
	onMark
	onQuit
	onConsent
	onRisk
	onSheet
)

// whereNames head the groups of the help.
var whereNames = map[where]string{
	onMain: "anywhere", onField: "editing a value", onChoice: "choosing a value", onPresets: "presets",
	onNaming: "naming a preset", onHelp: "this list", onPalette: "typing a command", onFilter: "typing a filter", onMark: "typing a note", onQuit: "leaving", onConsent: "a cluster that is not local", onRisk: "what cannot be undone on a real cluster", onSheet: "something taken apart",
}

// binding is one row of the key map. The key line, the help and the dispatch
// are all made from these rows: a key that is not here does nothing, and a row
// that is here works.
type binding struct {
	in   where
	keys []string
	show string              // as it stands in the key line and the help
	say  string              // in the key line; empty: only in the help
	word func(*Model) string // in its stead, where it depends; nil: say
	help string
	not  func(*Model) string // why it is not possible now; nil or "": it is
	do   func(*Model) tea.Cmd
	hard bool     // a repeated key does not count
	of   []paneID // the panels that it belongs to; the help of those names it first
}

// bindings is the one table of keys.
func bindings() []binding {
	return slices.Concat(mainKeys(), chartKeys(), inspectKeys(), editKeys(), dialogKeys())
}

func mainKeys() []binding {
	config := []paneID{configPane}
	return []binding{
		{keys: []string{"e"}, show: "e", say: "edit", help: "edit the setting under the cursor", of: config, not: notOwn, do: do((*Model).edit)},
		{keys: []string{"enter"}, show: "enter", help: "open what is under the cursor: edit a setting, take apart everything else", not: notOpen, do: do((*Model).openHere)},
		{keys: []string{"a"}, show: "a", say: "apply", help: "apply what is staged as a revision", of: config, not: forOwn(noApply), do: do((*Model).apply)},
		{keys: []string{"d"}, show: "d", say: "discard", help: "forget what is staged", of: config, not: forOwn(notStaged), do: do((*Model).discard)},
		{keys: []string{"f"}, show: "f", say: "fix", help: "stage the cure of the problem here", of: config, not: forOwn(notFixable), do: do((*Model).fix)},
		{keys: []string{"u"}, show: "u", say: "undo", help: "back to the revision before", not: forOwn(noUndo), do: do((*Model).undo)},
		{keys: []string{"U"}, show: "U", say: "redo", help: "on to the next revision", not: forOwn(noRedo), do: do((*Model).redo)},
		{keys: []string{"space"}, show: "space", say: "freeze", word: freezeWord, help: "freeze the view and let it go; the measuring goes on", do: do((*Model).freeze)},
		{keys: []string{"i"}, show: "i", say: "inspect", help: "take apart what is under the cursor: station, broker, partition, or what the panel is about", do: do((*Model).inspect)},
		{keys: []string{"["}, show: "[", say: "1 s back", help: "1 s back while frozen", not: notFrozen, do: do(func(m *Model) { m.scrub(-time.Second) })},
		{keys: []string{"]"}, show: "]", say: "on", help: "1 s on while frozen", not: notFrozen, do: do(func(m *Model) { m.scrub(time.Second) })},
		{keys: []string{"{"}, show: "{", help: "10 s back while frozen", not: notFrozen, do: do(func(m *Model) { m.scrub(-10 * time.Second) })},
		{keys: []string{"}"}, show: "}", help: "10 s on while frozen", not: notFrozen, do: do(func(m *Model) { m.scrub(10 * time.Second) })},
		{keys: []string{"p"}, show: "p", say: "presets", help: "load and save named configurations", not: noPresets, do: (*Model).openPresets},
		{keys: []string{"x"}, show: "x", say: "stop", help: "stop the load; beside applications, kdyno's own producer", not: noLoad, do: do((*Model).stopLoad)},
		{keys: []string{"r"}, show: "r", say: "start", word: startWord, help: "start the load again; beside applications, a producer of kdyno's own with the settings of the one shown", not: noStart, do: do((*Model).startLoad)},
		{keys: []string{"A"}, show: "A", help: "begin the audit, or end it with a verdict", not: forOwn(noEngine), do: do((*Model).turnAudit)},
		{keys: []string{"1"}, show: "1", help: "the live view", do: do(func(m *Model) { m.show(viewLive) })},
		{keys: []string{"2"}, show: "2", help: "the settings and what they mean", do: do(func(m *Model) { m.show(viewConfig) })},
		{keys: []string{"tab", "right", "l"}, show: "tab right l", say: "panel", help: "the next panel", not: onePanel, do: do(func(m *Model) { m.turnFocus(1) })},
		{keys: []string{"shift+tab", "left", "h"}, show: "shift+tab left h", help: "the panel before", not: onePanel, do: do(func(m *Model) { m.turnFocus(-1) })},
		{keys: []string{"up", "k"}, show: "up k", help: "up in the panel with the keys", do: do(func(m *Model) { m.move(-1) })},
		{keys: []string{"down", "j"}, show: "down j", help: "down", do: do(func(m *Model) { m.move(1) })},
		{keys: []string{"g", "home"}, show: "g home", help: "to the top", do: do(func(m *Model) { m.move(-farthest) })},
		{keys: []string{"G", "end"}, show: "G end", help: "to the bottom", do: do(func(m *Model) { m.move(farthest) })},
		{keys: []string{":", "ctrl+p"}, show: ": ctrl+p", say: "command", help: "find any action, or say a step such as set linger.ms=5", do: (*Model).openPalette},
		{keys: []string{"/"}, show: "/", say: "filter", help: "filter the list in the panel with the keys", not: noList, do: do((*Model).openFilter)},
		{keys: []string{"m"}, show: "m", say: "mark", help: "mark this instant in every chart, with a note", not: noEngine, do: do((*Model).openMark)},
		{keys: []string{"y"}, show: "y", say: "copy", help: "copy the panel with the keys as text", do: (*Model).copyText},
		{keys: []string{"Y"}, show: "Y", help: "copy it as markdown", do: (*Model).copyMarkdown},
		{keys: []string{"s"}, show: "s", say: "save", help: "save the frame (SVG, ANSI) and its data (CSV, JSON)", not: noShelf, do: (*Model).saveFrame},
		{keys: []string{"T"}, show: "T", say: "theme", help: "the next theme, of dark, light, the terminal's own, mono and high contrast", do: do((*Model).turnTheme)},
		{keys: []string{"K"}, show: "K", help: "show the keys that are pressed, for those who watch", do: do((*Model).turnKeys)},
		{keys: []string{"M"}, show: "M", help: "the mouse for the workbench, or for the terminal to select text", do: do((*Model).turnMouse)},
		{keys: []string{"R"}, show: "R", help: "draw the whole screen anew", do: redraw},
		{keys: []string{"ctrl+z"}, show: "ctrl+z", help: "suspend kdyno; fg in the shell goes on", do: suspend},
		{keys: []string{"esc"}, show: "esc", help: "back: unfreeze, or to the live view", not: nothingToLeave, do: do((*Model).back)},
		{keys: []string{"?"}, show: "?", say: "help", help: "all keys", do: do((*Model).openHelp)},
		{keys: []string{"q"}, show: "q", say: "quit", help: "leave; asks while the load runs", do: (*Model).quit},
		{keys: []string{"ctrl+c"}, show: "ctrl+c", help: "leave at once, from everywhere", do: leave},
	}
}

func editKeys() []binding {
	return []binding{
		{in: onField, keys: []string{"enter"}, show: "enter", say: "stage", help: "stage the value", do: do((*Model).accept)},
		{in: onField, keys: []string{"esc"}, show: "esc", say: "leave as it was", help: "leave the value as it was", do: do((*Model).cancelEdit)},
		{in: onChoice, keys: []string{"left", "right", "h", "l", "up", "down", "k", "j"}, show: "left right h l", say: "choose", help: "choose among the values"},
		{in: onChoice, keys: []string{"enter"}, show: "enter", say: "stage", help: "stage the value", do: do((*Model).accept)},
		{in: onChoice, keys: []string{"esc"}, show: "esc", say: "leave as it was", help: "leave the value as it was", do: do((*Model).cancelEdit)},
	}
}

func dialogKeys() []binding {
	return []binding{
		{in: onPresets, keys: []string{"up", "k"}, show: "up k", help: "up", do: do(func(m *Model) { m.top.presets.Move(-1) })},
		{in: onPresets, keys: []string{"down", "j"}, show: "down j", help: "down", do: do(func(m *Model) { m.top.presets.Move(1) })},
		{in: onPresets, keys: []string{"enter"}, show: "enter", say: "stage", help: "stage the values of the preset", not: forOwn(noneSaved), do: (*Model).choosePreset},
		{in: onPresets, keys: []string{"w"}, show: "w", say: "why", help: "why the preset is so, and what it claims; w again shows what it changes", not: noneSaved, do: do(func(m *Model) { m.top.presets.TurnReasons() })},
		{in: onPresets, keys: []string{"s"}, show: "s", say: "save current", help: "save what runs now under a name", do: do(func(m *Model) { m.top.presets.StartName() })},
		{in: onPresets, keys: []string{"x"}, show: "x", say: "remove", help: "remove the preset; u brings it back", not: noneSaved, do: (*Model).removePreset},
		{in: onPresets, keys: []string{"u"}, show: "u", say: "bring back", help: "bring the preset back that was removed last", not: noneRemoved, do: (*Model).restorePreset},
		{in: onPresets, keys: []string{"/"}, show: "/", say: "filter", help: "filter the presets", do: do((*Model).openFilter)},
		{in: onPresets, keys: []string{"esc", "p"}, show: "esc p", say: "back", help: "back to the whole list, then to the screen", do: do((*Model).leaveList)},
		{in: onNaming, keys: []string{"enter"}, show: "enter", say: "go on", help: "from the name to the note, and from there save", do: (*Model).saveNamed},
		{in: onNaming, keys: []string{"esc"}, show: "esc", say: "back", help: "back to the name, and to the list", do: do(func(m *Model) { m.top.presets.CancelName() })},
		{in: onHelp, keys: []string{"up", "k"}, show: "up k", help: "up", do: do(func(m *Model) { m.top.help.Scroll(-1) })},
		{in: onHelp, keys: []string{"down", "j"}, show: "down j", help: "down", do: do(func(m *Model) { m.top.help.Scroll(1) })},
		{in: onHelp, keys: []string{"/"}, show: "/", say: "search", help: "search the keys", do: do((*Model).openFilter)},
		{in: onHelp, keys: []string{"esc", "?", "q"}, show: "esc ? q", say: "back", help: "back to the whole list, then to the screen", do: do((*Model).leaveList)},
		{in: onPalette, keys: []string{"up", "ctrl+p"}, show: "up", help: "up in what was found", do: do(func(m *Model) { m.top.palette.pane.Move(-1) })},
		{in: onPalette, keys: []string{"down", "ctrl+n"}, show: "down", help: "down", do: do(func(m *Model) { m.top.palette.pane.Move(1) })},
		{in: onPalette, keys: []string{"tab"}, show: "tab", say: "complete", help: "type what is under the cursor", do: do((*Model).complete)},
		{in: onPalette, keys: []string{"enter"}, show: "enter", say: "do it", help: "carry out the step, or do what is under the cursor", do: (*Model).command},
		{in: onPalette, keys: []string{"esc"}, show: "esc", say: "back", help: "back to the screen", do: do((*Model).closeTop)},
		{in: onFilter, keys: []string{"up"}, show: "up", help: "up in the list meanwhile", do: do(func(m *Model) { m.moveList(-1) })},
		{in: onFilter, keys: []string{"down"}, show: "down", help: "down in the list meanwhile", do: do(func(m *Model) { m.moveList(1) })},
		{in: onFilter, keys: []string{"enter"}, show: "enter", say: "keep", help: "keep the list so", do: do((*Model).closePrompt)},
		{in: onFilter, keys: []string{"esc"}, show: "esc", say: "whole list", help: "show the whole list again", do: do((*Model).dropFilter)},
		{in: onMark, keys: []string{"enter"}, show: "enter", say: "mark", help: "set the mark", do: do((*Model).mark)},
		{in: onMark, keys: []string{"esc"}, show: "esc", say: "no mark", help: "set none", do: do((*Model).closePrompt)},
		{in: onQuit, keys: []string{"y"}, show: "y", say: "leave", help: "stop the load and leave", do: (*Model).confirm, hard: true},
		{in: onQuit, keys: []string{"n", "esc"}, show: "n esc", say: "stay", help: "stay", do: do((*Model).closeTop)},
		{in: onConsent, keys: []string{"y"}, show: "y", say: "load this cluster", help: "load the cluster that is named", do: (*Model).confirm, hard: true},
		{in: onConsent, keys: []string{"n", "esc"}, show: "n esc", say: "do not", help: "leave it alone; r asks again", do: do((*Model).closeTop)},
		{in: onRisk, keys: []string{"y"}, show: "y", say: "do it", help: "do what was asked for", do: (*Model).confirm, hard: true},
		{in: onRisk, keys: []string{"n", "esc"}, show: "n esc", say: "do not", help: "apply nothing; what is staged stays", do: do((*Model).closeTop)},
	}
}

func do(f func(*Model)) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		f(m)
		return nil
	}
}

// farthest is more rows than any list has.
const farthest = 1 << 20

func redraw(*Model) tea.Cmd { return tea.ClearScreen }

func suspend(*Model) tea.Cmd { return tea.Suspend }

// leave ends the screen at once, as ctrl+c does everywhere.
func leave(m *Model) tea.Cmd {
	m.person.interrupted = true
	return tea.Quit
}

// place says who has the keys.
func (m *Model) place() where {
	switch {
	case m.top.prompt != nil:
		return m.top.prompt.at
	case m.top.help != nil:
		return onHelp
	case m.top.sheet != nil:
		return onSheet
	case m.top.confirm != nil && m.top.consent:
		return onConsent
	case m.top.confirm != nil && m.top.risk:
		return onRisk
	case m.top.confirm != nil:
		return onQuit
	case m.top.presets != nil && m.top.presets.Naming():
		return onNaming
	case m.top.presets != nil:
		return onPresets
	case m.top.palette != nil:
		return onPalette
	case m.config.Choosing():
		return onChoice
	case m.config.Editing():
		return onField
	}
	return onMain
}

// onKey finds the row of a key where the keys are and does it; what is no row
// is text, where text is typed.
func (m *Model) onKey(msg tea.KeyPressMsg) tea.Cmd {
	m.screen.touch()
	key, at := msg.String(), m.place()
	m.person.press(key)
	if key == "ctrl+c" {
		return leave(m)
	}
	for i := range m.keys {
		b := &m.keys[i]
		if b.in != at || !slices.Contains(b.keys, key) {
			continue
		}
		if b.do == nil {
			break
		}
		return m.run(b, msg.IsRepeat)
	}
	m.onEditKey(at, key, msg.Text)
	return nil
}

func (m *Model) run(b *binding, repeat bool) tea.Cmd {
	if b.hard && repeat {
		return nil
	}
	if b.not != nil {
		if why := b.not(m); why != "" {
			m.say(b.show+": "+why, draw.Warn)
			return nil
		}
	}
	return b.do(m)
}

func (m *Model) onEditKey(at where, key, text string) {
	switch at {
	case onChoice:
		if !m.config.EditKey(key) && text != "" {
			m.config.Type(text)
		}
	case onField:
		if text == "" {
			m.config.EditKey(key)
			return
		}
		m.config.Type(text)
	case onNaming:
		if text == "" {
			m.top.presets.EditKey(key)
			return
		}
		m.top.presets.Type(text)
	case onPalette:
		m.top.palette.typed(key, text)
		m.askPalette()
	case onFilter, onMark:
		m.top.prompt.typed(key, text)
		m.narrowed()
	default:
	}
}

// onText takes what was pasted.
func (m *Model) onText(text string) {
	m.screen.touch()
	switch m.place() {
	case onField, onChoice:
		m.config.Type(text)
	case onNaming:
		m.top.presets.Type(text)
	case onPalette:
		m.top.palette.typed("", text)
		m.askPalette()
	case onFilter, onMark:
		m.top.prompt.typed("", text)
		m.narrowed()
	default:
		m.say("nothing takes text here: e opens an editor", draw.Warn)
	}
}
