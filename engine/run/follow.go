package run

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/workload"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// story is what a record that is followed takes along. It costs those that are
// not nothing: it hangs on Told, and is looked at only where a record fails.
type story struct {
	partitions int    // of the topic as it was handed over
	kind       string // of its failure, for report.Explain
	trip       trip   // of its batch, where it was written and not acknowledged
	written    bool
}

// Put makes the record, which is new, one of this content.
func (r *Record) Put(c workload.Content) {
	r.Key, r.Value, r.shift = c.Key, c.Value, c.Shift
	for _, h := range c.Headers {
		r.Headers = append(r.Headers, kgo.RecordHeader(h))
	}
	if c.Pinned {
		r.pin, r.Partition = pinned, c.Partition
	}
}

// Follow has the record's way told as it ends, once, on the goroutine of the
// promises: what the run knows of it, which is not its key, its headers or its
// broker. It takes the place of Told. Its topic has so many partitions now.
func (r *Record) Follow(partitions int, tell func(report.Followed)) {
	r.further().story = &story{partitions: partitions}
	r.Told = func(from *Run, delivered bool) {
		f := from.tell(r, delivered)
		r.extra.story = nil // the record is used again
		tell(f)
	}
}

// Abandoned is what is told of a record that send() refused: nobody ends it.
func (r *Record) Abandoned(kind string, at int64) report.Followed {
	f := report.Followed{AtS: float64(r.Due) / 1e9, Outcome: report.Refused, LatencyMs: report.Ns(at - r.Due)}
	f.Error = report.NewReason(kind)
	f.Stages = telemetry.Stages(r.times(), nil)
	return f
}

// tell makes the story of a record that ends now.
func (r *Run) tell(rec *Record, delivered bool) report.Followed {
	f := report.Followed{AtS: float64(rec.Due) / 1e9, Bytes: rec.Bytes()}
	if rec.number >= 0 {
		// The record is used again: what is told is a copy.
		partition, ms := rec.Partition, rec.Timestamp.Add(rec.shift).UnixMilli()
		f.Partition = &partition
		f.Timestamp, f.TimestampType = &ms, "CreateTime"
		f.Why = r.partitioner.Why(rec.Topic, rec.pin == pinned, rec.Key, int(rec.Partition), rec.story().partitions)
	}
	if !delivered {
		r.tellFailure(rec, &f)
		return f
	}
	f.Outcome = report.Acked
	b := r.batch
	f.LatencyMs = report.Ns(b.times.Called - rec.Due)
	f.Stages = telemetry.Stages(rec.times(), &b.times)
	tellTrip(b.trip, rec, &f)
	f.BatchClosed = b.times.Closed.String()
	if !r.limits.acks0 {
		offset := rec.Offset
		f.Offset = &offset
	}
	if b.trip.appended >= 0 {
		f.Timestamp, f.TimestampType = &b.trip.appended, "LogAppendTime"
	}
	return f
}

// tellTrip adds what is known of a batch that was written.
func tellTrip(t trip, rec *Record, f *report.Followed) {
	f.Tries = int(t.tries)
	f.BatchRecord, f.BatchRecords, f.BatchBytes = int(rec.number-t.first)+1, int(t.records), int(t.bytes)
	if t.id.Producer >= 0 {
		sequence := t.id.Sequence + int32(rec.number-t.first)
		f.ProducerID, f.Epoch, f.Sequence = &t.id.Producer, &t.id.Epoch, &sequence
	}
}

// tellFailure adds where it ended, and what its batch met until then.
func (r *Run) tellFailure(rec *Record, f *report.Followed) {
	now := r.now()
	f.LatencyMs = report.Ns(now - rec.Due)
	f.Outcome = report.Failed
	f.Error = report.NewReason(rec.story().kind)
	t := rec.story().trip
	if !rec.story().written {
		f.Stages = telemetry.Stages(rec.times(), nil)
		return
	}
	if t.maybeStored() {
		f.Outcome = report.Unknown
	}
	tellTrip(t, rec, f)
	f.Stages = telemetry.Stages(rec.times(), &telemetry.BatchTimes{
		Opened: rec.admitted, Ready: t.written, Written: t.written, LastWritten: t.rewrote, Answered: now, Called: now,
	})
}

// note keeps for the story of a record why it fails; called before its track
// forgets it.
func (r *Run) note(rec *Record, kind string) {
	if rec.story() == nil {
		return
	}
	rec.story().kind = kind
	if rec.number >= 0 {
		rec.story().trip, rec.story().written = r.track(rec.Topic, rec.Partition).look(rec.number)
	}
}
