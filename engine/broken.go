package engine

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// faultLog remembers what was broken when.
type faultLog struct {
	mu   sync.Mutex
	list []*faultTime // oldest first
}

type faultTime struct {
	name     string
	from, to time.Duration // to is 0 while it lasts
}

// maxFaults bounds it; the oldest go first.
const maxFaults = 4096

// begin notes that something is broken; over notes the end.
func (l *faultLog) begin(name string, at time.Duration) (over func(at time.Duration)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) >= maxFaults {
		l.list = slices.Clone(l.list[maxFaults/2:])
	}
	f := &faultTime{name: name, from: at}
	l.list = append(l.list, f)
	return func(at time.Duration) {
		l.mu.Lock()
		defer l.mu.Unlock()
		f.to = max(at, 1)
	}
}

// between names what was broken at some time between two instants.
func (l *faultLog) between(from, to time.Duration) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []string
	for _, f := range l.list {
		if f.from <= to && (f.to == 0 || f.to >= from) && !slices.Contains(names, f.name) {
			names = append(names, f.name)
		}
	}
	return strings.Join(names, ", ")
}
