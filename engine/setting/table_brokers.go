package setting

// The bounds of what an embedded broker takes: it keeps its log in memory.
const (
	maxMessageBytes   = 100 << 20
	leastRetention    = 1 << 20 // one segment
	mostRetention     = 1 << 30
	maxQuota          = 100 << 30
	comfortableMemory = 256 << 20
)

// embeddedOnly are the rows that say what the embedded brokers take.
var embeddedOnly = []Key{StandMessageMaxBytes, StandRetentionBytes, StandQuotaBytes}

// brokerRows are what the embedded brokers take.
func brokerRows() []Row {
	return []Row{
		{
			Key: StandMessageMaxBytes, Kind: integer(bytesUnit, 1, maxMessageBytes), Default: "1048588",
			Doc:  "The largest batch that the embedded brokers take, as it comes over the wire: message.max.bytes of a broker, max.message.bytes of a topic.",
			Cost: "A batch above it is refused with MESSAGE_TOO_LARGE. Compressed batches count as they come, so compression can make one fit.",
			Note: "Of the embedded brokers alone, within milliseconds.",
		},
		{
			Key: StandRetentionBytes, Kind: long(bytesUnit, leastRetention, mostRetention), Default: "2097152",
			Doc:  "How much of each partition's log the embedded brokers keep: retention.bytes of the topic.",
			Cost: "The log lies in this process's memory. What is dropped can no longer be read back, by an audit or by anybody else.",
			Note: "Of the embedded brokers alone, within a fifth of a second; whole segments of 960 KiB are dropped, so up to one more is kept.",
		},
		{
			Key: StandQuotaBytes, Kind: long(bytesUnit, 0, maxQuota), Default: "0",
			Doc:  "How many bytes of produce requests each embedded broker takes in a second: producer_byte_rate; 0 for no bound.",
			Cost: "Beyond it the broker answers at once, says for how long it is to be left alone (throttle_time_ms), and reads nothing from that connection meanwhile (KIP-219): latency grows, nothing fails.",
			Note: "Of the embedded brokers alone, at once. One second's worth may be spent at once, where Kafka looks at the last eleven seconds.",
		},
	}
}
