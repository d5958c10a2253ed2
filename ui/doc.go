// Package ui is the screen: the one Bubble Tea model, which pulls snapshots,
// draws them, and turns keys into steps. The command starts it with Run. It
// owns no data, measures nothing and knows no Kafka client. Only Update
// touches the model; the goroutines here are those of Bubble Tea's commands,
// which read and write presets.
package ui

import (
	"time"

	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/presets"
	"kdyno/telemetry"
)

// Engine is the session that the screen shows. Its methods are called from
// one goroutine, twenty times a second, and must return at once.
type Engine interface {
	Snapshot() *telemetry.Snapshot
	Do(step.Step) error
	Values() setting.Values
	Check(setting.Values) []setting.Problem
}

// Guests is a session of somebody else's producers. It is called from the same
// goroutine as its Engine.
type Guests interface {
	// Choose shows the guest of a number in the place of a run.
	Choose(number int)
}

// Presets is where named configurations are kept. It is called from the
// goroutines of commands.
type Presets interface {
	List() ([]presets.Entry, error)
	Load(name string) (presets.Preset, error)
	Save(name string, p presets.Preset) (presets.Saved, error)
	Remove(name string) error
}

// Shelf is where frames and figures are saved: one thing in several forms, by
// file extension. It is called from the goroutines of commands.
type Shelf interface {
	Keep(forms map[string][]byte) (path string, err error)
}

// Fault is something that can be broken, for the palette.
type Fault struct {
	Name  string
	Usage string // the whole step
	Start string // of it what has to be written
	Does  string
	Not   string // why it cannot be on this cluster; empty: it can
	With  []FaultWith
}

// FaultWith is a parameter of a fault.
type FaultWith struct {
	Name    string
	Example string // K=V
	Does    string
}

// Options says what the screen shows and how.
type Options struct {
	Engine   Engine
	Guests   Guests         // nil: the producer is kdyno's own
	Presets  Presets        // nil: there is no folder for presets
	Shelf    Shelf          // nil: there is no folder for saved frames
	Preset   presets.Preset // that the session started with; its name is empty without
	Faults   []Fault        // what can be broken
	Theme    string         // a name of draw.ThemeNames; empty: the first
	FPS      int            // how often a second the gauges move; 0: UsualFPS
	Greeting string         // shown at first, where there is something to say
	ASCII    bool           // boxes and blocks as plain ASCII
	Clock    func() time.Time
}

// every is the time between two looks at the engine.
func (o Options) every() time.Duration {
	fps := o.FPS
	if fps <= 0 {
		fps = UsualFPS
	}
	return time.Second / time.Duration(min(fps, MostFPS))
}

// How often the gauges move by themselves, and the most that Options.FPS asks
// for: what Bubble Tea paints.
const (
	UsualFPS = 20
	MostFPS  = 60
)
