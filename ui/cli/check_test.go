package cli

import (
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
	"kdyno/presets"
)

// file writes a file beside the presets and returns its path.
func (*bench) file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const javaFile = `# orders service
bootstrap.servers=kafka-1:9092,kafka-2:9092
key.serializer=org.apache.kafka.common.serialization.StringSerializer
value.serializer=org.apache.kafka.common.serialization.StringSerializer
client.id=orders
`

func TestCheckJudgesFiles(t *testing.T) {
	tests := []struct {
		name, file, text string
		code             int
		want             []string // on stdout
		not              []string
	}{
		{"nothing wrong", "a.properties", javaFile, 0, []string{"guarantee: exactly once per partition", "(java, 4 set): 0 errors, 0 warnings"}, []string{"warning:"}},
		{
			"refused by Java", "a.properties", javaFile + "acks=1\nenable.idempotence=true\n", 1,
			[]string{":7: error: enable.idempotence=true needs acks=all", "fix: acks=all", "with acks on line 6", "see KIP-98", "As it is the client refuses it", "guarantee: at least once"},
			[]string{"guarantee: exactly"},
		},
		{"a value that is none", "a.properties", javaFile + "linger.ms=5ms\nacks=1\n", 1, []string{":6: error: linger.ms: \"5ms\" is not a whole number", ":7: warning: acks=1 quietly turns"}, nil},
		{"quiet changes", "a.properties", javaFile + "linger.ms=200000\n", 0, []string{"quietly changed:", "delivery.timeout.ms 2 min > 230 s", ":6: warning: delivery.timeout.ms is quietly raised"}, nil},
		{
			"left to variables", "a.properties", javaFile + "acks=${ACKS}\nenable.idempotence=true\nlinger.ms=${LINGER}\n", 0,
			[]string{"not judged:", ":6: acks is ${ACKS}", "guarantee: unknown", "0 errors, 0 warnings"},
			[]string{"needs acks=all"},
		},
		{"what the program adds", "a.properties", "acks=all\nclient.id=x\n", 0, []string{"warning: Nothing in it sets bootstrap.servers, key.serializer, value.serializer."}, nil},
		{"empty addresses", "a.properties", strings.Replace(javaFile, "kafka-1:9092,kafka-2:9092", "", 1), 1, []string{":2: error: bootstrap.servers is empty."}, nil},
		{
			"a class that is gone", "a.properties", javaFile + "partitioner.class=org.apache.kafka.clients.producer.UniformStickyPartitioner\n", 1,
			[]string{":6: error: partitioner.class: This class is gone since Kafka 4.0."},
			nil,
		},
		{
			"nothing but a class that is gone", "a.properties", "partitioner.class=org.apache.kafka.clients.producer.UniformStickyPartitioner\n", 1,
			[]string{":1: error: partitioner.class: This class is gone since Kafka 4.0."},
			nil,
		},
		{"a class of one's own", "a.properties", javaFile + "partitioner.class=com.example.Mine\n", 0, []string{"not judged:", ":6: partitioner.class: A class of your own"}, nil},
		{
			"Kerberos", "a.properties", javaFile + "security.protocol=SASL_PLAINTEXT\nsasl.jaas.config=com.sun.security.auth.module.Krb5LoginModule required;\n", 0,
			[]string{"not judged:", "0 errors"},
			[]string{"GSSAPI", "needs sasl.jaas.config"},
		},
		{"a login without credentials", "a.properties", javaFile + "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n", 1, []string{"error: security.protocol=SASL_PLAINTEXT needs sasl.jaas.config"}, nil},
		{
			"another client", "a.conf", "metadata.broker.list=a:9092,b:9092\nclient.id=x\nmessage.timeout.ms=1000\nqueue.buffering.max.kbytes=500\n", 0,
			[]string{":3: warning: delivery.timeout.ms is 1000, below", "(librdkafka, 4 set)"},
			[]string{"the Java client", "does not fit into buffer.memory"},
		},
		{"another client, refused everywhere", "main.go", "kgo.NewClient(kgo.SeedBrokers(\"a:1\", \"b:1\"), kgo.RequiredAcks(kgo.LeaderAck()))", 1, []string{"main.go:1: error: enable.idempotence=true needs acks=all"}, []string{"the Java client"}},
		{"Spring", "application.yml", "spring:\n  kafka:\n    client-id: x\n    producer:\n      retries: 0\n      properties:\n        enable.idempotence: true\n", 1, []string{"application.yml:7: error: enable.idempotence=true needs retries above 0."}, []string{"Nothing in it sets"}},
		{
			"a preset's file", "p.yaml", schemaLine + "producer:\n  client.id: x\n  linger.ms: soon\n  acks: 1\n  lingr: 5\nload:\n  acks: all\n", 1,
			[]string{"p.yaml:4: error: linger.ms:", "p.yaml:6: error: there is no setting", "p.yaml:8: error: acks stands under load:", "p.yaml:5: warning: acks=1 quietly", "(preset, 2 set)"},
			nil,
		},
		{"a newer preset's file", "p.yaml", "schema: kdyno.preset/3\nproducer:\n  client.id: x\n", 1, []string{"p.yaml:1: error: schema \"kdyno.preset/3\" is of a newer kdyno"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, nil)
			path := b.file(t, tt.file, tt.text)
			if code := b.run("check " + path); code != tt.code {
				t.Errorf("exit code %d, want %d: %s", code, tt.code, b.err.String())
			}
			flat := strings.Join(strings.Fields(b.out.String()), " ")
			for _, want := range tt.want {
				if !strings.Contains(flat, want) {
					t.Errorf("got no %q in\n%s", want, b.out.String())
				}
			}
			for _, not := range tt.not {
				if strings.Contains(flat, not) {
					t.Errorf("got %q in\n%s", not, b.out.String())
				}
			}
			for line := range strings.Lines(b.out.String()) {
				if len(line) > lineWidth+1 && !strings.Contains(line, path) {
					t.Errorf("a line of %d: %q", len(line), line)
				}
			}
			if b.err.Len() > 0 || len(b.asked) > 0 {
				t.Errorf("stderr %q, %d clusters asked; want neither", b.err.String(), len(b.asked))
			}
		})
	}
}

func TestCheckKeepsTheContract(t *testing.T) {
	b := newBench(t, nil)
	path := b.file(t, "a.properties", javaFile+"acks=1\nlinger.ms=200000\nretries=${R}\n")
	if code := b.run("check --json " + path); code != 0 {
		t.Fatalf("got code %d: %s", code, b.err.String())
	}
	o := b.object(t)
	for _, name := range []string{"dialect", "guarantee", "problems", "effective", "differences"} {
		if _, there := o[name]; !there {
			t.Errorf("%s is missing", name)
		}
	}
	effective := o["effective"].(map[string]any)
	for k, want := range map[string]any{"enable.idempotence": "false", "delivery.timeout.ms": "230000", "retries": "${R}", "batch.size": "16384"} {
		if effective[k] != want {
			t.Errorf("effective %s: got %v, want %v", k, effective[k], want)
		}
	}
	if _, load := effective["load.rate"]; load {
		t.Error("a load that the file does not set is effective")
	}
	differences := o["differences"].([]any)
	first := differences[0].(map[string]any)
	want := map[string]any{"key": "enable.idempotence", "asked": "true", "effective": "false"}
	why := first["why"]
	delete(first, "why")
	if diff := cmp.Diff(want, first); diff != "" || why == "" {
		t.Errorf("difference: why %v (-want +got):\n%s", why, diff)
	}
	var problem map[string]any
	for _, p := range o["problems"].([]any) {
		if m := p.(map[string]any); strings.Contains(m["say"].(string), "quietly raised") {
			problem = m
		}
	}
	for name, want := range map[string]any{
		"severity": "warning", "line": 7.0, "keys": []any{"delivery.timeout.ms", "linger.ms", "request.timeout.ms"},
		"fix": map[string]any{"delivery.timeout.ms": "230000"}, "lines": map[string]any{"linger.ms": 7.0},
	} {
		if diff := cmp.Diff(want, problem[name]); diff != "" {
			t.Errorf("problem: %s (-want +got):\n%s", name, diff)
		}
	}
	if problem["why"] == "" || problem["source"] == "" {
		t.Errorf("got %v, want why and source", problem)
	}
	if o["guarantee"].(map[string]any)["name"] != "unknown" {
		t.Errorf("got guarantee %v, want it unknown: retries decides", o["guarantee"])
	}
}

func TestCheckIsStrictWhereItIsAsked(t *testing.T) {
	b := newBench(t, nil)
	path := b.file(t, "a.properties", javaFile+"acks=1\n")
	for line, want := range map[string]int{"check " + path: 0, "check --strict " + path: 1, "check --strict " + path + " --set acks=all": 0, "check " + path + " --set enable.idempotence=true": 1} {
		if code := b.run(line); code != want {
			t.Errorf("%s: got code %d, want %d\n%s%s", line, code, want, b.out.String(), b.err.String())
		}
	}
}

func TestCheckTakesPresets(t *testing.T) {
	b := newBench(t, nil)
	b.putPresets(t)
	for name, want := range map[string]int{"orders": 0, "card-payments": 0, "kafka2": 0, "cluster": 0, "twice": 1} {
		if code := b.run("check " + name); code != want || !strings.Contains(b.out.String(), "(preset, ") {
			t.Errorf("%s: got code %d and %q %s, want %d", name, code, b.out.String(), b.err.String(), want)
		}
	}
	b.run("check --json orders")
	if o := b.object(t); o["dialect"] != "kdyno" {
		t.Errorf("dialect: got %v", o["dialect"])
	}
}

func TestCheckAsksTheClusterOnlyIfToldTo(t *testing.T) {
	b := newBench(t, nil)
	path := b.file(t, "a.properties", javaFile+"batch.size=200000\nsecurity.protocol=SSL\n")
	b.facts = setting.Facts{Brokers: 3, Partitions: 6, Replication: 3, MinInsync: 1, MaxMessageBytes: 100000, ReplicaLagMs: 60000}
	if code := b.run("check " + path + " --brokers 127.0.0.1:9093 --topic orders"); code != 0 {
		t.Fatalf("got code %d: %s", code, b.err.String())
	}
	for _, want := range []string{"above the broker's message.max.bytes", "min.insync.replicas=1", "replica.lag.time.max.ms (1 min)"} {
		if flat := strings.Join(strings.Fields(b.out.String()), " "); !strings.Contains(flat, want) {
			t.Errorf("got no %q in\n%s", want, b.out.String())
		}
	}
	if len(b.asked) != 1 || !slices.Equal(b.asked[0].Brokers, []string{"127.0.0.1:9093"}) || b.asked[0].Values.Text(setting.SecurityProtocol) != setting.SSL {
		t.Errorf("asked %+v, want the cluster of --brokers, by the file's own protocol", b.asked)
	}
	if strings.Contains(b.out.String(), "one host only") {
		t.Error("the file's bootstrap.servers were replaced by --brokers")
	}
}

func TestCheckShowsNoSecretAndNoControls(t *testing.T) {
	b := newBench(t, nil)
	path := b.file(t, "a.properties", javaFile+"ssl.key.password=CANARY-7\nsasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"a\" password=\"CANARY-7\";\nclient.id=a\\u001b[31mb\nlingr\\u202ems=5\n")
	for _, line := range []string{"check " + path, "check --json " + path} {
		b.run(line)
		if all := b.out.String() + b.err.String(); strings.Contains(all, "CANARY") || strings.Contains(all, "\x1b") || strings.Contains(all, "\u202e") {
			t.Errorf("%s: got %q", line, all)
		}
	}
}

// BenchmarkCheck judges a service's file, from the command line to the text.
func BenchmarkCheck(b *testing.B) {
	path := filepath.Join(b.TempDir(), "service.properties")
	if err := os.WriteFile(path, []byte(javaFile+"acks=1\nenable.idempotence=true\nlinger.ms=200000\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		w := World{Out: io.Discard, Err: io.Discard, Build: &debug.BuildInfo{}, Presets: func() (*presets.Store, error) { return presets.Open(b.TempDir()) }}
		if code := Main(w, []string{"check", path}); code != 1 {
			b.Fatalf("got code %d", code)
		}
	}
}
