package setting

import "math"

// loadRows are the rows of the load: what is produced, and when.
func loadRows() []Row {
	rows := []Row{
		{
			Key: LoadRate, Kind: long(recordsSec, 0, maxRate), Default: "5000",
			Doc:  "How many records fall due per second, whether or not the producer keeps up; 0 sends as fast as it goes.",
			Cost: "Latency counts from when a record was due, so a rate that is too high shows as schedule lag instead of being hidden. At 0 there are no due times, and the latency of one rate cannot be read from it.",
		},
		{
			Key: LoadSenders, Kind: integer(plain, 1, maxSenders), Default: "1",
			Doc:  "How many threads of the application call send() on the one producer.",
			Cost: "More of them reach higher rates on several cores and contend for the same partitions. The records are dealt to them in turn, so the same seed still sends the same records.",
		},
		{
			Key: LoadSend, Kind: oneOf("async"), Default: "async",
			Doc:  "How the application sends: async goes on at once and hears of the outcome in a callback.",
			Cost: "It is the norm, and the only way in which batches can fill.",
		},
		{
			Key: LoadRecordBytes, Kind: worded(sizesTake, canonicalSizes), Default: "512",
			Doc:  "The size of each record's value before compression: one size, a range from which sizes are drawn evenly, or a lognormal's median and sigma, as in lognormal:500:0.6.",
			Cost: "Small records are dear in CPU per byte, large ones fill batches alone. Sizes of real services are closer to lognormal than to one size. A larger maximum needs a new producer, since the client must be told the largest batch.",
			Note: "A lognormal is cut off at 3.5 sigma on either side, so that there is a largest record; one record in 4,096 has that size.",
		},
		{
			Key: LoadPayload, Kind: oneOf("json", "text", "random", "zeros"), Default: "json",
			Doc:  "What the values hold: json is events with ids, times and words that differ as real ones do, text is lines of words as logs are, random cannot be compressed, zeros compress to nothing.",
			Cost: "Compression is judged on it, so choose the one that is nearest to the real data; zeros flatter every codec.",
		},
		{
			Key: LoadKeys, Kind: worded(keysTake, canonicalKeys), Default: "none",
			Doc:  "The records' keys: none, sequence (each its own), uniform:N (drawn evenly from N), zipf:N:S (the k-th of N as often as 1/k to the power of S), or hot:SHARE (key-000000 for that share of the records, 10,000 others evenly for the rest).",
			Cost: "Keys tie records to partitions: with them a batch waits for its own partition's records, so batches are thinner than without. A hot key makes a hot partition; zipf with S near 1 is what customers and products look like.",
		},
		{
			Key: LoadSeed, Kind: long(plain, 0, math.MaxInt64), Default: "1",
			Doc:  "The seed of everything that is drawn: the same seed gives the same keys, bytes and due times.",
			Cost: "Keep it to compare two configurations under the same load; change it to see whether a finding was luck.",
		},
	}
	for i := range rows {
		rows[i].Scope, rows[i].Group, rows[i].How = Load, "load", Exact
	}
	return rows
}

func canonicalSizes(text string) (string, *ValueError) {
	s, bad := parseSizes(text)
	return s.String(), bad
}

func canonicalKeys(text string) (string, *ValueError) {
	k, bad := parseKeyShape(text)
	return k.String(), bad
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
