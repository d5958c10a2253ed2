package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"kdyno/engine"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/presets"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// fake is a session that does what a test says.
type fake struct {
	done   chan struct{}
	err    error
	state  telemetry.State
	say    string
	began  time.Time
	length time.Duration         // of the load; 0: no end
	stop   func(context.Context) // nil: stops at once
	close  func() error          // nil: closes at once
	report report.Report
}

func (*fake) Do(step.Step) error                     { return nil }
func (*fake) Values() setting.Values                 { return setting.Values{} }
func (*fake) Check(setting.Values) []setting.Problem { return nil }
func (f *fake) Done() <-chan struct{}                { return f.done }
func (f *fake) Err() error                           { return f.err }
func (f *fake) Report() report.Report                { return f.report }

func (f *fake) Snapshot() *telemetry.Snapshot {
	s := &telemetry.Snapshot{At: time.Since(f.began), State: f.state, Say: f.say, Report: f.report}
	s.Recent.Rate.RecordsPerS = 5000
	s.Recent.Latency.P99Ms = report.Ms(12340 * time.Microsecond)
	s.Now.InFlight = []telemetry.BrokerNow{{ID: 1, InFlight: 2}, {ID: 2, InFlight: 1}}
	return s
}

func (f *fake) Stop(ctx context.Context) {
	if f.stop != nil {
		f.stop(ctx)
	}
}

func (f *fake) Close() error {
	if f.close != nil {
		return f.close()
	}
	return nil
}

// session is a fake whose load has run well for its length.
func session(length time.Duration) *fake {
	f := &fake{done: make(chan struct{}), state: telemetry.Running, length: length}
	f.report.Schema = report.Schema
	f.report.Records = report.Records{Due: 100, Sent: 100, Accepted: 100, Acked: 100}
	return f
}

// ended is a session whose load is over already.
func ended() *fake {
	f := session(0)
	close(f.done)
	return f
}

// bench is a World on the test bench.
type bench struct {
	World
	out, err   bytes.Buffer
	interrupts chan struct{}
	configs    []engine.Config // one for each session opened
	asked      []engine.Config // one for each time a cluster was asked for its facts
	facts      setting.Facts   // what it answered
	noFacts    error
	dir        string // of the presets
}

func newBench(t *testing.T, f *fake) *bench {
	t.Helper()
	b := &bench{interrupts: make(chan struct{}, 4), dir: filepath.Join(t.TempDir(), "presets")}
	b.World = World{
		Out: &b.out, Err: &b.err, Interrupts: b.interrupts,
		Build:   &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}, Deps: []*debug.Module{{Path: "github.com/twmb/franz-go", Version: "v1.22.2"}}},
		Presets: func() (*presets.Store, error) { return presets.Open(b.dir) },
		Open: func(c engine.Config) (Session, error) {
			b.configs = append(b.configs, c)
			f.began = time.Now()
			if f.length > 0 {
				time.AfterFunc(f.length, func() { close(f.done) })
			}
			return f, nil
		},
		Facts: func(_ context.Context, c engine.Config) (setting.Facts, error) {
			b.asked = append(b.asked, c)
			return b.facts, b.noFacts
		},
		Workbench: func(context.Context, Screen) error {
			t.Error("the workbench was opened")
			return nil
		},
	}
	return b
}

// run carries a command line out, split at spaces; ' parts what holds some.
func (b *bench) run(line string) int {
	b.out.Reset()
	b.err.Reset()
	return Main(b.World, words(line))
}

func words(line string) []string {
	var args []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			args = append(args, part)
			continue
		}
		args = append(args, strings.Fields(part)...)
	}
	return args
}

func (b *bench) put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// object reads stdout as exactly one JSON object on one line.
func (b *bench) object(t *testing.T) map[string]any {
	t.Helper()
	text := b.out.String()
	if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
		t.Fatalf("stdout: got %q, want one line", text)
	}
	var o map[string]any
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("stdout: got %q: %v", text, err)
	}
	return o
}

const schemaLine = "schema: kdyno.preset/1\n"

func (b *bench) putPresets(t *testing.T) {
	t.Helper()
	b.put(t, "orders.yaml", schemaLine+"producer:\n  linger.ms: 20\n  acks: 1\n")
	b.put(t, "twice.yaml", schemaLine+"producer:\n  acks: 1\n  acks: all\n")
	b.put(t, "torn.yaml", schemaLine+"producer: [")
	b.put(t, "cluster.yaml", schemaLine+"producer:\n  bootstrap.servers: h:9092\n")
	if err := os.MkdirAll(filepath.Join(b.dir, "folder.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
}
