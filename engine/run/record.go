package run

import (
	"math"
	"time"
	"unsafe"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/workload"
	"kdyno/telemetry"
)

// Record is one record on its road, from the sender that fills it to the
// promise that ends it; then it is used again. Instants are nanoseconds since
// the session's start.
type Record struct {
	// kgo.Record comes first: the promise and the partitioner get its address
	// and find the rest around it. Every record given to a run's client is one
	// of ours, its sentinels included.
	kgo.Record

	// What every record has lies together, and all of it in four lines of the
	// cache: to wait for memory that is far away is most of what a record costs.
	Due      int64
	Called   int64 // send was called
	admitted int64 // entered the buffer
	number   int64 // its place in its partition, in the order in which they were buffered

	pin        pin
	watch      watch
	Silent     bool   // no callback is called
	place      uint8  // on its shelf, from 1; 0: it has none
	charge     int32  // bytes of the buffer that are given back with it
	serialize  int32  // ns that key and value took, plus one; 0: not measured
	copyNumber uint32 // with seq: its sending, where watch says so
	seq        uint64
	Blocked    int64 // waited for space
	Swap       int64 // waited while producers changed

	// Told is called as the record ends, on the client's goroutine of promises;
	// it must not block. Nil: nobody wants to know.
	Told  func(from *Run, delivered bool)
	extra *extra        // nil: never needed
	shift time.Duration // its timestamp is so long after it was sent
}

// extra is what few records have.
type extra struct {
	content workload.Content // memory for what is more than a key and a value
	story   *story           // of one that is followed
}

// further is the record's extra, made if it is the first.
func (r *Record) further() *extra {
	if r.extra == nil {
		r.extra = new(extra)
	}
	return r.extra
}

// story is that of a record that is followed; nil: it is not.
func (r *Record) story() *story {
	if r.extra == nil {
		return nil
	}
	return r.extra.story
}

// sending is which sending of which record it is, where watch says so.
func (r *Record) sending() workload.Sending { return workload.Sending{Seq: r.seq, Copy: r.copyNumber} }

// Fill makes it the source's record n.
func (r *Record) Fill(source *workload.Source, n uint64) {
	if source.Plain() {
		r.Key, r.Value = source.Append(n, r.Key, r.Value)
		return
	}
	c := &r.further().content
	source.Fill(n, c)
	r.Key, r.Value, r.shift = c.Key, c.Value, c.Shift
	for _, h := range c.Headers {
		r.Headers = append(r.Headers, kgo.RecordHeader(h))
	}
	if c.Pinned {
		r.pin, r.Partition = pinned, c.Partition
	}
}

// empty makes a record ready to be used again. What the client or the next
// sender writes in any case is left as it is, the memory of key and value above
// all.
func (r *Record) empty() {
	r.Headers = r.Headers[:0]
	r.charge, r.serialize, r.Blocked, r.Swap, r.shift = 0, 0, 0, 0, 0
	r.Told, r.Silent, r.pin, r.watch = nil, false, free, unwatched
	if r.extra != nil {
		r.extra.story = nil
	}
}

// Serialized notes how many nanoseconds it took to make key and value; of most
// records nobody measures it.
func (r *Record) Serialized(ns int64) {
	r.serialize = int32(min(ns, math.MaxInt32-1)) + 1
}

// times are what the recorder wants to know of it.
func (r *Record) times() telemetry.RecordTimes {
	return telemetry.RecordTimes{
		Due: r.Due, SendCalled: r.Called, Serialize: int64(max(r.serialize-1, 0)), Blocked: r.Blocked, Swap: r.Swap,
		Bytes: int32(r.Bytes()), Sampled: r.serialize > 0,
	}
}

// Bytes is the size of key, value and headers.
func (r *Record) Bytes() int {
	n := len(r.Key) + len(r.Value)
	for i := range r.Headers {
		n += len(r.Headers[i].Key) + len(r.Headers[i].Value)
	}
	return n
}

// pin says whether the partition is decided already.
type pin uint8

const (
	free    pin = iota
	pinned      // by the record itself
	placed      // by an earlier run: it is sent again to where it was
	refused     // a sentinel, which ends at the partitioner
)

// recordOf finds the Record around the kgo.Record that the client hands back.
func recordOf(r *kgo.Record) *Record { return (*Record)(unsafe.Pointer(r)) }

// wireBytes is what the record takes in a batch before compression (message
// format v2), so many milliseconds and records after the batch's first.
func (r *Record) wireBytes(afterMs, index int64) int64 {
	n := int64(1) + varint(afterMs) + varint(index) + varint(int64(len(r.Value))) + int64(len(r.Value)) + varint(int64(len(r.Headers)))
	for i := range r.Headers {
		h := &r.Headers[i]
		n += varint(int64(len(h.Key))) + int64(len(h.Key)) + varint(int64(len(h.Value))) + int64(len(h.Value))
	}
	if r.Key == nil {
		n++ // length -1
	} else {
		n += varint(int64(len(r.Key))) + int64(len(r.Key))
	}
	return varint(n) + n
}

// varint is the length of a zigzag varint.
func varint(v int64) int64 {
	n := int64(1)
	for u := uint64(v<<1) ^ uint64(v>>63); u >= 0x80; u >>= 7 {
		n++
	}
	return n
}
