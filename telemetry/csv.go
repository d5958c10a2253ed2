package telemetry

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"kdyno/telemetry/report"
)

// columns are those of the series as CSV, in their order.
var columns = []struct {
	name string
	of   func(Point) float64
}{
	{"at_s", func(p Point) float64 { return p.At.Seconds() }},
	{"width_s", func(p Point) float64 { return p.Width.Seconds() }},
	{"records_per_s", func(p Point) float64 { return p.RecordsPerS }},
	{"bytes_per_s", func(p Point) float64 { return p.BytesPerS }},
	{"p50_ms", func(p Point) float64 { return p.P50Ms }},
	{"p99_ms", func(p Point) float64 { return p.P99Ms }},
	{"max_ms", func(p Point) float64 { return p.MaxMs }},
	{"in_flight", func(p Point) float64 { return p.InFlight }},
	{"buffer_used_bytes", func(p Point) float64 { return p.BufferUsed }},
	{"blocked_ms", func(p Point) float64 { return p.BlockedMs }},
	{"batch_fill", func(p Point) float64 { return p.Fill }},
	{"retries_per_s", func(p Point) float64 { return p.Retries }},
	{"errors", func(p Point) float64 { return p.Errors }},
	{"requests_per_s", func(p Point) float64 { return p.RequestsPerS }},
	{"compression_ratio", func(p Point) float64 { return p.Compression }},
	{"failed_per_s", func(p Point) float64 { return p.Failed }},
}

// WriteCSV writes the series for a spreadsheet: a head, then one row for each
// interval, with the marks that fell into it. What was not measured is empty.
// The error is the writer's.
func WriteCSV(w io.Writer, points []Point, marks []Mark) error {
	c := csv.NewWriter(w)
	row := make([]string, 0, len(columns)+2)
	for _, col := range columns {
		row = append(row, col.name)
	}
	_ = c.Write(append(row, "warm_up", "marks")) // Error below tells
	for _, p := range points {
		row = row[:0]
		for _, col := range columns {
			row = append(row, number(col.of(p)))
		}
		_ = c.Write(append(row, strconv.FormatBool(p.WarmUp), cell(marksIn(marks, p.At-p.Width, p.At))))
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("write the series: %w", err)
	}
	return nil
}

func number(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return ""
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func marksIn(marks []Mark, after, until time.Duration) string {
	var said []string
	for _, m := range marks {
		if m.At > after && m.At <= until || m.At == 0 && after == 0 {
			said = append(said, m.Say)
		}
	}
	return strings.Join(said, "; ")
}

// cell is a text that no spreadsheet takes for a formula.
func cell(s string) string {
	s = report.Harmless(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}
