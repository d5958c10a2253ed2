package run

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// tracks finds the track of a partition without a lock. Partitions can be
// added while the run lives, so the lists are replaced when one is new.
type tracks struct {
	mu  sync.Mutex // of those who add
	all atomic.Pointer[map[string][]*track]
}

// of are the tracks of a topic by partition; some may be nil.
func (t *tracks) of(topic string) []*track {
	if all := t.all.Load(); all != nil {
		return (*all)[topic]
	}
	return nil
}

// track is that of a partition, made when it is first asked for. Any goroutine
// may call it.
func (r *Run) track(topic string, partition int32) *track {
	if list := r.tracks.of(topic); int(partition) < len(list) && list[partition] != nil {
		return list[partition]
	}
	r.tracks.mu.Lock()
	defer r.tracks.mu.Unlock()
	return r.addTracks(topic, partition, int(partition)+1)[partition]
}

// addTracks makes the tracks of a topic from one partition on up to another,
// under the lock, where there are none, and returns all of the topic's.
func (r *Run) addTracks(topic string, from int32, to int) []*track {
	list := slices.Clone(r.tracks.of(topic))
	list = append(list, make([]*track, max(to-len(list), 0))...)
	for p := from; int(p) < to; p++ {
		if list[p] == nil {
			list[p] = &track{topic: topic, partition: p, index: r.o.Index(topic, p)}
		}
	}
	next := map[string][]*track{}
	if all := r.tracks.all.Load(); all != nil {
		next = maps.Clone(*all)
	}
	next[topic] = list
	r.tracks.all.Store(&next)
	return list
}
