package dialect

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kdyno/engine/setting"
)

// saramaClient is sarama: the fields of its Config, below the variable.
var saramaClient = &client{
	name:  "sarama",
	about: "Fields of sarama.Config, of version 1.61. Producer.Flush.Bytes is batch.size where there is a linger, Producer.Retry.BackoffFunc with sarama.NewExponentialBackoff are the backoffs, Producer.CompressionLevel is the level of the codec in use, Net.TLS and Net.SASL are security.protocol.",
	words: []word{
		{key: setting.ClientID, name: "ClientID"},
		{key: setting.Acks, name: "Producer.RequiredAcks", std: "1", pairs: [][2]string{{"all", "sarama.WaitForAll"}, {"1", "sarama.WaitForLocal"}, {"0", "sarama.NoResponse"}}, form: asSymbol},
		{key: setting.EnableIdempotence, name: "Producer.Idempotent", std: "false", form: asTruth},
		{key: setting.MaxInFlight, name: "Net.MaxOpenRequests", form: asNumber},
		{key: setting.Retries, name: "Producer.Retry.Max", std: "3", form: asNumber},
		{key: setting.RequestTimeoutMs, name: "Producer.Timeout", std: "10000", least: 1, most: math.MaxInt32, form: asSpan, note: "the broker alone keeps to it; how long sarama itself waits is Net.ReadTimeout, which stands beside it"},
		{key: setting.LingerMs, name: "Producer.Flush.Frequency", std: "0", most: math.MaxInt32, form: asSpan},
		{key: setting.MaxRequestSize, name: "Producer.MaxMessageBytes", least: 1, most: 100<<20 - 1, form: asNumber, note: "it bounds a record, and a partition's batch"},
		{key: setting.CompressionType, name: "Producer.Compression", pairs: saramaCodecs, form: asSymbol},
		{key: setting.SocketSetupTimeoutMs, name: "Net.DialTimeout", std: "30000", least: 1, most: math.MaxInt32, form: asSpan},
		{key: setting.MetadataMaxAgeMs, name: "Metadata.RefreshFrequency", std: "600000", least: 1, most: math.MaxInt32, form: asSpan, own: endless("0", unbounded)},
		{key: setting.ClientDNSLookup, name: "Net.ResolveCanonicalBootstrapServers", pairs: [][2]string{{"use_all_dns_ips", "false"}, {setting.CanonicalDNS, "true"}}, only: true, form: asTruth},
		{key: "transactional.id", name: "Producer.Transaction.ID"},
		{key: "transaction.timeout.ms", name: "Producer.Transaction.Timeout", least: 1, most: math.MaxInt32, form: asSpan},
	},
	defaults: func(setting.Values) map[setting.Key]string {
		return map[setting.Key]string{
			setting.DeliveryTimeoutMs: "2147483647", setting.BufferMemory: unbounded, setting.MaxBlockMs: unbounded, setting.RetryBackoffMaxMs: "100",
			setting.BatchSize: "1048576", setting.SendBufferBytes: "-1", setting.ReceiveBufferBytes: "-1", setting.EnableMetricsPush: "false",
		}
	},
	cannot: map[setting.Key]string{
		setting.DeliveryTimeoutMs:     "only the number of retries ends them there",
		setting.BufferMemory:          "nothing bounds the bytes that wait; ChannelBufferSize counts records",
		setting.MaxBlockMs:            "Input() blocks as long as it takes",
		setting.SendBufferBytes:       "it has no way to size a socket",
		setting.ReceiveBufferBytes:    "it has no way to size a socket",
		setting.ConnectionsMaxIdleMs:  "it keeps connections",
		setting.ReconnectBackoffMs:    "Metadata.Retry paces it",
		setting.ReconnectBackoffMaxMs: "Metadata.Retry paces it",
		setting.EnableMetricsPush:     "it pushes no metrics",
		setting.SSLTruststoreLocation: "certificates go into a tls.Config for Net.TLS.Config",
		setting.SSLKeystoreLocation:   "certificates go into a tls.Config for Net.TLS.Config",
	},
	foreign: map[string]string{
		"Net.KeepAlive": "it keeps idle connections open", "Net.LocalAddr": "it chooses the address to connect from", "Net.TLS.Config": "it is a tls.Config",
		"Net.Proxy.Enable": "Kafka's client knows no proxy", "Net.Proxy.Dialer": "Kafka's client knows no proxy", "Metadata.Full": "it asks for all topics at once",
		"Metadata.Retry.Max": "it bounds the tries to get metadata", "Metadata.Retry.Backoff": "it paces the tries to get metadata", "Metadata.Timeout": "it bounds the wait for metadata",
		"Metadata.AllowAutoTopicCreation": "Kafka's producer always asks with it", "Metadata.SingleFlight": "it is about requests for metadata", "ChannelBufferSize": "it counts records in Go's channels",
		"Producer.Return.Successes": "it reports successes on a channel", "Producer.Return.Errors": "it reports errors on a channel", "Version": "it is about old brokers",
		"ApiVersionsRequest": "it asks brokers what they can", "MetricRegistry": "it is about its own metrics", "Producer.Flush.Messages": "it counts records; Kafka counts bytes alone",
		"Producer.Flush.MaxMessages": "it bounds the records in a request", "Producer.Interceptors": "they are functions", "RackID": "it is about where a consumer fetches",
		"Producer.Retry.MaxBufferLength": "it bounds what waits for a retry", "Producer.Retry.MaxBufferBytes": "it bounds what waits for a retry",
		"Producer.Transaction.Retry.Max": "it is about transactions", "Producer.Transaction.Retry.Backoff": "it is about transactions",
		"Net.SASL.Version": "it is about old brokers", "Net.SASL.Handshake": "it is about old brokers", "Net.SASL.AuthIdentity": "it acts for another user",
		"Net.SASL.SCRAMClientGeneratorFunc": "it is a function", "Net.SASL.TokenProvider": "it is an object", "Net.WriteTimeout": "it bounds the writing of a request",
	},
	consumer: []string{"Consumer.*", "Admin.*", "Group.*"},
	beside: []string{
		"Producer.Retry.Backoff", "Producer.Retry.BackoffFunc", "Producer.Flush.Bytes", "Producer.CompressionLevel", "Producer.Partitioner", "Net.ReadTimeout",
		"Net.TLS.Enable", "Net.SASL.Enable", "Net.SASL.Mechanism", "Net.SASL.User", "Net.SASL.Password", "brokers",
	},
	partitioners: []partitioner{
		{class: setting.BuiltIn, says: "sarama.NewMurmur2Partitioner"},
		{ignore: true, says: "sarama.NewRandomPartitioner"},
		{class: setting.RoundRobin, says: "sarama.NewRoundRobinPartitioner"},
		{class: "hash:fnv1a", says: "sarama.NewHashPartitioner"},
		{class: "hash:crc32", says: "sarama.NewConsistentCRCHashPartitioner"},
		{class: "hash:fnv1a", says: "sarama.NewReferenceHashPartitioner", differs: "negative hashes go to other partitions"},
	},
	rest: restSarama,
	more: moreSarama,
}

var saramaCodecs = [][2]string{
	{"none", "sarama.CompressionNone"}, {"gzip", "sarama.CompressionGZIP"}, {"snappy", "sarama.CompressionSnappy"}, {"lz4", "sarama.CompressionLZ4"}, {"zstd", "sarama.CompressionZSTD"},
}

// moreSarama writes the fields that depend on one another.
func moreSarama(e *exporter) {
	e.done[setting.BootstrapServers] = true // a variable beside the Config
	e.sayPartitioner("Producer.Partitioner")
	e.sayLevel("Producer.CompressionLevel", map[string][2]int64{"gzip": {1, 9}, "lz4": {1, 9}, "zstd": {1, 22}})
	e.saramaBackoff()
	e.saramaBatch()
	if e.values.Bool(setting.EnableIdempotence) {
		e.done[setting.MaxInFlight] = true
		e.add(line{key: setting.MaxInFlight, name: "Net.MaxOpenRequests", text: "1", form: asNumber, why: "sarama insists on it with idempotence"})
		if e.values.Text(setting.MaxInFlight) != "1" {
			e.lose(setting.MaxInFlight, "with idempotence sarama takes 1 and nothing else", "1")
		}
	}
	if _, wanted := e.wanted(setting.RequestTimeoutMs); wanted {
		wait := max(e.values.Int(setting.RequestTimeoutMs), 1)
		e.add(line{key: setting.RequestTimeoutMs, name: "Net.ReadTimeout", text: strconv.FormatInt(wait, 10), form: asSpan})
	}
	e.saramaLogin()
}

func (e *exporter) saramaBackoff() {
	e.done[setting.RetryBackoffMs], e.done[setting.RetryBackoffMaxMs] = true, true
	least, most := e.values.Int(setting.RetryBackoffMs), e.values.Int(setting.RetryBackoffMaxMs)
	const longest = 1<<31 - 1
	for _, k := range []setting.Key{setting.RetryBackoffMs, setting.RetryBackoffMaxMs} {
		if e.values.Int(k) > longest {
			e.lose(k, "so long a pause is not written", strconv.Itoa(longest))
		}
	}
	why := ""
	if !e.values.IsSet(setting.RetryBackoffMs) && !e.values.IsSet(setting.RetryBackoffMaxMs) {
		why = "Kafka's defaults; sarama's own pause does not grow"
	}
	text := fmt.Sprintf("sarama.NewExponentialBackoff(%s, %s)", goSpan(strconv.FormatInt(min(least, longest), 10)), goSpan(strconv.FormatInt(min(most, longest), 10)))
	e.add(line{key: setting.RetryBackoffMs, name: "Producer.Retry.BackoffFunc", text: text, form: asSymbol, why: why})
}

// saramaBatch writes batch.size only where a timer sends what does not reach it.
func (e *exporter) saramaBatch() {
	e.done[setting.BatchSize] = true
	size := e.values.Int(setting.BatchSize)
	if e.values.Int(setting.LingerMs) == 0 {
		e.lose(setting.BatchSize, "without linger.ms sarama would hold records back until so many bytes are there", "")
		return
	}
	size = min(max(size, 1), 100<<20-1)
	why := ""
	if !e.values.IsSet(setting.BatchSize) {
		why = "Kafka's default; sarama itself goes by Producer.MaxMessageBytes"
	}
	e.add(line{key: setting.BatchSize, name: "Producer.Flush.Bytes", text: strconv.FormatInt(size, 10), form: asNumber, why: why})
	switch {
	case size != e.values.Int(setting.BatchSize):
		e.lose(setting.BatchSize, "it takes 1 to 104857599 there", strconv.FormatInt(size, 10))
	case e.asked.IsSet(setting.BatchSize):
		e.remark(setting.BatchSize, "it is counted for each broker, over all of its partitions")
	}
}

func (e *exporter) saramaLogin() {
	for _, k := range []setting.Key{setting.SecurityProtocol, setting.SASLMechanism, setting.SASLJaasConfig} {
		e.done[k] = true
	}
	if usesTLS(e.values) {
		e.add(line{key: setting.SecurityProtocol, name: "Net.TLS.Enable", text: "true", form: asTruth})
	}
	if e.asked.IsSet(setting.SASLJaasConfig) || e.needs(setting.SASLJaasConfig) {
		e.lose(setting.SASLJaasConfig, "a secret is never written", userVariable+" and "+passwordVariable)
	}
	mechanism := e.values.Text(setting.SASLMechanism)
	if !usesLogin(e.values) {
		if mechanism != setting.Defaults().Text(setting.SASLMechanism) {
			e.lose(setting.SASLMechanism, "without a login nobody looks at it", "")
		}
		return
	}
	e.add(line{key: setting.SASLMechanism, name: "Net.SASL.Enable", text: "true", form: asTruth})
	e.add(line{key: setting.SASLMechanism, name: "Net.SASL.Mechanism", text: strconv.Quote(mechanism), form: asSymbol})
	if mechanism == setting.Plain || mechanism == setting.Scram256 || mechanism == setting.Scram512 {
		e.add(line{key: setting.SASLJaasConfig, name: "Net.SASL.User", fill: userVariable})
		e.add(line{key: setting.SASLJaasConfig, name: "Net.SASL.Password", fill: passwordVariable})
	}
	if mechanism != setting.Plain {
		e.remark(setting.SASLMechanism, "it needs a function or an object of your own there, in Net.SASL")
	}
}

// findSarama reads what a program of Go gives to the fields of a Config.
func findSarama(s *source) ([]entry, *Error) {
	var entries []entry
	bad := readCode(golang, s.text, func(f fact) {
		e := entry{line: f.line, column: f.column}
		switch {
		case f.kind == called && strings.HasPrefix(f.path, "sarama.New") && len(f.args) > 1 && f.args[0].isText():
			e.name, e.value = "brokers", f.args[0]
		case f.kind == given && f.path == "Brokers":
			e.name, e.value = "brokers", f.args[0]
		case f.kind == given && saramaField.MatchString(f.path):
			e.name, e.value = saramaField.FindStringSubmatch(f.path)[1], f.args[0]
		default:
			return
		}
		if e.value.kind == code && saramaKnown.MatchString(e.value.text) {
			e.value.kind = name
		}
		entries = append(entries, e)
	})
	return entries, bad
}

// saramaField parts a field of Config from the variable before it.
var saramaField = regexp.MustCompile(`(?:^|\.)((?:Producer|Net|Metadata|Consumer|Admin|Group)\.[A-Za-z.]+|ClientID|ChannelBufferSize|Version|ApiVersionsRequest|RackID|MetricRegistry)$`)

var saramaKnown = regexp.MustCompile(`^sarama\.NewExponentialBackoff\([0-9]+,[0-9]+\)$`)

// restSarama reads the fields that depend on one another.
func restSarama(i *importer) {
	if e, said := i.others["brokers"]; said {
		row, _ := setting.Find(setting.BootstrapServers)
		i.hear(row, word{key: setting.BootstrapServers, name: "brokers"}, e)
	}
	i.hearPartitioner("Producer.Partitioner", "sarama.NewHashPartitioner")
	if e, said := i.others["Producer.CompressionLevel"]; said && (e.value.text == "-1000" || strings.HasSuffix(e.value.text, "CompressionLevelDefault")) {
		delete(i.others, "Producer.CompressionLevel")
	}
	i.hearLevel("Producer.CompressionLevel")
	i.saramaBackoff()
	i.saramaBatch()
	i.saramaLogin()
	wait, said := i.others["Net.ReadTimeout"]
	own := strconv.FormatInt(i.im.Values.Int(setting.RequestTimeoutMs)*1_000_000, 10)
	if said && wait.value.text != own {
		i.loss(Loss{Name: "Net.ReadTimeout", Line: wait.line, Say: "How long sarama itself waits for an answer, whatever Producer.Timeout asks of the broker; Kafka has one setting for both."})
	}
}

var saramaGrowing = regexp.MustCompile(`^sarama\.NewExponentialBackoff\(([0-9]+),([0-9]+)\)$`)

func (i *importer) saramaBackoff() {
	ms := func(ns string) string {
		n, _ := strconv.ParseInt(ns, 10, 64) // digits alone
		return strconv.FormatInt((n+999_999)/1_000_000, 10)
	}
	e, said := i.others["Producer.Retry.BackoffFunc"]
	if m := saramaGrowing.FindStringSubmatch(e.value.text); m != nil {
		i.put(setting.RetryBackoffMs, ms(m[1]), e)
		i.put(setting.RetryBackoffMaxMs, ms(m[2]), e)
		return
	}
	if said {
		i.loss(Loss{Key: setting.RetryBackoffMs, Name: "Producer.Retry.BackoffFunc", Line: e.line, Say: "It is a function of your own, which is not run here."})
		return
	}
	if e, said = i.others["Producer.Retry.Backoff"]; !said {
		return
	}
	row, _ := setting.Find(setting.RetryBackoffMs)
	i.hear(row, word{key: setting.RetryBackoffMs, name: e.name, form: asSpan}, e)
	if i.im.Values.IsSet(setting.RetryBackoffMs) {
		i.put(setting.RetryBackoffMaxMs, i.im.Values.Text(setting.RetryBackoffMs), e) // it does not grow
	}
}

func (i *importer) saramaBatch() {
	e, said := i.others["Producer.Flush.Bytes"]
	row, _ := setting.Find(setting.BatchSize)
	switch {
	case said && e.value.text != "0":
		i.hear(row, word{key: setting.BatchSize, name: e.name, form: asNumber}, e)
	case i.im.Values.IsSet(setting.MaxRequestSize):
		// A partition's batch ends there.
		if v, err := i.im.Values.With(setting.BatchSize, i.im.Values.Text(setting.MaxRequestSize)); err == nil {
			i.im.Values, i.im.Origins[setting.BatchSize] = v, Origin{Client: true}
		}
	}
}

func (i *importer) saramaLogin() {
	on := func(field string) bool { return i.others[field].value.text == "true" }
	tls, sasl := on("Net.TLS.Enable"), on("Net.SASL.Enable")
	switch {
	case tls && sasl:
		i.put(setting.SecurityProtocol, setting.SASLSSL, i.others["Net.SASL.Enable"])
	case tls:
		i.put(setting.SecurityProtocol, setting.SSL, i.others["Net.TLS.Enable"])
	case sasl:
		i.put(setting.SecurityProtocol, setting.SASLPlaintext, i.others["Net.SASL.Enable"])
	}
	if !sasl {
		return
	}
	mechanism, said := i.others["Net.SASL.Mechanism"]
	text := setting.Plain
	if said {
		text = mechanism.value.text
		if known, ok := saramaMechanisms[text[strings.LastIndexByte(text, '.')+1:]]; ok {
			text = known
		}
	}
	i.put(setting.SASLMechanism, text, mechanism)
	i.others["Net.SASL.Mechanism"] = mechanism
	if slices.Contains([]string{setting.Plain, setting.Scram256, setting.Scram512}, text) {
		i.hearPassword(&login{user: "Net.SASL.User", password: "Net.SASL.Password"})
	}
}

var saramaMechanisms = map[string]string{
	"SASLTypePlaintext": setting.Plain, "SASLTypeSCRAMSHA256": setting.Scram256, "SASLTypeSCRAMSHA512": setting.Scram512,
	"SASLTypeOAuth": setting.OAuthBearer, "SASLTypeGSSAPI": setting.GSSAPI,
}

// putSarama writes a file that compiles.
func putSarama(e *exporter) string {
	var b strings.Builder
	std := []string{"time"}
	if len(e.fills()) > 0 {
		std = []string{"os", "time"}
	}
	b.WriteString("package producer\n\n" + goImports(std, []string{"github.com/IBM/sarama"}))
	if addresses := e.values.Addresses(); len(addresses) > 0 {
		b.WriteString("// Brokers are what sarama.NewAsyncProducer takes first.\nvar Brokers = []string{" + quotedAll(addresses) + "}\n\n")
	}
	b.WriteString("// Config is what sarama.NewAsyncProducer takes.\nfunc Config() *sarama.Config {\n\tcfg := sarama.NewConfig()\n")
	for _, l := range e.lines {
		fmt.Fprintf(&b, "\tcfg.%s = %s%s\n", l.name, goText(l), behind("//", l.why))
	}
	b.WriteString("\treturn cfg\n}\n")
	return goFormatted(b.String())
}
