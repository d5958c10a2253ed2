package run

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What waits is what Java's deque of the partition would hold: batches that
// were never written, the filling one included, and those to be written again.
func TestBacklogIsWhatJavasAccumulatorHolds(t *testing.T) {
	tr := &track{}
	want := func(what string, accepted int64, b backlog) {
		t.Helper()
		if diff := cmp.Diff(b, tr.backlog(accepted), cmp.AllowUnexported(backlog{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	want("nothing was accepted", 0, backlog{})
	tr.opened(0, 0, 50)
	want("one fills", 3, backlog{batches: 1, opened: 50})
	tr.filled(10, 60)
	want("one is full", 10, backlog{batches: 1, opened: 50, full: 60})
	tr.opened(10, 1, 70)
	tr.filled(20, 80)
	tr.opened(20, 2, 90)
	want("two are full, one fills", 25, backlog{batches: 3, opened: 50, full: 60})
	tr.wrote(written(0, 10, 0), 100, -1, 1)
	want("the first is under way", 25, backlog{batches: 2, opened: 70, full: 80, underWay: true})
	tr.wrote(written(10, 10, 1), 110, -1, 1)
	tr.answered(written(0, 10, 0), 200, rejected)
	want("the first is to be written again", 25, backlog{batches: 2, opened: 90, failed: 200, underWay: true})
	tr.lost(written(10, 10, 1), 210)
	want("both are", 25, backlog{batches: 3, opened: 90, failed: 200})
	tr.wrote(written(0, 10, 0), 300, -1, 1)
	want("the first goes again", 25, backlog{batches: 2, opened: 90, failed: 210, underWay: true})
	tr.answered(written(0, 10, 0), 310, stored)
	tr.take(0)
	tr.wrote(written(10, 10, 1), 320, -1, 1)
	tr.answered(written(10, 10, 1), 330, stored)
	want("both are stored", 25, backlog{batches: 1, opened: 90})
	tr.wrote(written(20, 5, 2), 400, 0, 1)
	want("acks=0 has it all", 25, backlog{})
}

func TestBatchesAreReadyAsInJava(t *testing.T) {
	const now = 1000
	tests := []struct {
		name     string
		b        backlog
		inFlight int64
		flushed  int64
		want     bool
	}{
		{"one that fills", backlog{batches: 1, opened: 950}, 5, 0, false},
		{"one that has lingered", backlog{batches: 1, opened: 899}, 5, 0, true},
		{"a full one", backlog{batches: 1, opened: 950, full: 960}, 5, 0, true},
		{"one behind another", backlog{batches: 2, opened: 950}, 5, 0, true},
		{"one that fills during a flush", backlog{batches: 1, opened: 950}, 5, 900, true},
		{"one that backs off", backlog{batches: 3, opened: 899, failed: 990}, 5, 0, false},
		{"one that has backed off", backlog{batches: 3, opened: 899, failed: 980}, 5, 0, true},
		{"a full one behind one under way", backlog{batches: 1, opened: 950, full: 960, underWay: true}, 5, 0, true},
		{"with one in flight, behind one under way", backlog{batches: 1, opened: 950, full: 960, underWay: true}, 1, 0, false},
		{"with one in flight and none under way", backlog{batches: 1, opened: 950, full: 960}, 1, 0, true},
	}
	for _, tt := range tests {
		r := &Run{o: Options{Buffer: wide{}}, limits: limits{linger: 100, backoff: 20, inFlight: tt.inFlight}}
		r.flushing.Store(tt.flushed)
		if got := r.sendable(tt.b, now); got != tt.want {
			t.Errorf("%s: ready is %v, want %v", tt.name, got, tt.want)
		}
	}
}

// For how long a broker has taken nothing is counted while it has something to
// take; what it was is kept while it has nothing.
func TestBrokersAreTimedWhileTheyHaveSomethingToTake(t *testing.T) {
	w := &weigher{run: &Run{limits: limits{available: 1}}, due: make(chan struct{}, 1), taken: map[int32]int64{}, brokers: map[int32]*taking{}}
	broker := &taking{}
	w.brokers[7] = broker
	for _, step := range []struct {
		at    int64
		has   bool
		took  int64 // when it was written to meanwhile; 0: not
		taken int64 // for how long it has taken nothing
	}{
		{at: 1000, has: true},
		{at: 1100, has: true, taken: 100},
		{at: 1200, has: true, took: 1150, taken: 50},
		{at: 1300, has: true, taken: 150},
		{at: 1400, taken: 150}, // it has nothing, and is what it was
		{at: 1500, took: 1450, taken: -150},
		{at: 5000, has: true}, // time without anything does not count
		{at: 5100, has: true, taken: 100},
		{at: 5200, has: true, took: 5200},
	} {
		if step.took > 0 {
			w.took(7, step.took)
		}
		broker.now = step.has
		w.settle(step.at)
		if got := broker.ready - broker.drained; got != step.taken {
			t.Errorf("at %d: it has taken nothing for %d, want %d", step.at, got, step.taken)
		}
	}
}

// Nobody draws by what waits: then nothing is weighed, and nothing breaks.
func TestNoWeigherDoesNothing(*testing.T) {
	var w *weigher
	w.wake()
	w.took(1, 1)
	w.stop()
}
