package run

import (
	"errors"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/telemetry"
)

// current is the batch whose records the promise is being called for. Only
// the client's promise worker, which is one goroutine at a time, touches it.
type current struct {
	open    bool
	topic   string
	place   int32
	first   int64 // number of its first record
	end     int64 // one past its last
	index   int32 // the recorder's, of its partition
	firstMs int64
	raw     int64 // bytes before compression so far
	trip    trip
	times   telemetry.BatchTimes
}

func (c *current) holds(rec *Record) bool {
	return c.open && rec.number >= c.first && rec.number < c.end && rec.Partition == c.place && rec.Topic == c.topic
}

// promise ends a record. The client calls it record by record, each
// partition's in order, from one goroutine at a time.
func (r *Run) promise(kr *kgo.Record, err error) {
	rec := recordOf(kr)
	if err != nil {
		r.ended(rec, err)
		return
	}
	b := &r.batch
	if !b.holds(rec) {
		r.begin(rec)
	}
	recorder := r.o.Recorder
	recorder.Acked(rec.times())
	recorder.Left(1)
	b.raw += rec.wireBytes(rec.Timestamp.UnixMilli()-b.firstMs, rec.number-b.first)
	last := rec.number == b.end-1
	if rec.watch != unwatched {
		r.tells(rec)
	}
	r.callback(rec, last)
	r.release(rec, true)
	if last {
		r.finish()
	}
}

// begin opens the batch that the record belongs to.
func (r *Run) begin(rec *Record) {
	r.finish()
	called := r.now()
	if r.acks.last.Swap(called) == 0 {
		r.acks.first.Store(called)
	}
	t := r.track(rec.Topic, rec.Partition)
	taken, fullAt, ok := t.take(rec.number)
	if !ok {
		// The tap went blind: what it would have seen is the callback's instant.
		taken = trip{first: rec.number, records: 1, written: called, rewrote: called, answered: called, tries: 1, appended: -1, offset: -1}
	}
	t.failing.err = nil
	ready, why := r.readiness(rec.admitted, fullAt, taken.written)
	if r.limits.acks0 {
		taken.answered = 0
	}
	r.batch = current{
		open: true, topic: rec.Topic, place: rec.Partition, first: taken.first, end: taken.first + int64(taken.records),
		firstMs: rec.Timestamp.UnixMilli(), raw: batchHeader, trip: taken, index: t.index,
		times: telemetry.BatchTimes{
			Partition: t.index, Opened: rec.admitted, Ready: ready, Written: taken.written, LastWritten: taken.rewrote,
			Answered: taken.answered, Called: called, Records: taken.records, WireBytes: taken.bytes,
			BatchSize: int32(r.limits.batchSize), Closed: why,
		},
	}
	t.keep(&r.batch.trip, &r.batch.times)
	r.o.Recorder.Begin(0)
	r.o.Recorder.Batch(r.batch.times)
}

// finish closes the batch that the promise was in.
func (r *Run) finish() {
	if !r.batch.open {
		return
	}
	r.o.Recorder.Raw(r.batch.raw)
	r.o.Recorder.End()
	r.batch.open = false
}

// readiness says since when a batch could be sent, and why: no client tells,
// so it is the earliest thing that makes one ready, and its first write where
// there was none (it left with another partition's).
func (r *Run) readiness(opened, fullAt, written int64) (at int64, why telemetry.ClosedBy) {
	at, why = written, telemetry.ClosedWithOthers
	earlier := func(t int64, reason telemetry.ClosedBy) {
		if t < at || t == at && why == telemetry.ClosedWithOthers {
			at, why = t, reason
		}
	}
	earlier(opened+r.limits.linger, telemetry.ClosedByLinger)
	if fullAt > 0 {
		earlier(fullAt, telemetry.ClosedByFull)
	}
	if flush := r.flushing.Load(); flush > 0 {
		earlier(max(flush, opened), telemetry.ClosedByFlush)
	}
	if pressed := r.o.Buffer.Pressed(opened); pressed > 0 {
		earlier(pressed, telemetry.ClosedByMemory)
	}
	return at, why
}

// ended ends a record that the producer did not deliver.
func (r *Run) ended(rec *Record, err error) {
	r.finish()
	if r.closing.Load() && !verdict(err) {
		r.leave(rec)
		return
	}
	kind, beside := kindOf(err), r.neighbour(rec, err)
	if beside {
		kind = failedBeside
	}
	r.note(rec, kind)
	written, maybeStored := r.fate(rec)
	if beside || !written || !told(err) {
		r.o.Fail(kind, -1)
	}
	r.giveUp(rec, maybeStored)
}

// failedBeside is the kind of what fails only since another batch did.
const failedBeside = "FAILED_WITH_NEIGHBOUR"

// verdict says that the record would have failed without the producer's end too:
// that ends it with whatever error cutting its connections makes.
func verdict(err error) bool {
	return told(err) || errors.Is(err, kgo.ErrRecordTimeout) || errors.Is(err, kgo.ErrRecordRetries)
}

// told says that the error is a broker's answer: the tap has counted it.
func told(err error) bool {
	var broker *kerr.Error
	return errors.As(err, &broker)
}

// kindOf names a failure for report.Explain.
func kindOf(err error) string {
	var broker *kerr.Error
	switch {
	case errors.Is(err, kgo.ErrRecordTimeout):
		return "DELIVERY_TIMEOUT"
	case errors.As(err, &broker):
		return kafkaName(broker)
	case errors.Is(err, kgo.ErrRecordRetries):
		return "RETRIES_EXHAUSTED"
	case errors.Is(err, kgo.ErrClientClosed):
		return "PRODUCER_CLOSED"
	case says(err, "unable to dial"):
		return "UNREACHABLE"
	case says(err, senseless...):
		return garbled
	default:
		return "CONNECTION_LOST"
	}
}

// senseless are the client's words for answers that it cannot read, such as the
// metadata: it has no types for them.
var senseless = []string{
	"not contain enough data", "negative response size", "large response size", "correlation ID mismatch", "short response",
	"did not return topics", "comprehensive set of partitions",
}

func says(err error, words ...string) bool {
	text := err.Error()
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// release tells who waits for the record, and gives back what it held.
func (r *Run) release(rec *Record, delivered bool) {
	if rec.Told != nil {
		rec.Told(r, delivered)
	}
	if rec.charge > 0 {
		r.o.Buffer.Release(int64(rec.charge))
	}
	rec.empty()
	r.o.Stock.back(rec)
}
