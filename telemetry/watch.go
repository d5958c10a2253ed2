package telemetry

import (
	"slices"
	"sync/atomic"
)

// Watch measures for how long acknowledgements of some partitions stay away. It
// is told of batches, not of records. Its methods are safe for any goroutine.
type Watch struct {
	parts []int32 // by the recorder's index; nil: all

	missing atomic.Int64 // instant since when an acknowledgement is missing
	longest atomic.Int64 // ns
	after   atomic.Int64 // the first acknowledgement from here on is looked for; 0: not yet
	first   atomic.Int64 // 0: it has not come
}

// Watch begins to look at partitions, nil for all, as of an instant of the
// session; what came before it is left out.
func (m *Meter) Watch(parts []int32, from int64) *Watch {
	w := NewWatch(parts, from)
	m.Attach(w)
	return w
}

// NewWatch is a watch of partitions that any meter can be given with Attach: it
// measures for how long acknowledgements stay away from all of them together.
func NewWatch(parts []int32, from int64) *Watch {
	w := &Watch{parts: parts}
	w.missing.Store(from)
	return w
}

// Attach lets the meter tell a watch of its batches too.
func (m *Meter) Attach(w *Watch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keep(append(m.watching(), w))
}

// Unwatch looks no more. What the watch has seen stays.
func (m *Meter) Unwatch(w *Watch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keep(slices.DeleteFunc(m.watching(), func(other *Watch) bool { return w == other }))
}

// watching is a copy of the watches, under mu.
func (m *Meter) watching() []*Watch {
	if list := m.watches.Load(); list != nil {
		return slices.Clone(*list)
	}
	return nil
}

func (m *Meter) keep(list []*Watch) {
	if len(list) == 0 {
		m.watches.Store(nil)
		return
	}
	m.watches.Store(&list)
}

// acked tells the watches of a batch whose callbacks began at an instant.
func (m *Meter) acked(partition int32, at int64) {
	list := m.watches.Load()
	if list == nil {
		return
	}
	for _, w := range *list {
		if w.parts == nil || slices.Contains(w.parts, partition) {
			w.acked(at)
		}
	}
}

func (w *Watch) acked(at int64) {
	for since := w.missing.Load(); at > since; since = w.missing.Load() {
		if w.missing.CompareAndSwap(since, at) {
			raise(&w.longest, at-since)
			break
		}
	}
	if after := w.after.Load(); after > 0 && at >= after {
		w.first.CompareAndSwap(0, at)
	}
}

// Rest tells that nothing waited for an acknowledgement at an instant, so that
// none was missing.
func (w *Watch) Rest(at int64) { raise(&w.missing, at) }

// After looks for the first acknowledgement from an instant on.
func (w *Watch) After(at int64) { w.after.Store(max(at, 1)) }

// First is the acknowledgement that After looks for, 0 until it came.
func (w *Watch) First() int64 { return w.first.Load() }

// Longest is the longest time without an acknowledgement, in nanoseconds; the
// one that has not ended at the instant now is among them.
func (w *Watch) Longest(now int64) int64 { return max(w.longest.Load(), now-w.missing.Load()) }

func raise(a *atomic.Int64, to int64) {
	for was := a.Load(); to > was; was = a.Load() {
		if a.CompareAndSwap(was, to) {
			return
		}
	}
}

// Backlog is how many records were due and had no outcome yet at the last
// close, wherever they waited, and how many became due in its interval.
func (m *Meter) Backlog() (records, due int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := &m.total
	records = t.due - t.send.refused - t.ack.acked - t.ack.failed - t.ack.unknown
	if n := len(m.series.fine); n > 0 {
		due = m.series.fine[n-1].sums.due
	}
	return records, due
}
