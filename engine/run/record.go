package run

import (
	"time"
	"unsafe"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/workload"
)

// Record is one record on its road, from the sender that fills it to the
// promise that ends it; then it is used again. Instants are nanoseconds since
// the session's start.
type Record struct {
	// kgo.Record comes first: the promise and the partitioner get its address
	// and find the rest around it. Every record given to a run's client is one
	// of ours, its sentinels included.
	kgo.Record

	// What every record has lies together: the promise and the partitioner read
	// it record by record, and memory that is far away is most of what they cost.
	Due      int64
	Called   int64 // send was called
	admitted int64 // entered the buffer
	number   int64 // its place in its partition, in the order in which they were buffered
	charge   int64 // bytes of the buffer that are given back with it

	Serialize int64 // how long key and value took, where Sampled
	Blocked   int64 // waited for space
	Swap      int64 // waited while producers changed

	// Told is called as the record ends, on the client's goroutine of promises;
	// it must not block. Nil: nobody wants to know.
	Told    func(from *Run, delivered bool)
	Sampled bool
	Silent  bool // no callback is called
	pin     pin
	watch   watch

	shift   time.Duration     // its timestamp is so long after it was sent
	content *workload.Content // memory for what is more than a key and a value; nil: never needed
	next    *Record           // of its chain in the stock
	story   *story            // of one that is followed
	sending workload.Sending  // where watch says so
}

// Fill makes it the source's record n.
func (r *Record) Fill(source *workload.Source, n uint64) {
	if source.Plain() {
		r.Key, r.Value = source.Append(n, r.Key, r.Value)
		return
	}
	if r.content == nil {
		r.content = new(workload.Content)
	}
	c := r.content
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
	r.charge, r.Serialize, r.Blocked, r.Swap, r.shift = 0, 0, 0, 0, 0
	r.Told, r.story, r.Sampled, r.Silent, r.pin, r.watch = nil, nil, false, false, free, unwatched
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
