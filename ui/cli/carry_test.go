package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
	"kdyno/presets/dialect"
)

// putFile puts a file into a folder of its own and gives its path.
func putFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const service = `# the order service
client.id=orders
linger.ms=20
acks=1
key.serializer=org.apache.kafka.common.serialization.StringSerializer
group.id=x
lingr.ms=7
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="hunter2";
`

func TestImportSavesWhatAFileSetsAndTellsTheRest(t *testing.T) {
	b := newBench(t, ended())
	path := putFile(t, "service.properties", service)
	if code := b.run("presets import " + path); code != 0 {
		t.Fatalf("exit code %d: %s", code, b.err.String())
	}
	for _, want := range []string{
		"saved service with 3 set: ", "not saved, since presets hold no secrets: sasl.jaas.config", "left out, since it means nothing here: key.serializer",
		":7:1: lingr.ms is no setting", "linger.ms?", "group.id is no business of a producer",
	} {
		if !strings.Contains(b.out.String(), want) {
			t.Errorf("got %q, want %q in it", b.out.String(), want)
		}
	}
	saved, err := os.ReadFile(filepath.Join(b.dir, "service.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := "schema: kdyno.preset/1\nname: service\nnote: imported from service.properties (java)\nproducer:\n  client.id: orders\n  acks: 1\n  linger.ms: 20\n"
	if diff := cmp.Diff(want, string(saved)); diff != "" {
		t.Errorf("preset (-want +got):\n%s", diff)
	}
	if strings.Contains(b.out.String()+b.err.String()+string(saved), "hunter2") {
		t.Error("the secret is told")
	}
}

func TestImportKeepsAnotherPresetOfTheFilesName(t *testing.T) {
	b := newBench(t, ended())
	b.putPresets(t)
	path := putFile(t, "orders.properties", "linger.ms=7\n")
	if code := b.run("presets import " + path); code != 2 || !strings.Contains(b.err.String(), "insist with --name orders") {
		t.Errorf("got %d and %q, want a refusal that says how", code, b.err.String())
	}
	if code := b.run("presets import " + path + " --name orders"); code != 0 {
		t.Errorf("with --name: got %d and %q", code, b.err.String())
	}
	if code := b.run("presets import " + path); code != 0 {
		t.Errorf("the same again: got %d and %q", code, b.err.String())
	}
}

func TestImportRefusesWhatTheClientRefuses(t *testing.T) {
	tests := []struct{ name, text, first, key string }{
		{"service.properties", "acks=1\nlinger.ms=5ms\nbatch.size=x\n", "service.properties:2:1: linger.ms: \"5ms\" is not a whole number", "linger.ms"},
		{"service.properties", "acks=1\nenable.idempotence=true\n", "service.properties:2:1: enable.idempotence=true needs acks=all", "enable.idempotence"},
		{"a.yml", "spring:\n  kafka:\n    producer: {acks: 1, acks: 2}\n", "a.yml:3:25: acks stands here again", ""},
		{"a.txt", "hello\n", "nothing in it looks like", ""},
		{"a.properties", "spring.kafka.consumer.group-id=x\n", "nothing in it is a producer's setting, read as spring", ""},
		{"a b.properties", "acks=1\n", "holds a character", ""},
	}
	for _, tt := range tests {
		b := newBench(t, ended())
		path := putFile(t, tt.name, tt.text)
		code := Main(b.World, []string{"presets", "import", path})
		if first, _, _ := strings.Cut(b.err.String(), "\n"); code != 2 || !strings.Contains(first, tt.first) {
			t.Errorf("%s: got %d and %q, want %q", tt.text, code, first, tt.first)
		}
		if _, err := os.Stat(b.dir); err == nil {
			t.Errorf("%s: something was saved", tt.text)
		}
	}
}

func TestExportWritesEveryDialect(t *testing.T) {
	b := newBench(t, ended())
	b.putPresets(t)
	for _, name := range dialect.Names() {
		if code := b.run("presets export orders --dialect " + name); code != 0 {
			t.Fatalf("%s: exit code %d: %s", name, code, b.err.String())
		}
		im, err := dialect.Read("", b.out.Bytes())
		if err != nil || im.Dialect != name || im.Values.Text(setting.LingerMs) != "20" || im.Values.Text(setting.Acks) != "1" {
			t.Errorf("%s: read back as %s with %v: %v", name, im.Dialect, im.Values.SetMap(), err)
		}
	}
}

func TestExportTakesAFileAndNeverOverwrites(t *testing.T) {
	b := newBench(t, ended())
	path := putFile(t, "service.properties", service)
	to := filepath.Join(t.TempDir(), "out.conf")
	if code := b.run("presets export " + path + " --dialect librdkafka -o " + to); code != 0 || b.out.String() != "wrote "+to+"\n" {
		t.Fatalf("got %d, %q and %q", code, b.out.String(), b.err.String())
	}
	text, err := os.ReadFile(to)
	if err != nil || !strings.Contains(string(text), "\nlinger.ms=20\n") || strings.Contains(string(text), "hunter2") {
		t.Errorf("got %v and %s", err, text)
	}
	if code := b.run("presets export " + path + " --dialect java -o " + to); code != 2 || !strings.Contains(b.err.String(), "there is something already") {
		t.Errorf("got %d and %q, want a refusal", code, b.err.String())
	}
	if again, _ := os.ReadFile(to); string(again) != string(text) {
		t.Error("the file was written over")
	}
}

func TestDiffComparesPresetsAndFiles(t *testing.T) {
	b := newBench(t, ended())
	b.putPresets(t)
	path := putFile(t, "service.properties", "linger.ms=5\nacks=1\nretries=3\n")
	if code := b.run("presets diff orders " + path + " --json"); code != 0 {
		t.Fatalf("exit code %d: %s", code, b.err.String())
	}
	want := `[{"key":"retries","old":"2147483647","new":"3"},{"key":"linger.ms","old":"20","new":"5"}]` + "\n"
	if diff := cmp.Diff(want, b.out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b.run("presets diff orders " + path)
	if want := "KEY         ORDERS       SERVICE\nretries     2147483647   3\nlinger.ms   20 ms        5 ms\n"; b.out.String() != want {
		t.Errorf("got %q, want %q", b.out.String(), want)
	}
	b.run("presets diff orders orders")
	if want := "orders and orders have the same values\n"; b.out.String() != want {
		t.Errorf("got %q, want %q", b.out.String(), want)
	}
}

func TestRenameAndRemove(t *testing.T) {
	b := newBench(t, ended())
	b.putPresets(t)
	for _, tt := range []struct {
		line string
		code int
		says string
	}{
		{"presets rename orders sales", 0, "renamed orders to sales: "},
		{"presets show sales", 0, "name: sales"},
		{"presets rename orders x", 2, `no preset named "orders"`},
		{"presets rename sales cluster", 2, "there is one of this name already"},
		{"presets rename sales ../x", 2, "is a path"},
		{"presets remove sales", 0, "removed sales"},
		{"presets remove sales", 2, `no preset named "sales"`},
	} {
		if code := b.run(tt.line); code != tt.code || !strings.Contains(b.out.String()+b.err.String(), tt.says) {
			t.Errorf("%s: got %d, %q and %q, want %d and %q", tt.line, code, b.out.String(), b.err.String(), tt.code, tt.says)
		}
	}
}

// TestSourcesWinInTheirOrder takes one key up through the layers.
func TestSourcesWinInTheirOrder(t *testing.T) {
	b := newBench(t, ended())
	b.putPresets(t)
	path := putFile(t, "service.properties", "linger.ms=30\n")
	env := map[string]string{}
	b.Env = func(name string) (string, bool) { text, ok := env[name]; return text, ok }
	shows := func(line, value, source string) {
		t.Helper()
		if code := b.run("run --print-config " + line); code != 0 {
			t.Fatalf("%s: exit code %d: %s", line, code, b.err.String())
		}
		for row := range strings.Lines(b.out.String()) {
			if f := strings.Fields(row); f[0] == "linger.ms" {
				if got := strings.Join(f[1:], " "); got != value+" "+source {
					t.Errorf("%s: got %q, want %q", line, got, value+" "+source)
				}
			}
		}
	}
	shows("", "5", "default")
	shows("--preset orders", "20", "preset orders")
	shows("--preset orders --config "+path, "30", path+":1")
	env["KDYNO_LINGER_MS"] = "40"
	shows("--preset orders --config "+path, "40", "KDYNO_LINGER_MS")
	shows("--preset orders --config "+path+" --set linger.ms=50", "50", "--set")
	if len(b.configs) > 0 {
		t.Error("--print-config opened a session")
	}
}

func TestConfigRunsWithAnyDialect(t *testing.T) {
	b := newBench(t, ended())
	path := putFile(t, "producer.py", "from confluent_kafka import Producer\np = Producer({'linger.ms': 7, 'acks': 1})\n")
	if code := b.run("run --for 1s --config " + path); code != 0 {
		t.Fatalf("exit code %d: %s", code, b.err.String())
	}
	v := b.configs[0].Values
	if v.Text(setting.LingerMs) != "7" || v.Text(setting.BatchSize) != "1000000" {
		t.Errorf("got %v, want the file's linger.ms and librdkafka's batch.size", v.SetMap())
	}
	if !strings.Contains(b.err.String(), "batch.size=1000000") {
		t.Errorf("got %q, want a word on what librdkafka does by itself", b.err.String())
	}
}

func TestConfigRefusesWhatItCannotRunWith(t *testing.T) {
	tests := []struct{ text, line, says string }{
		{"linger.ms=${LINGER}\n", "", "s.properties:1:1: linger.ms is ${LINGER}, and nothing fills that in here"},
		{"linger.ms=5ms\n", "", "s.properties:1:1: linger.ms"},
		{"transactional.id=a\n", "", "transactional.id is not built yet"},
		{"acks=1\n", " --dialect jav", `--dialect: there is no dialect "jav"`},
		{"security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=${JAAS}\n", "", "sasl.jaas.config is ${JAAS}"},
	}
	for _, tt := range tests {
		b := newBench(t, ended())
		path := putFile(t, "s.properties", tt.text)
		if code := b.run("run --for 1s --config " + path + tt.line); code != 2 || !strings.Contains(b.err.String(), tt.says) {
			t.Errorf("%q: got %d and %q, want %q", tt.text, code, b.err.String(), tt.says)
		}
		if len(b.configs) > 0 {
			t.Errorf("%q: a session was opened", tt.text)
		}
	}
	b := newBench(t, ended())
	path := putFile(t, "s.properties", "linger.ms=${LINGER}\nbootstrap.servers=${BROKERS}\n")
	if code := b.run("run --for 1s --set linger.ms=3 --config " + path); code != 0 {
		t.Errorf("filled in by --set: got %d and %q", code, b.err.String())
	}
}

// TestHelpNamesEveryDialect keeps the commands' help from falling behind.
func TestHelpNamesEveryDialect(t *testing.T) {
	b := newBench(t, ended())
	b.run("presets export --help")
	for _, name := range dialect.Names() {
		if !strings.Contains(b.out.String(), name) {
			t.Errorf("%s is not in the help", name)
		}
	}
}
