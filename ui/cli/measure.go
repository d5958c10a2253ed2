package cli

import (
	"fmt"

	"kdyno/presets"
	"kdyno/telemetry/report"
)

// measurement is where the figures of a run are to be kept.
type measurement struct {
	store *presets.Store
	name  string
}

// saves judges --save-measurement before anything runs.
func (a *app) saves(f *loadFlags, s start) *failure {
	if !f.save {
		return nil
	}
	switch {
	case f.preset == "":
		return usage("--save-measurement needs --preset", "name the preset that is measured")
	case s.preset.BuiltIn:
		return usagef("save it under a name of your own first: kdyno presets save NAME --preset "+s.preset.Name, "--save-measurement: %s comes with kdyno and is not written to", s.preset.Name)
	case presets.CheckName(f.preset) != nil || s.store == nil:
		return usagef("save it under a name first: kdyno presets save NAME --preset "+f.preset, "--save-measurement: %s is a path, and only presets of your own folder are written to", f.preset)
	case presets.Fingerprint(s.config.Values) != presets.Fingerprint(s.preset.All()):
		return usagef("leave out what changes the producer, or save it first: kdyno presets save "+f.preset+" --preset "+f.preset+" --set ...",
			"--save-measurement: the producer of this run is not that of %s", f.preset)
	}
	a.measure = &measurement{store: s.store, name: f.preset}
	return nil
}

// keep writes the figures into the preset, unless they are no longer its own.
func (m *measurement) keep(session Session, r report.Report) (say string, fail *failure) {
	p, err := m.store.Load(m.name)
	if err != nil {
		return "", badPreset(err)
	}
	now := session.Values()
	switch {
	case r.Records.Acked == 0:
		return "", usagef("run it for longer", "no measurement of %s was saved: nothing was acknowledged", m.name)
	case revised(r) || presets.Fingerprint(now) != presets.Fingerprint(p.All()):
		return "", usagef("measure without changes on the way", "no measurement of %s was saved: its settings were changed on the way", m.name)
	}
	figures := presets.MeasuredBy(r, now)
	p.Measured = &figures
	if _, err := m.store.Save(m.name, p); err != nil {
		return "", badPreset(err)
	}
	return fmt.Sprintf("saved in %s: %s", m.name, figures.Line()), nil
}

// revised says that a change of settings was applied.
func revised(r report.Report) bool {
	for _, e := range r.Events {
		if e.Kind == "revision" {
			return true
		}
	}
	return false
}
