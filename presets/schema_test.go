package presets

import (
	"bytes"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"kdyno/engine/setting"
)

var update = flag.Bool("update", false, "rewrite docs/preset.schema.json")

var schemaPage = filepath.Join("..", "docs", "preset.schema.json")

func TestSchemaPageIsMadeFromTheTable(t *testing.T) {
	var want bytes.Buffer
	if err := JSONSchema(&want); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(schemaPage, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaPage)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), string(got)); diff != "" {
		t.Errorf("docs/preset.schema.json is old; go test ./presets -update writes it (-want +got):\n%s", diff)
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	var text bytes.Buffer
	if err := JSONSchema(&text); err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(&text)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("preset.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("preset.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// valid holds a file against the schema.
func valid(t *testing.T, schema *jsonschema.Schema, text []byte) error {
	t.Helper()
	var doc any
	if err := yaml.Load(text, &doc); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	plain, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(plain)
}

func TestSchemaTakesWhatIsWritten(t *testing.T) {
	schema := compiled(t)
	files, err := builtInFiles.ReadDir("builtin")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := builtInFiles.ReadFile("builtin/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if err := valid(t, schema, text); err != nil {
			t.Errorf("%s: %v", f.Name(), err)
		}
	}
	random := rand.New(rand.NewPCG(5, 6))
	texts := []string{"0", "1", "5", "512", "all", "true", "false", "none", "zstd", "30ms", "64KiB", "uniform:9", "json", "h:9092", "PEM", "SSL", "https", "x"}
	for range 300 {
		v := setting.Defaults()
		for _, row := range setting.Rows() {
			if random.IntN(3) > 0 || row.Secret {
				continue
			}
			if next, err := v.With(row.Key, texts[random.IntN(len(texts))]); err == nil {
				v = next
			}
		}
		text, err := Preset{Name: "a", Note: "n", Values: v, Expect: []string{"records.failed==0"}, Measured: &Measured{At: "x", Of: "12", Load: map[string]string{"load.rate": "5"}}}.Text()
		if err != nil {
			t.Fatal(err)
		}
		if err := valid(t, schema, []byte(text)); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
	}
}

func TestSchemaRefusesWhatTheReaderRefuses(t *testing.T) {
	schema := compiled(t)
	for _, text := range []string{
		"name: a\n", head + "producer:\n  lingr.ms: 5\n", head + "producer:\n  load.rate: 5\n", head + "producer:\n  acks: 2\n", head + "producer:\n  acks: most\n",
		head + "producer:\n  linger.ms: -1\n", head + "producer:\n  linger.ms: [1]\n", head + "producer:\n  sasl.jaas.config: x\n", head + "base: kafka3\n",
		head + "expect: records.failed==0\n", head + "measured: {for_s: long}\n", strings.Replace(head, "/1", "/2", 1),
	} {
		if err := valid(t, schema, []byte(text)); err == nil {
			t.Errorf("taken: %s", text)
		}
		if _, err := decode("f", []byte(text)); err == nil {
			t.Errorf("the reader takes it: %s", text)
		}
	}
	for _, text := range []string{head + "producer:\n  linger.ms: 5ms\n  acks: 1\n  security.protocol: ssl\n", head + "producer:\nlabels: [x]\n", head + "load:\n  load.null.values: 0.5\n"} {
		if err := valid(t, schema, []byte(text)); err != nil {
			t.Errorf("%v: %s", err, text)
		}
		if _, err := decode("f", []byte(text)); err != nil {
			t.Errorf("the reader refuses %s: %v", text, err)
		}
	}
}
