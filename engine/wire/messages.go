package wire

import (
	"encoding/binary"
	"math"
)

// The layout of a message of Produce v0 to v2. Its size leaves out the offset
// and itself; magic 1 (Kafka 0.10) added the timestamp.
const (
	messageOverhead = 8 + 4
	messageHead     = messageOverhead + 4 + 1 + 1 // and CRC, magic, attributes
	messageTime     = 8
	messageMagic    = 1
)

// messageSet begins the messages of one partition, n bytes of them.
func (r *requests) messageSet(c *cursor, partition int32, n int) {
	p := r.current.produce
	if n < messageHead {
		c.err = errBatch
		return
	}
	if len(p.Batches) == maxBatches {
		c.err = errBatches
		return
	}
	p.Batches = append(p.Batches, Batch{
		Topic: r.topic, Partition: partition, Bytes: int32(n), ProducerID: -1, Epoch: -1, Sequence: -1,
		FirstTimestamp: -1, MaxTimestamp: -1, Code: -1, BaseOffset: -1, AppendTime: -1,
	})
	r.messages = n
	r.at = atMessages
}

// message reads the head of one message and passes over its key and value.
func (r *requests) message(c *cursor) {
	h := c.take(messageHead)
	if h == nil {
		return
	}
	magic, attributes := h[messageHead-2], h[messageHead-1]
	ms, head := int64(-1), messageHead
	if magic == messageMagic {
		ms = c.int64()
		head += messageTime
	}
	if !c.whole() {
		return
	}
	size := int64(binary.BigEndian.Uint32(h[8:])) + messageOverhead
	if magic > messageMagic || size < int64(head) || size > int64(r.messages) {
		c.err = errBatch
		return
	}
	p := r.current.produce
	b := &p.Batches[len(p.Batches)-1]
	b.add(h, ms, Codec(attributes&7))
	r.messages -= int(size)
	c.skip = int(size) - head
	if r.messages == 0 {
		c.close(r.flexible, 1+r.advance())
	}
}

// add counts one message of a set.
func (b *Batch) add(h []byte, ms int64, codec Codec) {
	b.CRC ^= binary.BigEndian.Uint32(h[12:])
	b.Codec = max(b.Codec, codec)
	if b.FirstTimestamp < 0 {
		b.FirstTimestamp = ms
	}
	b.MaxTimestamp = max(b.MaxTimestamp, ms)
	records := int64(1)
	if codec != 0 && ms >= 0 {
		// The wrapper has the offset of the last one in it, counted from 0.
		records = min(max(int64(binary.BigEndian.Uint64(h)), 0), math.MaxInt16) + 1
	}
	b.Records += int32(records)
}
