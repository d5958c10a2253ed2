package cluster

import (
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// answerEpochs answers where an epoch of a partition's leader ended (KIP-320),
// which a reader asks each time that the leader changes. kfake does not know the
// end of the last epoch until the next leader has written something, and the
// reader takes that for a log that was cut back. Here no log ever is: whatever
// was read is where it was, up to the log's end.
func (e *embedded) answerEpochs(req kmsg.Request) (kmsg.Response, error, bool) {
	e.fake.KeepControl()
	asked := req.(*kmsg.OffsetForLeaderEpochRequest) //nolint:forcetypeassert // the control is for this key
	node := e.fake.CurrentNode()
	resp := asked.ResponseKind().(*kmsg.OffsetForLeaderEpochResponse) //nolint:forcetypeassert // as above
	for i := range asked.Topics {
		topic := kmsg.NewOffsetForLeaderEpochResponseTopic()
		topic.Topic = asked.Topics[i].Topic
		for _, p := range asked.Topics[i].Partitions {
			topic.Partitions = append(topic.Partitions, e.endOfEpoch(topic.Topic, &p, node))
		}
		resp.Topics = append(resp.Topics, topic)
	}
	return resp, nil, true
}

// endOfEpoch is what a broker knows of a partition's epoch.
func (e *embedded) endOfEpoch(
	topic string, asked *kmsg.OffsetForLeaderEpochRequestTopicPartition, node int32,
) kmsg.OffsetForLeaderEpochResponseTopicPartition {
	end := kmsg.NewOffsetForLeaderEpochResponseTopicPartition()
	end.Partition = asked.Partition
	is := e.fake.PartitionInfo(topic, asked.Partition)
	switch current := asked.CurrentLeaderEpoch; {
	case is == nil:
		end.ErrorCode = kerr.UnknownTopicOrPartition.Code
	case is.Leader != node:
		end.ErrorCode = kerr.NotLeaderForPartition.Code
	case current >= 0 && current < is.Epoch:
		end.ErrorCode = kerr.FencedLeaderEpoch.Code
	case current > is.Epoch:
		end.ErrorCode = kerr.UnknownLeaderEpoch.Code
	case asked.LeaderEpoch <= is.Epoch:
		end.LeaderEpoch, end.EndOffset = asked.LeaderEpoch, is.HighWatermark
	}
	return end
}
