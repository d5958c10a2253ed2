package pane

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// verdict says what limits now and where the time goes, the longest way first.
func verdict(s Scene) []string {
	limits := limit(held(s.Figures))
	spent := spent(s.Figures.Recent)
	most := spent.largest()
	if most.share == 0 {
		return limits
	}
	long, short := most.word()
	if id, slow := slowestBroker(s); slow && most.stage == "network" {
		long += fmt.Sprintf(" b%d", id)
		short = fmt.Sprintf("broker b%d", id)
	}
	part := draw.Percent(&most.share) + " of " + spent.of
	if limits == nil {
		return []string{part + " is " + long, part + ": " + short}
	}
	var all []string
	for _, l := range limits[:len(limits)-1] {
		all = append(all, part+" is "+long+"   "+l)
	}
	last := limits[len(limits)-1]
	all = append(all, part+": "+short+"   "+last, draw.Percent(&most.share)+" "+short+"   "+last)
	return append(all, limits...)
}

// limit says in words what holds the rate now, the longest of four ways first;
// nil where that is not known.
func limit(r report.Rate) []string {
	words, known := limitWords[r.LimitedBy]
	if !known {
		if r.LimitedBy == "" {
			return nil
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
		full += "  " + evidence(name, r.Evidence[name])
	}
	return []string{full, long, short, "limit: " + draw.Safe(strings.ReplaceAll(r.LimitedBy, "_", " "), 20)}
}

// held is the rate of the last seconds and what holds it. Of somebody else's
// producer nobody knows a target.
func held(t *telemetry.Snapshot) report.Rate {
	r := t.Recent.Rate
	if t.Guests == nil {
		return r
	}
	switch r.LimitedBy {
	case "load":
		r.LimitedBy = "application"
	case "generator":
		r.LimitedBy = "client"
	}
	return r
}

// evidenceWords says the shares that are compared to find the limit.
var evidenceWords = map[string]string{
	"blocked_share":          "blocked in send %s",
	"schedule_kept":          "schedule kept %s",
	"schedule_lag_p99_share": "late start %s of p99",
}

// evidence says one figure that the limit was found by.
func evidence(name string, v float64) string {
	if words, ok := evidenceWords[name]; ok {
		return fmt.Sprintf(words, draw.Percent(&v))
	}
	figure := draw.SI(v)
	if math.Abs(v) < 10 && v != math.Trunc(v) {
		figure = fmt.Sprintf("%.2f", v)
	}
	if what, rate := strings.CutSuffix(name, "_per_s"); rate {
		name, figure = what, figure+"/s"
	}
	return draw.Safe(strings.ReplaceAll(name, "_", " "), 24) + " " + figure
}

var limitWords = map[string][2]string{
	"application": {"the application", "nothing holds it back"},
	"client":      {"the client itself", "its batches wait and nothing holds them back"},
	"load":        {"load target", "the producer has headroom"},
	"generator":   {"kdyno's load generator", "not the producer"},
	"cpu":         {"CPU of this machine", ""},
	"buffer":      {"buffer.memory", "send() waits for space"},
	"in_flight":   {"requests in flight", "every slot is taken"},
	"broker":      {"a broker", ""},
	"link":        {"the network", ""},
	"quota":       {"a quota", "the broker throttles"},
}
