package ui

import (
	"strings"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// keyLine are the keys that work now, in the table's order; help and quit are
// always among them.
func (m *Model) keyLine(w int) []draw.Span {
	at := m.place()
	var items, last []draw.Span
	used := 0
	for i := range m.keys {
		b := &m.keys[i]
		if b.in != at || b.say == "" || b.not != nil && b.not(m) != "" {
			continue
		}
		show, _, _ := strings.Cut(b.show, " ")
		item := draw.Span{Text: show, Role: draw.Key}
		word := b.say
		if b.word != nil {
			word = b.word(m)
		}
		say := draw.Span{Text: " " + word + "  ", Role: draw.Text}
		if at == onMain && (show == "?" || show == "q") {
			last = append(last, item, say)
		} else {
			items = append(items, item, say)
		}
	}
	for _, s := range last {
		used += draw.Width(s.Text)
	}
	for i := 0; i < len(items); i += 2 {
		width := draw.Width(items[i].Text) + draw.Width(items[i+1].Text)
		if used+width > w+2 { // the last blanks may be cut
			items = items[:i]
			break
		}
		used += width
	}
	return append(items, last...)
}

func noList(m *Model) string {
	if f, _ := m.listFilter(); f == nil {
		return "there is no list in this panel"
	}
	return ""
}

// noEngine says why nothing can be told to the session.
func noEngine(m *Model) string {
	switch m.session.state {
	case telemetry.Done:
		return "the session has ended"
	default:
		return ""
	}
}

func freezeWord(m *Model) string {
	if m.scene.Frozen {
		return "let go"
	}
	return "freeze"
}

func notFrozen(m *Model) string {
	if !m.scene.Frozen {
		return "space freezes first"
	}
	return ""
}

func notStaged(m *Model) string {
	if len(m.config.Staged(m.scene.Values)) == 0 {
		return "nothing is staged"
	}
	return ""
}

func noApply(m *Model) string {
	if why := noEngine(m); why != "" {
		return why
	}
	return notStaged(m)
}

func notFixable(m *Model) string {
	if !m.config.Fixable() {
		return "nothing to cure here"
	}
	return ""
}

func noUndo(m *Model) string {
	if why := noEngine(m); why != "" {
		return why
	}
	if m.session.latest.Undo == 0 {
		return "the first revision"
	}
	return ""
}

func noRedo(m *Model) string {
	if why := noEngine(m); why != "" {
		return why
	}
	if m.session.latest.Redo == 0 {
		return "the last revision"
	}
	return ""
}

func noPresets(m *Model) string {
	if m.opt.Presets == nil {
		return "no folder for them"
	}
	return ""
}

func noneSaved(m *Model) string {
	if !m.top.presets.Any() {
		return "no preset is saved yet, s saves one"
	}
	return ""
}

func noLoad(m *Model) string {
	if g := m.session.latest.Guests; m.opt.Guests != nil && (g == nil || !g.Own) {
		return "kdyno's own producer does not run; the applications stop their own"
	}
	if !loads(m.session.state) {
		return "it does not run"
	}
	return ""
}

func noStart(m *Model) string {
	switch m.session.state {
	case telemetry.Paused, telemetry.Consent, telemetry.Refused:
		return ""
	case telemetry.Done, telemetry.Draining:
		return "the load has ended"
	case telemetry.Crashed:
		return "the producer is dead: the step restart starts another"
	default:
		if m.opt.Guests != nil {
			return noLike(m)
		}
		return "it is not stopped"
	}
}

func onePanel(m *Model) string {
	if len(m.focusable()) < 2 {
		return "there is but one"
	}
	return ""
}

func nothingToLeave(m *Model) string {
	if f, _ := m.listFilter(); !m.scene.Frozen && !m.screen.zoom && m.view == viewLive && (f == nil || !f.On()) {
		return "already there"
	}
	return ""
}
