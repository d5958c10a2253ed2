package pane

import (
	"fmt"
	"math"
	"time"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// Metric is what a chart shows; Metrics is the one list of them.
type Metric struct {
	Title string
	Lines []MetricLine
	Heat  bool    // there are ranges to draw a heatmap of
	Most  float64 // the largest value that there can be; 0: any
	// Inside says that only the producer itself can tell: of somebody else's it is
	// not known.
	Inside bool

	// Signal is the metric's name as a sparkline; empty: it is none. Full is
	// the value of a full sparkline, where the metric has one.
	Signal string
	Full   func(*telemetry.Snapshot) float64
	// Foot is what is said below a chart, the longest way first; nil: nothing.
	Foot func(*telemetry.Snapshot) []string
}

// MetricLine is one line of a chart. Of reads a closed interval; where several
// fall into one column the worst one is drawn, since percentiles cannot be
// averaged. Now is the figure in the title, of the last five seconds.
type MetricLine struct {
	Label string
	Role  draw.Role
	Of    func(*telemetry.Point) float64
	Now   func(*telemetry.Snapshot) string
	Mean  bool // columns show the mean: for rates
}

// uncorrected is the latency from the call of send, which leaves out how late a
// stalled producer made it.
func uncorrected(t *telemetry.Snapshot) []string {
	u := t.Recent.Latency.Uncorrected
	if u == nil || u.P50Ms == nil {
		return nil
	}
	short := fmt.Sprintf("from send() p50 %s  p99 %s", draw.Ms(u.P50Ms), draw.Ms(u.P99Ms))
	return []string{short + " (uncorrected: leaves a late start out)", short + " (uncorrected)", short, ""}
}

// Metrics lists what charts and signals can show.
var Metrics = []Metric{
	{Title: "Latency ms", Heat: true, Foot: uncorrected, Lines: []MetricLine{
		{
			Label: "p50", Role: draw.SeriesA, Of: func(p *telemetry.Point) float64 { return p.P50Ms },
			Now: func(t *telemetry.Snapshot) string { return draw.Ms(t.Recent.Latency.P50Ms) },
		},
		{
			Label: "p99", Role: draw.SeriesB, Of: func(p *telemetry.Point) float64 { return p.P99Ms },
			Now: func(t *telemetry.Snapshot) string { return draw.Ms(recentP99(t.Recent)) },
		},
	}},
	{Title: "Throughput rec/s", Lines: []MetricLine{{
		Label: "acked", Role: draw.SeriesA, Mean: true, Of: func(p *telemetry.Point) float64 { return p.RecordsPerS },
		Now: func(t *telemetry.Snapshot) string { return draw.SI(t.Recent.Rate.RecordsPerS) },
	}}},
	{Title: "In flight requests", Signal: "in flight", Full: allSlots, Lines: []MetricLine{{
		Label: "mean", Role: draw.SeriesA, Mean: true, Of: func(p *telemetry.Point) float64 { return p.InFlight },
		Now: func(t *telemetry.Snapshot) string { return oneDecimal(t.Recent.Requests.InFlightMean) },
	}}},
	{Title: "Buffer MiB", Inside: true, Signal: "buffer MiB", Full: bufferTop, Lines: []MetricLine{{
		Label: "used", Role: draw.SeriesA, Mean: true, Of: func(p *telemetry.Point) float64 { return p.BufferUsed / (1 << 20) },
		Now: func(t *telemetry.Snapshot) string { return draw.MsOf(t.Recent.Buffer.UsedMeanBytes / (1 << 20)) },
	}}},
	{Title: "Batch fill %", Most: 100, Signal: "batch fill", Full: fullShare, Lines: []MetricLine{{
		Label: "fill", Role: draw.SeriesA, Mean: true, Of: func(p *telemetry.Point) float64 { return p.Fill * 100 },
		Now: func(t *telemetry.Snapshot) string { return draw.Percent(t.Recent.Batches.FillMean) },
	}}},
	rateMetric("Retries /s", "retries/s", draw.SeriesC, func(p *telemetry.Point) float64 { return p.Retries }),
	rateMetric("Errors /s", "errors/s", draw.SeriesC, func(p *telemetry.Point) float64 { return p.Errors }),
	rateMetric("Requests /s", "requests/s", draw.SeriesA, func(p *telemetry.Point) float64 { return p.RequestsPerS }),
	untold(rateMetric("Blocked in send ms/s", "blocked ms/s", draw.SeriesC, blockedPerS)),
	{Title: "Compression %", Signal: "compressed", Full: fullShare, Lines: []MetricLine{{
		Label: "wire by raw", Role: draw.SeriesA, Mean: true, Of: func(p *telemetry.Point) float64 { return p.Compression * 100 },
		Now: func(t *telemetry.Snapshot) string {
			if t.Recent.Batches.CompressionRatio == nil {
				return draw.Unknown
			}
			return "to " + draw.Percent(t.Recent.Batches.CompressionRatio)
		},
	}}},
}

func untold(m Metric) Metric {
	m.Inside = true
	return m
}

// hidden says that a metric is not known of the producer that is shown.
func (m *Metric) hidden(s Scene) bool { return m.Inside && s.Figures.Guests != nil }

// rateMetric is one line of something per second, whose figure is the mean of
// the last five seconds.
func rateMetric(title, signal string, role draw.Role, of func(*telemetry.Point) float64) Metric {
	return Metric{Title: title, Signal: signal, Lines: []MetricLine{{
		Label: "mean", Role: role, Mean: true, Of: of,
		Now: func(t *telemetry.Snapshot) string { return draw.SI(lately(t, of)) },
	}}}
}

func blockedPerS(p *telemetry.Point) float64 {
	if p.Width <= 0 {
		return math.NaN()
	}
	return p.BlockedMs / p.Width.Seconds()
}

// lately is the mean of the last five seconds' intervals, by their width; NaN
// where there is none.
func lately(t *telemetry.Snapshot, of func(*telemetry.Point) float64) float64 {
	sum, width := 0.0, 0.0
	for i := len(t.Series) - 1; i >= 0 && t.Series[i].At > t.At-5*time.Second; i-- {
		if v := of(&t.Series[i]); !math.IsNaN(v) && !math.IsInf(v, 0) {
			sum += v * t.Series[i].Width.Seconds()
			width += t.Series[i].Width.Seconds()
		}
	}
	if width == 0 {
		return math.NaN()
	}
	return sum / width
}

func allSlots(t *telemetry.Snapshot) (slots float64) {
	for _, b := range t.Now.InFlight {
		slots += float64(b.Slots)
	}
	return slots
}

// bufferTop is the least that fills a sparkline: of a buffer that is almost
// empty, the waves are no news.
func bufferTop(t *telemetry.Snapshot) float64 {
	return float64(t.Report.Buffer.LimitBytes) / (1 << 20) / 8
}

func fullShare(*telemetry.Snapshot) float64 { return 100 }

func oneDecimal(v *float64) string {
	if v == nil {
		return draw.Unknown
	}
	return draw.MsOf(*v)
}
