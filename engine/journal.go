package engine

import (
	"fmt"
	"sync"
	"time"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// maxEvents bounds the log; the oldest go first.
const maxEvents = 2000

// journal is what happened, for the event list and for the lines in the
// charts. Any goroutine may write it.
type journal struct {
	mu     sync.Mutex
	events []report.Event
	marks  []telemetry.Mark
}

// note adds an event of the report's kinds.
func (j *journal) note(at time.Duration, kind, format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.events) >= maxEvents {
		j.events = append(j.events[:0], j.events[len(j.events)-maxEvents/2:]...)
	}
	j.events = append(j.events, report.Event{AtS: at.Seconds(), Kind: kind, Say: fmt.Sprintf(format, args...)})
}

// mark draws a line into the charts.
func (j *journal) mark(m telemetry.Mark) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.marks) >= maxEvents {
		j.marks = append(j.marks[:0], j.marks[len(j.marks)-maxEvents/2:]...)
	}
	j.marks = append(j.marks, m)
}

func (j *journal) read() ([]report.Event, []telemetry.Mark) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]report.Event(nil), j.events...), append([]telemetry.Mark(nil), j.marks...)
}
