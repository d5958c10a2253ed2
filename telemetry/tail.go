package telemetry

import "kdyno/telemetry/report"

// tailBits is how many buckets of a Hist a row of tails joins: 2^3, eight rows
// to an octave, so the border of the slowest is up to 9 % early.
const tailBits = 3

// tailRows is how many rows tails has.
const tailRows = buckets >> tailBits

// tails says where the time of fast and of slow records went: for each range of
// latencies the sums of the stages over the records in it. Percentiles of
// stages do not add up to a percentile of their sum; these do.
type tails struct {
	lo, hi int // rows in use, hi excluded
	rows   [tailRows][stageCount]int64
}

// row is one to be written to.
func (t *tails) row(i int) *[stageCount]int64 {
	if t.hi == 0 {
		t.lo = i
	}
	t.lo, t.hi = min(t.lo, i), max(t.hi, i+1)
	return &t.rows[i]
}

func (t *tails) reset() {
	clear(t.rows[t.lo:t.hi])
	t.lo, t.hi = 0, 0
}

func (t *tails) merge(o *tails) {
	for i := o.lo; i < o.hi; i++ {
		addStages(t.row(i), &o.rows[i])
	}
}

func addStages(to, from *[stageCount]int64) {
	for i, ns := range from {
		to[i] += ns
	}
}

// tailAtRest is one row of a closed interval.
type tailAtRest struct {
	row  int32
	sums [stageCount]int64
}

// atRest keeps the rows that are not empty.
func (t *tails) atRest() []tailAtRest {
	n := 0
	for i := t.lo; i < t.hi; i++ {
		if t.rows[i] != [stageCount]int64{} {
			n++
		}
	}
	rest := make([]tailAtRest, 0, n)
	for i := t.lo; i < t.hi; i++ {
		if t.rows[i] != [stageCount]int64{} {
			rest = append(rest, tailAtRest{int32(i), t.rows[i]})
		}
	}
	return rest
}

// goesTo is each stage's share of the time of the records that took at least
// so many nanoseconds, without those that have none; nil where there is no such
// time.
func (t *tails) goesTo(ns int64) map[string]float64 {
	var sums [stageCount]int64
	for i := max(bucketOf(min(ns, histEdge-1))>>tailBits, t.lo); i < t.hi; i++ {
		addStages(&sums, &t.rows[i])
	}
	var all int64
	for _, stage := range sums {
		all += stage
	}
	if all == 0 {
		return nil
	}
	shares := make(map[string]float64, stageCount)
	for i, stage := range sums {
		if stage > 0 {
			shares[report.StageNames[i]] = float64(stage) / float64(all)
		}
	}
	return shares
}

// bunch is the records of a batch that fell into one row and were not written
// to it yet: neighbours mostly do, so a row is written once for many.
type bunch struct {
	row       int
	n         int64 // records that have the batch's own network, retry and callback times
	whole     int64 // of these, those whose slot wait is the batch's too
	lag       int64 // sums in ns
	batching  int64
	slot      int64 // of those that are not whole
	serialize int64
	blocked   int64
	swap      int64
}

// spill writes the bunch to its row, with its share of what its batch took.
func (r *Recorder) spill() {
	k, b := &r.bunch, &r.batch
	if k.n == 0 {
		return
	}
	row := r.cell.tails.row(k.row)
	row[stageLag] += k.lag
	row[stageSerialize] += k.serialize
	row[stageBlocked] += k.blocked
	row[stageSwap] += k.swap
	row[stageBatching] += k.batching
	row[stageSlot] += k.slot + k.whole*(b.Written-b.Ready)
	row[stageRetry] += k.n * (b.LastWritten - b.Written)
	answered := b.Answered
	if answered == 0 {
		answered = b.LastWritten
	}
	row[stageNetwork] += k.n * (answered - b.LastWritten)
	row[stageCallback] += k.n * (b.Called - answered)
	*k = bunch{row: k.row}
}
