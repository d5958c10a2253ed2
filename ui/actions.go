package ui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/presets"
	"kdyno/telemetry"
	"kdyno/ui/draw"
	"kdyno/ui/pane"
)

// overlay is what lies on top of the screen: at most one dialog, and a line
// being typed.
type overlay struct {
	help    *pane.Help
	sheet   *pane.Sheet
	presets *pane.Presets
	palette *command
	confirm *pane.Confirm
	consent bool      // confirm asks for a cluster
	risk    bool      // confirm asks for what cannot be undone
	held    step.Step // what confirm asks for, where it is a step
	prompt  *prompt   // over whatever else is open

	conflict *presets.ConflictError // of a preset that was not saved
}

func (o *overlay) dialog() pane.Dialog {
	switch {
	case o.help != nil:
		return o.help
	case o.sheet != nil:
		return o.sheet
	case o.confirm != nil:
		return o.confirm
	case o.presets != nil:
		return o.presets
	case o.palette != nil:
		return &o.palette.pane
	}
	return nil
}

// loads says whether records are being produced, or would be by themselves.
func loads(s telemetry.State) bool {
	switch s {
	case telemetry.WarmingUp, telemetry.Running, telemetry.Swapping, telemetry.Degraded:
		return true
	default:
		return false
	}
}

// tell carries a step out and says why where it was refused.
func (m *Model) tell(s step.Step) bool {
	if err := m.opt.Engine.Do(s); err != nil {
		m.say(advice(err), draw.Bad)
		return false
	}
	m.refreshValues()
	return true
}

// intend carries out what a pane asks for.
func (m *Model) intend(i pane.Intent) tea.Cmd {
	switch i := i.(type) {
	case pane.Say:
		m.say(i.Text, draw.Warn)
	case pane.Apply:
		m.closeTop()
		m.applyChanges(i.Changes)
	case pane.LoadPreset:
		return m.loadPreset(i.Name)
	case pane.SavePreset:
		return m.savePreset(i.Name, i.Note, i.Replace)
	case pane.AllowCluster:
		m.closeTop()
		m.tell(step.Step{Verb: step.Allow})
	case pane.GoOn:
		s := m.top.held
		m.closeTop()
		if m.tell(s) {
			m.say("done: "+s.String(), draw.Staged)
		}
	case pane.Quit:
		return tea.Quit
	case pane.Close:
		m.closeTop()
	}
	return nil
}

func (m *Model) edit() {
	if !m.isOn(configPane) {
		m.show(viewConfig)
	}
	m.focus = configPane
	m.intend(m.config.Edit(m.scene.Values))
}

func (m *Model) accept() {
	m.config.Accept(m.scene.Values)
	m.judge()
}

func (m *Model) cancelEdit() { m.config.Cancel() }

func (m *Model) apply() {
	if p := m.config.Blocking(); p != nil {
		m.say("not applied: "+p.Say, draw.Bad)
		return
	}
	changes := m.config.Staged(m.scene.Values)
	if s := stepOf(changes); m.unanswered(s) {
		m.askUnanswered(s)
		return
	}
	m.intend(pane.Apply{Changes: changes})
}

// stepOf is the step that makes these changes as one revision.
func stepOf(changes []setting.Change) step.Step {
	s := step.Step{Verb: step.Set}
	for _, ch := range changes {
		s.Set = append(s.Set, step.Assignment{Key: ch.Key, Text: ch.New})
	}
	return s
}

func (m *Model) applyChanges(changes []setting.Change) {
	var words []string
	for _, ch := range changes {
		words = append(words, fmt.Sprintf("%s %s > %s", ch.Key, ch.Old, ch.New))
	}
	if !m.tell(stepOf(changes)) {
		return
	}
	m.await(changes)
	m.say("applying "+strings.Join(words, ", "), draw.Staged)
}

// await shows changes as waiting until they run.
func (m *Model) await(changes []setting.Change) {
	m.session.toldAt = m.opt.Clock()
	m.config.Applied(changes)
	m.refreshValues()
}

func (m *Model) discard() {
	n := m.config.Discard(m.scene.Values)
	m.judge()
	m.say(draw.Plural(int64(n), "staged change")+" discarded", draw.Text)
}

func (m *Model) fix() {
	m.config.Fix(m.scene.Values)
	m.judge()
}

func (m *Model) undo() { m.tell(step.Step{Verb: step.Undo}) }

func (m *Model) redo() { m.tell(step.Step{Verb: step.Redo}) }

func (m *Model) stopLoad() { m.tell(step.Step{Verb: step.Pause}) }

func (m *Model) startLoad() {
	if m.session.state == telemetry.Consent {
		m.askConsent(m.session.latest)
		return
	}
	m.tell(step.Step{Verb: step.Resume})
}

func (m *Model) back() {
	if f, _ := m.listFilter(); f != nil && f.On() {
		m.narrow("")
		return
	}
	if m.screen.zoom {
		m.zoom()
		return
	}
	if m.scene.Frozen {
		m.freeze()
		return
	}
	m.show(viewLive)
}

func (m *Model) openHelp() { m.top.help = &pane.Help{Groups: m.helpGroups()} }

func (m *Model) closeTop() { m.top = overlay{} }

func (m *Model) quit() tea.Cmd {
	if m.opt.Guests != nil && m.session.latest.Guests != nil {
		if m.leaveGuests() {
			return nil
		}
		return tea.Quit
	}
	if !loads(m.session.state) {
		return tea.Quit
	}
	m.top = overlay{confirm: &pane.Confirm{
		Title: "Leave?",
		Lines: []string{"The load runs. Leaving stops it and drains what is in the buffer; the report is written.", ""},
		Ask:   "y leave   n stay",
		Yes:   pane.Quit{},
	}}
	return nil
}

func (m *Model) confirm() tea.Cmd { return m.intend(m.top.confirm.Yes) }

// onState opens the dialog that a state asks for, and closes it when the state
// has gone. It never opens under the fingers of somebody who is typing.
func (m *Model) onState(t *telemetry.Snapshot) {
	if t.State != m.session.state && m.person.notice.text != m.opt.Greeting {
		m.person.notice = notice{} // the new state has something to say
	}
	m.session.state, m.session.latest = t.State, t
	if t.State != telemetry.Consent {
		m.session.asked = false
		if m.top.consent {
			m.closeTop()
		}
		return
	}
	if !m.session.asked && m.place() == onMain {
		m.askConsent(t)
	}
}

func (m *Model) askConsent(t *telemetry.Snapshot) {
	m.session.asked = true
	r := t.Report
	cluster := "the cluster that was given"
	if r.Cluster.ID != "" {
		cluster = "cluster " + draw.Safe(r.Cluster.ID, 60)
	}
	var topics []string
	for _, topic := range r.Topics {
		topics = append(topics, draw.Safe(topic.Name, 60))
	}
	lines := []string{fmt.Sprintf("%s, %s", cluster, draw.Plural(int64(r.Cluster.Brokers), "broker"))}
	if len(topics) > 0 {
		lines[0] += ", topic " + strings.Join(topics, ", ")
	}
	if t.Say != "" {
		lines = append(lines, draw.Safe(t.Say, 400))
	}
	ask := &pane.Confirm{Title: "Load this cluster?", Ask: "type y to load it   n leaves it alone", Yes: pane.AllowCluster{}}
	would := "It would get what applications send that connect here."
	if m.opt.Guests == nil {
		row, _ := setting.Find(setting.LoadRate)
		would = "It would get " + row.Kind.Show(m.opt.Engine.Values().Text(setting.LoadRate)) + " of test records."
	} else {
		ask.Title, ask.Ask = "Lead to this cluster?", "type y to lead there   n leaves it alone"
	}
	ask.Lines = append(lines, "", "This cluster is not on this machine. "+would, "")
	m.top = overlay{consent: true, confirm: ask}
	m.screen.touch()
}
