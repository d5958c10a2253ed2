//go:build integration

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine/workload"
)

const (
	realPartitions  = 6
	realReplication = 3
	adminWithin     = 30 * time.Second
	readWithin      = 2 * time.Minute
)

// realBrokers are the addresses of the cluster that .ci/kafka/up brought up.
func realBrokers(t *testing.T) []string {
	t.Helper()
	list := os.Getenv("KDYNO_KAFKA")
	if list == "" {
		t.Fatal("KDYNO_KAFKA is not set: run make integration, or .ci/kafka/up and KDYNO_KAFKA=127.0.0.1:19092,127.0.0.1:19192,127.0.0.1:19292")
	}
	return strings.Split(list, ",")
}

// node does something to one broker's process: start, kill, stop, cont.
func node(t *testing.T, verb string, id int32) {
	t.Helper()
	out, err := exec.Command("../.ci/kafka/node", verb, fmt.Sprint(id)).CombinedOutput()
	if err != nil {
		t.Fatalf("node %s %d: %v\n%s", verb, id, err, out)
	}
}

// realAdmin is a client of its own, so that what it reads owes nothing to the session under test.
func realAdmin(t *testing.T) *kadm.Client {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(realBrokers(t)...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return kadm.NewClient(cl)
}

// realTopic makes a topic of the test's own and removes it afterwards.
func realTopic(t *testing.T, admin *kadm.Client) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), adminWithin)
	defer cancel()
	name, _, _ := strings.Cut(strings.ToLower(t.Name()), "/")
	topic := fmt.Sprintf("%s-%08x", name, rand.Uint32())
	if _, err := admin.CreateTopic(ctx, realPartitions, realReplication, nil, topic); err != nil {
		t.Fatalf("create topic %s: %v", topic, err)
	}
	awaitTopic(t, topic)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), adminWithin)
		defer cancel()
		if _, err := admin.DeleteTopic(ctx, topic); err != nil {
			t.Errorf("delete topic %s: %v", topic, err)
		}
	})
	return topic
}

// awaitTopic waits until each broker knows the topic: the controller tells them one after another,
// and a session may ask any of them.
func awaitTopic(t *testing.T, topic string) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(realBrokers(t)...))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), adminWithin)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for id := int32(1); id <= realReplication; {
		if knowsTopic(ctx, cl.Broker(int(id)), topic) {
			id++
			continue
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("broker %d does not know topic %s after %v", id, topic, adminWithin)
		}
	}
}

func knowsTopic(ctx context.Context, b *kgo.Broker, topic string) bool {
	req := kmsg.NewPtrMetadataRequest()
	asked := kmsg.NewMetadataRequestTopic()
	asked.Topic = kmsg.StringPtr(topic)
	req.Topics = append(req.Topics, asked)
	resp, err := req.RequestWith(ctx, b)
	if err != nil || len(resp.Topics) != 1 || len(resp.Topics[0].Partitions) != realPartitions {
		return false
	}
	for _, p := range resp.Topics[0].Partitions {
		if p.ErrorCode != 0 || p.Leader < 0 {
			return false
		}
	}
	return true
}

// endOffsets are the log's ends: without transactions, one for each record that is in it.
func endOffsets(t *testing.T, admin *kadm.Client, topic string) map[int32]int64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), adminWithin)
	defer cancel()
	listed, err := admin.ListEndOffsets(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	ends := map[int32]int64{}
	listed.Each(func(o kadm.ListedOffset) {
		if o.Err != nil {
			t.Fatalf("end of partition %d: %v", o.Partition, o.Err)
		}
		ends[o.Partition] = o.Offset
	})
	return ends
}

// found is one record as the log has it.
type found struct {
	Partition int32
	Identity  workload.Identity
}

// realLog is a topic read from its start to its end.
type realLog struct {
	records []found
	foreign int
	corrupt int
}

// readReal reads the whole topic, in the order of each partition's log.
func readReal(t *testing.T, admin *kadm.Client, topic string) realLog {
	t.Helper()
	ends := endOffsets(t, admin, topic)
	from := map[int32]kgo.Offset{}
	for partition, end := range ends {
		if end > 0 {
			from[partition] = kgo.NewOffset().AtStart()
		}
	}
	if len(from) == 0 {
		return realLog{}
	}
	consumer, err := kgo.NewClient(kgo.SeedBrokers(realBrokers(t)...),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}))
	if err != nil {
		t.Fatal(err)
	}
	defer consumer.Close()
	ctx, cancel := context.WithTimeout(t.Context(), readWithin)
	defer cancel()
	var l realLog
	for open := len(from); open > 0; {
		fetches := consumer.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("read %s back: %d of %d partitions are not at their end: %v", topic, open, len(from), err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			l.add(r)
			if r.Offset == ends[r.Partition]-1 {
				open--
			}
		})
	}
	return l
}

func (l *realLog) add(r *kgo.Record) {
	id, err := workload.ReadIdentity(r.Value, r.Key)
	switch {
	case errors.Is(err, workload.ErrForeign):
		l.foreign++
	case errors.Is(err, workload.ErrCorrupt):
		l.corrupt++
	default:
		l.records = append(l.records, found{r.Partition, id})
	}
}

// findings is what is wrong with a log. The zero value is the good one.
type findings struct {
	Lost       int // asked for and not found
	Duplicated int // found again
	Reordered  int // behind a later record of its worker, within one partition
	Foreign    int // without an identity, or of another test
	Corrupt    int
}

// worker is one sender of one session.
type worker struct {
	test uint64
	id   uint16
}

// judge compares a log with what had to be in it: for each worker the sequence numbers that were
// acknowledged. Numbers beyond those (unknown outcome, then written) are no finding.
func (l realLog) judge(acked map[worker][]uint64) findings {
	f := findings{Foreign: l.foreign, Corrupt: l.corrupt}
	type lane struct {
		worker
		partition int32
	}
	seen := map[worker]map[uint64]bool{}
	for w := range acked {
		seen[w] = map[uint64]bool{}
	}
	last := map[lane]uint64{}
	for _, r := range l.records {
		w := worker{r.Identity.Test, r.Identity.Worker}
		if seen[w] == nil {
			f.Foreign++
			continue
		}
		if seen[w][r.Identity.Seq] {
			f.Duplicated++
			continue
		}
		seen[w][r.Identity.Seq] = true
		in := lane{w, r.Partition}
		if before, ok := last[in]; ok && r.Identity.Seq < before {
			f.Reordered++
			continue
		}
		last[in] = r.Identity.Seq
	}
	for w, sequence := range acked {
		for _, seq := range sequence {
			if !seen[w][seq] {
				f.Lost++
			}
		}
	}
	return f
}

// A judge that finds nothing proves nothing: here everything that it looks for is in the log.
func TestRealReadBackFindsWhatIsPlanted(t *testing.T) {
	admin := realAdmin(t)
	topic := realTopic(t, admin)
	cl, err := kgo.NewClient(kgo.SeedBrokers(realBrokers(t)...),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DefaultProduceTopic(topic))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	const test, sender = 7, 3
	record := func(partition int32, seq uint64) *kgo.Record {
		key, value := []byte("k"), make([]byte, 64)
		if !(workload.Identity{Test: test, Worker: sender, Seq: seq}).Put(value, key) {
			t.Fatal("no room for an identity")
		}
		return &kgo.Record{Partition: partition, Key: key, Value: value}
	}
	corrupt := record(1, 9)
	corrupt.Value[50]++
	written := []*kgo.Record{
		record(0, 0), record(0, 2), record(0, 1), // 1 comes behind 2
		record(1, 3), record(1, 4), record(1, 3), // 3 comes twice
		corrupt, // so 9 is lost
		{Partition: 2, Value: []byte("not ours")},
		record(2, 5), // 6 was never written
	}
	for _, r := range written {
		if err := cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	l := readReal(t, admin, topic)
	asked := map[worker][]uint64{{test, sender}: {0, 1, 2, 3, 4, 5, 6, 9}}
	want := findings{Lost: 2, Duplicated: 1, Reordered: 1, Foreign: 1, Corrupt: 1}
	if diff := cmp.Diff(want, l.judge(asked)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	wantEnds := map[int32]int64{0: 3, 1: 4, 2: 2, 3: 0, 4: 0, 5: 0}
	if diff := cmp.Diff(wantEnds, endOffsets(t, admin, topic)); diff != "" {
		t.Errorf("end offsets (-want +got):\n%s", diff)
	}
}
