package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"kdyno/engine/setting"
)

// findPython reads dictionaries, keyword arguments and what is given to keys,
// for both of the clients for Python.
func findPython(s *source) ([]entry, *Error) {
	var entries []entry
	bad := readCode(python, s.text, func(f fact) {
		e := entry{line: f.line, column: f.column}
		switch {
		case f.kind == paired && f.key.isText():
			e.name, e.value = f.key.text, f.args[0]
		case f.kind == given && !strings.ContainsRune(f.path, '.') && (f.in == "KafkaProducer" || f.in == "dict" || strings.HasSuffix(f.in, ".KafkaProducer")):
			e.name, e.value = f.path, f.args[0]
		default:
			return
		}
		if e.value.kind == name {
			e.value.kind = code // a name of the program's own
		}
		entries = append(entries, e)
	})
	return entries, bad
}

// pythonText writes a value of Python.
func pythonText(l line) string {
	switch {
	case l.text == "inf":
		return `float("inf")`
	case l.fill != "":
		return "os.environ[" + strconv.Quote(l.fill) + "]"
	case l.form == asTruth:
		return strings.ToUpper(l.text[:1]) + l.text[1:]
	case l.form == asNumber, l.key == setting.Acks && l.text != "all":
		return l.text
	case l.text == "None":
		return l.text
	default:
		return strconv.QuoteToASCII(l.text)
	}
}

func importsOS(e *exporter) string {
	if len(e.fills()) == 0 {
		return ""
	}
	return "import os\n\n"
}

func putConfluentPython(e *exporter) string {
	var b strings.Builder
	b.WriteString(importsOS(e) + "from confluent_kafka import Producer\n\nconf = {\n")
	for _, l := range e.lines {
		fmt.Fprintf(&b, "    %s: %s,%s\n", strconv.Quote(l.name), pythonText(l), behind(" #", l.why))
	}
	b.WriteString("}\n\nproducer = Producer(conf)\n")
	return b.String()
}

func putKafkaPython(e *exporter) string {
	var b strings.Builder
	b.WriteString(importsOS(e) + "from kafka import KafkaProducer\n\nproducer = KafkaProducer(\n")
	for _, l := range e.lines {
		fmt.Fprintf(&b, "    %s=%s,%s\n", l.name, pythonText(l), behind(" #", l.why))
	}
	b.WriteString(")\n")
	return b.String()
}

// kafkaPython is the client in pure Python, of version 3.
var kafkaPython = &client{
	name:  "kafka-python",
	about: "Version 3: Kafka's names with underscores.",
	words: kafkaPythonWords(),
	defaults: func(said setting.Values) map[setting.Key]string {
		return map[setting.Key]string{
			setting.BufferMemory: unbounded, setting.RetryBackoffMaxMs: said.Text(setting.RetryBackoffMs),
		}
	},
	cannot: map[setting.Key]string{
		setting.BufferMemory:            "it buffers without a bound since version 3",
		setting.RetryBackoffMaxMs:       "the pause does not grow there",
		setting.SocketSetupTimeoutMs:    "it has no time for a connection alone",
		setting.SocketSetupTimeoutMaxMs: "it has no time for a connection alone",
		setting.CompressionGzipLevel:    "it has no levels of compression",
		setting.CompressionLz4Level:     "it has no levels of compression",
		setting.CompressionZstdLevel:    "it has no levels of compression",
		setting.PartitionerClass:        "a partitioner is a function there; its own hashes keys with murmur2, as Kafka does",
		setting.PartitionerIgnoreKeys:   "a partitioner is a function there",
		setting.SSLTruststorePassword:   "certificates are PEM there, which has no password",
		setting.SSLTruststoreType:       "certificates are PEM there",
		setting.SSLKeystoreType:         "certificates are PEM there",
	},
	foreign: map[string]string{
		"partitioner": "it is a function", "api_version": "it is about old brokers", "api_version_auto_timeout_ms": "it is about old brokers",
		"allow_auto_create_topics": "Kafka's producer always asks with it", "receive_message_max_bytes": "it bounds answers", "socket_options": "they are the system's",
		"ssl_context": "it is an object of Python", "ssl_crlfile": "Kafka reads no lists of revoked certificates", "bootstrap_timeout_ms": "it bounds the start",
		"metric_reporters": "they are classes of Python", "metrics_enabled": "it is about its own metrics", "selector": "it is a class of Python",
		"sasl_kerberos_name": "it is about Kerberos", "sasl_kerberos_domain_name": "it is about Kerberos", "sasl_oauth_token_provider": "it is an object of Python",
		"proxy_url": "Kafka's client knows no proxy", "socks5_proxy": "Kafka's client knows no proxy", "kafka_client": "it is a class of Python",
		"buffer_memory": "it is no longer looked at since version 3",
	},
	consumer: []string{"group_*", "auto_offset_reset", "enable_auto_commit", "auto_commit_*", "fetch_*", "max_poll_*", "max_partition_fetch_bytes", "session_timeout_ms", "heartbeat_interval_ms", "consumer_timeout_ms", "key_deserializer", "value_deserializer"},
	beside:   []string{"ssl_cafile", "ssl_certfile", "ssl_keyfile", "sasl_plain_username", "sasl_plain_password"},
	login:    &login{user: "sasl_plain_username", password: "sasl_plain_password", ca: "ssl_cafile", certificate: "ssl_certfile", key: "ssl_keyfile"},
	rest:     (*importer).hearLogin,
	more:     (*exporter).sayLogin,
}

func kafkaPythonWords() []word {
	var words []word
	for _, w := range like(setting.BootstrapServers, setting.ClientID, setting.EnableIdempotence, setting.DeliveryTimeoutMs, setting.Acks, setting.Retries,
		setting.BatchSize, setting.LingerMs, setting.ConnectionsMaxIdleMs, setting.MaxBlockMs, setting.MaxRequestSize, setting.MetadataMaxAgeMs,
		setting.ClientDNSLookup, setting.RetryBackoffMs, setting.RequestTimeoutMs, setting.ReceiveBufferBytes, setting.SendBufferBytes,
		setting.ReconnectBackoffMs, setting.ReconnectBackoffMaxMs, setting.MaxInFlight, setting.SecurityProtocol, setting.CompressionType,
		setting.SASLMechanism, "transactional.id", "transaction.timeout.ms", "metrics.num.samples", "metrics.sample.window.ms", "sasl.kerberos.service.name") {
		w.name = strings.ReplaceAll(w.name, ".", "_")
		switch w.key {
		case setting.LingerMs:
			w.std, w.fraction = "0", true
		case setting.Retries:
			w.pairs = [][2]string{{"2147483647", "inf"}}
			w.own = infinite
		case setting.ReconnectBackoffMaxMs:
			w.std = "30000"
		case setting.SendBufferBytes, setting.ReceiveBufferBytes:
			w.std, w.pairs = "-1", [][2]string{{"-1", "None"}}
		case setting.CompressionType:
			w.pairs = [][2]string{{"none", "None"}}
		case setting.MaxBlockMs:
			w.note = "it only bounds the wait for metadata there"
		case setting.EnableIdempotence:
			w.note = "each partition has one request in flight then"
		default:
		}
		words = append(words, w)
	}
	serializers := like("key.serializer", "value.serializer")
	for n := range serializers {
		serializers[n].name = strings.ReplaceAll(serializers[n].name, ".", "_")
		serializers[n].only = true // a function has no text
		serializers[n].own = func(value) (string, string, *misheard, bool) {
			return "", "", &misheard{apart: true, say: "A function of Python turns keys or values into bytes."}, true
		}
	}
	words = append(words, serializers[0], serializers[1])
	return append(words,
		word{key: setting.SSLEndpointIdentification, name: "ssl_check_hostname", pairs: [][2]string{{"", "false"}, {"https", "true"}}, only: true, form: asTruth},
		word{key: setting.SSLKeyPassword, name: "ssl_password"},
		word{key: setting.SSLCipherSuites, name: "ssl_ciphers", only: true, own: func(value) (string, string, *misheard, bool) {
			return "", "", &misheard{apart: true, say: "It takes OpenSSL's names, which are others than Kafka's."}, true
		}},
	)
}

// infinite reads float("inf").
func infinite(v value) (string, string, *misheard, bool) {
	if v.text == "inf" {
		return "2147483647", "", nil, true
	}
	return "", "", nil, false
}
