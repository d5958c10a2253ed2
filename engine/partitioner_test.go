package engine_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kdyno/engine"
	"kdyno/engine/partition"
	"kdyno/engine/setting"
)

// A load by each partitioner of the user's own: all records arrive, and each
// partition has as many as its keys say.
func TestPartitionersOfOnesOwnDecideWhereRecordsGo(t *testing.T) {
	for _, class := range []string{"hash:crc32", "hash:fnv1a", "prefix:key-00000=0-2,key-00001=3,*=hash", "vip:key-000007=5,*=hash"} {
		t.Run(class, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := inFakeTime(t, engine.Config{
					Values: values(t, "partitioner.class", class, "load.keys", "uniform:20", "load.rate", "2000", "load.senders", "3"),
					For:    5 * time.Second,
				}, nil)
				placer := partition.NewPlacer(class, false, 6)
				var keys [6]int64
				for k := range 20 {
					p, _ := placer.Place(fmt.Appendf(nil, "key-%06d", k))
					keys[p]++
				}
				for _, p := range r.Partitions {
					want := keys[p.Partition] * 10_000 / 20
					if p.Records < want*8/10 || p.Records > want*12/10 {
						t.Errorf("partition %d has %d records, want about %d of its %d keys", p.Partition, p.Records, want, keys[p.Partition])
					}
				}
				if r.Records.Acked != 10_000 || r.Effective["partitioner.class"] != class {
					t.Errorf("acked %d, effective %q; want 10000 and %q", r.Records.Acked, r.Effective["partitioner.class"], class)
				}
			})
		})
	}
}

// What a topic lacks is refused: of the embedded one before anything starts, of
// a real one once it is known, and under load as a change.
func TestPartitionsThatTheTopicLacksAreRefused(t *testing.T) {
	var refused *engine.Error
	_, err := engine.Open(engine.Config{Values: values(t, "partitioner.class", "prefix:KR=0-6,*=hash")})
	if !errors.As(err, &refused) || refused.Kind != engine.Usage || refused.Key != setting.PartitionerClass ||
		!strings.Contains(refused.Say, "names partition 6, and the topic has 6") || refused.Hint != "set stand.partitions=7" {
		t.Errorf("got %#v, want a refusal with its cure", err)
	}
	inBubble(t, func(t *testing.T, b *bed) {
		c := b.config(t, "partitioner.class", "vip:gold=0-5,*=hash", "bootstrap.servers", "127.0.0.1:9092")
		s, err := engine.Open(c)
		if err != nil {
			t.Fatal(err)
		}
		<-s.Done()
		if err := s.Err(); !errors.As(err, &refused) || refused.Kind != engine.Usage || !strings.Contains(refused.Say, "none is left for other keys") {
			t.Errorf("got %v, want a refusal", err)
		}
		if r := s.Report(); r.Records.Due > 0 {
			t.Errorf("%+v, want that nothing was sent", r.Records)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		inFakeTime(t, engine.Config{Values: values(t), For: 2 * time.Second}, func(s *engine.Session) {
			time.Sleep(time.Second)
			if err := s.Do(mustStep(t, "set partitioner.class=prefix:KR=6,*=hash")); !errors.As(err, &refused) || refused.Kind != engine.Usage {
				t.Errorf("got %v, want a refusal", err)
			}
			if err := s.Do(mustStep(t, "set partitioner.class=prefix:KR=5,*=hash")); err != nil {
				t.Errorf("got %v, want it done", err)
			}
		})
	})
}

func TestFactsOfAClusterWithoutALoad(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		facts, err := engine.Facts(t.Context(), b.config(t))
		if err != nil || facts.Brokers != 3 || facts.FewestInTopic != 6 {
			t.Errorf("got %+v, %v, want three brokers and six partitions", facts, err)
		}
		c := b.config(t)
		c.Topics = []string{"absent"}
		var refused *engine.Error
		if _, err := engine.Facts(t.Context(), c); !errors.As(err, &refused) || refused.Kind != engine.Usage || !strings.Contains(refused.Say, "absent") {
			t.Errorf("got %v, want a refusal that names the topic", err)
		}
		c.Brokers = []string{"127.0.0.1:1"}
		if _, err := engine.Facts(t.Context(), c); !errors.As(err, &refused) || refused.Kind != engine.Unreachable {
			t.Errorf("got %v, want an unreachable cluster", err)
		}
	})
}
