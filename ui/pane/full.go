package pane

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kdyno/telemetry"
)

// fullBrokers is since when which brokers have had no free slot whenever they
// were looked at: one that answers nothing is in no figure of what was
// acknowledged, so the part of the time that it costs is seen only afterwards.
type fullBrokers struct {
	of    *telemetry.Snapshot
	since map[int32]time.Duration
}

// fullFor is how long a broker must be full before that is told.
const fullFor = 2 * time.Second

// watch takes note of a snapshot. Time that goes backwards begins anew.
func (f *fullBrokers) watch(t *telemetry.Snapshot) {
	if f.of == t {
		return
	}
	if f.since == nil || f.of != nil && t.At < f.of.At {
		f.since = map[int32]time.Duration{}
	}
	f.of = t
	for _, b := range t.Now.InFlight {
		if _, known := f.since[b.ID]; b.Slots == 0 || b.InFlight < b.Slots || !b.Connected {
			delete(f.since, b.ID)
		} else if !known {
			f.since[b.ID] = t.At
		}
	}
}

// words name the brokers that have been full while others were not, the longest
// way first; nil where there are none.
func (f *fullBrokers) words(s Scene) []string {
	var names []string
	long := time.Duration(0)
	for _, b := range f.of.Now.InFlight {
		if since, full := f.since[b.ID]; full && f.of.At-since >= fullFor {
			names = append(names, fmt.Sprintf("b%d", b.ID))
			long = max(long, f.of.At-since)
		}
	}
	if len(names) == 0 || len(names) == len(f.of.Now.InFlight) {
		return nil
	}
	if len(names) > 3 {
		names = append(names[:2], fmt.Sprintf("%d more", len(names)-2))
	}
	say := fmt.Sprintf("%s: no free slot for %.0f s", strings.Join(names, " "), long.Truncate(time.Second).Seconds())
	var ways []string
	for _, limit := range slices.Compact(limit(held(s.Figures))) {
		ways = append(ways, say+", their partitions wait   "+limit, say+"   "+limit)
	}
	return append(ways, say+", their partitions wait", say)
}
