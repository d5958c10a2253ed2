package engine_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine"
	"kdyno/engine/partition"
	"kdyno/engine/step"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// Partitions are added under load: the producers notice, records go to all of
// them, keys go where their hash sends them, and nothing is lost on the way.
func TestPartitionsAreAddedUnderLoad(t *testing.T) {
	t.Parallel()
	for _, pairs := range [][]string{
		{"load.keys", "uniform:500"},
		{"load.keys", "uniform:500", "load.producers", "3"},
		{"load.keys", "none"},
		{"load.keys", "uniform:500", "partitioner.class", "round-robin"},
	} {
		t.Run(fmt.Sprint(pairs), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := &kfake.VirtualNetwork{}
				s, err := engine.Open(engine.Config{
					Values: values(t, append([]string{"load.rate", "2000", "load.record.bytes", "60", "stand.link.rtt", "5ms"}, pairs...)...),
					For:    6 * time.Second, Network: network,
					At: []step.Timed{{At: 2 * time.Second, Step: mustStep(t, "partitions 12")}},
				})
				if err != nil {
					t.Fatal(err)
				}
				<-s.Done()
				r := s.Report()
				if r.Records.Acked != 12_000 || len(r.Records.Broken()) > 0 || len(r.Runs) != 1 {
					t.Errorf("records %+v, %d runs, want all 12000 acknowledged by the first producer", r.Records, len(r.Runs))
				}
				judgePartitions(t, r, 12)
				keyed := pairs[1] != "none" && len(pairs) == 2
				moved := 0
				for _, k := range readAll(t, network, 12_000) {
					if !keyed {
						break
					}
					switch int(k.Partition) {
					case partition.Hash(k.Key, 12):
						moved++
					case partition.Hash(k.Key, 6):
					default:
						t.Fatalf("key %s is in partition %d, neither %d nor %d", k.Key, k.Partition, partition.Hash(k.Key, 6), partition.Hash(k.Key, 12))
					}
				}
				if keyed && moved < 8000 {
					t.Errorf("%d records are where 12 partitions put them, want the 8000 of four seconds at least", moved)
				}
				says := "partitions of kdyno: 6 > 12, known to the producer"
				if keyed {
					says = "50.0 % of the keys go elsewhere"
				}
				if !strings.Contains(said(r), says) {
					t.Errorf("no event says %q:%s", says, said(r))
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// judgePartitions wants so many rows, each with a leader and records, evenly
// led.
func judgePartitions(t *testing.T, r report.Report, n int) {
	t.Helper()
	if len(r.Partitions) != n || r.Topics[0].Partitions != n {
		t.Errorf("%d rows, topic %+v, want %d partitions", len(r.Partitions), r.Topics[0], n)
	}
	leads, sum := map[int32]int{}, int64(0)
	for _, p := range r.Partitions {
		leads[p.Leader]++
		sum += p.Records
		if p.Records == 0 || p.Batches == 0 {
			t.Errorf("partition %d: %+v, want records", p.Partition, p)
		}
	}
	if sum != r.Records.Acked || leads[0] != n/3 || leads[1] != n/3 || leads[2] != n/3 {
		t.Errorf("partitions hold %d of %d records, led by %v, want a third by each broker", sum, r.Records.Acked, leads)
	}
}

// A change of producers after it starts with all of them, a crash too.
func TestSwapAndCrashAfterPartitionsGrew(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "2000", "load.record.bytes", "60", "stand.link.rtt", "5ms", "load.keys", "uniform:500"))
		w.settled(telemetry.Running)
		w.do("set linger.ms=7")
		w.do("partitions 9")
		w.runs(2)
		w.says("6 > 9")
		w.do("set linger.ms=3")
		w.runs(3)
		w.do("crash")
		w.crashes(1)
		w.do("partitions 15")
		w.says("9 > 15")
		w.do("restart")
		w.restarted()
		time.Sleep(2 * time.Second)
		w.Stop(patience(t, 10*time.Second))
		r := w.close()
		if len(r.Partitions) != 15 {
			t.Fatalf("%d partitions, want 15", len(r.Partitions))
		}
		for _, p := range r.Partitions {
			if p.Records == 0 {
				t.Errorf("partition %d got no record", p.Partition)
			}
		}
		if !strings.Contains(said(r), "66.7 % of the keys go elsewhere (their hash is taken modulo 9 instead of 6)") {
			t.Errorf("no event says which share of the keys moves:%s", said(r))
		}
		judgeFound(t, b, r)
	})
}

// Several topics of one session grow together.
func TestPartitionsOfSeveralTopics(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		if err := b.fake.CreateTopic("others", 8, nil); err != nil {
			t.Fatal(err)
		}
		c := b.config(t, "load.rate", "1000", "load.record.bytes", "60")
		c.Topics = []string{"kdyno", "others"}
		w := open(t, c)
		w.settled(telemetry.Running)
		var e *engine.Error
		if err := w.Do(mustStep(t, "partitions 7")); !errors.As(err, &e) || !strings.Contains(e.Say, "topic others has 8 partitions, and partitions can not be taken away") {
			t.Errorf("got %v, want a refusal that names the topic", err)
		}
		w.do("partitions 8")
		w.says("partitions of kdyno: 6 > 8")
		w.do("partitions 10")
		w.says("partitions of kdyno: 8 > 10")
		w.says("partitions of others: 8 > 10")
		time.Sleep(2 * time.Second)
		w.Stop(patience(t, 10*time.Second))
		if r := w.close(); len(r.Partitions) != 20 || r.Records.Acked != r.Records.Due {
			t.Errorf("%d partitions, records %+v, want 20 and all acknowledged", len(r.Partitions), r.Records)
		}
	})
}

func TestPartitionsThatCannotBeAreRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "100", "load.record.bytes", "60"))
		w.settled(telemetry.Running)
		for line, say := range map[string]string{
			"partitions 5": "has 6 partitions, and partitions can not be taken away", "partitions 6": "has 6 partitions already",
		} {
			var e *engine.Error
			if err := w.Do(mustStep(t, line)); !errors.As(err, &e) || e.Kind != engine.Usage || !strings.Contains(e.Say, say) || e.Hint == "" {
				t.Errorf("%s: got %v, want a refusal that says %q", line, err, say)
			}
		}
		denied := b.fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.CreatePartitions}, Err: kerr.TopicAuthorizationFailed, Count: -1})
		w.do("partitions 9")
		w.says("partitions 9 was refused: partitions can not be added to topic kdyno: TOPIC_AUTHORIZATION_FAILED")
		denied.Remove()
		w.do("partitions 9")
		w.says("partitions of kdyno: 6 > 9")
		w.Stop(patience(t, 10*time.Second))
		if r := w.close(); r.Records.Failed+r.Records.Refused+r.Records.Unknown != 0 || len(r.Partitions) != 9 {
			t.Errorf("records %+v in %d partitions, want nothing lost over it, and 9", r.Records, len(r.Partitions))
		}
	})
}
