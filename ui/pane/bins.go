package pane

import (
	"math"
	"slices"
	"time"

	"kdyno/telemetry"
)

// bins are a series laid into columns: which of them each interval spans,
// reckoned once for all lines that are drawn of it. A pane keeps its bins for
// their memory, since it lays a series out ten times a second.
type bins struct {
	columns  int
	series   []telemetry.Point // those in the window
	from, to []int32
	spanning []int       // the intervals that begin in an earlier column than they end
	lines    [][]float64 // what values has given out
	given    int
}

// take lays a series into the columns of a window. What values gave out before
// is overwritten.
func (b *bins) take(w window, series []telemetry.Point) {
	width := w.width()
	zero := w.columns - 1 - int(w.end/width) // the column of the start
	oldest := time.Duration(-zero) * width
	first := len(series)
	for first > 0 && series[first-1].At > oldest {
		first--
	}
	b.columns, b.series, b.given = w.columns, series[first:], 0
	b.from, b.to, b.spanning = b.from[:0], b.to[:0], b.spanning[:0]
	for i := range b.series {
		// An interval belongs to the column in which it began to end.
		p := &b.series[i]
		to := int32(zero + int((p.At-1)/width))
		from := min(int32(zero+int((p.At-p.Width)/width)), to)
		b.from, b.to = append(b.from, from), append(b.to, to)
		if from < to {
			b.spanning = append(b.spanning, i)
		}
	}
}

// values are a line's columns, NaN where nothing was measured. They hold until
// the next take.
func (b *bins) values(l MetricLine) []float64 {
	values := b.blank()
	col, most, sum, weight := -1, 0.0, 0.0, 0.0
	for i := range b.series {
		v := l.Of(&b.series[i])
		if v-v != 0 { // NaN and the infinities
			continue
		}
		if to := int(b.to[i]); to != col {
			if to >= b.columns {
				break
			}
			col, most, sum, weight = to, v, 0, 0
		}
		most = max(most, v)
		values[col] = most
		if width := float64(b.series[i].Width); l.Mean && width > 0 {
			sum, weight = sum+v*width, weight+width
			values[col] = sum / weight
		}
	}
	b.bridge(values)
	return values
}

// blank is a line of columns without values.
func (b *bins) blank() []float64 {
	if b.given == len(b.lines) {
		b.lines = append(b.lines, nil)
	}
	line := &b.lines[b.given]
	b.given++
	if cap(*line) < b.columns {
		*line = make([]float64, b.columns)
	}
	*line = (*line)[:b.columns]
	for i := range *line {
		(*line)[i] = math.NaN()
	}
	return *line
}

// bridge fills the columns that an interval spans and in which none ends.
func (b *bins) bridge(values []float64) {
	for _, i := range slices.Backward(b.spanning) {
		from, to := int(b.from[i]), int(b.to[i])
		for col := max(from, 0); col < to && to < b.columns; col++ {
			if math.IsNaN(values[col]) {
				values[col] = values[to]
			}
		}
	}
}
