package pane

import (
	"fmt"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// FewSamples is how many records a p99 needs before it is shown.
const FewSamples = 1000

// stateLook is a state's word and colour.
var stateLook = map[telemetry.State]draw.Span{
	telemetry.Starting:    {Text: "STARTING", Role: draw.Warn},
	telemetry.Unreachable: {Text: "NO CLUSTER", Role: draw.Bad},
	telemetry.Consent:     {Text: "ASKING", Role: draw.Warn},
	telemetry.WarmingUp:   {Text: "WARMING UP", Role: draw.Warn},
	telemetry.Running:     {Text: "LIVE", Role: draw.Good},
	telemetry.Swapping:    {Text: "SWAPPING", Role: draw.Staged},
	telemetry.Paused:      {Text: "PAUSED", Role: draw.Warn},
	telemetry.Degraded:    {Text: "DEGRADED", Role: draw.Bad},
	telemetry.Draining:    {Text: "DRAINING", Role: draw.Staged},
	telemetry.Done:        {Text: "DONE", Role: draw.Good},
}

// Header is the first line: what is running, on what, and the four figures
// that are read from the last row.
func Header(c *draw.Canvas, s Scene) {
	figures := Headline(s.Figures)
	right := 0
	for _, f := range figures {
		right += draw.Width(f.Text) + 2
	}
	word := StateWord(s)
	x := c.Text(0, 0, word.Text, word.Role) + 1
	for _, what := range stand(s) {
		if x+draw.Width(what) <= c.W-right || what == "" {
			x = c.Text(x, 0, what, draw.Text) + 1
			break
		}
	}
	x = max(c.W-right+1, x)
	for _, f := range figures {
		x = c.Text(x+1, 0, f.Text, f.Role) + 1
	}
}

// StateWord is the state in one word; a frozen view says how old it is.
func StateWord(s Scene) draw.Span {
	if s.Frozen {
		return draw.Span{Text: fmt.Sprintf("FROZEN -%.1fs", s.Behind.Seconds()), Role: draw.Warn}
	}
	if look, ok := stateLook[s.Live.State]; ok {
		return look
	}
	return draw.Span{Text: draw.Safe(string(s.Live.State), 12), Role: draw.Text}
}

// Headline are the figures of the last five seconds, and the errors so far.
func Headline(t *telemetry.Snapshot) []draw.Span {
	recent := t.Recent
	errs := draw.Span{Text: "err " + draw.Count(errorAnswers(t.Report.Requests)), Role: draw.Text}
	if errorAnswers(t.Report.Requests) > 0 {
		errs.Role = draw.Bad
	}
	spans := []draw.Span{
		{Text: draw.SI(recent.Rate.RecordsPerS) + " rec/s", Role: draw.Strong},
		{Text: fmt.Sprintf("%.1f MB/s", recent.Rate.BytesPerS/1e6), Role: draw.Strong},
		{Text: "p99 " + draw.Ms(recentP99(recent)) + " ms", Role: draw.Strong},
		errs,
	}
	r := t.Report.Records
	if lost := r.Failed + r.Unknown + r.Refused; lost > 0 {
		spans = append(spans, draw.Span{Text: "lost " + draw.SI(float64(lost)), Role: draw.Bad})
	}
	return spans
}

// recentP99 is the p99 of the last five seconds, or nil where too few records
// were acknowledged for it to mean anything.
func recentP99(i report.Interval) *float64 {
	if i.Latency.Count < FewSamples {
		return nil
	}
	return i.Latency.P99Ms
}

func errorAnswers(r report.Requests) (n int64) {
	for _, count := range r.Errors {
		n += count
	}
	return n
}

// stand says on what the producer stands, the longest way first.
func stand(s Scene) []string {
	r := s.Figures.Report
	name, parts := "no topic yet", 0
	for i, t := range r.Topics {
		if i == 0 {
			name = draw.Safe(t.Name, 40)
		}
		parts += t.Partitions
	}
	if len(r.Topics) > 1 {
		name += fmt.Sprintf(" +%d", len(r.Topics)-1)
	}
	short := fmt.Sprintf(" %s %dp %db", name, parts, r.Cluster.Brokers)
	long := fmt.Sprintf(" %s · %s · %s", name, draw.Plural(int64(parts), "partition"), draw.Plural(int64(r.Cluster.Brokers), "broker"))
	kind := ClusterKind(r.Cluster)
	preset := ""
	if s.Preset != "" {
		preset = "   preset " + draw.Safe(s.Preset, 40)
	}
	if kind != "" {
		kind = " · " + kind
	}
	return []string{long + kind + preset, long + kind, long, short, " " + draw.Cut(name, 20), ""}
}

// ClusterKind says in words what stands behind the producer.
func ClusterKind(c report.Cluster) string {
	switch {
	case c.Kind == "embedded" && c.Simulated:
		return "embedded, simulated"
	case c.Simulated:
		return "simulated"
	}
	return draw.Safe(c.Kind, 20)
}
