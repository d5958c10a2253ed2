package engine

import (
	"sync"

	"kdyno/engine/cluster"
)

// place is a partition's address.
type place struct {
	topic     string
	partition int32
}

// places numbers the partitions in the order in which they were met; the
// recorder counts by that number. A partition that is added to a topic while
// the session runs gets the next one.
type places struct {
	mu    sync.Mutex
	index map[place]int32
	list  []place
}

// of is the number of a partition.
func (p *places) of(topic string, partition int32) int32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := place{topic, partition}
	if i, known := p.index[at]; known {
		return i
	}
	if p.index == nil {
		p.index = map[place]int32{}
	}
	i := int32(len(p.list))
	p.index[at] = i
	p.list = append(p.list, at)
	return i
}

// all lists the partitions by number.
func (p *places) all() []place {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.list[:len(p.list):len(p.list)]
}

// meet numbers the partitions of topics.
func (p *places) meet(topics []cluster.Topic) {
	for _, t := range topics {
		for i := range t.Leaders {
			p.of(t.Name, int32(i))
		}
	}
}
