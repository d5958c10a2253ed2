//go:build record

package ui

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"reflect"
	"strconv"
	"testing"
	"time"

	"kdyno/engine"
	"kdyno/engine/step"
	"kdyno/telemetry"
)

// TestRecordDemo writes testdata/demo.json from a real run on the embedded
// cluster, half a minute of it:
//
//	go test -tags record -run TestRecordDemo ./ui && go test -run Demo ./ui -update
func TestRecordDemo(t *testing.T) {
	s, err := engine.Open(engine.Config{
		Values:   values("load.rate", "20000", "load.record.bytes", "512", "linger.ms", "5", "stand.partitions", "12", "stand.link.rtt", "4ms"),
		Attended: true, Version: "demo",
	})
	if err != nil {
		t.Fatal(err)
	}
	for s.Snapshot().State != telemetry.Running {
		time.Sleep(100 * time.Millisecond)
	}
	for _, line := range []string{"", "set linger.ms=20", "mark twenty is slower", "set compression.type=lz4 linger.ms=10", "send key=order-42"} {
		if line != "" {
			st, err := step.Parse(line)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Do(st); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(8 * time.Second)
	}
	snap := s.Snapshot()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	d := demo{Snapshot: *snap, Rows: rowsOf(snap.Series)}
	d.Series = nil
	d.Report.Started = "2026-11-22T16:30:05Z"
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte("},{"), []byte("},\n{")) // a diff shows lines
	if err := os.WriteFile(demoPath, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// rowsOf writes points down without what is zero; NaN is null.
func rowsOf(points []telemetry.Point) []map[string]json.RawMessage {
	var rows []map[string]json.RawMessage
	for _, p := range points {
		row := map[string]json.RawMessage{}
		for v, i := reflect.ValueOf(p), 0; i < v.NumField(); i++ {
			name, field := v.Type().Field(i).Name, v.Field(i)
			switch f, isFloat := field.Interface().(float64); {
			case isFloat && math.IsNaN(f):
				row[name] = json.RawMessage("null")
			case isFloat && f != 0:
				row[name] = json.RawMessage(strconv.FormatFloat(f, 'g', 5, 64))
			case !isFloat && !field.IsZero():
				row[name], _ = json.Marshal(field.Interface()) // plain numbers
			}
		}
		rows = append(rows, row)
	}
	return rows
}
