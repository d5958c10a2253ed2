package dialect

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
)

// reading is what a person would look at after an import.
type reading struct {
	set      string   // KEY=VALUE, the client's own left out
	problems []string // severity, line:column and a word of each
	blanks   string
	losses   string // names
	ignored  string
	secrets  string
}

func readingOf(im Imported) reading {
	var r reading
	var set, blanks, losses, ignored, secrets []string
	for _, k := range im.Values.Set() {
		if !im.Origins[k].Client {
			set = append(set, string(k)+"="+im.Values.Text(k))
		}
	}
	for _, b := range im.Blanks {
		blanks = append(blanks, string(b.Key)+" "+b.Text)
	}
	for _, l := range im.Losses {
		if l.Line > 0 {
			losses = append(losses, l.Name)
		}
	}
	for _, i := range im.Ignored {
		ignored = append(ignored, i.Name)
	}
	for _, k := range im.Secrets {
		secrets = append(secrets, string(k))
	}
	r.set, r.blanks, r.losses, r.ignored, r.secrets = strings.Join(set, " "), strings.Join(blanks, ", "), strings.Join(losses, " "), strings.Join(ignored, " "), strings.Join(secrets, " ")
	return r
}

func TestFilesOfRealLife(t *testing.T) {
	tests := []struct {
		name, dialect, text string
		want                reading
	}{
		{
			"java", "java",
			"# orders\nbootstrap.servers = k1:9092,\\\n    k2:9092\nacks:all\nlinger.ms 20\nclient.id=caf\\u00e9\ngroup.id=x\nssl.truststore.location=C:\\\\ca.jks\n",
			reading{set: `bootstrap.servers=k1:9092,k2:9092 client.id=café acks=all linger.ms=20 ssl.truststore.location=C:\ca.jks`, ignored: "group.id"},
		},
		{"line ends of Windows", "java", "acks=1\r\nlinger.ms=5\\\r\n  0\r\n! remark\r\nretries=3\r", reading{set: "acks=1 retries=3 linger.ms=50"}},
		{"Latin-1", "java", "client.id=caf\xe9\n", reading{set: "client.id=caf\u00e9"}},
		{"escapes", "java", "acks=1\nclient\\.id=\\u0061\\ b\\q\\\n c\nlinger.ms\\\n  =7\n", reading{set: "client.id=a bqc acks=1 linger.ms=7"}},
		{
			"variables stay", "java", "client.id=${HOSTNAME}\nlinger.ms=${LINGER}\nacks={{ .Values.acks }}\n",
			reading{set: "client.id=${HOSTNAME}", blanks: "client.id ${HOSTNAME}, acks {{ .Values.acks }}, linger.ms ${LINGER}"},
		},
		{
			"java code", "java-code",
			"Map<String, Object> p = Map.of(ProducerConfig.ACKS_CONFIG, \"1\", \"linger.ms\", 5 * 4);\np.put(LINGER_MS_CONFIG, String.valueOf(30));\np.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L << 20);\np.setProperty(\"retries\", \"\" + 7);\nother.put(\"name\", 5);",
			reading{set: "acks=1 retries=7 linger.ms=30 buffer.memory=67108864"},
		},
		{
			"kotlin", "java-code", "mapOf(ProducerConfig.ACKS_CONFIG to \"all\", ProducerConfig.LINGER_MS_CONFIG to 20)",
			reading{set: "acks=all linger.ms=20"},
		},
		{
			"spring", "spring",
			"spring:\n  kafka:\n    bootstrap-servers: [k1:9092, k2:9092]\n    producer:\n      batch_size: 64KB\n      bufferMemory: 64MB\n      retries: 3\n      properties:\n        linger.ms: 20\n        \"[max.block.ms]\": 1000\n        retries: 5\n    consumer:\n      group-id: x\nserver.port: 80\n",
			reading{set: "bootstrap.servers=k1:9092,k2:9092 retries=5 linger.ms=20 batch.size=65536 buffer.memory=67108864 max.block.ms=1000", ignored: "server.port spring.kafka.consumer.group-id"},
		},
		{
			"spring properties", "spring",
			"spring.kafka.producer.acks=1\nspring.kafka.producer.properties[linger.ms]=7\nspring.kafka.client-id=common\n#---\nspring.config.activate.on-profile=prod\nspring.kafka.producer.acks=all\n",
			reading{set: "client.id=common acks=1 linger.ms=7"},
		},
		{
			"spring merges", "spring",
			"x: &base {acks: all, retries: 1}\nspring:\n  kafka:\n    producer:\n      <<: *base\n      retries: 2\n",
			reading{set: "acks=all retries=2", ignored: "x.acks x.retries"},
		},
		{
			"librdkafka", "librdkafka",
			"metadata.broker.list=k1:9092\nqueue.buffering.max.ms=0.5\nmessage.timeout.ms=0\ncompression.codec=lz4\npartitioner=murmur2\nqueue.buffering.max.kbytes=1024\nstatistics.interval.ms=1000\nmetadata.max.age.ms=5\ngroup.id=a\nacks=-1\n",
			reading{set: "bootstrap.servers=k1:9092 acks=all delivery.timeout.ms=2147483647 linger.ms=1 compression.type=lz4 buffer.memory=1048576 partitioner.class=", losses: "queue.buffering.max.ms message.timeout.ms partitioner statistics.interval.ms metadata.max.age.ms", ignored: "group.id"},
		},
		{
			"librdkafka in C", "librdkafka", "/* c */ if (rd_kafka_conf_set(conf, \"linger.ms\", \"7\", errstr, sizeof(errstr)) != RD_KAFKA_CONF_OK) { }\n",
			reading{set: "linger.ms=7"},
		},
		{
			"confluent-python", "confluent-python", "conf = {'linger.ms': 5, \"acks\": 1, 'enable.idempotence': False, 'client.id': name}\nconf['batch.size'] = 64 * 1024  # more\n",
			reading{set: "acks=1 enable.idempotence=false linger.ms=5 batch.size=65536", blanks: "client.id (name)"},
		},
		{
			"confluent-go", "confluent-go", "p, err := kafka.NewProducer(&kafka.ConfigMap{\n\"linger.ms\": 5, \"acks\": \"all\",\n\"sasl.username\": os.Getenv(\"U\"), \"sasl.password\": os.Getenv(\"P\")})\ncfg.SetKey(\"retries\", 3)",
			reading{set: "acks=all retries=3 linger.ms=5", blanks: "sasl.jaas.config ${U}, sasl.jaas.config ${P}", secrets: "sasl.jaas.config"},
		},
		{
			"confluent-dotnet", "confluent-dotnet", "var c = new ProducerConfig { Acks = Acks.Leader, LingerMs = 5.5, MessageSendMaxRetries = 3, Partitioner = Partitioner.Random };\nc.Set(\"client.id\", \"a\"); config.BatchSize = 10;",
			reading{set: "client.id=a acks=1 retries=3 linger.ms=6 batch.size=10 partitioner.ignore.keys=true", losses: "LingerMs"},
		},
		{
			"franz-go", "franz-go", "kgo.NewClient(kgo.SeedBrokers(\"a:1\", \"b:2\"), kgo.ProducerLinger(1500*time.Microsecond), kgo.RequiredAcks(kgo.LeaderAck()),\nkgo.ProducerBatchCompression(kgo.GzipCompression().WithLevel(3)), kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)), kgo.WithLogger(l), kgo.ConsumeTopics(\"x\"))",
			reading{set: "bootstrap.servers=a:1,b:2 acks=1 linger.ms=2 compression.type=gzip compression.gzip.level=3", losses: "ProducerLinger WithLogger RecordPartitioner", ignored: "ConsumeTopics"},
		},
		{
			"kafka-python", "kafka-python", "p = KafkaProducer(bootstrap_servers=['a:1', 'b:2'], acks='all', linger_ms=5, compression_type=None, value_serializer=lambda v: v, retries=float('inf'), sasl_plain_password='x')",
			reading{set: "bootstrap.servers=a:1,b:2 acks=all retries=2147483647 linger.ms=5 compression.type=none", losses: "value_serializer", secrets: "sasl.jaas.config"},
		},
		{
			"sarama", "sarama", "config := sarama.NewConfig()\nconfig.Producer.RequiredAcks = sarama.WaitForAll\nconfig.Producer.Flush.Frequency = 500 * time.Millisecond\nconfig.Producer.Retry.Backoff = time.Second\nconfig.Producer.Return.Successes = true\nconfig.Producer.Partitioner = sarama.NewRandomPartitioner\nsarama.NewSyncProducer([]string{\"a:1\"}, config)",
			reading{set: "bootstrap.servers=a:1 acks=all retry.backoff.ms=1000 retry.backoff.max.ms=1000 linger.ms=500 partitioner.ignore.keys=true", losses: "Producer.Return.Successes"},
		},
		{
			"perf-test", "perf-test", "# try\nKAFKA_HEAP_OPTS=-Xmx1g bin/kafka-producer-perf-test.sh --topic t --num-records 1000 --throughput -1 \\\n  --record-size 100 --producer-props acks=1 linger.ms=\"$LINGER\" 'client.id=a b' --print-metrics | tee x",
			reading{set: "client.id=a b acks=1 load.rate=0 load.record.bytes=100", blanks: "linger.ms $LINGER", losses: "--print-metrics"},
		},
		{
			"connect", "connect", "bootstrap.servers=w:1\nproducer.linger.ms=5\nconsumer.max.poll.records=1\nkey.converter=x\nproducer.override.linger.ms=9\nsecurity.protocol=SSL\n",
			reading{set: "bootstrap.servers=w:1 linger.ms=9", ignored: "key.converter security.protocol consumer.max.poll.records"},
		},
		{
			"a connector", "connect", `{"name": "x", "config": {"connector.class": "a.B", "producer.override.acks": "1"}}`,
			reading{set: "acks=1", ignored: "name connector.class"},
		},
		{
			"env", "env", "export KAFKA_LINGER_MS=5\nKAFKA_ACKS='all' # all\n- KAFKA_CLIENT_ID=a b\nENV KAFKA_RETRIES=3\nPATH=/bin\n  KAFKA_BATCH_SIZE: \"100\"\n- name: KAFKA_MAX_BLOCK_MS\n  value: 7\nKAFKA_ADVERTISED_LISTENERS=x\nKAFKA_COMPRESSION_TYPE=$CODEC\n",
			reading{set: "client.id=a b acks=all retries=3 linger.ms=5 batch.size=100 max.block.ms=7", blanks: "compression.type $CODEC", ignored: "KAFKA_ADVERTISED_LISTENERS"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			im, err := Read(tt.dialect, []byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if im.Faulty() {
				t.Errorf("problems: %+v", im.Problems)
			}
			got := readingOf(im)
			got.problems = nil
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(reading{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if found, _ := Recognise([]byte(tt.text)); found != tt.dialect && tt.name != "variables stay" {
				t.Errorf("recognised as %q", found)
			}
		})
	}
}

func TestProblemsTellTheirPlace(t *testing.T) {
	tests := []struct {
		name, dialect, text string
		severity            setting.Severity
		line, column        int
		say, hint           string
	}{
		{"unit in java", "java", "acks=1\n  linger.ms=5ms\n", setting.Error, 2, 3, `linger.ms: "5ms" is not a whole number`, "write 5"},
		{"unit in java code", "java-code", "p.put(\"linger.ms\", \"5ms\");", setting.Error, 1, 1, `"5ms"`, "write 5"},
		{"size in java", "java", "batch.size=64KB", setting.Error, 1, 1, "batch.size", "whole number"},
		{"size in spring's map", "spring", "spring.kafka.producer.properties.batch.size=64KB", setting.Error, 1, 1, "64KB", ""},
		{"range", "java", "max.in.flight.requests.per.connection=0", setting.Error, 1, 1, "out of range", "from 1 to 2147483647"},
		{"2^63", "java", "linger.ms=9223372036854775808", setting.Error, 1, 1, "out of range", "0 or more"},
		{"negative", "java", "retries=-1", setting.Error, 1, 1, "out of range", ""},
		{"choice", "java", "acks=most", setting.Error, 1, 1, `"most"`, "one of 0, 1, all"},
		{"truth", "java", "enable.idempotence=yes", setting.Error, 1, 1, "neither true nor false", "true or false"},
		{"class", "java", "partitioner.class=round-robin", setting.Error, 1, 1, "round-robin", "RoundRobinPartitioner"},
		{"unknown", "java", "lingr.ms=5", setting.Warning, 1, 1, "lingr.ms", "linger.ms"},
		{"twice", "java", "acks=1\nacks=all", setting.Warning, 2, 1, "again, after line 1", "keep one"},
		{"alias", "librdkafka", "linger.ms=1\nqueue.buffering.max.ms=2", setting.Warning, 2, 1, "means the same as linger.ms on line 1", ""},
		{"range there", "librdkafka", "socket.connection.setup.timeout.ms=5", setting.Error, 1, 1, "out of range", "1000 to"},
		{"partitioner", "librdkafka", "partitioner=best", setting.Error, 1, 1, `"best"`, "murmur2_random"},
		{"mark", "java", "\ufeffacks=1", setting.Warning, 1, 1, "byte order mark", ""},
		{"old yaml", "spring", "spring:\n  kafka:\n    producer:\n      retries: 010\n", setting.Warning, 4, 7, "010 without quotes is 8", ""},
		{"old yaml in a secret", "spring", "spring:\n  kafka:\n    ssl:\n      key-password: 0123\n    producer: {retries: -1}\n", setting.Error, 5, 16, "out of range", ""},
		{"profile", "spring", "spring: {kafka: {client-id: a}}\n---\nspring:\n  config.activate.on-profile: prod\n", setting.Warning, 4, 0, "profile prod", ""},
		{"worker's security", "connect", "producer.acks=1\nsecurity.protocol=SSL", setting.Warning, 2, 1, "worker's own", "producer.security.protocol"},
		{"jaas", "java", "sasl.jaas.config=hunter2", setting.Warning, 1, 1, "login module", ""},
		{"jaas cut off", "java", "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required password=\"hunter2", setting.Error, 1, 1, "not closed", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			im, err := Read(tt.dialect, []byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if len(im.Problems) == 0 {
				t.Fatalf("got no problem in %+v", im)
			}
			got := im.Problems[0]
			if got.Severity != tt.severity || got.Line != tt.line || got.Column != tt.column || !strings.Contains(got.Say, tt.say) || !strings.Contains(got.Hint, tt.hint) {
				t.Errorf("got %+v, want %s at %d:%d with %q and %q", got, tt.severity, tt.line, tt.column, tt.say, tt.hint)
			}
			if strings.Contains(got.Say+got.Hint, "hunter2") {
				t.Errorf("the secret is in %+v", got)
			}
		})
	}
}

func TestTextsThatCannotBeRead(t *testing.T) {
	tests := []struct {
		name, dialect, text string
		want                string
	}{
		{"escape", "java", "acks=1\nclient.id=a\\uZZZZ\n", "line 2, column 12: malformed \\uxxxx"},
		{"short escape", "java", "client.id=\\u12", "line 1, column 11: malformed"},
		{"UTF-16", "java", "\xff\xfea\x00", "UTF-16"},
		{"binary", "java", "acks=1\n\x00", "line 2: it holds a zero byte"},
		{"no dialect", "jav", "", "there is no dialect"},
		{"nothing", "", "hello\n", "nothing in it looks like"},
		{"tab", "spring", "spring:\n\tkafka:\n", "line 2, column 1: a tab"},
		{"key twice", "spring", "spring:\n  a: 1\n  a: 2\n", "line 3, column 3: a stands here again, after line 2"},
		{"not yaml", "spring", "spring: [\n", "not YAML"},
		{"map as key", "spring", "? {a: b}\n: c\n", "a name is wanted"},
		{"deep", "spring", "spring: " + strings.Repeat("{a: ", 200) + strings.Repeat("}", 200), "deep"},
		{"itself", "spring", "a: &a {b: *a}\n", "deep"},
		{"template", "spring", "spring:\n  kafka:\n    producer:\n      acks: {{ .Values.acks }}\n", "fill it in first"},
		{"merge of text", "spring", "spring:\n  <<: x\n", "<<: takes a map"},
		{"brackets", "franz-go", "kgo.X(" + strings.Repeat("(", 300), "nest too deeply"},
		{"quote", "java-code", "p.put(\"a\n", "line 1, column 7: the quote"},
		{"shell quote", "perf-test", "kafka-producer-perf-test 'a", "not closed"},
		{"no command", "perf-test", "ls", "no kafka-producer-perf-test"},
		{"stray word", "perf-test", "kafka-producer-perf-test x", "belongs to no flag"},
		{"no =", "librdkafka", "linger.ms 5", "line 1, column 1: a line without ="},
		{"env quote", "env", "KAFKA_ACKS='1", "not closed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read(tt.dialect, []byte(tt.text))
			var bad *Error
			if !errors.As(err, &bad) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if !strings.Contains(bad.Error(), tt.want) {
				t.Errorf("got %q, want %q in it", bad, tt.want)
			}
		})
	}
}

// TestOwnDefaultsAreTold holds that a file which says nothing is what its client
// does, and is marked so.
func TestOwnDefaultsAreTold(t *testing.T) {
	tests := []struct {
		dialect, text, want string
	}{
		{"java", "acks=all", ""},
		{"librdkafka", "acks=all", "enable.idempotence=false max.in.flight.requests.per.connection=1000000 delivery.timeout.ms=300000 batch.size=1000000 max.request.size=1000000 buffer.memory=1073741824 partitioner.class=hash:crc32 send.buffer.bytes=-1 receive.buffer.bytes=-1 connections.max.idle.ms=-1 socket.connection.setup.timeout.ms=30000 reconnect.backoff.ms=100 reconnect.backoff.max.ms=10000"},
		{"kafka-python", "KafkaProducer(acks=1)", "retry.backoff.max.ms=100 linger.ms=0 buffer.memory=9223372036854775807 send.buffer.bytes=-1 receive.buffer.bytes=-1 reconnect.backoff.max.ms=30000"},
		{"franz-go", "kgo.ClientID(\"a\")", "retry.backoff.ms=250 retry.backoff.max.ms=5000 request.timeout.ms=10000 delivery.timeout.ms=2147483647 linger.ms=10 batch.size=1000012 max.request.size=104857600 compression.type=snappy buffer.memory=9223372036854775807 max.block.ms=9223372036854775807 send.buffer.bytes=-1 receive.buffer.bytes=-1 connections.max.idle.ms=30000"},
		{"sarama", "c.Producer.Idempotent = false", "acks=1 retries=3 retry.backoff.max.ms=100 request.timeout.ms=10000 delivery.timeout.ms=2147483647 linger.ms=0 batch.size=1048576 buffer.memory=9223372036854775807 max.block.ms=9223372036854775807 partitioner.class=hash:fnv1a send.buffer.bytes=-1 receive.buffer.bytes=-1 metadata.max.age.ms=600000 socket.connection.setup.timeout.ms=30000 enable.metrics.push=false"},
		{"connect", "producer.acks=all", "enable.idempotence=false max.in.flight.requests.per.connection=1 delivery.timeout.ms=2147483647 max.block.ms=9223372036854775807"},
		{"perf-test", "kafka-producer-perf-test --throughput 5", "load.payload=random"},
	}
	for _, tt := range tests {
		im, err := Read(tt.dialect, []byte(tt.text))
		if err != nil {
			t.Fatal(err)
		}
		var own []string
		for _, k := range im.Values.Set() {
			if im.Origins[k].Client {
				own = append(own, string(k)+"="+im.Values.Text(k))
			}
		}
		if diff := cmp.Diff(tt.want, strings.Join(own, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.dialect, diff)
		}
	}
}

// FuzzRead holds that no text breaks a reader, that a secret is never repeated,
// and that what was read can be written and read again.
func FuzzRead(f *testing.F) {
	for n, d := range All() {
		text, _, err := Write(d.Name, Config{Name: "a", Values: setting.Defaults()})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(n), text)
	}
	for _, text := range []string{
		"linger.ms=5\\\n  0\nclient.id=\\u00e9\n", "spring:\n  kafka:\n    producer: &a\n      <<: *a\n", "p.put(\"linger.ms\", 5 * (2 + 3));",
		"conf = {'linger.ms': 0.5, **other}", "kgo.RetryBackoffFn(backoff(1, 2))", "cfg.Producer.Flush.Bytes = 1 << 20", "kafka-producer-perf-test --producer-props a='b'\\''c'",
		"KAFKA_ACKS=\"a\\\"b\"", "new ProducerConfig { Acks = (Acks) 1 }", "\xff\xfe", "\x00", "${a}", "a: !!binary x", "sasl.password=x\nsasl.username=y",
	} {
		for n := range dialects {
			f.Add(byte(n), text)
		}
	}
	f.Fuzz(func(t *testing.T, n byte, text string) {
		name := ""
		if int(n) < len(dialects) {
			name = dialects[n].Name
		}
		im, err := Read(name, []byte(text))
		if err != nil {
			var bad *Error
			if !errors.As(err, &bad) || bad.Say == "" {
				t.Fatalf("an error without a word: %v", err)
			}
			return
		}
		for _, p := range im.Problems {
			if strings.ContainsFunc(p.Say+p.Hint, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) {
				t.Fatalf("a message holds control characters: %q", p.Say+p.Hint)
			}
		}
		written, losses, err := Write(im.Dialect, Config{Values: im.Values})
		if err != nil {
			t.Fatal(err)
		}
		again, err := Read(im.Dialect, []byte(written))
		if err != nil || again.Faulty() {
			t.Fatalf("written and not read: %v %+v\n%s", err, again.Problems, written)
		}
		lost := map[setting.Key]bool{}
		for _, l := range losses {
			lost[l.Key] = lost[l.Key] || !l.Kept
		}
		for _, row := range setting.Rows() {
			if !lost[row.Key] && !same(im.Values, again.Values, row.Key) {
				t.Fatalf("%s: got %q, want %q\n%s", row.Key, again.Values.Text(row.Key), im.Values.Text(row.Key), written)
			}
		}
	})
}
