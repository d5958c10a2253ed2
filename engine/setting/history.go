package setting

import (
	"slices"
	"strings"
)

// Was is what a setting's default was in the Java producer from one version of
// Kafka on.
type Was struct {
	Since  string `json:"since"`            // version; empty: from the beginning
	Value  string `json:"value"`            // as Kafka writes it; empty where the setting was not there
	New    bool   `json:"new,omitempty"`    // it came with that version
	Source string `json:"source,omitempty"` // KIP
}

// history are the defaults that were not always so, oldest first; the last one
// holds today.
var history = map[Key][]Was{
	LingerMs:                 {{Value: "0"}, {Since: "4.0", Value: "5", Source: "KIP-1030"}},
	Acks:                     {{Value: "1"}, {Since: "3.0", Value: "all", Source: "KIP-679"}},
	EnableIdempotence:        {{Since: "0.11", Value: "false", New: true, Source: "KIP-98"}, {Since: "3.0", Value: "true", Source: "KIP-679"}},
	Retries:                  {{Value: "0"}, {Since: "2.1", Value: "2147483647", Source: "KIP-91"}},
	DeliveryTimeoutMs:        {{Since: "2.1", Value: "120000", New: true, Source: "KIP-91"}},
	RetryBackoffMaxMs:        {{Since: "3.7", Value: "1000", New: true, Source: "KIP-580"}},
	ReconnectBackoffMaxMs:    {{Since: "0.11", Value: "1000", New: true, Source: "KIP-144"}},
	ClientDNSLookup:          {{Since: "2.1", Value: "default", New: true, Source: "KIP-302"}, {Since: "2.6", Value: "use_all_dns_ips", Source: "KIP-602"}},
	SocketSetupTimeoutMs:     {{Since: "2.7", Value: "10000", New: true, Source: "KIP-601"}},
	SocketSetupTimeoutMaxMs:  {{Since: "2.7", Value: "127000", New: true, Source: "KIP-601"}, {Since: "2.8", Value: "30000"}},
	MetadataRecoveryStrategy: {{Since: "3.8", Value: "none", New: true, Source: "KIP-899"}, {Since: "4.0", Value: "rebootstrap", Source: "KIP-1102"}},
	EnableMetricsPush:        {{Since: "3.7", Value: "true", New: true, Source: "KIP-714"}},
	CompressionGzipLevel:     {{Since: "3.8", Value: "-1", New: true, Source: "KIP-390"}},
	CompressionLz4Level:      {{Since: "3.8", Value: "9", New: true, Source: "KIP-390"}},
	CompressionZstdLevel:     {{Since: "3.8", Value: "3", New: true, Source: "KIP-390"}},
	PartitionerClass: {
		{Value: "DefaultPartitioner: by key, else in turn"},
		{Since: "2.4", Value: "DefaultPartitioner: by key, else one partition a batch", Source: "KIP-480"},
		{Since: "3.3", Value: "", Source: "KIP-794"},
	},
	PartitionerAdaptive:                        {{Since: "3.3", Value: "true", New: true, Source: "KIP-794"}},
	PartitionerTimeoutMs:                       {{Since: "3.3", Value: "0", New: true, Source: "KIP-794"}},
	PartitionerIgnoreKeys:                      {{Since: "3.3", Value: "false", New: true, Source: "KIP-794"}},
	SSLEndpointIdentification:                  {{Value: ""}, {Since: "2.0", Value: "https", Source: "KIP-294"}},
	SSLProtocol:                                {{Value: "TLS"}, {Since: "2.5", Value: "TLSv1.2", Source: "KIP-553"}, {Since: "2.6", Value: "TLSv1.3", Source: "KIP-573"}},
	SSLEnabledProtocols:                        {{Value: "TLSv1.2,TLSv1.1,TLSv1"}, {Since: "2.5", Value: "TLSv1.2", Source: "KIP-553"}, {Since: "2.6", Value: "TLSv1.2,TLSv1.3", Source: "KIP-573"}},
	"metadata.max.idle.ms":                     {{Since: "2.5", Value: "300000", New: true, Source: "KIP-526"}},
	"metadata.recovery.rebootstrap.trigger.ms": {{Since: "4.0", Value: "300000", New: true, Source: "KIP-1102"}},
	TransactionalID:                            {{Since: "0.11", Value: "", New: true, Source: "KIP-98"}},
	TransactionTimeoutMs:                       {{Since: "0.11", Value: "60000", New: true, Source: "KIP-98"}},
}

// History are a setting's defaults by version of Kafka, oldest first, the last
// one today's; nil where it was always the same, or is none of Kafka's. The slice
// is shared: readers do not write to it.
func (r Row) History() []Was { return history[r.Key] }

// HistoryLine says in one line since when the default is what it is; empty where
// it was always so.
func (r Row) HistoryLine() string {
	all := r.History()
	parts := make([]string, len(all))
	for i, was := range all {
		value := r.Kind.Show(was.Value)
		if value == "" {
			value = "none"
		}
		source := ""
		if was.Source != "" {
			source = " (" + was.Source + ")"
		}
		switch {
		case was.New && len(all) == 1:
			parts[i] = "new in Kafka " + was.Since + source
		case was.New:
			parts[i] = "new in Kafka " + was.Since + " as " + value + source
		case was.Since == "":
			parts[i] = value + " at first"
		default:
			parts[i] = value + " since " + was.Since + source
		}
	}
	return strings.Join(parts, ", ")
}

// Sources are where a setting can be read about: Kafka's documentation, and the
// KIPs and classes of what is said of it here.
func (r Row) Sources() []string {
	var all []string
	add := func(source string) {
		if source != "" && source != ownSource && !slices.Contains(all, source) {
			all = append(all, source)
		}
	}
	if r.Scope == Producer {
		add(documentation + string(r.Key))
	}
	for _, was := range history[r.Key] {
		add(was.Source)
	}
	for _, rule := range RulesOf(r.Key) {
		add(rule.Source)
	}
	return all
}
