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
					q := &out[first+p]
					records, batches := tracks[p].waiting(accepted)
					q.Records += records
					q.Batches += batches
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
	batches, _ = t.unwritten(accepted)
	return max(accepted-t.ended, 0), batches
}

// unwritten counts the batches of so many accepted records that were not
// written yet, and says when the first of them took its last record; 0: it still
// fills. The caller holds mu.
func (t *track) unwritten(accepted int64) (batches int, fullAt int64) {
	if accepted <= t.next {
		return 0, 0
	}
	last := t.next
	for _, f := range t.fulls {
		if f.number <= t.next {
			continue
		}
		if batches == 0 {
			fullAt = f.at
		}
		batches++
		last = f.number
	}
	if accepted > last {
		batches++
	}
	return batches, fullAt
}

// backlog is what of one partition waits to be sent, as Java's accumulator holds
// it: batches that were never written, and those that are to be written again,
// which come first. Instants are 0 where there is no such thing.
type backlog struct {
	batches  int
	opened   int64 // the first of them that was never written
	full     int64 // it took its last record
	failed   int64 // the first that is to be written again failed
	underWay bool  // others are written and not answered
}

// backlog looks at so many accepted records.
func (t *track) backlog(accepted int64) backlog {
	t.mu.Lock()
	defer t.mu.Unlock()
	var b backlog
	b.batches, b.full = t.unwritten(accepted)
	for i := range t.starts {
		if b.batches > 0 && t.starts[i].number >= t.next {
			b.opened = t.starts[i].at
			break
		}
	}
	for i := range t.trips {
		trip := &t.trips[i]
		b.underWay = b.underWay || trip.pending > 0
		if !trip.waits() {
			continue
		}
		b.batches++
		if b.failed == 0 {
			b.failed = trip.failed
		}
	}
	return b
}
