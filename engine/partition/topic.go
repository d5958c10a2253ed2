package partition

import (
	"math/rand/v2"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

// batchOverhead is the header of a record batch, message format v2.
const batchOverhead = 61

// recordOverhead is about what a record costs beyond key and value: length,
// attributes, two deltas, two lengths, no headers.
const recordOverhead = 10

// topic picks partitions of one topic. Everything but the counters is guarded
// by kgo's lock of the topic, which it holds from the first question about a
// record until the record is buffered (since topic has OnNewBatch).
type topic struct {
	options  Options
	observer Observer
	random   *rand.Rand

	counts   atomic.Pointer[[]atomic.Int64] // records accepted, by partition
	open     []int                          // bytes of the batch that is open, by our own count
	sticky   int                            // -1: to be chosen
	produced int                            // bytes since sticky was chosen
	turn     uint64                         // of round robin

	last    int  // where the record in question was put first
	size    int  // its bytes in a batch
	keyless bool // it may go anywhere
	reopen  bool // it would open a batch, and is asked about again
}

func newTopic(o Options, observer Observer) *topic {
	t := &topic{
		options: o, observer: observer, sticky: -1,
		random: rand.New(rand.NewPCG(o.Seed, 794)),
	}
	t.counts.Store(new([]atomic.Int64))
	return t
}

// RequiresConsistency is always true: the partition's number, not its place
// among those with a leader, is what everything else is counted by.
func (t *topic) RequiresConsistency(*kgo.Record) bool { return true }

// OnNewBatch is called when the record would open a batch where Partition put
// it; Partition is then asked once more.
func (t *topic) OnNewBatch() { t.reopen = true }

// Partition implements kgo.TopicPartitioner.
func (t *topic) Partition(r *kgo.Record, n int) int {
	t.grow(n)
	reopen := t.reopen
	t.reopen = false
	if reopen {
		return t.again(r, n)
	}
	p, pinned := t.observer.Pin(r)
	if pinned && (p < 0 || p >= n) {
		return -1
	}
	t.size = len(r.Key) + len(r.Value) + recordOverhead
	t.keyless = !pinned && (r.Key == nil || t.options.IgnoreKeys)
	if !pinned {
		p = t.pick(r, n)
	}
	t.take(r, p, false)
	return p
}

// again answers the second question about a record: the batch in which it was
// to go is full or has left.
func (t *topic) again(r *kgo.Record, n int) int {
	p := t.last
	counts := *t.counts.Load()
	counts[p].Add(-1)
	before := t.open[p] - t.size
	full := before > batchOverhead && before+t.size+recordOverhead > t.options.LimitBytes
	t.open[p] = 0
	next := p
	if t.keyless && t.options.Class == "" {
		t.produced -= t.size
		// KIP-794: leave once batch.size went there and its batches are all
		// full or gone; a full one counts although the next record, which did
		// not fit, is missing from the bytes.
		if t.produced >= t.options.BatchBytes || full && t.produced+t.size+batchOverhead >= t.options.BatchBytes {
			t.choose(n)
		}
		next = t.sticky
		t.produced += t.size
	}
	if full {
		t.observer.Full(r, p, counts[p].Load(), next != p)
	}
	t.take(r, next, true)
	return next
}

// pick chooses for a record that has no partition of its own.
func (t *topic) pick(r *kgo.Record, n int) int {
	switch {
	case t.options.Class == "round-robin":
		p := int(t.turn % uint64(n))
		t.turn++
		return p
	case !t.keyless:
		return Hash(r.Key, n)
	}
	if t.sticky < 0 || t.sticky >= n || t.produced >= 2*t.options.BatchBytes {
		t.choose(n)
	}
	t.produced += t.size
	return t.sticky
}

func (t *topic) choose(n int) {
	t.sticky = t.random.IntN(n)
	t.produced = 0
}

// take counts the record in.
func (t *topic) take(r *kgo.Record, p int, opens bool) {
	if t.open[p] == 0 {
		t.open[p] = batchOverhead
	}
	t.open[p] += t.size
	t.last = p
	number := (*t.counts.Load())[p].Add(1) - 1
	t.observer.Picked(r, p, number, opens)
}

// grow makes room for partitions that were added.
func (t *topic) grow(n int) {
	old := *t.counts.Load()
	if n <= len(old) {
		return
	}
	counts := make([]atomic.Int64, n)
	for i := range old {
		counts[i].Store(old[i].Load())
	}
	t.counts.Store(&counts)
	t.open = append(t.open, make([]int, n-len(t.open))...)
}

func (t *topic) accepted() []int64 {
	counts := *t.counts.Load()
	out := make([]int64, len(counts))
	for i := range counts {
		out[i] = counts[i].Load()
	}
	return out
}
