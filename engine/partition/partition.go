// Package partition decides to which partition a record goes, as the Java
// producer does or by rules of the user's own, and counts what it accepted.
// The run hands one Partitioner to its client; kgo calls it under its lock of
// the topic, from whichever goroutine sends. What waits for each partition it
// is told by Weigh. It measures no time, starts no goroutine and knows nothing
// of batches beyond their bytes. A Placer answers for keys alone, without a
// client.
package partition

import (
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/setting"
)

// Consumed are the settings that this package honours.
var Consumed = []setting.Key{
	setting.PartitionerClass, setting.PartitionerIgnoreKeys,
	setting.PartitionerAdaptive, setting.PartitionerTimeoutMs, // by what the run weighs
}

// Observer hears what is decided. All calls come under kgo's lock of the
// topic and must not block.
type Observer interface {
	// Pin says that this record has its partition already; negative: it is to
	// be refused.
	Pin(r *kgo.Record) (partition int, pinned bool)
	// Picked says where the record goes and which number it is there, counted
	// from 0. A record that would have opened a batch is asked about twice;
	// the last call holds.
	Picked(r *kgo.Record, partition int, number int64, opens bool)
	// Full says that the open batch of the partition took its last record, the
	// one before number, and with leaves that nothing will follow it soon. Where
	// sizes differ, smaller records may still slip into the batch.
	Full(r *kgo.Record, partition int, number int64, leaves bool)
}

// Options say how to partition.
type Options struct {
	Class      string // partitioner.class, canonical
	IgnoreKeys bool
	BatchBytes int    // batch.size, the sticky partitioner's measure
	LimitBytes int    // what the client takes as the largest batch
	Seed       uint64 // of the choice of the next sticky partition
	// Led says whether a partition has a leader; records without a place of
	// their own go around those that have none. It must not block; nil: all do.
	Led func(topic string, partition int) bool
}

// Partitioner makes one topic partitioner for each topic.
type Partitioner struct {
	options  Options
	observer Observer
	topics   atomic.Pointer[map[string]*topic]
}

// New returns a partitioner for one producer.
func New(o Options, observer Observer) *Partitioner {
	p := &Partitioner{options: o, observer: observer}
	p.topics.Store(&map[string]*topic{})
	return p
}

// ForTopic implements kgo.Partitioner. kgo calls it once for each topic.
func (p *Partitioner) ForTopic(name string) kgo.TopicPartitioner {
	t := newTopic(name, p.options, p.observer)
	for {
		old := p.topics.Load()
		next := make(map[string]*topic, len(*old)+1)
		for k, v := range *old {
			next[k] = v
		}
		next[name] = t
		if p.topics.CompareAndSwap(old, &next) {
			return t
		}
	}
}

// Accepted returns how many records each partition of the topic was given.
// Any goroutine may call it.
func (p *Partitioner) Accepted(name string) []int64 {
	t, ok := (*p.topics.Load())[name]
	if !ok {
		return nil
	}
	return t.accepted()
}
