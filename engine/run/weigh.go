package run

import (
	"context"
	"sync"
	"time"

	"kdyno/engine/partition"
)

// The least time between two weighings: so long, and so much more for each
// partition that a producer of a thousand spends next to nothing on it.
const (
	weighEach    = time.Millisecond
	weighPerPart = 20 * time.Microsecond
)

// weigher tells the partitioner how much waits for each partition, as Java's
// accumulator does whenever it looks for batches that are ready (KIP-794,
// RecordAccumulator.partitionReady). That is after anything that changes it: a
// batch was opened, a request written, answered or lost. An idle producer weighs
// nothing. A nil weigher does nothing.
type weigher struct {
	run    *Run
	due    chan struct{}
	cancel context.CancelFunc
	done   chan struct{}

	mu    sync.Mutex
	taken map[int32]int64 // by broker: when it was last written to

	// Of its own goroutine, by broker.
	brokers map[int32]*taking
}

// taking is Java's NodeLatencyStats: for how long a broker has had batches to
// take and has taken none.
type taking struct {
	ready   int64 // when it last had any
	drained int64 // when it last took some, or began to have any
	waiting bool  // it had some when it was last looked at
	now     bool  // and has some now
}

func startWeigher(r *Run) *weigher {
	ctx, cancel := context.WithCancel(context.Background())
	w := &weigher{
		run: r, due: make(chan struct{}, 1), cancel: cancel, done: make(chan struct{}),
		taken: map[int32]int64{}, brokers: map[int32]*taking{},
	}
	go w.loop(ctx)
	return w
}

// wake asks for a weighing. It does not block, so the partitioner may call it.
func (w *weigher) wake() {
	if w == nil {
		return
	}
	select {
	case w.due <- struct{}{}:
	default:
	}
}

// took notes that a request was written to a broker.
func (w *weigher) took(broker int32, at int64) {
	if w == nil {
		return
	}
	if w.run.limits.available > 0 {
		w.mu.Lock()
		w.taken[broker] = at
		w.mu.Unlock()
	}
	w.wake()
}

func (w *weigher) loop(ctx context.Context) {
	defer close(w.done)
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.due:
		}
		partitions := w.weigh()
		pause.Reset(max(weighEach, time.Duration(partitions)*weighPerPart))
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
	}
}

// stop ends the goroutine and waits for it.
func (w *weigher) stop() {
	if w == nil {
		return
	}
	w.cancel()
	<-w.done
}

// weigh looks at all partitions and returns how many there are.
func (w *weigher) weigh() (partitions int) {
	now := w.run.now()
	for _, b := range w.brokers {
		b.now = false
	}
	for i := range w.run.o.Topics {
		topic := w.run.o.Topics[i].Name
		w.run.partitioner.Weigh(topic, func(p int, accepted int64) partition.Waiting {
			partitions++
			return w.look(topic, int32(p), accepted, now)
		})
	}
	w.settle(now)
	return partitions
}

// look says what waits for one partition. As in Java the broker is judged by
// what was seen of it the last time, and a partition for which nothing waits is
// not left out with it.
func (w *weigher) look(topic string, p int32, accepted, now int64) partition.Waiting {
	// With an error the client still tells the last leader.
	leader, _, err := w.run.client.PartitionLeader(topic, p)
	if err != nil || leader < 0 {
		return partition.Waiting{Out: true}
	}
	b := w.run.track(topic, p).backlog(accepted)
	waiting := partition.Waiting{Batches: b.batches}
	if w.run.limits.available <= 0 || b.batches == 0 {
		return waiting
	}
	broker := w.brokers[leader]
	if broker == nil {
		broker = &taking{ready: now, drained: now}
		w.brokers[leader] = broker
	}
	waiting.Out = broker.ready-broker.drained > w.run.limits.available
	broker.now = broker.now || w.run.sendable(b, now)
	return waiting
}

// settle notes which brokers had something to take, and what they took.
func (w *weigher) settle(now int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, b := range w.brokers {
		b.drained = max(b.drained, w.taken[id])
		if b.now {
			if !b.waiting {
				b.drained = now
			}
			b.ready = now
		}
		b.waiting = b.now
	}
}

// sendable says whether Java would count a partition's backlog as ready: its
// first batch is full, has lingered, or must go because of a flush or for want
// of memory; one to be sent again has backed off; and with one request in flight
// none of the partition's is under way.
func (r *Run) sendable(b backlog, now int64) bool {
	if r.limits.inFlight == 1 && b.underWay {
		return false
	}
	if b.failed > 0 {
		return now-b.failed >= r.limits.backoff
	}
	if b.batches > 1 {
		return true
	}
	ready, _ := r.readiness(b.opened, b.full, now)
	return ready < now
}
