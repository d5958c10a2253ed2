package run

import (
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Leftovers are the records that a closed run did not deliver, in each
// partition's order.
type Leftovers []Leftover

// Leftover is one of them.
type Leftover struct {
	Record      *Record
	MaybeStored bool // it was written, and nobody answered: a copy may be in the log
}

// leftovers collects them from the promise worker.
type leftovers struct {
	mu  sync.Mutex
	all []Leftover
}

func (l *leftovers) take() Leftovers {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.all
	l.all = nil
	return all
}

// leave keeps a record for the next run. What it holds of the buffer is given
// back: where it opens a batch there, it is charged again.
func (r *Run) leave(rec *Record) {
	r.note(rec, closedKind)
	_, maybe := r.fate(rec)
	if rec.charge > 0 {
		r.o.Buffer.Release(int64(rec.charge))
		rec.charge = 0
	}
	r.left.mu.Lock()
	defer r.left.mu.Unlock()
	r.left.all = append(r.left.all, Leftover{Record: rec, MaybeStored: maybe})
}

// fate tells what happened to a record that was not acknowledged. Once a tap went
// blind, no write that was not seen proves anything.
func (r *Run) fate(rec *Record) (written, maybeStored bool) {
	if rec.number < 0 {
		return false, false // it never came to a partition
	}
	written, maybeStored = r.track(rec.Topic, rec.Partition).end(rec.number)
	blind := r.wires.blind.Load()
	return written || blind, maybeStored || blind
}

// Abandon ends a leftover that is not sent again: for certain not written, or
// with an outcome that nobody knows. Called after Drop and before Retire.
func (r *Run) Abandon(l Leftover) {
	r.o.Fail(closedKind, -1)
	r.giveUp(l.Record, l.MaybeStored)
}

// The kinds of a failure whose cause is the end of the producer.
const (
	closedKind  = "PRODUCER_CLOSED"
	crashedKind = "PRODUCER_CRASHED"
)

// Bury ends a leftover of a producer that died, as Abandon does. It returns the
// record anew, as it was before it was sent: the application may send it again.
func (r *Run) Bury(l Leftover) *Record {
	rec := l.Record
	r.o.Fail(crashedKind, -1)
	r.lose(rec, l.MaybeStored)
	if s := rec.story(); s != nil {
		s.kind = crashedKind
	}
	if rec.Told != nil {
		rec.Told(r, false)
	}
	again := &Record{shift: rec.shift}
	again.Record = kgo.Record{Topic: rec.Topic, Key: rec.Key, Value: rec.Value, Headers: rec.Headers}
	if rec.pin == pinned {
		again.pin, again.Partition = pinned, rec.Partition
	}
	again.copies(rec)
	return again
}

// giveUp counts a record that was not acknowledged.
func (r *Run) giveUp(rec *Record, maybeStored bool) {
	r.lose(rec, maybeStored)
	r.release(rec, false)
}

// lose counts it, and tells who audits.
func (r *Run) lose(rec *Record, maybeStored bool) {
	r.o.Recorder.Begin(0)
	if maybeStored {
		r.o.Recorder.Unknown(1)
	} else {
		r.o.Recorder.Failed(1)
	}
	r.o.Recorder.Left(1)
	r.o.Recorder.End()
	if rec.watch != unwatched {
		r.o.Witness.Failed(rec.sending(), maybeStored)
	}
}
