// Package telemetry measures a session: what became of every record, where its
// time went, and what the brokers answered. Senders and the acknowledging side
// of each run count into lanes of their own; the engine's sampler closes an
// interval every 100 ms; screens and reports read plain figures that are
// consistent at the last close. It knows no Kafka client and no screen, reads
// no wall clock and keeps no single record.
//
// All instants are nanoseconds since the session's start, by the clock given
// to NewMeter. Recording takes no lock, waits for nobody and allocates nothing
// per record. A Sender belongs to one goroutine, a Recorder's sections to one
// at a time, Close to the sampler; everything else may be called by any.
package telemetry

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kdyno/telemetry/report"
)

// Options are what a Meter needs to know.
type Options struct {
	Now func() int64 // nanoseconds since the session's start, monotonic
	// Keep is how much of the past charts get; 0: an hour.
	Keep time.Duration
}

// Meter measures one session.
type Meter struct {
	now     func() int64
	epoch   atomic.Uint32 // number of the open interval
	lastAck atomic.Int64  // instant of the last acknowledgement, -1 before the first
	wire    wire
	watches atomic.Pointer[[]*Watch] // nil: nobody looks

	mu        sync.Mutex
	senders   []*Sender
	recorders []*Recorder
	scratch   *tally // of the interval being closed; nil between two
	total     tally
	runs      map[int]ackCounts
	parts     []*partTotal // by the caller's index
	clock     clock
	series    series
}

// clock is what closing an interval must remember from the last one.
type clock struct {
	at     int64 // end of the last closed interval
	warmTo int64 // end of the last warm-up
	inside int64 // ns waited so far by the sends that still wait
	due    int64 // records
}

// NewMeter makes the meter of a session that starts now.
func NewMeter(o Options) *Meter {
	m := &Meter{now: o.Now, runs: make(map[int]ackCounts)}
	m.series.keep = o.Keep
	m.lastAck.Store(-1)
	m.wire.brokers = make(map[int32]*brokerSums)
	m.wire.failures = make(map[failureKey]*failureSums)
	return m
}

// Sender adds the lane of one sending goroutine.
func (m *Meter) Sender() *Sender {
	s := &Sender{lane: lane{epoch: &m.epoch}, now: m.now}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.senders = append(m.senders, s)
	return s
}

// Recorder adds the acknowledging side of one run.
func (m *Meter) Recorder(run int) *Recorder {
	r := &Recorder{lane: lane{epoch: &m.epoch}, meter: m, run: run}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.recorders = append(m.recorders, r)
	return r
}

// Close is what the sampler knows of the interval that it closes.
type Close struct {
	At  int64 // its end
	Due int64 // records due since the session's start, by the pacing

	BufferUsed  int64 // bytes, now
	BufferMax   int64 // bytes, since the last close
	BufferLimit int64

	LinkWaited int64 // ns for which a write to the busiest broker waited on the emulated link
	LinkRTT    int64 // ns, of the emulated link
	CPU        int64 // ns that this process took; 0: not measured
	Cores      int   // that it may use

	WarmUp     bool // latency, stages and rate of the session leave it out
	ClosedLoop bool // load.rate is 0: what is sent is due
	Draining   bool // the load has ended: rate leaves it out
	Sync       bool // senders wait for each record's outcome
	Guest      bool // the producer is a guest: what was due is not known
	Dead       bool // no producer lives: who waits inside send does not wait for space
}

// Close closes the open interval and makes it visible to readers. It is called
// by one goroutine at a time, never from within a section, with At rising; it
// waits until each writer has left the section that it is in.
func (m *Meter) Close(c Close) {
	m.mu.Lock()
	senders, recorders := slices.Clone(m.senders), slices.Clone(m.recorders)
	m.mu.Unlock()

	// A lane that is retired before the interval closes has counted all it ever
	// will into this interval or earlier ones.
	var gone []*lane
	for l := range lanes(senders, recorders) {
		if l.retired.Load() {
			gone = append(gone, l)
		}
	}
	e := m.epoch.Load()
	m.epoch.Store(e + 1)
	for l := range lanes(senders, recorders) {
		l.await(e)
	}
	wired, held := m.wire.take(c.At, c.LinkRTT)

	m.mu.Lock()
	defer m.mu.Unlock()
	t := tallies.Get().(*tally)
	m.scratch = t
	defer func() {
		m.scratch = nil
		tallies.Put(t)
	}()
	t.reset()
	t.wire = wired
	for _, s := range senders {
		cell := &s.cells[e&1]
		t.send.add(*cell)
		*cell = sendCounts{}
	}
	for _, r := range recorders {
		m.collect(r, &r.cells[e&1], c.WarmUp)
	}
	m.senders = slices.DeleteFunc(m.senders, func(s *Sender) bool { return slices.Contains(gone, &s.lane) })
	m.recorders = slices.DeleteFunc(m.recorders, func(r *Recorder) bool { return slices.Contains(gone, &r.lane) })
	if c.CPU > 0 {
		held.cpu, held.cores = c.CPU, int64(c.Cores)*(c.At-m.clock.at)
	}
	held.linked, held.sync = c.LinkWaited, c.Sync
	t.rated.holds = held
	m.conclude(c, len(senders))
}

func lanes(senders []*Sender, recorders []*Recorder) func(yield func(*lane) bool) {
	return func(yield func(*lane) bool) {
		for _, s := range senders {
			if !yield(&s.lane) {
				return
			}
		}
		for _, r := range recorders {
			if !yield(&r.lane) {
				return
			}
		}
	}
}

// tallies are lent to the meters that close an interval: each is 200 KB.
var tallies = sync.Pool{New: func() any { return new(tally) }}

// collect moves what a recorder counted in the closed interval.
func (m *Meter) collect(r *Recorder, cell *ackCell, warm bool) {
	t := m.scratch
	t.ack.add(cell.counts)
	t.send.add(cell.came)
	t.batches.add(cell.batches)
	t.gaps.merge(cell.gaps)
	run := m.runs[r.run]
	run.add(cell.counts)
	m.runs[r.run] = run

	t.latency.Merge(&cell.latency)
	t.called.Merge(&cell.called)
	t.tails.merge(&cell.tails)
	if !r.guest {
		for _, stage := range []int{stageBlocked, stageSwap} {
			h := &cell.stages[stage]
			h.RecordN(0, cell.counts.acked-h.Count())
		}
	}
	for i := range cell.stages {
		t.stages[i].Merge(&cell.stages[i])
	}
	for i, p := range cell.parts {
		if p != nil && p.batches+p.records > 0 {
			m.part(i).add(p, warm)
			p.reset()
		}
	}
	cell.reset()
}

func (c *ackCell) reset() {
	c.counts, c.came, c.batches, c.gaps = ackCounts{}, sendCounts{}, batchSums{}, gaps{}
	c.latency.Reset()
	c.called.Reset()
	c.tails.reset()
	for i := range c.stages {
		c.stages[i].Reset()
	}
}

func (m *Meter) part(i int) *partTotal {
	for len(m.parts) <= i {
		m.parts = append(m.parts, nil)
	}
	if m.parts[i] == nil {
		m.parts[i] = new(partTotal)
	}
	return m.parts[i]
}

func (m *Meter) lastError(partition int, name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.part(partition).lastError = name
}

// conclude adds the closed interval to the totals and to the series.
func (m *Meter) conclude(c Close, senders int) {
	t, total, k := m.scratch, &m.total, &m.clock
	sent := total.send.sent + t.send.sent
	due := c.Due
	if c.ClosedLoop {
		due = sent
	}
	// What is sent was due, though the pacing was asked an instant earlier.
	due = max(due, sent)
	inside := (total.send.blocked+t.send.blocked)*c.At - total.send.since - t.send.since

	width := c.At - k.at
	t.due, t.closedLoop, t.guest = due-k.due, c.ClosedLoop, c.Guest
	t.buffer = bufferSums{
		width: width, usedNs: float64(c.BufferUsed) * float64(width),
		max: max(c.BufferUsed, c.BufferMax), limit: c.BufferLimit,
	}
	t.rated = rateSums{
		width: width, due: t.due, sent: t.send.sent, acked: t.ack.acked, bytes: t.ack.bytes,
		blockedNs: max(t.send.waited+inside-k.inside, 0), senderNs: int64(senders) * width, holds: t.rated.holds,
	}
	if c.Dead {
		t.rated.blockedNs = 0
	}
	m.series.push(newInterval(t, k.at, c))

	added := t.sums
	added.gaps = t.gaps.after(k.warmTo)
	if c.WarmUp {
		added.gaps = gaps{}
	} else {
		total.merge(&t.shape)
	}
	if c.WarmUp || c.Draining {
		added.rated = rateSums{}
	}
	total.add(&added)

	k.at, k.due, k.inside = c.At, due, inside
	if c.WarmUp {
		k.warmTo = c.At
	}
}

// OfRun tells what became of the records that one run answered for, however
// late: acked, failed and unknown.
func (m *Meter) OfRun(run int) report.Records {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.runs[run]
	return report.Records{Acked: c.acked, Failed: c.failed, Unknown: c.unknown}
}
