package dialect

import (
	"strings"
	"unicode/utf16"

	"kdyno/engine/setting"
)

// serializer is what the Java client is given where nobody chose: kdyno sends
// bytes as they are.
const serializer = "org.apache.kafka.common.serialization.ByteArraySerializer"

// javaClient is Kafka's own: the words are the table's.
var javaClient = &client{
	name:     "the Java client",
	about:    "Every setting of the producer is there under Kafka's own name; in Java code by the constants of ProducerConfig, SaslConfigs, SslConfigs and CommonClientConfigs, or as text. In the environment it is KAFKA_ and the name in capitals with underscores, KAFKA_LINGER_MS, also behind KAFKA_PRODUCER_.",
	java:     true,
	jvm:      true,
	words:    javaWords(),
	consumer: javaConsumer,
	more:     moreJava,
}

// javaConsumer are names of the Java consumer and of other clients, which a
// shared file may hold.
var javaConsumer = []string{
	"group.*", "auto.offset.reset", "auto.commit.interval.ms", "enable.auto.commit", "fetch.*", "max.poll.*", "max.partition.fetch.bytes",
	"session.timeout.ms", "heartbeat.interval.ms", "isolation.level", "key.deserializer", "value.deserializer", "check.crcs",
	"partition.assignment.strategy", "exclude.internal.topics", "allow.auto.create.topics", "client.rack", "default.api.timeout.ms",
	"share.*", "schema.registry.*", "application.id", "num.stream.threads", "processing.guarantee", "state.dir",
	"ConsumerConfig.*", "StreamsConfig.*", "AdminClientConfig.*",
}

// javaWords are all settings of the producer, by Kafka's names.
func javaWords() []word {
	var words []word
	for _, row := range setting.Rows() {
		if row.Scope != setting.Producer {
			continue
		}
		w := word{key: row.Key, name: string(row.Key), form: formOf(row.Key)}
		if row.Key == setting.PartitionerClass {
			w.pairs, w.only, w.own = javaPartitioners, true, javaPartitioner
		}
		words = append(words, w)
	}
	return words
}

// javaPartitioners are the classes that come with Kafka.
var javaPartitioners = [][2]string{
	{setting.BuiltIn, ""},
	{setting.RoundRobin, "org.apache.kafka.clients.producer.RoundRobinPartitioner"},
}

// gone begins what is said of classes that today's client refuses.
const gone = "This class is gone since Kafka 4.0"

// javaPartitioner knows the classes that Kafka once had, and that others may be
// a person's own.
func javaPartitioner(v value) (canonical, nearest string, bad *misheard, ok bool) {
	class := strings.TrimSuffix(v.text, ".class")
	switch class[strings.LastIndexByte(class, '.')+1:] {
	case "RoundRobinPartitioner":
		return setting.RoundRobin, "", nil, true
	case "DefaultPartitioner":
		return setting.BuiltIn, gone + ", where leaving it out means the same.", nil, true
	case "UniformStickyPartitioner":
		return "", "", &misheard{apart: true, say: gone + ".", hint: "partitioner.ignore.keys=true"}, true
	}
	if strings.ContainsRune(class, '.') {
		return "", "", &misheard{apart: true, say: "A class of your own chooses the partition, and it cannot be loaded here.", hint: "built-in"}, true
	}
	return "", "", nil, false
}

// moreJava gives the client what it does not start without.
func moreJava(e *exporter) {
	for _, k := range []setting.Key{"key.serializer", "value.serializer"} {
		if e.values.Text(k) != "" {
			continue
		}
		e.done[k] = true
		e.add(line{key: k, name: string(k), text: serializer, why: "the Java client needs one; put your own here"})
		e.losses = append(e.losses, Loss{Key: k, Say: string(k) + " is not set, and the Java client does not start without.", Nearest: serializer})
	}
}

// utf16Units is a character as Java counts it.
func utf16Units(c rune) []uint16 { return utf16.AppendRune(nil, c) }
