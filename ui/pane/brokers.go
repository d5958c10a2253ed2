package pane

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// brokers draws one row for each broker, the slowest first when they do not
// all fit.
func brokers(c *draw.Canvas, s Scene, x, y, rows int) {
	live := slices.Clone(s.Live.Now.InFlight)
	rtt, median := map[int32]*float64{}, map[int32]*float64{}
	for _, b := range s.Figures.Report.Brokers {
		rtt[b.ID], median[b.ID] = b.RTTP99Ms, b.RTTP50Ms
	}
	hidden := 0
	if len(live) > rows {
		hidden = len(live) - rows + 1
		slices.SortStableFunc(live, func(a, b telemetry.BrokerNow) int { return cmp.Compare(orZero(rtt[b.ID]), orZero(rtt[a.ID])) })
		live = live[:rows-1]
	}
	slow, found := slowest(rtt)
	for i, b := range live {
		name := draw.Left(fmt.Sprintf("b%d", b.ID), 4)
		c.Text(x, y+i, name, draw.Text)
		if !b.Connected {
			c.Text(x+4, y+i, "away", draw.Bad)
			continue
		}
		w := max(3, min(b.Slots, c.W-11-x-4))
		c.Slots(x+4, y+i, w, b.InFlight, b.Slots, slotRole(b.InFlight, b.Slots))
		c.TextRight(c.W-2, y+i, roundTrip(rtt[b.ID], median[b.ID]), draw.Text)
		if found && b.ID == slow {
			c.Set(c.W-1, y+i, '!', draw.Bad)
		}
	}
	if hidden > 0 {
		c.Text(x, y+rows-1, fmt.Sprintf("+%d faster", hidden), draw.Faint)
	}
}

// roundTrip is a broker's p99, or its p50 while there are too few requests for
// more; the column's head says which one is meant by default.
func roundTrip(p99, p50 *float64) string {
	if p99 == nil && p50 != nil {
		return "p50 " + draw.Ms(p50) + " ms"
	}
	return withUnit(draw.Ms(p99), "ms")
}

func slotRole(used, slots int) draw.Role {
	if slots > 0 && used >= slots {
		return draw.Bad
	}
	return draw.SeriesA
}

// slowest is the broker whose p99 is at least twice the median one.
func slowest(rtt map[int32]*float64) (id int32, found bool) {
	var all []float64
	worst := math.Inf(-1)
	for _, b := range slices.Sorted(maps.Keys(rtt)) {
		if rtt[b] == nil {
			continue
		}
		all = append(all, *rtt[b])
		if *rtt[b] > worst {
			worst, id = *rtt[b], b
		}
	}
	if len(all) < 2 {
		return 0, false
	}
	slices.Sort(all)
	return id, worst >= 2*all[(len(all)-1)/2] && worst > 0
}
