package telemetry

import (
	"encoding/csv"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func rowsOf(t *testing.T, marks ...Mark) [][]string {
	t.Helper()
	points := []Point{
		{At: 100 * time.Millisecond, Width: 100 * time.Millisecond, WarmUp: true, RecordsPerS: 1234.5, P50Ms: math.NaN(), P99Ms: math.Inf(1)},
		{At: 200 * time.Millisecond, Width: 100 * time.Millisecond, RecordsPerS: 2e9, P50Ms: 0.25},
	}
	var b strings.Builder
	if err := WriteCSV(&b, points, marks); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestSeriesAsCSVHasARowForEachInterval(t *testing.T) {
	rows := rowsOf(t, Mark{At: 0, Say: "start"}, Mark{At: 150 * time.Millisecond, Say: `linger.ms 5 > 20, "more"`}, Mark{At: 200 * time.Millisecond, Say: "again"})
	if len(rows) != 3 || rows[0][0] != "at_s" || rows[0][len(rows[0])-1] != "marks" {
		t.Fatalf("got %q, want a head and two rows", rows)
	}
	first, second := rows[1], rows[2]
	if diff := cmp.Diff([]string{"0.1", "0.1", "1234.5", "0", "", ""}, first[:6]); diff != "" {
		t.Errorf("first row (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"0.2", "0.1", "2000000000", "0", "0.25", "0"}, second[:6]); diff != "" {
		t.Errorf("second row (-want +got):\n%s", diff)
	}
	if got := first[len(first)-2:]; !cmp.Equal(got, []string{"true", "start"}) {
		t.Errorf("got %q, want the warm-up and its mark", got)
	}
	if got, want := second[len(second)-1], `linger.ms 5 > 20, "more"; again`; got != want {
		t.Errorf("got marks %q, want %q", got, want)
	}
}

func TestMarkIsNoFormula(t *testing.T) {
	for _, say := range []string{"=1+1", "+1", "-1", "@SUM(A1)"} {
		rows := rowsOf(t, Mark{At: 50 * time.Millisecond, Say: say})
		if got := rows[1][len(rows[1])-1]; got != "'"+say {
			t.Errorf("got %q, want %q", got, "'"+say)
		}
	}
}
