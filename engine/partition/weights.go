package partition

import (
	"math/rand/v2"
	"slices"
	"sort"
)

// Waiting is how much waits for one partition, as the accumulator sees it.
type Waiting struct {
	Batches int  // opened and not sent, or to be sent again
	Out     bool // it has no leader, or its broker takes nothing
}

// Weigh makes anew how a topic's next sticky partition is drawn, from what
// look says of each partition and the records that it was given so far. As in
// the Java client (RecordAccumulator.partitionReady) all are drawn alike until
// each has had a record. One goroutine at a time may call it for a topic; it
// takes no lock of kgo.
func (p *Partitioner) Weigh(name string, look func(partition int, accepted int64) Waiting) {
	t, ok := (*p.topics.Load())[name]
	if !ok {
		return
	}
	placer, counts := t.placer.Load(), *t.counts.Load()
	partitions, batches, all := make([]int, 0, len(counts)), make([]int, 0, len(counts)), 0
	for i := range counts {
		accepted := counts[i].Load()
		w := look(i, accepted)
		if !placer.takes(i) {
			continue
		}
		if accepted == 0 {
			t.weights.Store(nil)
			return
		}
		all++
		if !w.Out {
			partitions, batches = append(partitions, i), append(batches, w.Batches)
		}
	}
	t.weights.Store(newWeights(partitions, batches, all))
}

// weights say how likely each partition is to be the next: the more batches
// wait for it, the less. It is what BuiltInPartitioner calls the cumulative
// frequency table.
type weights struct {
	partitions []int // ascending
	sums       []int // of the weights up to and including each
}

// newWeights makes them from the batches that wait for the partitions that may
// be drawn, out of so many in all. Nil: all are drawn alike. batches becomes
// part of it.
func newWeights(partitions, batches []int, all int) *weights {
	if len(partitions) == 0 || all < 2 {
		return nil
	}
	most := slices.Max(batches)
	if len(partitions) == all && slices.Min(batches) == most {
		return nil
	}
	sum := 0
	for i, n := range batches {
		sum += most + 1 - n
		batches[i] = sum
	}
	return &weights{partitions: partitions, sums: batches}
}

// total is one more than the greatest number that at takes.
func (w *weights) total() int { return w.sums[len(w.sums)-1] }

// at is the partition of a number from 0 to total.
func (w *weights) at(number int) int {
	return w.partitions[sort.Search(len(w.sums), func(i int) bool { return w.sums[i] > number })]
}

// draw draws a partition other than old. Java may draw that one again; here its
// next batch would take the full one along and leave as a stump, so it is only
// drawn where it outweighs all others together.
func (w *weights) draw(random *rand.Rand, old int) int {
	from, share := 0, 0
	if i, found := slices.BinarySearch(w.partitions, old); found {
		if i > 0 {
			from = w.sums[i-1]
		}
		share = w.sums[i] - from
	}
	if share > w.total()-share {
		return w.at(random.IntN(w.total()))
	}
	number := random.IntN(w.total() - share)
	if number >= from {
		number += share
	}
	return w.at(number)
}
