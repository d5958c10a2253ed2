package wire

import (
	"errors"
	"fmt"
)

// maxWaiting and maxWaitingBatches bound what is remembered until answers come.
const (
	maxWaiting        = 1 << 12
	maxWaitingBatches = 1 << 17
)

var (
	errUnasked   = errors.New("an answer that nothing was asked for")
	errTooMany   = errors.New("more requests wait for an answer than any client has in flight")
	errManyParts = errors.New("more partitions in the answer than in the request")
)

// answers walks the frames that a broker sends, in the order of the requests,
// and fills in what it says of each batch. The connection's mutex guards it.
type answers struct {
	frame
	queue   queue
	lax     bool     // a request with acks=0 went out: some brokers answer it nevertheless
	matched bool     // the frame answers the head of the queue
	produce *Request // the head, if it is a produce request
	known   bool     // the current topic was asked for
	errors  int      // of records, left in the current partition
	next    int      // the batch that is answered next if the broker keeps the order
	seen    int      // partitions
}

func (a *answers) begin(size int) {
	a.at, a.size, a.matched, a.produce = atHead, size, false, nil
}

// forgives passes over what a broker says of a request that it was asked: the
// batches that were not told of until then are not told of at all.
func (a *answers) forgives() bool { return a.produce != nil }

func (a *answers) step(c *cursor) {
	switch a.at {
	case atHead:
		a.head(c)
	case atTopics:
		n := c.array(a.flexible)
		if c.whole() {
			a.topics, a.parts = n, 0
			a.advance()
		}
	case atTopic:
		a.nextTopic(c)
	case atPart:
		a.part(c)
	case atErrors:
		n := c.array(a.flexible)
		if c.whole() {
			a.errors = n
			a.nextError()
		}
	case atError:
		a.oneError(c)
	case atMessage:
		n := c.text(a.flexible)
		if c.whole() {
			c.skip = n
			c.close(a.flexible, 1+a.advance())
		}
	default:
		a.throttle(c)
	}
}

func (a *answers) head(c *cursor) {
	id := c.int32()
	if !c.whole() {
		return
	}
	w, ok := a.queue.head()
	a.matched = ok && w.correlation == id
	if !a.matched && !a.lax {
		c.err = fmt.Errorf("correlation id %d: %w", id, errUnasked)
		return
	}
	if !a.matched || w.produce == nil {
		c.skip = a.size - c.i
		a.at = atEnd
		return
	}
	a.produce = w.produce
	a.flexible = w.produce.Version >= flexibleProduce
	a.next, a.seen = 0, 0
	a.at = atTopics
	c.close(a.flexible, 1)
}

func (a *answers) nextTopic(c *cursor) {
	var name []byte
	var id [16]byte
	if a.produce.Version >= topicIDProduce {
		copy(id[:], c.take(len(id)))
	} else {
		name = c.take(c.text(a.flexible))
	}
	parts := c.array(a.flexible)
	if !c.whole() {
		return
	}
	a.find(name, id)
	a.parts = parts
	c.close(a.flexible, a.advance())
}

// find remembers the topic by the request's own string, so that nothing is
// allocated.
func (a *answers) find(name []byte, id [16]byte) {
	batches := a.produce.Batches
	for k := range batches {
		b := &batches[(a.next+k)%len(batches)]
		if b.TopicID == id && b.Topic == string(name) {
			a.topic, a.topicID, a.known = b.Topic, id, true
			return
		}
	}
	a.known = false
}

func (a *answers) part(c *cursor) {
	partition, code, base := c.int32(), c.int16(), c.int64()
	appended := int64(-1)
	if a.produce.Version >= 2 {
		appended = c.int64()
	}
	if a.produce.Version >= 5 {
		c.int64() // log start offset
	}
	if !c.whole() {
		return
	}
	if a.seen++; a.seen > len(a.produce.Batches) {
		c.err = errManyParts
		return
	}
	if b := a.asked(partition); b != nil {
		b.Told, b.Code, b.BaseOffset, b.AppendTime = true, code, base, appended
	}
	if a.produce.Version >= 8 {
		a.at = atErrors
		return
	}
	a.advance()
}

// asked finds the batch that an answer is about.
func (a *answers) asked(partition int32) *Batch {
	batches := a.produce.Batches
	for k := 0; a.known && k < len(batches); k++ {
		i := (a.next + k) % len(batches)
		b := &batches[i]
		if b.Partition == partition && b.TopicID == a.topicID && b.Topic == a.topic {
			a.next = i + 1
			return b
		}
	}
	return nil
}

// oneError passes over the error of one record of a refused batch.
func (a *answers) oneError(c *cursor) {
	c.int32() // index in the batch
	n := c.text(a.flexible)
	if !c.whole() {
		return
	}
	c.skip = n
	c.close(a.flexible, 1)
	a.nextError()
}

func (a *answers) nextError() {
	a.at = atMessage
	if a.errors > 0 {
		a.errors--
		a.at = atError
	}
}

func (a *answers) throttle(c *cursor) {
	ms := c.int32()
	if !c.whole() {
		return
	}
	a.produce.ThrottleMs = ms
	a.at = atEnd
	c.close(a.flexible, 1)
}

// advance goes to the next partition, topic or what follows them, and returns
// how many levels closed on the way.
func (a *answers) advance() int {
	topicEnds := 0
	if a.parts == 0 && a.at != atTopics {
		topicEnds = 1
	}
	switch {
	case a.parts > 0:
		a.parts--
		a.at = atPart
	case a.topics > 0:
		a.topics--
		a.at = atTopic
	case a.produce.Version == 0:
		a.at = atEnd
	default:
		a.at = atThrottle
	}
	return topicEnds
}

// queue holds the requests that wait for an answer, oldest first.
type queue struct {
	items   []waiting
	first   int
	batches int // in all of them
}

func (q *queue) head() (waiting, bool) {
	if q.first == len(q.items) {
		return waiting{}, false
	}
	return q.items[q.first], true
}

// push reports whether there was room.
func (q *queue) push(w waiting) bool {
	if len(q.items)-q.first >= maxWaiting || q.batches+w.batches() > maxWaitingBatches {
		return false
	}
	q.batches += w.batches()
	if q.first == len(q.items) {
		q.items, q.first = q.items[:0], 0
	} else if q.first >= 64 && q.first*2 >= len(q.items) {
		q.items = q.items[:copy(q.items, q.items[q.first:])]
		q.first = 0
	}
	q.items = append(q.items, w)
	return true
}

func (q *queue) pop() {
	q.batches -= q.items[q.first].batches()
	q.items[q.first] = waiting{}
	q.first++
}

// oldest is the produce request that waits longest, nil if none waits.
func (q *queue) oldest() *Request {
	for _, w := range q.items[q.first:] {
		if w.produce != nil {
			return w.produce
		}
	}
	return nil
}

// clear empties the queue and returns the produce requests that were in it.
func (q *queue) clear() []*Request {
	var left []*Request
	for _, w := range q.items[q.first:] {
		if w.produce != nil {
			left = append(left, w.produce)
		}
	}
	*q = queue{}
	return left
}

func (w waiting) batches() int {
	if w.produce == nil {
		return 0
	}
	return len(w.produce.Batches)
}
