package cli

import (
	"bytes"
	"fmt"
	"time"

	"kdyno/telemetry/report"
)

// every prints an interval each time its length is over, and what is left at
// the end: together they leave nothing out.
type every struct {
	length time.Duration
	next   time.Duration // where the next interval begins
	due    time.Time
	json   bool
	heads  int // lines since the last head of the table
}

// stretch is one interval with its end, in seconds since the session's start.
type stretch struct {
	AtS float64 `json:"at_s"`
	report.Interval
}

func newEvery(length time.Duration, json bool) *every {
	if length <= 0 {
		return nil
	}
	return &every{length: length, due: time.Now().Add(length), json: json}
}

// show gives the line that is due by now, nil when none is; last gives what is
// left whether it is due or not.
func (e *every) show(session Session, last bool) []byte {
	if e == nil || !last && time.Now().Before(e.due) {
		return nil
	}
	e.due = e.due.Add(e.length)
	iv, next := session.After(e.next)
	if next == e.next {
		return nil
	}
	e.next = next
	s := stretch{AtS: next.Seconds(), Interval: iv}
	if !e.json {
		return e.text(&s)
	}
	text, err := line(map[string]stretch{"interval": s})
	if err != nil {
		return nil // figures always marshal; the report would tell
	}
	return text
}

// headEvery is how many lines stand below one head.
const headEvery = 20

func (e *every) text(s *stretch) []byte {
	var b bytes.Buffer
	if e.heads%headEvery == 0 {
		fmt.Fprintf(&b, "%8s %11s %9s %9s %9s %9s %8s %8s\n", "at s", "records/s", "mean ms", "p50 ms", "p99 ms", "max ms", "failed", "retries")
	}
	e.heads++
	l := &s.Latency
	fmt.Fprintf(&b, "%8.1f %11.0f %9s %9s %9s %9s %8d %8d\n", s.AtS, s.Rate.RecordsPerS,
		orDash(l.MeanMs), orDash(l.P50Ms), orDash(l.P99Ms), orDash(l.MaxMs), s.Records.Failed+s.Records.Unknown, s.Requests.Retries)
	return b.Bytes()
}

func orDash(ms *float64) string {
	if ms == nil {
		return "-"
	}
	return fmt.Sprintf("%.2f", *ms)
}
