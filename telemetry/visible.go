package telemetry

import (
	"fmt"
	"sync"

	"kdyno/telemetry/report"
)

// Visible gathers how long it took from a record's due time until a reader of
// the log had it. Any goroutine may use it.
type Visible struct {
	mu     sync.Mutex
	times  Hist
	behind int64
}

// behindMost is the share of records that may have stood in the log while the
// reader was not there yet: with more their times would be the reader's.
const behindMost = 0.005

// Record counts one record, in nanoseconds; behind says that it may have been
// visible before.
func (v *Visible) Record(ns int64, behind bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.times.Record(ns)
	if behind {
		v.behind++
	}
}

// Report is nil where nothing was read, or the reader was too often behind.
func (v *Visible) Report() *report.Visible {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.absent() != "" {
		return nil
	}
	return &report.Visible{P50Ms: quantile(&v.times, p50), P99Ms: quantile(&v.times, p99)}
}

// Absent says why there is no report of it; empty: there is one.
func (v *Visible) Absent() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.absent()
}

func (v *Visible) absent() string {
	switch n := v.times.Count(); {
	case n == 0:
		return "no record that was due after the warm-up was read as it came"
	case float64(v.behind) > behindMost*float64(n):
		return fmt.Sprintf("the reader may have come late to %.1f %% of the records, and their times would be its own", 100*float64(v.behind)/float64(n))
	default:
		return ""
	}
}
