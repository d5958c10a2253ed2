package cli

import (
	"context"
	"errors"

	"kdyno/engine"
)

func open(engine.Config) (engine.API, error) { return nil, errors.New("no engine yet") }

func workbench(context.Context, Screen) error { return errors.New("no workbench yet") }
