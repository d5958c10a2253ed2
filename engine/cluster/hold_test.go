package cluster

import (
	"context"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The embedded brokers keep 2 MiB of each partition; held they keep all but what
// is dropped, and released they go on as before.
func TestRetentionIsHeldDroppedAndReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(t.Context(), Options{Nodes: 2, Partitions: 2, Network: &Network{}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		cl, err := kgo.NewClient(append(s.Reading(), kgo.DefaultProduceTopic(EmbeddedTopic),
			kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchCompression(kgo.NoCompression()))...)
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		fill := func() {
			t.Helper()
			for range 20 {
				if err := cl.ProduceSync(t.Context(), &kgo.Record{Partition: 1, Value: make([]byte, 500_000)}).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second) // the cleaner has been there
		}
		start := func() int64 {
			t.Helper()
			listed, err := kadm.NewClient(cl).ListStartOffsets(t.Context(), EmbeddedTopic)
			if err != nil {
				t.Fatal(err)
			}
			o, _ := listed.Lookup(EmbeddedTopic, 1)
			return o.Offset
		}
		r := s.Retention()
		if err := r.Hold(t.Context()); err != nil {
			t.Fatal(err)
		}
		fill()
		if got := start(); got != 0 {
			t.Errorf("held, the log begins at %d, want 0", got)
		}
		if err := r.Drop(t.Context(), map[string]map[int32]int64{EmbeddedTopic: {1: 7}}); err != nil {
			t.Error(err)
		}
		if got := start(); got != 7 {
			t.Errorf("dropped, the log begins at %d, want 7", got)
		}
		if err := r.Release(t.Context()); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		if got := start(); got < 14 {
			t.Errorf("released, the log begins at %d, want all but 2 MiB gone", got)
		}
		if err := r.Drop(t.Context(), map[string]map[int32]int64{EmbeddedTopic: {1: 99}}); err == nil {
			t.Error("offsets beyond the end were dropped")
		}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if r.Hold(over) == nil || r.Release(over) == nil || r.Drop(over, map[string]map[int32]int64{EmbeddedTopic: {1: 1}}) == nil {
			t.Error("nobody was asked, and it went well")
		}
	})
}

// While logs are held the process may grow.
func TestHeldLogsHaveMemory(t *testing.T) {
	s, err := Open(t.Context(), Options{Nodes: 1, Partitions: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	limit := func() int64 { return debug.SetMemoryLimit(-1) }
	percent := debug.SetGCPercent(100)
	debug.SetGCPercent(percent)
	r := s.Retention()
	for range 2 {
		if err := r.Hold(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := limit(); got != memoryLimit+heldMemory {
			t.Errorf("held, the limit is %d, want %d", got, memoryLimit+heldMemory)
		}
	}
	if err := r.Release(t.Context()); err != nil {
		t.Error(err)
	}
	if got := limit(); got != memoryLimit {
		t.Errorf("released, the limit is %d, want %d", got, memoryLimit)
	}
	if got := debug.SetGCPercent(percent); got != percent {
		t.Errorf("released, the collector's percentage is %d, want %d", got, percent)
	}
}

// A real cluster's retention is its own.
func TestRealClustersKeepTheirRetention(t *testing.T) {
	if r := (&Stand{}).Retention(); r != nil {
		t.Errorf("got %v", r)
	}
}

// A retention that is asked for while the logs are held does not let them go; it
// is in force once they are not held any more.
func TestRetentionAskedForWhileHeldComesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(t.Context(), Options{Nodes: 1, Partitions: 1, Network: &Network{}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		retention := func() string {
			t.Helper()
			all, err := kadm.NewClient(s.admin).DescribeTopicConfigs(t.Context(), EmbeddedTopic)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range all[0].Configs {
				if c.Key == "retention.bytes" {
					return c.MaybeValue()
				}
			}
			return ""
		}
		r := s.Retention()
		if err := r.Hold(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Limit(t.Context(), Limits{RetentionBytes: 8 << 20}); err != nil {
			t.Fatal(err)
		}
		if got := retention(); got != "-1" {
			t.Errorf("while held retention.bytes is %s, want -1", got)
		}
		if err := r.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := retention(); got != "8388608" {
			t.Errorf("afterwards retention.bytes is %s, want 8388608", got)
		}
	})
}
