package engine

import "sync"

// orders are what the session's own goroutine is told to do besides changes of
// the producer, in their order: it alone ends and begins runs. Any goroutine
// may add to them; nothing waits.
type orders struct {
	mu   sync.Mutex
	list []func()
	some chan struct{} // has room for one
}

func (o *orders) add(do func()) {
	o.mu.Lock()
	o.list = append(o.list, do)
	o.mu.Unlock()
	o.nudge()
}

func (o *orders) nudge() {
	select {
	case o.some <- struct{}{}:
	default:
	}
}

// next carries out the oldest.
func (o *orders) next() {
	o.mu.Lock()
	if len(o.list) == 0 {
		o.mu.Unlock()
		return
	}
	do := o.list[0]
	o.list = o.list[1:]
	if len(o.list) > 0 {
		o.nudge()
	}
	o.mu.Unlock()
	do()
}
