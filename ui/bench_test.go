package ui

import (
	"testing"
)

// A frame at 200x50 of which four panes have changed: the gauges' tick.
func BenchmarkFrameChanged(b *testing.B) {
	m, _, _ := workbench(200, 50)
	_ = m.View()
	b.ReportAllocs()
	for b.Loop() {
		m.clock.gauges++
		m.screen.dirty = true
		_ = m.View()
	}
}

// A frame at 200x50 of which everything has changed: a key.
func BenchmarkFrameAllChanged(b *testing.B) {
	m, _, _ := workbench(200, 50)
	b.ReportAllocs()
	for b.Loop() {
		m.screen.touch()
		_ = m.View()
	}
}

// View when nothing has changed, as Bubble Tea asks after every message.
func BenchmarkViewKept(b *testing.B) {
	m, _, _ := workbench(200, 50)
	_ = m.View()
	b.ReportAllocs()
	for b.Loop() {
		_ = m.View()
	}
}
