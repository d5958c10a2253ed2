package setting

import "strings"

// owners says of names that are often taken for the producer's whose they are.
var owners = func() map[string]string {
	m := map[string]string{}
	for owner, names := range map[string][]string{
		"it is a topic's: kafka-configs --alter changes it": {
			"min.insync.replicas", "max.message.bytes", "message.timestamp.type", "retention.ms", "retention.bytes", "cleanup.policy",
			"segment.bytes", "segment.ms", "unclean.leader.election.enable", "replication.factor", "message.timestamp.before.max.ms",
			"message.timestamp.after.max.ms",
		},
		"it is a broker's": {
			"message.max.bytes", "default.replication.factor", "num.partitions", "auto.create.topics.enable", "replica.lag.time.max.ms",
			"socket.request.max.bytes", "queued.max.requests", "num.io.threads", "num.network.threads",
		},
		"it is a consumer's": {
			"group.id", "group.instance.id", "group.protocol", "auto.offset.reset", "enable.auto.commit", "auto.commit.interval.ms",
			"fetch.min.bytes", "fetch.max.bytes", "fetch.max.wait.ms", "max.partition.fetch.bytes", "max.poll.records",
			"max.poll.interval.ms", "session.timeout.ms", "heartbeat.interval.ms", "isolation.level", "key.deserializer",
			"value.deserializer", "partition.assignment.strategy", "check.crcs", "exclude.internal.topics",
		},
		"it is a consumer's; the producer of Apache Kafka 4.3 has none (KIP-1123 is to bring it)":            {"client.rack"},
		"the producer of Apache Kafka 4.3 has none (KIP-1123 is to bring it)":                                {"partitioner.rack.aware"},
		"it is librdkafka's: the Java producer bounds a batch by bytes, with batch.size":                     {"batch.num.messages"},
		"it is librdkafka's: the Java producer bounds its buffer by bytes, with buffer.memory":               {"queue.buffering.max.messages"},
		"the Java producer has the user and the password in sasl.jaas.config":                                {"sasl.username", "sasl.password"},
		"the Java producer trusts what ssl.truststore.location or ssl.truststore.certificates holds":         {"ssl.ca.location", "ssl.ca.pem"},
		"the Java producer shows the certificate of ssl.keystore.location or ssl.keystore.certificate.chain": {"ssl.certificate.location", "ssl.certificate.pem", "ssl.key.location", "ssl.key.pem"},
	} {
		for _, name := range names {
			m[name] = owner
		}
	}
	return m
}()

// Unknown is the error of a name that the table does not have.
func Unknown(name string) *UnknownKeyError {
	return &UnknownKeyError{Name: name, Near: Nearest(name), Whose: Whose(name)}
}

// Whose says of a name that is not in the table whose it is, such as a consumer's;
// empty: not known.
func Whose(name string) string { return owners[strings.ToLower(strings.TrimSpace(name))] }

// aliases are librdkafka's names of the same.
var aliases = map[string]Key{
	"queue.buffering.max.ms": LingerMs, "queue.buffering.max.kbytes": BufferMemory, "request.required.acks": Acks,
	"compression.codec": CompressionType, "message.send.max.retries": Retries,
	"message.timeout.ms": DeliveryTimeoutMs, "max.in.flight": MaxInFlight, "metadata.broker.list": BootstrapServers,
	"sasl.mechanisms": SASLMechanism,
}
