package run

import (
	"sync"

	"kdyno/engine/wire"
)

// track follows one partition's batches from the wire to the promise. The
// partitioner tells it when a batch is full, the tap what was written and
// answered, and the promise takes each batch once: three goroutines, one lock
// per batch.
//
// Records are numbered in the order in which the client buffered them. A batch
// holds consecutive numbers, is first written in order, and keeps its records
// however often it is written again; so counting first writes tells which
// numbers a batch holds without looking into it.
type track struct {
	topic     string
	partition int32
	index     int32 // the recorder's index of this partition

	mu     sync.Mutex
	trips  []trip // first written in this order, not yet taken
	next   int64  // number of the first record that was never written
	ended  int64  // records whose promise was called
	fulls  []full // batches that took their last record, not yet taken
	broken string // the last error code answered, by name
}

// full says that the record before number was the last of its batch.
type full struct{ number, at int64 }

// trip is one batch on the wire.
type trip struct {
	id       identity
	first    int64 // number of its first record
	records  int32
	bytes    int32
	pending  int32 // tries that may still be answered
	tries    int32
	unsure   bool // one try's outcome is not known
	accepted bool // answered without an error
	code     int16
	written  int64 // nanoseconds since the session's start
	rewrote  int64
	answered int64
}

// identity tells a batch from another of its partition: the producer's
// sequence, or without idempotence the content (serializing is repeatable).
type identity struct {
	producer int64
	epoch    int16
	sequence int32
	records  int32
	bytes    int32
	crc      uint32
}

func identityOf(b *wire.Batch) identity {
	if b.ProducerID < 0 {
		return identity{producer: -1, records: b.Records, bytes: b.Bytes, crc: b.CRC}
	}
	return identity{producer: b.ProducerID, epoch: b.Epoch, sequence: b.Sequence, records: b.Records}
}

// awaited returns the oldest trip of this identity that may still be answered.
func (t *track) awaited(id identity) *trip {
	for i := range t.trips {
		if t.trips[i].pending > 0 && t.trips[i].id == id {
			return &t.trips[i]
		}
	}
	return nil
}

// again returns the trip that this write repeats. With sequence numbers the
// identity says it. Without, two batches of equal content are told apart by
// this: a batch is only repeated when nothing of it is in flight, and one that
// was accepted only where one before it was not (franz-go goes back to the
// first batch that failed).
func (t *track) again(id identity) *trip {
	gone := false
	for i := range t.trips {
		trip := &t.trips[i]
		failed := trip.pending == 0 && !trip.accepted
		gone = gone || failed
		if trip.id == id && (id.producer >= 0 || failed || trip.pending == 0 && gone) {
			return trip
		}
	}
	return nil
}

// wrote notes that the batch is being written, and tells whether it is again.
func (t *track) wrote(b *wire.Batch, at int64, acks int16) (again bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	id := identityOf(b)
	if old := t.again(id); old != nil {
		old.tries++
		old.rewrote = at
		old.pending++
		old.bytes = b.Bytes
		return true
	}
	first := t.next
	if i, renumbered := t.renumbered(b); renumbered {
		// The client gave its batches new sequence numbers: those from here on
		// are written anew.
		first = t.trips[i].first
		again = true
		t.trips = t.trips[:i]
	}
	trip := trip{
		id: id, first: first, records: b.Records, bytes: b.Bytes, tries: 1, written: at, rewrote: at, pending: 1,
	}
	if acks == 0 {
		trip.pending, trip.accepted = 0, true
	}
	t.trips = append(t.trips, trip)
	t.next = max(t.next, first+int64(b.Records))
	return again
}

// renumbered finds where the batches begin that a new producer epoch wrote
// before under its old one: the first that nobody accepted.
func (t *track) renumbered(b *wire.Batch) (index int, found bool) {
	if b.ProducerID < 0 || b.Sequence != 0 || len(t.trips) == 0 {
		return 0, false
	}
	last := t.trips[len(t.trips)-1].id
	if last.producer == b.ProducerID && last.epoch == b.Epoch {
		return 0, false
	}
	for i := range t.trips {
		if !t.trips[i].accepted {
			return i, true
		}
	}
	return 0, false
}

// answered notes what the broker said of the batch.
func (t *track) answered(b *wire.Batch, at int64, outcome outcome, name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if outcome != stored {
		t.broken = name
	}
	trip := t.awaited(identityOf(b))
	if trip == nil {
		return
	}
	trip.pending--
	trip.code = b.Code
	trip.answered = at
	switch outcome {
	case stored:
		trip.accepted = true
	case uncertain:
		trip.unsure = true
	case rejected:
	}
}

// lost notes that no answer to one try will come.
func (t *track) lost(b *wire.Batch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if trip := t.awaited(identityOf(b)); trip != nil {
		trip.pending--
		trip.unsure = true
	}
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
// not known. Without ok the record was never written.
func (t *track) take(number int64) (taken trip, fullAt int64, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer func() { t.ended += int64(max(taken.records, 1)) }()
	for i := range t.trips {
		trip := &t.trips[i]
		if number < trip.first {
			break
		}
		if number >= trip.first+int64(trip.records) {
			continue
		}
		taken, ok = *trip, true
		t.trips = append(t.trips[:0], t.trips[i+1:]...)
		break
	}
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

// look tells what happened to the record of this number so far: whether it
// was written, and whether a copy may be in the log. With forget the batch is
// dropped with its last record.
func (t *track) look(number int64, forget bool) (written, maybeStored bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended++
	for i := range t.trips {
		trip := &t.trips[i]
		end := trip.first + int64(trip.records)
		if number < trip.first || number >= end {
			continue
		}
		maybeStored = trip.unsure || trip.accepted || trip.pending > 0
		if forget && number == end-1 {
			t.trips = append(t.trips[:0], t.trips[i+1:]...)
		}
		return true, maybeStored
	}
	return number < t.next, false
}
