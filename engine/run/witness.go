package run

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/workload"
)

// Witness hears what becomes of the records that are under audit. It is called
// in the sender's and the promise's goroutines and must not block.
type Witness interface {
	// Sent is called before a record is handed to the client, and once more when
	// the next run takes it over. Due is since the session's start, claims are
	// those of Options.
	Sent(s workload.Sending, due int64, claims uint8)
	// Again is called when the application hands over once more what it had handed
	// over before, and returns the number of the copy. Without ok there is no room
	// for it, and the copy is not under audit.
	Again() (copied uint32, ok bool)
	// Acked is called as a record is acknowledged: place is the recorder's index
	// of its partition, offset -1 where no broker told it. Over is how often its
	// batch was written although a try before had been accepted.
	Acked(s workload.Sending, place int32, offset int64, tries, over int32)
	// Failed is called as a record ends otherwise.
	Failed(s workload.Sending, maybeStored bool)
}

// watch says whether a record is under audit.
type watch uint8

const (
	unwatched watch = iota
	watched
	copied // under audit, and the application had handed it over before
)

// Audit puts the record under audit: its identity goes to the head of the value
// or, where that has to stay as it is or is too short, into a header. It is
// called when key, value and headers are complete.
func (r *Record) Audit(id workload.Identity, stays bool) {
	r.watch, r.seq, r.copyNumber = watched, id.Seq, id.Copy
	if !stays && id.Put(r.Value, r.Key) {
		return
	}
	head := r.head()
	id.PutApart(head, r.Value, r.Key)
	r.Headers = append(r.Headers, kgo.RecordHeader{Key: workload.IdentityHeader, Value: head})
}

// head is memory for an identity: what an earlier use of the record left behind
// its headers, if it did.
func (r *Record) head() []byte {
	if n := len(r.Headers); n < cap(r.Headers) {
		if h := r.Headers[: n+1 : n+1][n]; h.Key == workload.IdentityHeader && len(h.Value) == workload.IdentityBytes {
			return h.Value
		}
	}
	return make([]byte, workload.IdentityBytes)
}

// stamp writes the identity anew: as the record's of this run, and of this copy.
func (r *Run) stamp(rec *Record) {
	anew := func(id workload.Identity, err error) (workload.Identity, bool) {
		id.Run, id.Copy = r.o.Number, rec.copyNumber
		return id, err == nil
	}
	for i := range rec.Headers {
		if h := &rec.Headers[i]; h.Key == workload.IdentityHeader {
			if id, ok := anew(workload.ReadApart(h.Value, rec.Value, rec.Key)); ok {
				id.PutApart(h.Value, rec.Value, rec.Key)
			}
			return
		}
	}
	if id, ok := anew(workload.ReadIdentity(rec.Value, rec.Key)); ok {
		id.Put(rec.Value, rec.Key)
	}
}

// sends tells the witness that this run takes a record under audit.
func (r *Run) sends(rec *Record) {
	if rec.watch == copied {
		number, ok := r.o.Witness.Again()
		if !ok {
			rec.watch = unwatched
			return
		}
		rec.watch, rec.copyNumber = watched, number
		r.stamp(rec)
	}
	r.o.Witness.Sent(rec.sending(), rec.Due, r.o.Claims)
}

// takesOver is sends for a record that an earlier run had: its copy says so.
func (r *Run) takesOver(rec *Record) {
	r.stamp(rec)
	r.sends(rec)
}

// copies puts a copy of a record that has ended, with its memory, under the same
// audit: the application may send it again. The other is not used any more.
func (r *Record) copies(of *Record) {
	r.watch, r.seq, r.copyNumber = of.watch, of.seq, of.copyNumber
	if r.watch != unwatched {
		r.watch = copied
	}
}

// tells the witness that a record was acknowledged, as one of the open batch.
func (r *Run) tells(rec *Record) {
	offset := rec.Offset
	if r.limits.acks0 {
		offset = -1 // the client counts from 0 in each batch
	}
	r.o.Witness.Acked(rec.sending(), r.batch.index, offset, r.batch.trip.tries, r.batch.trip.over)
}
