package engine

import (
	"math"
	"runtime"
	"runtime/metrics"

	"kdyno/telemetry/report"
)

const gcPauses = "/sched/pauses/total/gc:seconds"

// selfCost is what this process took, the embedded brokers included.
func selfCost() report.Self {
	cpu, peak := usage()
	sample := []metrics.Sample{{Name: gcPauses}}
	metrics.Read(sample)
	out := report.Self{CPUS: cpu, PeakRSSBytes: peak, Goroutines: runtime.NumGoroutine(), ScheduleKept: 1}
	if sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return out
	}
	h := sample[0].Value.Float64Histogram()
	for i, n := range h.Counts {
		if n > 0 && !math.IsInf(h.Buckets[i+1], 1) {
			out.GCPauseMaxMs = h.Buckets[i+1] * 1e3
		}
	}
	return out
}
