package setting

import "math"

// CanonicalDNS is the value of client.dns.lookup that asks for canonical names.
const CanonicalDNS = "resolve_canonical_bootstrap_servers_only"

// reachRows say how brokers are found and found again.
func reachRows() []Row {
	return []Row{
		{
			Key: SocketSetupTimeoutMs, Group: "network", Kind: anyMillis(), Default: "10000", How: Emulated,
			Doc:  "How long a TCP connection may take to come about, the first time; each failure in a row doubles it, with some jitter.",
			Cost: "Too short and a distant broker is never reached; too long and a dead address holds up the next one.",
			Note: "Kept by our own dialer.",
		},
		{
			Key: SocketSetupTimeoutMaxMs, Group: "network", Kind: anyMillis(), Default: "30000", How: Emulated,
			Doc:  "The longest that time grows to.",
			Cost: "It matters only while a broker cannot be reached.",
			Note: "Kept by our own dialer.",
		},
		{
			Key: ReconnectBackoffMs, Group: "network", Kind: long(millis, 0, math.MaxInt64), Default: "50", How: Emulated,
			Doc:  "The pause before a broker is connected to again whose connection failed or was lost; each failure in a row doubles it, with some jitter.",
			Cost: "Too short and a restarting broker meets a storm of connections; too long and it is found late.",
			Note: "Kept by our own dialer, for each address.",
		},
		{
			Key: ReconnectBackoffMaxMs, Group: "network", Kind: long(millis, 0, math.MaxInt64), Default: "1000", How: Emulated,
			Doc:  "The longest that pause grows to.",
			Cost: "It bounds how late a recovered broker is noticed.",
			Note: "Kept by our own dialer, for each address.",
		},
		{
			Key: ClientDNSLookup, Group: "network", Default: "use_all_dns_ips", How: Emulated,
			Kind: oneOf("use_all_dns_ips", CanonicalDNS),
			Doc:  "What is done with a name that has several addresses: try them all, or first turn the bootstrap servers into their canonical names.",
			Cost: "Canonical names matter where certificates or tickets are made out to them.",
			Note: "All addresses of a name are tried within one attempt, where Java takes one address for each.",
		},
		{
			Key: MetadataRecoveryStrategy, Group: "network", Default: "rebootstrap", How: Different,
			Kind: Kind{form: choice, words: []string{"rebootstrap", "none"}, fold: true},
			Doc:  "Whether the bootstrap servers are asked again when no broker that is known answers.",
			Cost: "Without it a client that lost sight of every broker stays lost.",
			Note: "The library (franz-go) always asks them again: none is not honoured.",
		},
		{
			Key: EnableMetricsPush, Group: "network", Kind: Kind{form: boolean}, Default: "true", How: Different,
			Doc:  "Whether the client sends metrics of its own to brokers that subscribed to them (KIP-714).",
			Cost: "Nothing where no broker subscribed; a last push may delay a close by a second.",
			Note: "Nothing is pushed, as with false: a last push would hold up every change of the producer.",
		},
	}
}
