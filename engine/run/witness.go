package run

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/workload"
)

// Witness hears what becomes of the records that carry it: an audit. It is
// called in the sender's and the promise's goroutines and must not block. Records
// without one cost nothing.
type Witness interface {
	// Sent is called before a record is handed to the client, and once more when
	// the next run takes it over. Claims are those of Options.
	Sent(id *workload.Identity, claims uint8)
	// Again is called when the application hands over once more what it had handed
	// over before; id gets the number of the copy. Without ok there is no room for
	// it, and the copy is not under audit.
	Again(id *workload.Identity) (ok bool)
	// Acked is called as a record is acknowledged: place is the recorder's index
	// of its partition, offset -1 where no broker told it. Over is how often its
	// batch was written although a try before had been accepted.
	Acked(id *workload.Identity, place int32, offset int64, tries, over int32)
	// Failed is called as a record ends otherwise.
	Failed(id *workload.Identity, maybeStored bool)
}

// watched is what a record under audit carries.
type watched struct {
	witness Witness
	id      workload.Identity
	copied  bool // the application had handed it over before
	apart   bool // the identity stands in a header
	head    [workload.IdentityBytes]byte
}

// Audit puts the record under audit: its identity goes to the head of the value
// or, where that has to stay as it is or is too short, into a header. It is
// called when key, value and headers are complete.
func (r *Record) Audit(w Witness, id workload.Identity, stays bool) {
	if r.watched == nil {
		r.watched = new(watched)
	}
	r.audited = true
	r.watched.witness, r.watched.id, r.watched.copied = w, id, false
	r.watched.apart = stays || len(r.Value) < workload.IdentityBytes
	if r.watched.apart {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: workload.IdentityHeader, Value: r.watched.head[:]})
	}
	r.stamp()
}

// stamp writes the identity where it stands.
func (r *Record) stamp() {
	if r.watched.apart {
		r.watched.id.PutApart(r.watched.head[:], r.Value, r.Key)
		return
	}
	r.watched.id.Put(r.Value, r.Key)
}

// sends tells the record's witness that this run takes it.
func (r *Run) sends(rec *Record) {
	w := rec.watched
	if w.copied {
		w.copied = false
		if rec.audited = w.witness.Again(&w.id); !rec.audited {
			return
		}
		w.id.Run = r.o.Number
		rec.stamp()
	}
	w.witness.Sent(&w.id, r.o.Claims)
}

// copies puts a copy of a record that has ended, with its memory, under the same
// audit: the application may send it again. The other is not used any more.
func (r *Record) copies(of *Record) {
	r.audited, r.watched = of.audited, of.watched
	if r.audited {
		r.watched.copied = true
	}
}

// tells the record's witness that it was acknowledged, as one of the open batch.
func (r *Run) tells(rec *Record) {
	offset := rec.Offset
	if r.limits.acks0 {
		offset = -1 // the client counts from 0 in each batch
	}
	rec.watched.witness.Acked(&rec.watched.id, r.batch.index, offset, r.batch.tries, r.batch.over)
}

// takesOver is sends for a record that an earlier run had: its copy says so.
func (r *Run) takesOver(rec *Record) {
	rec.watched.id.Run = r.o.Number
	rec.stamp()
	r.sends(rec)
}
