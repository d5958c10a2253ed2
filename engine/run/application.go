package run

import (
	"sync"
	"time"
)

// callbacks is what a run needs to wait for slow ones.
type callbacks struct {
	over chan struct{} // closed by Drop
	once sync.Once
}

func (c *callbacks) end() { c.once.Do(func() { close(c.over) }) }

// callback calls the record's callback, where that takes time; last says that
// no record of its batch follows. The recorder's section is left meanwhile, for
// else no interval could close.
func (r *Run) callback(rec *Record, last bool) {
	if r.o.Callback == nil || rec.Silent {
		return
	}
	takes := r.o.Callback()
	if takes <= 0 {
		return
	}
	r.o.Recorder.End()
	t := time.NewTimer(takes)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.callbacks.over:
	}
	r.o.Recorder.Begin(0)
	if !last {
		r.o.Recorder.Called(r.now())
	}
}

// Settle is the beginning of the application's flush: it sends what is open.
// Batches count as closed by it until over is called. Any sender may call it.
func (r *Run) Settle() (over func()) {
	at := r.now()
	r.flushing.CompareAndSwap(0, at)
	r.Unlinger()
	return func() { r.flushing.CompareAndSwap(at, 0) }
}
