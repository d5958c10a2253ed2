package cli

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
)

var update = flag.Bool("update", false, "rewrite docs/settings.md")

func TestSettingsPageIsUpToDate(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "settings.md")
	b := newBench(t, nil)
	if code := b.run("settings --markdown"); code != 0 {
		t.Fatalf("got code %d: %s", code, b.err.String())
	}
	if *update {
		if err := os.WriteFile(path, b.out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.out.String()); diff != "" {
		t.Errorf("docs/settings.md is not what the table says; run this test with -update (-page +table):\n%s", diff)
	}
}

func TestSettingIsExplainedInFull(t *testing.T) {
	b := newBench(t, nil)
	b.run("settings linger.ms")
	flat := strings.Join(strings.Fields(b.out.String()), " ")
	for _, want := range []string{
		"versions 0 ms at first, 5 ms since 4.0 (KIP-1030)", "elsewhere franz-go 10 ms, sarama 0 ms", "- delivery.timeout.ms is at least linger.ms + request.timeout.ms.",
		"sources Kafka documentation, producer configs: linger.ms; KIP-1030; KIP-91",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("got no %q in\n%s", want, b.out.String())
		}
	}
	b.run("settings buffer.memory")
	if !strings.Contains(b.out.String(), "kdyno settings size buffer.memory") {
		t.Errorf("got no helper in\n%s", b.out.String())
	}
	for _, row := range setting.Rows() {
		if b.run("settings " + string(row.Key)); !strings.HasPrefix(b.out.String(), string(row.Key)+" (") {
			t.Errorf("%s: got %q", row.Key, b.out.String())
		}
		for line := range strings.Lines(b.out.String()) {
			if len(strings.TrimSuffix(line, "\n")) > lineWidth && strings.Contains(strings.TrimSpace(line), " ") {
				t.Errorf("%s: a line of %d: %q", row.Key, len(line), line)
			}
		}
	}
}

func TestSizesAreReckonedFromFlagsAndPresets(t *testing.T) {
	tests := []struct {
		line string
		want []string
	}{
		{"settings size", []string{"buffer.memory", "rate x record x stall x 2", "request.timeout.ms"}},
		{
			"settings size buffer.memory --rate 10k --size 1KiB --stall 30s",
			[]string{"buffer.memory=614465536 (586 MiB)", "10,000 records/s x 1,024 B x 30s x 2 = 614,400,000 B", "--stall", "of the memory of this host"},
		},
		{"settings size buffer.memory", []string{"5,000 records/s x 512 B x 30s", "assumed", "default of load.rate"}},
		{"settings size batch.size --preset web-clicks", []string{"batch.size=344064", "preset web-clicks", "linger.ms"}},
		{"settings size batch.size --rate 100 --size 200 --set linger.ms=50", []string{"batch.size=16384", "1,000 B gather", "changes nothing here"}},
		{"settings size max.in.flight.requests.per.connection --rate 20k --size 1kB --rtt 80ms", []string{"requests.per.connection=5", "533,333 B under way", "idempotence allows 5"}},
		{"settings size send.buffer.bytes --bandwidth 50Mbit --rtt 80ms", []string{"send.buffer.bytes=524288 (512 KiB)", "500,000 B under way"}},
		{"settings size request.timeout.ms --tail 800ms", []string{"request.timeout.ms=30000", "3 x 800ms = 2.4s", "Kafka's default"}},
		{"settings size request.timeout.ms --tail 800ms --set acks=1", []string{"request.timeout.ms=2400 "}},
		{"settings size delivery.timeout.ms --restart 45s", []string{"delivery.timeout.ms=180000 (3 min)", "4 x 45s = 3m0s"}},
		{"settings size delivery.timeout.ms --restart 5s --set linger.ms=1s", []string{"delivery.timeout.ms=31000"}},
	}
	for _, tt := range tests {
		b := newBench(t, nil)
		if code := b.run(tt.line); code != 0 {
			t.Errorf("%s: got code %d: %s", tt.line, code, b.err.String())
		}
		for _, want := range tt.want {
			if flat := strings.Join(strings.Fields(b.out.String()), " "); !strings.Contains(flat+" ", want) {
				t.Errorf("%s: got no %q in\n%s", tt.line, want, b.out.String())
			}
		}
	}
	b := newBench(t, nil)
	b.run("settings size batch.size --preset web-clicks --set load.rate=1k")
	if !strings.Contains(b.out.String(), "1,000 records/s      --set") {
		t.Errorf("got no word of --set in\n%s", b.out.String())
	}
	b.run("settings size buffer.memory --rate 10k --size 1KiB --stall 30s --json")
	o := b.object(t)
	if o["key"] != "buffer.memory" || o["value"] != "614465536" || len(o["steps"].([]any)) != 2 || len(o["inputs"].([]any)) < 4 {
		t.Errorf("got %v", o)
	}
	if share, ok := o["memory_share"].(float64); hostMemory() > 0 && (!ok || share <= 0) {
		t.Errorf("got the share %v of %d bytes", o["memory_share"], hostMemory())
	}
}

func TestSizesAreRefusedWithWhatToWrite(t *testing.T) {
	tests := map[string]string{
		"settings size buffer.memory --rate 0":                         "cannot be sized without --rate",
		"settings size request.timeout.ms":                             "add --tail",
		"settings size linger.ms":                                      "there are helpers for buffer.memory",
		"settings size lingr.ms":                                       "did you mean linger.ms?",
		"settings size buffer.memory batch.size":                       "takes one setting",
		"settings size buffer.memory --stall 30":                       "such as 30s or 80ms",
		"settings size buffer.memory --stall -3s":                      "is not a length of time",
		"settings size buffer.memory --rate fast":                      "load.rate",
		"settings size buffer.memory --preset nosuch":                  "there is no preset",
		"settings size send.buffer.bytes --rtt 1ms --bandwidth much":   "is not a bandwidth",
		"settings size send.buffer.bytes --rtt 1ms --nodes 0":          "is not a number of brokers",
		"settings size buffer.memory --partitions 1e3":                 "is not a number of partitions",
		"settings size delivery.timeout.ms --restart 1s --set acks=xl": "acks",
	}
	for line, want := range tests {
		b := newBench(t, nil)
		if code := b.run(line); code != 2 || !strings.Contains(b.err.String(), want) || b.out.Len() > 0 {
			t.Errorf("%s: got code %d, %q and %q on stdout", line, code, b.err.String(), b.out.String())
		}
	}
}
