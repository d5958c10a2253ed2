package audit

import (
	"context"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// How much of a held log stays behind the reader in each partition, in what
// steps it is let go, and how much may stand unread before the reader in all.
const (
	stays       = 1 << 20
	stride      = 256 << 10
	mostWaiting = 256 << 20
)

// hold keeps a cluster from removing what was not read yet, where that is
// possible.
type hold struct {
	retention Retention
	note      func(format string, args ...any)
	held      bool
	marks     map[*partition][]mark
	waiting   map[*partition]int64 // bytes that stand unread, about
}

// mark is an offset behind which so many bytes of a partition were read.
type mark struct{ offset, bytes int64 }

func (h *hold) take(ctx context.Context) {
	if h.retention == nil {
		return
	}
	h.marks, h.waiting = map[*partition][]mark{}, map[*partition]int64{}
	if err := h.retention.Hold(ctx); err != nil {
		h.note("audit: retention goes on while it is read: %v", err)
		return
	}
	h.held = true
}

func (h *hold) release(ctx context.Context) {
	if !h.held {
		return
	}
	h.held = false
	if err := h.retention.Release(ctx); err != nil {
		h.note("audit: retention was not given back: %v", err)
	}
}

// read notes how far the reader has come.
func (h *hold) read(part *partition, watermark int64) {
	if !h.held {
		return
	}
	marks := h.marks[part]
	if n := len(marks); n == 0 || part.bytes-marks[n-1].bytes >= stride {
		h.marks[part] = append(marks, mark{part.next, part.bytes})
	}
	if records := part.next - part.start; records > 0 {
		h.waiting[part] = (watermark - part.next) * (part.bytes / records)
	}
}

// keep lets go of what lies far enough behind, and of the whole hold where the
// reader has fallen so far back that the logs would fill the memory.
func (h *hold) keep(ctx context.Context, parts []*partition) {
	if !h.held {
		return
	}
	before, waiting := map[string]map[int32]int64{}, int64(0)
	for _, part := range parts {
		waiting += h.waiting[part]
		marks := h.marks[part]
		n := 0
		for n < len(marks) && part.bytes-marks[n].bytes > stays {
			n++
		}
		if n == 0 {
			continue
		}
		if before[part.topic.name] == nil {
			before[part.topic.name] = map[int32]int64{}
		}
		before[part.topic.name][part.number] = marks[n-1].offset
		h.marks[part] = append(marks[:0], marks[n:]...)
	}
	if waiting > mostWaiting {
		h.note("audit: the reader is %d MB behind, so retention goes on; what it removes unread can not be verified", waiting>>20)
		h.release(ctx)
		return
	}
	if len(before) == 0 {
		return
	}
	if err := h.retention.Drop(ctx, before); err != nil {
		h.note("audit: what was read could not be let go: %v", err)
	}
}

// pool gives the reader its records back.
type pool struct{ free sync.Pool }

func newPool() kgo.Pool { return &pool{} }

// GetRecords implements kgo.PoolRecords.
func (p *pool) GetRecords(n int) []kgo.Record {
	if had, ok := p.free.Get().(*[]kgo.Record); ok && cap(*had) >= n {
		return (*had)[:0]
	}
	return make([]kgo.Record, 0, n)
}

// PutRecords implements kgo.PoolRecords.
func (p *pool) PutRecords(records []kgo.Record) { p.free.Put(&records) }
