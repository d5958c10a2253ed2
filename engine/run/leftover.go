package run

import "sync"

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

// leave keeps a record for the next run.
func (r *Run) leave(rec *Record) {
	_, maybe := r.fate(rec)
	r.left.mu.Lock()
	defer r.left.mu.Unlock()
	r.left.all = append(r.left.all, Leftover{Record: rec, MaybeStored: maybe})
}

// fate tells what happened to a record that was not acknowledged.
func (r *Run) fate(rec *Record) (written, maybeStored bool) {
	if rec.number < 0 {
		return false, false // it never came to a partition
	}
	return r.track(rec.Topic, rec.Partition).end(rec.number)
}

// Abandon ends a leftover that is not sent again: for certain not written, or
// with an outcome that nobody knows. Called after Drop and before Retire.
func (r *Run) Abandon(l Leftover) {
	r.o.Fail("PRODUCER_CLOSED")
	r.giveUp(l.Record, l.MaybeStored)
}

// giveUp counts a record that was not acknowledged.
func (r *Run) giveUp(rec *Record, maybeStored bool) {
	r.o.Recorder.Begin(0)
	if maybeStored {
		r.o.Recorder.Unknown(1)
	} else {
		r.o.Recorder.Failed(1)
	}
	r.o.Recorder.Left(1)
	r.o.Recorder.End()
	if rec.watch != unwatched {
		r.o.Witness.Failed(rec.sending, maybeStored)
	}
	r.release(rec, false)
}
