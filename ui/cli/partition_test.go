package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine"
	"kdyno/engine/setting"
)

// placed reads stdout as the array of the contract.
func (b *bench) placed(t *testing.T) []map[string]any {
	t.Helper()
	var places []map[string]any
	if err := json.Unmarshal(b.out.Bytes(), &places); err != nil || strings.Count(b.out.String(), "\n") != 1 {
		t.Fatalf("stdout: got %q, want an array on one line: %v", b.out.String(), err)
	}
	return places
}

// The places are the Java producer's own, as its test vectors have them.
func TestPartitionTellsPlacesInJSON(t *testing.T) {
	tests := []struct {
		line string
		want []map[string]any
	}{
		{"partition 21 foobar --json --partitions 50", []map[string]any{
			{"key": "21", "partition": 40.0, "then": nil}, {"key": "foobar", "partition": 16.0, "then": nil},
		}},
		{"partition 21 --json --partitions 7 --then 12", []map[string]any{{"key": "21", "partition": 3.0, "then": 0.0}}},
		{"partition abc --json", []map[string]any{{"key": "abc", "partition": 3.0, "then": nil}}}, // six, as stand.partitions
		{"partition abc --json --set stand.partitions=12", []map[string]any{{"key": "abc", "partition": 3.0, "then": nil}}},
		{"partition abc '' --json --set partitioner.class=hash:crc32 --then 7", []map[string]any{
			{"key": "abc", "partition": 0.0, "then": 5.0},
			{"key": "", "partition": nil, "then": nil, "why": "an empty key counts as none with hash:crc32, as in librdkafka"},
		}},
		{"partition abc --json --set partitioner.class=hash:fnv1a", []map[string]any{{"key": "abc", "partition": 5.0, "then": nil}}},
		{"partition gold --json --set partitioner.class=vip:gold=3,*=hash --then 9", []map[string]any{{"key": "gold", "partition": 3.0, "then": 3.0}}},
		{"partition k --json --set partitioner.class=round-robin", []map[string]any{
			{"key": "k", "partition": nil, "then": nil, "why": "round-robin takes the partitions in turn, whatever the key"},
		}},
		{"partition k --json --set partitioner.ignore.keys=true", []map[string]any{
			{"key": "k", "partition": nil, "then": nil, "why": "partitioner.ignore.keys=true: every record goes as if it had no key"},
		}},
	}
	for _, tt := range tests {
		b := newBench(t, ended())
		if code := b.run(tt.line); code != 0 || b.err.Len() > 0 {
			t.Errorf("%s: code %d, %s", tt.line, code, b.err.String())
			continue
		}
		if diff := cmp.Diff(tt.want, b.placed(t)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.line, diff)
		}
		if len(b.configs)+len(b.asked) > 0 {
			t.Errorf("%s: a session was opened or a cluster asked", tt.line)
		}
	}
}

func TestPartitionTellsPlacesToPeople(t *testing.T) {
	for line, want := range map[string]string{
		"partition user-1 user-2 KR-17 --then 8": `KEY      PARTITION   OF 8
user-1   2           4      moves
user-2   2           0      moves
KR-17    3           3

3 keys on 2 of 6 partitions, by built-in
2 of them move with 8 partitions; of all keys 75 % would
`,
		"partition user-1": `KEY      PARTITION
user-1   2

1 key on 1 of 6 partitions, by built-in
`,
		"partition KR-1 DE-1 --set partitioner.class=prefix:KR=0-3,US=4-5,*=hash --then 9": `KEY    PARTITION   OF 9
KR-1   1           1
DE-1   5           8      moves

2 keys on 2 of 6 partitions, by prefix:KR=0-3,US=4-5,*=hash
1 of them moves with 9 partitions; keys that partitioner.class names stay, of all others 66.7 % would
`,
		"partition a '' --set partitioner.class=hash:crc32": `KEY   PARTITION
a     3
""    any

1 key on 1 of 6 partitions, by hash:crc32
any: no fixed place; an empty key counts as none with hash:crc32, as in librdkafka
`,
		"partition a --set partitioner.class=round-robin --then 7": `KEY   PARTITION   OF 7
a     any         any

any: no fixed place; round-robin takes the partitions in turn, whatever the key
`,
	} {
		b := newBench(t, ended())
		if code := b.run(line); code != 0 {
			t.Errorf("%s: code %d, %s", line, code, b.err.String())
		}
		if diff := cmp.Diff(want, b.out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", line, diff)
		}
	}
}

func TestPartitionReadsKeysFromStdin(t *testing.T) {
	b := newBench(t, ended())
	b.In = strings.NewReader("b\r\n\nc\x1b[2J\n\xff\n")
	if code := b.run("partition a - d"); code != 0 {
		t.Fatalf("code %d, %s", code, b.err.String())
	}
	var keys []string
	for row := range strings.Lines(b.out.String()) {
		if row == "\n" {
			break
		}
		keys = append(keys, strings.Fields(row)[0])
	}
	if diff := cmp.Diff([]string{"KEY", "a", "b", `""`, `"c\x1b[2J"`, `"\xff"`, "d"}, keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	for stdin, want := range map[string]string{
		"\xff\n":                           "not UTF-8",
		"a\n" + strings.Repeat("x", 2<<20): "cannot read line 2 of stdin",
	} {
		b.In = strings.NewReader(stdin)
		if code := b.run("partition - --json"); code != 2 || !strings.Contains(b.err.String(), want) {
			t.Errorf("%.10q: code %d, %s; want 2 and %q", stdin, code, b.err.String(), want)
		}
	}
	b.In = strings.NewReader("")
	if code := b.run("partition - --json"); code != 0 || b.out.String() != "[]\n" {
		t.Errorf("no keys at all: code %d, %q; want an empty array", code, b.out.String())
	}
	b.In = strings.NewReader("a\n")
	if code := b.run("partition - -"); code != 2 {
		t.Errorf("stdin twice: code %d, want 2", code)
	}
}

func TestPartitionAsksTheClusterForItsTopic(t *testing.T) {
	b := newBench(t, ended())
	b.facts = setting.Facts{FewestInTopic: 50}
	if code := b.run("partition 21 --json --brokers h:1,i:2 --topic orders --set partitioner.class=prefix:x=49,*=hash"); code != 0 {
		t.Fatalf("code %d, %s", code, b.err.String())
	}
	if got := b.placed(t)[0]["partition"]; got != 40.0 {
		t.Errorf("got %v, want 40 of 50", got)
	}
	if len(b.asked) != 1 || !cmp.Equal(b.asked[0].Brokers, []string{"h:1", "i:2"}) || !cmp.Equal(b.asked[0].Topics, []string{"orders"}) {
		t.Errorf("asked %+v, want both brokers for the topic", b.asked)
	}
	b.noFacts = &engine.Error{Kind: engine.Unreachable, Say: "nobody answers at h:1", Hint: "start it"}
	if code := b.run("partition 21 --brokers h:1 --topic orders"); code != 4 || !strings.Contains(b.err.String(), "nobody answers") {
		t.Errorf("code %d, %s; want 4 and why", code, b.err.String())
	}
}

func TestPartitionTakesPresetsAndTheEnvironment(t *testing.T) {
	b := newBench(t, ended())
	b.putPresets(t)
	b.put(t, "vips.yaml", schemaLine+"producer:\n  partitioner.class: vip:gold=5,*=hash\n")
	b.Env = func(name string) (string, bool) {
		return "vip:gold=4,*=hash", name == "KDYNO_PARTITIONER_CLASS"
	}
	for line, want := range map[string]float64{
		"partition gold --json": 4,
		"partition gold --json --set partitioner.class=vip:gold=1,*=hash":               1,
		"partition gold --json --preset vips --set partitioner.class=vip:gold=2,*=hash": 2,
	} {
		if code := b.run(line); code != 0 {
			t.Fatalf("%s: code %d, %s", line, code, b.err.String())
		}
		if got := b.placed(t)[0]["partition"]; got != want {
			t.Errorf("%s: got %v, want %v", line, got, want)
		}
	}
	b.Env = nil
	if b.run("partition gold --json --preset vips"); b.placed(t)[0]["partition"] != 5.0 {
		t.Errorf("by the preset: got %v, want 5", b.placed(t))
	}
	// A preset that names a cluster is asked there, unless the number is given.
	if code := b.run("partition 21 --preset cluster --partitions 50 --json"); code != 0 || len(b.asked) > 0 {
		t.Errorf("code %d, %d clusters asked, want none", code, len(b.asked))
	}
	if code := b.run("partition 21 --preset cluster"); code != 2 || !strings.Contains(b.err.String(), "--topic") {
		t.Errorf("code %d, %s; want 2 and --topic", code, b.err.String())
	}
}
