package pane

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// flight draws one row for each broker below the station of the requests in
// flight, the worst first when they do not all fit, and gives those that it drew.
func flight(c *draw.Canvas, s Scene) []broker {
	known := brokersOf(s.Figures)
	hidden := 0
	if len(known) > c.H {
		hidden = len(known) - c.H + 1
		slices.SortStableFunc(known, worseBroker)
		known = known[:c.H-1]
	}
	now := map[int32]telemetry.BrokerNow{}
	for _, b := range s.Live.Now.InFlight {
		now[b.ID] = b
	}
	slow, found := slowestBroker(s)
	_, rtt := roundTrips(s)
	const name, figure = 4, 11
	for y, b := range known {
		live, there := now[b.ID]
		c.Text(0, y, draw.Left(fmt.Sprintf("b%d", b.ID), name), draw.Text)
		if !there || away(s.Live, live) {
			c.Text(name, y, "away", draw.Bad)
			continue
		}
		c.Slots(name, y, max(3, min(live.Slots, c.W-name-figure)), live.InFlight, live.Slots, slotRole(live.InFlight, live.Slots))
		c.TextRight(c.W-2, y, withMs(draw.Ms(rtt(b.Broker))), draw.Text)
		if found && b.ID == slow {
			c.Set(c.W-1, y, '!', draw.Bad)
		}
	}
	if hidden > 0 {
		c.Text(0, c.H-1, fmt.Sprintf("+%d faster", hidden), draw.Faint)
	}
	return known
}

// roundTrips says which percentile of the round trips a column shows, and how a
// broker's is read: the p99, or the p50 for all of them until each one has
// answered often enough for more.
func roundTrips(s Scene) (name string, of func(report.Broker) *float64) {
	for _, b := range recently(s.Figures) {
		if b.RTTP99Ms == nil && b.RTTP50Ms != nil {
			return "p50", func(b report.Broker) *float64 { return b.RTTP50Ms }
		}
	}
	return "p99", func(b report.Broker) *float64 { return b.RTTP99Ms }
}

func slotRole(used, slots int) draw.Role {
	if slots > 0 && used >= slots {
		return draw.Bad
	}
	return draw.SeriesA
}

func slowestBroker(s Scene) (id int32, found bool) {
	_, of := roundTrips(s)
	rtt := make(map[int32]*float64, len(s.Figures.Report.Brokers))
	for _, b := range recently(s.Figures) {
		rtt[b.ID] = of(b)
	}
	return slowest(rtt)
}

// clearlySlower is by how many milliseconds a round trip must be longer than
// the median one: below that it is how loaded this machine is.
const clearlySlower = 2

// slowest is the broker whose round trip is at least twice the median one, and
// clearly longer.
func slowest(rtt map[int32]*float64) (id int32, found bool) {
	var all []float64
	most := math.Inf(-1)
	for _, b := range slices.Sorted(maps.Keys(rtt)) {
		if rtt[b] == nil {
			continue
		}
		all = append(all, *rtt[b])
		if *rtt[b] > most {
			most, id = *rtt[b], b
		}
	}
	if len(all) < 2 {
		return 0, false
	}
	slices.SortFunc(all, cmp.Compare[float64])
	median := all[(len(all)-1)/2]
	return id, most >= 2*median && most >= median+clearlySlower
}
