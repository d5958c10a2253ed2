package dialect

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"kdyno/engine/setting"
)

// franz is franz-go: its options, by their names behind kgo.
var franz = &client{
	name:  "franz-go",
	about: "Options by their names behind kgo, of version 1.22. SeedBrokers, DisableIdempotentWrite, RetryBackoffFn with a function backoff(least, most), ProducerBatchCompression, RecordPartitioner, DisableClientMetrics, DialTLS and SASL are read and written too; MetadataMinAge and MaxBufferedRecords stand beside others.",
	words: []word{
		{key: setting.ClientID, name: "ClientID"},
		{key: setting.Acks, name: "RequiredAcks", pairs: [][2]string{{"all", "kgo.AllISRAcks()"}, {"1", "kgo.LeaderAck()"}, {"0", "kgo.NoAck()"}}, only: true, form: asSymbol},
		{key: setting.MaxInFlight, name: "MaxProduceRequestsInflightPerBroker", form: asNumber},
		{key: setting.Retries, name: "RecordRetries", form: asNumber},
		{key: setting.RequestTimeoutMs, name: "ProduceRequestTimeout", std: "10000", least: 100, most: math.MaxInt32, form: asSpan},
		{
			key: setting.DeliveryTimeoutMs, name: "RecordDeliveryTimeout", std: "2147483647", least: 1000, most: math.MaxInt32, form: asSpan, own: endless("0", "2147483647"),
			note: "it is looked at before a request and after an answer only, and fails the whole of a partition's buffer",
		},
		{key: setting.LingerMs, name: "ProducerLinger", std: "10", most: 60_000, form: asSpan},
		{key: setting.BatchSize, name: "ProducerBatchMaxBytes", std: "1000012", least: 512, most: 1 << 30, form: asNumber, note: "a record that is larger is refused there, where Kafka sends it alone"},
		{key: setting.MaxRequestSize, name: "BrokerMaxWriteBytes", std: "104857600", least: 1024, most: 1 << 30, form: asNumber, note: "it bounds a request; a single record is bound by ProducerBatchMaxBytes"},
		{key: setting.BufferMemory, name: "MaxBufferedBytes", std: unbounded, least: 1, most: math.MaxInt64, form: asNumber, own: endless("0", unbounded), note: "records are counted, not whole batches"},
		{key: setting.MetadataMaxAgeMs, name: "MetadataMaxAge", least: 10, most: 3_600_000, form: asSpan},
		{key: setting.ConnectionsMaxIdleMs, name: "ConnIdleTimeout", std: "30000", least: 100, most: 900_000, form: asSpan},
		{key: setting.SocketSetupTimeoutMs, name: "DialTimeout", least: 1, most: math.MaxInt32, form: asSpan},
		{key: "transactional.id", name: "TransactionalID"},
		{key: "transaction.timeout.ms", name: "TransactionTimeout", least: 1, most: math.MaxInt32, form: asSpan},
	},
	defaults: func(said setting.Values) map[setting.Key]string {
		own := map[setting.Key]string{
			setting.CompressionType: "snappy", setting.RetryBackoffMs: "250", setting.RetryBackoffMaxMs: "5000", setting.MaxBlockMs: unbounded,
			setting.SendBufferBytes: "-1", setting.ReceiveBufferBytes: "-1",
		}
		if said.IsSet(setting.EnableIdempotence) && !said.Bool(setting.EnableIdempotence) {
			own[setting.MaxInFlight] = "1"
		}
		if said.Text("transactional.id") != "" {
			own["transaction.timeout.ms"] = "40000"
		}
		return own
	},
	cannot: map[setting.Key]string{
		setting.MaxBlockMs:              "Produce waits until its context ends, and TryProduce not at all",
		setting.SendBufferBytes:         "sockets are a kgo.Dialer's of your own",
		setting.ReceiveBufferBytes:      "sockets are a kgo.Dialer's of your own",
		setting.ReconnectBackoffMs:      "RetryBackoffFn paces connections as well",
		setting.ReconnectBackoffMaxMs:   "RetryBackoffFn paces connections as well",
		setting.SocketSetupTimeoutMaxMs: "the time for a connection does not grow",
		setting.SSLTruststoreLocation:   "certificates go into a tls.Config for kgo.DialTLSConfig",
		setting.SSLKeystoreLocation:     "certificates go into a tls.Config for kgo.DialTLSConfig",
	},
	foreign:  franzForeign,
	consumer: franzConsumer,
	beside: []string{
		"SeedBrokers", "DisableIdempotentWrite", "RetryBackoffFn", "MetadataMinAge", "ProducerBatchCompression", "RecordPartitioner", "DisableClientMetrics",
		"DialTLS", "SASL", "MaxBufferedRecords", "AsMechanism", "AsSha256Mechanism", "AsSha512Mechanism",
	},
	rest: restFranz,
	more: moreFranz,
}

var franzConsumer = strings.Fields(`Consume* Fetch* Rack MaxConcurrentFetches BalanceRacks KeepControlRecords DisableFetch* WithDecompressor
	KeepRetryableFetchErrors RecheckPreferredReplicaInterval ConsumerGroup ShareGroup ShareMaxRecords* ShareAckCallback Balancers ServerSideBalancer
	SessionTimeout RebalanceTimeout HeartbeatInterval RequireStableFetchOffsets BlockRebalanceOnPoll AdjustFetchOffsetsFn OnPartitions* OnOffsetsFetched
	DisableAutoCommit GreedyAutoCommit AutoCommit* InstanceID GroupProtocol`)

var franzForeign = map[string]string{
	"SoftwareNameAndVersion": "it tells brokers which library this is", "WithLogger": "it is about logs", "WithContext": "it is about Go's contexts",
	"RequestTimeoutOverhead": "it is added to the time for an answer", "Dialer": "it is a function that connects", "DialTLSConfig": "it is a tls.Config",
	"MaxVersions": "it is about old brokers", "MinVersions": "it is about old brokers", "RequestRetries": "it counts the retries of other requests than those with records",
	"RetryTimeout": "it bounds other requests than those with records", "RetryTimeoutFn": "it bounds other requests than those with records",
	"AllowAutoTopicCreation": "Kafka's producer always asks with it", "BrokerMaxReadBytes": "it bounds answers", "MaxDecompressBatchBytes": "it bounds what is read",
	"WithHooks": "they are functions that hear of what happens", "WithPools": "it is about memory", "ConcurrentTransactionsBackoff": "it paces transactions",
	"ConsiderMissingTopicDeletedAfter": "it is about topics that vanish", "OnRebootstrapRequired": "it is a function", "UserMetricsFn": "it is a function",
	"AlwaysRetryEOF": "it is about connections that break at once", "DefaultProduceTopic": "it names the topic", "DefaultProduceTopicAlways": "it names the topic",
	"AllowIdempotentProduceCancellation": "it lets a record fail while it is unknown whether it was written", "WithCompressor": "it is an object that compresses",
	"ProducerBatchMaxBytesFn": "it is a function", "RackAwarePartitioning": "it prefers leaders nearby", "UnknownTopicRetries": "it says how often a missing topic is asked for",
	"StopProducerOnDataLossDetected": "it is about lost sequences", "ProducerOnDataLossDetected": "it is a function", "ManualFlushing": "it sends nothing by itself",
	"StreamingCompression": "it is about memory",
}

// moreFranz writes the options that are more than a value.
func moreFranz(e *exporter) {
	for _, k := range []setting.Key{
		setting.BootstrapServers, setting.EnableIdempotence, setting.RetryBackoffMs, setting.RetryBackoffMaxMs, setting.CompressionType,
		setting.PartitionerClass, setting.PartitionerIgnoreKeys, "partitioner.adaptive.partitioning.enable", setting.EnableMetricsPush, setting.SecurityProtocol, setting.SASLMechanism, setting.SASLJaasConfig,
	} {
		e.done[k] = true
	}
	symbol := func(k setting.Key, name, text, why string) {
		e.add(line{key: k, name: name, text: text, form: asSymbol, why: why})
	}
	if addresses := e.values.Addresses(); len(addresses) > 0 {
		symbol(setting.BootstrapServers, "SeedBrokers", quotedAll(addresses), "")
	}
	if !e.values.Bool(setting.EnableIdempotence) {
		symbol(setting.EnableIdempotence, "DisableIdempotentWrite", "", "")
	} else if e.done[setting.MaxInFlight] = true; e.values.Text(setting.MaxInFlight) != "5" {
		e.lose(setting.MaxInFlight, "with idempotence franz-go chooses by itself, 5 with brokers since 1.0", "5")
	}
	if !e.values.Bool(setting.EnableMetricsPush) {
		symbol(setting.EnableMetricsPush, "DisableClientMetrics", "", "")
	}
	e.franzBackoff(symbol)
	e.franzCodec(symbol)
	e.franzPartitioner(symbol)
	e.franzLogin(symbol)
	if least := e.values.Int(setting.BatchSize); e.values.Int(setting.MaxRequestSize) < least {
		e.done[setting.MaxRequestSize] = true
		request := min(max(least, 1024), 1<<30)
		e.add(line{key: setting.MaxRequestSize, name: "BrokerMaxWriteBytes", text: strconv.FormatInt(request, 10), form: asNumber})
		e.lose(setting.MaxRequestSize, "a request has to have room for a batch there", strconv.FormatInt(request, 10))
	}
	symbol(setting.BufferMemory, "MaxBufferedRecords", "math.MaxInt32", "Kafka bounds bytes alone; franz-go's own is 50000")
}

func quotedAll(texts []string) string {
	quoted := make([]string, len(texts))
	for n, t := range texts {
		quoted[n] = strconv.QuoteToASCII(t)
	}
	return strings.Join(quoted, ", ")
}

type adder func(k setting.Key, name, text, why string)

func (e *exporter) franzBackoff(symbol adder) {
	least, most := e.values.Int(setting.RetryBackoffMs), e.values.Int(setting.RetryBackoffMaxMs)
	const longest = 1<<31 - 1 // beyond it a time.Duration may overflow as it doubles
	for _, k := range []setting.Key{setting.RetryBackoffMs, setting.RetryBackoffMaxMs} {
		if e.values.Int(k) > longest {
			e.lose(k, "so long a pause is not written", strconv.Itoa(longest))
		}
	}
	least, most = min(least, longest), min(most, longest)
	why := ""
	if !e.values.IsSet(setting.RetryBackoffMs) && !e.values.IsSet(setting.RetryBackoffMaxMs) {
		why = "Kafka's defaults; franz-go's own are 250 ms and 5 s"
	}
	text := fmt.Sprintf("backoff(%s, %s)", goSpan(strconv.FormatInt(least, 10)), goSpan(strconv.FormatInt(most, 10)))
	symbol(setting.RetryBackoffMs, "RetryBackoffFn", text, why)
	// An error that a broker answers with waits for metadata, not for the pause.
	age := min(max(least, 10), e.values.Int(setting.MetadataMaxAgeMs), 3_600_000)
	symbol(setting.RetryBackoffMs, "MetadataMinAge", goSpan(strconv.FormatInt(max(age, 10), 10)), "it paces what brokers refuse")
}

var franzCodecs = map[string]string{"none": "kgo.NoCompression()", "gzip": "kgo.GzipCompression()", "snappy": "kgo.SnappyCompression()", "lz4": "kgo.Lz4Compression()", "zstd": "kgo.ZstdCompression()"}

func (e *exporter) franzCodec(symbol adder) {
	codec := e.values.Text(setting.CompressionType)
	text := franzCodecs[codec]
	if level, said := e.levelOf(map[string][2]int64{"gzip": {1, 9}, "lz4": {1, 17}, "zstd": {1, 22}}); said {
		text += ".WithLevel(" + level + ")"
		e.losses = append(e.losses, Loss{Key: levels[codec], Say: fmt.Sprintf("%s: the levels of Go's library are near Java's, not equal.", levels[codec]), Kept: true})
	}
	why := ""
	if !e.values.IsSet(setting.CompressionType) {
		why = "Kafka's default; franz-go's own is snappy"
	}
	symbol(setting.CompressionType, "ProducerBatchCompression", text, why)
}

const adaptiveKey setting.Key = "partitioner.adaptive.partitioning.enable"

func (e *exporter) franzPartitioner(symbol adder) {
	adaptive := true
	if _, known := setting.Find(adaptiveKey); known {
		adaptive = e.values.Bool(adaptiveKey)
	}
	keys := !e.values.Bool(setting.PartitionerIgnoreKeys)
	text := fmt.Sprintf("kgo.UniformBytesPartitioner(%d, %t, %t, nil)", max(e.values.Int(setting.BatchSize), 1), adaptive, keys)
	switch class := e.values.Text(setting.PartitionerClass); class {
	case setting.BuiltIn:
	case setting.RoundRobin:
		text = "kgo.RoundRobinPartitioner()"
		for _, k := range []setting.Key{setting.PartitionerIgnoreKeys, adaptiveKey} {
			if e.values.Text(k) != setting.Defaults().Text(k) {
				e.lose(k, "it only concerns the built-in partitioner", "")
			}
		}
	default:
		e.lose(setting.PartitionerClass, "franz-go has no such partitioner ready", text)
	}
	symbol(setting.PartitionerClass, "RecordPartitioner", text, "")
}

func (e *exporter) franzLogin(symbol adder) {
	if usesTLS(e.values) {
		symbol(setting.SecurityProtocol, "DialTLS", "", "")
	}
	if e.asked.IsSet(setting.SASLJaasConfig) || e.needs(setting.SASLJaasConfig) {
		e.lose(setting.SASLJaasConfig, "a secret is never written", userVariable+" and "+passwordVariable)
	}
	mechanism := e.values.Text(setting.SASLMechanism)
	auth := map[string]string{
		setting.Plain: "plain.Auth{User: %s, Pass: %s}.AsMechanism()", setting.Scram256: "scram.Auth{User: %s, Pass: %s}.AsSha256Mechanism()",
		setting.Scram512: "scram.Auth{User: %s, Pass: %s}.AsSha512Mechanism()",
	}[mechanism]
	switch {
	case usesLogin(e.values) && auth != "":
		symbol(setting.SASLMechanism, "SASL", fmt.Sprintf(auth, goText(line{fill: userVariable}), goText(line{fill: passwordVariable})), "")
	case usesLogin(e.values):
		e.lose(setting.SecurityProtocol, mechanism+" takes a function or a library of your own", "")
		e.lose(setting.SASLMechanism, "it takes a function or a library of your own", "")
	case mechanism != setting.Defaults().Text(setting.SASLMechanism):
		e.lose(setting.SASLMechanism, "without a login nobody looks at it", "")
	}
}

const franzBackoffFunc = `
// backoff doubles the pause with each failure in a row, as Kafka does.
func backoff(least, most time.Duration) func(int) time.Duration {
	return func(failures int) time.Duration {
		pause := least
		for ; failures > 1 && pause < most; failures-- {
			pause *= 2
		}
		return min(pause, most)
	}
}
`

// putFranz writes a file that compiles.
func putFranz(e *exporter) string {
	var b strings.Builder
	std, others := []string{"math", "time"}, []string{"github.com/twmb/franz-go/pkg/kgo"}
	if slices.ContainsFunc(e.lines, func(l line) bool { return l.name == "SASL" }) {
		std = []string{"math", "os", "time"}
		mechanism := "plain"
		if e.values.Text(setting.SASLMechanism) != setting.Plain {
			mechanism = "scram"
		}
		others = append(others, "github.com/twmb/franz-go/pkg/sasl/"+mechanism)
	}
	b.WriteString("package producer\n\n" + goImports(std, others))
	b.WriteString("// Options are what kgo.NewClient takes.\nfunc Options() []kgo.Opt {\n\treturn []kgo.Opt{\n")
	for _, l := range e.lines {
		fmt.Fprintf(&b, "\t\tkgo.%s(%s),%s\n", l.name, goText(l), behind("//", l.why))
	}
	b.WriteString("\t}\n}\n" + franzBackoffFunc)
	return goFormatted(b.String())
}
