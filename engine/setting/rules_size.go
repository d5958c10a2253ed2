package setting

import (
	"fmt"
	"math"
)

// recordOverhead is what the Java client adds when it measures a record
// against max.request.size: a batch header (61 bytes), a record header (at
// most 21) and the lengths of an absent key, the value and no headers.
const recordOverhead = 61 + 21 + 6

// recordBytes is the largest record that the load makes (of a file's it is not
// known here and taken as load.record.bytes), as the client
// measures it: before compression.
func (j judged) recordBytes() int64 { return j.asked.RecordSizes().Most + recordOverhead }

// beyondBroker says that the record could not be stored whatever the client
// allows; payloads that shrink are given the benefit of the doubt.
func (j judged) beyondBroker() bool {
	most := j.mostMessageBytes()
	shrinks := j.asked.Text(CompressionType) != "none" && j.asked.Text(LoadPayload) != "random"
	return most > 0 && j.recordBytes() > most && !shrinks
}

func recordTooLarge(j judged) (Problem, bool) {
	v := j.asked
	if j.recordBytes() <= v.Int(MaxRequestSize) || j.beyondBroker() {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{LoadRecordBytes, MaxRequestSize},
		Say: fmt.Sprintf("Records of %s are larger than max.request.size (%s) allows.", v.show(LoadRecordBytes), v.show(MaxRequestSize)),
		Why: "send() refuses every one of them; compression does not help, since the client measures before it compresses.",
		Fix: map[Key]string{MaxRequestSize: decimal(j.recordBytes())},
	}, true
}

func recordBeyondBuffer(j judged) (Problem, bool) {
	v := j.asked
	if j.recordBytes() <= v.Int(BufferMemory) || j.beyondBroker() {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{LoadRecordBytes, BufferMemory},
		Say: fmt.Sprintf("Records of %s do not fit into buffer.memory (%s).", v.show(LoadRecordBytes), v.show(BufferMemory)),
		Why: "send() refuses every one of them as too large.",
		Fix: map[Key]string{BufferMemory: decimal(j.recordBytes() * int64(max(1, j.facts.Partitions)))},
	}, true
}

func recordBeyondBroker(j judged) (Problem, bool) {
	if !j.beyondBroker() {
		return Problem{}, false
	}
	p := Problem{
		Severity: Warning, Keys: []Key{LoadRecordBytes},
		Say: fmt.Sprintf("Records of %s are larger than the broker's message.max.bytes (%s).",
			j.asked.show(LoadRecordBytes), bytesUnit.show(j.mostMessageBytes())),
		Why: "A batch of one record cannot be split: each fails with MESSAGE_TOO_LARGE unless compression shrinks it.",
	}
	if fits := j.mostMessageBytes() - recordOverhead; fits > 0 {
		p.Fix = map[Key]string{LoadRecordBytes: decimal(fits)}
	}
	return p, true
}

func batchBeyondRequest(j judged) (Problem, bool) {
	v := j.asked
	if v.Int(BatchSize) <= v.Int(MaxRequestSize) {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{BatchSize, MaxRequestSize},
		Say: fmt.Sprintf("batch.size (%s) is above max.request.size (%s).", v.show(BatchSize), v.show(MaxRequestSize)),
		Why: "A full batch travels alone in a request that is larger than the bound, and the broker alone judges whether it is too large.",
		Fix: map[Key]string{BatchSize: v.Text(MaxRequestSize)},
	}, true
}

func batchBeyondBroker(j judged) (Problem, bool) {
	v, most := j.asked, j.mostMessageBytes()
	if most <= 0 || v.Int(BatchSize) <= most {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{BatchSize},
		Say: fmt.Sprintf("batch.size (%s) is above the broker's message.max.bytes (%s).", v.show(BatchSize), bytesUnit.show(most)),
		Why: "A full batch is refused with MESSAGE_TOO_LARGE; the Java client then splits it and sends it again, at the cost of a round trip each time.",
		Fix: map[Key]string{BatchSize: decimal(most)},
	}, true
}

func bufferBelowPartitions(j judged) (Problem, bool) {
	v := j.asked
	need := v.Int(BatchSize) * int64(j.facts.Partitions)
	if v.Int(BufferMemory) >= need || v.Int(BatchSize) > v.Int(BufferMemory) {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{BufferMemory, BatchSize},
		Say: fmt.Sprintf("buffer.memory (%s) cannot hold one batch of %s for each of %d partitions.",
			v.show(BufferMemory), v.show(BatchSize), j.facts.Partitions),
		Why: "The buffer is exhausted while batches are still filling, so they leave half empty and send() blocks.",
		Fix: map[Key]string{BufferMemory: decimal(need)},
	}, true
}

func allMeansOne(j judged) (Problem, bool) {
	if j.asked.Text(Acks) != "all" || j.facts.MinInsync != 1 || j.facts.Replication == 1 {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{Acks},
		Say: "acks=all with min.insync.replicas=1 is no stronger than acks=1 while the followers are down.",
		Why: "The leader alone then counts as all, and its disk is the only copy; the cure is min.insync.replicas=2 on the topic.",
	}, true
}

func noSpareReplica(j judged) (Problem, bool) {
	least, copies := j.facts.MinInsync, j.facts.Replication
	if j.asked.Text(Acks) != "all" || least == 0 || copies == 0 || least < copies {
		return Problem{}, false
	}
	say := fmt.Sprintf("min.insync.replicas (%d) leaves no spare of %d replicas: one broker down stops writes.", least, copies)
	why := "With acks=all the leader answers NOT_ENOUGH_REPLICAS until the broker is back; the cure is a higher replication factor on the topic."
	switch {
	case least > copies:
		say = fmt.Sprintf("min.insync.replicas (%d) is above the replication factor (%d): nothing can be written with acks=all.", least, copies)
	case copies == 1:
		say = "The topic has one replica: while its broker is down nothing can be written, and its disk is the only copy."
		why = "No value of acks makes up for copies that do not exist; the cure is a replication factor of 3."
	}
	return Problem{Severity: Warning, Keys: []Key{Acks}, Say: say, Why: why}, true
}

// socketBufferTooSmall compares the buffer with what is under way on one
// broker's connection: the emulated link's bandwidth or, where that is less or
// not bounded, the offered rate, for one round trip.
func socketBufferTooSmall(j judged) (Problem, bool) {
	v, rtt := j.asked, j.rttMs()
	buffer, brokers := v.Int(SendBufferBytes), j.facts.Brokers
	if brokers == 0 && !j.isReal() {
		brokers = int(v.Int(StandBrokers))
	}
	if buffer < 0 || brokers == 0 || rtt <= 0 {
		return Problem{}, false
	}
	perSecond := v.Pacing().Mean(v.Int(LoadRate)) * v.RecordSizes().Mean() / float64(brokers)
	if link := float64(v.LinkBandwidth()); link > 0 && (link < perSecond || perSecond == 0) {
		perSecond = link
	}
	underWay := perSecond * rtt / 1000
	if float64(buffer) >= underWay {
		return Problem{}, false
	}
	enough := "-1"
	if rounded := math.Ceil(underWay/(64<<10)) * (64 << 10); rounded < math.MaxInt32 {
		enough = decimal(int64(rounded))
	}
	return Problem{
		Severity: Warning, Keys: []Key{SendBufferBytes},
		Say: fmt.Sprintf("send.buffer.bytes (%s) is below bandwidth times round trip (%.0f KiB at %.4g ms).",
			v.show(SendBufferBytes), underWay/1024, rtt),
		Why: "The connection stands still with data at hand, so throughput is capped at the buffer per round trip.",
		Fix: map[Key]string{SendBufferBytes: enough},
	}, true
}

// levels are the rows that count for one codec alone.
var levels = []struct {
	key   Key
	codec string
}{
	{CompressionGzipLevel, "gzip"}, {CompressionLz4Level, "lz4"}, {CompressionZstdLevel, "zstd"},
}

func levelOfAnotherCodec(j judged) (Problem, bool) {
	v := j.asked
	var keys []Key
	fix := map[Key]string{}
	for _, l := range levels {
		if v.Text(l.key) != defaultOf(l.key) && v.Text(CompressionType) != l.codec {
			keys, fix[l.key] = append(keys, l.key), defaultOf(l.key)
		}
	}
	if len(keys) == 0 {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: append(keys, CompressionType),
		Say: fmt.Sprintf("%s does nothing with compression.type=%s.", joined(keys), v.Text(CompressionType)),
		Why: "A level counts for its own codec alone.",
		Fix: fix,
	}, true
}
