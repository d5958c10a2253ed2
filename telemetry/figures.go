package telemetry

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"kdyno/telemetry/report"
)

// percentile is a quantile and how many samples it takes to show it: n(1-q)
// is at least 10.
type percentile struct {
	q    float64
	need int64
}

var (
	p50   = percentile{0.50, 20}
	p90   = percentile{0.90, 100}
	p99   = percentile{0.99, 1_000}
	p999  = percentile{0.999, 10_000}
	p9999 = percentile{0.9999, 100_000}
)

// quantile is in milliseconds, nil where there are too few samples.
func quantile(h *Hist, p percentile) *float64 {
	if h.Count() < p.need {
		return nil
	}
	return report.Ns(h.Quantile(p.q))
}

func seconds(ns int64) float64 { return float64(ns) / nsPerUnit }

// Total is the session up to the last close. Counts leave nothing out;
// latency, stages and the longest gap leave the warm-up out, rate also what
// came after the load's end.
func (m *Meter) Total() report.Interval {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.figures(&m.total)
}

// Recent is the last d of closed intervals, a minute at most, warm-up and all.
// Its waiting, blocked and in_buffer are those at its end, so the equations of
// Records hold for Total, not for it.
func (m *Meter) Recent(d time.Duration) report.Interval {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.figures(m.series.recent(m.clock.at - int64(d)))
}

// Pace is how many records a second were acknowledged in the last d, a minute at
// most; it costs less than Recent.
func (m *Meter) Pace(d time.Duration) float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	var acked, width int64
	for _, iv := range m.series.fine {
		if iv.start >= m.clock.at-int64(d) {
			acked += iv.sums.ack.acked
			width += iv.end - iv.start
		}
	}
	if width == 0 {
		return 0
	}
	return float64(acked) / seconds(width)
}

// After is what was measured in the intervals closed since an instant, at most
// a minute back, and the instant from which the next call goes on: calls in a
// row leave nothing out and count nothing twice.
func (m *Meter) After(from int64) (iv report.Interval, next int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.figures(m.series.recent(from)), m.clock.at
}

// AnswerTail is the p99.9 of the time in milliseconds from a request's last write
// to its answer, weighed by records, in the session without its warm-up; 0 while
// there are too few.
func (m *Meter) AnswerTail() float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if tail := quantile(&m.total.stages[stageNetwork], p999); tail != nil {
		return *tail
	}
	return 0
}

// Points are the closed intervals for charts, oldest first: those of the last
// minute as they are, before them one a second for an hour. The slice is
// shared: readers do not write to it.
func (m *Meter) Points() []Point {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.series.points()
}

// LongestGap is the longest time in nanoseconds between two acknowledgements
// that overlaps from..to, both within the last minute; 0 where there is none.
// Intervals of warm-up count here.
func (m *Meter) LongestGap(from, to int64) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.series.longestGap(from, to)
}

// PerPartition fills in what was measured of the partitions in rows, which
// have topic, partition, leader and queued; row i is the partition that the
// run calls i.
func (m *Meter) PerPartition(rows []report.Partition) []report.Partition {
	m.mu.Lock()
	defer m.mu.Unlock()
	rows = slices.Clone(rows)
	for i := range rows {
		if i < len(m.parts) && m.parts[i] != nil {
			p, row := m.parts[i], &rows[i]
			row.Records, row.Bytes, row.Batches = p.records, p.wire, p.batches
			row.P99Ms, row.LastError = p.p99(), p.lastError
		}
	}
	return rows
}

// figures turns a tally into the report's words.
func (m *Meter) figures(t *tally) report.Interval {
	iv := report.Interval{
		Records:  m.records(t),
		Rate:     rateOf(t),
		Latency:  latencyOf(t),
		Stages:   stagesOf(&t.shape),
		Batches:  batchesOf(&t.batches),
		Requests: requestsOf(t),
		Buffer: report.Buffer{
			LimitBytes: t.buffer.limit, UsedMaxBytes: t.buffer.max,
			BlockedSends: t.send.blocks, Exhausted: t.send.exhausted,
		},
	}
	if t.buffer.width > 0 {
		iv.Buffer.UsedMeanBytes = t.buffer.usedNs / float64(t.buffer.width)
	}
	if longest := max(t.gaps[0].length(), m.openGap()); longest > 0 {
		iv.Latency.LongestAckGapMs = report.Ns(longest)
	}
	return iv
}

// openGap is how long nothing has been acknowledged though something waits to be.
func (m *Meter) openGap() int64 {
	from := m.lastAck.Load()
	if from < 0 || m.total.send.entered == m.total.ack.left {
		return 0
	}
	return max(m.clock.at-max(from, m.clock.warmTo), 0)
}

func (m *Meter) records(t *tally) report.Records {
	now := &m.total
	return report.Records{
		Due: t.due, Sent: t.send.sent, Refused: t.send.refused, Accepted: t.send.accepted,
		Acked: t.ack.acked, Failed: t.ack.failed, Unknown: t.ack.unknown,
		Waiting:  now.due - now.send.sent,
		Blocked:  now.send.blocked,
		InBuffer: now.send.entered - now.ack.left,
	}
}

func latencyOf(t *tally) report.Latency {
	h := &t.latency
	l := report.Latency{
		Mode: "open", Count: h.Count(),
		P50Ms: quantile(h, p50), P90Ms: quantile(h, p90), P99Ms: quantile(h, p99),
		P999Ms: quantile(h, p999), P9999Ms: quantile(h, p9999),
	}
	if t.closedLoop {
		l.Mode = "closed"
	}
	if l.Count > 0 {
		l.MeanMs, l.MinMs, l.MaxMs = mean(h.Sum(), l.Count), report.Ns(h.Min()), report.Ns(h.Max())
		l.Uncorrected = &report.Uncorrected{P50Ms: quantile(&t.called, p50), P99Ms: quantile(&t.called, p99)}
	}
	if l.P99Ms != nil {
		l.P99GoesTo = t.tails.goesTo(h.Quantile(p99.q))
	}
	return l
}

// mean is in milliseconds, of a sum in nanoseconds.
func mean(sum, n int64) *float64 {
	ms := float64(sum) / float64(n) / 1e6
	return &ms
}

// stagesOf makes the table of stages. Every mean is a share of all records, so
// that the means add up to the latency's; the other figures are of the records
// that have the stage.
func stagesOf(s *shape) map[string]*report.Stage {
	stages := make(map[string]*report.Stage, stageCount)
	records := s.latency.Count()
	spread := spreadSerialize(s)
	for i, name := range report.StageNames {
		h := &s.stages[i]
		stages[name] = nil
		if h.Count() == 0 {
			continue
		}
		stage := &report.Stage{
			MinMs: report.Ns(h.Min()), P50Ms: quantile(h, p50), P99Ms: quantile(h, p99), MaxMs: report.Ns(h.Max()),
		}
		sum := h.Sum()
		switch i {
		case stageSerialize:
			sum += spread
		case stageBatching:
			sum -= spread
		}
		stage.MeanMs = mean(sum, records)
		stages[name] = stage
	}
	return stages
}

// spreadSerialize is how many nanoseconds of what was counted as batching were
// serializing: each record that was not sampled spent there what the sampled
// ones did on average, though never more than there is.
func spreadSerialize(s *shape) int64 {
	sampled := &s.stages[stageSerialize]
	n := sampled.Count()
	if n == 0 {
		return 0
	}
	guess := float64(sampled.Sum()) / float64(n) * float64(s.latency.Count()-n)
	return min(int64(guess), s.stages[stageBatching].Sum())
}

func batchesOf(b *batchSums) report.Batches {
	r := report.Batches{Count: b.count}
	if b.count > 0 {
		r.RecordsMean = quotient(b.records, b.count)
		r.BytesMean = quotient(b.wire, b.count)
		r.RawBytesMean = quotient(b.raw, b.count)
	}
	if b.filled > 0 {
		fill := b.fill / float64(b.filled)
		r.FillMean = &fill
	}
	if b.raw > 0 {
		r.CompressionRatio = quotient(b.wire, b.raw)
	}
	if b.opened > 0 {
		r.OpenMeanMs = mean(b.open, b.opened)
		r.QueueMeanMs = mean(b.queue, b.opened)
	}
	for kind, name := range closedNames {
		if n := b.closed[kind]; name != "" && n > 0 {
			if r.Closed == nil {
				r.Closed = make(map[string]int64, closedKinds)
			}
			r.Closed[name] = n
		}
	}
	return r
}

func quotient(a, b int64) *float64 {
	q := float64(a) / float64(b)
	return &q
}

func requestsOf(t *tally) report.Requests {
	w := &t.wire
	r := report.Requests{
		Count: w.requests, InFlightMax: w.inFlightMax, Retries: w.retries,
		Errors: maps.Clone(w.errors), ThrottleMs: *report.Ns(w.throttled),
	}
	if r.Errors == nil {
		r.Errors = map[string]int64{}
	}
	r.RecordsRetried = w.retried
	if w.requests > 0 {
		r.BytesMean = quotient(w.bytes, w.requests)
		r.RecordsMean = quotient(w.records, w.requests)
	}
	if w.answers > 0 {
		r.AnswerMeanMs = mean(w.answered, w.answers)
	}
	if t.buffer.width > 0 {
		r.InFlightMean = quotient(w.inFlightNs, t.buffer.width)
	}
	return r
}

func compareFailures(a, b *report.Failure) int {
	return cmp.Or(cmp.Compare(a.FirstS, b.FirstS), cmp.Compare(a.Kind, b.Kind))
}
