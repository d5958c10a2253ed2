package partition

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
)

// The Java producer's own BuiltInPartitioner was told of the queues, and asked
// for the partition of each number that it may draw.
func TestWeightsAreTheJavaProducers(t *testing.T) {
	var java struct {
		Draws []struct {
			All                        int
			Partitions, Batches, Picks []int
		}
	}
	readVectors(t, "java.json", &java)
	if len(java.Draws) < 50 {
		t.Fatalf("%d queues are too few", len(java.Draws))
	}
	for _, d := range java.Draws {
		var picks []int
		if w := newWeights(d.Partitions, slices.Clone(d.Batches), d.All); w != nil {
			for number := range w.total() {
				picks = append(picks, w.at(number))
			}
		}
		if diff := cmp.Diff(d.Picks, picks); diff != "" {
			t.Errorf("%v of %v, %d in all: picks (-want +got):\n%s", d.Batches, d.Partitions, d.All, diff)
		}
	}
}

// drawn is how often each of six partitions is drawn out of 60,000, with full
// batches whose queues never change.
func drawn(t *testing.T, class string, waiting [6]Waiting) [6]int {
	t.Helper()
	o := standard()
	o.Class = class
	b := newBench(o)
	for p := range 6 {
		r := unkeyed(1)
		b.pins[r] = p // each has had a record
		b.sent(r, 6, true)
	}
	b.of.Weigh("t", func(p int, _ int64) Waiting { return waiting[p] })
	var counts [6]int
	for range 60_000 {
		counts[b.sent(unkeyed(16384), 6, true)]++
	}
	return counts
}

func wait(batches ...int) (w [6]Waiting) {
	for p, n := range batches {
		w[p].Batches = n
	}
	return w
}

func out(w [6]Waiting, partitions ...int) [6]Waiting {
	for _, p := range partitions {
		w[p].Out = true
	}
	return w
}

func TestPartitionsAreDrawnByWhatWaits(t *testing.T) {
	tests := []struct {
		name    string
		class   string
		waiting [6]Waiting
		want    [6]int // of 60,000, give or take 4 in 100 and 150
	}{
		{"nothing waits", "", wait(), [6]int{10_000, 10_000, 10_000, 10_000, 10_000, 10_000}},
		{"as much waits for each", "", wait(3, 3, 3, 3, 3, 3), [6]int{10_000, 10_000, 10_000, 10_000, 10_000, 10_000}},
		// Without its last partition each chain of draws has a share of
		// weight times the others' weights.
		{"two are behind", "", wait(9, 9, 0, 0, 0, 0), [6]int{1807, 1807, 14_096, 14_096, 14_096, 14_096}},
		{"one is left out", "", out(wait(), 5), [6]int{12_000, 12_000, 12_000, 12_000, 12_000, 0}},
		{"all but one are left out", "", out(wait(), 0, 1, 2, 4, 5), [6]int{0, 0, 0, 60_000, 0, 0}},
		{"all are left out", "", out(wait(1), 0, 1, 2, 3, 4, 5), [6]int{10_000, 10_000, 10_000, 10_000, 10_000, 10_000}},
		// Weights of 20 and 1: after the light one always the heavy one, after
		// the heavy one itself 20 times of 21.
		{"one outweighs the others", "", out(wait(0, 19), 2, 3, 4, 5), [6]int{57_273, 2727, 0, 0, 0, 0}},
		{"a VIP's partition is not drawn", "vip:gold=2,*=hash", wait(0, 0, 0, 4, 4, 4), [6]int{20_690, 20_690, 0, 6207, 6207, 6207}},
		{"a VIP's queue weighs nothing", "vip:gold=2,*=hash", wait(1, 1, 7, 1, 1, 1), [6]int{12_000, 12_000, 0, 12_000, 12_000, 12_000}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := drawn(t, tt.class, tt.waiting)
			for p := range got {
				slack := tt.want[p]*4/100 + 150
				if tt.want[p] == 0 {
					slack = 0
				}
				if got[p] < tt.want[p]-slack || got[p] > tt.want[p]+slack {
					t.Errorf("got %v, want about %v", got, tt.want)
					break
				}
			}
		})
	}
}

// As in Java, queues count only once each partition has had a record: one that
// is missing would never be drawn.
func TestAllAreDrawnAlikeUntilEachHasHadARecord(t *testing.T) {
	b := newBench(standard())
	first := b.sent(unkeyed(10), 6, true)
	weigh := func() { b.of.Weigh("t", func(p int, _ int64) Waiting { return Waiting{Batches: p} }) }
	if weigh(); b.topic.weights.Load() != nil {
		t.Error("weights although five partitions have had nothing")
	}
	for p := range 6 {
		r := unkeyed(1)
		b.pins[r] = p
		b.sent(r, 6, true)
	}
	if weigh(); b.topic.weights.Load() == nil {
		t.Errorf("no weights although each has had a record; the first went to %d", first)
	}
	b.sent(unkeyed(1), 7, false)
	if weigh(); b.topic.weights.Load() != nil {
		t.Error("weights although the seventh partition has had nothing")
	}
}

func TestWeighOfAnUnknownTopicDoesNothing(t *testing.T) {
	New(standard(), silent{}).Weigh("unknown", func(int, int64) Waiting {
		t.Error("a partition of it was asked about")
		return Waiting{}
	})
}

// Weights of a moment ago may name partitions that are no longer there.
func TestWeightsOfMorePartitionsThanThereAre(t *testing.T) {
	b := newBench(standard())
	for p := range 6 {
		r := unkeyed(1)
		b.pins[r] = p
		b.sent(r, 6, true)
	}
	b.of.Weigh("t", func(p int, _ int64) Waiting { return Waiting{Batches: 5 - p} })
	for range 1000 {
		if p := b.sent(unkeyed(16384), 2, true); p < 0 || p > 1 {
			t.Fatalf("got %d of 2", p)
		}
	}
}

// Weighing goes on beside the senders. Run it with -race.
func TestWeighingBesideSenders(t *testing.T) {
	o := standard()
	o.Class = setting.BuiltIn
	p := New(o, silent{})
	topic := p.ForTopic("t")
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		r := rand.New(rand.NewPCG(1, 1))
		for {
			select {
			case <-stop:
				return
			default:
				p.Weigh("t", func(int, int64) Waiting { return Waiting{Batches: r.IntN(9), Out: r.IntN(9) == 0} })
			}
		}
	})
	for i := range 50_000 {
		if got := topic.Partition(unkeyed(9000), 4+i%5); got < 0 {
			t.Errorf("got %d", got)
		}
	}
	close(stop)
	wg.Wait()
}
