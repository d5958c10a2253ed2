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
	telemetry.Refused:     {Text: "REFUSED", Role: draw.Bad},
	telemetry.Consent:     {Text: "ASKING", Role: draw.Warn},
	telemetry.WarmingUp:   {Text: "WARMING UP", Role: draw.Warn},
	telemetry.Running:     {Text: "LIVE", Role: draw.Good},
	telemetry.Swapping:    {Text: "SWAPPING", Role: draw.Staged},
	telemetry.Paused:      {Text: "PAUSED", Role: draw.Warn},
	telemetry.Crashed:     {Text: "CRASHED", Role: draw.Bad},
	telemetry.Degraded:    {Text: "DEGRADED", Role: draw.Bad},
	telemetry.Draining:    {Text: "DRAINING", Role: draw.Staged},
	telemetry.Done:        {Text: "DONE", Role: draw.Good},
}

// Header is the first line: what is running, on what, and the four figures
// that are read from the last row.
func Header(c *draw.Canvas, s Scene) {
	figures := Headline(s.Figures)
	if c.W >= wideHeader {
		figures = append(tailFigures(s.Figures), figures...)
	}
	word := StateWord(s)
	x := c.Text(0, 0, word.Text+" ", word.Role)
	what, _ := stand(s, c.W)
	x = c.Text(x, 0, what, draw.Text)
	x = max(c.W-headlineWidth(figures)+2, x)
	for _, f := range figures {
		x = c.Text(x, 0, f.Text, f.Role) + 2
	}
}

// wideHeader is the width from which the other percentiles are told too.
const wideHeader = 180

func tailFigures(t *telemetry.Snapshot) []draw.Span {
	l := t.Recent.Latency
	return []draw.Span{
		{Text: "p50 " + draw.Right(draw.Ms(l.P50Ms), 5), Role: draw.Text},
		{Text: "p90 " + draw.Right(draw.Ms(l.P90Ms), 5), Role: draw.Text},
		{Text: "p99.9 " + draw.Right(draw.Ms(l.P999Ms), 5), Role: draw.Text},
		{Text: "max " + draw.Right(draw.Ms(l.MaxMs), 5) + " ms  ", Role: draw.Text},
	}
}

// headlineWidth is what the figures take, two blanks before each.
func headlineWidth(figures []draw.Span) (w int) {
	for _, f := range figures {
		w += draw.Width(f.Text) + 2
	}
	return w
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
// They have their widths, so that none moves when another one grows.
func Headline(t *telemetry.Snapshot) []draw.Span {
	recent := t.Recent
	errs := draw.Span{Text: "err " + draw.Count(errorAnswers(t.Report.Requests)), Role: draw.Text}
	if errorAnswers(t.Report.Requests) > 0 {
		errs.Role = draw.Bad
	}
	p99 := draw.Right(draw.Unknown, 5) + "   "
	if took := recentP99(recent); took != nil {
		p99 = draw.Right(draw.Ms(took), 5) + " ms"
	}
	spans := []draw.Span{
		{Text: draw.Right(draw.SI(recent.Rate.RecordsPerS), 6) + " rec/s", Role: draw.Strong},
		{Text: draw.Right(fmt.Sprintf("%.1f", recent.Rate.BytesPerS/1e6), 5) + " MB/s", Role: draw.Strong},
		{Text: "p99 " + p99, Role: draw.Strong},
		errs,
	}
	r := t.Report.Records
	if lost := r.Failed + r.Unknown + r.Refused; lost > 0 {
		spans = append(spans, draw.Span{Text: "lost " + draw.SI(float64(lost)), Role: draw.Bad})
	}
	return spans
}

// withMs puts the unit behind a figure; what is unknown has none.
func withMs(figure string) string {
	if figure == draw.Unknown {
		return figure
	}
	return figure + " ms"
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

// stand says on what the producer stands, in the longest way that fits beside
// the figures, and whether the preset is part of that.
func stand(s Scene, w int) (text string, withPreset bool) {
	room := w - draw.Width(StateWord(s).Text) - 1 - headlineWidth(Headline(s.Figures))
	long, short, name := standNames(s)
	preset := ""
	if s.Preset != "" {
		preset = "  preset " + draw.Safe(s.Preset, 40)
	}
	for _, try := range []struct {
		text   string
		preset bool
	}{{long + preset, true}, {short + preset, true}, {long, false}, {short, false}, {name, false}} {
		if draw.Width(try.text) <= room {
			return try.text, try.preset
		}
	}
	return "", false
}

func standNames(s Scene) (long, short, name string) {
	r := s.Figures.Report
	if len(r.Topics) == 0 {
		return "no topic yet", "no topic yet", ""
	}
	parts := 0
	for _, t := range r.Topics {
		parts += t.Partitions
	}
	name = draw.Safe(r.Topics[0].Name, 40)
	if len(r.Topics) > 1 {
		name += fmt.Sprintf(" +%d", len(r.Topics)-1)
	}
	short = fmt.Sprintf("%s %dp %db", name, parts, r.Cluster.Brokers)
	long = fmt.Sprintf("%s %c %s %c %s", name, draw.Dot, draw.Plural(int64(parts), "partition"), draw.Dot, draw.Plural(int64(r.Cluster.Brokers), "broker"))
	return long, short, draw.Cut(name, 20)
}

// ClusterKind says in words what stands behind the producer.
func ClusterKind(c report.Cluster) string {
	switch {
	case c.Kind == "embedded" && c.Simulated:
		return "embedded, simulated"
	case c.Simulated:
		return "simulated"
	case c.Kind == "real":
		return "real cluster"
	}
	return draw.Safe(c.Kind, 20)
}
