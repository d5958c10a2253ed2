package ui

import (
	"fmt"
	"strings"

	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/ui/draw"
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

// forGood says whether a step changes a real cluster for good: partitions that
// were added are never taken away again, and keys go elsewhere from then on.
func (m *Model) forGood(s step.Step) bool {
	return s.Verb == step.Partitions && m.session.latest.Report.Cluster.Kind == "real"
}

// askForGood asks for a typed y before partitions are added.
func (m *Model) askForGood(s step.Step) {
	var topics []string
	for _, t := range m.session.latest.Report.Topics {
		topics = append(topics, fmt.Sprintf("%s (%d now)", draw.Safe(t.Name, 60), t.Partitions))
	}
	m.top = overlay{risk: true, held: s, confirm: &pane.Confirm{
		Title: "Add partitions on a real cluster?",
		Lines: []string{
			fmt.Sprintf("%s: topic %s would have %d partitions.", s, strings.Join(topics, ", "), s.Count),
			"Kafka never takes partitions away again. Keys go to other partitions from then on, for every producer of the topic, so their order breaks once.", "",
		},
		Ask: "type y to add them   n does not",
		Yes: pane.GoOn{},
	}}
}
