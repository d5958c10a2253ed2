package dialect

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"kdyno/engine/setting"
)

// repeated is a text of about n bytes.
func repeated(part string, n int) string { return strings.Repeat(part, n/len(part)+1)[:n] }

// bomb is a text that makes readers work: all of a file's size, none of it use.
type bomb struct {
	name, text string
	dialects   string
}

const (
	lineDialects = "java librdkafka env"
	yamlDialects = "spring connect"
	codeDialects = "java-code kafka-python franz-go confluent-dotnet"
)

func bombs() []bomb {
	const n = MaxBytes
	laughs := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'k'; c++ {
		laughs += fmt.Sprintf("%c: &%c [%s]\n", c, c, repeated(fmt.Sprintf("*%c,", c-1), 27))
	}
	return []bomb{
		{"empty lines", repeated("\n", n), lineDialects + " spring perf-test"},
		{"one line", repeated("a", n), lineDialects + " spring java-code perf-test"},
		{"backslashes", repeated(`\`, n), lineDialects + " perf-test java-code"},
		{"continued", repeated("a\\\n", n), lineDialects + " perf-test"},
		{"same key", repeated("linger.ms=5\n", n), lineDialects},
		{"unknown keys", repeated("lingr.ms=5\nbatchsize=1\n", n), lineDialects},
		{"placeholders", repeated("client.id=${A}${B}\n", n), lineDialects},
		{"expanding", "a=${b}${b}\nb=${a}${a}\n" + repeated("c=${a}${b}\n", n-40), lineDialects},
		{"digits", "linger.ms=" + repeated("9", n-10), lineDialects},
		{"bytes", repeated("\x80\xff", n), lineDialects + " java-code"},
		{"variables", repeated("KAFKA_A=1\n", n), "env"},
		{"laughs", laughs + "spring: {kafka: *k}\n", yamlDialects},
		{"deep flow", repeated("[", n), yamlDialects},
		{"deep flow of few", repeated("[", 50_000), yamlDialects},
		{"deep maps", "spring: " + repeated("{a: ", n-8), yamlDialects},
		{"deep maps of few", "spring: " + repeated("{a: ", 60_000), yamlDialects},
		{"deep indentation", deep(1400), yamlDialects},
		{"flow list", "a: [" + repeated("x,", n-8) + "]", yamlDialects + " " + codeDialects},
		{"yaml lines", repeated("a: b\n", n), yamlDialects},
		{"yaml entries", entries(25_000), yamlDialects},
		{"anchors", repeated("a: &a *a\n", n), yamlDialects},
		{"documents", repeated("---\n", n), yamlDialects},
		{"parts", repeated("#---\n", n), "spring"},
		{"brackets", repeated("a(", n), codeDialects},
		{"braces", repeated("{", n), codeDialects},
		{"minus", repeated("-", n), codeDialects},
		{"new", repeated("new ", n), codeDialects},
		{"sum", repeated("1+", n), codeDialects},
		{"product", repeated("9999999*", n), codeDialects},
		{"shifts", repeated("1<<60<<", n), codeDialects},
		{"texts put together", "x = " + repeated(`"aaaaaaaaaaaaaaaa"+`, n-4), codeDialects},
		{"texts in a row", "x = " + repeated(`"a" `, n-4), codeDialects},
		{"members", "x" + repeated(".a", n-1), codeDialects},
		{"calls", "f" + repeated("(1)", n-1), codeDialects},
		{"many calls", repeated("p.put(\"linger.ms\", 5);", n), "java-code"},
		{"options", repeated("kgo.ProducerLinger(5),", n), "franz-go"},
		{"quotes", repeated(`"`, n), codeDialects + " perf-test"},
		{"comment", "/*" + repeated("*", n-2), codeDialects},
		{"numbers", repeated("1e9999 ", n), codeDialects},
		{"words", "kafka-producer-perf-test " + repeated("--a b ", n-26), "perf-test"},
		{"dollars", "kafka-producer-perf-test --topic " + repeated("$a", n-40), "perf-test"},
	}
}

func entries(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: v\n", i)
	}
	return b.String()
}

func deep(depth int) string {
	var b strings.Builder
	for n := range depth {
		b.WriteString(strings.Repeat(" ", n) + "a:\n")
	}
	return b.String()
}

// mostHeap is what reading any text may keep and throw away: bytes allocated at
// once are bounded by it.
const mostHeap = 50 << 20

// TestBombsAreAnswered reads each of them, and in the dialect that it looks
// like: with values or with an error, in bounded memory.
func TestBombsAreAnswered(t *testing.T) {
	for _, bomb := range bombs() {
		t.Run(bomb.name, func(t *testing.T) {
			for _, dialect := range append(strings.Fields(bomb.dialects), "") {
				peak := peakHeap(func() {
					_, err := Read(dialect, []byte(bomb.text))
					var bad *Error
					if err != nil && !errors.As(err, &bad) {
						t.Errorf("%s: got %T, want an *Error", dialect, err)
					}
				})
				if peak > mostHeap {
					t.Errorf("%s: took %d MiB, want at most %d", dialect, peak>>20, mostHeap>>20)
				}
			}
		})
	}
}

// peakHeap is by how much the heap grew at most while work ran, looked at every
// few milliseconds. It is collected often, so that a busy machine does not count
// as need.
func peakHeap(work func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	done := make(chan struct{})
	go func() { work(); close(done) }()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	peak := uint64(0)
	for {
		select {
		case <-done:
			return peak
		case <-tick.C:
			runtime.ReadMemStats(&now)
			if now.HeapAlloc > before.HeapAlloc {
				peak = max(peak, now.HeapAlloc-before.HeapAlloc)
			}
		}
	}
}

func TestLargeFilesAreRefused(t *testing.T) {
	large := make([]byte, 100<<20)
	for _, name := range append(Names(), "") {
		if _, err := Read(name, large); err == nil {
			t.Errorf("%q: 100 MiB were read", name)
		}
	}
	if _, err := Read("java", large[:MaxBytes+1]); err == nil || !strings.Contains(err.Error(), "larger than 2 MiB") {
		t.Errorf("got %v, want a word about the size", err)
	}
}

// largeFiles are files of a megabyte that could be somebody's.
func largeFiles() map[string]string {
	const n = 1 << 20
	remark := "# " + strings.Repeat("why it is so ", 6) + "\n"
	var yaml strings.Builder
	yaml.WriteString("spring:\n  kafka:\n    producer:\n      acks: all\n      properties:\n        linger.ms: 20\nother:\n")
	for i := 0; yaml.Len() < n; i++ {
		fmt.Fprintf(&yaml, "  key-%d: %s\n", i, strings.Repeat("value ", 12))
	}
	return map[string]string{
		"java":       "linger.ms=20\n" + repeated(remark+"# other.key=5\n", n),
		"java ":      "linger.ms=20\n" + repeated("com.acme.service.some.key.of.ours=some value of ours\n", n),
		"spring":     yaml.String(),
		"java-code":  "p.put(ProducerConfig.LINGER_MS_CONFIG, 20);\n" + repeated("class A { void f() { g(\"x\", 1 + 2); } }\n", n),
		"franz-go":   "kgo.ProducerLinger(20 * time.Millisecond)\n" + repeated("func f() { g(\"x\", 1+2) }\n", n),
		"librdkafka": "linger.ms=20\nsocket.timeout.ms=1000\n" + repeated(remark, n),
	}
}

func TestLargeFilesKeepTheirValues(t *testing.T) {
	for name, text := range largeFiles() {
		im, err := Read(strings.TrimSpace(name), []byte(text))
		if err != nil || im.Values.Text(setting.LingerMs) != "20" {
			t.Errorf("%s: got linger.ms %s and %v, want 20", name, im.Values.Text(setting.LingerMs), err)
		}
	}
}

// BenchmarkReadMegabyte reads a file of 1 MiB; the time is for one, recognising
// it included.
func BenchmarkReadMegabyte(b *testing.B) {
	for name, text := range largeFiles() {
		b.Run(strings.TrimSpace(name), func(b *testing.B) {
			raw := []byte(text)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Read("", raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
