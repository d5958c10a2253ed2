package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"kdyno/engine/setting"
)

// dotnetNames are librdkafka's names that .NET does not take as they are.
var dotnetNames = map[string]string{
	"max.in.flight.requests.per.connection": "max.in.flight", "delivery.timeout.ms": "message.timeout.ms", "retries": "message.send.max.retries",
}

// dotnetName is a property of ProducerConfig.
func dotnetName(rdkafkas string) string {
	if own, ok := dotnetNames[rdkafkas]; ok {
		rdkafkas = own
	}
	return pascal(rdkafkas)
}

// dotnetEnums are values that are names in .NET.
var dotnetEnums = map[setting.Key][][2]string{
	setting.Acks:                      {{"all", "Acks.All"}, {"1", "Acks.Leader"}, {"0", "Acks.None"}},
	setting.CompressionType:           {{"none", "CompressionType.None"}, {"gzip", "CompressionType.Gzip"}, {"snappy", "CompressionType.Snappy"}, {"lz4", "CompressionType.Lz4"}, {"zstd", "CompressionType.Zstd"}},
	setting.SecurityProtocol:          {{"PLAINTEXT", "SecurityProtocol.Plaintext"}, {"SSL", "SecurityProtocol.Ssl"}, {"SASL_PLAINTEXT", "SecurityProtocol.SaslPlaintext"}, {"SASL_SSL", "SecurityProtocol.SaslSsl"}},
	setting.SASLMechanism:             {{"GSSAPI", "SaslMechanism.Gssapi"}, {"PLAIN", "SaslMechanism.Plain"}, {"SCRAM-SHA-256", "SaslMechanism.ScramSha256"}, {"SCRAM-SHA-512", "SaslMechanism.ScramSha512"}, {"OAUTHBEARER", "SaslMechanism.OAuthBearer"}},
	setting.SSLEndpointIdentification: {{"", "SslEndpointIdentificationAlgorithm.None"}, {"https", "SslEndpointIdentificationAlgorithm.Https"}},
	setting.ClientDNSLookup:           {{"use_all_dns_ips", "ClientDnsLookup.UseAllDnsIps"}, {setting.CanonicalDNS, "ClientDnsLookup.ResolveCanonicalBootstrapServersOnly"}},
	setting.MetadataRecoveryStrategy:  {{"rebootstrap", "MetadataRecoveryStrategy.Rebootstrap"}, {"none", "MetadataRecoveryStrategy.None"}},
}

// dotnetClient is librdkafka behind the properties of .NET.
var dotnetClient = func() *client {
	c := *rdkafka
	c.name = "Confluent.Kafka"
	c.about = "librdkafka behind the properties of ProducerConfig; bounds, defaults and what cannot be said are librdkafka's. Names of librdkafka are taken too, as Set and an indexer have them."
	c.words = make([]word, 0, len(rdkafka.words))
	for _, w := range rdkafka.words {
		w.also = append([]string{w.name}, w.also...)
		w.name = dotnetName(w.name)
		for n := range w.also {
			w.also = append(w.also, dotnetName(w.also[n]))
		}
		if enum, ok := dotnetEnums[w.key]; ok {
			w.pairs, w.only, w.form, w.own = enum, true, asSymbol, dotnetText(enum)
		}
		c.words = append(c.words, w)
	}
	c.spell = dotnetName
	c.fold = dotnetFold
	c.partitioners = nil
	for _, p := range rdkafkaPartitioners {
		p.says = dotnetPartitioner(p.says)
		c.partitioners = append(c.partitioners, p)
	}
	c.rest = func(i *importer) {
		if e, ok := i.others[dotnetFold("partitioner")]; ok && e.value.isText() {
			e.value.text = dotnetPartitioner(e.value.text)
			i.others[dotnetFold("partitioner")] = e
		}
		restWith(i, dotnetPartitioner(rdkafkaPartitioner))
	}
	return &c
}()

func dotnetPartitioner(name string) string {
	return "Partitioner." + pascal(strings.ReplaceAll(name, "_", "."))
}

// dotnetText also takes a value as librdkafka itself writes it, which Set and
// an indexer do.
func dotnetText(enum [][2]string) func(value) (string, string, *misheard, bool) {
	return func(v value) (string, string, *misheard, bool) {
		for _, p := range enum {
			if strings.EqualFold(v.text, p[0]) || strings.HasSuffix(v.text, "."+p[1]) || p[0] == "all" && v.text == "-1" || p[0] == "" && v.text == "none" {
				return p[0], "", nil, true
			}
		}
		return "", "", nil, false
	}
}

// dotnetFold makes a property and librdkafka's own name the same.
func dotnetFold(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, ".", ""))
}

// findDotnet reads initializers of ProducerConfig, and what is set later.
func findDotnet(s *source) ([]entry, *Error) {
	var entries []entry
	bad := readCode(csharp, s.text, func(f fact) {
		e := entry{line: f.line, column: f.column}
		switch {
		case f.kind == given && dotnetOwner(f):
			e.name, e.value = f.path[strings.LastIndexByte(f.path, '.')+1:], f.args[0]
		case f.kind == paired && f.key.isText():
			e.name, e.value = f.key.text, f.args[0]
		case f.kind == called && strings.HasSuffix(f.path, ".Set") && len(f.args) == 2 && f.args[0].isText():
			e.name, e.value = f.args[0].text, f.args[1]
		default:
			return
		}
		if e.value.kind == name && !strings.ContainsRune(e.value.text, '.') {
			e.value.kind = code
		}
		entries = append(entries, e)
	})
	return entries, bad
}

// dotnetOwner says whether what is given belongs to a producer's configuration:
// in its initializer, or a member of something called so.
func dotnetOwner(f fact) bool {
	if at := strings.LastIndexByte(f.path, '.'); at >= 0 {
		owner := strings.ToLower(f.path[:at])
		return strings.Contains(owner, "conf") || strings.Contains(owner, "settings") || strings.Contains(owner, "options")
	}
	capital := f.path != "" && f.path[0] >= 'A' && f.path[0] <= 'Z'
	return strings.HasSuffix(f.in, "ProducerConfig") || strings.HasSuffix(f.in, "ClientConfig") || f.in == "" && capital
}

func putDotnet(e *exporter) string {
	var b strings.Builder
	b.WriteString("using System;\nusing Confluent.Kafka;\n\nvar config = new ProducerConfig\n{\n")
	for _, l := range e.lines {
		text := l.text
		switch {
		case l.fill != "":
			text = "Environment.GetEnvironmentVariable(" + strconv.Quote(l.fill) + ")"
		case l.form == asText:
			text = strconv.QuoteToASCII(l.text)
			if l.text == "oidc" {
				text = "SaslOauthbearerMethod.Oidc"
			}
		}
		fmt.Fprintf(&b, "    %s = %s,%s\n", l.name, text, behind("//", l.why))
	}
	b.WriteString("};\n")
	return b.String()
}
