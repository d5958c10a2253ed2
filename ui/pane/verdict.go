package pane

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// verdict says what limits now and where the time goes, the longest way first.
func verdict(i report.Interval) []string {
	limits := limit(i.Rate)
	by, share := largestStage(i)
	if share == 0 {
		return limits
	}
	var all []string
	for _, l := range limits {
		all = append(all, fmt.Sprintf("%.0f %% of the mean is %s   %s", share*100, stageWords[by], l))
	}
	return append(all, limits...)
}

// limit says in words what holds the rate now, the longest way first.
func limit(r report.Rate) []string {
	words, known := limitWords[r.LimitedBy]
	if !known {
		if r.LimitedBy == "" {
			return []string{""}
		}
		words = [2]string{draw.Safe(r.LimitedBy, 20), ""}
	}
	short := "limit: " + words[0]
	long := short
	if words[1] != "" {
		long += ", " + words[1]
	}
	full := long
	for _, name := range slices.Sorted(maps.Keys(r.Evidence)) {
		full += fmt.Sprintf("  %s %s", draw.Safe(strings.ReplaceAll(name, "_", " "), 24), evidence(r.Evidence[name]))
	}
	return []string{full, long, short}
}

func evidence(v float64) string {
	if math.Abs(v) < 10 && v != math.Trunc(v) {
		return fmt.Sprintf("%.2f", v)
	}
	return draw.SI(v)
}

var limitWords = map[string][2]string{
	"load":      {"load target", "the producer has headroom"},
	"generator": {"this generator", "not the producer"},
	"cpu":       {"CPU of this machine", ""},
	"buffer":    {"buffer.memory", "send() waits for space"},
	"in_flight": {"requests in flight", "every slot is taken"},
	"broker":    {"a broker", ""},
	"link":      {"the network", ""},
	"quota":     {"a quota", "the broker throttles"},
}
