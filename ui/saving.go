package ui

import (
	"errors"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"kdyno/presets"
	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// savedMsg says how saving a preset ended.
type savedMsg struct {
	preset presets.Preset // as it is on disk now
	saved  presets.Saved
	hidden int // secrets that were left out
	err    error
}

// saveNamed goes on from the name to the note, and saves behind that.
func (m *Model) saveNamed() tea.Cmd {
	d := m.top.presets
	if d.AtName() {
		if err := presets.CheckName(d.NameText()); err != nil {
			m.sayPreset(advice(err))
			return nil
		}
		d.StartNote()
		return nil
	}
	return m.intend(d.SaveName())
}

// savePreset saves what runs now. Without replace it only replaces the preset in
// use, as it was read; with it the one that the person was shown.
func (m *Model) savePreset(name, note string, replace bool) tea.Cmd {
	store, values, used := m.opt.Presets, m.scene.Values.WithoutSecrets(), m.preset
	p := presets.Preset{Name: name, Note: note, Values: values, For: used.For, Expect: used.Expect, Measured: m.measuredNow()}
	switch {
	case replace && m.top.conflict != nil:
		p = p.Over(m.top.conflict.Theirs)
	case name == used.Name:
		p = p.Over(used.Preset)
	}
	hidden := len(m.scene.Values.Set()) - len(values.Set())
	return func() tea.Msg {
		saved, err := store.Save(name, p)
		if err == nil {
			p, err = store.Load(name)
		}
		return savedMsg{preset: p, saved: saved, hidden: hidden, err: err}
	}
}

// measuredFor is for how long a revision has to run before its figures are worth
// keeping: the last five seconds then are its own.
const measuredFor = 6 * time.Second

// measuredNow are the figures of what runs: of the whole session where nothing
// was changed in it, else of the last five seconds; nil while there are none.
func (m *Model) measuredNow() *presets.Measured {
	snap := m.session.latest
	if snap == nil || m.session.state != telemetry.Running || m.config.Waiting() > 0 {
		return nil
	}
	r, since := snap.Report, time.Duration(0)
	for _, mark := range snap.Marks {
		if mark.Revision > 1 {
			since = mark.At
		}
	}
	if since > 0 {
		r.Interval, r.ElapsedS = snap.Recent, 5
	}
	if snap.At-since < measuredFor || r.Records.Acked == 0 {
		return nil
	}
	figures := presets.MeasuredBy(r, m.scene.Values)
	return &figures
}

func (m *Model) onSaved(msg savedMsg) {
	m.screen.touch()
	var other *presets.ConflictError
	if errors.As(msg.err, &other) && m.top.presets != nil {
		m.top.conflict = other
		m.top.presets.Conflict(other.Error(), other.Changes)
		return
	}
	if msg.err != nil {
		m.sayPreset(advice(msg.err))
		return
	}
	m.preset = inUse(msg.preset)
	m.closeTop()
	say := "saved " + msg.saved.Path
	if n := len(m.config.Staged(m.scene.Values)); n > 0 {
		say += fmt.Sprintf(" without the %s", draw.Plural(int64(n), "staged change"))
	}
	if msg.hidden > 0 {
		say += "; secrets are left out"
	}
	if m.opt.Guests != nil {
		say += fmt.Sprintf("; kdyno --preset %s runs a producer of kdyno's own so", msg.preset.Name)
	}
	if msg.saved.Tightened {
		say += "; others could read the file, now only you can"
	}
	m.say(say, draw.Good)
	m.refreshValues()
}
