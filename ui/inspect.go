package ui

import (
	tea "charm.land/bubbletea/v2"

	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/ui/draw"
	"kdyno/ui/pane"
)

// inspectKeys are the rows of the key map about sheets.
func inspectKeys() []binding {
	return []binding{
		{keys: []string{"F"}, show: "F", help: "what is wrong: faults in force, every kind of failure, whose fault it is and what to change", do: do(func(m *Model) { m.openSheet(pane.Subject{Kind: pane.WrongList}) })},
		{keys: []string{"S"}, show: "S", help: "the story of a record that was followed through every station", do: do((*Model).openStories)},
		{in: onSheet, keys: []string{"up", "k"}, show: "up k", help: "up", do: do(func(m *Model) { m.top.sheet.Move(-1) })},
		{in: onSheet, keys: []string{"down", "j"}, show: "down j", help: "down", do: do(func(m *Model) { m.top.sheet.Move(1) })},
		{in: onSheet, keys: []string{"g", "home"}, show: "g home", help: "to the top", do: do(func(m *Model) { m.top.sheet.Move(-farthest) })},
		{in: onSheet, keys: []string{"G", "end"}, show: "G end", help: "to the bottom", do: do(func(m *Model) { m.top.sheet.Move(farthest) })},
		{in: onSheet, keys: []string{"right", "l", "tab"}, show: "right l tab", say: "next", help: "the next one of its kind", not: onlyOne, do: do(func(m *Model) { m.top.sheet.Turn(1) })},
		{in: onSheet, keys: []string{"left", "h", "shift+tab"}, show: "left h shift+tab", help: "the one before", not: onlyOne, do: do(func(m *Model) { m.top.sheet.Turn(-1) })},
		{in: onSheet, keys: []string{"enter"}, show: "enter", say: "open", help: "open what is under the cursor", not: opensNothing, do: do((*Model).openPicked)},
		{in: onSheet, keys: []string{"n"}, show: "n", say: "send a record", help: "send one record and follow it", not: followsNothing, do: do((*Model).sendOne)},
		{in: onSheet, keys: []string{"F"}, show: "F", help: "what is wrong", do: do(func(m *Model) { m.top.sheet.Open(pane.Subject{Kind: pane.WrongList}) })},
		{in: onSheet, keys: []string{"S"}, show: "S", help: "the records that were followed", do: do(func(m *Model) { m.top.sheet.Open(pane.Subject{Kind: pane.StoryList}) })},
		{in: onSheet, keys: []string{"space"}, show: "space", say: "freeze", word: freezeWord, help: "freeze the view below and the figures here, and let them go", do: do((*Model).freeze)},
		{in: onSheet, keys: []string{"y"}, show: "y", say: "copy", help: "copy it as text", do: (*Model).copySheet},
		{in: onSheet, keys: []string{"esc", "q", "i"}, show: "esc q i", say: "back", help: "back to where it was opened from", do: do((*Model).leaveSheet)},
	}
}

// notOpen tells why nothing opens: somebody else's settings are not edited here.
func notOpen(m *Model) string {
	if m.focus == configPane {
		return notOwn(m)
	}
	return ""
}

// openHere is enter: it edits a setting, and takes everything else apart.
func (m *Model) openHere() {
	if m.focus == configPane {
		m.edit()
		return
	}
	m.inspect()
}

func (m *Model) inspect() {
	s := m.subject()
	if s.Kind == pane.NoSubject {
		m.say("there is nothing to take apart here yet", draw.Warn)
		return
	}
	m.openSheet(s)
}

// subject is what is under the cursor of the panel with the keys.
func (m *Model) subject() pane.Subject {
	if p, ok := m.panels[m.focus].Pane.(pane.Pointer); ok {
		if s := p.Subject(); s.Kind != pane.NoSubject {
			return s
		}
	}
	switch m.focus {
	case configPane:
		if s := pane.StopOf(m.config.Row().Key); s.Kind != pane.NoSubject {
			return s
		}
	case throughputPane:
		return pane.StopOf(setting.LoadRate)
	case inFlightPane, retriesPane, brokersPane:
		return pane.StopOf(setting.MaxInFlight)
	case bufferPane, fillPane:
		return pane.StopOf(setting.LingerMs)
	case partitionsPane:
		return pane.StopOf(setting.PartitionerClass)
	case errorsPane, eventsPane:
		return pane.Subject{Kind: pane.WrongList}
	default:
	}
	return pane.SlowestStop(m.scene)
}

func (m *Model) openSheet(of pane.Subject) {
	m.top = overlay{sheet: pane.NewSheet(of, m.scene)}
}

// openStories opens the last record that was followed; esc comes back to the
// list.
func (m *Model) openStories() {
	m.openSheet(pane.Subject{Kind: pane.StoryList})
	if n := len(m.scene.Figures.Report.Followed); n > 0 {
		m.top.sheet.Open(pane.Subject{Kind: pane.StorySubject, ID: int32(n - 1)})
	}
}

func (m *Model) openPicked() {
	if s, ok := m.top.sheet.Opens(); ok {
		m.top.sheet.Open(s)
	}
}

func (m *Model) leaveSheet() {
	if !m.top.sheet.Back() {
		m.closeTop()
	}
}

func (m *Model) sendOne() {
	if m.tell(step.Step{Verb: step.Send}) {
		m.say("sent one record; its story is told as it goes", draw.Staged)
	}
}

func (m *Model) copySheet() tea.Cmd {
	_ = m.frame()
	w, h := m.top.sheet.Size(m.screen.w, mostHeight)
	c := draw.NewCanvas(w, h)
	m.top.sheet.Draw(c)
	title, lines := unboxed(c.Plain())
	return m.clip(title, "text", asText(title, lines))
}

func onlyOne(m *Model) string {
	if m.top.sheet != nil && !m.top.sheet.Several() {
		return "there is no other"
	}
	return ""
}

func opensNothing(m *Model) string {
	if m.top.sheet != nil {
		if _, ok := m.top.sheet.Opens(); ok {
			return ""
		}
	}
	return "nothing opens from here"
}

func followsNothing(m *Model) string {
	if m.top.sheet != nil {
		switch m.top.sheet.Of().Kind {
		case pane.StoryList, pane.StorySubject:
			return noEngine(m)
		default:
		}
	}
	return "S first: the records that were followed"
}
