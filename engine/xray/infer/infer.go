// Package infer works out what the settings of a producer must be from what it
// does on the wire, and says how sure that is and why. It is told of produce
// requests, keeps sums and a few samples, and touches nothing else. An Evidence
// is of one producer; one goroutine at a time.
package infer

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"kdyno/engine/setting"
	"kdyno/telemetry/report"
)

// Request is one produce request as it came.
type Request struct {
	Acks            int16
	TimeoutMs       int32
	TransactionalID string
	First           bool // on its connection
	// InFlight is how many its connection has unanswered with this one, and
	// Answered how long ago the last answer left on it; 0: none has yet.
	InFlight int
	Answered time.Duration
	Batches  []Batch
}

// Batch is one batch in a request.
type Batch struct {
	Topic      int // the caller's own number
	Partition  int32
	Partitions int // of the topic; 0: not known
	Records    int32
	Bytes      int32 // on the wire
	Codec      string
	Idempotent bool
	Again      bool // it was written before
	// FirstMs and LastMs are its records' first and last timestamps, and Age how
	// long before it came the first was. Timed tells that they are the times at
	// which the records were made.
	FirstMs, LastMs int64
	Age             time.Duration
	Timed           bool
}

func (b *Batch) open() time.Duration { return time.Duration(b.LastMs-b.FirstMs) * time.Millisecond }

// Evidence is what was seen of one producer. The zero Evidence is ready.
type Evidence struct {
	requests int64
	batches  int64
	acks     tally[int16]
	timeout  tally[int32]
	codec    tally[string]
	plain    int64 // batches without a producer id
	numbered int64 // and with one
	again    int64
	gaveUp   int64
	txn      string

	slots  slots
	linger linger
	size   size
	spread spread
}

// tally counts how often what was seen, and what last.
type tally[T comparable] struct {
	seen map[T]int64
	last T
}

// mostKinds bounds what a tally tells apart.
const mostKinds = 16

func (t *tally[T]) add(v T) {
	t.last = v
	if t.seen == nil {
		t.seen = map[T]int64{}
	}
	if _, known := t.seen[v]; known || len(t.seen) < mostKinds {
		t.seen[v]++
	}
}

// Add takes a request in.
func (e *Evidence) Add(r *Request) {
	e.requests++
	e.acks.add(r.Acks)
	e.timeout.add(r.TimeoutMs)
	if r.TransactionalID != "" {
		e.txn = r.TransactionalID
	}
	for i := range r.Batches {
		b := &r.Batches[i]
		e.batches++
		e.codec.add(b.Codec)
		if b.Idempotent {
			e.numbered++
		} else {
			e.plain++
		}
		if b.Again {
			e.again++
			continue
		}
		e.size.add(b)
		e.spread.add(b)
	}
	e.slots.add(r, e.ready(r))
	e.linger.add(r, &e.slots, &e.size)
}

// GaveUp takes in that batches whose error could pass were not written again.
func (e *Evidence) GaveUp(batches int64) { e.gaveUp += batches }

// Codec is the compression of the last batch, empty before the first.
func (e *Evidence) Codec() string { return e.codec.last }

// Acks is what the last request asked for.
func (e *Evidence) Acks() string { return acksText(e.acks.last) }

// Idempotent tells whether the last batches had a producer id.
func (e *Evidence) Idempotent() bool { return e.numbered > e.plain }

// TransactionalID is the last one seen, empty without.
func (e *Evidence) TransactionalID() string { return e.txn }

// Slots is how many requests a connection has had in flight at most, and whether
// that seems to be its limit.
func (e *Evidence) Slots() (most int, limit bool) { return e.slots.most, e.slots.isLimit() }

// BatchSize is the likely batch.size in bytes, 0 where it is not known, or else
// the largest batch that was seen.
func (e *Evidence) BatchSize() (likely, atLeast int) { return e.size.likely(), int(e.size.largest) }

func acksText(acks int16) string {
	if acks == -1 {
		return "all"
	}
	return strconv.Itoa(int(acks))
}

// Settings is what is known by now of each setting that can be known.
func (e *Evidence) Settings() map[string]report.Inferred {
	all := map[string]report.Inferred{}
	if e.requests == 0 {
		return all
	}
	put := func(k setting.Key, i report.Inferred) {
		if i.Value != "" {
			all[string(k)] = i
		}
	}
	put(setting.Acks, e.sayAcks())
	put(setting.EnableIdempotence, e.sayIdempotence())
	put(setting.TransactionalID, e.sayTransactions())
	put(setting.CompressionType, e.sayCodec())
	put(setting.RequestTimeoutMs, e.sayTimeout())
	put(setting.Retries, e.sayRetries())
	put(setting.MaxInFlight, e.slots.say())
	put(setting.LingerMs, e.linger.say())
	put(setting.BatchSize, e.size.say(e.codec.last))
	put(setting.PartitionerClass, e.spread.say())
	return all
}

func exact(value, because string) report.Inferred {
	return report.Inferred{Value: value, Sure: report.Exact, Because: because}
}

func bound(value, format string, args ...any) report.Inferred {
	return report.Inferred{Value: value, Sure: report.Bound, Because: fmt.Sprintf(format, args...)}
}

func estimate(value, format string, args ...any) report.Inferred {
	return report.Inferred{Value: value, Sure: report.Estimate, Because: fmt.Sprintf(format, args...)}
}

func (e *Evidence) sayAcks() report.Inferred {
	if len(e.acks.seen) > 1 {
		return estimate(acksText(e.acks.last), "requests of several kinds came under this name; the last one says so")
	}
	return exact(acksText(e.acks.last), "each produce request says so")
}

func (e *Evidence) sayIdempotence() report.Inferred {
	switch {
	case e.batches == 0:
		return report.Inferred{}
	case e.plain > 0 && e.numbered > 0:
		return estimate(strconv.FormatBool(e.Idempotent()), "%d batches have a producer id and %d have none: several producers share this name", e.numbered, e.plain)
	case e.numbered > 0:
		return exact("true", "each batch has a producer id, an epoch and a sequence number")
	default:
		return exact("false", "no batch has a producer id")
	}
}

func (e *Evidence) sayTransactions() report.Inferred {
	if e.txn == "" {
		return report.Inferred{}
	}
	return exact(report.Harmless(e.txn), "its requests name it")
}

func (e *Evidence) sayCodec() report.Inferred {
	switch {
	case e.batches == 0:
		return report.Inferred{}
	case len(e.codec.seen) == 1:
		return exact(e.codec.last, "each batch's header says so")
	}
	most := e.codec.last
	for codec, n := range e.codec.seen {
		if codec != "none" && (most == "none" || n > e.codec.seen[most]) {
			most = codec
		}
	}
	return estimate(most, "%d of %d batches are compressed so; the others may not have shrunk, or are another producer's", e.codec.seen[most], e.batches)
}

func (e *Evidence) sayTimeout() report.Inferred {
	value := strconv.Itoa(int(e.timeout.last))
	if len(e.timeout.seen) > 1 {
		return estimate(value, "requests of several kinds came under this name; the last one says so")
	}
	return exact(value, "each produce request gives the broker this long for its replicas (timeout_ms); the Java client and librdkafka put request.timeout.ms there")
}

func (e *Evidence) sayRetries() report.Inferred {
	switch {
	case e.again > 0:
		return bound("1", "at least: %s written again", count(e.again, "batch"))
	case e.gaveUp > 0:
		return estimate("0", "%d batches were answered with an error that may pass, and none was written again", e.gaveUp)
	default:
		return report.Inferred{}
	}
}

// Values are settings that kdyno's own producer can be given. What is only
// bounded takes the likeliest value; a transactional id is left out.
func Values(settings map[string]report.Inferred, clientID string) setting.Values {
	v := setting.Defaults()
	for key, i := range settings {
		k := setting.Key(key)
		if !serves(k, i) {
			continue
		}
		if next, err := v.With(k, cmp.Or(i.Likely, i.Value)); err == nil {
			v = next
		}
	}
	if next, err := v.With(setting.ClientID, clientID); err == nil && clientID != "" {
		v = next
	}
	return v
}

// serves tells whether what is known of a setting is better than its default.
func serves(k setting.Key, i report.Inferred) bool {
	switch k {
	case setting.TransactionalID:
		return false
	case setting.Retries, setting.MaxInFlight:
		return i.Sure != report.Bound // a quiet producer says nothing of its limits
	case setting.PartitionerClass:
		return i.Value == setting.RoundRobin // sticky and keyed are the built-in one's
	default:
		return true
	}
}
