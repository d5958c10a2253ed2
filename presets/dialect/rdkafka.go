package dialect

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"kdyno/engine/setting"
)

// rdkafka is librdkafka, also behind Confluent's clients for Python, Go and
// .NET. Names, bounds and defaults are those of its CONFIGURATION.md.
var rdkafka = &client{
	name:  "librdkafka",
	about: "Names, bounds and defaults are those of CONFIGURATION.md. Files of KEY=VALUE are read, and C that calls rd_kafka_conf_set. sasl.username and sasl.password are Kafka's sasl.jaas.config, ssl.ca.location is ssl.truststore.location with ssl.truststore.type=PEM, compression.level is the level of the codec in use, and socket.timeout.ms stands beside request.timeout.ms.",
	words: slices.Concat(rdkafkaWords(), rdkafkaSecurity()),
	defaults: func(said setting.Values) map[setting.Key]string {
		own := map[setting.Key]string{setting.MaxInFlight: "1000000"}
		if said.IsSet(setting.EnableIdempotence) && said.Bool(setting.EnableIdempotence) {
			delete(own, setting.MaxInFlight) // it lowers itself to 5 then
		}
		return own
	},
	cannot: map[setting.Key]string{
		setting.MaxBlockMs:                    "produce() does not wait: where the queue is full it fails at once, and the application tries again",
		setting.SocketSetupTimeoutMaxMs:       "the time for a connection does not grow",
		setting.SSLTruststorePassword:         "certificates are PEM there, which has no password",
		setting.SSLTruststoreType:             "certificates are PEM there",
		setting.SSLKeystoreType:               "a keystore is PKCS12 there, or PEM by ssl.certificate.location and ssl.key.location",
		setting.SSLCipherSuites:               "it takes OpenSSL's names, which are others",
		setting.SSLEnabledProtocols:           "OpenSSL's own configuration decides",
		setting.SSLProtocol:                   "OpenSSL's own configuration decides",
		"sasl.kerberos.kinit.cmd":             "it takes a whole command line of its own",
		setting.OAuthHandlerClass:             inJVM,
		"partitioner.availability.timeout.ms": "its partitioners do not look at the brokers' speed",
	},
	foreign:      rdkafkaForeign,
	consumer:     rdkafkaConsumer,
	beside:       []string{"partitioner", "compression.level", "socket.timeout.ms", "sasl.username", "sasl.password", "ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.keystore.location", "sasl.oauthbearer.method"},
	partitioners: rdkafkaPartitioners,
	login:        &login{user: "sasl.username", password: "sasl.password", ca: "ssl.ca.location", certificate: "ssl.certificate.location", key: "ssl.key.location", store: "ssl.keystore.location", method: "sasl.oauthbearer.method"},
	rest:         restRdkafka,
	more:         moreRdkafka,
}

func rdkafkaWords() []word {
	words := like(setting.BootstrapServers, setting.ClientID, setting.Acks, setting.Retries, setting.ClientDNSLookup, setting.EnableMetricsPush,
		setting.MetadataRecoveryStrategy, "transactional.id")
	words[0].also = []string{"metadata.broker.list"}
	words[2].also = []string{"request.required.acks"}
	words[3].also = []string{"message.send.max.retries"}
	return append(words, []word{
		{key: setting.EnableIdempotence, name: "enable.idempotence", std: "false", form: asTruth},
		{key: setting.MaxInFlight, name: "max.in.flight.requests.per.connection", also: []string{"max.in.flight"}, least: 1, most: 1_000_000, form: asNumber},
		{key: setting.RetryBackoffMs, name: "retry.backoff.ms", least: 1, most: 300_000, form: asNumber},
		{key: setting.RetryBackoffMaxMs, name: "retry.backoff.max.ms", least: 1, most: 300_000, form: asNumber},
		{
			key: setting.RequestTimeoutMs, name: "request.timeout.ms", least: 1, most: 900_000, form: asNumber,
			note: "the broker alone keeps to it; how long librdkafka itself waits is socket.timeout.ms, which stands beside it",
		},
		{key: setting.DeliveryTimeoutMs, name: "delivery.timeout.ms", also: []string{"message.timeout.ms"}, std: "300000", least: 1, most: math.MaxInt32, form: asNumber, own: endless("0", "2147483647")},
		{key: setting.LingerMs, name: "linger.ms", also: []string{"queue.buffering.max.ms"}, most: 900_000, fraction: true, form: asNumber},
		{
			key: setting.BatchSize, name: "batch.size", std: "1000000", least: 1, most: math.MaxInt32, form: asNumber,
			note: "a batch also ends at batch.num.messages, 10000 records by itself",
		},
		{key: setting.MaxRequestSize, name: "message.max.bytes", std: "1000000", least: 1000, most: 1_000_000_000, form: asNumber, note: "it bounds a request, and a record only about"},
		{key: setting.CompressionType, name: "compression.type", also: []string{"compression.codec"}, own: inherited},
		{
			key: setting.BufferMemory, name: "queue.buffering.max.kbytes", std: "1073741824", unit: 1024, least: 1024, most: math.MaxInt32 * 1024, form: asNumber,
			note: "records are counted, not whole batches; queue.buffering.max.messages, 100000 by itself, bounds their number too",
		},
		{key: setting.SendBufferBytes, name: "socket.send.buffer.bytes", std: "-1", pairs: [][2]string{{"-1", "0"}}, least: 1, most: 100_000_000, form: asNumber},
		{key: setting.ReceiveBufferBytes, name: "socket.receive.buffer.bytes", std: "-1", pairs: [][2]string{{"-1", "0"}}, least: 1, most: 100_000_000, form: asNumber},
		{key: setting.MetadataMaxAgeMs, name: "topic.metadata.refresh.interval.ms", most: 3_600_000, form: asNumber, own: endless("-1", "9223372036854775807")},
		{key: setting.ConnectionsMaxIdleMs, name: "connections.max.idle.ms", std: "-1", pairs: [][2]string{{"-1", "0"}}, least: 1, most: math.MaxInt32, form: asNumber},
		{key: setting.SocketSetupTimeoutMs, name: "socket.connection.setup.timeout.ms", std: "30000", least: 1000, most: math.MaxInt32, form: asNumber, note: "the handshakes of TLS and SASL are in it"},
		{key: setting.ReconnectBackoffMs, name: "reconnect.backoff.ms", std: "100", most: 3_600_000, form: asNumber},
		{key: setting.ReconnectBackoffMaxMs, name: "reconnect.backoff.max.ms", std: "10000", most: 3_600_000, form: asNumber},
		{key: "metadata.recovery.rebootstrap.trigger.ms", name: "metadata.recovery.rebootstrap.trigger.ms", most: math.MaxInt32, form: asNumber},
		{key: "transaction.timeout.ms", name: "transaction.timeout.ms", least: 1000, most: math.MaxInt32, form: asNumber},
	}...)
}

func rdkafkaSecurity() []word {
	words := like(setting.SecurityProtocol, setting.SASLMechanism, setting.SSLKeyPassword, setting.SSLKeystorePassword,
		setting.OAuthTokenURL, setting.OAuthScope, "sasl.kerberos.service.name",
		"sasl.oauthbearer.assertion.algorithm", "sasl.oauthbearer.assertion.file", "sasl.oauthbearer.assertion.private.key.file",
		"sasl.oauthbearer.assertion.private.key.passphrase", "sasl.oauthbearer.assertion.claim.aud", "sasl.oauthbearer.assertion.claim.iss",
		"sasl.oauthbearer.assertion.claim.jti.include", "sasl.oauthbearer.assertion.claim.sub", "sasl.oauthbearer.assertion.claim.nbf.seconds")
	words[1].also = []string{"sasl.mechanisms"}
	return append(words, []word{
		{key: setting.SSLEndpointIdentification, name: "ssl.endpoint.identification.algorithm", pairs: [][2]string{{"", "none"}, {"https", "https"}}, only: true},
		{key: setting.SSLTruststoreCertificates, name: "ssl.ca.pem"},
		{key: setting.SSLKeystoreKey, name: "ssl.key.pem"},
		{key: setting.SSLKeystoreChain, name: "ssl.certificate.pem"},
		{key: setting.OAuthClientID, name: "sasl.oauthbearer.client.id", also: []string{"sasl.oauthbearer.client.credentials.client.id"}},
		{key: setting.OAuthClientSecret, name: "sasl.oauthbearer.client.secret", also: []string{"sasl.oauthbearer.client.credentials.client.secret"}},
		{key: "sasl.oauthbearer.assertion.template.file", name: "sasl.oauthbearer.assertion.jwt.template.file"},
		{key: "sasl.oauthbearer.assertion.claim.exp.seconds", name: "sasl.oauthbearer.assertion.claim.exp.seconds", least: 1, most: math.MaxInt32, form: asNumber},
		{key: "sasl.kerberos.min.time.before.relogin", name: "sasl.kerberos.min.time.before.relogin", most: 86_400_000, form: asNumber},
	}...)
}

// endless reads a client's own word for no limit.
func endless(theirs, most string) func(value) (string, string, *misheard, bool) {
	return func(v value) (string, string, *misheard, bool) {
		if strings.TrimSpace(v.text) != theirs {
			return "", "", nil, false
		}
		return most, theirs + " is no limit there, which Kafka does not have.", nil, true
	}
}

// inherited is what a topic of librdkafka says that has no codec of its own.
func inherited(v value) (string, string, *misheard, bool) {
	if v.text == "inherit" {
		return "none", "", nil, true
	}
	return "", "", nil, false
}

var rdkafkaPartitioners = []partitioner{
	{class: setting.BuiltIn, says: "murmur2_random"},
	{ignore: true, says: "random"},
	{class: "hash:crc32", says: "consistent_random"},
	{class: "hash:fnv1a", says: "fnv1a_random"},
	{class: setting.BuiltIn, says: "murmur2", differs: "records without a key all go to one partition"},
	{class: "hash:crc32", says: "consistent", differs: "records without a key all go to one partition"},
	{class: "hash:fnv1a", says: "fnv1a", differs: "records without a key all go to one partition"},
}

const rdkafkaPartitioner = "consistent_random" // where nothing is said

// moreRdkafka writes what takes more than one setting.
func moreRdkafka(e *exporter) {
	e.sayPartitioner("partitioner")
	e.sayLevel("compression.level", map[string][2]int64{"gzip": {1, 9}, "lz4": {1, 12}, "zstd": {1, 12}})
	e.sayLogin()
	e.atLeast(setting.ReconnectBackoffMaxMs, e.values.Int(setting.ReconnectBackoffMs), "it has to be reconnect.backoff.ms at least")
	e.atLeast(setting.DeliveryTimeoutMs, e.values.Int(setting.LingerMs)+1, "it has to be more than linger.ms")
	if _, wanted := e.wanted(setting.RequestTimeoutMs); wanted {
		wait, _, _ := word{form: asNumber, least: 10, most: 300_000}.speak(e.values.Text(setting.RequestTimeoutMs))
		e.add(line{key: setting.RequestTimeoutMs, name: e.spelt("socket.timeout.ms"), text: wait, form: asNumber})
	}
}

// atLeast raises a value that librdkafka would refuse beside another one.
func (e *exporter) atLeast(k setting.Key, least int64, why string) {
	if e.values.Int(k) >= least {
		return
	}
	w, _ := e.client.says(k)
	text, form, _ := w.speak(strconv.FormatInt(min(least, w.most), 10))
	e.done[k] = true
	e.add(line{key: k, name: w.name, text: text, form: form})
	e.lose(k, why, w.name+"="+text)
}

// restRdkafka reads it back.
func restRdkafka(i *importer) { restWith(i, rdkafkaPartitioner) }

// restWith reads it back, for a client that calls the usual partitioner so.
func restWith(i *importer, usual string) {
	i.hearPartitioner("partitioner", usual)
	i.hearLevel("compression.level")
	i.hearLogin()
	wait, said := i.others[i.client.folded("socket.timeout.ms")]
	if said && wait.value.text != i.im.Values.Text(setting.RequestTimeoutMs) {
		i.loss(Loss{
			Name: named(wait.name), Line: wait.line,
			Say:     "How long librdkafka itself waits for an answer, whatever request.timeout.ms asks of the broker; Kafka has one setting for both.",
			Nearest: "request.timeout.ms=" + i.im.Values.Text(setting.RequestTimeoutMs),
		})
	}
}

var rdkafkaConsumer = []string{
	"group.*", "session.timeout.ms", "heartbeat.interval.ms", "coordinator.query.interval.ms", "max.poll.interval.ms", "enable.auto.commit",
	"auto.commit.*", "enable.auto.offset.store", "queued.min.messages", "queued.max.messages.kbytes", "fetch.*", "max.partition.fetch.bytes",
	"isolation.level", "enable.partition.eof", "check.crcs", "auto.offset.reset", "offset.store.*", "consume.callback.max.messages", "partition.assignment.strategy",
}

// rdkafkaForeign are librdkafka's own settings.
var rdkafkaForeign = map[string]string{
	"metadata.max.age.ms":                     "it says how long metadata is kept; Kafka's setting of that name is topic.metadata.refresh.interval.ms there",
	"queue.buffering.max.messages":            "it bounds how many records wait; Kafka bounds their bytes alone",
	"batch.num.messages":                      "it bounds how many records a batch holds; Kafka bounds its bytes alone",
	"queue.buffering.backpressure.threshold":  "it holds back requests while others are not sent",
	"sticky.partitioning.linger.ms":           "it says how long records without a key stay with a partition; Kafka goes by bytes",
	"enable.gapless.guarantee":                "it ends the producer where a record in the middle failed",
	"delivery.report.only.error":              "it silences reports of success",
	"statistics.interval.ms":                  "it asks for statistics",
	"message.copy.max.bytes":                  "it says which records are copied into requests",
	"receive.message.max.bytes":               "it bounds answers",
	"topic.metadata.refresh.fast.interval.ms": "it says how soon metadata is asked for after a leader was lost",
	"topic.metadata.refresh.sparse":           "it asks for the metadata of known topics alone",
	"topic.metadata.propagation.max.ms":       "it says how long a new topic may be unknown",
	"topic.blacklist":                         "it hides topics",
	"socket.keepalive.enable":                 "it keeps idle connections open",
	"socket.nagle.disable":                    "it sends small packets at once, as Kafka always does",
	"socket.max.fails":                        "it closes a connection after so many failures",
	"broker.address.ttl":                      "it says how long addresses are kept",
	"broker.address.family":                   "it chooses between IPv4 and IPv6",
	"api.version.request":                     "it asks brokers what they can, as Kafka always does",
	"api.version.request.timeout.ms":          "it bounds that question",
	"api.version.fallback.ms":                 "it is about brokers before 0.10",
	"broker.version.fallback":                 "it is about brokers before 0.10",
	"allow.auto.create.topics":                "Kafka's producer always asks with it",
	"queuing.strategy":                        "it can send the newest record first",
	"produce.offset.report":                   "it is no longer used",
	"enable.ssl.certificate.verification":     "Kafka always checks certificates",
	"ssl.curves.list":                         "it is OpenSSL's",
	"ssl.sigalgs.list":                        "it is OpenSSL's",
	"ssl.crl.location":                        "Kafka reads no lists of revoked certificates",
	"ssl.providers":                           "it is OpenSSL's",
	"ssl.engine.location":                     "it is OpenSSL's",
	"ssl.engine.id":                           "it is OpenSSL's",
	"ssl.ca.certificate.stores":               "it is Windows'",
	"https.ca.location":                       "it is about the identity provider's certificates",
	"https.ca.pem":                            "it is about the identity provider's certificates",
	"sasl.oauthbearer.config":                 "it configures tokens without a signature",
	"enable.sasl.oauthbearer.unsecure.jwt":    "it makes tokens without a signature",
	"sasl.oauthbearer.extensions":             "it adds to what a login says",
	"sasl.oauthbearer.grant.type":             "it says how a token is asked for",
	"sasl.kerberos.principal":                 "it is about Kerberos",
	"sasl.kerberos.keytab":                    "it is about Kerberos",
	"sasl.kerberos.kinit.cmd":                 "it is about Kerberos",
	"client.rack":                             "it is about where a consumer fetches",
	"plugin.library.paths":                    "it loads libraries",
	"debug":                                   "it is about logs",
	"log_level":                               "it is about logs",
	"log.queue":                               "it is about logs",
	"log.thread.name":                         "it is about logs",
	"log.connection.close":                    "it is about logs",
	"enable.random.seed":                      "it is about random numbers",
	"internal.termination.signal":             "it is about its threads",
	"go.batch.producer":                       "it is about the channels of Go",
	"go.delivery.reports":                     "it is about the channels of Go",
	"go.produce.channel.size":                 "it is about the channels of Go",
	"go.events.channel.size":                  "it is about the channels of Go",
	"go.logs.channel.enable":                  "it is about the channels of Go",
	"dotnet.producer.enable.background.poll":  "it is about .NET's threads",
	"dotnet.producer.enable.delivery.reports": "it is about .NET's reports",
	"dotnet.producer.delivery.report.fields":  "it is about .NET's reports",
	"on_delivery":                             "it is a function that hears of outcomes",
	"error_cb":                                "it is a function that hears of errors",
	"stats_cb":                                "it is a function that gets statistics",
	"oauth_cb":                                "it is a function that fetches a token",
	"logger":                                  "it is about logs",
}

var rdkafkaSetter = map[string]bool{"rd_kafka_conf_set": true, "rd_kafka_topic_conf_set": true, "conf->set": true, "set": true}

// findRdkafka reads key=value, or C that calls rd_kafka_conf_set.
func findRdkafka(s *source) ([]entry, *Error) {
	if !strings.Contains(s.text, "rd_kafka_") {
		return readConf(s.text)
	}
	var entries []entry
	bad := readCode(golang, s.text, func(f fact) {
		if f.kind == called && rdkafkaSetter[f.path] && len(f.args) >= 3 && f.args[1].isText() {
			entries = append(entries, entry{name: f.args[1].text, value: f.args[2], line: f.line, column: f.column})
		}
	})
	return entries, bad
}

// readConf reads lines of key=value; # begins a comment.
func readConf(text string) ([]entry, *Error) {
	var entries []entry
	n := 0
	for line := range strings.Lines(text) {
		n++
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || strings.HasPrefix(trimmed, "#") {
			continue
		}
		key, text, ok := strings.Cut(trimmed, "=")
		if len(entries) > mostEntries {
			return nil, errTooMany
		}
		if !ok {
			return nil, &Error{Line: n, Column: strings.Index(line, trimmed) + 1, Say: "a line without =", Hint: "write KEY=VALUE, or # before a remark"}
		}
		entries = append(entries, entry{name: strings.TrimSpace(key), value: value{text: strings.TrimSpace(text)}, line: n, column: strings.Index(line, trimmed) + 1})
	}
	return entries, nil
}

func putRdkafka(e *exporter) string {
	var b strings.Builder
	for _, l := range e.lines {
		if l.why != "" {
			b.WriteString("# " + l.why + "\n")
		}
		b.WriteString(l.name + "=" + l.text + "\n")
	}
	return b.String()
}
