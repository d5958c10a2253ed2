package engine

import (
	"math"
	"time"

	"kdyno/engine/cluster"
	"kdyno/engine/run"
	"kdyno/engine/setting"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// recently is the stretch of the screen's figures.
const recently = 5 * time.Second

// Snapshot is the session at this instant, as of the last closed interval.
func (s *Session) Snapshot() *telemetry.Snapshot {
	queues, leaders := run.Queues(s.fleet().runs()), s.leaders()
	snap := &telemetry.Snapshot{At: s.elapsed(), Report: s.report(queues, leaders, len(queues) <= maxInspected)}
	snap.State, snap.Say = s.state()
	snap.Revision = s.history.live().number
	snap.Undo, snap.Redo = s.history.room()
	snap.Recent = s.meter.Recent(recently)
	snap.Series = s.meter.Points()
	_, snap.Marks = s.journal.read()
	snap.Now = s.gauges(snap.Report.Brokers, queues, leaders)
	snap.Now.Audit, snap.Now.Faults = s.auditNow(), s.grounds.breaking.inForce(s.start)
	return snap
}

// gauges read what is now.
func (s *Session) gauges(brokers []report.Broker, queues []run.Queue, leaders map[place]int32) telemetry.Now {
	var n telemetry.Now
	n.BufferUsed, n.Waiters = s.fleet().held()
	n.Clocks = s.fleet().waits(s.now())
	trips := s.meter.RoundTrips()
	for _, b := range brokers {
		n.InFlight = append(n.InFlight, telemetry.BrokerNow{
			ID: b.ID, InFlight: int(b.InFlight), Slots: int(b.Slots), Connected: b.ConnectedS != nil, RoundTrip: trips[b.ID],
		})
	}
	for _, q := range queues {
		leader, known := leaders[place{q.Topic, q.Partition}]
		if !known {
			leader = -1
		}
		n.Queues = append(n.Queues, telemetry.QueueNow{
			Topic: q.Topic, Partition: q.Partition, Leader: leader, Records: q.Records, Batches: q.Batches,
		})
	}
	return n
}

// Report is the session so far in the words of the contract.
func (s *Session) Report() report.Report {
	return s.report(run.Queues(s.fleet().runs()), s.leaders(), true)
}

// report has the partitions' last batches where they are to be inspected.
func (s *Session) report(queues []run.Queue, leaders map[place]int32, inspect bool) report.Report {
	var r report.Report
	// The runs first: a revision becomes live before its run is noted.
	s.runs(&r)
	rev := s.history.live()
	r.Schema, r.Version, r.Started = report.Schema, s.config.Version, s.start.Format(time.RFC3339)
	r.Settings, r.Guarantee, r.Problems = rev.values.Map(), rev.values.Guarantee(), s.Check(rev.values)
	r.Interval, r.Failures = s.meter.Total(), s.meter.Failures()
	resent, never := s.load.app.resent.Load(), s.load.app.never.Load()
	r.Records.ResentByApplication, r.Records.NeverTold = &resent, &never
	r.Events, _ = s.journal.read()
	r.Faults = s.grounds.breaking.outages.report()
	r.Followed, r.Crashes = s.journal.stories(), s.journal.deaths()
	r.Audit, r.Visible = s.grounds.proof.verdict.Load(), s.grounds.proof.visible.Report()
	s.times(&r)
	s.effective(&r, rev.values)
	s.stand(&r, queues, leaders)
	s.identities(&r, inspect)
	if s.load.begun.Load() > 0 {
		r.Clocks = s.clocks.report()
	}
	r.Self = selfCost()
	if r.Rate.OfferedPerS > 0 {
		r.Self.ScheduleKept = math.Min(r.Rate.RecordsPerS/r.Rate.OfferedPerS, 1)
	}
	return r
}

func (s *Session) times(r *report.Report) {
	begun, ended, drained := s.load.begun.Load(), s.load.ended.Load(), s.load.drained.Load()
	if begun == 0 {
		return
	}
	until := ended
	if until == 0 {
		until = s.now()
	}
	r.ElapsedS = float64(until-begun) / 1e9
	r.WarmupS = max(float64(min(s.status.warmed.Load(), until)-begun)/1e9, 0)
	if drained > 0 {
		r.DrainS = float64(drained-ended) / 1e9
	}
}

// effective fills in what the producer makes of the values.
func (s *Session) effective(r *report.Report, v setting.Values) {
	r.Effective = v.Effective().Map()
	r.Differences = []setting.Difference{}
	runs := s.fleet().runs()
	if len(runs) == 0 {
		return
	}
	for _, d := range runs[0].Differences() { // they are alike
		r.Differences = append(r.Differences, d)
		r.Effective[string(d.Key)] = d.Effective
	}
}

// stand fills in cluster, topics, partitions and brokers.
func (s *Session) stand(r *report.Report, queues []run.Queue, leaders map[place]int32) {
	r.Cluster.Kind, r.Cluster.Simulated = "embedded", len(s.config.Brokers) == 0
	if !r.Cluster.Simulated {
		r.Cluster.Kind = "real"
	}
	r.Topics, r.Partitions, r.Brokers = []report.Topic{}, []report.Partition{}, []report.Broker{}
	s.grounds.mu.Lock()
	stand := s.grounds.stand
	s.grounds.mu.Unlock()
	if stand == nil {
		return
	}
	r.Cluster.ID, r.Cluster.Version = stand.ID, stand.Version
	r.Cluster.Brokers = len(stand.Brokers())
	for _, t := range stand.Topics() {
		r.Topics = append(r.Topics, report.Topic{
			Name: t.Name, Partitions: len(t.Leaders), Replication: t.Replication, MinInsync: t.MinInsync,
			Compression: t.Compression, TimestampType: t.TimestampType, MaxMessageBytes: t.MaxMessageBytes,
		})
	}
	r.Partitions = s.partitions(stand, queues, leaders)
	r.Partitions = s.meter.PerPartition(r.Partitions)
	inSync(r.Partitions, stand.Topics())
	r.Skew = report.Skew(r.Partitions)
	slots := s.slots()
	for _, b := range stand.Brokers() {
		r.Brokers = append(r.Brokers, report.Broker{ID: b.ID, Slots: slots, Version: b.Version})
	}
	r.Brokers = s.meter.PerBroker(r.Brokers)
}

// inSync fills in the replicas in sync, where the cluster tells.
func inSync(partitions []report.Partition, topics []cluster.Topic) {
	for _, t := range topics {
		for i := range partitions {
			if p := &partitions[i]; p.Topic == t.Name && int(p.Partition) < len(t.InSync) {
				p.ISR = &t.InSync[p.Partition]
			}
		}
	}
}

// slots is how many requests a broker may have in flight, those of all
// producers together.
func (s *Session) slots() int64 {
	return s.history.live().values.Effective().Int(setting.MaxInFlight) * int64(len(s.fleet()))
}

// partitions are those met so far, by number.
func (s *Session) partitions(stand *cluster.Stand, queues []run.Queue, leaders map[place]int32) []report.Partition {
	s.grounds.places.meet(stand.Topics())
	rows := []report.Partition{}
	for _, p := range s.grounds.places.all() {
		leader, known := leaders[p]
		if !known {
			leader = -1
		}
		rows = append(rows, report.Partition{Topic: p.topic, Partition: p.partition, Leader: leader})
	}
	for _, q := range queues {
		if i := int(s.grounds.places.of(q.Topic, q.Partition)); i < len(rows) {
			rows[i].Queued = q.Records
		}
	}
	return rows
}

// runs fills in the producers so far.
func (s *Session) runs(r *report.Report) {
	s.grounds.mu.Lock()
	notes := append([]runNote(nil), s.grounds.runs...)
	s.grounds.mu.Unlock()
	r.Runs = []report.Run{}
	for i, n := range notes {
		row := report.Run{Run: i + 1, Revision: n.revision, Changed: n.changed, AtS: float64(n.at) / 1e9, Restart: n.restart}
		if row.Changed == nil {
			row.Changed = map[string][2]string{}
		}
		if n.swapped {
			row.Swap = &report.Swap{
				TookMs: float64(n.resumed-n.paused) / 1e6, AckGapMs: float64(n.ackGap) / 1e6,
				Drained: n.drained, Resent: n.resent, GaveUp: n.gaveUp, MaybeDuplicated: n.maybeTwice,
			}
		}
		r.Runs = append(r.Runs, row)
	}
}

// gapSeen is how long after a swap its gap is looked for: the series remembers
// a minute.
const gapSeen = 50 * time.Second

// measureGaps reads the longest time without an acknowledgement around each of
// the last swaps.
func (s *Session) measureGaps() {
	s.grounds.mu.Lock()
	defer s.grounds.mu.Unlock()
	now := s.now()
	for i := len(s.grounds.runs) - 1; i >= 0; i-- {
		n := &s.grounds.runs[i]
		if !n.swapped || time.Duration(now-n.resumed) >= gapSeen {
			n.next = nil
			return
		}
		n.ackGap = max(n.ackGap, n.ownGap())
		n.ackGap = max(n.ackGap, s.meter.LongestGap(n.paused, n.resumed))
	}
}

// ownGap is the time from the last acknowledgement of the producers before to
// the first of these, 0 until it came. The series keeps an interval's
// longest gaps only, and this one may not be among them.
func (n *runNote) ownGap() int64 {
	first := firstAck(n.next)
	if first == 0 {
		return 0
	}
	n.next = nil // they are not held longer than they live
	if n.lastAck == 0 {
		return 0
	}
	return first - n.lastAck
}

// After is what was measured in the intervals closed since an instant of the
// session, at most a minute back, and the instant from which the next call
// goes on: calls in a row leave nothing out and count nothing twice.
func (s *Session) After(from time.Duration) (iv report.Interval, next time.Duration) {
	iv, at := s.meter.After(int64(from))
	return iv, time.Duration(at)
}
