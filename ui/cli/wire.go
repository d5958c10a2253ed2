package cli

import (
	"context"

	"kdyno/engine"
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
	o := ui.Options{Engine: s.Engine, PresetName: s.PresetName}
	if s.Presets != nil {
		o.Presets = s.Presets
	}
	return ui.Run(ctx, o)
}
