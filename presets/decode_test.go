package presets

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kdyno/engine/setting"
)

const head = "schema: kdyno.preset/1\n"

func TestDecodeTellsWhatIsWrongAndWhere(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"unknown key", head + "producer:\n  lingr.ms: 5\n", []string{`f:3: there is no setting "lingr.ms"; near: linger.ms`}},
		{"not a number", head + "producer:\n  linger.ms: soon\n", []string{`f:3: linger.ms: "soon" is not a number`}},
		{"out of range", head + "producer:\n  acks: all\n  max.in.flight.requests.per.connection: 0\n", []string{"f:4: ", "out of range", "from 1"}},
		{"not a choice", head + "producer:\n  acks: most\n", []string{"f:3: ", "0, 1, all"}},
		{"duplicate key", head + "producer:\n  acks: 1\n  linger.ms: 2\n  acks: 1\n", []string{"f:5: acks stands here again, after line 3"}},
		{"duplicate map", head + "load:\n  load.rate: 1\nload:\n  load.rate: 2\n", []string{"f:4: load stands here again, after line 2"}},
		{"wrong map", head + "producer:\n  load.rate: 1\n", []string{"f:3: load.rate stands under producer:, and belongs under load:"}},
		{"outside of the maps", head + "linger.ms: 5\n", []string{"f:2: linger.ms stands outside of the maps"}},
		{"mistyped map", head + "prodcer:\n  linger.ms: 5\n", []string{`f:2: linger.ms stands under "prodcer"`}},
		{"map as value", head + "producer:\n  acks: {a: 1}\n", []string{"f:3: acks: one value is wanted, found a map"}},
		{"list as value", head + "producer:\n  acks: [1]\n", []string{"found a list"}},
		{"no value", head + "producer:\n  acks:\n", []string{"f:3: acks has no value"}},
		{"text as map", head + "producer: acks\n", []string{`f:2: producer: a map of settings is wanted, found the text "acks"`}},
		{"tag", head + "producer:\n  acks: !!binary MQ==\n", []string{"f:3: ", "tag"}},
		{"anchor", head + "producer: &p\n  acks: 1\n", []string{"f:", "anchors"}},
		{"alias", head + "a: &x 1\nb: *x\n", []string{"f:2: anchors", "f:3: anchors"}},
		{"merge", head + "producer:\n  <<: {acks: 1}\n", []string{"f:3: "}},
		{"list as name", head + "name: [a]\n", []string{"f:2: name: one value is wanted"}},
		{"map as key", head + "? {a: b}\n: c\n", []string{"f:2: a name is wanted"}},
		{"secret", head + "producer:\n  sasl.jaas.config: hunter2\n", []string{"f:3: sasl.jaas.config is a secret"}},
		{"no schema", "name: a\nproducer:\n  acks: 1\n", []string{"schema: kdyno.preset/1 is missing"}},
		{"later schema", "schema: kdyno.preset/2\n", []string{`f:1: schema "kdyno.preset/2"`}},
		{"another file", "services:\n  web: {image: x}\n", []string{"not a preset"}},
		{"empty", "", []string{"f: not YAML"}},
		{"only text", "hello\n", []string{"f: not a preset"}},
		{"two documents", head + "---\n" + head, []string{"multiple"}},
		{"not YAML", head + "producer:\n  acks: [1\n", []string{"f:", "not YAML"}},
		{"tab", head + "producer:\n\tacks: 1\n", []string{"f:3: not YAML: a tab indents this line"}},
		{"tab behind blanks", head + "load:\n  load.rate: 5\nproducer:\n  acks: 1\n  \tlinger.ms: 5\n", []string{"f:6: not YAML: a tab indents this line"}},
		{"newer kdyno", "schema: kdyno.preset/7\nproducer:\n  acks: 1\n", []string{"f:1: schema \"kdyno.preset/7\" is of a newer kdyno"}},
		{"unknown base", head + "base: kafka3\n", []string{"f:2: base: there are no named defaults \"kafka3\""}},
		{"objective that is none", head + "expect:\n  - records.failed==0\n  - latency.p99_ms is good\n", []string{"f:4: expect: \"latency.p99_ms is good\""}},
		{"objectives that are no list", head + "expect: records.failed==0\n", []string{"f:2: expect: a list is wanted"}},
		{"objective that is a map", head + "expect:\n  - records.failed: 0\n", []string{"f:3: expect: one value is wanted, found a map"}},
		{"claim that is none", head + "claims: [fast]\n", []string{"f:2: claims: \"fast\": a claim reads"}},
		{"measured that is no map", head + "measured: well\n", []string{"f:2: measured: a map is wanted"}},
		{"measured with a word for a number", head + "measured:\n  for_s: long\n", []string{"f:3: measured: for_s: \"long\" is not a number"}},
		{"measured twice", head + "measured:\n  at: x\n  at: y\n", []string{"f:4: at stands here again"}},
		{"too large", head + "note: " + strings.Repeat("x", maxBytes) + "\n", []string{"larger than 1 MiB"}},
		{"all at once", head + "producer:\n  acks: 7\n  nope: 1\nload:\n  load.rate: -1\n", []string{"f:3: ", "\nf:4: ", "\nf:6: "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode("f", []byte(tt.text))
			bad := asError(t, err)
			for _, want := range tt.want {
				if !strings.Contains(bad.Error(), want) {
					t.Errorf("got %q, want %q in it", bad, want)
				}
			}
			if strings.Contains(bad.Error()+bad.Hint(), "hunter2") {
				t.Errorf("the secret is in %q", bad)
			}
		})
	}
}

// What is wrong with some lines costs those lines alone.
func TestTheRestOfAFaultyFileIsRead(t *testing.T) {
	p, err := decode("f", []byte("schema: kdyno.preset/2\nnote: kept\nproducer:\n  linger.ms: 20\n  acks: most\n  lingr: 3\n  load.rate: 5\n  batch.size: 1\n  batch.size: 2\nexpect: [records.failed==0, nonsense]\n"))
	bad := asError(t, err)
	if lines := []int{bad.Problems[0].Line, bad.Problems[1].Line, bad.Problems[2].Line, bad.Problems[3].Line, bad.Problems[4].Line, bad.Problems[5].Line}; !cmp.Equal(lines, []int{1, 5, 6, 7, 9, 10}) {
		t.Errorf("lines: got %v in %v", lines, bad)
	}
	want := map[string]string{"linger.ms": "20", "batch.size": "1"}
	if diff := cmp.Diff(want, p.Values.SetMap()); diff != "" || p.Note != "kept" || !cmp.Equal(p.Expect, []string{"records.failed==0"}) {
		t.Errorf("got note %q, objectives %v, set (-want +got):\n%s", p.Note, p.Expect, diff)
	}
	if p.Lines["linger.ms"] != 4 || p.Lines["batch.size"] != 8 {
		t.Errorf("lines of the settings: got %v", p.Lines)
	}
}

func TestTextsWithTabsAndOddSignsAreKept(t *testing.T) {
	for _, text := range []string{"a\tb", "\ttabbed", "one\n\ttwo\n", "trailing \n", "# no comment", "- no list", "a: b", "'\"", "\u00e9", " ", "yes"} {
		want := Preset{Name: "a", Note: text, For: text, Reasons: Reasons{Because: []string{text}}}
		raw, err := encode(want, nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		got, err := decode("f", raw)
		if err != nil || got.Note != text || got.For != text || !cmp.Equal(got.Reasons, want.Reasons) {
			t.Errorf("%q: got %q, %q, %q, %v from\n%s", text, got.Note, got.For, got.Reasons.Because, err, raw)
		}
	}
}

func TestDecodeTakesUnitsQuotesAndEmptyMaps(t *testing.T) {
	p, err := decode("f", []byte(head+"note: ''\nproducer:\n  linger.ms: 20ms\n  batch.size: 64KiB\n  acks: '1'\n  client.id: \"\"\nload:\nstand: {}\nlabels: [x]\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"linger.ms": "20", "batch.size": "65536", "acks": "1", "client.id": ""}
	if diff := cmp.Diff(want, p.Values.SetMap()); diff != "" {
		t.Errorf("set differs (-want +got):\n%s", diff)
	}
}

// TestAnyValuesAreReadBack sets random rows to random values that they take.
func TestAnyValuesAreReadBack(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	texts := []string{"0", "1", "5", "512", "all", "true", "false", "none", "zstd", "~", "null", "yes", "0x10", "1e3", "2001-01-01", "-", "? a", "a: b", "#", "'", `"`, "*a", "&a", "!x", "[", "{", "30ms", "uniform:9", "json", "h:9092,i:9093", "%", "@", "`", "é", "|", ">", "x y", "<<"}
	var kept int
	for range 500 {
		v := setting.Defaults()
		for _, row := range setting.Rows() {
			if random.IntN(3) > 0 {
				continue
			}
			if next, err := v.With(row.Key, texts[random.IntN(len(texts))]); err == nil {
				v = next
				kept++
			}
		}
		want := Preset{Name: "a", Note: texts[random.IntN(len(texts))], Values: v}
		text, err := want.Text()
		if err != nil {
			t.Fatalf("%v: %v", v.SetMap(), err)
		}
		got, err := decode("f", []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if !got.Values.Equal(v) || got.Note != want.Note {
			t.Fatalf("got %v note %q, want %v note %q", got.Values.SetMap(), got.Note, v.SetMap(), want.Note)
		}
	}
	if kept < 500 {
		t.Fatalf("only %d values were tried", kept)
	}
}

// FuzzDecode holds that no text breaks the reader, and that what is read is
// written back with the same meaning, over the text that it came from.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		"", head, head + "producer:\n  acks: 1\nload: {load.rate: 5}\nnote: |\n  x\n  y\nextra: [1, {a: b}]\n",
		"# c\n" + head + "\n# d\nproducer: # e\n  # f\n  linger.ms: 5 # g\n  # h\n", "{schema: kdyno.preset/1, name: x}", head + "a: &x [*x]\n", "? [a]\n: b\n", "\xff", head + "base: kafka2\nexpect:\n- records.failed==0\nmeasured: {at: x, for_s: 1, cluster: {kind: real, brokers: 3}, of: ab, extra: [1]}\nclaims: [requests.count < 0.5 x kafka4]\n", head + "\"\": 1\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := decode("f", text)
		if err != nil {
			if bad := asError(t, err); len(bad.Problems) == 0 || bad.Error() == "" {
				t.Fatal("an error without a word")
			}
			return
		}
		again, err := encode(p, text)
		if err != nil {
			// Refusing to write is safe: the old file stays. It must be for a
			// reason that the text has, not the values.
			if _, err := encode(Preset{Name: "a", Values: p.Values}, nil); err != nil {
				t.Fatalf("values that were read cannot be written: %v", err)
			}
			return
		}
		got, err := decode("f", again)
		if err != nil {
			t.Fatalf("%q: written and not read: %v", again, err)
		}
		if !got.Values.Equal(p.Values) || got.Note != p.Note || got.Base != p.Base || !cmp.Equal(got.Expect, p.Expect, cmpopts.EquateEmpty()) {
			t.Fatalf("%q: got %v %q, want %v %q", again, got.Values.SetMap(), got.Note, p.Values.SetMap(), p.Note)
		}
	})
}

func ExamplePreset_Text() {
	v, _ := setting.Defaults().With("linger.ms", "20ms")
	text, _ := Preset{Name: "orders", Values: v}.Text()
	fmt.Print(text)
	// Output:
	// schema: kdyno.preset/1
	// name: orders
	// producer:
	//   linger.ms: 20
}
