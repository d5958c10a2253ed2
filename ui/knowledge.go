package ui

import (
	"fmt"

	"kdyno/engine/setting"
	"kdyno/engine/sizing"
	"kdyno/ui/pane"
)

// openKnowledge tells all that there is to know of the setting under the cursor.
func (m *Model) openKnowledge() {
	m.openSheet(pane.Subject{Kind: pane.SettingSubject, Name: string(m.config.Row().Key)})
}

// notAtConfig tells why there is no setting under the cursor.
func notAtConfig(m *Model) string {
	if m.focus != configPane {
		return "2 first: the settings, and what they mean"
	}
	return ""
}

// known is what there is to know of a setting beyond its row. It reckons with
// the values as they would be with what is staged.
func (m *Model) known(k setting.Key) pane.Knowledge {
	with := m.config.Proposed(m.scene.Values)
	known := pane.Knowledge{Values: with, Problems: m.config.ProblemsOf(k)}
	if m.opt.Elsewhere != nil {
		known.Elsewhere = m.opt.Elsewhere(k)
	}
	if m.scene.Figures.Recent.Latency.Count == 0 {
		return known
	}
	in := measuredInputs(m.scene)
	in.Values, in.Memory = with, sizing.Figure{Value: float64(m.opt.Memory), From: "this host"}
	sized, err := sizing.Size(k, in)
	if err != nil {
		return known // nothing sizes it, or too little is measured
	}
	known.Size, known.Steps, known.Notes = sized.Value, sized.Steps, sized.Notes
	for _, in := range sized.Inputs {
		known.Inputs = append(known.Inputs, fmt.Sprintf("%s %s, %s", in.Name, in.Value, in.From))
	}
	return known
}
