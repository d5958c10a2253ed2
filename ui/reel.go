package ui

import (
	"maps"
	"slices"
	"sort"
	"time"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// What the reel keeps: a frame each quarter second of the last minute and each
// second of ten. A frame is stripped of what the latest snapshot tells as well
// (series, events, marks); with 12 partitions it is about 12 KB, 9 MB in all.
// With very many partitions the budget cuts the oldest off.
const (
	reelFineEach   = 250 * time.Millisecond
	reelFineFor    = time.Minute
	reelCoarseEach = time.Second
	reelFor        = 10 * time.Minute
	reelBudget     = 64 << 20 // bytes
)

// The bytes that a frame is taken to hold, rounded up.
const (
	frameBytes     = 8192
	partitionBytes = 112
	queueBytes     = 48
	brokerBytes    = 256
)

// reel keeps what was shown, so that a frozen view can go back. The zero reel
// is empty and ready.
type reel struct {
	coarse, fine []*telemetry.Snapshot // oldest first, coarse before fine
	bytes        int
}

// add keeps a snapshot, unless the last one is younger than a quarter second.
func (r *reel) add(s *telemetry.Snapshot) {
	if last := r.newest(); last != nil {
		if s.At < last.At {
			*r = reel{} // another session
		} else if s.At-last.At < reelFineEach {
			return
		}
	}
	frame := r.strip(s)
	r.fine = append(r.fine, frame)
	r.bytes += weight(frame)
	for s.At-r.fine[0].At > reelFineFor {
		r.age()
	}
	for len(r.coarse) > 0 && (s.At-r.coarse[0].At > reelFor || r.bytes > reelBudget) {
		r.bytes -= weight(r.coarse[0])
		r.coarse = slices.Delete(r.coarse, 0, 1)
	}
	for r.bytes > reelBudget && len(r.fine) > 1 {
		r.bytes -= weight(r.fine[0])
		r.fine = slices.Delete(r.fine, 0, 1)
	}
}

// age moves the oldest fine frame to the coarse ones, where a second has passed
// since the last of them, else drops it.
func (r *reel) age() {
	f := r.fine[0]
	r.fine = slices.Delete(r.fine, 0, 1)
	if n := len(r.coarse); n == 0 || f.At-r.coarse[n-1].At >= reelCoarseEach {
		r.coarse = append(r.coarse, f)
		return
	}
	r.bytes -= weight(f)
}

// strip copies a snapshot without what can be had from a later one, and shares
// the values with the frame before while they are the same.
func (r *reel) strip(s *telemetry.Snapshot) *telemetry.Snapshot {
	f := *s
	f.Series, f.Marks, f.Report.Events, f.Report.Runs = nil, nil, nil, nil
	if last := r.newest(); last != nil {
		if maps.Equal(last.Report.Settings, f.Report.Settings) {
			f.Report.Settings = last.Report.Settings
		}
		if maps.Equal(last.Report.Effective, f.Report.Effective) {
			f.Report.Effective = last.Report.Effective
		}
	}
	return &f
}

func weight(s *telemetry.Snapshot) int {
	return frameBytes + len(s.Report.Partitions)*partitionBytes + len(s.Now.Queues)*queueBytes +
		(len(s.Report.Brokers)+len(s.Now.InFlight))*brokerBytes
}

func (r *reel) newest() *telemetry.Snapshot {
	if n := len(r.fine); n > 0 {
		return r.fine[n-1]
	}
	return nil
}

func (r *reel) frame(i int) *telemetry.Snapshot {
	if i < len(r.coarse) {
		return r.coarse[i]
	}
	return r.fine[i-len(r.coarse)]
}

// step finds the frame that is about by away from an instant, and at least one
// frame away where there is one. Nil: nothing is kept.
func (r *reel) step(from, by time.Duration) *telemetry.Snapshot {
	n := len(r.coarse) + len(r.fine)
	if n == 0 {
		return nil
	}
	at := r.before(from+by, n)
	if by > 0 && at < n-1 && r.frame(at).At <= from {
		at++
	}
	return r.frame(at)
}

// before is the last frame that is not later than an instant, or the first.
func (r *reel) before(at time.Duration, n int) int {
	lo, hi := 0, n
	for lo < hi {
		mid := (lo + hi) / 2
		if r.frame(mid).At <= at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return max(lo-1, 0)
}

// replay is a frame as it was seen, with the part of the series, marks and
// events of a later snapshot that had happened by then.
func replay(f, later *telemetry.Snapshot) *telemetry.Snapshot {
	s := *f
	n := sort.Search(len(later.Series), func(i int) bool { return later.Series[i].At > f.At })
	s.Series = later.Series[:n:n]
	for _, m := range later.Marks {
		if m.At <= f.At {
			s.Marks = append(s.Marks, m)
		}
	}
	s.Report.Events = eventsUntil(later.Report.Events, f.At)
	s.Report.Runs = later.Report.Runs
	return &s
}

func eventsUntil(all []report.Event, at time.Duration) []report.Event {
	var until []report.Event
	for _, e := range all {
		if e.AtS <= at.Seconds() {
			until = append(until, e)
		}
	}
	return until
}
