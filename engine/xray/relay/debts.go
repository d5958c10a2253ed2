package relay

import (
	"sync"

	"kdyno/engine/cluster/signpost"
)

// mostDebts bounds the requests of which nobody knows whether they are answered:
// those with acks=0 are not.
const mostDebts = 1 << 12

// debts are the requests whose answers are looked at, in order. Any goroutine
// may add; one takes.
type debts struct {
	mu   sync.Mutex
	list []signpost.Head
}

func (d *debts) add(h signpost.Head) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.list) >= mostDebts {
		d.list = append(d.list[:0], d.list[mostDebts/2:]...)
	}
	d.list = append(d.list, h)
}

// due tells whether an answer is to one of them, which is then the first: those
// before it will not be answered.
func (d *debts) due(correlation int32) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, h := range d.list {
		if h.Correlation == correlation {
			d.list = append(d.list[:0], d.list[i:]...)
			return true
		}
	}
	return false
}

// take returns the first one, of which due has told.
func (d *debts) take() signpost.Head {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.list[0]
	d.list = append(d.list[:0], d.list[1:]...)
	return h
}
