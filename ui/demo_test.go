package ui

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"sync"
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

// recorded is the real run. It panics where that cannot be read.
var recorded = sync.OnceValue(func() *telemetry.Snapshot {
	text, err := os.ReadFile(demoPath)
	if err != nil {
		panic(err)
	}
	var d demo
	if err := json.Unmarshal(text, &d); err != nil {
		panic(err)
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
					panic(err)
				}
			}
		}
		d.Series = append(d.Series, p)
	}
	return &d.Snapshot
})

// play lets the workbench show the real run.
func play(m *Model, e *fakeEngine) {
	e.snap = recorded()
	e.values = values("load.rate", "20000", "load.record.bytes", "512", "linger.ms", "10", "compression.type", "lz4")
	m.pull(true)
}

// demoScenes are the views of the real run.
func demoScenes() []scene {
	var all []scene
	for view, name := range viewNames {
		all = append(all, scene{"demo-" + strings.ToLower(name), func(m *Model, e *fakeEngine) {
			play(m, e)
			m.show(view)
		}})
	}
	return all
}

// edgeNames name what has no name in the help.
var edgeNames = map[paneID]string{headerPane: "header", tabsPane: "tabs", statusPane: "status", keysPane: "keys"}

// Every pane by itself, as a person sees it who works on it.
func TestDemoPanesAreDrawnAsTheGoldens(t *testing.T) {
	m, e, _ := workbench(200, 50)
	play(m, e)
	for id := range m.panels {
		if paneID(id) == guestsPane || paneID(id) == inferredPane {
			continue // there are none in a run of our own
		}
		name := m.panels[id].name
		if name == "" {
			name = edgeNames[paneID(id)]
		}
		name = "demo-pane-" + strings.ReplaceAll(strings.ToLower(name), " ", "-")
		t.Run(name, func(t *testing.T) {
			c := draw.NewCanvas(80, 18)
			m.panels[id].Draw(c, m.scene)
			golden(t, name, strings.TrimRight(strings.Join(c.Plain(), "\n"), " \n"))
		})
	}
}

// What each theme writes to a terminal for the live view.
func TestThemesAreDrawnAsTheGoldens(t *testing.T) {
	for _, theme := range draw.ThemeNames()[1:] {
		t.Run(theme, func(t *testing.T) {
			m, e, _ := workbench(80, 24)
			play(m, e)
			m.wear(theme)
			golden(t, "theme-"+theme, strings.ReplaceAll(m.frame(), "\x1b", "^"))
		})
	}
}

// What plain ASCII makes of every view.
func TestASCIIIsDrawnAsTheGoldens(t *testing.T) {
	for _, size := range sizes {
		for _, s := range demoScenes() {
			name := fmt.Sprintf("ascii-%s-%dx%d", s.name, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				m, e, _ := workbench(size[0], size[1])
				s.do(m, e)
				m.wear("ascii")
				golden(t, name, plainFrame(m))
			})
		}
	}
}
