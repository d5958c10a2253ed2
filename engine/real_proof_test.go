//go:build integration

package engine_test

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"kdyno/engine"
	"kdyno/telemetry/report"
)

// awaitMore waits for so many more acknowledgements.
func awaitMore(t *testing.T, s *engine.Session, records int64, what string) {
	t.Helper()
	before := s.Report().Records.Acked
	awaitReal(t, s, what, func(r report.Report) bool { return r.Records.Acked > before+records })
}

// leadersOf are the leaders of a topic's partitions, once every replica is in sync.
func leadersOf(t *testing.T, admin *kadm.Client, topic string) map[int32]int32 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), realWithin)
	defer cancel()
	for ; ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		topics, err := admin.ListTopics(ctx, topic)
		if err != nil {
			continue
		}
		leaders, sync := map[int32]int32{}, true
		for _, p := range topics[topic].Partitions {
			leaders[p.Partition] = p.Leader
			sync = sync && p.Leader > 0 && len(p.ISR) == realReplication
		}
		if sync && len(leaders) > 0 {
			return leaders
		}
	}
	t.Fatalf("not every replica of %s is in sync after %v", topic, realWithin)
	return nil
}

// The leader of a partition is killed ten times under load, whoever it is: what was in flight is
// written again, and nothing that was acknowledged is lost, repeated or reordered.
func TestRealAuditLeaderKilledTenTimes(t *testing.T) {
	admin := realAdmin(t)
	topic := realTopic(t, admin)
	victim := leadersOf(t, admin, topic)[0]
	t.Cleanup(func() { node(t, "start", victim) })
	s := realAudited(t, topic, 0, "load.rate", "5000", "load.senders", "4", "acks", "all")
	awaitMore(t, s, 5_000, "acknowledgements before the first kill")
	flying := 0
	for range 10 {
		before := s.Report().Requests.Retries
		node(t, "kill", victim)
		node(t, "start", victim)
		awaitMore(t, s, 2_000, "acknowledgements after a kill")
		victim = leadersOf(t, admin, topic)[0]
		if s.Report().Requests.Retries > before {
			flying++
		}
	}
	r := stopReal(t, s)
	t.Logf("%d acknowledged, batches written again after %d kills of 10", r.Records.Acked, flying)
	assertAllAcked(t, r.Records)
	wantKept(t, r)
	if gap := r.Latency.LongestAckGapMs; flying == 0 || gap == nil || *gap < 100 {
		t.Errorf("batches were written again after %d kills, longest gap %v ms, want both seen", flying, number(gap))
	}
}

// With one node of three gone and min.insync.replicas=3 nothing is taken until it is back.
func TestRealAuditBelowMinISR(t *testing.T) {
	const victim = 2
	admin := realAdmin(t)
	topic := realTopic(t, admin)
	three := "3"
	if _, err := admin.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Name: "min.insync.replicas", Value: &three}}, topic); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { node(t, "start", victim) })
	s := realAudited(t, topic, 0, "load.rate", "2000", "acks", "all")
	awaitMore(t, s, 2_000, "acknowledgements with all three")
	node(t, "kill", victim)
	awaitReal(t, s, "a refusal for want of replicas", func(r report.Report) bool {
		return r.Requests.Errors["NOT_ENOUGH_REPLICAS"]+r.Requests.Errors["NOT_ENOUGH_REPLICAS_AFTER_APPEND"] > 0
	})
	node(t, "start", victim)
	awaitMore(t, s, 4_000, "acknowledgements once it is back")
	r := stopReal(t, s)
	assertAllAcked(t, r.Records)
	wantKept(t, r)
}

// A broker that is frozen fills the buffer: sends block and then fail for certain.
func TestRealAuditFullBufferBeforeAFrozenBroker(t *testing.T) {
	const victim = 1
	topic := realTopic(t, realAdmin(t))
	t.Cleanup(func() { node(t, "cont", victim) })
	s := realAudited(t, topic, 0, "load.rate", "5000", "load.record.bytes", "1000", "buffer.memory", "1048576", "max.block.ms", "300")
	awaitMore(t, s, 3_000, "acknowledgements before it is frozen")
	node(t, "stop", victim)
	awaitReal(t, s, "sends that gave up", func(r report.Report) bool { return r.Records.Refused > 0 })
	node(t, "cont", victim)
	awaitMore(t, s, 3_000, "acknowledgements after it is thawed")
	r := stopReal(t, s)
	wantKept(t, r)
	// Who waits as the load ends is called back, which is a refusal too.
	if n := failure(r, "BUFFER_EXHAUSTED").Count; n == 0 || r.Records.Failed+r.Records.Unknown > 0 {
		t.Errorf("records %+v, %d exhausted, want some refused for want of space and no other failure", r.Records, n)
	}
}

// Each node is shut down in good order and started again, one after another.
func TestRealAuditRollingRestart(t *testing.T) {
	admin := realAdmin(t)
	topic := realTopic(t, admin)
	s := realAudited(t, topic, 0, "load.rate", "3000", "load.senders", "2")
	awaitMore(t, s, 3_000, "acknowledgements before the first")
	for victim := int32(1); victim <= realReplication; victim++ {
		t.Cleanup(func() { node(t, "start", victim) })
		shutDown(t, victim)
		node(t, "start", victim)
		awaitMore(t, s, 2_000, "acknowledgements after a restart")
		leadersOf(t, admin, topic)
	}
	r := stopReal(t, s)
	assertAllAcked(t, r.Records)
	wantKept(t, r)
}

// shutDown asks a node to end and waits until it has.
func shutDown(t *testing.T, id int32) {
	t.Helper()
	out, err := exec.Command("../.ci/kafka/node", "pid", strconv.Itoa(int(id))).Output()
	if err != nil {
		t.Fatal(err)
	}
	pid := strings.TrimSpace(string(out))
	if err := exec.Command("kill", "-TERM", pid).Run(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(realWithin); exec.Command("kill", "-0", pid).Run() == nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("node %d does not shut down", id)
		}
	}
}

// Leaders are moved by the cluster's operator, and a quota comes and goes.
func TestRealAuditLeadersMovedAndQuota(t *testing.T) {
	admin := realAdmin(t)
	topic := realTopic(t, admin)
	s := realAudited(t, topic, 0, "client.id", topic, "load.rate", "3000", "linger.ms", "10")
	awaitMore(t, s, 3_000, "acknowledgements before")
	before := leadersOf(t, admin, topic)
	var moves kadm.AlterPartitionAssignmentsReq
	for p, leader := range before {
		next := leader%realReplication + 1
		moves.Assign(topic, p, []int32{next, next%realReplication + 1, leader})
	}
	ctx, cancel := context.WithTimeout(t.Context(), adminWithin)
	defer cancel()
	if done, err := admin.AlterPartitionAssignments(ctx, moves); err != nil || done.Error() != nil {
		t.Fatalf("move: %v, %v", err, done.Error())
	}
	awaitMoved(t, admin, topic, before)
	awaitMore(t, s, 3_000, "acknowledgements after the move")
	t.Cleanup(func() { quota(context.Background(), t, admin, topic, kadm.AlterClientQuotaOp{Remove: true}) })
	quota(t.Context(), t, admin, topic, kadm.AlterClientQuotaOp{Value: 20_000})
	awaitReal(t, s, "throttling", func(r report.Report) bool { return r.Requests.ThrottleMs > 0 })
	quota(t.Context(), t, admin, topic, kadm.AlterClientQuotaOp{Remove: true})
	r := stopReal(t, s)
	assertAllAcked(t, r.Records)
	wantKept(t, r)
}

// awaitMoved asks for the preferred leaders until no partition has the one that it had.
func awaitMoved(t *testing.T, admin *kadm.Client, topic string, before map[int32]int32) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), realWithin)
	defer cancel()
	set := kadm.TopicsSet{}
	for p := range before {
		set.Add(topic, p)
	}
	for stay := len(before); stay > 0; time.Sleep(50 * time.Millisecond) {
		// It may come before the order of the replicas is known.
		if _, err := admin.ElectLeaders(ctx, kadm.ElectPreferredReplica, set); err != nil {
			t.Fatal(err)
		}
		stay = 0
		for p, leader := range leadersOf(t, admin, topic) {
			if leader == before[p] {
				stay++
			}
		}
	}
}

// Partitions are added under a load with keys: order per partition is kept, and per key it is not.
func TestRealAuditAddedPartitionsBreakTheOrderPerKey(t *testing.T) {
	topic := realTopic(t, realAdmin(t))
	s := realAudited(t, topic, 0, "load.rate", "5000", "load.keys", "uniform:500")
	awaitMore(t, s, 5_000, "acknowledgements before")
	realStep(t, s, "partitions 12")
	awaitReal(t, s, "records in each of twelve", func(r report.Report) bool {
		for _, p := range r.Partitions {
			if p.Records == 0 {
				return false
			}
		}
		return len(r.Partitions) == 12
	})
	awaitMore(t, s, 5_000, "acknowledgements after")
	r := stopReal(t, s)
	a := verdictOf(t, r)
	if a.Verdict != report.AuditKept || a.Reordered != 0 || a.ReorderedByKey == 0 || a.Found != r.Records.Acked || a.Duplicated != 0 {
		t.Errorf("audit %+v, want kept per partition, and keys in two partitions", a)
	}
	if !strings.Contains(a.Say, "rder per key is broken for") {
		t.Errorf("it says %q", a.Say)
	}
}
