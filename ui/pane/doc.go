// Package pane holds the parts of the screen, one file each. A pane gets plain
// data (a Scene), draws on a canvas of any size, and answers keys with an
// Intent that the root model carries out. It knows no engine, starts no
// goroutine and reads no clock; everything is called from the screen's one
// goroutine.
package pane

import (
	"time"

	"kdyno/engine/setting"
	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// Pane is a part of the screen: it draws a scene on a canvas of any size.
type Pane interface{ Draw(c *draw.Canvas, s Scene) }

// Mover is a pane that can have the keys: Move goes down by so many lines, or
// up.
type Mover interface{ Move(by int) }

// Lister is a pane with a list that can be narrowed.
type Lister interface{ ListFilter() *Filter }

// Scene is what all panes draw at one instant. Gauges follow Live, figures
// and charts follow the older Figures and Charts: a number that changes twenty
// times a second cannot be read.
type Scene struct {
	Live    *telemetry.Snapshot
	Figures *telemetry.Snapshot
	Charts  *telemetry.Snapshot
	Values  setting.Values
	Preset  string        // with a * when the values are no longer the preset's
	Window  time.Duration // what charts show; 0: Span chooses
	Frozen  bool          // the view stands still, the measuring goes on
	Behind  time.Duration // how far a frozen view is behind
	Focus   bool          // the pane that is drawn has the keys
	Keys    bool          // it has them, also where no other pane could
	Alone   bool          // the pane of events, with the audit in it, is not on the screen
}

// Intent is what a person wants done; the root model does it. Nil: nothing.
type Intent interface{ intent() }

// Apply asks for these changes as one revision, in the order of the table.
type Apply struct{ Changes []setting.Change }

// LoadPreset asks for a preset's values to be staged.
type LoadPreset struct{ Name string }

// SavePreset asks for the values that are asked for now to be saved. Replace
// says that the person was shown what is there and means to replace it.
type SavePreset struct {
	Name, Note string
	Replace    bool
}

// AllowCluster asks for a foreign cluster to be loaded.
type AllowCluster struct{}

// GoOn asks for the step that was held back to be carried out.
type GoOn struct{}

// Quit asks for the screen to end.
type Quit struct{}

// Close asks for the dialog on top to go away.
type Close struct{}

// Say asks for a line to be shown to the person.
type Say struct{ Text string }

func (Apply) intent()        {}
func (LoadPreset) intent()   {}
func (SavePreset) intent()   {}
func (AllowCluster) intent() {}
func (GoOn) intent()         {}
func (Quit) intent()         {}
func (Close) intent()        {}
func (Say) intent()          {}
