package xray

import (
	"errors"
	"time"

	"kdyno/engine/cluster"
	"kdyno/engine/wire"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// answered takes the answer to a request in.
func (g *Guest) answered(r *wire.Request) {
	at := int64(r.Answered.Sub(g.guests.o.Start))
	g.mu.Lock()
	defer g.mu.Unlock()
	rec := g.record()
	rec.Begin(0)
	for i := range r.Batches {
		b := &r.Batches[i]
		_, index := g.place(b)
		l := g.lanes[index]
		if l == nil {
			continue
		}
		name := cluster.ErrorName(b.Code)
		if b.Told && (b.Code == 0 || name == duplicate) {
			g.acked(rec, l, b, index, at, at)
			continue
		}
		if !b.Told {
			name = noAnswer
		}
		rec.Code(name, r.Broker, index, at)
		class, _, _ := report.Explain(name)
		if gone := l.missed(b, at, class != "fatal" || name == tooLarge && b.Records > 1, class == "unknown"); gone != nil {
			g.settle(rec, gone)
		}
	}
	rec.End()
	rec.Answered(r.Broker, int64(r.Answered.Sub(r.Written)), at)
	if r.ThrottleMs > 0 {
		rec.Throttled(r.Broker, int(r.ThrottleMs))
	}
}

// Errors that mean something else for a guest than their class says: a repeat
// that the broker had, a batch that is split, and an answer that leaves it out.
const (
	duplicate = "DUPLICATE_SEQUENCE_NUMBER"
	tooLarge  = "MESSAGE_TOO_LARGE"
	noAnswer  = "UNKNOWN_SERVER_ERROR"
)

// acked counts a batch that is in the log, once; with acks=0 as it comes.
func (g *Guest) acked(rec *telemetry.Recorder, l *lane, b *wire.Batch, index int32, at, answered int64) {
	t := trip{came: at, again: at, records: b.Records}
	if answered > 0 {
		var ok bool
		if t, ok = l.arrived(b); !ok {
			return
		}
	} else {
		l.open = l.open[:0]
	}
	if t.records == 0 {
		return
	}
	likely, most := g.evidence.BatchSize()
	times := telemetry.BatchTimes{
		Partition: index, Written: t.came, LastWritten: t.again, Answered: answered, Ready: t.came,
		Records: t.records, WireBytes: b.Bytes, BatchSize: int32(max(likely, most)),
	}
	if b.Codec == 0 {
		times.RawBytes = b.Bytes
	}
	first, last, timed := g.made(b, t.came)
	if timed {
		times.Opened, times.Ready = first, last
	}
	rec.Batch(times)
	if !timed {
		rec.Made(int64(t.records), t.came, int64(b.Bytes))
	} else {
		spread(rec, int64(t.records), int64(b.Bytes), first, last)
	}
	rec.Left(int(t.records))
}

// halfMs is what timestamps in whole milliseconds leave out on average.
const halfMs = int64(time.Millisecond / 2)

// made are the instants of a batch's first and last record.
func (g *Guest) made(b *wire.Batch, came int64) (first, last int64, ok bool) {
	instant := func(ms int64) int64 { return ms*int64(time.Millisecond) + halfMs - g.guests.o.Start.UnixNano() }
	first, last = max(instant(b.FirstTimestamp), 1), max(instant(b.MaxTimestamp), 1)
	age := came - last
	return min(first, came), min(last, came), b.FirstTimestamp >= 0 && b.MaxTimestamp >= b.FirstTimestamp && age > -int64(mostAhead) && age < int64(mostAge)
}

// mostSlices bounds in how many parts the records of a batch are counted: they
// are taken to have been made evenly between its first and its last.
const mostSlices = 16

// spread counts the records of a batch by when they were made.
func spread(rec *telemetry.Recorder, records, bytes, first, last int64) {
	n := min(records, (last-first)/int64(time.Millisecond)+1, mostSlices)
	for i := range n {
		part := records*(i+1)/n - records*i/n
		at := first
		if n > 1 {
			at += (last - first) * i / (n - 1)
		}
		rec.Made(part, at, bytes*(i+1)/n-bytes*i/n)
	}
}

// lost takes in that a request will not be answered.
func (g *Guest) lost(r *wire.Request, err error) {
	at := g.guests.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	rec := g.record()
	rec.Begin(0)
	for i := range r.Batches {
		b := &r.Batches[i]
		_, index := g.place(b)
		if l := g.lanes[index]; l != nil {
			_ = l.missed(b, at, true, true) // it may come again
		}
	}
	rec.End()
	rec.Lost(r.Broker, 1, at)
	if errors.Is(err, wire.ErrBlind) {
		g.sums.unread++
		return
	}
	g.meter.Failure("CONNECTION_LOST", r.Broker, 1, at)
}

func (g *Guest) held(broker int32, took time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.record().Held(broker, int64(took))
}

// settle counts a batch of which nothing more is expected; the caller is in a
// section.
func (g *Guest) settle(rec *telemetry.Recorder, t *trip) {
	if t.unsure || t.pending > 0 {
		rec.Unknown(int(t.records))
	} else {
		rec.Failed(int(t.records))
	}
	rec.Left(int(t.records))
	if t.passes && t.came == t.again {
		g.evidence.GaveUp(1)
	}
}
