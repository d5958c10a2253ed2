package telemetry

import (
	"cmp"
	"slices"
)

// ClosedBy says why a batch took no more records.
type ClosedBy uint8

// The reasons; the zero value means that it is not known.
const (
	ClosedByFull ClosedBy = iota + 1
	ClosedByLinger
	ClosedWithOthers // another partition's batch of that broker was due
	ClosedByFlush
	ClosedByMemory // a sender waited for space
	closedKinds
)

var closedNames = [closedKinds]string{
	ClosedByFull: "full", ClosedByLinger: "linger", ClosedWithOthers: "with_others",
	ClosedByFlush: "flush", ClosedByMemory: "memory",
}

// String is the reason's name in the report, "" where it is not known.
func (c ClosedBy) String() string {
	if c >= closedKinds {
		return ""
	}
	return closedNames[c]
}

// The stages, in the order of report.StageNames.
const (
	stageLag = iota
	stageSerialize
	stageBlocked
	stageSwap
	stageBatching
	stageSlot
	stageNetwork
	stageRetry
	stageCallback
	stageCount
)

// BatchTimes is what is known of an answered batch. All instants are
// nanoseconds since the session's start.
type BatchTimes struct {
	Partition int32 // the caller's own dense index of topic and partition

	Opened      int64 // its first record came; 0: not known
	Ready       int64 // full, lingered or flushed (derived)
	Written     int64 // first written to a connection
	LastWritten int64 // the try that was answered
	Answered    int64 // 0: acks=0, nobody answers
	Called      int64 // its callbacks began

	Records   int32
	WireBytes int32
	RawBytes  int32 // before compression; 0: Raw tells it later
	BatchSize int32 // batch.size then; 0: batching was off
	Closed    ClosedBy
}

// RecordTimes is what is known of one acknowledged record: instants in
// nanoseconds since the session's start, and lengths in nanoseconds that lie
// between SendCalled and the batch's Written without overlapping.
type RecordTimes struct {
	Due        int64 // when it should have been sent
	SendCalled int64
	Serialize  int64 // 0: not sampled for this record, unless Sampled
	Blocked    int64 // waited for space or metadata, less Serialize and Swap
	Swap       int64 // waited for the change of producers
	Bytes      int32 // key and value, before compression
	Sampled    bool  // Serialize was measured, and may have been too short to see
}

// batchSums is what the batches of one stretch add up to.
type batchSums struct {
	count   int64
	records int64
	wire    int64
	raw     int64
	fill    float64 // sum of raw by batch.size
	filled  int64   // batches that have a fill
	open    int64   // ns
	queue   int64   // ns, from opening to the first write
	opened  int64   // batches whose opening is known
	closed  [closedKinds]int64
}

func (b *batchSums) add(o batchSums) {
	b.count += o.count
	b.records += o.records
	b.wire += o.wire
	b.raw += o.raw
	b.fill += o.fill
	b.filled += o.filled
	b.open += o.open
	b.queue += o.queue
	b.opened += o.opened
	for i, n := range o.closed {
		b.closed[i] += n
	}
}

// ackCounts is how many accepted records came to an end in one stretch.
type ackCounts struct {
	acked   int64
	bytes   int64 // of the acknowledged, keys and values
	failed  int64
	unknown int64
	left    int64 // by admission's own count
}

func (c *ackCounts) add(o ackCounts) {
	c.acked += o.acked
	c.bytes += o.bytes
	c.failed += o.failed
	c.unknown += o.unknown
	c.left += o.left
}

// ackCell is one epoch's share of a Recorder.
type ackCell struct {
	counts  ackCounts
	came    sendCounts // of a guest
	batches batchSums
	latency Hist
	called  Hist // latency since send was called, whenever the record was due
	stages  [stageCount]Hist
	tails   tails
	gaps    gaps
	parts   []*partCell // by the caller's index; nil: nothing yet
}

// Recorder is the acknowledging side of one run. The methods from Begin to End
// are called by one goroutine at a time, wait for nothing and allocate nothing
// per record; those of the wire (Wrote and the like) may be called by any.
type Recorder struct {
	lane
	meter *Meter
	run   int
	guest bool // see Meter.Guest
	cells [2]ackCell
	cell  *ackCell

	batch BatchTimes
	part  *partCell
	tail  *coarse // the partition's; nil for a guest's
	// Counted per batch and written when it ends: all its records, and those
	// whose slot wait is the batch's too.
	acked, whole int64
	bunch        bunch
}

// Begin opens a section in which records of that epoch may be counted. Called
// within a section it costs a comparison, and moves to a newer section only
// where the record was accepted after the present one's interval; so it may be
// called for each record.
func (r *Recorder) Begin(atLeast uint32) {
	if r.inside {
		if int32(r.section-atLeast) >= 0 {
			return
		}
		r.End()
	}
	// The record's epoch was read from the same word: enter sees it or a later one.
	r.cell = &r.cells[r.enter()&1]
	r.part = nil
}

// End closes the section.
func (r *Recorder) End() {
	r.settle()
	r.leave()
}

// Batch tells of an answered batch before its records.
func (r *Recorder) Batch(b BatchTimes) {
	r.settle()
	if r.guest {
		b.Called = cmp.Or(b.Answered, b.LastWritten)
	}
	ordered(&b)
	r.batch = b
	r.part = nil

	c := r.cell
	c.batches.count++
	c.batches.records += int64(b.Records)
	c.batches.wire += int64(b.WireBytes)
	if b.RawBytes > 0 {
		r.Raw(int64(b.RawBytes))
	}
	if b.Opened != 0 {
		c.batches.open += max(b.Ready-b.Opened, 0)
		c.batches.queue += max(b.Written-b.Opened, 0)
		c.batches.opened++
	}
	if b.Closed < closedKinds {
		c.batches.closed[b.Closed]++
	}
	c.gaps.put(gap{from: r.meter.lastAck.Swap(b.Called), to: b.Called})
	r.meter.acked(b.Partition, b.Called)

	p := r.partition()
	p.batches++
	p.wire += int64(b.WireBytes)
}

// Raw tells the bytes before compression of the batch last told, once, where
// they are known only after its records.
func (r *Recorder) Raw(bytes int64) {
	sums := &r.cell.batches
	sums.raw += bytes
	if size := r.batch.BatchSize; size > 0 {
		sums.fill += float64(bytes) / float64(size)
		sums.filled++
	}
}

// ordered makes the instants of a batch follow one another: where two clocks
// readings contradict, the earlier event is moved to the later one's instant.
func ordered(b *BatchTimes) {
	if b.Answered != 0 {
		b.Answered = min(b.Answered, b.Called)
		b.LastWritten = min(b.LastWritten, b.Answered)
	}
	b.LastWritten = min(b.LastWritten, b.Called)
	b.Written = min(b.Written, b.LastWritten)
	b.Ready = min(b.Ready, b.Written)
}

// partition is the share of the batch's partition in the present section.
func (r *Recorder) partition() *partCell {
	if r.part == nil {
		i := int(r.batch.Partition)
		if i >= len(r.cell.parts) {
			r.cell.parts = slices.Grow(r.cell.parts, i+1-len(r.cell.parts))[:i+1]
		}
		if r.cell.parts[i] == nil {
			r.cell.parts[i] = newPartCell(r.guest)
		}
		r.part = r.cell.parts[i]
		r.tail = r.part.latency
	}
	return r.part
}

// Acked counts one acknowledged record of the batch last told.
//
// The stages of each record add up to its latency to the nanosecond: it is
// admitted where what it waited for ends, its batch is ready then or later,
// and the rest of the road is the batch's own. What is not sampled of
// Serialize stays in batching here; spread takes it out of the mean.
func (r *Recorder) Acked(t RecordTimes) {
	c, b := r.cell, &r.batch
	held := t.Serialize + t.Blocked + t.Swap
	admitted := t.SendCalled + held
	if t.SendCalled < t.Due || admitted > b.Written {
		t = fitted(t, b.Written)
		held = t.Serialize + t.Blocked + t.Swap
		admitted = t.SendCalled + held
	}
	c.stages[stageLag].record(t.SendCalled-t.Due, 1)
	c.called.record(b.Called-t.SendCalled, 1)
	bucket := c.latency.record(b.Called-t.Due, 1)
	if r.part == nil {
		r.partition()
	}
	r.tail.put(bucket)
	k := &r.bunch
	if row := bucket >> tailBits; row != k.row {
		r.spill()
		k.row = row
	}
	if held != 0 || t.Sampled {
		c.held(t, k)
	}
	k.lag += t.SendCalled - t.Due
	if admitted <= b.Ready {
		c.stages[stageBatching].record(b.Ready-admitted, 1)
		k.batching += b.Ready - admitted
		k.whole++
		r.whole++
	} else {
		c.stages[stageBatching].record(0, 1)
		c.stages[stageSlot].record(b.Written-admitted, 1)
		k.slot += b.Written - admitted
	}
	k.n++
	c.counts.bytes += int64(t.Bytes)
	r.acked++
}

// held counts the stages that most records do not have; their zeros are
// counted when the interval closes.
func (c *ackCell) held(t RecordTimes, k *bunch) {
	k.serialize += t.Serialize
	k.blocked += t.Blocked
	k.swap += t.Swap
	if t.Sampled || t.Serialize != 0 {
		c.stages[stageSerialize].record(t.Serialize, 1)
	}
	if t.Blocked != 0 {
		c.stages[stageBlocked].record(t.Blocked, 1)
	}
	if t.Swap != 0 {
		c.stages[stageSwap].record(t.Swap, 1)
	}
}

// fitted moves what contradicts the order of events to the nearest instant
// that does not, so that the stages still add up: a record is not sent before
// it is due, and is in its batch before that is written.
func fitted(t RecordTimes, written int64) RecordTimes {
	t.Due = min(t.Due, written)
	t.SendCalled = min(max(t.SendCalled, t.Due), written)
	left := written - t.SendCalled
	for _, ns := range []*int64{&t.Serialize, &t.Swap, &t.Blocked} {
		*ns = min(max(*ns, 0), left)
		left -= *ns
	}
	return t
}

// Called tells that the callbacks of the batch's other records begin at a later
// instant: an earlier record's took its time.
func (r *Recorder) Called(at int64) {
	r.settle()
	r.batch.Called = max(at, r.batch.Called)
}

// settle writes what the records of the present batch have in common.
func (r *Recorder) settle() {
	if r.acked == 0 {
		return
	}
	r.spill()
	c, b, n := r.cell, &r.batch, r.acked
	c.counts.acked += n
	r.partition().records += n
	c.stages[stageSlot].RecordN(b.Written-b.Ready, r.whole)
	c.stages[stageRetry].RecordN(b.LastWritten-b.Written, n)
	answered := b.Answered
	if answered == 0 {
		answered = b.LastWritten
	} else {
		c.stages[stageNetwork].RecordN(answered-b.LastWritten, n)
	}
	if !r.guest {
		c.stages[stageCallback].RecordN(b.Called-answered, n)
	}
	r.acked, r.whole = 0, 0
}

// Failed counts records that were for certain not written.
func (r *Recorder) Failed(n int) { r.cell.counts.failed += int64(n) }

// Unknown counts records that were written and never answered.
func (r *Recorder) Unknown(n int) { r.cell.counts.unknown += int64(n) }

// Left is admission's own count of records that left the buffer.
func (r *Recorder) Left(n int) { r.cell.counts.left += int64(n) }

// Retire tells that the run is over and nothing more will be counted. What it
// counted stays.
func (r *Recorder) Retire() { r.retired.Store(true) }
