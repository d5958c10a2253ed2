package setting

import (
	"math"
	"time"
)

// table holds every row. A row says Exact, Emulated or Different only if the
// engine honours it.
var table = append(append(producerRows(), loadRows()...), standRows()...)

func producerRows() []Row {
	var rows []Row
	for _, group := range [][]Row{
		connectionRows(), deliveryRows(), retryRows(), batchingRows(), bufferRows(), partitioningRows(), networkRows(), reachRows(), securityRows(), apartRows(),
	} {
		rows = append(rows, group...)
	}
	for i := range rows {
		rows[i].Scope = Producer
	}
	return rows
}

func connectionRows() []Row {
	return []Row{
		{
			Key: BootstrapServers, Group: "connection", Kind: Kind{form: addresses}, How: Exact, AtStart: true,
			Doc:  "The brokers that are asked first; every other broker is learnt from their answer.",
			Cost: "Only the first contact and a rebootstrap use it, so list at least two: with one, a producer cannot start while that host is down.",
			Note: "Set by --brokers, at start only. Empty means the embedded cluster.",
		},
		{
			Key: ClientID, Group: "connection", Kind: Kind{form: freeText}, How: Exact,
			Doc:  "The name that the producer gives itself in every request; broker logs, quotas and metrics go by it.",
			Cost: "It costs nothing. Left empty, nobody can tell this producer from another in the broker's logs, and a quota cannot be aimed at it.",
		},
	}
}

func deliveryRows() []Row {
	return []Row{
		{
			Key: Acks, Group: "delivery", Default: "all", How: Exact,
			Kind: Kind{form: choice, words: []string{"0", "1", "all"}, alias: map[string]string{"-1": "all"}},
			Doc:  "Whose word the producer waits for: 0 nobody's (not even a response), 1 the leader's, all the leader's after every in-sync replica has the batch.",
			Cost: "Waiting for all costs the time that followers need to fetch, and is worth it only with min.insync.replicas of 2 or more. With 1 a dying leader takes acknowledged records along; with 0 nothing is promised and nothing retried.",
			Note: "Anything but all quietly turns idempotence off, unless enable.idempotence was set: then it is refused, as the Java client does.",
		},
		{
			Key: EnableIdempotence, Group: "delivery", Kind: Kind{form: boolean}, Default: "true", How: Exact,
			Doc:  "Numbers the batches of each partition, so that the broker drops what a retry repeats and refuses a gap; order holds with up to five requests in flight.",
			Cost: "It costs next to nothing per record. It needs acks=all, retries and at most 5 in flight, and ends with the producer: a restarted one, or an application that calls send() again, still makes duplicates.",
		},
		{
			Key: MaxInFlight, Group: "delivery", Kind: integer(plain, 1, math.MaxInt32), Default: "5", How: Different,
			Doc:  "How many produce requests may be unanswered on one broker's connection.",
			Cost: "More of them hide the round trip on a distant cluster. Without idempotence more than 1 lets a retried batch land behind its successor; with idempotence at most 5 are allowed and order is safe.",
			Note: "With idempotence 1 to 4 are held at the wire: a request waits there until a slot is free (1 until a broker's first answer). Without it the number is exact, but a retry behind which others succeeded repeats those as well.",
		},
	}
}

func retryRows() []Row {
	return []Row{
		{
			Key: Retries, Group: "retries", Kind: integer(plain, 0, math.MaxInt32), Default: "2147483647", How: Different,
			Doc:  "How often a batch is sent again after an error that may pass.",
			Cost: "Leave it and bound the time with delivery.timeout.ms: a small number gives up during a leader election that a second of patience would have outlived. 0 means at most once.",
			Note: "While it is unknown whether an idempotent batch was written, it is tried on regardless of the number. CORRUPT_MESSAGE is not tried again at all, where Java does.",
		},
		{
			Key: RetryBackoffMs, Group: "retries", Kind: long(millis, 0, math.MaxInt64), Default: "100", How: Different,
			Doc:  "The pause before the first retry; it doubles with each further one, with some jitter.",
			Cost: "Too short and a broker that comes back meets a storm of retries; too long and a short outage is felt for longer than it lasted.",
			Note: "The pause does not grow for errors that a broker answers with: those wait for fresh metadata at this constant pace, 10 ms at least. In eight seconds that makes 80 tries with the defaults, where Java makes 11. docs/fidelity.md has each path.",
		},
		{
			Key: RetryBackoffMaxMs, Group: "retries", Kind: long(millis, 0, math.MaxInt64), Default: "1000", How: Different,
			Doc:  "The longest pause that the growing backoff reaches.",
			Cost: "It bounds how late a recovered broker is noticed. Below retry.backoff.ms it becomes the constant pause.",
			Note: "It acts on connection errors only; errors that a broker answers with are retried at the pace of retry.backoff.ms.",
		},
		{
			Key: RequestTimeoutMs, Group: "retries", Kind: integer(millis, 0, math.MaxInt32), Default: "30000", How: Emulated,
			Doc:  "How long one request may stay unanswered; then its connection is closed and its batches are tried again.",
			Cost: "Below a leader election or the tail of the broker's latency it makes retries, and duplicates without idempotence, out of mere slowness. Large values notice a hanging broker late.",
			Note: "Below 100 ms the producer uses 100 ms.",
		},
		{
			Key: DeliveryTimeoutMs, Group: "retries", Kind: integer(millis, 0, math.MaxInt32), Default: "120000", How: Different,
			Doc:  "The time from a record's entry into its batch to the verdict, lingering and every retry included; waiting for the buffer is not.",
			Cost: "This is how long an outage may last before records are lost to the application. It must be at least linger.ms plus request.timeout.ms; several times a broker's restart is a good measure.",
			Note: "Below 1000 ms the producer uses 1000 ms. It is looked at as a try ends: behind a leader that answers nothing it is late by up to request.timeout.ms. When one batch of a partition expires, what waits behind it in that partition fails with it. If it was written and never answered, the producer goes on under a new epoch, and what else was written and not answered may be written twice, as in Java (docs/fidelity.md).",
		},
	}
}

func batchingRows() []Row {
	return []Row{
		{
			Key: LingerMs, Group: "batching", Kind: long(millis, 0, math.MaxInt64), Default: "5", How: Different,
			Doc:  "How long an open batch waits for more records before it is sent, unless it is full first.",
			Cost: "It is added to the latency of records at low rate, and buys fuller batches: fewer requests, better compression, less work for the brokers. 0 does not mean one record per batch once the producer is busy.",
			Note: "More than a minute is treated as a minute.",
		},
		{
			Key: BatchSize, Group: "batching", Kind: integer(bytesUnit, 0, math.MaxInt32), Default: "16384", How: Different,
			Doc:  "The size at which a partition's batch counts as full; full or lingered, whichever is first, sends it. A larger record travels alone; in the Java client 0 turns batching off.",
			Cost: "Each open batch takes this much of buffer.memory. Raise it when batches leave full before linger.ms is over; when they leave half empty, a larger one changes nothing.",
			Note: "Records are counted before compression, where the Java client estimates their size after it. Below 512 bytes the producer uses 512, so 0 does not turn batching off entirely.",
		},
		{
			Key: MaxRequestSize, Group: "batching", Kind: integer(bytesUnit, 0, math.MaxInt32), Default: "1048576", How: Different,
			Doc:  "The bound of one produce request, and so of one record, measured before compression.",
			Cost: "Raising it lets larger records through only if the topic's max.message.bytes follows. For records of many megabytes a reference to object storage is kinder to the brokers.",
			Note: "Batches are counted before compression when a request is filled; a request holds at least one batch.",
		},
		{
			Key: CompressionType, Group: "batching", Kind: oneOf("none", "gzip", "snappy", "lz4", "zstd"), Default: "none", How: Exact,
			Doc:  "The codec that each batch is compressed with as a whole; the broker stores it as it came, unless the topic says otherwise.",
			Cost: "It trades the client's CPU for network and disk, and works the better the fuller the batch: zstd and gzip shrink most, lz4 and snappy cost least, and random or tiny payloads gain nothing.",
		},
		{
			Key: CompressionGzipLevel, Group: "batching", Default: "-1", How: Different,
			Kind: Kind{form: wholeInt, least: -1, most: 9, hole: func(n int64) bool { return n == 0 }},
			Doc:  "How hard gzip tries, with compression.type=gzip: 1 fast, 9 small, -1 its default, which is 6.",
			Cost: "The higher levels cost much CPU for little.",
			Note: "The levels are those of another library than Java's: sizes and times are near, not equal. 0 is none of them.",
		},
		{
			Key: CompressionLz4Level, Group: "batching", Kind: integer(plain, 1, 17), Default: "9", How: Different,
			Doc:  "How hard lz4 tries, with compression.type=lz4. 9, the default, is its fast compressor; every other number is a level of its high one.",
			Cost: "High compression costs ten times the CPU and more: any number but 9, even a lower one.",
			Note: "The library here has 9 levels of high compression: 10 to 17 are its deepest.",
		},
		{
			Key: CompressionZstdLevel, Group: "batching", Kind: integer(plain, -131072, 22), Default: "3", How: Different,
			Doc:  "How hard zstd tries, with compression.type=zstd: below 3 faster, above it smaller.",
			Cost: "Above 10 the CPU that it costs is seldom worth it in a producer.",
			Note: "The library here has four levels, about 1, 3, 7 and 11; the nearest below is taken, and its window is 64 KiB.",
		},
	}
}

func bufferRows() []Row {
	return []Row{
		{
			Key: BufferMemory, Group: "buffer", Kind: long(bytesUnit, 0, math.MaxInt64), Default: "33554432", How: Emulated,
			Doc:  "The memory for all batches that are open, waiting or unanswered.",
			Cost: "It decides how long a stall of the brokers can be ridden out: rate times size times seconds, and some to spare. When it is full, send() blocks for up to max.block.ms and then fails.",
			Note: "Kept by a gate of our own in front of the client, charged by the batch as the Java client does.",
		},
		{
			Key: MaxBlockMs, Group: "buffer", Kind: long(millis, 0, math.MaxInt64), Default: "60000", How: Emulated,
			Doc:  "How long send() may wait for metadata and for room in the buffer, both together.",
			Cost: "Long waits hold the calling thread, so a web request wants one to a few seconds, a batch job a minute. What is refused then was never sent, and only the application can try again.",
			Note: "Kept by the same gate as buffer.memory.",
		},
	}
}

func networkRows() []Row {
	return []Row{
		{
			Key: SendBufferBytes, Group: "network", Kind: integer(bytesUnit, -1, math.MaxInt32), Default: "131072", How: Exact,
			Doc:  "The TCP send buffer of each connection (SO_SNDBUF); -1 leaves it to the operating system.",
			Cost: "It matters where bandwidth times round trip exceeds it: then the connection stands still with data at hand. Within one region the default does; across regions use more, or -1.",
		},
		{
			Key: ReceiveBufferBytes, Group: "network", Kind: integer(bytesUnit, -1, math.MaxInt32), Default: "32768", How: Exact,
			Doc:  "The TCP receive buffer of each connection (SO_RCVBUF); -1 leaves it to the operating system.",
			Cost: "A producer reads little but acknowledgements, so it seldom matters; on long links keep it in step with the send buffer.",
		},
		{
			Key: MetadataMaxAgeMs, Group: "network", Kind: long(millis, 0, math.MaxInt64), Default: "300000", How: Different,
			Doc:  "After this time metadata is fetched again even if nothing went wrong, so that new partitions and brokers are found.",
			Cost: "Shorter finds added partitions sooner, for one more small request each time; errors refresh metadata at once anyway.",
			Note: "More than an hour is treated as an hour, and less than retry.backoff.ms as that.",
		},
		{
			Key: ConnectionsMaxIdleMs, Group: "network", Kind: long(millis, math.MinInt64, math.MaxInt64), Default: "540000", How: Different,
			Doc:  "Connections that carried nothing for this long are closed.",
			Cost: "Keep it below the broker's own limit and any firewall's, else the first send after a quiet time meets a dead connection; much lower, and every burst pays for a new one.",
			Note: "Kept within 100 ms and 15 minutes, and checked so seldom that a connection may live twice as long.",
		},
	}
}

// The bounds of our own settings are what the stand can carry, not Kafka's.
const (
	maxRate        = 100_000_000
	maxSenders     = 64
	maxProducers   = 50
	maxRecordBytes = 64 << 20
	maxBrokers     = 12
	maxPartitions  = 1_000
	maxLinkRTT     = 10 * time.Second
)

func standRows() []Row {
	rows := []Row{
		{
			Key: StandBrokers, Kind: integer(plain, 1, maxBrokers), Default: "3", AtStart: true,
			Doc:  "How many brokers the embedded cluster has.",
			Cost: "More brokers take more connections and thinner requests. They share this machine, so they do not add capacity, and they do not replicate.",
			Note: "At start only; a real cluster has the brokers that it has.",
		},
		{
			Key: StandPartitions, Kind: integer(plain, 1, maxPartitions), Default: "6", AtStart: true,
			Doc:  "How many partitions the embedded cluster's topic has.",
			Cost: "Each partition under load holds a batch of its own: more of them thin the batches and need more buffer.memory.",
			Note: "At start only; a real topic has the partitions that it has.",
		},
		{
			Key: StandLinkRTT, Kind: Kind{form: span, most: int64(maxLinkRTT)}, Default: "0",
			Doc:  "A round trip that is added to every connection, to any cluster: 0, 500us, 30ms.",
			Cost: "A distant cluster without the distance: acknowledgements come later by it, so requests in flight and fuller batches begin to matter.",
			Note: "Emulated in the client's connections, at once; it says so on screen.",
		},
	}
	rows = append(rows, linkRows()...)
	rows = append(rows, brokerRows()...)
	for i := range rows {
		rows[i].Scope, rows[i].Group, rows[i].How = Stand, "stand", Exact
	}
	return rows
}
