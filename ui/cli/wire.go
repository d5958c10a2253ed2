package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"kdyno/engine"
	"kdyno/telemetry/report"
)

func open(engine.Config) (engine.API, error) { return nil, errors.New("no engine yet") }

func workbench(context.Context, Screen) error { return errors.New("no workbench yet") }

func text(w io.Writer, r report.Report) error { return json.NewEncoder(w).Encode(r) }
