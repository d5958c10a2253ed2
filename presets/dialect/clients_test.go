//go:build integration

package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"go.yaml.in/yaml/v4"

	"kdyno/engine/setting"
)

const ci = "../../.ci"

// verdict is what a client made of one export.
type verdict struct {
	File    string
	Refused string
	Values  map[string]string
}

// judge runs a program that reads the exports in a folder.
func judge(t *testing.T, program string, args ...string) map[string]verdict {
	t.Helper()
	cmd := exec.Command(program, args...)
	var noise bytes.Buffer // librdkafka looks for brokers, and says so
	cmd.Stderr = &noise
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, noise.Bytes())
	}
	var all []verdict
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	byFile := map[string]verdict{}
	for _, v := range all {
		byFile[v.File] = v
	}
	return byFile
}

// classes are what the Java client can load; other rows of classes are left
// alone.
var classes = map[setting.Key][]string{
	setting.PartitionerClass: {"", setting.RoundRobin},
	"key.serializer":         {"org.apache.kafka.common.serialization.StringSerializer", "org.apache.kafka.common.serialization.ByteBufferSerializer"},
	"value.serializer":       {"org.apache.kafka.common.serialization.LongSerializer"},
}

// acceptable are random values that no client has a reason to refuse, as far as
// the table and the rules tell.
func acceptable(r *rand.Rand, share int) setting.Values {
	for {
		v := setting.Defaults()
		for _, row := range setting.Rows() {
			if r.IntN(share) > 0 || row.Secret || row.Key == "config.providers" || row.Key == "interceptor.classes" || row.Key == "transactional.id" || row.Key == "transaction.two.phase.commit.enable" {
				continue
			}
			of := candidates(row, r)
			if row.Kind.Type() == "class" {
				of = classes[row.Key]
			}
			if len(of) == 0 {
				continue
			}
			if with, err := v.With(row.Key, of[r.IntN(len(of))]); err == nil {
				v = with
			}
		}
		v, _ = v.With(setting.BootstrapServers, "127.0.0.1:1,127.0.0.1:2")
		refusals := setting.Refusals(v)
		wrong := slices.ContainsFunc(setting.Check(v, setting.Facts{}), func(p setting.Problem) bool {
			later := slices.ContainsFunc(refusals, func(l setting.Problem) bool { return l.Say == p.Say })
			return p.Severity == setting.Error && !later && !slices.Contains(p.Keys, setting.SASLJaasConfig) && !slices.Contains(p.Keys, setting.SASLMechanism)
		})
		if !wrong {
			return v
		}
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestJavaReadsEveryExport holds each value that ProducerConfig makes of an
// export against the one that was exported.
func TestJavaReadsEveryExport(t *testing.T) {
	libs := filepath.Join(ci, "kafka", "libs")
	if _, err := os.Stat(libs); err != nil {
		t.Fatalf("Kafka's jars are not there, .ci/kafka/up fetches them: %v", err)
	}
	dir, r := t.TempDir(), rand.New(rand.NewPCG(7, 8))
	given, lost := map[string]setting.Values{}, map[string][]Loss{}
	for n := range 60 {
		v := acceptable(r, 1+n%12)
		if usesLogin(v) {
			v = v.Without(setting.SecurityProtocol) // its secret is a variable that nobody fills in
		}
		for dialect, end := range map[string]string{
			"java": "properties", "java-code": "java", "perf-test": "perf", "spring": "spring.properties", "connect": "connect.properties",
		} {
			if dialect == "java-code" && (n%4 > 0 || v.Text(setting.SSLKeystoreLocation) != "") {
				continue
			}
			text, losses := export(t, dialect, v)
			wanted := v
			switch dialect {
			case "perf-test":
				text = shellWords(t, strings.Replace(text, perfConfig+" "+perfSecrets, "", 1))
			case "spring":
				text = springResolved(t, text)
			case "connect":
				text = connectResolved(text)
				wanted = v.Effective() // a worker has defaults of its own, so what Java would make of it is written out
			}
			name := fmt.Sprintf("%02d.%s", n, end)
			put(t, filepath.Join(dir, name), text)
			given[name], lost[name] = wanted, losses
		}
	}
	verdicts := judge(t, "java", "-cp", libs+"/*", filepath.Join(ci, "kafka", "ReadExports.java"), dir)
	for name, v := range given {
		got, ok := verdicts[name]
		if !ok || got.Refused != "" {
			text, _ := os.ReadFile(filepath.Join(dir, name))
			t.Errorf("%s: refused: %s\n%s", name, got.Refused, text)
			continue
		}
		for _, row := range setting.Rows() {
			if slices.ContainsFunc(lost[name], func(l Loss) bool {
				return l.Key == row.Key && row.Key != "key.serializer" && row.Key != "value.serializer"
			}) {
				continue
			}
			if row.Scope == setting.Producer && !row.Secret && !javaAgrees(row, v, got.Values[string(row.Key)]) {
				t.Errorf("%s: %s: Java has %q, want %q", name, row.Key, got.Values[string(row.Key)], v.Text(row.Key))
			}
		}
	}
}

// shellWords lets a shell part the words of a perf-test command, one a line.
func shellWords(t *testing.T, command string) string {
	t.Helper()
	script := "kafka-producer-perf-test() { printf '%s\\n' \"$@\"; }\n" + command
	out, err := exec.Command("bash", "-c", script).Output()
	if err != nil {
		t.Fatalf("%v in %s", err, command)
	}
	return string(out)
}

// springToKafka are the fields of Spring Boot's KafkaProperties.Producer, and
// what buildProperties hands to the Java client for them.
var springToKafka = map[string]string{
	"acks": "acks", "batch-size": "batch.size", "bootstrap-servers": "bootstrap.servers", "buffer-memory": "buffer.memory", "client-id": "client.id",
	"compression-type": "compression.type", "key-serializer": "key.serializer", "retries": "retries", "security.protocol": "security.protocol",
	"value-serializer": "value.serializer",
}

// springResolved is what a Spring Boot application hands to its producer: YAML
// read by its library and not by our reader, fields renamed, the map of
// properties as it stands.
func springResolved(t *testing.T, text string) string {
	t.Helper()
	var file struct {
		Spring struct {
			Kafka struct {
				Producer map[string]any
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	const own = "org.apache.kafka.common.serialization.StringSerializer" // where no field says otherwise
	var b strings.Builder
	b.WriteString("key.serializer=" + own + "\nvalue.serializer=" + own + "\n")
	var walk func(path string, at map[string]any)
	walk = func(path string, at map[string]any) {
		for name, value := range at {
			name = path + name
			if inner, deeper := value.(map[string]any); deeper {
				walk(name+".", inner)
				continue
			}
			kafka, field := springToKafka[name]
			if inner, mapped := strings.CutPrefix(name, "properties.["); mapped {
				kafka, field = strings.TrimSuffix(inner, "]"), true
			}
			if !field {
				t.Errorf("Spring has no field %s", name)
			}
			b.WriteString(kafka + "=" + javaEscaped(fmt.Sprint(value)) + "\n")
		}
	}
	walk("", file.Spring.Kafka.Producer)
	return b.String()
}

// javaEscaped is a value as Properties.load reads it back.
func javaEscaped(text string) string {
	var b strings.Builder
	for _, c := range utf16.Encode([]rune(text)) {
		if c > ' ' && c < 0x7f && c != '\\' {
			b.WriteRune(rune(c))
			continue
		}
		fmt.Fprintf(&b, "\\u%04x", c)
	}
	return b.String()
}

// connectResolved is what a worker of Kafka Connect hands to a connector's
// producer: Worker.baseProducerConfigs, and over them the file without its prefix.
func connectResolved(text string) string {
	base := "max.block.ms=9223372036854775807\nenable.idempotence=false\nmax.in.flight.requests.per.connection=1\ndelivery.timeout.ms=2147483647\n" +
		"key.serializer=" + serializer + "\nvalue.serializer=" + serializer + "\n"
	return base + strings.ReplaceAll("\n"+text, "\n"+connectWorker, "\n")
}

// javaAgrees compares a value with what ProducerConfig has. Some it changes
// by itself while it is made.
func javaAgrees(row setting.Row, v setting.Values, java string) bool {
	want := v.Text(row.Key)
	switch row.Key {
	case setting.ClientID:
		return want == java || want == "" && (strings.HasPrefix(java, "producer-") || java == "perf-producer-client")
	case setting.Acks:
		return want == java || want == "all" && java == "-1"
	case setting.EnableIdempotence:
		return v.Effective().Text(row.Key) == java
	case setting.PartitionerClass:
		return want == java || want == setting.RoundRobin && strings.HasSuffix(java, ".RoundRobinPartitioner")
	case "key.serializer", "value.serializer": // the perf test and Spring have their own
		return want == java || java == serializer || !v.IsSet(row.Key) && strings.HasSuffix(java, ".StringSerializer")
	case setting.ReconnectBackoffMaxMs: // raised with reconnect.backoff.ms, where it was not set
		return want == java || !v.IsSet(row.Key) && v.IsSet(setting.ReconnectBackoffMs)
	default:
	}
	if row.Kind.Type() == "double" {
		a, _ := strconv.ParseFloat(want, 64)
		b, err := strconv.ParseFloat(java, 64)
		return err == nil && a == b
	}
	if lists := row.Kind.Type() == "list"; lists {
		return strings.ReplaceAll(java, " ", "") == strings.ReplaceAll(want, " ", "")
	}
	return want == java
}

// TestLibrdkafkaReadsEveryExport gives exports to librdkafka's own parser, by
// the client for Python, and the names of the others to kafka-python.
func TestLibrdkafkaReadsEveryExport(t *testing.T) {
	dir, r := t.TempDir(), rand.New(rand.NewPCG(9, 10))
	count := 0
	for n := range 60 {
		v := acceptable(r, 2+n%12)
		for _, k := range []setting.Key{
			// Files that have to be there, and tokens that have to be fetched.
			setting.SSLTruststoreLocation, setting.SSLKeystoreLocation, "sasl.oauthbearer.assertion.file", "sasl.oauthbearer.assertion.private.key.file", "sasl.oauthbearer.assertion.template.file",
		} {
			v = v.Without(k)
		}
		if v.Text(setting.SASLMechanism) == setting.GSSAPI || v.Text(setting.SASLMechanism) == setting.OAuthBearer {
			v = set(t, v, "sasl.mechanism=SCRAM-SHA-256")
		}
		for dialect, end := range map[string]string{"librdkafka": "conf", "confluent-python": "confluent.py", "kafka-python": "kafka.py"} {
			text, _ := export(t, dialect, v)
			put(t, filepath.Join(dir, fmt.Sprintf("%02d.%s", n, end)), text)
			count++
		}
	}
	verdicts := judge(t, filepath.Join(ci, "clients", "python"), filepath.Join(ci, "clients", "read_exports.py"), dir)
	if len(verdicts) != count {
		t.Errorf("%d verdicts on %d exports", len(verdicts), count)
	}
	for name, v := range verdicts {
		if v.Refused != "" {
			text, _ := os.ReadFile(filepath.Join(dir, name))
			t.Errorf("%s: refused: %s\n%s", name, v.Refused, text)
		}
	}
}

// TestGoExportsCompileAndAreTaken builds the exports for franz-go and sarama in
// a module of their own, and hands them to the clients.
func TestGoExportsCompileAndAreTaken(t *testing.T) {
	dir, r := t.TempDir(), rand.New(rand.NewPCG(11, 12))
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "compile"))); err != nil {
		t.Fatal(err)
	}
	imports, body := "", ""
	for n := range 40 {
		v := acceptable(r, 1+n%12)
		if n%3 == 0 {
			v = loggedIn(t, v, []string{setting.Plain, setting.Scram256, setting.Scram512}[n/3%3])
		}
		for dialect, call := range map[string]string{"franz-go": "takeFranz(%q, %s.Options())\n", "sarama": "takeSarama(%q, %s.Config())\n"} {
			name := fmt.Sprintf("%c%02d", dialect[0], n)
			text, _ := export(t, dialect, v)
			put(t, filepath.Join(dir, name, "producer.go"), text)
			imports += fmt.Sprintf("\t%s %q\n", name, "compile/"+name)
			body += "\t" + fmt.Sprintf(call, name, name)
		}
	}
	put(t, filepath.Join(dir, "main.go"), strings.NewReplacer("//imports", imports, "//body", body).Replace(takeExports))
	run := func(args ...string) {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "KAFKA_SASL_USERNAME=x", "KAFKA_SASL_PASSWORD=x")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("go %v: %v\n%s", args, err, out)
			_ = fs.WalkDir(os.DirFS(dir), ".", func(path string, _ fs.DirEntry, _ error) error {
				for _, line := range strings.Split(string(out), "\n") {
					if name, _, ok := strings.Cut(line, ": "); ok && filepath.Dir(path) == name {
						text, _ := os.ReadFile(filepath.Join(dir, path))
						t.Logf("%s", text)
					}
				}
				return nil
			})
		}
	}
	run("vet", "./...")
	run("run", ".")
}

const takeExports = `package main

import (
	"fmt"
	"os"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

//imports
)

var refused bool

func takeFranz(name string, options []kgo.Opt) {
	client, err := kgo.NewClient(options...)
	if err != nil {
		fmt.Printf("%s: %v\n", name, err)
		refused = true
		return
	}
	client.Close()
}

// takeSarama leaves SCRAM alone, for which sarama wants a function.
func takeSarama(name string, config *sarama.Config) {
	if config.Net.SASL.Mechanism != sarama.SASLTypePlaintext {
		config.Net.SASL.Enable = false
	}
	if err := config.Validate(); err != nil {
		fmt.Printf("%s: %v\n", name, err)
		refused = true
	}
}

func main() {
//body
	if refused {
		os.Exit(1)
	}
}
`
