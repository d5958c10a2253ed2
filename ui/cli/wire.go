package cli

import (
	"context"
	"time"

	"kdyno/engine"
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

// openXRay keeps a nil session from becoming a Guests that is not nil.
func openXRay(c engine.XRayConfig) (Guests, error) {
	x, err := engine.OpenXRay(c)
	if err != nil {
		return nil, err
	}
	return x, nil
}

func workbench(ctx context.Context, s Screen) error {
	goodbye := guard(ctx)
	defer goodbye()
	o := s.Look
	o.Engine, o.Guests, o.Preset = s.Engine, s.Guests, s.Preset
	if shelf, err := disk.OpenShelf("", time.Now); err == nil {
		o.Shelf = shelf // without a home the key says so
	}
	if s.Presets != nil {
		o.Presets = s.Presets
	}
	return ui.Run(ctx, o)
}
