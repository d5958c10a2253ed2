package cluster

import (
	"context"
	"errors"
	"math"
	"net"
	"slices"
	"strconv"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Refresh reads the metadata again: brokers, leaders, partitions. Any
// goroutine may call it; it keeps the old answer on an error, and what it knew
// of a topic that the cluster does not tell of any more.
func (s *Stand) Refresh(ctx context.Context) error {
	req := kmsg.NewPtrMetadataRequest()
	req.IncludeTopicAuthorizedOperations = true
	req.Topics = []kmsg.MetadataRequestTopic{} // none, where nil would stand for all
	for _, name := range s.named() {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = kmsg.StringPtr(name)
		req.Topics = append(req.Topics, t)
	}
	resp, err := req.RequestWith(ctx, s.admin)
	if err != nil {
		return s.unreachable(err)
	}
	brokers := make([]Broker, 0, len(resp.Brokers))
	for _, b := range resp.Brokers {
		brokers = append(brokers, Broker{ID: b.NodeID, Address: net.JoinHostPort(b.Host, strconv.Itoa(int(b.Port)))})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range brokers {
		for _, known := range s.brokers {
			if known.ID == brokers[i].ID {
				brokers[i].Version = known.Version
			}
		}
	}
	topics, err := s.told(resp.Topics)
	if err != nil {
		return err
	}
	if s.ID == "" && resp.ClusterID != nil {
		s.ID = *resp.ClusterID
	}
	s.brokers, s.topics = brokers, topics
	return nil
}

// told makes the topics from their metadata and from what was known before, in
// the order in which they were named: partitions are counted through in it.
func (s *Stand) told(answers []kmsg.MetadataResponseTopic) ([]Topic, error) {
	topics := make([]Topic, 0, len(s.names))
	for _, name := range s.names {
		i := slices.IndexFunc(s.topics, func(t Topic) bool { return t.Name == name })
		known := i >= 0
		t := Topic{Name: name}
		if known {
			t = s.topics[i]
		}
		for _, a := range answers {
			if a.Topic == nil || *a.Topic != name {
				continue
			}
			err := kerr.ErrorForCode(a.ErrorCode)
			switch {
			case err == nil:
				t.read(a)
				if s.Embedded {
					t.InSync = nil // it names replicas that it does not have
				}
				known = true
			case !errors.Is(err, kerr.UnknownTopicOrPartition) && !errors.Is(err, kerr.LeaderNotAvailable):
				return nil, forbidden(name, err)
			}
		}
		if known {
			topics = append(topics, t)
		}
	}
	return topics, nil
}

// read takes over what the metadata says.
func (t *Topic) read(a kmsg.MetadataResponseTopic) {
	t.ID = a.TopicID
	t.ReadOnly = denies(a.AuthorizedOperations)
	t.Replication = 0
	t.Leaders = slices.Repeat([]int32{-1}, len(a.Partitions))
	t.InSync = make([]int, len(a.Partitions))
	for _, p := range a.Partitions {
		if p.Partition >= 0 && int(p.Partition) < len(t.Leaders) {
			t.Leaders[p.Partition] = p.Leader
			t.InSync[p.Partition] = len(p.ISR)
		}
		t.Replication = smaller(t.Replication, len(p.Replicas))
	}
}

// denies says that the rights of a topic (KIP-430, one bit for each operation) do
// not include to write it. A cluster before Kafka 2.3 does not tell of any.
func denies(rights int32) bool {
	const untold = math.MinInt32
	return rights != untold && rights != 0 && rights&(1<<kmsg.ACLOperationWrite) == 0
}

func (s *Stand) readOnly() []string {
	var out []string
	for _, t := range s.Topics() {
		if t.ReadOnly {
			out = append(out, t.Name)
		}
	}
	return out
}

func (s *Stand) missing() []string {
	var out []string
	for _, name := range s.named() {
		found := false
		for _, t := range s.Topics() {
			found = found || t.Name == name
		}
		if !found {
			out = append(out, name)
		}
	}
	return out
}

func (s *Stand) led() bool {
	for _, t := range s.Topics() {
		for _, l := range t.Leaders {
			if l < 0 {
				return false
			}
		}
	}
	return true
}
