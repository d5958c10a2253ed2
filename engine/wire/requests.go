package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	keyProduce       = 0
	keySASLHandshake = 17

	batchProduce    = 3  // from here on today's record batches and a transactional id
	maxProduce      = 13 // the last one known
	flexibleProduce = 9  // from here on compact lengths and tagged fields
	topicIDProduce  = 13 // from here on topics by id

	batchHeader = 61 // bytes of a record batch before its first record
	batchPrefix = 12 // of these, what batchLength leaves out
	batchMagic  = 2

	// maxBatches (of one request) and maxNames bound what a hostile peer can
	// make the tap keep.
	maxBatches = 1 << 14
	maxNames   = 1 << 12
)

var (
	errLegacySASL = errors.New("raw SASL bytes follow SaslHandshake v0")
	errBatch      = errors.New("not one record batch of magic 2")
	errBatches    = fmt.Errorf("more than %d batches", maxBatches)
)

// place is where in a frame a walker is.
type place uint8

// The places of a produce request and of its answer, in the order of the frame.
const (
	atHead place = iota
	atClient
	atTransaction
	atIntent
	atTopics
	atTopic
	atPart
	atMessages
	atErrors
	atError
	atMessage
	atThrottle
	atEnd
)

// waiting is a request that a response will come for.
type waiting struct {
	correlation int32
	produce     *Request // nil: of another kind
}

// frame is where in one produce frame a walker is.
type frame struct {
	stream   stream
	at       place
	size     int // bytes, without the length itself
	flexible bool
	topics   int // left after the current one
	parts    int // left in the current topic
	topic    string
	topicID  [16]byte
	messages int // bytes left of an old message set
}

func (f *frame) done() bool { return f.at == atEnd }

// requests walks the frames that a client sends. It belongs to the writing
// goroutine.
type requests struct {
	frame
	current waiting
	names   map[string]string // so that a name is allocated once per connection
	fresh   func() *Request
}

func (r *requests) begin(size int) {
	r.at, r.size, r.current = atHead, size, waiting{}
}

// forgives is never: what a client asked for must be known whole.
func (*requests) forgives() bool { return false }

func (r *requests) step(c *cursor) {
	switch r.at {
	case atHead:
		r.head(c)
	case atClient:
		r.client(c)
	case atTransaction:
		r.transaction(c)
	case atIntent:
		r.intent(c)
	case atTopic:
		r.nextTopic(c)
	case atMessages:
		r.message(c)
	default:
		r.part(c)
	}
}

func (r *requests) head(c *cursor) {
	key, version, id := c.int16(), c.int16(), c.int32()
	if !c.whole() {
		return
	}
	r.current.correlation = id
	switch {
	case key == keySASLHandshake && version == 0:
		c.err = errLegacySASL
	case key != keyProduce:
		c.skip = r.size - c.i
		r.at = atEnd
	case version < 0 || version > maxProduce:
		c.err = fmt.Errorf("unknown version Produce v%d", version)
	default:
		p := r.fresh()
		p.Correlation, p.Version, p.Bytes = id, version, r.size+4
		r.current.produce = p
		r.flexible = version >= flexibleProduce
		r.at = atClient
	}
}

// client reads the client id, which is no compact string in any version.
func (r *requests) client(c *cursor) {
	name := c.take(c.text(false))
	if !c.whole() {
		return
	}
	r.current.produce.ClientID = r.name(name)
	if r.flexible {
		c.sections = 1
	}
	r.at = atTransaction
	if r.current.produce.Version < batchProduce {
		r.at = atIntent
	}
}

// transaction reads the transactional id; null counts as empty.
func (r *requests) transaction(c *cursor) {
	id := c.take(c.text(r.flexible))
	if !c.whole() {
		return
	}
	r.current.produce.TransactionalID = r.name(id)
	r.at = atIntent
}

func (r *requests) intent(c *cursor) {
	acks, timeout, topics := c.int16(), c.int32(), c.array(r.flexible)
	if !c.whole() {
		return
	}
	r.current.produce.Acks, r.current.produce.TimeoutMs = acks, timeout
	r.topics, r.parts = topics, 0
	if topics == 0 {
		r.at = atEnd
		c.close(r.flexible, 1)
		return
	}
	r.topics--
	r.at = atTopic
}

func (r *requests) nextTopic(c *cursor) {
	var name []byte
	var id [16]byte
	byID := r.current.produce.Version >= topicIDProduce
	if byID {
		copy(id[:], c.take(len(id)))
	} else {
		name = c.take(c.text(r.flexible))
	}
	parts := c.array(r.flexible)
	if !c.whole() {
		return
	}
	r.topicID, r.topic = id, ""
	if !byID {
		r.topic = r.name(name)
	}
	r.parts = parts
	c.close(r.flexible, r.advance())
}

// part reads the header of one partition's batch and passes over its records.
func (r *requests) part(c *cursor) {
	partition := c.int32()
	var n int
	if r.flexible {
		n = c.uvarint() - 1
	} else {
		n = int(c.int32())
	}
	if !c.whole() {
		return
	}
	if r.current.produce.Version < batchProduce {
		r.messageSet(c, partition, n)
		return
	}
	if n < batchHeader {
		c.err = errBatch
		return
	}
	h := c.take(batchHeader)
	if h == nil {
		return
	}
	p := r.current.produce
	if int64(binary.BigEndian.Uint32(h[8:]))+batchPrefix != int64(n) || h[16] != batchMagic {
		c.err = errBatch
		return
	}
	if len(p.Batches) == maxBatches {
		c.err = errBatches
		return
	}
	p.Batches = append(p.Batches, batch(h))
	b := &p.Batches[len(p.Batches)-1]
	b.Topic, b.TopicID, b.Partition, b.Bytes = r.topic, r.topicID, partition, int32(n)
	c.skip = n - batchHeader
	c.close(r.flexible, 1+r.advance())
}

// batch reads the header of a record batch.
func batch(h []byte) Batch {
	attributes := binary.BigEndian.Uint16(h[21:])
	return Batch{
		CRC:            binary.BigEndian.Uint32(h[17:]),
		Codec:          Codec(attributes & 7),
		Transactional:  attributes&0x10 != 0,
		FirstTimestamp: int64(binary.BigEndian.Uint64(h[27:])),
		MaxTimestamp:   int64(binary.BigEndian.Uint64(h[35:])),
		ProducerID:     int64(binary.BigEndian.Uint64(h[43:])),
		Epoch:          int16(binary.BigEndian.Uint16(h[51:])),
		Sequence:       int32(binary.BigEndian.Uint32(h[53:])),
		Records:        int32(binary.BigEndian.Uint32(h[57:])),
		Code:           -1,
		BaseOffset:     -1,
		AppendTime:     -1,
	}
}

// advance goes to the next partition, topic or the end, and returns how many
// levels closed on the way: each ends with tagged fields.
func (r *requests) advance() int {
	switch {
	case r.parts > 0:
		r.parts--
		r.at = atPart
		return 0
	case r.topics > 0:
		r.topics--
		r.at = atTopic
		return 1
	default:
		r.at = atEnd
		return 2
	}
}

// name returns b as a string, allocated only the first time it is seen.
func (r *requests) name(b []byte) string {
	if s, ok := r.names[string(b)]; ok {
		return s
	}
	if len(r.names) >= maxNames {
		clear(r.names)
	}
	s := string(b)
	r.names[s] = s
	return s
}
