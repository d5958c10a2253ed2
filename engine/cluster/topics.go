package cluster

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kfake"
)

// What the embedded brokers make by themselves: their logs lie in memory, and
// each partition may keep up to stand.retention.bytes.
const (
	mostTopics     = 1000
	mostPartitions = 10_000
)

// topicName is Kafka's own rule.
var topicName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,249}$`)

// MakeTopic makes a topic on the embedded brokers, as brokers do for a producer
// that asks for one that is missing (auto.create.topics.enable): with as many
// partitions as Options said, their leaders spread evenly. made tells that it was
// missing. One that a client has made itself is the stand's from then on. The
// error is a *Refusal; a real cluster has its own way.
func (s *Stand) MakeTopic(ctx context.Context, name string) (made bool, err error) {
	if s.own == nil {
		return false, &Refusal{Kind: Usage, Say: "the brokers are real, and make their own topics"}
	}
	var found *kfake.TopicInfo
	known := false
	s.own.do(func() {
		if known = slices.Contains(s.own.topics, name); !known {
			found, err = s.own.provide(name)
		}
	})
	if known || err != nil {
		return false, err
	}
	s.mu.Lock()
	s.names = append(slices.Clip(s.names), name)
	s.mu.Unlock()
	if found != nil && found.Configs["retention.bytes"] == nil {
		err = s.alter(ctx, Limits{RetentionBytes: defaultRetention}, name)
	}
	return found == nil, err
}

// provide takes a topic over that is there, or makes it, under mu.
func (e *embedded) provide(name string) (found *kfake.TopicInfo, err error) {
	switch {
	case e.closed:
		return nil, &Refusal{Kind: Usage, Say: "the embedded brokers are gone"}
	case !topicName.MatchString(name) || name == "." || name == "..":
		return nil, &Refusal{
			Kind: Usage, Say: fmt.Sprintf("%.60q can not be the name of a topic", name),
			Hint: "use letters, digits, dots, dashes and underscores, 249 at most",
		}
	case strings.HasPrefix(name, "__"):
		return nil, &Refusal{Kind: Usage, Say: fmt.Sprintf("%s would be one of Kafka's own topics", name)}
	}
	if found = e.fake.TopicInfo(name); found != nil {
		e.topics = append(slices.Clip(e.topics), name)
		return found, nil
	}
	if len(e.topics) >= mostTopics || (len(e.topics)+1)*e.each > mostPartitions {
		return nil, &Refusal{
			Kind: Usage, Say: fmt.Sprintf("the embedded brokers have %d topics and make no more by themselves", len(e.topics)),
			Hint: "start kdyno with a smaller stand.partitions",
		}
	}
	return nil, e.makeTopic(name)
}

// makeTopic makes a topic whose leaders are spread evenly, under mu or before
// anybody else knows of e.
func (e *embedded) makeTopic(name string) error {
	// Retention only runs for a topic that sets it.
	configs := map[string]string{"retention.bytes": strconv.FormatInt(cmp.Or(e.limits.RetentionBytes, defaultRetention), 10)}
	if e.limits.MaxMessageBytes > 0 {
		configs["max.message.bytes"] = strconv.FormatInt(e.limits.MaxMessageBytes, 10)
	}
	if err := e.fake.CreateTopic(name, int32(e.each), configs); err != nil {
		return fmt.Errorf("create embedded topic %s: %w", name, err)
	}
	for p := range e.each {
		if err := e.fake.MoveTopicPartition(name, int32(p), int32(p%len(e.doors))); err != nil {
			return fmt.Errorf("place partition %d of %s: %w", p, name, err)
		}
	}
	e.topics = append(slices.Clip(e.topics), name)
	return nil
}

// Has tells whether the embedded brokers have a topic that is not the stand's yet:
// a client has made it.
func (s *Stand) Has(topic string) bool { return s.own != nil && s.own.fake.TopicInfo(topic) != nil }

// named are the topics that the stand knows of.
func (s *Stand) named() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names
}

// EntryIsShut tells that the way by bootstrap.servers is closed, as a fault of the
// embedded brokers has it: who knows the brokers goes on, nobody else comes in.
func (s *Stand) EntryIsShut() bool { return s.own != nil && s.own.entry.isShut() }
