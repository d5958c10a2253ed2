package ui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kdyno/telemetry"
	"kdyno/ui/draw"
	"kdyno/ui/pane"
)

// screen is the frame as it was last drawn, and the canvases that it was put
// together from: a pane is drawn again only when its key has changed.
type screen struct {
	w, h    int
	canvas  draw.Canvas
	printer draw.Printer
	content string
	dirty   bool
	zoom    bool // the pane with the keys stands alone
	touched int  // counts what changes a picture besides the data
	panes   [paneCount]picture
}

type picture struct {
	canvas draw.Canvas
	key    pictureKey
}

type pictureKey struct {
	w, h, data, touched int
	focus, drawn        bool
}

// The largest screen that is drawn: beyond it a terminal lies about its size.
const (
	mostWidth  = 1000
	mostHeight = 400
)

func (s *screen) resize(w, h int) {
	s.w, s.h = min(max(w, 0), mostWidth), min(max(h, 0), mostHeight)
	s.touch()
}

// touch says that something besides the data has changed.
func (s *screen) touch() {
	s.touched++
	s.dirty = true
}

// View implements tea.Model. Bubble Tea asks for it after every message, so
// the frame is kept until something changes.
func (m *Model) View() tea.View {
	v := tea.NewView(m.frame())
	v.AltScreen = true
	v.ReportFocus = true
	v.MouseMode = m.mouseMode()
	v.WindowTitle = "kdyno " + pane.StateWord(m.scene).Text
	return v
}

func (m *Model) frame() string {
	if m.screen.dirty {
		m.compose()
		m.screen.content = m.screen.printer.Print(&m.screen.canvas, m.look.theme)
		m.screen.dirty = false
	}
	return m.screen.content
}

// compose puts the screen together on its canvas.
func (m *Model) compose() {
	s := &m.screen
	s.canvas.Reset(s.w, s.h)
	places := m.places()
	m.scene.Alone = !m.isOn(eventsPane)
	if places == nil {
		tooSmall(&s.canvas, m.scene, m.top.confirm)
		return
	}
	for _, p := range places {
		s.canvas.Paste(p.x, p.y, m.picture(p))
	}
	if m.top.sheet != nil {
		m.top.sheet.Scene = m.scene
	}
	d := m.top.dialog()
	if d == nil {
		return
	}
	w, h := d.Size(s.w, s.h-2)
	x, y := (s.w-w)/2, max(0, (s.h-2-h)/2)
	s.canvas.Sub(x, y, w, h, d.Draw)
}

// picture draws a pane, or returns it as it was drawn before.
func (m *Model) picture(p place) *draw.Canvas {
	kept, panel := &m.screen.panes[p.pane], m.panels[p.pane]
	focus := p.pane == m.focus && len(m.focusable()) > 1
	key := pictureKey{w: p.w, h: p.h, data: m.version(panel.follows), touched: m.screen.touched, focus: focus, drawn: true}
	if kept.key != key {
		kept.key = key
		kept.canvas.Reset(p.w, p.h)
		s := m.scene
		s.Focus, s.Keys = focus, p.pane == m.focus
		panel.Draw(&kept.canvas, s)
	}
	return &kept.canvas
}

func (m *Model) version(f follows) int {
	switch f {
	case gauges:
		return m.clock.gauges
	case charts:
		return m.clock.charts
	default:
		return m.clock.figures
	}
}

// tooSmall says what size is needed and shows the figures that fit.
func tooSmall(c *draw.Canvas, s pane.Scene, asked *pane.Confirm) {
	do := "make it larger, or the font smaller; q leaves"
	if asked != nil {
		do = asked.Title + " " + asked.Ask
	}
	y := 0
	put := func(text string, role draw.Role) {
		for _, line := range draw.Wrap(text, c.W, c.H-y) {
			c.Text(0, y, line, role)
			y++
		}
	}
	put(fmt.Sprintf("kdyno needs %dx%d, this terminal has %dx%d", leastWidth, leastHeight, c.W, c.H), draw.Strong)
	put(do, draw.Text)
	word := pane.StateWord(s)
	x := c.Text(0, y, draw.Cut(word.Text, c.W), word.Role) + 1
	for _, f := range pane.Headline(s.Figures) {
		if text := strings.TrimLeft(f.Text, " "); x+draw.Width(text) <= c.W {
			x = c.Text(x, y, text, f.Role) + 2
		}
	}
	if y++; s.Live.State != telemetry.Running {
		put(draw.Safe(s.Live.Say, c.W*c.H), draw.Text)
	}
}
