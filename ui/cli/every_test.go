package cli

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kdyno/telemetry/report"
)

// After gives the fake's load of 10 records each 100 ms.
func (f *fake) After(from time.Duration) (report.Interval, time.Duration) {
	var iv report.Interval
	next := time.Since(f.began).Truncate(100 * time.Millisecond)
	iv.Records.Acked = int64((next - from) / (10 * time.Millisecond))
	return iv, next
}

func TestIntervalsLeaveNothingOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, session(3500*time.Millisecond))
		if code := b.run("run --for 3500ms --every 1s --json -q"); code != 0 {
			t.Fatalf("exit code %d: %s", code, b.err.String())
		}
		lines := strings.Split(strings.TrimSpace(b.out.String()), "\n")
		if len(lines) != 5 {
			t.Fatalf("got %d lines, want 4 intervals and the report: %s", len(lines), b.out.String())
		}
		var acked int64
		for i, text := range lines {
			var got map[string]report.Report
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Fatal(err)
			}
			if i < 4 {
				acked += got["interval"].Records.Acked
			} else if got["report"].Schema != report.Schema {
				t.Errorf("the last line is %s, want the report", text)
			}
		}
		if acked != 350 {
			t.Errorf("the intervals hold %d records, want 350", acked)
		}
	})
}

func TestEveryTakesALengthOfTime(t *testing.T) {
	for _, text := range []string{"soon", "10ms", "2m", "-1s", "0"} {
		b := newBench(t, ended())
		if code := b.run("run --for 1s --every " + text); code != 2 || !strings.Contains(b.err.String(), "--every") {
			t.Errorf("--every %s: exit code %d, stderr %q; want 2 and the flag's name", text, code, b.err.String())
		}
	}
}
