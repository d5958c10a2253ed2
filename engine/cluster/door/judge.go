package door

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// AnyPartition stands for all partitions.
const AnyPartition int32 = -1

// Refusal is an error that produce requests are answered with. Its fields do
// not change.
type Refusal struct {
	Code      int16 // Kafka's, of which Appends tells whether the batch is stored first
	Partition int32 // of any topic; AnyPartition: all
	Over      int   // only batches of more bytes; 0: all
	// Use is asked once for each request of which a batch matches; false leaves
	// the request alone. Nil: always.
	Use func() bool
}

// Appends tells whether a broker that answers a produce request with the code
// has stored the batch: it then waited for replicas in vain.
func Appends(code int16) bool {
	return code == kerr.RequestTimedOut.Code || code == kerr.NotEnoughReplicasAfterAppend.Code
}

func (f *Refusal) matches(partition int32, bytes int) bool {
	return (f.Partition == AnyPartition || f.Partition == partition) && (f.Over == 0 || bytes > f.Over)
}

// refused is one batch that is answered with an error.
type refused struct {
	topic     string
	topicID   [16]byte
	partition int32
	code      int16
}

// refuse takes the batches that are refused out of the request, but for those
// whose error comes after the append, and returns what they are answered with.
func (r *Rules) refuse(req *kmsg.ProduceRequest) []refused {
	var out []refused
	asked := map[*Refusal]bool{}
	for i := range req.Topics {
		t := &req.Topics[i]
		t.Partitions = slices.DeleteFunc(t.Partitions, func(p kmsg.ProduceRequestTopicPartition) bool {
			f := r.first(p, asked)
			if f == nil {
				return false
			}
			out = append(out, refused{topic: t.Topic, topicID: t.TopicID, partition: p.Partition, code: f.Code})
			return !Appends(f.Code)
		})
	}
	req.Topics = slices.DeleteFunc(req.Topics, func(t kmsg.ProduceRequestTopic) bool { return len(t.Partitions) == 0 })
	return out
}

// first finds the refusal that answers for a batch. Asked holds what those of
// this request were told.
func (r *Rules) first(p kmsg.ProduceRequestTopicPartition, asked map[*Refusal]bool) *Refusal {
	for _, f := range r.Refuse {
		if !f.matches(p.Partition, len(p.Records)) {
			continue
		}
		uses, known := asked[f]
		if !known {
			uses = f.Use == nil || f.Use()
			asked[f] = uses
		}
		if uses {
			return f
		}
	}
	return nil
}

// readProduce reads a whole frame; header is how much of it comes before the
// request's own fields. Its records lie in the frame.
func readProduce(frame []byte) (req *kmsg.ProduceRequest, header int, ok bool) {
	r := kbin.Reader{Src: frame[sizeBytes:]}
	r.Int16() // key
	version := r.Int16()
	r.Int32() // correlation
	r.NullableString()
	req = kmsg.NewPtrProduceRequest()
	if version < 0 || version > req.MaxVersion() {
		return nil, 0, false
	}
	req.SetVersion(version)
	if req.IsFlexible() {
		kmsg.SkipTags(&r)
	}
	if !r.Ok() {
		return nil, 0, false
	}
	header = len(frame) - len(r.Src)
	return req, header, req.ReadFrom(r.Src) == nil
}
