package ui

import (
	"fmt"
	"time"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// freeze holds the view at this instant, or lets it go on.
func (m *Model) freeze() {
	if m.scene.Frozen {
		m.scene.Frozen, m.scene.Behind = false, 0
		m.pull(true)
		return
	}
	m.pull(true)
	m.scene.Frozen = true
	m.hold(m.scene.Live)
}

// hold shows one instant in all panels.
func (m *Model) hold(s *telemetry.Snapshot) {
	m.scene.Live, m.scene.Figures, m.scene.Charts = s, s, s
	m.scene.Behind = m.session.latest.At - s.At
	m.screen.touch()
}

// scrub moves a frozen view through what is kept.
func (m *Model) scrub(by time.Duration) {
	frame := m.session.reel.step(m.scene.Live.At, by)
	if frame == nil || frame.At == m.scene.Live.At || by < 0 == (frame.At > m.scene.Live.At) {
		end := "this is the latest instant; space lets the view go on"
		if by < 0 {
			end = fmt.Sprintf("nothing older is kept: a look goes back %s at most", draw.Clock(reelFor))
		}
		m.say(end, draw.Warn)
		return
	}
	m.hold(replay(frame, m.session.latest))
}

// drawFrozen says at which time a frozen view stands, and how to move it.
func (m *Model) drawFrozen(c *draw.Canvas) {
	const how = "[ ] 1 s, { } 10 s, space lets it go"
	at := draw.Clock(m.scene.Live.At)
	say := "the view stands at " + at + ", the measuring goes on: " + how
	if draw.Width(say) > c.W {
		say = "stands at " + at + ": " + how
	}
	c.Text(0, 0, draw.Cut(say, c.W), draw.Faint)
}
