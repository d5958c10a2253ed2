package xray

import (
	"time"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// How often what is looked at: the guest on the screen as often as a producer of
// ours, the others each second.
const (
	closeEach = int64(time.Second)
	// resting is after how long without a count a guest gives its cells back.
	resting = int64(10 * time.Second)
	// patience is for how long a batch that failed may come again: longer than
	// delivery.timeout.ms mostly is. overtaken is less: newer ones were accepted.
	patience  = int64(5 * time.Minute)
	overtaken = int64(10 * time.Second)
)

// Close closes the open interval of the guest on the screen, and of each other one
// a second. The sampler calls it; nil: nobody is looked at.
func (g *Guests) Close(c telemetry.Close, shown *Guest) {
	c.Guest = true
	for _, guest := range g.List() {
		if guest == shown || c.At-guest.closed() >= closeEach {
			guest.close(c)
		}
	}
}

func (g *Guest) closed() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.presence.closed
}

func (g *Guest) close(c telemetry.Close) {
	g.mu.Lock()
	g.presence.closed = c.At
	g.expire(c.At)
	most, limit := g.evidence.Slots()
	if g.recorder != nil && c.At-g.presence.lastUsed > resting {
		g.recorder.Retire()
		g.recorder = nil
	}
	g.mu.Unlock()
	if !limit {
		most = 0
	}
	g.meter.Slots(most)
	g.meter.Close(c)
}

// expire counts what is tried no more; the caller holds mu.
func (g *Guest) expire(at int64) {
	var gone []trip
	for _, l := range g.lanes {
		if len(l.open) > 0 {
			gone = append(gone, l.expire(at-patience, at-overtaken)...)
		}
	}
	if len(gone) == 0 {
		return
	}
	rec := g.record()
	rec.Begin(0)
	for i := range gone {
		g.settle(rec, &gone[i])
	}
	rec.End()
}

// Report fills in what the screen shows of a run, with the guest in its place.
func (g *Guest) Report(r *report.Report) {
	v := g.Values()
	r.Settings, r.Effective = v.Map(), v.Effective().Map()
	r.Guarantee = guaranteeOf(g.Inferred(), v)
	r.Interval, r.Failures = g.meter.Total(), g.meter.Failures()
	r.Partitions = g.shares()
	r.Skew = report.Skew(r.Partitions)
	r.Brokers = g.brokers(r.Brokers)
	g.mu.Lock()
	r.ElapsedS = g.here().Seconds()
	g.mu.Unlock()
}

// brokers are those of the cluster with what the guest did to them.
func (g *Guest) brokers(rows []report.Broker) []report.Broker {
	g.mu.Lock()
	most, _ := g.evidence.Slots()
	g.mu.Unlock()
	rows = g.meter.PerBroker(rows)
	for i := range rows {
		rows[i].Slots = int64(most)
	}
	return rows
}

// Recent is what was measured of late, and Points is the past for charts.
func (g *Guest) Recent(d time.Duration) report.Interval { return g.meter.Recent(d) }

// Points are the closed intervals for charts; see telemetry.Meter.
func (g *Guest) Points() []telemetry.Point { return g.meter.Points() }
