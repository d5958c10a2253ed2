package run

import (
	"math"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"

	"kdyno/engine/wire"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// try is one write of a batch, and its answer.
type try struct {
	at       int64 // nanoseconds since the session's start
	answered int64 // 0: nobody did
	broker   int32
	code     int16 // Kafka's; unanswered where there is none
}

// unanswered stands for the code of a try that nobody answered, or not yet.
const unanswered int16 = -1

// maxTries bounds what is remembered of a batch that is tried for long: its
// first tries are dropped.
const maxTries = 16

// repeated puts the present try behind those before it.
func (t *trip) repeated() {
	if len(t.before) == maxTries {
		t.before = append(t.before[:0], t.before[1:]...)
	}
	t.before = append(t.before, t.try)
}

// inspected is the last batch that a partition's producer got acknowledged.
type inspected struct {
	trip  trip
	times telemetry.BatchTimes
}

// keep remembers a batch that was acknowledged.
func (t *track) keep(taken *trip, times *telemetry.BatchTimes) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = inspected{*taken, *times}
}

// report puts the batch into the words of the report; nil where there is none.
func (i *inspected) report() *report.LastBatch {
	if i.trip.records == 0 {
		return nil
	}
	b := &report.LastBatch{
		AtS: float64(i.times.Opened) / 1e9, Records: int(i.trip.records), Bytes: int(i.trip.bytes),
		Codec: i.trip.codec.String(), Closed: i.times.Closed.String(),
		OpenMs: report.Ns(max(i.times.Ready-i.times.Opened, 0)), QueueMs: report.Ns(max(i.times.Written-i.times.Opened, 0)),
	}
	if i.trip.offset >= 0 {
		offset := i.trip.offset
		b.Offset = &offset
	}
	if id := i.trip.id; id.Producer >= 0 {
		b.ProducerID, b.Epoch, b.Sequence = &id.Producer, &id.Epoch, &id.Sequence
	}
	for _, t := range i.trip.before {
		b.Tries = append(b.Tries, t.report(false))
	}
	b.Tries = append(b.Tries, i.trip.try.report(i.trip.careless))
	return b
}

func (t *try) report(careless bool) report.Try {
	r := report.Try{AtS: float64(t.at) / 1e9, Broker: t.broker, Answer: "none came"}
	switch {
	case careless:
		r.Answer = "none was asked for"
	case t.code == 0:
		r.Answer = "NONE"
	case t.code > 0:
		r.Answer = nameOf(kerr.ErrorForCode(t.code))
	}
	if t.answered > 0 {
		r.AnsweredMs = report.Ns(t.answered - t.at)
	}
	return r
}

// LastBatch is the last batch of a partition that was acknowledged, and Sequence
// the number of the next record there that is written for the first time; nil
// and false where there is none. Any goroutine may call them.
func (r *Run) LastBatch(topic string, partition int32) *report.LastBatch {
	t := r.known(topic, partition)
	if t == nil {
		return nil
	}
	t.mu.Lock()
	last := t.last
	last.trip.before = slices.Clone(last.trip.before)
	t.mu.Unlock()
	return last.report()
}

// Sequence is described with LastBatch.
func (r *Run) Sequence(topic string, partition int32) (next int32, ok bool) {
	t := r.known(topic, partition)
	if t == nil {
		return 0, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	last := &t.last.trip
	if n := len(t.trips); n > 0 {
		last = &t.trips[n-1]
	}
	if last.records == 0 || last.id.Producer < 0 {
		return 0, false
	}
	// Numbers begin anew at 0 after the greatest (Kafka's DefaultRecordBatch).
	return int32((int64(last.id.Sequence) + int64(last.records)) & math.MaxInt32), true
}

// known is the track of a partition that something was sent to; nil: none was.
func (r *Run) known(topic string, partition int32) *track {
	if list := r.tracks.of(topic); int(partition) < len(list) {
		return list[partition]
	}
	return nil
}

// Oldest are the instants at which the oldest record in the buffer was admitted
// and the oldest request that waits for its answer was written; 0: there is
// none. Any goroutine may call it.
func (r *Run) Oldest() (record, request int64) {
	for i := range r.o.Topics {
		for _, t := range r.tracks.of(r.o.Topics[i].Name) {
			if t == nil {
				continue
			}
			a, b := t.oldest()
			record, request = earlier(record, a), earlier(request, b)
		}
	}
	return record, request
}

// earlier is the earlier of two instants, of which 0 is none.
func earlier(a, b int64) int64 {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}

func (t *track) oldest() (record, request int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.starts {
		if t.starts[i].number >= t.next {
			record = t.starts[i].at
			break
		}
	}
	for i := range t.trips {
		trip := &t.trips[i]
		if trip.careless {
			continue // written is all that becomes of it
		}
		record = earlier(record, trip.opened)
		if trip.pending > 0 {
			request = earlier(request, trip.try.at)
		}
	}
	return record, request
}

// incarnation is a producer id and its epoch.
type incarnation struct {
	id    int64
	epoch int16
}

// incarnate notes under whom a batch is written; that rarely changes.
func (r *Run) incarnate(b *wire.Batch) {
	if b.ProducerID < 0 {
		return
	}
	now := incarnation{b.ProducerID, b.Epoch}
	if p := r.producer.Load(); p == nil || *p != now {
		r.producer.Store(&now)
	}
}
