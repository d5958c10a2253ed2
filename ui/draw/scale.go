package draw

import (
	"math"
	"time"
)

// scaleRest is how long an axis stays as it is after the data became small.
const scaleRest = 10 * time.Second

// Scale is the memory of one axis: it grows at once and shrinks after ten
// seconds, in round steps a row, so that a chart does not jump. The zero Scale
// is ready.
type Scale struct {
	step     float64
	rows     int
	smallFor time.Duration
	small    bool
}

// Fit returns the value of one row for data up to top over so many rows, at
// the time since the start. Time that goes backwards (a frozen view) fits
// afresh.
func (s *Scale) Fit(top float64, rows int, at time.Duration) float64 {
	need := niceStep(top, rows)
	switch {
	case rows != s.rows || s.step == 0 || need >= s.step || at < s.smallFor && s.small:
		s.step, s.rows, s.small = need, rows, false
	case !s.small:
		s.small, s.smallFor = true, at
	case at-s.smallFor >= scaleRest:
		s.step, s.small = need, false
	}
	return s.step
}

// From how many rows not every one is labelled, and from how many rows may be
// odd where labels are round.
const (
	fewRows  = 11
	manyRows = 12
)

// overTop is how much of a row data may reach beyond the top: a line is drawn in
// the nearest row anyhow.
const overTop = 0.25

// niceStep is the smallest round number (1, 2, 5 and what is round between
// them, times a power of ten) of which so many rows reach top. Only 1, 2 and 5
// would leave up to six tenths of a low chart empty; what people choose (20k/s,
// 180k/s) is a multiple of these, so that its line stands at its own label.
func niceStep(top float64, rows int) float64 {
	if rows < 1 || math.IsNaN(top) || math.IsInf(top, 0) || top <= 0 {
		return 1
	}
	raw := top / float64(rows)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	if power == 0 || math.IsInf(power, 0) {
		return 1
	}
	steps := []float64{1, 2, 2.5, 4, 5}
	if rows >= manyRows {
		steps = []float64{1, 1.25, 2, 2.5, 4, 5}
	}
	for _, m := range steps {
		if m*power*(float64(rows)+overTop) >= top {
			return m * power
		}
	}
	return 10 * power
}
