package xray

import (
	"strings"
	"time"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// How often what is looked at: the guest on the screen as often as a producer of
// ours, the others each second, and those that rest seldom.
const (
	closeEach = int64(time.Second)
	restEach  = int64(10 * time.Second)
	// resting is after how long without a count a guest gives its cells back.
	resting = int64(3 * time.Second)
	// patience is for how long a batch that failed may come again: longer than
	// delivery.timeout.ms mostly is. overtaken is less: newer ones were accepted.
	patience  = int64(5 * time.Minute)
	overtaken = int64(10 * time.Second)
)

// Close closes the open interval of the guest on the screen, and of each other one
// a second, or of all. The sampler calls it; nil: nobody is looked at.
func (g *Guests) Close(c telemetry.Close, shown *Guest, all bool) {
	c.Guest = true
	for _, guest := range g.List() {
		if all || guest == shown || guest.isDue(c.At) {
			guest.close(c)
		}
	}
}

func (g *Guest) isDue(at int64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	each := closeEach
	if g.recorder == nil {
		each = restEach
	}
	return at-g.presence.closed >= each
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

// Open is how many records have come and are not settled, by the session's number
// of their partition.
func (g *Guests) Open() map[int32]int64 {
	open := map[int32]int64{}
	for _, guest := range g.List() {
		guest.mu.Lock()
		for index, l := range guest.lanes {
			for i := range l.open {
				open[index] += int64(l.open[i].records)
			}
		}
		guest.mu.Unlock()
	}
	return open
}

// Show fills in what the screen shows of a run, with the guest in its place.
func (g *Guest) Show(s *telemetry.Snapshot, recently time.Duration) {
	r := &s.Report
	inferred := g.Inferred()
	r.Guarantee = guaranteeOf(inferred, g.Values())
	r.Interval, r.Failures = g.meter.Total(), g.meter.Failures()
	r.Partitions = g.shares()
	r.Skew = report.Skew(r.Partitions)
	r.Brokers = g.brokers(r.Brokers)
	s.Recent, s.Series = g.meter.Recent(recently), g.meter.Points()
	trips := g.meter.RoundTrips()
	for _, b := range r.Brokers {
		s.Now.InFlight = append(s.Now.InFlight, telemetry.BrokerNow{
			ID: b.ID, InFlight: int(b.InFlight), Slots: int(b.Slots), Connected: b.ConnectedS != nil, RoundTrip: trips[b.ID],
		})
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if s.Guests != nil {
		s.Guests.Inferred, s.Guests.Notes = inferred, g.notes()
	}
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

// Line is the guest in the list of guests.
func (g *Guest) Line(recently time.Duration) telemetry.Guest {
	total, other := g.meter.Total(), g.other()
	line := telemetry.Guest{
		Number: g.Number, Name: g.Name(), Software: strings.TrimSpace(other.Software + " " + other.Release), Address: other.Address,
		Connections: other.Connections, RecordsPerS: g.meter.Pace(recently), Records: total.Records.Acked,
		Retries: total.Requests.Retries, Limit: total.Rate.LimitedBy,
	}
	for _, n := range total.Requests.Errors {
		line.Errors += n
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	line.Acks, line.Codec, line.Idempotent = g.evidence.Acks(), g.evidence.Codec(), g.evidence.Idempotent()
	line.InFlightMax, _ = g.evidence.Slots()
	return line
}
