package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// meet asks for the topics as they are now. What has been added since the
// beginning is read too; what is another topic by the same name is not.
func (s *sitting) meet(ctx context.Context, first bool) error {
	all, err := s.admin.Metadata(ctx, s.o.Topics...)
	if err != nil {
		return s.refused("the topics were not told", err)
	}
	compacts := s.policies(ctx)
	for _, name := range s.o.Topics {
		d, there := all.Topics[name]
		if first {
			s.ears.leads(d.Partitions)
		}
		t := s.topics[name]
		switch {
		case there && d.Err == nil && t == nil:
			s.topics[name] = &topic{name: name, id: d.ID, compacts: compacts[name]}
		case there && d.Err == nil && t.id != d.ID:
			s.goes(t, "was deleted and made anew")
		case there && d.Err == nil:
			t.absent = 0
			t.compacts = worse(t.compacts, compacts[name])
			s.widen(t, d)
		case first:
			return s.refused("topic "+name+" was not told", d.Err)
		case errors.Is(d.Err, kerr.UnknownTopicOrPartition):
			s.misses(t)
		}
	}
	return nil
}

// misses notes that the cluster does not tell of a topic. One that is new to a
// broker is not told of for a moment either.
func (s *sitting) misses(t *topic) {
	now := s.o.Now()
	if t.absent == 0 {
		t.absent = now
	}
	if now-t.absent >= goneAfter {
		s.goes(t, "was deleted")
	}
}

// goes notes that a topic is not the one any more that was begun with.
func (s *sitting) goes(t *topic, how string) {
	if t.gone == "" {
		t.gone = fmt.Sprintf("topic %s %s while it was audited, and what it held is gone with it", t.name, how)
		s.o.Note("audit: %s", t.gone)
		parts := map[string][]int32{}
		for number := range t.parts {
			parts[t.name] = append(parts[t.name], int32(number))
		}
		s.client.RemoveConsumePartitions(parts)
	}
}

// worse is the compaction of a topic that was told twice.
func worse(before, now compaction) compaction {
	switch {
	case before == isCompacted || now == isCompacted:
		return isCompacted
	case before == notKnown || now == notKnown:
		return notKnown
	default:
		return isNot
	}
}

// widen reads the partitions that a topic has got since.
func (s *sitting) widen(t *topic, d kadm.TopicDetail) {
	for number := range d.Partitions {
		if t.part(number) != nil {
			continue
		}
		part := s.places.need(s.o.Index(t.name, number))
		part.target = -1
		t.has(number, part)
		s.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{t.name: {number: kgo.NewOffset().At(part.next)}})
	}
}

// policies tell which topics are compacted, as far as the cluster tells.
func (s *sitting) policies(ctx context.Context) map[string]compaction {
	out := map[string]compaction{}
	all, err := s.admin.DescribeTopicConfigs(ctx, s.o.Topics...)
	if err != nil {
		return out
	}
	for _, rc := range all {
		if rc.Err != nil {
			continue
		}
		for _, c := range rc.Configs {
			if c.Key != "cleanup.policy" {
				continue
			}
			out[rc.Name] = isNot
			if strings.Contains(c.MaybeValue(), "compact") {
				out[rc.Name] = isCompacted
			}
		}
	}
	return out
}

// keep puts in order what was read, now and then: the ledger, the retention, and
// whether the topics are still as they were.
func (s *sitting) keep() {
	now, each, survey := s.o.Now(), keepEach, surveyEach
	if s.asked() {
		each, survey = endEach, endEach
	}
	if now-s.kept >= each || s.bytes >= keepBytes {
		s.kept, s.bytes = now, 0
		s.reading.sweep(false)
		s.within(func(ctx context.Context) { s.hold.keep(ctx, s.places.list()) })
	}
	if s.unmet() {
		survey = endEach
	}
	if now-s.surveyed >= survey {
		s.within(s.survey)
		s.surveyed = s.o.Now()
	}
}

// within asks something of the cluster, under a deadline.
func (s *sitting) within(ask func(context.Context)) {
	parent := s.ctx
	if s.asked() {
		parent = s.last
	}
	ctx, cancel := context.WithTimeout(parent, askWithin)
	defer cancel()
	ask(ctx)
}

// unmet tells whether something was acknowledged in a partition that is not
// read yet.
func (s *sitting) unmet() bool {
	for _, part := range s.places.list() {
		if part != nil && part.topic == nil {
			return true
		}
	}
	return false
}

// survey asks for topics and, once the end was asked for, up to where to read.
func (s *sitting) survey(ctx context.Context) {
	if err := s.meet(ctx, false); err != nil {
		s.trouble = err.Error()
		return
	}
	if !s.asked() {
		return
	}
	starts, err := s.admin.ListStartOffsets(ctx, s.o.Topics...)
	if err != nil {
		s.trouble = s.refused("where the logs begin was not told", err).Say
		return
	}
	ends, err := s.admin.ListEndOffsets(ctx, s.o.Topics...)
	if err != nil {
		s.trouble = s.refused("where the logs end was not told", err).Say
		return
	}
	s.each(ends, func(part *partition, offset int64) {
		if part.target < 0 {
			part.target = offset
		}
	})
	s.each(starts, func(part *partition, offset int64) {
		if offset > part.next {
			part.headAt(offset)
			s.moved = s.o.Now()
		}
	})
}

func (s *sitting) each(listed kadm.ListedOffsets, do func(part *partition, offset int64)) {
	listed.Each(func(o kadm.ListedOffset) {
		part := s.topics[o.Topic].part(o.Partition)
		if o.Err == nil && part != nil && part.topic.gone == "" {
			do(part, o.Offset)
		}
	})
}

// over tells whether the reader has done what was asked, or can not.
func (s *sitting) over() bool {
	if !s.asked() {
		return false
	}
	now := s.o.Now()
	return s.last.Err() != nil || s.readUp() && s.quiet(now) || now-s.moved >= stuckAfter
}

// readUp tells whether every partition was read as far as was acknowledged, and
// as the log went when the end was asked for.
func (s *sitting) readUp() bool {
	for _, part := range s.places.list() {
		switch {
		case part == nil || part.topic != nil && part.topic.gone != "":
		case part.topic == nil, part.target < 0, part.next < max(part.target, part.end.Load()):
			return false
		}
	}
	return len(s.places.list()) > 0
}

// quiet tells whether nothing more is to be expected of what nobody
// acknowledged: with acks=0 it may still be on its way.
func (s *sitting) quiet(now time.Duration) bool {
	return s.unkept.Load() == 0 || s.reading.live.found.Load() >= s.promised.Load() || now-s.own >= quietAfter
}

// ending says how far it came.
func (s *sitting) ending() end {
	e := end{complete: s.readUp()}
	for _, t := range s.topics {
		if t.gone != "" {
			e.why = append(e.why, t.gone)
		}
	}
	if e.complete {
		return e
	}
	behind := int64(0)
	for _, part := range s.places.list() {
		if part != nil && (part.topic == nil || part.topic.gone == "") {
			behind += max(part.end.Load()-part.next, 0)
		}
	}
	say := fmt.Sprintf("the reader was not through: %d offsets that were acknowledged are unread", behind)
	if s.last.Err() == nil {
		say += fmt.Sprintf(" and nothing came for %v", stuckAfter)
	}
	if s.trouble != "" {
		say += " (" + s.trouble + ")"
	}
	e.why = append(e.why, say)
	return e
}
