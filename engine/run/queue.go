package run

// Queue is what waits for one partition.
type Queue struct {
	Topic     string
	Partition int32
	Records   int64 // in the buffer: handed over and not ended
	Batches   int   // opened and not yet written, the filling one included
}

// Queues tells what waits, in the order of Options.Topics. Any goroutine may
// call it.
func (r *Run) Queues() []Queue {
	var out []Queue
	for _, t := range r.o.Topics {
		accepted := r.partitioner.Accepted(t.Name)
		for p := range int32(max(t.Partitions, len(accepted))) {
			q := Queue{Topic: t.Name, Partition: p}
			if int(p) < len(accepted) {
				q.Records, q.Batches = r.track(t.Name, p).waiting(accepted[p])
			}
			out = append(out, q)
		}
	}
	return out
}

// waiting tells how many of so many accepted records have not ended, and in
// how many batches those lie that were not written yet.
func (t *track) waiting(accepted int64) (records int64, batches int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	records = max(accepted-t.ended, 0)
	if accepted <= t.next {
		return records, 0
	}
	last := t.next
	for _, f := range t.fulls {
		if f.number > t.next {
			batches++
			last = f.number
		}
	}
	if accepted > last {
		batches++
	}
	return records, batches
}
