package telemetry

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// How long closed intervals are kept. A fine one is about 1.5 KB, 2 to 4 bytes
// for each bucket in use of its histograms and 76 for each row of its tails,
// 5 MB for the minute at 5,000 records/s; what is older is kept as points of 320 bytes, one a second,
// little more than a megabyte for the hour.
const (
	fineFor   = int64(time.Minute)
	fold      = int64(time.Second)
	hourLong  = time.Hour
	nsPerUnit = float64(time.Second)
)

// interval is one closed interval at rest.
type interval struct {
	start, end int64
	warm       bool
	sums       sums
	latency    Sparse
	called     Sparse
	stages     [stageCount]Sparse
	tails      []tailAtRest
	point      Point
}

func newInterval(t *tally, start int64, c Close) *interval {
	iv := &interval{
		start: start, end: c.At, warm: c.WarmUp, sums: t.sums,
		latency: t.latency.Sparse(), called: t.called.Sparse(), tails: t.tails.atRest(),
	}
	for i := range t.stages {
		iv.stages[i] = t.stages[i].Sparse()
	}
	iv.point = pointOf(&t.sums, &t.latency)
	iv.point.At, iv.point.WarmUp = time.Duration(c.At), c.WarmUp
	return iv
}

// addTo adds the interval to a tally, stages included.
func (iv *interval) addTo(t *tally) {
	t.add(&iv.sums)
	iv.latency.Merge(&t.latency)
	iv.called.Merge(&t.called)
	for i := range iv.stages {
		iv.stages[i].Merge(&t.stages[i])
	}
	for i := range iv.tails {
		addStages(t.tails.row(int(iv.tails[i].row)), &iv.tails[i].sums)
	}
}

// series is what is kept of the closed intervals: all of the last minute, and
// before it one point for each second of an hour.
type series struct {
	fine   []*interval
	coarse []Point
	drawn  []Point       // the last answer of points; nil after a push
	merged Hist          // scratch
	keep   time.Duration // of coarse; 0: an hour
}

func (s *series) push(iv *interval) {
	s.drawn = nil
	s.fine = append(s.fine, iv)
	// An interval may itself be longer than that, of a process that was stopped.
	for len(s.fine) > 1 && iv.end-s.fine[0].start > fineFor+fold {
		s.foldOldest()
	}
}

// foldOldest makes one point of the oldest second. Its percentiles are those
// of the merged histogram.
func (s *series) foldOldest() {
	first := s.fine[0]
	var added sums
	s.merged.Reset()
	warm, n := false, 0
	for _, iv := range s.fine {
		if n > 0 && iv.end-first.start > fold {
			break
		}
		added.add(&iv.sums)
		iv.latency.Merge(&s.merged)
		warm = warm || iv.warm
		n++
	}
	p := pointOf(&added, &s.merged)
	p.At, p.WarmUp = time.Duration(s.fine[n-1].end), warm
	s.fine = slices.Delete(s.fine, 0, n)
	s.coarse = append(s.coarse, p)
	for p.At-s.coarse[0].At >= cmp.Or(s.keep, hourLong) {
		s.coarse = slices.Delete(s.coarse, 0, 1)
	}
}

// points is shared by its readers, who do not write to it.
func (s *series) points() []Point {
	if s.drawn == nil {
		s.drawn = make([]Point, 0, len(s.coarse)+len(s.fine))
		s.drawn = append(s.drawn, s.coarse...)
		for _, iv := range s.fine {
			s.drawn = append(s.drawn, iv.point)
		}
	}
	return s.drawn
}

// recent adds up the intervals that began at or after from.
func (s *series) recent(from int64) *tally {
	t := new(tally)
	for _, iv := range s.fine {
		if iv.start >= from {
			iv.addTo(t)
		}
	}
	return t
}

// longestGap looks at the last minute.
func (s *series) longestGap(from, to int64) int64 {
	var longest int64
	for _, iv := range s.fine {
		longest = max(longest, iv.sums.gaps.longest(from, to))
	}
	return longest
}

// pointOf makes a chart's point of what was counted, without its time.
func pointOf(s *sums, latency *Hist) Point {
	per := func(n float64) float64 {
		if s.rated.width <= 0 {
			return 0
		}
		return n / float64(s.rated.width) * nsPerUnit
	}
	p := Point{
		Width:        time.Duration(s.rated.width),
		RecordsPerS:  per(float64(s.ack.acked)),
		BytesPerS:    per(float64(s.ack.bytes)),
		P50Ms:        msOrNaN(latency, 0.50),
		P99Ms:        msOrNaN(latency, 0.99),
		MaxMs:        msOrNaN(latency, 1),
		InFlight:     ratio(float64(s.wire.inFlightNs), float64(s.rated.width)),
		BufferUsed:   ratio(s.buffer.usedNs, float64(s.buffer.width)),
		BlockedMs:    float64(s.rated.blockedNs) / 1e6,
		Fill:         ratio(s.batches.fill, float64(s.batches.filled)),
		Retries:      per(float64(s.wire.retries)),
		RequestsPerS: per(float64(s.wire.requests)),
		Compression:  ratio(float64(s.batches.wire), float64(s.batches.raw)),
		Failed:       per(float64(s.ack.failed + s.ack.unknown)),
		Heat:         heatOf(latency),
	}
	for _, n := range s.wire.errors {
		p.Errors += float64(n)
	}
	p.Errors = per(p.Errors)
	return p
}

// ratio is NaN where there is nothing to divide by.
func ratio(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}

// msOrNaN is a chart's percentile: an interval of 100 ms seldom has a thousand
// samples, so it is drawn with fewer than the report asks for.
func msOrNaN(h *Hist, q float64) float64 {
	if h.Count() == 0 {
		return math.NaN()
	}
	if q == 1 {
		return float64(h.Max()) / 1e6
	}
	return float64(h.Quantile(q)) / 1e6
}
