//go:build integration && figures && linux

package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"kdyno/telemetry/report"
)

// The timeouts of the clients that meet trouble, short so that the test is; the backoffs are Kafka's
// defaults, 100 ms and 1 s.
var shortTimeouts = []string{"delivery.timeout.ms=8000", "request.timeout.ms=2000", "linger.ms=0"}

// trouble is what befalls the leader of the only partition, or all brokers.
type trouble struct {
	name  string
	begin func(*witness)
	dials bool // connections are counted, since nothing is written
}

func troubles() []trouble {
	all := []trouble{}
	for _, code := range []*kerr.Error{
		kerr.NotEnoughReplicas, kerr.NotEnoughReplicasAfterAppend, kerr.NotLeaderForPartition, kerr.RequestTimedOut,
		kerr.UnknownTopicOrPartition, kerr.UnknownTopicID, kerr.KafkaStorageError, kerr.CorruptMessage,
	} {
		all = append(all, trouble{name: code.Message, begin: func(w *witness) { w.fail(code) }})
	}
	return append(all,
		trouble{name: "produce requests unanswered", begin: func(w *witness) { w.set(func() { w.mute = true }) }},
		trouble{name: "leader answers nothing (SIGSTOP)", begin: func(w *witness) { w.set(func() { w.silent = true }) }, dials: true},
		trouble{name: "connection reset at each request", begin: func(w *witness) { w.set(func() { w.cutting = true }) }},
		trouble{name: "connection refused", begin: func(w *witness) { w.gate.shut() }, dials: true},
	)
}

// loader is a producer that loads a witness for some seconds and tells how its records ended.
type loader struct {
	name string
	load func(t *testing.T, w *witness, rate int, seconds float64, set []string) string
}

func loaders(t *testing.T) []loader {
	t.Helper()
	kdyno := command(t)
	return []loader{
		{"Java", javaThrough},
		{"kdyno", func(t *testing.T, w *witness, rate int, seconds float64, set []string) string {
			return kdynoThrough(t, kdyno, w, rate, seconds, set)
		}},
	}
}

// TestTries prints how often and when a batch is written again on each path of error, by the Java
// producer and by kdyno: one record a second for three seconds, and trouble after the first.
func TestTries(t *testing.T) {
	both := loaders(t)
	fmt.Println("| path | idempotence | client | tries | gaps, ms | ended, and how |")
	fmt.Println("|---|---|---|---|---|---|")
	for _, tr := range troubles() {
		for _, idempotence := range []string{"true", "false"} {
			for _, c := range both {
				t.Run(tr.name+"/"+idempotence+"/"+c.name, func(t *testing.T) {
					w := newWitness(t, 1)
					go w.upset(t.Context(), func() { tr.begin(w) })
					said := c.load(t, w, 1, 3, append(slices.Clone(shortTimeouts), "enable.idempotence="+idempotence))
					n, gaps := w.story(tr.dials)
					fmt.Printf("| %s | %s | %s | %d | %s | %s |\n", tr.name, idempotence, c.name, n, gaps, said)
				})
			}
		}
	}
}

// story is how often the batch of the second record was written and what lay between the tries; of
// connections it is how often one was asked for after the trouble began.
func (w *witness) story(dials bool) (n int, gaps string) {
	var at []time.Duration
	tries := w.seen()
	second := int64(0)
	for _, a := range tries {
		if a.ms != tries[0].ms && (second == 0 || a.ms == second) {
			second = a.ms
			at = append(at, a.at)
		}
	}
	if dials {
		written := len(at)
		at = slices.DeleteFunc(w.dialled(), func(d time.Duration) bool { return d < tries[0].at })
		n, gaps = between(at)
		return written, fmt.Sprintf("%d connections: %s", n, gaps)
	}
	return between(at)
}

// between tells the gaps of some instants.
func between(at []time.Duration) (n int, gaps string) {
	const shown = 14
	var words []string
	for i := 1; i < len(at); i++ {
		words = append(words, fmt.Sprint((at[i] - at[i-1]).Round(time.Millisecond).Milliseconds()))
	}
	if len(words) > shown {
		words = append(words[:shown-2], "... "+words[len(words)-1])
	}
	return len(at), strings.Join(words, ", ")
}

type javaEnd struct {
	Acked  float64            `json:"acked"`
	Failed float64            `json:"failed"`
	First  float64            `json:"failed_first_ms"`
	Last   float64            `json:"failed_last_ms"`
	Errors map[string]float64 `json:"errors"`
}

// numbered are keys that do not repeat, so that a record found twice is known by its key.
const numbered = "sequence"

func javaThrough(t *testing.T, w *witness, rate int, seconds float64, set []string) string {
	t.Helper()
	args := []string{
		"--brokers", strings.Join(w.addresses(), ","), "--topic", w.topic, "--rate", fmt.Sprint(rate), "--keys", numbered,
		"--for", fmt.Sprint(seconds), "--warm-up", "0",
	}
	for _, pair := range set {
		args = append(args, "--set", pair)
	}
	var e javaEnd
	called(t, &e, "../.ci/kafka/paced", args...)
	var kinds []string
	for name, n := range e.Errors {
		kinds = append(kinds, fmt.Sprintf("%.0f %s", n, name))
	}
	slices.Sort(kinds)
	return fmt.Sprintf("acked %.0f, failed %.0f after %.0f to %.0f ms: %s", e.Acked, e.Failed, e.First, e.Last, strings.Join(kinds, "; "))
}

func kdynoThrough(t *testing.T, kdyno string, w *witness, rate int, seconds float64, set []string) string {
	t.Helper()
	args := []string{
		"run", "--brokers", strings.Join(w.addresses(), ","), "--topic", w.topic, "--rate", fmt.Sprint(rate), "--set", "load.keys=" + numbered,
		"--size", "200", "--for", fmt.Sprintf("%gs", seconds), "--json", "-q",
	}
	for _, pair := range set {
		args = append(args, "--set", pair)
	}
	var r report.Report
	called(t, &r, kdyno, args...)
	var kinds []string
	for _, f := range r.Failures {
		kinds = append(kinds, fmt.Sprintf("%d %s", f.Count, f.Kind))
	}
	return fmt.Sprintf("acked %d, failed %d, unknown %d; oldest record %.0f ms: %s",
		r.Records.Acked, r.Records.Failed, r.Records.Unknown, r.Clocks.OldestRecordMs, strings.Join(kinds, "; "))
}

// TestExpiredUnanswered prints what stands twice in the log where written records expire while no
// broker answers, though each stores what it is given: 2,000 records a second and
// delivery.timeout.ms of four seconds. Keys tell records apart and do not place them.
func TestExpiredUnanswered(t *testing.T) {
	const before = 4 * time.Second
	both := loaders(t)
	fmt.Println("| silence | client | ended, and how | in the log | twice | epochs |\n|---|---|---|---|---|---|")
	for _, silent := range []time.Duration{3 * time.Second, 5 * time.Second, 7 * time.Second, 9 * time.Second} {
		for _, c := range both {
			t.Run(silent.String()+"/"+c.name, func(t *testing.T) {
				w := newWitness(t, 6)
				go w.upset(t.Context(), func() {
					time.Sleep(before)
					w.set(func() { w.unheard = true })
					time.Sleep(silent)
					w.set(func() { w.unheard = false })
				})
				said := c.load(t, w, 2000, 18, []string{"delivery.timeout.ms=4000", "request.timeout.ms=2000", "partitioner.ignore.keys=true"})
				records, keys := w.copies(t)
				fmt.Printf("| %v | %s | %s | %d | %d | %d |\n", silent, c.name, said, records, records-keys, w.epochs())
			})
		}
	}
}

// epochs is under how many of them the producer wrote.
func (w *witness) epochs() int {
	seen := map[int16]bool{}
	for _, a := range w.seen() {
		seen[a.epoch] = true
	}
	return len(seen)
}
