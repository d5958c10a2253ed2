package xray

import "kdyno/engine/wire"

// lane is one guest's batches to one partition that have come and are not
// acknowledged, so that each is counted once however often it comes.
type lane struct {
	producer int64
	epoch    int16
	next     int32 // the sequence after the last one that came; with idempotence
	open     []trip
	accepted int64 // batches, for what was given up
}

// trip is a batch that came.
type trip struct {
	id      wire.BatchID
	ms      int64 // its first record's timestamp
	records int32 // that are counted with it; 0: others stand for them
	came    int64 // instants; first
	again   int64 // and last
	pending int32 // tries that may still be answered
	failed  int64 // when the last try ended without success; 0: none has
	unsure  bool  // one of them may have been stored
	passes  bool  // what it failed with may pass
	after   int64 // lane.accepted when it failed
}

// mostOpen bounds the batches that are remembered of one partition.
const mostOpen = 64

// came notes a batch, and tells whether it was here before and how many of its
// records were not. What it pushes out will not be known of any more.
func (l *lane) came(b *wire.Batch, at int64, answered bool) (again bool, fresh int32, lost *trip) {
	t, again := l.repeats(b)
	if t == nil {
		fresh = l.number(b, again)
		l.open = append(l.open, trip{id: b.ID(), ms: b.FirstTimestamp, records: fresh + l.takeOver(b), came: at, again: at})
		t = &l.open[len(l.open)-1]
	}
	t.id, t.again = b.ID(), at
	if answered {
		t.pending++
	}
	if len(l.open) > mostOpen {
		first := l.open[0]
		lost = &first
		l.open = append(l.open[:0], l.open[1:]...)
	}
	return again, fresh, lost
}

// repeats finds the batch that one repeats: by its sequence, after a new epoch
// by its first record's timestamp, without idempotence by its content, where that
// had failed. With idempotence a repeat is known as such even where the batch is
// not: it was acknowledged, and the client has not heard of it.
func (l *lane) repeats(b *wire.Batch) (t *trip, again bool) {
	id := b.ID()
	for i := range l.open {
		t := &l.open[i]
		failed := t.pending == 0 && t.failed > 0
		renumbered := id.Producer >= 0 && (t.id.Producer != id.Producer || t.id.Epoch != id.Epoch)
		switch {
		case t.id == id && (id.Producer >= 0 || failed):
			return t, true
		case renumbered && failed && t.id.Records == id.Records && t.ms == b.FirstTimestamp:
			return t, true
		}
	}
	same := b.ProducerID >= 0 && b.ProducerID == l.producer && b.Epoch == l.epoch
	return nil, same && l.next-b.Sequence > 0
}

// number goes on to the sequence after a batch, and tells how many of its records
// are new by it.
func (l *lane) number(b *wire.Batch, again bool) int32 {
	end := b.Sequence + b.Records
	if end < 0 {
		end -= -1 << 31 // sequences go on from 0 after the largest
	}
	switch {
	case b.ProducerID < 0:
		return b.Records
	case !again:
		l.producer, l.epoch, l.next = b.ProducerID, b.Epoch, end
		return b.Records
	case end-l.next > 0: // part of it
		fresh := end - l.next
		l.next = end
		return fresh
	default:
		return 0
	}
}

// takeOver moves records from a batch that failed to a smaller one with some of
// its sequences: the client has split it, since it was too large.
func (l *lane) takeOver(b *wire.Batch) (records int32) {
	if b.ProducerID < 0 {
		return 0
	}
	for i := range l.open {
		t := &l.open[i]
		if t.id.Producer != b.ProducerID || t.id.Epoch != b.Epoch || t.pending > 0 || t.failed == 0 {
			continue
		}
		if at := b.Sequence - t.id.Sequence; at >= 0 && at+b.Records <= t.id.Records {
			records = min(t.records, b.Records)
			t.records -= records
			return records
		}
	}
	return 0
}

// awaited is the oldest trip of a batch that may still be answered.
func (l *lane) awaited(b *wire.Batch) int {
	id := b.ID()
	for i := range l.open {
		if l.open[i].pending > 0 && l.open[i].id == id {
			return i
		}
	}
	return -1
}

// arrived takes out a batch that was acknowledged.
func (l *lane) arrived(b *wire.Batch) (t trip, ok bool) {
	i := l.awaited(b)
	if i < 0 {
		return t, false
	}
	t = l.open[i]
	l.open = append(l.open[:i], l.open[i+1:]...)
	l.accepted++
	return t, true
}

// missed notes that a try ended without success. One that can not pass is taken
// out, and returned.
func (l *lane) missed(b *wire.Batch, at int64, passes, unsure bool) (gone *trip) {
	i := l.awaited(b)
	if i < 0 {
		return nil
	}
	t := &l.open[i]
	t.pending--
	t.failed, t.passes, t.after = at, passes, l.accepted
	t.unsure = t.unsure || unsure
	if passes || t.pending > 0 {
		return nil
	}
	last := *t
	l.open = append(l.open[:i], l.open[i+1:]...)
	return &last
}

// expire takes out what failed before an instant and did not come again, and what
// a newer batch has overtaken since another instant: the client tries it no more.
func (l *lane) expire(before, overtaken int64) (gone []trip) {
	kept := l.open[:0]
	for _, t := range l.open {
		given := t.failed > 0 && t.pending == 0 &&
			(t.again < before && t.failed < before || t.failed < overtaken && l.accepted > t.after)
		if given {
			gone = append(gone, t)
			continue
		}
		kept = append(kept, t)
	}
	l.open = kept
	return gone
}
