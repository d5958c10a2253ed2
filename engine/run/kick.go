package run

import (
	"context"
	"sync"
)

// kicks sends full batches that the partitioner has left behind. The client
// notices a full batch only when the next record of the same partition opens
// another; a sticky partitioner goes elsewhere, and the full batch would
// linger to the end. A record that the partitioner refuses, produced
// synchronously to that partition, stops its lingering (franz-go
// producer.go, ProduceSync); nothing of it reaches the wire.
type kicks struct {
	run    *Run
	mu     sync.Mutex
	due    []*track
	wake   chan struct{}
	cancel context.CancelFunc
	done   chan struct{}
}

func startKicks(r *Run) *kicks {
	ctx, cancel := context.WithCancel(context.Background())
	k := &kicks{run: r, wake: make(chan struct{}, 1), cancel: cancel, done: make(chan struct{})}
	go k.loop(ctx)
	return k
}

// kick asks for the partition's batch to be sent. Called under the client's
// lock of the topic, so it only notes it.
func (k *kicks) kick(t *track) {
	k.mu.Lock()
	k.due = append(k.due, t)
	k.mu.Unlock()
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

func (k *kicks) loop(ctx context.Context) {
	defer close(k.done)
	var due []*track
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.wake:
		}
		k.mu.Lock()
		due, k.due = k.due, due[:0]
		k.mu.Unlock()
		for _, t := range due {
			// It always fails, by the partitioner's refusal.
			_ = k.run.client.ProduceSync(ctx, sentinel(t.topic, t.partition)).FirstErr()
		}
	}
}

// stop ends the goroutine and waits for it.
func (k *kicks) stop() {
	k.cancel()
	<-k.done
}
