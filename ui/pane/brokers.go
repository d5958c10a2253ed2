package pane

import (
	"fmt"
	"slices"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// Brokers are the brokers with their slots and round trips; of many the worst
// ones come first.
type Brokers struct {
	ranking[broker]
}

// Subject implements Pointer.
func (p *Brokers) Subject() Subject {
	if row, ok := p.picked(); ok {
		return Subject{Kind: BrokerSubject, ID: row.ID}
	}
	return Subject{}
}

// broker is what is known of one: what it has done and whether it is there.
type broker struct {
	report.Broker
	away bool
}

// recently are the brokers with the round trips of the last seconds, where there
// were enough of them.
func recently(t *telemetry.Snapshot) []report.Broker {
	all := slices.Clone(t.Report.Brokers)
	for i := range all {
		for _, b := range t.Now.InFlight {
			if b.ID == all[i].ID && b.P50Ms != nil {
				all[i].RTTP50Ms, all[i].RTTP99Ms = b.P50Ms, b.P99Ms
			}
		}
	}
	return all
}

// brokersOf puts the figures and the connections together.
func brokersOf(t *telemetry.Snapshot) []broker {
	known := make(map[int32]report.Broker, len(t.Report.Brokers))
	for _, b := range recently(t) {
		known[b.ID] = b
	}
	all := make([]broker, 0, len(t.Now.InFlight))
	for _, b := range t.Now.InFlight {
		row := broker{Broker: known[b.ID], away: away(t, b)}
		row.ID, row.Slots, row.InFlight = b.ID, int64(b.Slots), int64(b.InFlight)
		all = append(all, row)
	}
	return all
}

// away says whether a broker is missed: nobody talks to it although records are
// sent. A producer that sends nothing lets its connections go.
func away(t *telemetry.Snapshot, b telemetry.BrokerNow) bool {
	switch t.State {
	case telemetry.Paused, telemetry.Done, telemetry.Consent, telemetry.Refused:
		return false
	default:
		return !b.Connected
	}
}

// worseBroker puts first who is away, then who answers slowest.
func worseBroker(a, b broker) int {
	return worseBy(
		[2]float64{yes(a.away), yes(b.away)},
		[2]float64{orZero(a.RTTP99Ms), orZero(b.RTTP99Ms)},
		[2]float64{float64(a.Errors), float64(b.Errors)},
		[2]float64{orZero(a.RTTP50Ms), orZero(b.RTTP50Ms)},
	)
}

// Draw draws the pane with its box.
func (p *Brokers) Draw(c *draw.Canvas, s Scene) {
	room := max(c.H-2, 0)
	p.take(s.Figures, room, func() []broker { return brokersOf(s.Figures) },
		func(f *Filter, b broker) bool {
			word := ""
			if b.away {
				word = "away"
			}
			return f.Passes(fmt.Sprintf("b%d", b.ID), word)
		}, worseBroker)
	if !p.fits {
		room--
	}
	rows := p.page(room)
	slow, found := slowestBroker(s)
	box := draw.Box{
		Title: []draw.Span{{Text: "Brokers", Role: draw.Title}}, Focus: s.Focus,
		Foot: draw.Span{Text: fit(c.W-8, p.note(len(rows))), Role: draw.Faint},
	}
	box.Draw(c, func(c *draw.Canvas) {
		y := 0
		if !p.fits {
			c.Text(1, 0, fit(c.W-2, brokerWords(s.Figures)...), draw.Text)
			y++
		}
		if len(rows) == 0 && p.Filter.On() {
			c.Sub(0, y, c.W, 1, func(c *draw.Canvas) { nothingPasses(c, &p.Filter) })
		}
		for i, b := range rows {
			drawBroker(c, y+i, b, found && b.ID == slow)
		}
		p.underCursor(c, y, len(rows), s)
	})
	x := 1 + brokerName + brokerSlots
	for _, col := range brokerColumns {
		if x += col.w; x > c.W-3 {
			return
		}
		c.TextRight(x+2, 0, " "+col.head+" ", draw.Faint) // on the edge, above its column
	}
}

// brokerWords are the summary, the longest way first.
func brokerWords(t *telemetry.Snapshot) []string {
	used, slots, full, gone := 0, 0, 0, 0
	for _, b := range t.Now.InFlight {
		used, slots = used+b.InFlight, slots+b.Slots
		full += int(yes(b.Slots > 0 && b.InFlight >= b.Slots))
		gone += int(yes(away(t, b)))
	}
	what := draw.Plural(int64(len(t.Now.InFlight)), "broker")
	there := fmt.Sprintf("%s   %d away", what, gone)
	return []string{
		fmt.Sprintf("%s   %d without a free slot   %d of %d slots in use", there, full, used, slots),
		fmt.Sprintf("%s   %d full", there, full), there, what,
	}
}

// The columns of a broker's row: its name, its slots, and figures as far as
// there is room, each with its head.
const (
	brokerName  = 6
	brokerSlots = 12
)

var brokerColumns = []struct {
	head string
	w    int
	text func(broker) string
	role func(b broker, slow bool) draw.Role
}{
	{"p50 ms", 8, func(b broker) string { return draw.Ms(b.RTTP50Ms) }, badIfSlow},
	{"p99 ms", 8, func(b broker) string { return draw.Ms(b.RTTP99Ms) }, badIfSlow},
	{"requests", 11, func(b broker) string { return draw.SI(float64(b.Requests)) }, plainly},
	{"errors", 9, func(b broker) string { return draw.SI(float64(b.Errors)) }, badIfAny},
	{"throttled ms", 15, func(b broker) string { return draw.MsOf(b.ThrottleMs) }, faintly},
}

func plainly(broker, bool) draw.Role { return draw.Text }

func faintly(broker, bool) draw.Role { return draw.Faint }

func badIfSlow(_ broker, slow bool) draw.Role {
	if slow {
		return draw.Bad
	}
	return draw.Text
}

func badIfAny(b broker, _ bool) draw.Role {
	if b.Errors > 0 {
		return draw.Bad
	}
	return draw.Faint
}

// drawBroker is one row; the slowest broker is marked behind its round trips.
func drawBroker(c *draw.Canvas, y int, b broker, slow bool) {
	x := c.Text(1, y, draw.Left(fmt.Sprintf("b%d", b.ID), brokerName), draw.Text)
	if b.away {
		c.Text(x, y, "away", draw.Bad)
	} else {
		c.Slots(x, y, min(max(int(b.Slots), 3), brokerSlots), int(b.InFlight), int(b.Slots), slotRole(int(b.InFlight), int(b.Slots)))
	}
	x += brokerSlots
	for _, col := range brokerColumns {
		if x += col.w; x > c.W-1 {
			return
		}
		c.TextRight(x, y, col.text(b), col.role(b, slow))
		if slow && col.head == "p99 ms" {
			c.Set(x+1, y, '!', draw.Bad)
		}
	}
}
