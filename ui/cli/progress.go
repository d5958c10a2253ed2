package cli

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// progress writes one calm line a second. A nil progress writes none.
type progress struct {
	w    io.Writer
	next time.Duration // of the session's time
	said telemetry.State
}

func newProgress(w io.Writer) *progress { return &progress{w: w, next: time.Second} }

func (p *progress) show(s *telemetry.Snapshot) {
	if p == nil || s.At < p.next {
		return
	}
	for p.next <= s.At {
		p.next += time.Second
	}
	state := ""
	if s.State != telemetry.Running && s.State != p.said {
		state = "   " + string(s.State)
		if s.Say != "" {
			state += ": " + report.Harmless(s.Say)
		}
	}
	p.said = s.State
	inFlight := 0
	for _, b := range s.Now.InFlight {
		inFlight += b.InFlight
	}
	p99 := "-"
	if ms := s.Recent.Latency.P99Ms; ms != nil {
		p99 = strconv.FormatFloat(*ms, 'f', 1, 64) + " ms"
	}
	_, _ = fmt.Fprintf(p.w, "%5.0f s   %10.0f records/s   p99 %10s   %3d in flight%s\n",
		s.At.Seconds(), s.Recent.Rate.RecordsPerS, p99, inFlight, state) // nobody may be reading
}

// end parts the progress from what comes after it.
func (p *progress) end() {
	if p != nil && p.next > time.Second {
		_, _ = fmt.Fprintln(p.w) // nobody may be reading
	}
}
