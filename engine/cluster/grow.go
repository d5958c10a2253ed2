package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// growPoll is how often the metadata is read until new partitions have leaders.
const growPoll = 50 * time.Millisecond

// Grow adds partitions to the named topics until each has n, and returns when
// they have leaders. Kafka can not take partitions away, so a topic that has
// more is refused by it. The error is a *Refusal; any goroutine may call it.
func (s *Stand) Grow(ctx context.Context, n int, topics ...string) error {
	before := s.Topics()
	made, err := kadm.NewClient(s.admin).UpdatePartitions(ctx, n, topics...)
	if err != nil {
		return s.unreachable(err)
	}
	for _, t := range made {
		if t.Err != nil {
			return notGrown(t.Topic, t.Err, t.ErrMessage)
		}
	}
	if s.own != nil {
		s.spread(before, n, topics)
	}
	return s.awaitGrown(ctx, n, topics)
}

// spread places new partitions of the embedded brokers as the first ones were.
func (s *Stand) spread(before []Topic, n int, topics []string) {
	nodes := len(s.Brokers())
	for _, t := range before {
		for p := len(t.Leaders); p < n && slices.Contains(topics, t.Name); p++ {
			// It can not fail: partition and broker are there.
			_ = s.own.fake.MoveTopicPartition(t.Name, int32(p), int32(p%nodes))
		}
	}
}

func (s *Stand) awaitGrown(ctx context.Context, n int, topics []string) error {
	tick := time.NewTicker(growPoll)
	defer tick.Stop()
	for {
		if err := s.Refresh(ctx); err != nil {
			return err
		}
		if s.led() && s.have(n, topics) {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return &Refusal{
				Kind: Unreachable, Say: "the new partitions have no leaders yet",
				Hint: "they are there all the same; look at the brokers' own logs if it stays so", err: ctx.Err(),
			}
		}
	}
}

// have tells whether all of the topics have so many partitions.
func (s *Stand) have(n int, topics []string) bool {
	have := map[string]int{}
	for _, t := range s.Topics() {
		have[t.Name] = len(t.Leaders)
	}
	for _, name := range topics {
		if have[name] < n {
			return false
		}
	}
	return true
}

// notGrown puts into words why a cluster adds no partitions.
func notGrown(topic string, err error, message string) *Refusal {
	r := &Refusal{Kind: Usage, Say: fmt.Sprintf("partitions can not be added to topic %s: %s", topic, spoken(err, message)), err: err}
	switch {
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		r.Hint = "ask for the ALTER permission on the topic"
	case errors.Is(err, kerr.InvalidPartitions):
		r.Hint = "partitions can only be added: ask for more than there are"
	default:
		r.Hint = "the cluster's own rules decide; look at the brokers' logs"
	}
	return r
}
