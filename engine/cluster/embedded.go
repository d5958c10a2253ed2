package cluster

import (
	"fmt"
	"net"
	"runtime/debug"

	"github.com/twmb/franz-go/pkg/kfake"
)

// The embedded brokers keep their logs in memory: small segments, since only
// whole ones are dropped, and little retention per partition.
const (
	segmentBytes   = "1048576"
	retentionBytes = "2097152"
	cleanEveryMs   = "200"
	// memoryLimit makes the collector work harder before the process grows;
	// measured: the same rate at 295 MB instead of 398 MB, flat out.
	memoryLimit = 300 << 20
)

// embed starts brokers in this process, their leaders spread evenly.
func embed(o Options) (*Stand, error) {
	names := o.Topics
	if len(names) == 0 {
		names = []string{EmbeddedTopic}
	}
	opts := []kfake.Opt{
		kfake.ClusterID("kdyno-embedded"),
		kfake.BrokerConfigs(map[string]string{
			"log.segment.bytes":          segmentBytes,
			"log.cleaner.backoff.ms":     cleanEveryMs,
			"log.retention.bytes":        retentionBytes,
			"message.timestamp.type":     "CreateTime",
			"default.replication.factor": fmt.Sprint(min(o.Nodes, 3)),
		}),
	}
	s := &Stand{Embedded: true, names: names, dial: (&net.Dialer{}).DialContext}
	if o.Blackhole {
		opts = append(opts, kfake.BlackholeProduce())
	}
	if o.Network != nil {
		ports := make([]int, o.Nodes)
		for i := range ports {
			ports[i] = 9092 + i
		}
		opts = append(opts, kfake.Ports(ports...), kfake.ListenFn(o.Network.Listen))
		s.dial = o.Network.DialContext
	} else {
		opts = append(opts, kfake.NumBrokers(o.Nodes))
		debug.SetMemoryLimit(memoryLimit)
	}
	fake, err := kfake.NewCluster(opts...)
	if err != nil {
		return nil, fmt.Errorf("start %d embedded brokers: %w", o.Nodes, err)
	}
	s.fake, s.Seeds = fake, fake.ListenAddrs()
	for _, name := range names {
		if err := s.makeTopic(name, o); err != nil {
			fake.Close()
			return nil, err
		}
	}
	if err := s.connect(); err != nil {
		fake.Close()
		return nil, err
	}
	return s, nil
}

func (s *Stand) makeTopic(name string, o Options) error {
	// Retention only runs for a topic that sets it.
	err := s.fake.CreateTopic(name, int32(o.Partitions), map[string]string{"retention.bytes": retentionBytes})
	if err != nil {
		return fmt.Errorf("create embedded topic %s: %w", name, err)
	}
	for p := range o.Partitions {
		if err := s.fake.MoveTopicPartition(name, int32(p), int32(p%o.Nodes)); err != nil {
			return fmt.Errorf("place partition %d of %s: %w", p, name, err)
		}
	}
	return nil
}
