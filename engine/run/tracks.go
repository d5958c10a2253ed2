package run

import (
	"maps"
	"sync"
	"sync/atomic"
)

// place is a partition's address.
type place struct {
	topic     string
	partition int32
}

// tracks finds the track of a partition without a lock. Partitions can be
// added while the run lives, so the map is replaced when one is new.
type tracks struct {
	mu  sync.Mutex // of those who add
	all atomic.Pointer[map[place]*track]
}

// track is that of a partition, made when it is first asked for. Any goroutine
// may call it.
func (r *Run) track(topic string, partition int32) *track {
	at := place{topic, partition}
	if all := r.tracks.all.Load(); all != nil {
		if t := (*all)[at]; t != nil {
			return t
		}
	}
	r.tracks.mu.Lock()
	defer r.tracks.mu.Unlock()
	next := map[place]*track{}
	if all := r.tracks.all.Load(); all != nil {
		if t := (*all)[at]; t != nil {
			return t
		}
		next = maps.Clone(*all)
	}
	t := &track{topic: topic, partition: partition, index: r.o.Index(topic, partition)}
	next[at] = t
	r.tracks.all.Store(&next)
	return t
}
