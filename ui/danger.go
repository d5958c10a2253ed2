package ui

import (
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/ui/pane"
)

// unanswered says whether a step would make a real cluster's records go
// unanswered: what is lost then, nobody learns and nothing brings back.
func (m *Model) unanswered(s step.Step) bool {
	if s.Verb != step.Set || m.session.latest.Report.Cluster.Kind != "real" || m.scene.Values.Text(setting.Acks) == "0" {
		return false
	}
	for _, a := range s.Set {
		if a.Key == setting.Acks && a.Text == "0" {
			return true
		}
	}
	return false
}

// askUnanswered asks for a typed y before a step with acks=0.
func (m *Model) askUnanswered(s step.Step) {
	var yes pane.Apply
	for _, a := range s.Set {
		yes.Changes = append(yes.Changes, setting.Change{Key: a.Key, Old: m.scene.Values.Text(a.Key), New: a.Text})
	}
	m.top = overlay{risk: true, confirm: &pane.Confirm{
		Title: "acks=0 on a real cluster?",
		Lines: []string{"The brokers will not answer: a record that is lost is not known to be lost, and nothing brings it back. The figures then say what was sent, not what arrived.", ""},
		Ask:   "type y to apply it   n does not",
		Yes:   yes,
	}}
}
