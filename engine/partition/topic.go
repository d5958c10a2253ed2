package partition

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

// topic picks partitions of one topic. Everything but what is atomic is guarded
// by kgo's lock of the topic, which it holds from the first question about a
// record until the record is buffered (since topic has OnNewBatch).
type topic struct {
	name     string
	options  Options
	observer Observer
	random   *rand.Rand

	placer   atomic.Pointer[Placer]         // for as many partitions as kgo last named
	counts   atomic.Pointer[[]atomic.Int64] // records accepted, by partition
	weights  atomic.Pointer[weights]        // nil: all partitions are drawn alike
	open     []batch                        // as far as we know what is open, by partition
	sticky   int                            // -1: to be chosen
	produced int                            // bytes since sticky was chosen
	turn     uint64                         // of round robin

	last asked
}

// asked is the record in question, from its first question to a second one.
type asked struct {
	partition int
	before    batch // what was open there before it
	size      int   // its bytes in that batch
	free      bool  // it has no partition of its own, by pin or key
	again     bool  // it would open a batch, and is asked about once more
}

func newTopic(name string, o Options, observer Observer) *topic {
	t := &topic{
		name: name, options: o, observer: observer, sticky: -1,
		random: rand.New(rand.NewPCG(o.Seed, 794)),
	}
	t.counts.Store(new([]atomic.Int64))
	t.placer.Store(NewPlacer(o.Class, o.IgnoreKeys, 0))
	return t
}

// RequiresConsistency is always true: the partition's number, not its place
// among those with a leader, is what everything else is counted by.
func (*topic) RequiresConsistency(*kgo.Record) bool { return true }

// OnNewBatch is called when the record would open a batch where Partition put
// it; Partition is then asked once more.
func (t *topic) OnNewBatch() { t.last.again = true }

// Partition implements kgo.TopicPartitioner.
func (t *topic) Partition(r *kgo.Record, n int) int {
	if t.last.again {
		return t.again(r)
	}
	placer := t.placer.Load()
	if placer.partitions != n {
		placer = t.grow(n)
	}
	p, fixed := t.observer.Pin(r)
	switch {
	case fixed:
	case r.Key == nil && placer.sticks:
	case placer.rule == inTurn:
		p, fixed = t.next(n), true
	default:
		p, fixed = placer.Place(r.Key)
	}
	t.last.free = !fixed
	if t.last.free {
		p = t.stay(placer)
	}
	if p < 0 || p >= n {
		return -1
	}
	t.take(r, p, false)
	return p
}

// stay is the sticky partition. Twice batch.size is KIP-794's bound of staying
// where batches never fill, such as keyed records opening them here all the
// time.
func (t *topic) stay(placer *Placer) int {
	if t.sticky < 0 || t.sticky >= placer.partitions || t.produced >= 2*t.options.BatchBytes {
		t.choose(placer)
	}
	return t.sticky
}

// again answers the second question about a record: the batch in which it was
// to go is full, or has left.
func (t *topic) again(r *kgo.Record) int {
	last := t.last
	t.last.again = false
	counts := *t.counts.Load()
	counts[last.partition].Add(-1)
	full := last.before.records > 0 && last.before.bytes+last.size > t.options.LimitBytes
	tell := full && last.before.left != last.before.records
	p := last.partition
	if last.free {
		t.produced -= last.size
		if t.done(full, last.size) {
			t.choose(t.placer.Load())
		}
		p = t.sticky
	}
	if p == last.partition {
		t.open[p] = batch{}
	} else {
		t.move(last, p)
	}
	if tell {
		t.observer.Full(r, last.partition, counts[last.partition].Load(), p != last.partition)
	}
	t.take(r, p, true)
	return p
}

// move leaves the batch of the record's first partition for another one.
func (t *topic) move(last asked, to int) {
	// kgo closes a full batch only as it opens the next one there: a smaller
	// record may still go in.
	last.before.left = last.before.records
	t.open[last.partition] = last.before
	// Nobody says whether the record opens a batch where it goes now. What was
	// left there once is gone by now; what keyed records opened may not be.
	if t.open[to].left > 0 {
		t.open[to] = batch{}
	}
}

// done says that the sticky partition has had its share: KIP-794 leaves once
// batch.size went there and its batches are all full or gone. Java measures
// only what went there, so that a full batch, which lacks the record that did
// not fit, is followed by a second one there. kgo would send that one along
// with the first, as a stump; so the record counts here.
func (t *topic) done(full bool, size int) bool {
	return t.produced >= t.options.BatchBytes ||
		full && t.produced+size+batchHeader >= t.options.BatchBytes
}

// next takes the partitions in turn, over those without a leader.
func (t *topic) next(n int) int {
	for range n {
		p := t.step(n)
		if t.led(p) {
			return p
		}
	}
	return t.step(n)
}

func (t *topic) step(n int) int {
	p := int(t.turn % uint64(n))
	t.turn++
	return p
}

// choose draws the next sticky partition: one that has a leader, as in Java,
// and another than the last, since a full batch would take its successor along
// when it leaves.
func (t *topic) choose(placer *Placer) {
	old := t.sticky
	t.produced = 0
	for range placer.Rest() {
		t.sticky = t.draw(placer, old)
		if t.led(t.sticky) {
			return
		}
	}
	if old >= 0 && old < placer.partitions && t.led(old) {
		t.sticky = old
	}
}

// draw draws a partition by what waits for each, or all alike.
func (t *topic) draw(placer *Placer, old int) int {
	if w := t.weights.Load(); w != nil {
		// They may be those of a moment ago, when there were more partitions.
		if p := w.draw(t.random, old); p < placer.partitions {
			return p
		}
	}
	n, at := placer.partitions, old
	if placer.rest != nil {
		n, at = len(placer.rest), slices.Index(placer.rest, old)
	}
	i := t.even(n, at)
	if placer.rest != nil {
		return placer.rest[i]
	}
	return i
}

// even draws from n all alike, but for old where that is one of several.
func (t *topic) even(n, old int) int {
	if old < 0 || old >= n || n == 1 {
		return t.random.IntN(n)
	}
	i := t.random.IntN(n - 1)
	if i >= old {
		i++
	}
	return i
}

func (t *topic) led(p int) bool { return t.options.Led == nil || t.options.Led(t.name, p) }

// take counts the record in.
func (t *topic) take(r *kgo.Record, p int, opens bool) {
	b := &t.open[p]
	t.last.partition, t.last.before = p, *b
	t.last.size = b.add(r)
	if t.last.free {
		t.produced += t.last.size
	}
	number := (*t.counts.Load())[p].Add(1) - 1
	t.observer.Picked(r, p, number, opens)
}

// grow makes room for partitions that were added, and returns what places keys
// among as many as there are now.
func (t *topic) grow(n int) *Placer {
	placer := NewPlacer(t.options.Class, t.options.IgnoreKeys, n)
	t.placer.Store(placer)
	old := *t.counts.Load()
	if n <= len(old) {
		return placer
	}
	counts := make([]atomic.Int64, n)
	for i := range old {
		counts[i].Store(old[i].Load())
	}
	t.counts.Store(&counts)
	t.open = append(t.open, make([]batch, n-len(t.open))...)
	return placer
}

func (t *topic) accepted() []int64 {
	counts := *t.counts.Load()
	out := make([]int64, len(counts))
	for i := range counts {
		out[i] = counts[i].Load()
	}
	return out
}
