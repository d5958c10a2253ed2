package ui

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// demoPath is a real run, as record_test.go writes it down.
const demoPath = "testdata/demo.json"

// demo is a snapshot as JSON: the points are rows, since JSON has no NaN.
type demo struct {
	telemetry.Snapshot
	Rows []map[string]json.RawMessage
}

// recorded is the real run.
func recorded(t *testing.T) *telemetry.Snapshot {
	t.Helper()
	text, err := os.ReadFile(demoPath)
	if err != nil {
		t.Fatal(err)
	}
	var d demo
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	for _, row := range d.Rows {
		var p telemetry.Point
		for v, i := reflect.ValueOf(&p).Elem(), 0; i < v.NumField(); i++ {
			switch text := string(row[v.Type().Field(i).Name]); text {
			case "":
			case "null":
				v.Field(i).SetFloat(math.NaN())
			default:
				if err := json.Unmarshal([]byte(text), v.Field(i).Addr().Interface()); err != nil {
					t.Fatal(err)
				}
			}
		}
		d.Series = append(d.Series, p)
	}
	return &d.Snapshot
}

// shown is a workbench of the real run.
func shown(t *testing.T, w, h int) *Model {
	t.Helper()
	m, e, _ := workbench(w, h)
	e.snap = recorded(t)
	e.values = values("load.rate", "20000", "load.record.bytes", "512", "linger.ms", "10", "compression.type", "lz4")
	m.pull(true)
	return m
}

func TestDemoStatesAreDrawnAsTheGoldens(t *testing.T) {
	for _, size := range [][2]int{{60, 20}, {80, 24}, {120, 36}, {200, 50}} {
		for view, name := range viewNames {
			name := fmt.Sprintf("demo-%s-%dx%d", strings.ToLower(name), size[0], size[1])
			t.Run(name, func(t *testing.T) {
				m := shown(t, size[0], size[1])
				m.show(view)
				golden(t, name, plainFrame(m))
			})
		}
	}
}

// Every pane by itself, as a person sees it who works on it.
func TestDemoPanesAreDrawnAsTheGoldens(t *testing.T) {
	m := shown(t, 200, 50)
	for id := range m.panels {
		if m.panels[id].Pane == nil {
			continue
		}
		name := fmt.Sprintf("demo-pane%02d", id)
		t.Run(name, func(t *testing.T) {
			c := draw.NewCanvas(80, 18)
			m.panels[id].Draw(c, m.scene)
			golden(t, name, strings.TrimRight(strings.Join(c.Plain(), "\n"), " \n"))
		})
	}
}

// The colours of every theme on every view; the text is held by the others.
func TestThemesAreDrawnAsTheGoldens(t *testing.T) {
	for _, theme := range draw.ThemeNames()[1:] {
		for view, name := range viewNames {
			name := fmt.Sprintf("theme-%s-%s", theme, strings.ToLower(name))
			t.Run(name, func(t *testing.T) {
				m := shown(t, 80, 24)
				m.look.choose(theme)
				m.show(view)
				m.screen.touch()
				golden(t, name, strings.ReplaceAll(m.frame(), "\x1b", "^"))
			})
		}
	}
}

func TestASCIIIsDrawnAsTheGoldens(t *testing.T) {
	for _, size := range [][2]int{{60, 20}, {80, 24}, {120, 36}, {200, 50}} {
		for view, name := range viewNames {
			name := fmt.Sprintf("ascii-%s-%dx%d", strings.ToLower(name), size[0], size[1])
			t.Run(name, func(t *testing.T) {
				m := shown(t, size[0], size[1])
				m.look.ascii = true
				m.look.choose("mono")
				m.show(view)
				m.screen.touch()
				got := plainFrame(m)
				if strings.ContainsFunc(got, func(r rune) bool { return r > 0x7e }) || strings.Contains(got, "??") {
					t.Errorf("got more than ASCII, or glyphs that nothing stands for:\n%s", got)
				}
				golden(t, name, got)
			})
		}
	}
}
