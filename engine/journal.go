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
	mu       sync.Mutex
	events   []report.Event
	marks    []telemetry.Mark
	followed []*report.Followed
	crashes  []report.Crash
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

// died adds a crash, and revived says when the last one was over, and how many
// records the application then sent again.
func (j *journal) died(c report.Crash) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.crashes = append(j.crashes, c)
}

func (j *journal) revived(at time.Duration, resent int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	last := &j.crashes[len(j.crashes)-1]
	seconds := at.Seconds()
	last.RestartedS, last.Resent = &seconds, resent
}

// deaths are the crashes so far.
func (j *journal) deaths() []report.Crash {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]report.Crash(nil), j.crashes...)
}
