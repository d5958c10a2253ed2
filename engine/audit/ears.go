package audit

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ears know whether the reader listens: whether a fetch is on its way to each
// leader. Before that, what is written gathers while the reader connects, and
// would be taken for slow to become visible.
type ears struct {
	mu    sync.Mutex
	wants map[int32]bool // the leaders to which no fetch was sent yet
	all   chan struct{}  // closed once there is none
}

func newEars() *ears { return &ears{wants: map[int32]bool{}, all: make(chan struct{})} }

// leads notes the leaders to listen to, before the reader knows what to read.
func (e *ears) leads(partitions kadm.PartitionDetails) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range partitions {
		if p.Leader >= 0 {
			e.wants[p.Leader] = true
		}
	}
}

// OnBrokerWrite implements kgo.HookBrokerWrite.
func (e *ears) OnBrokerWrite(to kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, err error) {
	if key == int16(kmsg.Fetch) && err == nil {
		e.listensTo(to.NodeID)
	}
}

func (e *ears) listensTo(node int32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.wants[node] {
		return
	}
	delete(e.wants, node)
	if len(e.wants) == 0 {
		close(e.all)
	}
}

// open waits until the reader listens, for a moment at most: where a leader does
// not answer, the load begins all the same.
func (e *ears) open(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, listenIn)
	defer cancel()
	e.mu.Lock()
	none := len(e.wants) == 0
	e.mu.Unlock()
	if none {
		return
	}
	select {
	case <-e.all:
	case <-ctx.Done():
	}
}
