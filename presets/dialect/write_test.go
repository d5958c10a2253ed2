package dialect

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
)

// TestExportsLookAsTheyDid compares one configuration in every dialect with its
// golden; -update writes them, and the difference is for review.
func TestExportsLookAsTheyDid(t *testing.T) {
	v := set(t, setting.Defaults(), "bootstrap.servers=kafka1:9092,kafka2:9092", "client.id=orders", "acks=all", "linger.ms=20", "batch.size=65536",
		"compression.type=zstd", "compression.zstd.level=7", "delivery.timeout.ms=60000", "request.timeout.ms=15000", "max.block.ms=2000",
		"load.rate=9000", "load.record.bytes=lognormal:500:0.6", "stand.link.rtt=30ms")
	v = loggedIn(t, v, setting.Scram512)
	for _, name := range Names() {
		text, _, err := Write(name, Config{
			Name: "orders", Note: "agreed with the orders team", Values: v, Topic: "orders",
			Measured: []string{"2026-11-22, embedded cluster of 3 brokers (simulated): 9000 records/s, p99 31 ms, audit kept"},
		})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), text); diff != "" {
			t.Errorf("%s (-golden +got):\n%s", name, diff)
		}
	}
}

// TestWordsOfPeopleStayRemarks holds that a name or note cannot become a value.
func TestWordsOfPeopleStayRemarks(t *testing.T) {
	nasty := "a\nlinger.ms=1\r\nacks=0\x1b[2J */ \u202e ${X} \\\n" + strings.Repeat("word ", 100)
	for _, name := range Names() {
		text, _, err := Write(name, Config{Name: nasty, Note: nasty, Measured: []string{nasty}, Values: set(t, setting.Defaults(), "linger.ms=20")})
		if err != nil {
			t.Fatal(err)
		}
		im, err := Read(name, []byte(text))
		if err != nil || im.Values.Text(setting.LingerMs) != "20" || im.Values.Text(setting.Acks) != "all" || len(im.Blanks) > 0 {
			t.Errorf("%s: read back as %v with %v\n%s", name, im.Values.SetMap(), err, text)
		}
		if strings.ContainsAny(text, "\x1b\r\u202e") {
			t.Errorf("%s: control characters are in it", name)
		}
	}
}

func ExampleWrite() {
	v, _ := setting.Defaults().With(setting.LingerMs, "20")
	text, losses, _ := Write("librdkafka", Config{Name: "orders", Values: v})
	fmt.Println(strings.Contains(text, "\nlinger.ms=20\n"), len(losses))
	// Output:
	// true 0
}

func ExampleRead() {
	im, _ := Read("", []byte("linger.ms=20\nqueue.buffering.max.kbytes=65536\n"))
	fmt.Println(im.Dialect, im.Values.Text(setting.BufferMemory), im.Origins[setting.BufferMemory].Line, im.Origins[setting.BatchSize].Client)
	// Output:
	// librdkafka 67108864 2 true
}
