package infer

import (
	"math"

	"kdyno/telemetry/report"
)

// The values of partitioner.class as the distribution tells it.
const (
	Sticky     = "sticky"
	RoundRobin = "round-robin"
	Keyed      = "keyed"
)

const (
	// mostTopics and mostParts bound what is kept of the distribution.
	mostTopics = 64
	mostParts  = 1 << 12
	// enoughBatches is how many it takes to say something.
	enoughBatches = 20
)

// spread is how records are spread over partitions, by topic.
type spread struct{ topics map[int]*topicSpread }

// topicSpread compares each batch with the one before it of the same topic.
type topicSpread struct {
	parts   []int64 // records
	known   int     // partitions that the topic has
	batches int64
	last    Batch

	// For how long batches were open together, and from when to when, in
	// milliseconds.
	open, from, to int64
	all            int64 // records

	// Of neighbours on different partitions: for how long both were open, of so
	// long that they could have been, in milliseconds.
	both, could int64
	// Of neighbours that were open at the same time: the squares of the difference
	// of their records, the records themselves, and how many they are.
	differ, records float64
	pairs           int64

	same, onward int64 // transitions to the same partition, and to the next one
}

func (s *spread) add(b *Batch) {
	t := s.topics[b.Topic]
	if t == nil {
		if len(s.topics) >= mostTopics {
			return
		}
		if s.topics == nil {
			s.topics = map[int]*topicSpread{}
		}
		t = &topicSpread{}
		s.topics[b.Topic] = t
	}
	t.add(b)
}

func (t *topicSpread) add(b *Batch) {
	if b.Partition < 0 || b.Partition >= mostParts {
		return
	}
	for int(b.Partition) >= len(t.parts) {
		t.parts = append(t.parts, 0)
	}
	t.parts[b.Partition] += int64(b.Records)
	t.known = max(t.known, b.Partitions, len(t.parts))
	t.batches++
	t.all += int64(b.Records)
	if b.Timed {
		t.open += b.LastMs - b.FirstMs
		t.to = max(t.to, b.LastMs)
		if t.from == 0 || b.FirstMs < t.from {
			t.from = b.FirstMs
		}
	}
	if t.batches > 1 {
		t.compare(&t.last, b)
	}
	t.last = *b
}

func (t *topicSpread) compare(a, b *Batch) {
	switch {
	case b.Partition == a.Partition:
		t.same++
		return
	case b.Partition == a.Partition+1 || b.Partition == 0 && int(a.Partition) == t.known-1:
		t.onward++
	}
	if !a.Timed || !b.Timed {
		return
	}
	t.both += max(min(a.LastMs, b.LastMs)-max(a.FirstMs, b.FirstMs), 0)
	t.could += min(a.LastMs-a.FirstMs, b.LastMs-b.FirstMs)
	if near(a.FirstMs, b.FirstMs) && near(a.LastMs, b.LastMs) {
		d := float64(a.Records - b.Records)
		t.differ += d * d
		t.records += float64(a.Records + b.Records)
		t.pairs++
	}
}

func near(a, b int64) bool { return a-b <= 1 && b-a <= 1 }

// say is what the busiest topic tells.
func (s *spread) say() report.Inferred {
	var busiest *topicSpread
	for _, t := range s.topics {
		if busiest == nil || t.batches > busiest.batches {
			busiest = t
		}
	}
	if busiest == nil || busiest.batches < enoughBatches || busiest.known < 2 {
		return report.Inferred{}
	}
	return busiest.say()
}

func (t *topicSpread) say() report.Inferred {
	if t.could < t.batches/4 {
		return t.short()
	}
	together := float64(t.both) / float64(t.could)
	switch {
	case together < 0.25:
		return estimate(Sticky, "batches of different partitions are filled one after the other: %.0f %% of the time that they could be open together, they are", 100*together)
	case together < 0.5:
		return report.Inferred{}
	}
	if t.pairs >= enoughBatches && t.records >= float64(8*t.pairs) {
		// Records that fall where they fall differ by the square root of their
		// number; those that take turns by one.
		switch ratio := t.differ / t.records; {
		case ratio < 0.3:
			return estimate(RoundRobin, "all partitions are filled at once, by equal numbers of records")
		case ratio > 0.6:
			return keyed()
		}
	}
	return t.byNumbers()
}

func keyed() report.Inferred {
	return estimate(Keyed, "all partitions are filled at once, by unequal numbers of records: by their keys, or at random where they have none")
}

// byNumbers compares the records of all partitions.
func (t *topicSpread) byNumbers() report.Inferred {
	chi, freedom := t.chiSquare()
	switch {
	case chi < lowQuantile(freedom):
		return estimate(RoundRobin, "all partitions are filled at once, and their numbers of records are more equal than chance would make them")
	case chi > freedom/2:
		return keyed()
	default:
		return report.Inferred{}
	}
}

// short is for batches that are too short to see whether they overlap: all of
// them together are open for as long as it took, if one is after the other.
func (t *topicSpread) short() report.Inferred {
	atOnce := float64(t.open) / float64(max(t.to-t.from, 1))
	switch {
	case t.all < 4*t.batches:
		return t.byOrder()
	case atOnce > 1.5:
		return t.byNumbers()
	case atOnce > 0.3:
		return estimate(Sticky, "batches of all partitions follow one another: %.1f are open at once", atOnce)
	default:
		return report.Inferred{}
	}
}

// byOrder looks at which partition follows which, where batches are too short to
// overlap.
func (t *topicSpread) byOrder() report.Inferred {
	steps := float64(t.batches - 1)
	switch same, onward := float64(t.same)/steps, float64(t.onward)/steps; {
	case onward > 0.8 && t.known > 2:
		return estimate(RoundRobin, "each batch is the next partition's")
	case same > 0.6 && t.known > 1:
		return estimate(Sticky, "batches go to one partition for a while, then to another")
	case t.known > 2:
		return estimate(Keyed, "batches go to partitions in no order: by their records' keys, or at random where they have none")
	default:
		return t.byNumbers()
	}
}

// chiSquare is how far the partitions' numbers are from equal ones.
func (t *topicSpread) chiSquare() (chi, freedom float64) {
	var all int64
	for _, n := range t.parts {
		all += n
	}
	each := float64(all) / float64(t.known)
	for _, n := range t.parts {
		d := float64(n) - each
		chi += d * d / each
	}
	chi += float64(t.known-len(t.parts)) * each
	return chi, float64(t.known - 1)
}

// lowQuantile is what a chi square of chance falls below once in a hundred times
// (Wilson and Hilferty, 1931).
func lowQuantile(freedom float64) float64 {
	const once = -2.326
	v := 2 / (9 * freedom)
	return freedom * math.Pow(max(1-v+once*math.Sqrt(v), 0), 3)
}
