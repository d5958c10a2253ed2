package telemetry

import "kdyno/telemetry/report"

// holds is what a stretch knows of who held its rate, beyond the senders: sums
// in nanoseconds over the stretch, of its busiest broker in each interval.
type holds struct {
	throttled int64 // the broker asked not to be written to
	linked    int64 // a write waited for room on the emulated link
	full      int64 // every slot of the broker was taken, or it did not take a write
	answered  int64 // what its answers took, of
	answers   int64 // so many
	near      int64 // what the network alone takes, by answers
	cpu       int64 // this process's
	cores     int64 // width by the cores that it may use
	sync      bool  // senders wait for each record's outcome
}

func (h *holds) add(o holds) {
	h.throttled += o.throttled
	h.linked += o.linked
	h.full += o.full
	h.answered += o.answered
	h.answers += o.answers
	h.near += o.near
	h.cpu += o.cpu
	h.cores += o.cores
	h.sync = h.sync || o.sync
}

// What it takes to say who held the rate. The pacer cannot wake more often
// than about once in 1.1 ms (p99 1.6 ms, measured), so a lag below 2 ms is how
// it works and not a sign that it did not keep up; the evidence shows it.
const (
	blockedShare   = 0.05
	lagShare       = 0.10
	keptShare      = 0.99
	throttledShare = 0.05
	busyShare      = 0.90
	mostShare      = 0.50
	someShare      = 0.10
	farGrain       = float64(1)  // ms
	longWait       = float64(50) // ms; linger is seldom longer where batches fill up
	pacerGrain     = 2_000_000   // ns
	backlogGrain   = 5_000_000   // ns
)

// rateOf says what was reached and what held it there, by the first of these
// that is so:
//
//	load       what was due was sent in time, without waiting inside send: less
//	           than 5 % of the senders' time, none in vain; or senders wait for
//	           each record's outcome
//	quota      the busiest broker asked for silence for 5 % of the time
//	cpu        this process took 90 % of the cores that it may use
//	link       a write waited for room on the emulated link for half of the time
//	broker     every slot of a broker was taken for half of the time, or it did
//	           not take what was written, and its answers took more than twice
//	           what the network takes and 1 ms
//	in_flight  every slot was taken, and answers took what the network takes
//	buffer     senders waited for space, and nothing of the above says why
//	generator  the load was late (the p99 of schedule_lag above 10 % of the
//	           latency's and above 2 ms), or less than 99 % of it was sent (and
//	           more than 5 ms of it is missing), or in a closed loop the senders
//	           are all that is left
//
// Of a guest nobody knows what was due; see guestHolder.
//
// The evidence has what was compared, so far as it was measured.
func rateOf(t *tally) report.Rate {
	s := &t.rated
	r := report.Rate{LimitedBy: "load", Evidence: map[string]float64{}}
	if s.width <= 0 {
		return r
	}
	per := func(n int64) float64 { return float64(n) / seconds(s.width) }
	r.RecordsPerS, r.BytesPerS, r.OfferedPerS = per(s.acked), per(s.bytes), per(s.due)
	if t.closedLoop {
		r.OfferedPerS = r.RecordsPerS
	}
	e := r.Evidence
	if t.guest {
		s.holds.show(s.width, e)
		r.LimitedBy = guestHolder(e, &t.batches)
		return r
	}
	e["offered_per_s"] = r.OfferedPerS
	share(e, "blocked_share", s.blockedNs, s.senderNs)
	share(e, "schedule_kept", s.sent, s.due)
	late := lagging(&t.shape, e)
	missing := s.due - s.sent
	behind := float64(s.sent) < keptShare*float64(s.due) && float64(missing) > max(per(s.due)*seconds(backlogGrain), 1)
	blocked := e["blocked_share"] >= blockedShare || t.send.exhausted > 0
	s.holds.show(s.width, e)
	if (late || behind || t.closedLoop) && !s.holds.sync || blocked {
		r.LimitedBy = holder(e, blocked)
	}
	return r
}

// show adds to the evidence what was measured and is not nothing.
func (h *holds) show(width int64, evidence map[string]float64) {
	for name, ns := range map[string]int64{"throttled_share": h.throttled, "link_share": h.linked, "slots_full_share": h.full} {
		if ns > 0 {
			// A write that waited is counted as it ends, all of it.
			share(evidence, name, min(ns, width), width)
		}
	}
	share(evidence, "cpu_share", h.cpu, h.cores)
	if h.answers > 0 {
		evidence["answer_ms"] = float64(h.answered) / float64(h.answers) / 1e6
		evidence["network_ms"] = float64(h.near) / float64(h.answers) / 1e6
	}
}

// holder says who holds a rate that the load does not.
func holder(evidence map[string]float64, blocked bool) string {
	switch {
	case evidence["throttled_share"] >= throttledShare:
		return "quota"
	case evidence["cpu_share"] >= busyShare:
		return "cpu"
	case evidence["link_share"] >= mostShare:
		return "link"
	case evidence["slots_full_share"] >= mostShare && evidence["answer_ms"] > 2*evidence["network_ms"]+farGrain:
		return "broker"
	case evidence["slots_full_share"] >= mostShare:
		return "in_flight"
	case blocked:
		return "buffer"
	default:
		return "generator"
	}
}

// guestHolder says who holds the rate of a guest. The wire tells of quota, link and
// slots as ever. Else its batches do: where they waited for long after their last
// record, more was made than left. If its slots were taken for a part of that time
// answers hold it, if not the guest itself (generator).
func guestHolder(evidence map[string]float64, b *batchSums) string {
	if by := holder(evidence, false); by != "generator" && by != "cpu" {
		return by
	}
	if b.opened == 0 {
		return "load"
	}
	wait := float64(b.queue-b.open) / float64(b.opened) / 1e6
	evidence["batch_wait_ms"] = wait
	switch {
	case wait < max(longWait, 2*evidence["answer_ms"]):
		return "load"
	case evidence["slots_full_share"] < someShare:
		return "generator"
	case evidence["answer_ms"] > 2*evidence["network_ms"]+farGrain:
		return "broker"
	default:
		return "in_flight"
	}
}

func share(evidence map[string]float64, name string, part, whole int64) {
	if whole > 0 {
		evidence[name] = float64(part) / float64(whole)
	}
}

// lagging tells whether the generator's lateness shows in the latency.
func lagging(s *shape, evidence map[string]float64) bool {
	lag, all := &s.stages[stageLag], &s.latency
	if all.Count() < p99.need || all.Quantile(p99.q) == 0 {
		return false
	}
	part := float64(lag.Quantile(p99.q)) / float64(all.Quantile(p99.q))
	evidence["schedule_lag_p99_share"] = part
	return part > lagShare && lag.Quantile(p99.q) > pacerGrain
}
