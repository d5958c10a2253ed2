//go:build integration && figures && linux

package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"kdyno/telemetry/report"
)

// The load of make bench-peers, and its bars at replication 1: how many times a peer's records a
// second, and what part of its CPU time a record.
const (
	peerRounds   = 5
	peerBytes    = 100
	peerBatch    = 16 << 10
	overPerfTest = 2.0
	overRdkafka  = 1.7
	cpuAtMost    = 0.5
)

// peer is a producer that is run as a program of its own.
type peer struct {
	name string
	// send sends so many records flat out.
	send func(t *testing.T, topic string, records int) speed
}

// speed is how many records a second were acknowledged, and what processor time all of them took.
type speed struct {
	perSecond float64
	used      time.Duration
}

// TestPeers prints how fast kdyno, Kafka's own perf test and librdkafka are, in turns, and what CPU
// time each takes, everything included from the start of its process to its end. The bars are for
// librdkafka as a Go program has it; what a loop in C around it reaches, tuned or promising less, and
// what the bare client does that kdyno drives, stands beside.
func TestPeers(t *testing.T) {
	admin := realAdmin(t)
	kdyno, inGoAt := command(t), goPeers(t)
	peers := []peer{
		{"kdyno", func(t *testing.T, topic string, n int) speed {
			return kdynoFlatOut(t, kdyno, topic, n)
		}},
		{"kafka-producer-perf-test", perfTest},
		{"librdkafka in Go (confluent-kafka-go)", func(t *testing.T, topic string, n int) speed {
			return inGo(t, inGoAt, "confluent-kafka-go", topic, n)
		}},
		{"librdkafka in C", func(t *testing.T, topic string, n int) speed {
			return inC(t, topic, n, "1", "true")
		}},
		{"librdkafka in C, tuned loop", func(t *testing.T, topic string, n int) speed {
			return inC(t, topic, n, "64", "true")
		}},
		{"librdkafka in C, tuned loop, not idempotent", func(t *testing.T, topic string, n int) speed {
			return inC(t, topic, n, "64", "false")
		}},
		{"franz-go, bare", func(t *testing.T, topic string, n int) speed {
			return inGo(t, inGoAt, "franz-go", topic, n)
		}},
	}
	for _, shape := range []struct {
		replication int16
		records     int
	}{{1, 4_000_000}, {3, 2_000_000}} {
		rate, cpu := make([][]float64, len(peers)), make([][]float64, len(peers))
		for round := range peerRounds + 1 {
			topic := replicated(t, admin, shape.replication)
			for i := range peers {
				k := (i + round) % len(peers)
				if round == 0 {
					peers[k].send(t, topic, shape.records) // it warms the brokers
					continue
				}
				s := quietly(t, func() speed { return peers[k].send(t, topic, shape.records) })
				rate[k] = append(rate[k], s.perSecond)
				cpu[k] = append(cpu[k], s.used.Seconds()/float64(shape.records)*1e6)
			}
		}
		fmt.Printf("\nreplication %d, acks=all, %d B, batch.size=%d, linger.ms=5, %d records, median of %d\n", shape.replication, peerBytes, peerBatch, shape.records, peerRounds)
		fmt.Println("| | records/s | by kdyno's | CPU-s a million | kdyno's by it |\n|---|---|---|---|---|")
		var rates, cpus []float64
		for i := range peers {
			rates, cpus = append(rates, median(rate[i])), append(cpus, median(cpu[i]))
			fmt.Printf("| %s | %.0f | %.2f | %.2f | %.2f |\n", peers[i].name, rates[i], rates[0]/rates[i], cpus[i], cpus[0]/cpus[i])
		}
		judgePeers(t, shape.replication, rates, cpus)
	}
}

func judgePeers(t *testing.T, replication int16, rates, cpus []float64) {
	t.Helper()
	for i, bar := range []float64{1: overPerfTest, 2: overRdkafka} {
		if i == 0 {
			continue
		}
		if replication > 1 {
			bar = 1
		}
		if rates[0] < bar*rates[i] {
			t.Errorf("replication %d, peer %d: %.2f times its records a second, want %.1f", replication, i, rates[0]/rates[i], bar)
		}
		if replication == 1 && cpus[0] > cpuAtMost*cpus[i] {
			t.Errorf("replication %d, peer %d: %.2f of its CPU time, want %.1f", replication, i, cpus[0]/cpus[i], cpuAtMost)
		}
	}
}

// replicated makes a topic that is written at once where its leader is alone.
func replicated(t *testing.T, admin *kadm.Client, replication int16) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), adminWithin)
	defer cancel()
	topic := fmt.Sprintf("peers-%d-%d", replication, time.Now().UnixNano())
	insync := strconv.Itoa(min(int(replication), 2))
	if _, err := admin.CreateTopic(ctx, realPartitions, replication, map[string]*string{"min.insync.replicas": &insync}, topic); err != nil {
		t.Fatal(err)
	}
	awaitTopic(t, topic)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), adminWithin)
		defer cancel()
		if _, err := admin.DeleteTopic(ctx, topic); err != nil {
			t.Error(err)
		}
	})
	return topic
}

// spent runs a command and returns what it printed and its CPU time.
func spent(t *testing.T, name string, args ...string) ([]byte, time.Duration) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			out = append(out, exit.Stderr...)
		}
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return out, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// kdynoFlatOut is judged as perfTest is.
func kdynoFlatOut(t *testing.T, kdyno, topic string, records int) speed {
	t.Helper()
	out, used := spent(t, kdyno, "run", "--brokers", strings.Join(realBrokers(t), ","), "--topic", topic, "--rate", "0",
		"--records", strconv.Itoa(records), "--size", strconv.Itoa(peerBytes), "--set", fmt.Sprintf("batch.size=%d", peerBatch), "--json", "-q")
	var r report.Report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatal(err)
	}
	if r.Records.Acked != int64(records) {
		t.Fatalf("kdyno acknowledged %d of %d", r.Records.Acked, records)
	}
	return speed{max(float64(records)/(r.ElapsedS+r.DrainS), r.Rate.RecordsPerS), used}
}

var perSecond = regexp.MustCompile(`([0-9.]+) records/sec`)

// perfTest is judged by the better of its two figures: all of the run, and all but its warm-up.
func perfTest(t *testing.T, topic string, records int) speed {
	t.Helper()
	out, used := spent(t, "../.ci/kafka/perftest", "--bootstrap-server", strings.Join(realBrokers(t), ","), "--topic", topic,
		"--num-records", strconv.Itoa(records), "--record-size", strconv.Itoa(peerBytes), "--throughput", "-1",
		"--warmup-records", strconv.Itoa(records/4), "--reporting-interval", "600000",
		"--command-property", "acks=all", fmt.Sprintf("batch.size=%d", peerBatch), "linger.ms=5")
	best := 0.0
	for _, found := range perSecond.FindAllSubmatch(out, -1) {
		rate, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		best = max(best, rate)
	}
	if best == 0 {
		t.Fatalf("the perf test tells no rate:\n%s", out)
	}
	return speed{best, used}
}

// goPeers builds the program of the peers that are Go libraries, in a module of its own.
func goPeers(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "peers")
	build := exec.CommandContext(t.Context(), "go", "-C", "../.ci/kafka/peers", "build", "-o", path, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

func inGo(t *testing.T, program, client, topic string, records int) speed {
	t.Helper()
	out, used := spent(t, program, client, topic, strconv.Itoa(records), strconv.Itoa(peerBytes), strings.Join(realBrokers(t), ","))
	return delivered(t, out, used, records)
}

func inC(t *testing.T, topic string, records int, every, idempotent string) speed {
	t.Helper()
	out, used := spent(t, "../.ci/kafka/flatout", topic, strconv.Itoa(records), strconv.Itoa(peerBytes), every,
		"bootstrap.servers="+strings.Join(realBrokers(t), ","), "acks=all", "linger.ms=5", fmt.Sprintf("batch.size=%d", peerBatch),
		"enable.idempotence="+idempotent, "queue.buffering.max.messages=500000")
	return delivered(t, out, used, records)
}

// delivered reads what a peer's program prints.
func delivered(t *testing.T, out []byte, used time.Duration, records int) speed {
	t.Helper()
	var said struct {
		Delivered int     `json:"delivered"`
		Seconds   float64 `json:"seconds"`
	}
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatal(err)
	}
	if said.Delivered != records {
		t.Fatalf("a peer delivered %d of %d", said.Delivered, records)
	}
	return speed{float64(records) / said.Seconds, used}
}
