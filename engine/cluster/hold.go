package cluster

import (
	"context"
	"fmt"
	"math"
	"runtime/debug"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Reading are the options of a client that reads the stand's logs: past the
// emulated network and what is broken on it, with TLS and login where they are
// needed.
func (s *Stand) Reading() []kgo.Opt {
	return append(slices.Clone(s.guard.login), kgo.SeedBrokers(s.Seeds...), kgo.Dialer(s.ask))
}

// Retention holds the embedded brokers' logs; nil for a real cluster, whose
// logs are not ours to hold.
func (s *Stand) Retention() *Retention {
	if !s.Embedded {
		return nil
	}
	return &Retention{admin: kadm.NewClient(s.admin), topics: s.named(), own: s.own}
}

// Retention is that of the embedded brokers, which else keep little. One
// goroutine at a time.
type Retention struct {
	admin   *kadm.Client
	topics  []string
	own     *embedded
	before  map[string][]kadm.AlterConfig // by topic: what Release puts back
	memory  int64                         // the limit before; 0: it was not raised
	percent int                           // the collector's, before
}

// While logs are held, and read, the process may take more: at the usual limit
// the collector would run all the time, and at the usual percentage twice as
// often as without a reader (measured: a third of the rate flat out, and half of
// what an audit costs at 400,000 records/s).
const (
	heldMemory  = 256 << 20
	heldPercent = 400
)

// held are the settings of a topic that make its log shorter.
var held = []string{"retention.bytes", "retention.ms"}

// Hold lets the logs grow until Drop or Release.
func (r *Retention) Hold(ctx context.Context) error {
	if limit := debug.SetMemoryLimit(-1); r.memory == 0 && limit < math.MaxInt64-heldMemory {
		r.memory = limit
		debug.SetMemoryLimit(limit + heldMemory)
		r.percent = debug.SetGCPercent(heldPercent)
	}
	r.own.hold(true)
	all, err := r.admin.DescribeTopicConfigs(ctx, r.topics...)
	if err != nil {
		return fmt.Errorf("read the retention of the embedded topics: %w", err)
	}
	r.before = map[string][]kadm.AlterConfig{}
	unlimited := "-1"
	for _, topic := range all {
		var hold []kadm.AlterConfig
		for _, c := range topic.Configs {
			if slices.Contains(held, c.Key) {
				r.before[topic.Name] = append(r.before[topic.Name], kadm.AlterConfig{Op: kadm.SetConfig, Name: c.Key, Value: c.Value})
				hold = append(hold, kadm.AlterConfig{Op: kadm.SetConfig, Name: c.Key, Value: &unlimited})
			}
		}
		if err := r.alter(ctx, topic.Name, hold); err != nil {
			return err
		}
	}
	return nil
}

// Release puts the retention back.
func (r *Retention) Release(ctx context.Context) error {
	if r.memory > 0 {
		debug.SetMemoryLimit(r.memory)
		debug.SetGCPercent(r.percent)
		r.memory = 0
	}
	wanted := r.own.hold(false)
	for topic, before := range r.before {
		for i := range before {
			if before[i].Name == "retention.bytes" && wanted != "" {
				before[i].Value = &wanted // it was changed meanwhile
			}
		}
		if err := r.alter(ctx, topic, before); err != nil {
			return err
		}
	}
	return nil
}

func (r *Retention) alter(ctx context.Context, topic string, configs []kadm.AlterConfig) error {
	answers, err := r.admin.AlterTopicConfigs(ctx, configs, topic)
	for _, a := range answers {
		if err == nil {
			err = a.Err
		}
	}
	if err != nil {
		return fmt.Errorf("change the retention of the embedded topic %s: %w", topic, err)
	}
	return nil
}

// Drop removes what stands before an offset of each partition.
func (r *Retention) Drop(ctx context.Context, before map[string]map[int32]int64) error {
	offsets := kadm.Offsets{}
	for topic, parts := range before {
		for number, offset := range parts {
			offsets.Add(kadm.Offset{Topic: topic, Partition: number, At: offset, LeaderEpoch: -1})
		}
	}
	answers, err := r.admin.DeleteRecords(ctx, offsets)
	if err == nil {
		err = answers.Error()
	}
	if err != nil {
		return fmt.Errorf("remove read records of the embedded topics: %w", err)
	}
	return nil
}
