//go:build integration

package engine_test

import (
	"context"
	"encoding/json"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"

	"kdyno/engine"
	"kdyno/engine/workload"
	"kdyno/telemetry/report"
)

// realWithin bounds every wait; nothing here takes a fraction of it unless it hangs.
const realWithin = 2 * time.Minute

// test and senders are in the identity of every record of a session under test.
const (
	realTest    = 0x6b646e79
	realSenders = 4
)

// realSession opens a session on a topic of the real cluster whose records carry identities.
func realSession(t *testing.T, topic string, pairs ...string) *engine.Session {
	t.Helper()
	pairs = append([]string{"load.senders", strconv.Itoa(realSenders), "load.record.bytes", "200"}, pairs...)
	s, err := engine.Open(engine.Config{
		Values: values(t, pairs...), Brokers: realBrokers(t), Topics: []string{topic}, Version: "test",
		Stamp: func(n uint64, due time.Duration, key, value []byte) {
			workload.Identity{Test: realTest, Worker: uint16(n % realSenders), Seq: n, Due: due}.Put(value, key)
		},
	})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// awaitReal waits until the session's report is as wanted.
func awaitReal(t *testing.T, s *engine.Session, what string, holds func(report.Report) bool) {
	t.Helper()
	deadline := time.After(realWithin)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds(s.Report()) {
		select {
		case <-tick.C:
		case <-s.Done():
			t.Fatalf("the session ended before %s: %v", what, s.Err())
		case <-deadline:
			r := s.Report()
			t.Fatalf("no %s within %v; records %+v, events %+v", what, realWithin, r.Records, r.Events)
		}
	}
}

// stopReal ends the load, drains, and returns the last report.
func stopReal(t *testing.T, s *engine.Session) report.Report {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), realWithin)
	defer cancel()
	s.Stop(ctx)
	return s.Report()
}

// assertAllAcked asserts that nothing is left open, given up or unknown: only then does the number
// of acknowledgements say which records must be in the log.
func assertAllAcked(t *testing.T, r report.Records) {
	t.Helper()
	none := int64(0)
	want := report.Records{Due: r.Due, Sent: r.Due, Accepted: r.Due, Acked: r.Due, ResentByApplication: &none, NeverTold: &none}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("records at rest (-want all acknowledged +got):\n%s", diff)
	}
}

// assertLogHolds asserts that the log has every acknowledged record once and in order, and that the
// report's share of each partition is what stands in it.
func assertLogHolds(t *testing.T, admin *kadm.Client, topic string, r report.Report) {
	t.Helper()
	assertEnds(t, admin, topic, r.Partitions)
	acked := map[worker][]uint64{}
	for n := range uint64(r.Records.Acked) {
		w := worker{realTest, uint16(n % realSenders)}
		acked[w] = append(acked[w], n)
	}
	if diff := cmp.Diff(findings{}, readReal(t, admin, topic).judge(acked)); diff != "" {
		t.Errorf("findings in the log (-want none +got):\n%s", diff)
	}
}

// assertCluster asserts that the report tells of every broker its version and of
// every partition its replicas in sync.
func assertCluster(t *testing.T, r report.Report) {
	t.Helper()
	for _, b := range r.Brokers {
		if !strings.HasPrefix(b.Version, "v4.") {
			t.Errorf("broker %d is of version %q, want 4.x", b.ID, b.Version)
		}
	}
	for _, p := range r.Partitions {
		if p.ISR == nil || *p.ISR != 3 {
			t.Errorf("partition %d has %v in sync, want 3", p.Partition, p.ISR)
		}
	}
}

// assertEnds asserts that the report counts for each partition what is in its log. The end that
// clients see follows the replication, so with acks=1 it comes a moment after the acknowledgement.
func assertEnds(t *testing.T, admin *kadm.Client, topic string, partitions []report.Partition) {
	t.Helper()
	said := map[int32]int64{}
	for _, p := range partitions {
		said[p.Partition] = p.Records
	}
	deadline := time.After(adminWithin)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		diff := cmp.Diff(endOffsets(t, admin, topic), said)
		if diff == "" {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Errorf("records per partition (-end offsets of the log +report):\n%s", diff)
			return
		}
	}
}

// The command as a person types it: the report on its stdout against the log.
func TestRealRunSaysWhatTheLogHolds(t *testing.T) {
	admin := realAdmin(t)
	kdyno := command(t)
	cases := map[string][]string{
		"the defaults":             {},
		"keys and compression":     {"--set", "load.keys=uniform:1000", "--set", "compression.type=zstd", "--set", "linger.ms=20"},
		"round robin, acks=1":      {"--set", "partitioner.class=round-robin", "--set", "enable.idempotence=false", "--acks", "1"},
		"as fast as it goes":       {"--rate", "0", "--set", "batch.size=65536"},
		"one record to each batch": {"--set", "batch.size=0", "--set", "linger.ms=0", "--rate", "500"},
	}
	for name, args := range cases {
		t.Run(name, func(t *testing.T) {
			topic := realTopic(t, admin)
			records := int64(20_000)
			if name == "one record to each batch" {
				records = 1_000
			}
			list := append([]string{
				"run", "--brokers", "127.0.0.1:19092", "--topic", topic,
				"--rate", "10000", "--records", strconv.FormatInt(records, 10), "--json", "-q",
			}, args...)
			out, err := exec.Command(kdyno, list...).Output()
			if err != nil {
				t.Fatalf("kdyno %v: %v\n%s", list, err, out)
			}
			var said report.Report
			if err := json.Unmarshal(out, &said); err != nil {
				t.Fatalf("the report is no JSON: %v\n%s", err, out)
			}
			assertCluster(t, said)
			assertAllAcked(t, said.Records)
			if said.Records.Acked != records {
				t.Errorf("got %d acknowledged, want %d", said.Records.Acked, records)
			}
			assertEnds(t, admin, topic, said.Partitions)
		})
	}
}

// Each change finds records in the buffer: the linger holds half a second of them back.
func TestRealChangesLoseAndReorderNothing(t *testing.T) {
	admin := realAdmin(t)
	topic := realTopic(t, admin)
	s := realSession(t, topic, "load.rate", "10000", "linger.ms", "500", "batch.size", "1048576")
	changes := []string{
		"set linger.ms=300",
		"set batch.size=524288",
		"set compression.type=lz4",
		"set enable.idempotence=false acks=1",
		"set linger.ms=500 batch.size=1048576 compression.type=none enable.idempotence=true acks=all",
	}
	const enough = 10_000 // records, a second's worth
	for i, line := range changes {
		before := s.Report().Records.Acked
		awaitReal(t, s, "a second of acknowledgements before "+line, func(r report.Report) bool {
			return r.Records.Acked > before+enough && r.Records.InBuffer > 0
		})
		if err := s.Do(mustStep(t, line)); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		awaitReal(t, s, "swap for "+line, func(r report.Report) bool {
			return len(r.Runs) == i+2 && r.Runs[i+1].Swap != nil
		})
	}
	last := s.Report().Records.Acked
	awaitReal(t, s, "a second of acknowledgements after the changes", func(r report.Report) bool {
		return r.Records.Acked > last+enough
	})
	r := stopReal(t, s)
	assertAllAcked(t, r.Records)
	assertLogHolds(t, admin, topic, r)
	for _, run := range r.Runs[1:] {
		if run.Swap.Drained == 0 || run.Swap.GaveUp != 0 {
			t.Errorf("run %d: got swap %+v, want records drained and none given up", run.Run, *run.Swap)
		}
	}
}

// With acks=all a follower that is gone holds every acknowledgement back until the controller has
// taken it out of the in-sync replicas, some nine seconds: the gap is that of the whole topic.
func TestRealBrokerKilledLosesNothingAcknowledged(t *testing.T) {
	const victim = 2
	admin := realAdmin(t)
	topic := realTopic(t, admin)
	t.Cleanup(func() { node(t, "start", victim) })
	s := realSession(t, topic, "load.rate", "4000", "acks", "all")
	awaitAcked := func(what string) {
		t.Helper()
		before := s.Report().Records.Acked
		awaitReal(t, s, what, func(r report.Report) bool { return r.Records.Acked > before+8_000 })
	}
	awaitAcked("acknowledgements before the kill")
	node(t, "kill", victim)
	quiet := longestQuiet(t, s, 8_000)
	node(t, "start", victim)
	awaitAcked("acknowledgements after the restart")
	r := stopReal(t, s)

	assertAllAcked(t, r.Records)
	assertLogHolds(t, admin, topic, r)
	if r.Requests.Retries == 0 {
		t.Error("got no retries on the report, want those of the killed broker's batches")
	}
	// A batch is counted when all of its records are through, so the test may see the gap's end late
	// by the time that the processor was busy with what had piled up.
	const late = 0.9
	gap, seen := r.Latency.LongestAckGapMs, *report.Ms(quiet)
	if gap == nil {
		t.Errorf("got no longest_ack_gap_ms, want the %.0f in which the test saw no acknowledgement", seen)
	} else if *gap < late*seen {
		t.Errorf("got longest_ack_gap_ms %.0f, want the %.0f in which the test saw no acknowledgement", *gap, seen)
	}
}

// longestQuiet watches until so many more records are acknowledged, and returns the longest time in
// which it saw none: the gap, found without the engine's clock.
func longestQuiet(t *testing.T, s *engine.Session, records int64) time.Duration {
	t.Helper()
	deadline := time.After(realWithin)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	begin := s.Report().Records.Acked
	last, since, longest := begin, time.Now(), time.Duration(0)
	for last <= begin+records {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d of %d records were acknowledged within %v without the killed broker", last-begin, records, realWithin)
		}
		// The clock is read before a report that shows nothing new and after one that does, so that
		// the time in between is not made longer by asking.
		at := time.Now()
		if acked := s.Report().Records.Acked; acked == last {
			longest = max(longest, at.Sub(since))
		} else {
			last, since = acked, time.Now()
		}
	}
	return longest
}
