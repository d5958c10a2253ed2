package run

import (
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"

	"kdyno/engine/wire"
)

// track follows one partition's batches from the wire to the promise. The
// partitioner tells it where batches begin and when one is full, the tap what
// was written and answered, and the promise takes each batch once: three
// goroutines, one lock per batch.
//
// Records are numbered in the order in which the client buffered them. A batch
// holds consecutive numbers, is first written in order, and keeps its records
// however often it is written again. So a batch that is written for the first
// time is the next of those that were begun whose first record has the
// timestamp in the batch's header; those before it failed without having been
// written.
type track struct {
	topic     string
	partition int32
	index     int32 // the recorder's index of this partition

	mu     sync.Mutex
	starts []start // batches that may have been begun, not yet written
	trips  []trip  // first written in this order, not yet taken
	next   int64   // number of the first record that was never written
	ended  int64   // records whose promise was called
	fulls  []full  // batches that took their last record, not yet taken

	last    inspected
	failing failing // of the goroutine of the promises
}

// start says that the record of this number opened a batch, or went where one
// was open already: only the timestamp of a batch on the wire tells. at is when
// the record was admitted.
type start struct{ number, ms, at int64 }

// full says that the record before number was the last of its batch.
type full struct{ number, at int64 }

// trip is one batch on the wire.
type trip struct {
	id       wire.BatchID
	ms       int64 // timestamp of its first record
	first    int64 // number of its first record
	records  int32
	bytes    int32
	pending  int32 // tries that may still be answered
	over     int32 // writes after one was accepted
	unsure   bool  // one try's outcome is not known
	accepted bool  // answered without an error
	careless bool  // no answer was asked for
	stored   bool  // a try is in the log for certain
	codec    wire.Codec
	code     int16 // Kafka's, of its last answer
	tries    int32 // writes
	opened   int64 // nanoseconds since the session's start, as those that follow
	written  int64
	rewrote  int64
	answered int64
	failed   int64 // when the last try that failed did
	appended int64 // milliseconds since 1970 that the log gave it; -1: it kept its own
	offset   int64 // of its first record in the log; -1: nobody said
	try      try   // the present one
	before   []try // those before, oldest first
}

// waits says that it is to be written again.
func (t *trip) waits() bool { return t.pending == 0 && !t.accepted }

// maybeStored tells whether a copy of a batch that was not acknowledged may be
// in the log.
func (t *trip) maybeStored() bool { return t.unsure || t.accepted || t.pending > 0 }

func (t *trip) holds(number int64) bool {
	return number >= t.first && number < t.first+int64(t.records)
}

// opened notes that a batch begins with the record of this number, which was
// admitted at an instant.
func (t *track) opened(number, ms, at int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.starts = append(t.starts, start{number, ms, at})
}

// awaited returns the oldest trip of this identity that may still be answered.
func (t *track) awaited(id wire.BatchID) *trip {
	for i := range t.trips {
		if t.trips[i].pending > 0 && t.trips[i].id == id {
			return &t.trips[i]
		}
	}
	return nil
}

// again returns the trip that this write repeats for certain. With sequence
// numbers the identity says it, or after a new epoch, which numbers anew what
// was not accepted, the first record's timestamp. Without, two batches of equal
// content are told apart by this: a batch is only repeated when nothing of it is
// in flight, and one that was accepted only where one before it was not
// (franz-go goes back to the first batch that failed).
func (t *track) again(id wire.BatchID, ms int64) *trip {
	gone := false
	for i := range t.trips {
		trip := &t.trips[i]
		failed := trip.waits()
		gone = gone || failed
		if trip.id == id && (id.Producer >= 0 || failed || trip.pending == 0 && gone) {
			return trip
		}
		renumbered := trip.id.Producer != id.Producer || trip.id.Epoch != id.Epoch
		if renumbered && !trip.accepted && trip.records == id.Records && trip.ms == ms {
			return trip
		}
	}
	return nil
}

// wrote notes that the batch is being written to a broker, and tells whether it
// is again.
func (t *track) wrote(b *wire.Batch, at int64, acks int16, broker int32) (again bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	id, now := b.ID(), try{at: at, broker: broker, code: unanswered}
	if old := t.again(id, b.FirstTimestamp); old != nil {
		old.repeat(b, now, acks)
		return true
	}
	begun, known := t.begun(b.FirstTimestamp)
	if !known {
		// All that were begun are known, so it is a repeat: of a batch behind one
		// that failed and was accepted since, or with acks=0. One that was taken
		// already is nobody's any more.
		if old := t.same(id); old != nil {
			old.repeat(b, now, acks)
		}
		return true
	}
	trip := trip{
		id: id, ms: b.FirstTimestamp, first: begun.number, records: b.Records, bytes: b.Bytes, codec: b.Codec,
		opened: begun.at, written: at, rewrote: at, pending: 1, tries: 1, appended: -1, offset: -1, try: now,
	}
	if acks == 0 {
		trip.pending, trip.accepted, trip.careless = 0, true, true
	}
	t.trips = append(t.trips, trip)
	t.next = begun.number + int64(b.Records)
	return false
}

// repeat notes another try.
func (t *trip) repeat(b *wire.Batch, now try, acks int16) {
	t.id = b.ID()
	t.repeated()
	t.try, t.rewrote = now, now.at
	t.bytes = b.Bytes
	t.tries++
	if t.accepted && acks != 0 {
		t.over++
	}
	if acks != 0 {
		t.pending++
	}
}

// begun finds where the batch that is being written for the first time begins,
// and forgets what was begun before.
func (t *track) begun(ms int64) (first start, found bool) {
	for i, s := range t.starts {
		if s.number >= t.next && s.ms == ms {
			t.starts = append(t.starts[:0], t.starts[i+1:]...)
			return s, true
		}
	}
	return start{}, false
}

// same returns the first trip of this identity.
func (t *track) same(id wire.BatchID) *trip {
	for i := range t.trips {
		if t.trips[i].id == id {
			return &t.trips[i]
		}
	}
	return nil
}

// answered notes what the broker said of the batch, and tells whether it dropped
// the batch as a repeat, for certain.
func (t *track) answered(b *wire.Batch, at int64, outcome outcome) (dropped bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	trip := t.awaited(b.ID())
	if trip == nil {
		return false
	}
	trip.pending--
	trip.answered = at
	trip.code, trip.appended = b.Code, b.AppendTime
	trip.try.code, trip.try.answered = b.Code, at
	switch outcome {
	case stored:
		dropped = trip.arrived(b.Code)
		trip.accepted, trip.offset = true, b.BaseOffset
	case uncertain:
		trip.unsure, trip.failed = true, at
		if b.Code == kerr.NotEnoughReplicasAfterAppend.Code {
			dropped = trip.arrived(b.Code)
		}
	case rejected:
		trip.failed = at
	}
	return dropped
}

// arrived notes that a try is in the log, and tells whether the broker dropped
// it, since an earlier one was.
func (t *trip) arrived(code int16) (dropped bool) {
	dropped = t.id.Producer >= 0 && (t.stored || code == kerr.DuplicateSequenceNumber.Code)
	t.stored = true
	return dropped
}

// lost notes that no answer to one try will come to the producer. The tap may
// have read one that the emulated link swallowed; so it tells of dropped repeats
// too.
func (t *track) lost(b *wire.Batch, at int64) (dropped bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	trip := t.awaited(b.ID())
	if trip == nil {
		return false
	}
	trip.pending--
	trip.unsure, trip.failed = true, at
	return b.Told && b.Code == 0 && trip.arrived(b.Code)
}

// filled notes that a batch took its last record.
func (t *track) filled(number, at int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.fulls) == cap(t.fulls) && len(t.fulls) >= maxFulls {
		t.fulls = append(t.fulls[:0], t.fulls[len(t.fulls)/2:]...)
	}
	t.fulls = append(t.fulls, full{number: number, at: at})
}

// maxFulls bounds what is kept for batches that nobody takes, such as those
// that fail together.
const maxFulls = 1 << 12

// take returns the batch that holds the record of this number and forgets it
// and all before it. fullAt is when it took its last record, 0 where that is
// not known. Without ok the tap did not see it.
func (t *track) take(number int64) (taken trip, fullAt int64, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.trips {
		if t.trips[i].holds(number) {
			taken, ok = t.trips[i], true
			t.trips = append(t.trips[:0], t.trips[i+1:]...)
			break
		}
	}
	t.ended += int64(max(taken.records, 1))
	if !ok {
		return taken, 0, false
	}
	end := taken.first + int64(taken.records)
	n := 0
	for n < len(t.fulls) && t.fulls[n].number <= end {
		if t.fulls[n].number == end {
			fullAt = t.fulls[n].at
		}
		n++
	}
	t.fulls = append(t.fulls[:0], t.fulls[n:]...)
	return taken, fullAt, true
}

// look is the batch that holds the record of this number, if it was written.
func (t *track) look(number int64) (held trip, written bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.trips {
		if t.trips[i].holds(number) {
			return t.trips[i], true
		}
	}
	return trip{}, false
}

// end notes that the record of this number ended without having been
// acknowledged, and tells what happened to it so far: whether it was written,
// and whether a copy may be in the log. The batch is dropped with its last
// record.
func (t *track) end(number int64) (written, maybeStored bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended++
	for i := range t.trips {
		trip := &t.trips[i]
		if !trip.holds(number) {
			continue
		}
		maybeStored = trip.maybeStored()
		if number == trip.first+int64(trip.records)-1 {
			t.trips = append(t.trips[:0], t.trips[i+1:]...)
		}
		return true, maybeStored
	}
	return false, false
}
