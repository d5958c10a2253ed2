package pane

import (
	"fmt"
	"slices"
	"strings"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// partitionPage takes a partition apart.
func partitionPage(s Scene, topic string, number int32) account {
	t := s.Figures
	g := account{title: fmt.Sprintf("Partition %d of %s", number, draw.Safe(topic, 40)), note: "left, right: the others"}
	i := slices.IndexFunc(t.Report.Partitions, func(p report.Partition) bool { return p.Topic == topic && p.Partition == number })
	if i < 0 {
		g.say("nothing is known of it at this instant", draw.Faint)
		return g
	}
	p := t.Report.Partitions[i]
	sums := sumPartitions(t.Report.Partitions)
	leads(&g, s, p)
	g.row("records", fmt.Sprintf("%s acknowledged, %s of all (an even share is %s)",
		draw.Count(p.Records), fineShare(float64(p.Records)/max(float64(sums.records), 1)), fineShare(shareOfCount(sums.count))))
	g.row("bytes", fmt.Sprintf("%s on the wire in %s batches", draw.Bytes(float64(p.Bytes)), draw.Count(p.Batches)))
	g.row("queue", queueWords(s, topic, number))
	g.row("p99", withMs(draw.Ms(p.P99Ms))+" from due to acknowledged")
	if p.NextSequence != nil {
		who := ""
		if id := t.Report.Idempotence; id != nil {
			who = fmt.Sprintf(", as producer %d in epoch %d", id.ProducerID, id.Epoch)
		}
		g.row("next sequence", draw.Count(int64(*p.NextSequence))+who)
	}
	if p.LastError != "" {
		_, _, say := report.Explain(p.LastError)
		g.rowAs("last error", draw.Safe(p.LastError, 60), draw.Bad)
		g.row(" ", say)
	}
	lastBatch(&g, p, len(t.Report.Partitions))
	return g
}

// leads tells of the leader and its followers.
func leads(g *account, s Scene, p report.Partition) {
	if p.Leader < 0 {
		g.rowAs("leader", "none: nothing can be written until one is elected", draw.Bad)
	} else {
		say := fmt.Sprintf("broker %d", p.Leader)
		if slow, found := slowestBroker(s); found && slow == p.Leader {
			say += ", the slowest of all"
		}
		g.row("leader", say)
	}
	var topic report.Topic
	for _, t := range s.Figures.Report.Topics {
		if t.Name == p.Topic {
			topic = t
		}
	}
	switch {
	case p.ISR == nil && s.Figures.Report.Cluster.Simulated:
		g.rowAs("in sync", "embedded brokers do not replicate", draw.Faint)
	case p.ISR == nil:
		g.rowAs("in sync", "the cluster does not tell", draw.Faint)
	case *p.ISR < topic.MinInsync:
		g.rowAs("in sync", fmt.Sprintf("%d of %d replicas; acks=all needs min.insync.replicas, which is %d", *p.ISR, topic.Replication, topic.MinInsync), draw.Bad)
	default:
		g.row("in sync", fmt.Sprintf("%d of %s", *p.ISR, draw.Plural(int64(max(topic.Replication, *p.ISR)), "replica")))
	}
}

// queueWords tell what waits for a partition at this instant.
func queueWords(s Scene, topic string, number int32) string {
	for _, q := range s.Live.Now.Queues {
		if q.Topic != topic || q.Partition != number {
			continue
		}
		switch q.Batches {
		case 0:
			return "empty"
		case 1:
			return fmt.Sprintf("%s in the batch that is filling", draw.Plural(q.Records, "record"))
		default:
			return fmt.Sprintf("%s in %d batches, of which the last one is filling", draw.Plural(q.Records, "record"), q.Batches)
		}
	}
	return ""
}

// lastBatch takes the last acknowledged batch apart.
func lastBatch(g *account, p report.Partition, of int) {
	b := p.LastBatch
	if b == nil {
		g.head("last batch", "")
		if p.Batches == 0 {
			g.say("none was acknowledged so far", draw.Faint)
		} else {
			g.say(fmt.Sprintf("of as many as %d partitions the screen takes none apart: the report of kdyno run --json does", of), draw.Faint)
		}
		return
	}
	g.head("last batch acknowledged", "opened at "+seconds(b.AtS))
	where := ""
	if b.Offset != nil {
		where = ", from offset " + draw.Count(*b.Offset)
	}
	codec := "with " + draw.Safe(b.Codec, 12)
	if b.Codec == "none" {
		codec = "not compressed"
	}
	g.row("holds", fmt.Sprintf("%s, %s %s%s", draw.Plural(int64(b.Records), "record"), draw.Bytes(float64(b.Bytes)), codec, where))
	if b.ProducerID != nil && b.Sequence != nil {
		g.row("written as", fmt.Sprintf("producer %d, epoch %d, sequence %d to %d", *b.ProducerID, orZeroOf(b.Epoch), *b.Sequence, int(*b.Sequence)+b.Records-1))
	}
	g.row("closed", closedWord(b.Closed)+" after "+withMs(draw.Ms(b.OpenMs))+", first written after "+withMs(draw.Ms(b.QueueMs)))
	for i, try := range b.Tries {
		g.rowAs(fmt.Sprintf("try %d", i+1), tryWords(try), tryRole(try))
	}
}

func tryWords(t report.Try) string {
	answer := draw.Safe(t.Answer, 48)
	switch {
	case t.AnsweredMs == nil:
		answer = "no answer"
	case t.Answer == "NONE":
		answer = "taken after " + withMs(draw.Ms(t.AnsweredMs))
	default:
		answer += " after " + withMs(draw.Ms(t.AnsweredMs))
	}
	return fmt.Sprintf("%s broker %d: %s", seconds(t.AtS), t.Broker, answer)
}

func tryRole(t report.Try) draw.Role {
	if t.AnsweredMs != nil && t.Answer == "NONE" {
		return draw.Text
	}
	return draw.Bad
}

func orZeroOf[T int16 | int32 | int64](v *T) T {
	if v == nil {
		return 0
	}
	return *v
}

// closedWord says why a batch was closed.
func closedWord(by string) string {
	for _, c := range closedWords {
		if c.name == by {
			return c.word
		}
	}
	return draw.Safe(by, 20)
}

// seconds is an instant of the session.
func seconds(s float64) string { return fmt.Sprintf("%.3f s", s) }

// brokerPage takes a broker apart.
func brokerPage(s Scene, id int32) account {
	t := s.Figures
	g := account{title: fmt.Sprintf("Broker %d", id), note: "left, right: the others"}
	var whole report.Broker
	for _, b := range t.Report.Brokers {
		if b.ID == id {
			whole = b
		}
	}
	var now telemetry.BrokerNow
	for _, b := range s.Live.Now.InFlight {
		if b.ID == id {
			now = b
		}
	}
	connection(&g, s, whole, now)
	roundTripRows(&g, s, whole, now)
	g.head("what it was sent", "whole session")
	g.row("requests", fmt.Sprintf("%s, %s", draw.Count(whole.Requests), draw.Bytes(float64(whole.Bytes))))
	throttled := "not at all"
	if whole.ThrottleMs > 0 {
		throttled = draw.MsOf(whole.ThrottleMs) + " ms, by a quota of the cluster"
	}
	g.row("throttled", throttled)
	g.rowAs("answered errors", draw.Count(whole.Errors), badIfAny(broker{Broker: whole}, false))
	for _, f := range t.Report.Failures {
		if f.Broker != nil && *f.Broker == id {
			g.rowAs(" ", fmt.Sprintf("%s %s", draw.Count(f.Count), draw.Safe(f.Kind, 48)), draw.Bad)
		}
	}
	led(&g, t, id)
	return g
}

// connection tells whether a broker is there, and how much is under way to it.
func connection(g *account, s Scene, whole report.Broker, now telemetry.BrokerNow) {
	if whole.Version != "" {
		g.row("version", "Kafka "+draw.Safe(whole.Version, 30))
	}
	switch {
	case away(s.Live, now):
		g.rowAs("connection", "none: it is away, or refuses", draw.Bad)
	case whole.ConnectedS != nil:
		g.row("connection", fmt.Sprintf("since %.0f s", *whole.ConnectedS))
	}
	full := ""
	if now.Slots > 0 && now.InFlight >= now.Slots {
		full = "; no slot is free, what follows waits"
	}
	g.row("in flight", fmt.Sprintf("%d of %s now, %d at most%s", now.InFlight, draw.Plural(int64(now.Slots), "slot"), whole.InFlightMax, full))
}

// roundTripRows are a broker's round trips.
func roundTripRows(g *account, s Scene, whole report.Broker, now telemetry.BrokerNow) {
	g.head("round trip of a produce request", "written to answered")
	for _, l := range []struct {
		name     string
		p50, p99 *float64
	}{{"last seconds", now.P50Ms, now.P99Ms}, {"whole session", whole.RTTP50Ms, whole.RTTP99Ms}} {
		g.lines = append(g.lines, sheetLine{label: l.name, cell: true, text: fmt.Sprintf("p50 %9s   p99 %9s", withMs(draw.Ms(l.p50)), withMs(draw.Ms(l.p99)))})
	}
	if slow, found := slowestBroker(s); found && slow == now.ID {
		g.rowAs(" ", "twice as slow as the median broker, or more", draw.Bad)
	}
}

// led are the partitions that a broker leads.
func led(g *account, t *telemetry.Snapshot, id int32) {
	var names []string
	records, queued, all := int64(0), int64(0), int64(0)
	for _, p := range t.Report.Partitions {
		all += p.Records
		if p.Leader == id {
			names = append(names, fmt.Sprintf("p%d", p.Partition))
			records, queued = records+p.Records, queued+p.Queued
		}
	}
	g.head("what it leads", draw.Plural(int64(len(names)), "partition"))
	if len(names) == 0 {
		g.say("nothing: no record goes there", draw.Faint)
		return
	}
	if len(names) > 40 {
		names = append(names[:40], fmt.Sprintf("and %d more", len(names)-40))
	}
	g.row("partitions", strings.Join(names, " "))
	g.row("records", fmt.Sprintf("%s of all so far, %s wait now", fineShare(float64(records)/max(float64(all), 1)), draw.Count(queued)))
}
