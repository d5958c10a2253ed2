package partition

import (
	"math/bits"

	"github.com/twmb/franz-go/pkg/kgo"
)

// batchHeader is the header of a record batch, message format v2.
const batchHeader = 61

// batch is what kgo counts of an open batch: the exact bytes tell one that is
// full from one that has left.
type batch struct {
	records int
	bytes   int
	firstMs int64
	left    int // how many records it had when it was last left behind
}

// add counts the record in and returns the bytes by which the batch grew, its
// own header left out.
func (b *batch) add(r *kgo.Record) int {
	ms := r.Timestamp.UnixMilli()
	if b.records == 0 {
		b.bytes, b.firstMs = batchHeader, ms
	}
	size := recordBytes(r, ms-b.firstMs, b.records)
	b.bytes += size
	b.records++
	return size
}

// recordBytes is what a record takes in a batch, so many milliseconds and
// records after the batch's first. Lengths are counted as kgo counts them, who
// allows a missing key as much as an empty one.
func recordBytes(r *kgo.Record, afterMs int64, index int) int {
	n := 1 + varint(afterMs) + varint(int64(index)) +
		varint(int64(len(r.Key))) + len(r.Key) + varint(int64(len(r.Value))) + len(r.Value) +
		varint(int64(len(r.Headers)))
	for _, h := range r.Headers {
		n += varint(int64(len(h.Key))) + len(h.Key) + varint(int64(len(h.Value))) + len(h.Value)
	}
	return varint(int64(n)) + n
}

// varint is the length of a zigzag varint.
func varint(v int64) int { return (bits.Len64(uint64(v<<1)^uint64(v>>63)|1) + 6) / 7 }
