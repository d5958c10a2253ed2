package cli

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/presets"
	"kdyno/presets/dialect"
	"kdyno/telemetry"
)

// refused are command lines that end before a session is opened. The first
// word of first is on stderr's first line, rest anywhere on stderr.
var refused = []struct {
	name, line  string
	first, rest string
	key         string
}{
	{"unknown command", "bogus", `kdyno has no command "bogus"`, "--help", ""},
	{"near command", "setings", "did you mean settings?", "", ""},
	{"later command", "sweep", `no command "sweep"`, "", ""},
	{"unknown preset command", "presets lst", "did you mean list?", "", ""},
	{"no preset command", "presets", "needs a command: list, show, save", "", ""},
	{"unknown shell", "completion foo", `no command "foo"`, "", ""},
	{"help of nothing", "help bogus", `no command "bogus"`, "", ""},
	{"unknown flag", "run --topci t", "kdyno run has no flag --topci; did you mean --topic?", "", ""},
	{"later flag", "run --for 1s --record f", "has no flag --record", "", ""},
	{"unknown short flag", "run -z", "has no flag -z", "", ""},
	{"flag without value", "run --for", "flag needs an argument: --for", "", ""},
	{"bad bool", "run --for 1s --yes=maybe", "invalid argument", "", ""},
	{"argument to run", "run t", `takes flags and no arguments, and got "t"`, "", ""},
	{"argument to version", "version t", "no arguments", "", ""},
	{"no end", "run", "--for or --records", "add --for 10s", ""},
	{"no end, no terminal", "", "--for or --records", "workbench", ""},
	{"for without unit", "run --for 10", `"10" is not a length of time`, "10s", ""},
	{"for of nothing", "run --for 0s", "above 0", "", ""},
	{"negative for", "run --for -1s", "above 0", "", ""},
	{"bad records", "run --records many", `"many" is not a number of records`, "100000", ""},
	{"no records", "run --records 0", "not a number of records", "", ""},
	{"unknown key", "run --for 1s --set lingr.ms=5", `there is no setting "lingr.ms"; did you mean linger.ms?`, "kdyno settings", "lingr.ms"},
	{"bad value", "run --for 1s --set linger.ms=soon", `linger.ms: "soon" is not a number`, "milliseconds", "linger.ms"},
	{"out of range", "run --for 1s --set max.in.flight.requests.per.connection=0", "out of range", "from 1 to 2147483647", "max.in.flight.requests.per.connection"},
	{"wrong unit", "run --for 1s --set linger.ms=5KiB", "linger.ms", "use ", "linger.ms"},
	{"not a choice", "run --for 1s --acks 2", `--acks: acks: "2"`, "0, 1, all", "acks"},
	{"bad rate", "run --for 1s --rate fast", `--rate: load.rate: "fast"`, "", "load.rate"},
	{"bad size", "run --for 1s --size 0", "--size: load.record.bytes", "", "load.record.bytes"},
	{"bad seed", "run --for 1s --seed x", "--seed: load.seed", "", "load.seed"},
	{"set without value", "run --for 1s --set linger.ms", "--set linger.ms: KEY=VALUE is wanted", "", ""},
	{"set without key", "run --for 1s --set =5", "KEY=VALUE is wanted", "", ""},
	{"contradiction", "run --for 1s --set acks=1 --set enable.idempotence=true", "enable.idempotence", "--set acks=all", "enable.idempotence"},
	{"no topic", "run --for 1s --brokers h:9092", "--brokers needs --topic", "--create", ""},
	{"no topic, brokers by set", "run --for 1s --set bootstrap.servers=h:9092", "--brokers needs --topic", "", ""},
	{"no topic, brokers by preset", "run --for 1s --preset cluster", "--brokers needs --topic", "", ""},
	{"blank topic", "run --for 1s --brokers h:9092 --topic ' '", "--brokers needs --topic", "", ""},
	{"bad topic", "run --for 1s --brokers h:9092 --topic a/b", `"a/b" is not a topic's name`, "", ""},
	{"empty topic in list", "run --for 1s --brokers h:9092 --topic a,,b", "not a topic's name", "", ""},
	{"topic twice", "run --for 1s --brokers h:9092 --topic a,a", "twice", "", ""},
	{"brokers of commas", "run --for 1s --topic t --brokers ,", "list of brokers is empty", "embedded", "bootstrap.servers"},
	{"brokers of nothing", "run --for 1s --topic t --brokers ''", "list of brokers is empty", "", "bootstrap.servers"},
	{"brokers of blanks", "run --for 1s --topic t --brokers '  '", "list of brokers is empty", "", "bootstrap.servers"},
	{"broker without port", "run --for 1s --topic t --brokers h", `--brokers: bootstrap.servers: "h" is not an address`, "host:port", "bootstrap.servers"},
	{"hole in brokers", "run --for 1s --topic t --brokers h:1,,i:1", "not an address", "", "bootstrap.servers"},
	{"bad port", "run --for 1s --topic t --brokers h:70000", "not an address", "", "bootstrap.servers"},
	{"at without time", "run --for 9s --at 'set linger.ms=5'", "column 1: ", "3s=set linger.ms=5", ""},
	{"at with unknown step", "run --for 9s --at '3s=sett x'", "column 4: ", "\n  3s=sett x\n     ^\n", ""},
	{"at with unknown key", "run --for 9s --at '3s=set lingr.ms=5'", "column 8: ", "linger.ms", ""},
	{"at with bad value", "run --for 9s --at '3s=set linger.ms=x'", "column ", "linger.ms", ""},
	{"at with a send of nothing", "run --for 9s --at '3s=send colour=red'", "column 9: ", "key, value, topic, partition, timestamp or header.NAME", ""},
	{"at with an open quote", `run --for 9s --at '3s=send value="a b'`, "column 15: ", "end the text with", ""},
	{"at with fewer partitions", "run --for 9s --at '3s=partitions 6'", "there are 6 partitions by then", "ask for more", ""},
	{"at with fewer partitions than added", "run --for 9s --at '3s=partitions 12' --at '2s=partitions 14'", "--at 3s=partitions 12: there are 14 partitions by then", "", ""},
	{"at with no number of partitions", "run --for 9s --at '3s=partitions many'", "column 15: ", "such as partitions 12", ""},
	{"at with a restart of what lives", "run --for 9s --at '3s=restart' --at '4s=crash'", "nothing has crashed by then", "put a crash before it", ""},
	{"at with two crashes", "run --for 9s --at '3s=crash' --at '4s=crash'", "the producer is dead by then", "put a restart before it", ""},
	{"at with a send of the dead", "run --for 9s --at '3s=crash' --at '4s=send key=a'", "--at 4s=send key=a: the producer is dead by then", "", ""},
	{"more producers than there can be", "run --for 9s --set load.producers=51", "load.producers", "from 1 to 50", "load.producers"},
	{"at after the end", "run --for 2s --at '3s=pause'", "ended by then, after 2s", "", ""},
	{"at with a preset that is not there", "run --for 9s --at '3s=preset nope'", `--at 3s=preset nope: there is no preset named "nope"`, "orders", ""},
	{"at with what is fixed at start", "run --for 9s --at '3s=set stand.brokers=2'", "stand.brokers cannot be changed", "at the start", ""},
	{"fault that there is not", "run --for 9s --at '2s=fault broker-dwn'", "column 10: broker-dwn: there is no such fault", "near: broker-down", ""},
	{"fault of a broker that there is not", "run --for 9s --at '2s=fault broker-down for=3s broker=9'", "column 29: broker-down: broker: the cluster has no broker 9", "\n  2s=fault broker-down for=3s broker=9\n                              ^\n  its brokers are 0, 1, 2\n", ""},
	{"fault of one broker of two", "run --for 9s --set stand.brokers=2 --at '2s=fault stall broker=2'", "no broker 2", "its brokers are 0, 1\n", ""},
	{"fault of a partition that there is not", "run --for 9s --set stand.partitions=3 --at '2s=fault leaderless partition=3'", "there is no partition 3", "the topic has 3, from 0 to 2", ""},
	{"fault with a bad count", "run --for 9s --at '2s=fault reset count=-1'", `column 16: reset: count: "-1" is out of range`, "from 1", ""},
	{"fault with a bad code", "run --for 9s --at '2s=fault error code=NOT_LEADER'", `code: "NOT_LEADER" is not the name of an error`, "near: NOT_LEADER_OR_FOLLOWER", ""},
	{"fault without what it needs", "run --for 9s --at '2s=fault slow-broker'", "column 22: slow-broker: delay: is missing", "delay=200ms", ""},
	{"fault that contradicts itself", "run --for 9s --at '2s=fault leader-move every=5s for=5s'", "column 22: leader-move: every: 5s is not less than for=5s", "longer", ""},
	{"fault of the brokers on a real cluster", "run --for 9s --brokers h:9092 --topic t --at '2s=fault quota bytes=1MB'", "quota: it breaks the embedded brokers, and these are real", "producer_byte_rate", ""},
	{"heal what there is not", "run --for 9s --at '2s=heal stal'", "column 9: stal: there is no such fault", "stall", ""},
	{"limit of a real cluster", "run --for 9s --brokers h:9092 --topic t --set stand.quota.bytes=1MB", "stand.quota.bytes counts for the embedded brokers only", "", "stand.quota.bytes"},
	{"preset missing", "run --for 1s --preset ordres", `no preset named "ordres"`, "orders", ""},
	{"preset file missing", "run --for 1s --preset ./nope.yaml", "./nope.yaml: there is no such preset file", "", ""},
	{"preset with duplicate keys", "run --for 1s --preset twice", "twice.yaml:4: acks stands here again, after line 3", "keep one", "acks"},
	{"preset that is not YAML", "run --for 1s --preset torn", "torn.yaml:", "YAML", ""},
	{"preset that is no file", "run --for 1s --preset folder", "not a plain file", "", ""},
	{"preset with a bad name", "run --for 1s --preset ..", "dot", "letters", ""},
	{"show without name", "presets show", "takes one name or path", "", ""},
	{"show missing", "presets show nope", `no preset named "nope"`, "", ""},
	{"save without name", "presets save", "takes one name", "", ""},
	{"save empty name", "presets save ''", "empty", "letters", ""},
	{"save to a path", "presets save ./a", "is a path", "letters", ""},
	{"save bad value", "presets save a --set linger.ms=x", "linger.ms", "", "linger.ms"},
	{"save contradiction", "presets save a --set acks=1 --set enable.idempotence=true", "enable.idempotence", "", "enable.idempotence"},
	{"partition without keys", "partition", "partition needs keys", "kdyno partition user-1", ""},
	{"partition of no stdin", "partition -", "there is no stdin", "", ""},
	{"partition among none", "partition k --partitions 0", `--partitions: "0" is not a number of partitions`, "from 1 to 1000000", ""},
	{"partition among too many", "partition k --partitions 1000001", "--partitions", "from 1 to 1000000", ""},
	{"partition among many", "partition k --partitions many", `"many"`, "such as 12", ""},
	{"partition then nonsense", "partition k --then x", `--then: "x"`, "", ""},
	{"partition then fewer", "partition k --partitions 6 --then 5", "--then 5: a topic with 6 partitions cannot have fewer", "--then 6 or more", ""},
	{"partition with a bad rule", "partition k --set partitioner.class=prefix:a=3-1,*=hash", "partitioner.class: column 10: the range 3-1 is reversed", "vip:gold=0", "partitioner.class"},
	{"partition with an unknown hash", "partition k --set partitioner.class=hash:md5", `column 6: "md5"`, "", "partitioner.class"},
	{"partition that is not there", "partition k --set partitioner.class=vip:a=6,*=hash", "names partition 6, and the topic has 6 partitions", "needs 7 partitions", "partitioner.class"},
	{"partition by a preset that is not there", "partition k --preset nope", `no preset named "nope"`, "", ""},
	{"partition of two answers", "partition k --partitions 6 --brokers h:1 --topic t", "both say how many", "leave one", ""},
	{"partition of a topic of no cluster", "partition k --topic t", "--topic needs --brokers", "--partitions", ""},
	{"partition of a cluster without a topic", "partition k --brokers h:1", "--brokers needs --topic", "or give --partitions", ""},
	{"partition of two topics", "partition k --brokers h:1 --topic a,b", "one topic", "", ""},
	{"partition of an unknown key", "partition k --set lingr.ms=1", "did you mean linger.ms?", "", "lingr.ms"},
	{"check without a file", "check", "check takes one file or preset", "", ""},
	{"check of nothing", "check nope", `no preset named "nope"`, "there are", ""},
	{"check of a file that is missing", "check ./nope.properties", "./nope.properties: there is no such file", "exists", ""},
	{"check of a folder", "check /", "it is not a plain file", "", ""},
	{"check of what is no configuration", "check /etc/passwd", "nothing in it looks like a Kafka producer's configuration", "--dialect", ""},
	{"check in an unknown dialect", "check /etc/passwd --dialect rust", `there is no dialect "rust"`, "java", ""},
	{"check of torn YAML", "check torn", "torn.yaml:", "YAML", ""},
	{"check with a topic alone", "check orders --topic t", "--topic needs --brokers", "", ""},
	{"check with brokers alone", "check orders --brokers h:1", "--brokers needs --topic", "", ""},
	{"check with bad brokers", "check orders --brokers h --topic t", `--brokers: bootstrap.servers: "h" is not an address`, "", "bootstrap.servers"},
	{"check with an unknown setting", "check orders --set lingr.ms=1", "did you mean linger.ms?", "", "lingr.ms"},
	{"measurement of no preset", "run --for 1s --save-measurement", "--save-measurement needs --preset", "", ""},
	{"measurement of a built-in preset", "run --for 1s --preset iot --save-measurement", "iot comes with kdyno", "presets save NAME --preset iot", ""},
	{"measurement of another producer", "run --for 1s --preset orders --save-measurement --set linger.ms=3", "the producer of this run is not that of orders", "", ""},
	{"save with a bad objective", "presets save a --expect fast", "--expect fast", "latency.p99_ms<20", ""},
	{"size of what has no helper", "settings size acks", "there is no helper that sizes acks", "buffer.memory", "acks"},
	{"size of nothing", "settings size lingr.ms", "did you mean linger.ms?", "", "lingr.ms"},
	{"size without what it takes", "settings size request.timeout.ms", "cannot be sized without --tail", "add --tail", ""},
	{"size without a rate", "settings size buffer.memory --rate 0", "cannot be sized without --rate", "", ""},
	{"size with a bad time", "settings size buffer.memory --stall 30", `--stall: "30" is not a length of time`, "30s", ""},
	{"size with a negative time", "settings size buffer.memory --stall -3s", "--stall", "", ""},
	{"size with a bad bandwidth", "settings size send.buffer.bytes --rtt 1ms --bandwidth fast", `"fast" is not a bandwidth`, "100Mbit", ""},
	{"size with a bad count", "settings size batch.size --partitions 0", "--partitions", "", ""},
	{"size of two", "settings size acks linger.ms", "takes one setting", "", ""},
	{"setting unknown", "settings lingr.ms", "did you mean linger.ms?", "", "lingr.ms"},
	{"markdown of one", "settings --markdown linger.ms", "--markdown", "", ""},
}

func TestRefusedLinesSayWhyInOneLineFirst(t *testing.T) {
	for _, tt := range refused {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, ended())
			b.putPresets(t)
			if code := b.run(tt.line); code != 2 {
				t.Errorf("exit code: got %d, want 2", code)
			}
			first, _, _ := strings.Cut(b.err.String(), "\n")
			if !strings.HasPrefix(first, "kdyno: ") || !strings.Contains(first, tt.first) {
				t.Errorf("first line: got %q, want kdyno: and %q", first, tt.first)
			}
			if !strings.Contains(b.err.String(), tt.rest) {
				t.Errorf("stderr: got %q, want %q in it", b.err.String(), tt.rest)
			}
			if strings.Contains(b.err.String(), "\n\n") || strings.Contains(b.err.String(), "\x1b") {
				t.Errorf("stderr: got %q, want neither blank lines nor colours", b.err.String())
			}
			if b.out.Len() > 0 {
				t.Errorf("stdout: got %q, want nothing", b.out.String())
			}
			if len(b.configs) > 0 {
				t.Error("a session was opened")
			}
		})
	}
}

func TestRefusedLinesAreAnsweredInJSONToo(t *testing.T) {
	for _, tt := range refused {
		b := newBench(t, ended())
		b.putPresets(t)
		if code := b.run(tt.line + " --json"); code != 2 {
			t.Errorf("%s: exit code: got %d, want 2", tt.line, code)
			continue
		}
		e, ok := b.object(t)["error"].(map[string]any)
		if !ok || e["kind"] != "usage" || e["message"] == "" {
			t.Errorf("%s: got %s, want an error of kind usage", tt.line, b.out.String())
			continue
		}
		// Some of these take no --json, and then that is what is said.
		if said := e["message"].(string); !strings.Contains(said, "--json") && (!strings.Contains(said, tt.first) && tt.first != "" || e["key"] != tt.key) {
			t.Errorf("%s: got %v, want %q and key %q", tt.line, e, tt.first, tt.key)
		}
		if !strings.HasPrefix(b.err.String(), "kdyno: ") {
			t.Errorf("%s: stderr: got %q, want the same for people", tt.line, b.err.String())
		}
	}
}

func TestFlagsReachTheEngine(t *testing.T) {
	tests := []struct {
		line string
		set  map[string]string
		want engine.Config
	}{
		{"run --for 10s", map[string]string{}, engine.Config{For: 10 * time.Second}},
		{"--records 5", map[string]string{}, engine.Config{Records: 5}},
		{
			"run --for 1s --rate 50k --size 1KiB --acks 1 --seed 7",
			map[string]string{"load.rate": "50000", "load.record.bytes": "1024", "acks": "1", "load.seed": "7"},
			engine.Config{For: time.Second},
		},
		{"run --for 1s --preset orders", map[string]string{"linger.ms": "20", "acks": "1"}, engine.Config{For: time.Second}},
		{"run --for 1s --set linger.ms=9 --preset orders", map[string]string{"linger.ms": "9", "acks": "1"}, engine.Config{For: time.Second}},
		{"run --for 1s --rate 5 --set load.rate=6", map[string]string{"load.rate": "6"}, engine.Config{For: time.Second}},
		{"run --for 1s --set load.rate=6 --rate 5", map[string]string{"load.rate": "5"}, engine.Config{For: time.Second}},
		{"run --for 1s --set client.id=", map[string]string{"client.id": ""}, engine.Config{For: time.Second}},
		{"run --for 1s --set client.id=a=b", map[string]string{"client.id": "a=b"}, engine.Config{For: time.Second}},
		{
			"run --for 1s --brokers h:1,[::1]:2 --topic 'a, b' --create --yes",
			map[string]string{"bootstrap.servers": "h:1,[::1]:2"},
			engine.Config{For: time.Second, Brokers: []string{"h:1", "[::1]:2"}, Topics: []string{"a", "b"}, Create: true, Yes: true},
		},
		{
			"run --for 9s --at '5s=pause' --at '3s=set linger.ms=5ms acks=1'",
			map[string]string{},
			engine.Config{For: 9 * time.Second, At: []step.Timed{
				{At: 3 * time.Second, Step: step.Step{Verb: step.Set, Set: []step.Assignment{{Key: "linger.ms", Text: "5ms"}, {Key: "acks", Text: "1"}}}},
				{At: 5 * time.Second, Step: step.Step{Verb: step.Pause}},
			}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			b := newBench(t, ended())
			b.putPresets(t)
			if code := b.run(tt.line); code != 0 || len(b.configs) != 1 {
				t.Fatalf("got code %d and %d sessions: %s", code, len(b.configs), b.err.String())
			}
			got := b.configs[0]
			if diff := cmp.Diff(tt.set, got.Values.SetMap()); diff != "" {
				t.Errorf("set differs (-want +got):\n%s", diff)
			}
			got.Values, got.Resolve = setting.Values{}, nil
			tt.want.Version = "v1.2.3"
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("config differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResolveFindsPresetsForSteps(t *testing.T) {
	b := newBench(t, ended())
	b.putPresets(t)
	if code := b.run("run --for 9s --at '3s=preset orders'"); code != 0 {
		t.Fatalf("got code %d: %s", code, b.err.String())
	}
	v, err := b.configs[0].Resolve("orders")
	if err != nil || v.Text("linger.ms") != "20" {
		t.Errorf("orders: got %v %v, want linger.ms 20", v.SetMap(), err)
	}
	if _, err := b.configs[0].Resolve("nope"); err == nil {
		t.Error("nope: got values, want an error")
	}
}

func TestRunNeedsNoFolderForPresets(t *testing.T) {
	b := newBench(t, ended())
	b.Presets = func() (*presets.Store, error) { return nil, errors.New("no home") }
	if code := b.run("run --for 1s"); code != 0 {
		t.Errorf("got code %d: %s", code, b.err.String())
	}
	if code := b.run("run --for 1s --preset a"); code != 2 || !strings.Contains(b.err.String(), "no home") {
		t.Errorf("with a preset: got code %d: %s", code, b.err.String())
	}
}

func TestEngineErrorsGiveTheirExitCodes(t *testing.T) {
	tests := []struct {
		err  error
		code int
		kind string
	}{
		{&engine.Error{Kind: engine.Usage, Say: "bad", Hint: "do", Key: "acks"}, 2, "usage"},
		{&engine.Error{Kind: engine.Rail, Say: "internal topic", Hint: "do"}, 3, "rail"},
		{&engine.Error{Kind: engine.Unreachable, Say: "nobody answers", Hint: "do"}, 4, "unreachable"},
		{fmt.Errorf("open: %w", &engine.Error{Kind: engine.Rail, Say: "wrapped", Hint: "do"}), 3, "rail"},
		{errors.New("something broke"), 1, "internal"},
	}
	for _, tt := range tests {
		b := newBench(t, nil)
		b.Open = func(engine.Config) (Session, error) { return nil, tt.err }
		if code := b.run("run --for 1s --json"); code != tt.code {
			t.Errorf("at the start: %v: got code %d, want %d", tt.err, code, tt.code)
		}
		if e := b.object(t)["error"].(map[string]any); e["kind"] != tt.kind {
			t.Errorf("at the start: %v: got %v, want kind %s", tt.err, e, tt.kind)
		}
		f := ended()
		f.err = tt.err
		b = newBench(t, f)
		if code := b.run("run --for 1s --json -q"); code != tt.code {
			t.Errorf("on the way: %v: got code %d, want %d", tt.err, code, tt.code)
		}
		o := b.object(t)
		if e := o["error"].(map[string]any); e["kind"] != tt.kind || o["schema"] != "kdyno.report/1" {
			t.Errorf("on the way: %v: got %v, want the report with the error", tt.err, o)
		}
	}
}

func TestReportIsOneObjectWithoutAnErrorAfterAGoodEnd(t *testing.T) {
	b := newBench(t, ended())
	if code := b.run("run --for 1s --json -q"); code != 0 {
		t.Fatalf("got code %d: %s", code, b.err.String())
	}
	o := b.object(t)
	if _, bad := o["error"]; bad || o["records"].(map[string]any)["acked"] != 100.0 {
		t.Errorf("got %v, want a report without error", o)
	}
	if b.err.Len() > 0 {
		t.Errorf("stderr: got %q, want nothing with -q", b.err.String())
	}
}

func TestSettings(t *testing.T) {
	b := newBench(t, nil)
	if code := b.run("settings"); code != 0 {
		t.Fatalf("got code %d", code)
	}
	for _, row := range setting.Rows() {
		if !strings.Contains(b.out.String(), "\n"+string(row.Key)+" ") {
			t.Errorf("list: %s is missing", row.Key)
		}
	}
	if code := b.run("settings linger.ms acks"); code != 0 || strings.Index(b.out.String(), "linger.ms (") != 0 || !strings.Contains(b.out.String(), "\nacks (") {
		t.Errorf("explained: got code %d and %q", code, b.out.String())
	}
	for line := range strings.Lines(b.out.String()) {
		if len(strings.TrimSuffix(line, "\n")) > lineWidth {
			t.Errorf("explained: a line of %d: %q", len(line), line)
		}
	}
	var want strings.Builder
	if err := setting.Markdown(&want, dialect.DefaultsLine); err != nil {
		t.Fatal(err)
	}
	if b.run("settings --markdown"); b.out.String() != want.String() {
		t.Error("markdown: got something else than the table writes")
	}
}

func TestSettingsJSONKeepsTheContract(t *testing.T) {
	b := newBench(t, nil)
	if code := b.run("settings --json linger.ms acks stand.link.rtt max.in.flight.requests.per.connection"); code != 0 {
		t.Fatalf("got code %d", code)
	}
	var got []map[string]any
	decodeJSON(t, b.out.String(), &got)
	fields := []string{"key", "scope", "group", "type", "default", "min", "max", "enum", "unit", "how", "note", "doc"}
	for _, row := range got {
		for _, f := range fields {
			if _, ok := row[f]; !ok {
				t.Errorf("%v: %s is missing", row["key"], f)
			}
		}
	}
	for _, f := range []struct {
		row   int
		field string
		want  any
	}{
		{0, "key", "linger.ms"},
		{0, "scope", "producer"},
		{0, "type", "long"},
		{0, "default", "5"},
		{0, "min", 0.0},
		{0, "max", nil},
		{0, "unit", "ms"},
		{1, "default", "all"},
		{1, "enum", []any{"0", "1", "all"}},
		{1, "min", nil},
		{2, "scope", "stand"},
		{2, "min", "0"},
		{3, "min", 1.0},
		{3, "max", 2147483647.0},
	} {
		if diff := cmp.Diff(f.want, got[f.row][f.field]); diff != "" {
			t.Errorf("%v.%s differs (-want +got):\n%s", got[f.row]["key"], f.field, diff)
		}
	}
	b.run("settings --json")
	decodeJSON(t, b.out.String(), &got)
	if len(got) != len(setting.Rows()) {
		t.Errorf("got %d rows, want %d", len(got), len(setting.Rows()))
	}
}

func TestPresetsFromSaveToShow(t *testing.T) {
	b := newBench(t, nil)
	if code := b.run("presets list"); code != 0 || !strings.Contains(b.out.String(), "no presets of your own yet in "+b.dir) || !strings.Contains(b.out.String(), "\ncard-payments ") {
		t.Errorf("none yet: got code %d and %q", code, b.out.String())
	}
	var none []map[string]any
	b.run("presets list --json")
	decodeJSON(t, b.out.String(), &none)
	if len(none) != len(presets.BuiltIns()) || none[0]["builtin"] != true || none[0]["path"] != "" {
		t.Errorf("none yet: got %d, want the built-in ones", len(none))
	}
	path := filepath.Join(b.dir, "orders.yaml")
	if code := b.run("presets save orders --set linger.ms=20ms --set load.rate=10k"); code != 0 || b.out.String() != "saved orders with 2 set: "+path+"\n" {
		t.Errorf("save: got code %d, %q, %q", code, b.out.String(), b.err.String())
	}
	if code := b.run("presets save zstd --preset orders --set compression.type=zstd --set linger.ms=5"); code != 0 {
		t.Errorf("save from another: got code %d: %s", code, b.err.String())
	}
	b.run("presets show zstd")
	want := schemaLine + "name: zstd\nproducer:\n  linger.ms: 5\n  compression.type: zstd\nload:\n  load.rate: 10000\n"
	if diff := cmp.Diff(want, b.out.String()); diff != "" {
		t.Errorf("show differs (-want +got):\n%s", diff)
	}
	b.put(t, "torn.yaml", "schema: [")
	if code := b.run("presets list"); code != 0 || !strings.Contains(b.out.String(), "cannot be read") || !strings.Contains(b.out.String(), "orders ") {
		t.Errorf("list: got code %d and %q", code, b.out.String())
	}
	b.run("presets list --json")
	var list []map[string]any
	decodeJSON(t, b.out.String(), &list)
	wantEntry := map[string]any{
		"name": "orders", "builtin": false, "note": "", "path": path,
		"set": map[string]any{"linger.ms": "20", "load.rate": "10000"},
	}
	if diff := cmp.Diff(wantEntry, list[0]); diff != "" {
		t.Errorf("entry differs (-want +got):\n%s", diff)
	}
}

func TestSaveThatCannotBeWrittenSaysWhatToDo(t *testing.T) {
	b := newBench(t, nil)
	b.put(t, "x", "")
	b.dir = filepath.Join(b.dir, "x", "presets") // below a file
	b.Presets = func() (*presets.Store, error) { return presets.Open(b.dir) }
	if code := b.run("presets save a"); code != 2 || !strings.Contains(b.err.String(), "XDG_CONFIG_HOME") {
		t.Errorf("got code %d: %s, want 2 and what to do", code, b.err.String())
	}
}

func TestVersionNamesKdynoGoAndTheClient(t *testing.T) {
	b := newBench(t, nil)
	if code := b.run("version"); code != 0 || !strings.HasPrefix(b.out.String(), "kdyno v1.2.3\ngo1.") || !strings.HasSuffix(b.out.String(), "\nfranz-go v1.22.2\n") {
		t.Errorf("got code %d and %q", code, b.out.String())
	}
	b.Build = nil
	if code := b.run("version"); code != 0 || !strings.HasPrefix(b.out.String(), "kdyno unknown\n") {
		t.Errorf("without build information: got code %d and %q", code, b.out.String())
	}
}

func TestHelpGoesToStdout(t *testing.T) {
	t.Setenv("TERM", "dumb")
	b := newBench(t, nil)
	for _, line := range []string{"--help", "help", "run --help", "help presets save", "completion zsh"} {
		if code := b.run(line); code != 0 || b.out.Len() == 0 || b.err.Len() > 0 {
			t.Errorf("%s: got code %d, %d bytes on stdout, stderr %q", line, code, b.out.Len(), b.err.String())
		}
		if strings.Contains(b.out.String(), "\x1b") {
			t.Errorf("%s: got colours on a dumb terminal", line)
		}
	}
}

// broken is a stream whose reader went away, or whose disk is full.
type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }

func TestStdoutThatIsGone(t *testing.T) {
	for _, line := range []string{"settings", "run --for 1s", "run --for 1s --json", "--help", "presets list"} {
		b := newBench(t, ended())
		b.Out = broken{&writeError{syscall.EPIPE}}
		if code := b.run(line + " "); code != 0 || strings.Contains(b.err.String(), "kdyno:") {
			t.Errorf("%s: closed pipe: got code %d: %s, want a quiet end", line, code, b.err.String())
		}
		b = newBench(t, ended())
		b.Out = broken{&writeError{syscall.ENOSPC}}
		if code := b.run(line); code != 1 || !strings.Contains(b.err.String(), "cannot write the result") {
			t.Errorf("%s: full disk: got code %d: %s, want 1 and why", line, code, b.err.String())
		}
	}
	b := newBench(t, ended())
	b.Err = broken{&writeError{syscall.EPIPE}}
	if code := b.run("run --for 1s"); code != 0 || b.out.Len() == 0 {
		t.Errorf("no stderr: got code %d and %q, want the report", code, b.out.String())
	}
}

type writeError struct{ errno syscall.Errno }

func (e *writeError) Error() string { return "write: " + e.errno.Error() }
func (e *writeError) Unwrap() error { return e.errno }

// Brokers and certificates have a say in errors, and people print errors on terminals.
func TestErrorsCarryNothingThatATerminalObeys(t *testing.T) {
	const hostile = "is for \x1b]0;owned\x07\x1b[2J\u202egro, refused\r\nkdyno: all is well"
	for _, flags := range []string{"", " --json", " -q"} {
		f := session(0)
		close(f.done)
		f.state, f.say = telemetry.Unreachable, hostile
		f.err = &engine.Error{Kind: engine.Unreachable, Say: hostile, Hint: hostile}
		b := newBench(t, f)
		if code := b.run("run --for 1s" + flags); code != 4 {
			t.Errorf("exit code %d, want 4", code)
		}
		shown := b.out.String() + b.err.String()
		if strings.ContainsAny(shown, "\x1b\x07\r\u202e") || !strings.Contains(shown, `\u001b]0;owned`) || strings.Contains(shown, "\nkdyno: all") {
			t.Errorf("run%s: got %q, want it spelled out", flags, shown)
		}
	}
	var b bytes.Buffer
	newProgress(&b).show(&telemetry.Snapshot{At: time.Second, State: telemetry.Unreachable, Say: hostile})
	if got := b.String(); strings.ContainsAny(got, "\x1b\x07\r\u202e") || strings.Count(got, "\n") != 1 || !strings.Contains(got, `\u001b]0;owned`) {
		t.Errorf("progress: got %q, want it spelled out on one line", got)
	}
}
