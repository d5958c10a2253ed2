package cli

import (
	"context"
	"time"

	"kdyno/engine"
	"kdyno/engine/fault"
	"kdyno/presets/disk"
	"kdyno/ui"
)

// open keeps a nil session from becoming a Session that is not nil.
func open(c engine.Config) (Session, error) {
	s, err := engine.Open(c)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func workbench(ctx context.Context, s Screen) error {
	goodbye := guard(ctx)
	defer goodbye()
	o := s.Look
	o.Engine, o.PresetName, o.Faults = s.Engine, s.PresetName, faults()
	if shelf, err := disk.OpenShelf("", time.Now); err == nil {
		o.Shelf = shelf // without a home the key says so
	}
	if s.Presets != nil {
		o.Presets = s.Presets
	}
	return ui.Run(ctx, o)
}

// faults are the rows of the table of faults as the screen shows them.
func faults() []ui.Fault {
	rows := fault.Rows()
	all := make([]ui.Fault, len(rows))
	for i, f := range rows {
		all[i] = ui.Fault{Name: f.Name, Usage: f.Usage(), Doc: f.Doc}
		for _, p := range f.Parameters {
			all[i].Takes = append(all[i].Takes, ui.Taken{Name: p.Name, Doc: p.Doc})
		}
	}
	return all
}
