package cluster

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// dialWithin bounds one attempt to reach an address; a request may take as
// long again, so that both fit into the five seconds that Open has.
const dialWithin = 2 * time.Second

// checkNames holds the rails that need no cluster.
func checkNames(names []string) error {
	if len(names) == 0 {
		return &Refusal{
			Kind: Usage, Say: "no topic is named for the cluster",
			Hint: "name one that may be written to with --topic NAME",
		}
	}
	for _, name := range names {
		if strings.HasPrefix(name, "__") {
			return &Refusal{
				Kind: Rail, Say: fmt.Sprintf("%s is one of Kafka's own topics; a load would damage it", name),
				Hint: "name a topic of your own with --topic",
			}
		}
	}
	return nil
}

// connect makes the client that asks; it dials on the first question.
func (s *Stand) connect() error {
	admin, err := kgo.NewClient(
		kgo.SeedBrokers(s.Seeds...), kgo.Dialer(s.dial), kgo.ClientID("kdyno-admin"), kgo.DisableClientMetrics(),
		kgo.RequestTimeoutOverhead(dialWithin), kgo.RequestRetries(1), kgo.RetryTimeout(answerWithin),
		kgo.MetadataMinAge(10*time.Millisecond),
	)
	if err != nil {
		return &Refusal{Kind: Usage, Say: fmt.Sprintf("brokers %s: %v", strings.Join(s.Seeds, ","), err), Hint: "give --brokers host:port"}
	}
	s.admin = admin
	return nil
}

// find asks the cluster who it is and for its topics, and makes those that
// are missing if it may. A silent port does not answer to a context, so the
// question is left behind when ctx ends; Close unblocks it.
func (s *Stand) find(ctx context.Context, create bool) error {
	done := make(chan error, 1)
	go func() { done <- s.describe(ctx, create) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return unreachable(s.Seeds, ctx.Err())
	}
}

func (s *Stand) describe(ctx context.Context, create bool) error {
	if err := s.Refresh(ctx); err != nil {
		return err
	}
	missing := s.missing()
	if len(missing) > 0 {
		if !create {
			return &Refusal{
				Kind: Usage, Say: fmt.Sprintf("topic %s does not exist on the cluster at %s", strings.Join(missing, ", "), strings.Join(s.Seeds, ",")),
				Hint: "create it, or let kdyno do so with --create",
			}
		}
		if err := s.create(ctx, missing); err != nil {
			return err
		}
	}
	s.version(ctx)
	s.configs(ctx)
	return nil
}

// Refresh reads the metadata again: brokers, leaders, partitions. Any
// goroutine may call it; it keeps the old answer on an error.
func (s *Stand) Refresh(ctx context.Context) error {
	req := kmsg.NewPtrMetadataRequest()
	for _, name := range s.names {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = kmsg.StringPtr(name)
		req.Topics = append(req.Topics, t)
	}
	resp, err := req.RequestWith(ctx, s.admin)
	if err != nil {
		return unreachable(s.Seeds, err)
	}
	brokers := make([]Broker, 0, len(resp.Brokers))
	for _, b := range resp.Brokers {
		brokers = append(brokers, Broker{ID: b.NodeID, Address: fmt.Sprintf("%s:%d", b.Host, b.Port)})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.brokers = brokers
	if resp.ClusterID != nil {
		s.ID = *resp.ClusterID
	}
	topics := make([]Topic, 0, len(resp.Topics))
	for _, t := range resp.Topics {
		if err := kerr.ErrorForCode(t.ErrorCode); err != nil {
			if errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.LeaderNotAvailable) {
				continue
			}
			return &Refusal{Kind: Unreachable, Say: fmt.Sprintf("topic %s: %v", *t.Topic, err), Hint: "ask for the right to describe and write this topic"}
		}
		topics = append(topics, s.known(t))
	}
	s.topics = topics
	return nil
}

// known makes a topic from its metadata and what was read of its
// configuration before.
func (s *Stand) known(t kmsg.MetadataResponseTopic) Topic {
	out := Topic{Name: *t.Topic}
	for _, have := range s.topics {
		if have.Name == out.Name {
			out = have
		}
	}
	out.ID = t.TopicID
	out.Leaders = make([]int32, len(t.Partitions))
	for _, p := range t.Partitions {
		if int(p.Partition) < len(out.Leaders) {
			out.Leaders[p.Partition] = p.Leader
		}
		out.Replication = smaller(out.Replication, len(p.Replicas))
	}
	return out
}

func (s *Stand) missing() []string {
	var out []string
	for _, name := range s.names {
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

// create makes topics with the cluster's own default partitions and copies,
// and waits until every partition has a leader.
func (s *Stand) create(ctx context.Context, names []string) error {
	made, err := kadm.NewClient(s.admin).CreateTopics(ctx, -1, -1, nil, names...)
	if err != nil {
		return unreachable(s.Seeds, err)
	}
	for _, t := range made {
		if t.Err != nil && !errors.Is(t.Err, kerr.TopicAlreadyExists) {
			return &Refusal{Kind: Usage, Say: fmt.Sprintf("create topic %s: %v", t.Topic, t.Err), Hint: "create it by hand, with the rights that this user lacks"}
		}
	}
	for {
		if err := s.Refresh(ctx); err != nil {
			return err
		}
		if len(s.missing()) == 0 && s.led() {
			return nil
		}
		select {
		case <-ctx.Done():
			return unreachable(s.Seeds, fmt.Errorf("topic %s has no leader yet: %w", strings.Join(names, ", "), ctx.Err()))
		case <-time.After(50 * time.Millisecond):
		}
	}
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

// version guesses the brokers' version from the requests that they know.
func (s *Stand) version(ctx context.Context) {
	if s.Embedded {
		s.Version = "kfake"
		return
	}
	resp, err := kmsg.NewPtrApiVersionsRequest().RequestWith(ctx, s.admin)
	if err == nil && resp.ErrorCode == 0 {
		s.Version = kversion.FromApiVersionsResponse(resp).VersionGuess()
	}
}

// configs reads what of a topic changes the meaning of a figure. A cluster
// that does not tell leaves them unknown.
func (s *Stand) configs(ctx context.Context) {
	all, err := kadm.NewClient(s.admin).DescribeTopicConfigs(ctx, s.names...)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.topics {
		t := &s.topics[i]
		rc, err := all.On(t.Name, nil)
		if err != nil || rc.Err != nil {
			continue
		}
		for _, c := range rc.Configs {
			t.learn(c.Key, c.MaybeValue())
		}
	}
}

func (t *Topic) learn(key, value string) {
	switch key {
	case "min.insync.replicas":
		t.MinInsync, _ = strconv.Atoi(value)
	case "compression.type":
		t.Compression = value
	case "message.timestamp.type":
		t.TimestampType = value
	case "max.message.bytes":
		t.MaxMessageBytes, _ = strconv.ParseInt(value, 10, 64)
	}
}
