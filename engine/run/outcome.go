package run

import (
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
)

// outcome is what an answered try means for the log.
type outcome uint8

const (
	stored    outcome = iota // it is in the log
	rejected                 // it is not
	uncertain                // nobody can tell
)

// outcomeOf reads a produce answer's code. When in doubt it is uncertain:
// NOT_LEADER_OR_FOLLOWER is, since the old leader may have appended and the
// new one kept it (KAFKA-13574).
func outcomeOf(code int16) (o outcome, name string) {
	err := kerr.ErrorForCode(code)
	if err == nil || errors.Is(err, kerr.DuplicateSequenceNumber) {
		return stored, ""
	}
	name = nameOf(err)
	for _, refusal := range []error{
		kerr.NotEnoughReplicas, kerr.MessageTooLarge, kerr.RecordListTooLarge, kerr.UnknownTopicOrPartition,
		kerr.UnknownTopicID, kerr.TopicAuthorizationFailed, kerr.ClusterAuthorizationFailed,
		kerr.InvalidTopicException, kerr.InvalidRequiredAcks, kerr.CorruptMessage, kerr.InvalidTimestamp,
		kerr.InvalidRecord, kerr.UnsupportedVersion, kerr.UnsupportedForMessageFormat,
		kerr.OutOfOrderSequenceNumber, kerr.UnknownProducerID, kerr.InvalidProducerEpoch, kerr.ProducerFenced,
		kerr.LeaderNotAvailable, kerr.PolicyViolation, kerr.UnsupportedCompressionType,
	} {
		if errors.Is(err, refusal) {
			return rejected, name
		}
	}
	return uncertain, name
}

// nameOf is Kafka's name of an error, else what the client says. The library has
// kept a name that Kafka gave up in 2.8.
func nameOf(err error) string {
	var ke *kerr.Error
	if errors.As(err, &ke) {
		return kafkaName(ke)
	}
	return "CLIENT"
}

// kafkaName is what Kafka calls an error; of one the client still has the name
// of before Kafka 2.6.
func kafkaName(err *kerr.Error) string {
	if err.Code == kerr.NotLeaderForPartition.Code {
		return "NOT_LEADER_OR_FOLLOWER"
	}
	return err.Message
}
