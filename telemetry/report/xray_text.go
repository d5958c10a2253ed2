package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"kdyno/engine/setting"
)

// XrayText writes the summary that a person reads, in the manner of Text.
func XrayText(w io.Writer, x Xray) error {
	p := new(page)
	p.say("kdyno "+x.Version, "%s s of watching other people's producers", decimal(x.ElapsedS))
	p.gap()
	p.say("Cluster", "%s", clusterText(&x.Cluster))
	for i, port := range x.Ports {
		p.say(first(i, "Ports"), "%s", portText(&port))
	}
	if len(x.Clients) == 0 {
		p.gap()
		p.say("Producers", "none came")
	}
	for i := range x.Clients {
		p.client(&x.Clients[i])
	}
	p.others(&x)
	p.suffered(&x)
	if _, err := w.Write(p.Bytes()); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

func portText(p *Port) string {
	who := fmt.Sprintf("broker %d", p.Broker)
	if p.Broker < 0 {
		who = "bootstrap"
	}
	text := fmt.Sprintf("%s at %s", who, p.Address)
	if p.Behind != "" {
		text += ", leads to " + p.Behind
	}
	return text
}

// client is what is told of one producer.
func (p *page) client(c *Client) {
	p.gap()
	software := strings.TrimSpace(c.Software + " " + c.Release)
	p.say("Producer", "%s, %s, from %s", cmp.Or(c.ClientID, "without a client.id"), cmp.Or(software, "software unknown"), c.Address)
	p.say("Records", "%s acknowledged of %s that came, %s on the wire; %s records/s", count(c.Records), count(c.Came), size(float64(c.Bytes)), decimal(c.RecordsPerS))
	p.say("Batches", "%s of %s records and %s; open for %s ms, then waited %s ms", count(c.Batches), number(c.RecordsPerBatch),
		sizeOf(c.BytesPerBatch), ms(c.BatchOpenMeanMs), ms(c.BatchWaitMeanMs))
	p.say("Requests", "%s of %s records; at most %d in flight on a connection; answered in %s ms", count(c.Requests), number(c.RecordsPerRequest),
		c.InFlightMax, ms(c.AnswerMeanMs))
	retries := plural(c.Retries, "batch") + " came again"
	if c.Retries > 0 && !c.RetriesSure {
		retries += " (a guess: without idempotence only the content tells)"
	}
	p.say("", "%s", retries)
	for _, name := range slices.Sorted(maps.Keys(c.Errors)) {
		p.say("", "%s x %s", count(c.Errors[name]), name)
	}
	if c.ThrottleMs > 0 {
		p.say("", "throttled for %s ms", figure(c.ThrottleMs))
	}
	if t := c.Transactions; t != nil {
		p.say("", "transactions of %s: %d committed, %d aborted", c.TransactionalID, t.Committed, t.Aborted)
	}
	if c.LimitedBy != "" {
		p.say("", "limited by %s", guestLimit(c.LimitedBy))
	}
	p.say("Partitions", "%d; the busiest has %s times the mean", len(c.Partitions), decimal(c.Skew))
	p.inferred(c.Inferred)
	p.say("Guarantee", "%s", c.Guarantee.Name)
	for _, reason := range c.Guarantee.Because {
		p.say("", "because %s", reason)
	}
	for i, note := range c.Notes {
		p.say(first(i, "Note"), "%s", note)
	}
}

// guestLimit says what holds the rate of somebody else's producer.
func guestLimit(by string) string {
	switch by {
	case "load":
		return "the application: it sends no more, and nothing holds that back"
	case "generator":
		return "the client itself: its batches wait, and nothing on the wire holds them back"
	default:
		return limitText(by)
	}
}

// inferred lists the settings in the table's order.
func (p *page) inferred(all map[string]Inferred) {
	i := 0
	for _, row := range setting.Rows() {
		in, known := all[string(row.Key)]
		if !known {
			continue
		}
		value := in.Value
		if in.Sure == Bound {
			value = "at least " + value
		}
		if in.Likely != "" {
			value += ", likely " + in.Likely
		}
		p.say(first(i, "Settings"), "%s %s (%s: %s)", row.Key, value, in.Sure, in.Because)
		i++
	}
}

func (p *page) others(x *Xray) {
	if len(x.Others)+len(x.Passed) > 0 {
		p.gap()
	}
	for i, o := range x.Others {
		p.say(first(i, "Others"), "%s, %s, from %s: did not produce", cmp.Or(o.ClientID, "without a client.id"),
			cmp.Or(strings.TrimSpace(o.Software+" "+o.Release), "software unknown"), o.Address)
	}
	for i, name := range slices.Sorted(maps.Keys(x.Passed)) {
		p.say(first(i, "Unread"), "%s x %s: newer than what kdyno knows, passed as it was", count(x.Passed[name]), name)
	}
}

// suffered tells of faults and of what else happened.
func (p *page) suffered(x *Xray) {
	if len(x.Faults)+len(x.Events) > 0 {
		p.gap()
	}
	for i, f := range x.Faults {
		text := fmt.Sprintf("%s at %s s for %s s", f.Step, decimal(f.AtS), decimal(f.ForS))
		if f.OutageMs != nil {
			text += fmt.Sprintf("; at most %s ms without an acknowledgement", ms(f.OutageMs))
		}
		p.say(first(i, "Faults"), "%s", text)
	}
	events := x.Events[max(0, len(x.Events)-maxEvents):]
	for i := range events {
		p.say(first(i, "Events"), "%s s %s: %s", decimal(events[i].AtS), events[i].Kind, events[i].Say)
	}
}
