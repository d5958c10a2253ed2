package run

// Queue is what waits for one partition.
type Queue struct {
	Topic     string
	Partition int32
	Records   int64 // in the buffer: handed over and not ended
	Batches   int   // opened and not yet written, the filling one included
}

// Queues tells what waits in runs of the same topics, all of them together, in
// the order of Options.Topics. Any goroutine may call it.
func Queues(runs []*Run) []Queue {
	var out []Queue
	if len(runs) == 0 {
		return out
	}
	for _, t := range runs[0].o.Topics {
		first := len(out)
		for p := range int32(t.Partitions) {
			out = append(out, Queue{Topic: t.Name, Partition: p})
		}
		for _, r := range runs {
			tracks := r.tracks.of(t.Name)
			for p, accepted := range r.partitioner.Accepted(t.Name) {
				if first+p == len(out) { // added since
					out = append(out, Queue{Topic: t.Name, Partition: int32(p)})
				}
				if p < len(tracks) && tracks[p] != nil {
					records, batches := tracks[p].waiting(accepted)
					out[first+p].Records += records
					out[first+p].Batches += batches
				}
			}
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
