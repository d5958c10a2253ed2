package ui

import "kdyno/engine/step"

// turnAudit begins the audit, or ends it.
func (m *Model) turnAudit() {
	word := step.On
	if now := m.session.latest.Now.Audit; now != nil && now.On {
		word = step.Off
	}
	m.tell(step.Step{Verb: step.Audit, Name: word})
}
