package engine

import (
	"sync"

	"kdyno/engine/run"
	"kdyno/telemetry/report"
)

// clocks are the longest waits so far.
type clocks struct {
	mu      sync.Mutex
	longest report.Clocks
}

// waits are what waits now, in the record's buffer, on the wire and inside send,
// of all producers the one that waits longest.
func (f fleet) waits(now int64) report.Clocks {
	var record, request, blocked int64
	since := func(at int64, longest *int64) {
		if at > 0 {
			*longest = max(*longest, now-at)
		}
	}
	for _, p := range f {
		if r := p.run.Load(); r != nil {
			a, b := r.Oldest()
			since(a, &record)
			since(b, &request)
		}
		since(p.admission.longest(), &blocked)
	}
	return report.Clocks{
		OldestRecordMs: *report.Ns(record), OldestRequestMs: *report.Ns(request), LongestBlocked: *report.Ns(blocked),
	}
}

// read looks at what waits, and keeps the longest.
func (c *clocks) read(f fleet, now int64) {
	waits := f.waits(now)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.longest.OldestRecordMs = max(c.longest.OldestRecordMs, waits.OldestRecordMs)
	c.longest.OldestRequestMs = max(c.longest.OldestRequestMs, waits.OldestRequestMs)
	c.longest.LongestBlocked = max(c.longest.LongestBlocked, waits.LongestBlocked)
}

func (c *clocks) report() *report.Clocks {
	c.mu.Lock()
	defer c.mu.Unlock()
	longest := c.longest
	return &longest
}

// maxInspected is how many partitions are taken apart for a screen, twenty times
// a second; a report that is asked for once has all.
const maxInspected = 64

// identities fills in as whom the producers write and what they wrote last.
func (s *Session) identities(r *report.Report, inspect bool) {
	runs := s.fleet().runs()
	if len(runs) == 0 {
		return
	}
	if id, epoch, ok := runs[0].ProducerID(); ok {
		r.Idempotence = &report.Idempotence{ProducerID: id, Epoch: epoch, RepeatsDropped: s.meter.Dropped()}
	}
	sequences := make([]int32, len(r.Partitions))
	for i := range r.Partitions {
		p := &r.Partitions[i]
		if next, ok := runs[0].Sequence(p.Topic, p.Partition); ok && len(runs) == 1 {
			sequences[i] = next
			p.NextSequence = &sequences[i]
		}
		if inspect {
			p.LastBatch = lastBatch(runs, p)
		}
	}
}

// lastBatch is the one that began last, of whichever producer.
func lastBatch(runs []*run.Run, p *report.Partition) *report.LastBatch {
	var last *report.LastBatch
	for _, r := range runs {
		if b := r.LastBatch(p.Topic, p.Partition); b != nil && (last == nil || b.AtS > last.AtS) {
			last = b
		}
	}
	return last
}
