package dialect

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kdyno/engine/setting"
)

// findFranz reads the options that a program of Go gives to kgo.
func findFranz(s *source) ([]entry, *Error) {
	var entries []entry
	bad := readCode(golang, s.text, func(f fact) {
		option, ok := strings.CutPrefix(f.path, "kgo.")
		if f.kind != called || !ok || strings.ContainsRune(option, '.') || slices.Contains(franzOthers, option) {
			return
		}
		v := value{kind: code, text: joined(f.args)}
		switch {
		case option == "SeedBrokers":
			v = listOf(f.args)
		case len(f.args) == 1:
			v = f.args[0]
		}
		if v.kind == code && franzKnown(v.text) {
			v.kind = name
		}
		entries = append(entries, entry{name: option, value: v, line: f.line, column: f.column})
	})
	return entries, bad
}

// franzOthers are functions of kgo that are no options.
var franzOthers = strings.Fields(`NewClient AllISRAcks LeaderAck NoAck NoCompression GzipCompression SnappyCompression Lz4Compression ZstdCompression
	UniformBytesPartitioner RoundRobinPartitioner StickyKeyPartitioner StickyPartitioner BasicConsistentPartitioner ManualPartitioner LeastBackupPartitioner
	KafkaHasher SaramaHasher SaramaCompatHasher StringRecord SliceRecord KeyStringRecord NewOffset Record Client FirstErrPromise AutoOffset BasicLogger`)

var franzParts = regexp.MustCompile(`^(kgo\.[A-Za-z0-9]+\([0-9a-z,]*\)(\.WithLevel\([0-9]+\))?,?)+$|^backoff\([0-9]+,[0-9]+\)$|^$`)

// franzKnown says whether an expression is one that is looked at further on.
func franzKnown(text string) bool { return franzParts.MatchString(text) }

// restFranz reads the options that are more than a value.
func restFranz(i *importer) {
	if e, said := i.others["SeedBrokers"]; said {
		row, _ := setting.Find(setting.BootstrapServers)
		i.hear(row, word{key: setting.BootstrapServers, name: "SeedBrokers"}, e)
	}
	for option, k := range map[string]setting.Key{"DisableIdempotentWrite": setting.EnableIdempotence, "DisableClientMetrics": setting.EnableMetricsPush} {
		if e, said := i.others[option]; said {
			i.put(k, "false", e)
		}
	}
	// Beside anything but all acknowledgements franz-go refuses idempotence,
	// which it does not switch off by itself as Java does.
	if !i.im.Values.IsSet(setting.EnableIdempotence) && i.im.Values.Text(setting.Acks) != "all" {
		if v, err := i.im.Values.With(setting.EnableIdempotence, "true"); err == nil {
			i.im.Values, i.im.Origins[setting.EnableIdempotence] = v, Origin{Client: true}
		}
	}
	i.franzBackoff()
	i.franzCodec()
	i.franzPartitioner()
	i.franzLogin()
	if e, said := i.others["MaxBufferedRecords"]; said && e.value.text != "2147483647" {
		i.loss(Loss{Name: "MaxBufferedRecords", Line: e.line, Say: "It bounds how many records wait; Kafka bounds their bytes alone."})
	}
}

// put sets a value that is known to be right.
func (i *importer) put(k setting.Key, text string, e entry) {
	if v, err := i.im.Values.With(k, text); err == nil {
		i.im.Values, i.im.Origins[k] = v, Origin{Line: e.line, Column: e.column, Name: e.name}
	}
}

func (i *importer) franzBackoff() {
	e, said := i.others["RetryBackoffFn"]
	if !said {
		return
	}
	inner, ok := strings.CutPrefix(e.value.text, "backoff(")
	least, most, two := strings.Cut(strings.TrimSuffix(inner, ")"), ",")
	if !ok || !two {
		i.loss(Loss{Key: setting.RetryBackoffMs, Name: "RetryBackoffFn", Line: e.line, Say: "It is a function of your own, which is not run here."})
		return
	}
	for _, p := range []struct {
		k  setting.Key
		ns string
	}{{setting.RetryBackoffMs, least}, {setting.RetryBackoffMaxMs, most}} {
		if n, err := strconv.ParseInt(p.ns, 10, 64); err == nil && n >= 0 {
			i.put(p.k, strconv.FormatInt((n+999_999)/1_000_000, 10), e)
		}
	}
}

var franzCodecText = regexp.MustCompile(`^kgo\.([A-Za-z0-9]+?)(?:Compression)?\(\)(?:\.WithLevel\(([0-9]+)\))?`)

func (i *importer) franzCodec() {
	e, said := i.others["ProducerBatchCompression"]
	if !said {
		return
	}
	m := franzCodecText.FindStringSubmatch(e.value.text)
	if m == nil {
		i.blank(setting.CompressionType, "("+e.value.text+")", e)
		return
	}
	codec := strings.ToLower(m[1])
	if codec == "no" {
		codec = "none"
	}
	i.put(setting.CompressionType, codec, e)
	if m[2] != "" && levels[codec] != "" {
		i.others["level"] = entry{name: "WithLevel", value: value{kind: numeral, text: m[2]}, line: e.line, column: e.column}
		i.hearLevel("level")
	}
	if strings.Count(e.value.text, "kgo.") > 1 {
		i.loss(Loss{Key: setting.CompressionType, Name: "ProducerBatchCompression", Line: e.line, Say: "The codecs behind the first are for brokers that do not know it.", Nearest: "compression.type=" + codec})
	}
}

var franzUniform = regexp.MustCompile(`^kgo\.UniformBytesPartitioner\((-?[0-9]+),(true|false),(true|false),`)

func (i *importer) franzPartitioner() {
	e, said := i.others["RecordPartitioner"]
	if !said {
		return
	}
	if m := franzUniform.FindStringSubmatch(e.value.text); m != nil {
		if m[3] == "false" {
			i.put(setting.PartitionerIgnoreKeys, "true", e)
		}
		if m[2] == "false" {
			i.put(adaptiveKey, "false", e)
		}
		return
	}
	switch {
	case strings.HasPrefix(e.value.text, "kgo.RoundRobinPartitioner("):
		i.put(setting.PartitionerClass, setting.RoundRobin, e)
	case strings.HasPrefix(e.value.text, "kgo.StickyKeyPartitioner("):
		i.loss(Loss{Key: setting.PartitionerClass, Name: "RecordPartitioner", Line: e.line, Say: "It changes the partition with each batch, Kafka's with each batch.size of bytes.", Nearest: "built-in"})
	default:
		i.loss(Loss{Key: setting.PartitionerClass, Name: "RecordPartitioner", Line: e.line, Say: "It is none that Kafka has.", Nearest: "built-in"})
	}
}

// franzLogin never looks at names and passwords: they stay in the program.
func (i *importer) franzLogin() {
	_, tls := i.others["DialTLS"]
	e, sasl := i.others["SASL"]
	var protocol string
	switch {
	case tls && sasl:
		protocol = setting.SASLSSL
	case tls:
		protocol, e = setting.SSL, i.others["DialTLS"]
	case sasl:
		protocol = setting.SASLPlaintext
	default:
		return
	}
	i.put(setting.SecurityProtocol, protocol, e)
	if !sasl {
		return
	}
	i.im.Secrets = append(i.im.Secrets, setting.SASLJaasConfig)
	i.blank(setting.SASLJaasConfig, "(kgo.SASL)", e)
	for part, mechanism := range map[string]string{"plain.": setting.Plain, "AsSha256Mechanism": setting.Scram256, "AsSha512Mechanism": setting.Scram512, "oauth.": setting.OAuthBearer} {
		if strings.Contains(e.value.text, part) {
			i.put(setting.SASLMechanism, mechanism, e)
		}
	}
}
