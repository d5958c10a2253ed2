package telemetry

import "sort"

// HeatRows is how many latency ranges a Heat counts.
const HeatRows = 42

// Heat counts an interval's acknowledged records by latency, for a heatmap:
// two ranges for each doubling, from 62.5 us to 65 s, and one for what is
// below and one for what is above. It is made from histogram buckets, so a
// record within 1 % of an edge may be on its other side. Readers share it and
// do not write to it.
type Heat [HeatRows]uint32

// HeatFrom is the lower edge of a range in milliseconds, 0 for the first one.
// The upper edge is the next range's lower one; the last range has none.
func HeatFrom(row int) float64 {
	if row <= 0 {
		return 0
	}
	const least = 0.0625
	row--
	edge := least * float64(int64(1)<<(row/2))
	if row%2 == 1 {
		edge *= 1.5
	}
	return edge
}

// heatRow is the range of each bucket of a Hist.
var heatRow = func() (rows [buckets]uint8) {
	for b := range rows {
		ms := float64(midpoint(b)) / 1e6
		rows[b] = uint8(sort.Search(HeatRows-1, func(i int) bool { return HeatFrom(i+1) > ms }))
	}
	return rows
}()

// heatOf is nil where nothing was counted.
func heatOf(h *Hist) *Heat {
	h.settle()
	if h.count == 0 {
		return nil
	}
	heat := new(Heat)
	from, to := h.span()
	for b := from; b <= to; b++ {
		heat[heatRow[b]] += uint32(h.counts[b])
	}
	return heat
}
