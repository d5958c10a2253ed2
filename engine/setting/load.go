package setting

import (
	"math"
	"slices"
	"time"
)

// The keys of the load that say more than how much of what: its shape, and the
// records' own fields.
const (
	LoadShape      Key = "load.shape"
	LoadProducers  Key = "load.producers"
	LoadHeaders    Key = "load.headers"
	LoadNullValues Key = "load.null.values"
	LoadPartition  Key = "load.partition"
	LoadTimestamp  Key = "load.timestamp"
	LoadWaitMs     Key = "load.wait.ms"
	LoadFlushEvery Key = "load.flush.every"
	LoadCallbackMs Key = "load.callback.ms"
)

// loadRows are the rows of the load: what is produced, and when.
func loadRows() []Row {
	rows := slices.Concat(timeRows(), mannerRows(), recordRows())
	for i := range rows {
		rows[i].Scope, rows[i].Group = Load, "load"
		if rows[i].How == "" {
			rows[i].How = Exact
		}
	}
	return rows
}

// timeRows say when records are due, and who sends them.
func timeRows() []Row {
	return []Row{
		{
			Key: LoadRate, Kind: long(recordsSec, 0, maxRate), Default: "5000",
			Doc:  "How many records fall due per second, whether or not the producer keeps up; 0 sends as fast as it goes.",
			Cost: "Latency counts from when a record was due, so a rate that is too high shows as schedule lag instead of being hidden. At 0 there are no due times, and the latency of one rate cannot be read from it.",
		},
		{
			Key: LoadShape, Kind: worded(shapeTakes, canonicalPacing), Default: "constant",
			Doc:  "How the rate goes over time: constant (load.rate), a ramp to a rate that stays, steps of which the last stays, bursts of N records at once in each period, or a sine between two rates.",
			Cost: "Only constant reads load.rate; the others bring their own rates, in records/s, and 0 in them is silence. A shape begins when it is set and when a paused load resumes. Bursts show what buffer.memory is for, ramps and steps where the producer breaks.",
		},
		{
			Key: LoadSenders, Kind: integer(plain, 1, maxSenders), Default: "1",
			Doc:  "How many threads of the application call send() on the one producer.",
			Cost: "More of them reach higher rates on several cores and contend for the same partitions. The records are dealt to them in turn, so the same seed still sends the same records.",
		},
		{
			Key: LoadProducers, Kind: integer(plain, 1, maxProducers), Default: "1",
			Doc:  "How many producers share the load, all with the same settings, as the pods of one service do: each has its own client, buffer.memory, partitioner, connections and load.senders.",
			Cost: "The rate is shared, so each producer gets a thinner stream: batches fill less, requests and connections multiply, and the order of a key holds within one producer only. A change makes new producers, the old ones drain first.",
			Note: "All of them run in one process, so they share its CPU; pods do not.",
		},
	}
}

// mannerRows say what the application does between two records.
func mannerRows() []Row {
	return []Row{
		{
			Key: LoadSend, Kind: oneOf("async", "sync", "forget"), Default: "async",
			Doc:  "How the application sends: async goes on at once and hears of the outcome in a callback, sync waits for each record's outcome before it sends the next, forget goes on and never looks.",
			Cost: "With sync each sender sends one record per linger.ms and round trip, and batches cannot fill. With forget what fails is lost without a word; records.never_told counts it.",
		},
		{
			Key: LoadWaitMs, Kind: integer(millis, 0, maxWaitMs), Default: "0",
			Doc:  "With load.send=sync, how long the caller waits for the outcome before it sends the same record again; 0 waits as long as it takes.",
			Cost: "Below delivery.timeout.ms the first record may still be written, and then both are: no setting of the producer prevents that, idempotence included. Each is a new record, counted in records.resent_by_application.",
		},
		{
			Key: LoadFlushEvery, Kind: integer(plain, 0, math.MaxInt32), Default: "0", How: Different,
			Doc:  "After so many records each sender calls flush() and waits until what it sent has an outcome; 0 never does.",
			Cost: "Every flush sends the open batches as they are and stands still for a round trip: thin batches and a low rate. It belongs at the end of a unit of work, not after each record.",
			Note: "With several senders a flush here waits for the sender's own records; the Java client's waits for those that the others sent before, too.",
		},
		{
			Key: LoadCallbackMs, Kind: integer(millis, 0, maxCallbackMs), Default: "0", How: Different,
			Doc:  "How long each callback of load.send=async takes.",
			Cost: "Callbacks are called one after another on one thread, so a slow one bounds the rate to its inverse, and records hold their place in buffer.memory until theirs has ended. Hand the work to another thread instead.",
			Note: "The Java client calls them on the thread that also sends, so there a slow one delays requests too; here it delays only the other callbacks.",
		},
	}
}

// recordRows say what is in the records.
func recordRows() []Row {
	return []Row{
		{
			Key: LoadRecordBytes, Kind: worded(sizesTake, canonicalSizes), Default: "512",
			Doc:  "The size of each record's value before compression: one size, a range from which sizes are drawn evenly, or a lognormal's median and sigma, as in lognormal:500:0.6.",
			Cost: "Small records are dear in CPU per byte, large ones fill batches alone. Sizes of real services are closer to lognormal than to one size. A larger maximum needs a new producer, since the client must be told the largest batch.",
			Note: "A lognormal is cut off at 3.5 sigma on either side, so that there is a largest record; one record in 4,096 has that size.",
		},
		{
			Key: LoadPayload, Kind: Kind{form: wordForm, words: payloadWords, takes: "json, text, random, zeros or file:PATH", read: parsePayload}, Default: "json",
			Doc:  "What the values hold: json is events with ids, times and words that differ as real ones do, text is lines of words as logs are, random cannot be compressed, zeros compress to nothing, file:PATH is your own records in turn.",
			Cost: "Compression is judged on it, so choose the one that is nearest to the real data; zeros flatter every codec. A file that is shorter than a batch flatters them too, since its records come again.",
			Note: "A file holds a record a line, or records each behind its length (4 bytes, big-endian), at most 64 MiB; it is read when it is set, and load.record.bytes does not count then.",
		},
		{
			Key: LoadKeys, Kind: worded(keysTake, canonicalKeys), Default: "none",
			Doc:  "The records' keys: none, sequence (each its own), uniform:N (drawn evenly from N), zipf:N:S (the k-th of N as often as 1/k to the power of S), or hot:SHARE (key-000000 for that share of the records, 10,000 others evenly for the rest).",
			Cost: "Keys tie records to partitions: with them a batch waits for its own partition's records, so batches are thinner than without. A hot key makes a hot partition; zipf with S near 1 is what customers and products look like.",
		},
		{
			Key: LoadHeaders, Kind: worded("name=bytes,name=bytes", canonicalHeaders), Default: "",
			Doc:  "The headers of each record, as name=bytes: the value is that many hexadecimal digits, drawn anew for each record as trace ids are.",
			Cost: "Headers are sent and stored with every record, names included, and are compressed with the batch: a few long ones can outweigh a small value.",
		},
		{
			Key: LoadNullValues, Kind: Kind{form: fraction, least: 0, most: 100}, Default: "0",
			Doc:  "The share of the records whose value is null: what deletes a key in a compacted topic.",
			Cost: "Null values are nearly free to send. In a topic that is compacted they need a key, and a broker refuses those without.",
		},
		{
			Key: LoadPartition, Kind: Kind{form: wholeInt, least: 0, most: maxPartition, unset: true}, Default: "",
			Doc:  "The partition that every record names itself; empty leaves the choice to partitioner.class.",
			Cost: "One partition is one leader's work and one order. A partition that the topic does not have is refused by send().",
		},
		{
			Key: LoadTimestamp, Kind: worded("now, -1h or +30m", canonicalShift), Default: "now",
			Doc:  "The records' own timestamp: now, when send() is called, or so long before or after that.",
			Cost: "Old records are what a replay or a late device sends. The topic may refuse what is too old or too new (message.timestamp.before.max.ms and after.max.ms), deletes by it (retention.ms), and with message.timestamp.type=LogAppendTime replaces it.",
		},
		{
			Key: LoadSeed, Kind: long(plain, 0, math.MaxInt64), Default: "1",
			Doc:  "The seed of everything that is drawn: the same seed gives the same keys, bytes and due times.",
			Cost: "Keep it to compare two configurations under the same load; change it to see whether a finding was luck.",
		},
	}
}

func canonicalSizes(text string) (string, *ValueError) {
	s, bad := parseSizes(text)
	return s.String(), bad
}

func canonicalKeys(text string) (string, *ValueError) {
	k, bad := parseKeyShape(text)
	return k.String(), bad
}

func canonicalPacing(text string) (string, *ValueError) {
	p, bad := parsePacing(text)
	return p.String(), bad
}

func canonicalHeaders(text string) (string, *ValueError) {
	h, bad := parseHeaders(text)
	return headersText(h), bad
}

func canonicalShift(text string) (string, *ValueError) {
	d, bad := parseShift(text)
	return shiftText(d), bad
}

// Pacing is the view of load.shape.
func (v Values) Pacing() Pacing {
	p, bad := parsePacing(v.Text(LoadShape))
	mustRead(LoadShape, bad)
	return p
}

// Headers is the view of load.headers; nil: none.
func (v Values) Headers() []Header {
	h, bad := parseHeaders(v.Text(LoadHeaders))
	mustRead(LoadHeaders, bad)
	return h
}

// NullShare is the view of load.null.values, from 0 to 1.
func (v Values) NullShare() float64 {
	f, ok := parseDecimal(v.Text(LoadNullValues), 0, 1)
	if !ok {
		panic("setting: load.null.values is not a share")
	}
	return f
}

// Partition is the view of load.partition; without ok the partitioner chooses.
func (v Values) Partition() (partition int32, ok bool) {
	if v.Text(LoadPartition) == "" {
		return 0, false
	}
	return int32(v.Int(LoadPartition)), true
}

// TimestampShift is the view of load.timestamp: how far the records' own
// timestamps lie after the instants at which they are sent.
func (v Values) TimestampShift() time.Duration {
	d, bad := parseShift(v.Text(LoadTimestamp))
	mustRead(LoadTimestamp, bad)
	return d
}

// RecordSizes is the view of load.record.bytes.
func (v Values) RecordSizes() Sizes {
	s, bad := parseSizes(v.Text(LoadRecordBytes))
	mustRead(LoadRecordBytes, bad)
	return s
}

// KeyShape is the view of load.keys.
func (v Values) KeyShape() KeyShape {
	k, bad := parseKeyShape(v.Text(LoadKeys))
	mustRead(LoadKeys, bad)
	return k
}

// mustRead panics where a text in the values is not canonical: Parse has read
// it before.
func mustRead(k Key, bad *ValueError) {
	if bad != nil {
		panic("setting: " + string(k) + ": " + bad.Error())
	}
}
