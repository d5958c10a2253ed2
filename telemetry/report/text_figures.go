package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

func (p *page) latency(r *Report) {
	l := &r.Latency
	p.gap()
	p.say("Latency", "acknowledged minus due, ms; %s of %s", loopText(l.Mode), plural(l.Count, "record"))
	p.columns("", "mean", "min", "p50", "p90", "p99", "p99.9", "max")
	p.columns("", ms(l.MeanMs), ms(l.MinMs), ms(l.P50Ms), ms(l.P90Ms), ms(l.P99Ms), ms(l.P999Ms), ms(l.MaxMs))
	if u := l.Uncorrected; u != nil && l.Mode != "closed" {
		p.say("", "from the call of send, whenever it was due: p50 %s, p99 %s", ms(u.P50Ms), ms(u.P99Ms))
	}
	if len(l.P99GoesTo) > 0 {
		p.say("", "the p99 goes to %s", goesTo(l.P99GoesTo))
	}
	if l.LongestAckGapMs != nil {
		p.say("", "longest time without an acknowledgement %s ms", ms(l.LongestAckGapMs))
	}
	p.gap()
	p.say("Stages", "where that time goes, ms; the means add up, percentiles do not")
	p.columns("", "mean", "share", "min", "p50", "p99", "max")
	for _, name := range StageNames {
		s := r.Stages[name]
		if s == nil {
			p.columns(name, "-")
			continue
		}
		part := "-"
		if s.MeanMs != nil && l.MeanMs != nil && *l.MeanMs > 0 {
			part = share(*s.MeanMs / *l.MeanMs)
		}
		p.columns(name, ms(s.MeanMs), part, ms(s.MinMs), ms(s.P50Ms), ms(s.P99Ms), ms(s.MaxMs))
	}
}

// leastShare is what is worth a word.
const leastShare = 0.01

// goesTo lists the stages by their share, the largest first.
func goesTo(shares map[string]float64) string {
	var list []string
	names := slices.SortedFunc(maps.Keys(shares), func(a, b string) int {
		return cmp.Or(cmp.Compare(shares[b], shares[a]), cmp.Compare(a, b))
	})
	for _, name := range names {
		if shares[name] >= leastShare {
			list = append(list, name+" "+share(shares[name]))
		}
	}
	return strings.Join(list, ", ")
}

func loopText(mode string) string {
	if mode == "closed" {
		return "closed loop: the load waits for the cluster, so these flatter it;"
	}
	return "open loop"
}

func (p *page) wire(r *Report) {
	b, q, buffer := &r.Batches, &r.Requests, &r.Buffer
	p.gap()
	if b.Count == 0 {
		p.say("Batches", "none")
	} else {
		p.say("Batches", "%s of %s records and %s on the wire; %s full, compressed to %s", count(b.Count),
			number(b.RecordsMean), sizeOf(b.BytesMean), shareOf(b.FillMean), shareOf(b.CompressionRatio))
		p.closed(b.Closed)
	}
	p.say("Requests", "%s of %s; in flight %s (mean), %d at most; %s retried", count(q.Count),
		sizeOf(q.BytesMean), number(q.InFlightMean), q.InFlightMax, plural(q.Retries, "batch"))
	if q.ThrottleMs > 0 {
		p.say("", "throttled for %s ms", figure(q.ThrottleMs))
	}
	for _, name := range slices.Sorted(maps.Keys(q.Errors)) {
		p.say("", "%s x %s", count(q.Errors[name]), name)
	}
	p.say("Buffer", "%s of %s used (mean), %s at most; %s blocked, %d in vain",
		size(buffer.UsedMeanBytes), size(float64(buffer.LimitBytes)), size(float64(buffer.UsedMaxBytes)),
		plural(buffer.BlockedSends, "send"), buffer.Exhausted)
	if c := r.Clocks; c != nil {
		p.say("Waited", "at the longest: a record %s ms (delivery.timeout.ms %s), a request %s ms (request.timeout.ms %s), a send %s ms (max.block.ms %s)",
			figure(c.OldestRecordMs), r.Effective["delivery.timeout.ms"], figure(c.OldestRequestMs), r.Effective["request.timeout.ms"],
			figure(c.LongestBlocked), r.Effective["max.block.ms"])
	}
	if id := r.Idempotence; id != nil {
		p.say("Idempotence", "producer id %d, epoch %d; the brokers dropped %s for certain", id.ProducerID, id.Epoch, plural(id.RepeatsDropped, "repeat"))
	}
}

func (p *page) closed(closed map[string]int64) {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(closed)) {
		list = append(list, name+" "+count(closed[name]))
	}
	if len(list) > 0 {
		p.say("", "closed by: %s", strings.Join(list, ", "))
	}
}

// maxPartitions is how many partitions are listed, the busiest first.
const maxPartitions = 12

func (p *page) spread(r *Report) {
	if len(r.Partitions) == 0 {
		return
	}
	p.gap()
	p.say("Partitions", "%d; the busiest has %s times the mean", len(r.Partitions), decimal(r.Skew))
	rows := slices.Clone(r.Partitions)
	slices.SortStableFunc(rows, func(a, b Partition) int { return int(b.Records - a.Records) })
	rows = rows[:min(len(rows), maxPartitions)]
	p.columns("", "leader", "records", "batches", "bytes", "p99")
	for i := range rows {
		row := &rows[i]
		name := plain(row.Topic)
		number := fmt.Sprintf("-%d", row.Partition)
		name = name[:min(len(name), 13-len(number))] + number
		p.columns(name, fmt.Sprint(row.Leader), count(row.Records), count(row.Batches), size(float64(row.Bytes)), ms(row.P99Ms))
	}
	if more := len(r.Partitions) - len(rows); more > 0 {
		p.say("", "and %d more", more)
	}
}
