package xray

import (
	"sync"
	"time"

	"kdyno/engine/wire"
	"kdyno/engine/xray/infer"
	"kdyno/telemetry"
)

// Guest is one client of somebody else's.
type Guest struct {
	Number int // in the order in which guests came, from 1

	guests *Guests
	id     identityOfGuest
	meter  *telemetry.Meter

	mu       sync.Mutex
	recorder *telemetry.Recorder // nil while nothing is counted
	evidence infer.Evidence
	lanes    map[int32]*lane // by the session's number of a partition
	topics   map[string]int  // partitions of those that it wrote to
	presence presence
	sums     sums
	txn      transactions
	request  infer.Request // used again
}

// sums are what the meter does not count.
type sums struct {
	came     int64 // records
	again    int64 // batches
	numbered bool  // all of those by sequence numbers
	unread   int64 // requests that the tap could not follow
	untimed  int64 // batches whose timestamps are not the times they were made
	ahead    int64 // of these, those of the future
}

func newGuest(g *Guests, id identityOfGuest, long bool) *Guest {
	o := telemetry.Options{Now: g.now}
	if !long {
		o.Keep = quarter
	}
	guest := &Guest{guests: g, id: id, meter: telemetry.NewMeter(o), lanes: map[int32]*lane{}, topics: map[string]int{}}
	guest.presence.to = map[int32]int{}
	guest.presence.gone = 1
	guest.sums.numbered = true
	return guest
}

const quarter = 15 * time.Minute

// record is where it is counted, made anew after a rest; the caller holds mu.
func (g *Guest) record() *telemetry.Recorder {
	if g.recorder == nil {
		g.recorder = g.meter.Guest()
	}
	g.presence.lastUsed = g.guests.now()
	return g.recorder
}

// wrote takes a request in that came.
func (g *Guest) wrote(r *wire.Request, first bool, inFlight int, sinceAnswer time.Duration) {
	at := int64(r.Written.Sub(g.guests.o.Start))
	g.mu.Lock()
	defer g.mu.Unlock()
	rec := g.record()
	e := &g.request
	*e = infer.Request{
		Acks: r.Acks, TimeoutMs: r.TimeoutMs, TransactionalID: r.TransactionalID, First: first,
		InFlight: inFlight, Answered: sinceAnswer, Batches: e.Batches[:0],
	}
	rec.Begin(0)
	records, again, repeated := 0, 0, 0
	for i := range r.Batches {
		b := &r.Batches[i]
		records += int(b.Records)
		if g.batch(rec, r, b, at) {
			again++
			repeated += int(b.Records)
		}
	}
	g.evidence.Add(e)
	rec.End()
	rec.Wrote(r.Broker, r.Bytes, records, at)
	if again > 0 {
		rec.Retried(again, repeated)
		g.sums.again += int64(again)
	}
	if r.Acks == 0 {
		rec.Lost(r.Broker, 1, at)
	}
}

// batch takes one batch in, and tells whether it came before.
func (g *Guest) batch(rec *telemetry.Recorder, r *wire.Request, b *wire.Batch, at int64) (again bool) {
	topic, index := g.place(b)
	if index < 0 {
		g.sums.unread++
		return false
	}
	g.topics[topic.Name] = max(g.topics[topic.Name], len(topic.Leaders), int(b.Partition)+1)
	l := g.lanes[index]
	if l == nil {
		l = &lane{}
		g.lanes[index] = l
	}
	again, fresh, lost := l.came(b, at, r.Acks != 0)
	if lost != nil {
		g.settle(rec, lost)
	}
	g.sums.came += int64(fresh)
	rec.Came(int64(fresh), share(int64(b.Bytes), int64(fresh), int64(b.Records)))
	g.txn.open = g.txn.open || b.Transactional
	g.sums.numbered = g.sums.numbered && b.ProducerID >= 0
	seen := infer.Batch{
		Topic: topic.Number, Partition: b.Partition, Partitions: len(topic.Leaders), Records: b.Records, Bytes: b.Bytes,
		Codec: b.Codec.String(), Idempotent: b.ProducerID >= 0, Again: again,
		FirstMs: b.FirstTimestamp, LastMs: b.MaxTimestamp,
	}
	came := r.Written.UnixNano()
	seen.Timed = g.timed(b, came)
	seen.Age = time.Duration(came - b.FirstTimestamp*int64(time.Millisecond))
	g.request.Batches = append(g.request.Batches, seen)
	if r.Acks == 0 && !again {
		g.acked(rec, l, b, index, at, 0)
	}
	return again
}

// place finds the topic of a batch and the number of its partition, -1 where more
// are named than are kept apart.
func (g *Guest) place(b *wire.Batch) (Topic, int32) {
	topic := g.guests.topic(b.Topic, b.TopicID)
	if b.Partition < 0 || b.Partition >= mostPartitions {
		return topic, -1
	}
	return topic, g.guests.o.Index(topic.Name, b.Partition)
}

// share is the part of whole that a is of b.
func share(whole, a, b int64) int64 {
	if b <= 0 {
		return 0
	}
	return whole * a / b
}

// The bounds of what can be the time at which a record was made: its batch came
// later, and not later than clients wait to deliver.
const (
	mostAhead = 20 * time.Millisecond
	mostAge   = 5 * time.Minute
)

// timed tells whether a batch's timestamps are the times at which its records
// were made; the caller holds mu.
func (g *Guest) timed(b *wire.Batch, came int64) bool {
	after := time.Duration(came - b.MaxTimestamp*int64(time.Millisecond))
	open := b.MaxTimestamp - b.FirstTimestamp
	if b.FirstTimestamp >= 0 && open >= 0 && open <= mostAge.Milliseconds() && after > -mostAhead && after < mostAge {
		return true
	}
	g.sums.untimed++
	if after <= -mostAhead {
		g.sums.ahead++
	}
	return false
}
