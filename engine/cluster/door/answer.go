package door

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// owed is what happens to one answer before it goes out.
type owed struct {
	correlation int32
	version     int16
	refused     []refused
	hold        time.Duration
	bytes       int // of the request
	throttle    time.Duration
	metadata    func(*kmsg.MetadataResponse) // nil: the answer is one to a produce request
}

// apply returns the answer that goes out in place of the broker's. One that
// cannot be read goes out as it is.
func (o *owed) apply(answer []byte) []byte {
	if o.metadata != nil {
		resp := kmsg.NewPtrMetadataResponse()
		return o.rewritten(answer, resp, func() { o.metadata(resp) })
	}
	if len(o.refused) == 0 && o.throttle == 0 {
		return answer
	}
	resp := kmsg.NewPtrProduceResponse()
	return o.rewritten(answer, resp, func() {
		for _, r := range o.refused {
			r.enter(resp)
		}
		resp.ThrottleMillis = max(resp.ThrottleMillis, int32(o.throttle/time.Millisecond))
	})
}

// rewritten reads an answer, lets it be changed and writes it again.
func (o *owed) rewritten(answer []byte, resp kmsg.Response, change func()) []byte {
	resp.SetVersion(o.version)
	header := sizeBytes + 4
	if resp.IsFlexible() {
		header++ // no tagged fields
	}
	if len(answer) < header || resp.ReadFrom(answer[header:]) != nil {
		return answer
	}
	change()
	out := resp.AppendTo(append(make([]byte, 0, len(answer)+64), answer[:header]...))
	binary.BigEndian.PutUint32(out, uint32(len(out)-sizeBytes))
	return out
}

// enter puts the error into an answer. A broker's own error stays: it stored
// nothing.
func (r *refused) enter(resp *kmsg.ProduceResponse) {
	p := r.place(resp)
	if p.ErrorCode == 0 {
		p.ErrorCode, p.BaseOffset, p.LogAppendTime, p.LogStartOffset = r.code, -1, -1, -1
	}
}

// place finds the batch's own part of an answer, or adds it.
func (r *refused) place(resp *kmsg.ProduceResponse) *kmsg.ProduceResponseTopicPartition {
	i := slices.IndexFunc(resp.Topics, func(t kmsg.ProduceResponseTopic) bool { return t.Topic == r.topic && t.TopicID == r.topicID })
	if i < 0 {
		t := kmsg.NewProduceResponseTopic()
		t.Topic, t.TopicID = r.topic, r.topicID
		resp.Topics = append(resp.Topics, t)
		i = len(resp.Topics) - 1
	}
	t := &resp.Topics[i]
	k := slices.IndexFunc(t.Partitions, func(p kmsg.ProduceResponseTopicPartition) bool { return p.Partition == r.partition })
	if k < 0 {
		p := kmsg.NewProduceResponseTopicPartition()
		p.Partition = r.partition
		t.Partitions = append(t.Partitions, p)
		k = len(t.Partitions) - 1
	}
	return &t.Partitions[k]
}
