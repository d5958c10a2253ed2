package pane

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// stageWords names the stages as people speak of them, the long way and the
// short one.
var stageWords = map[string][2]string{
	"schedule_lag": {"late start", "late start"},
	"serialize":    {"serialize", "serialize"},
	"blocked":      {"blocked in send", "blocked"},
	"swap":         {"producer swap", "swap"},
	"batching":     {"wait in batch", "in batch"},
	"slot_wait":    {"wait for a slot", "no slot"},
	"network":      {"network, broker", "network"},
	"retry":        {"retries", "retries"},
	"callback":     {"callback", "callback"},
}

// mainStages are told even when they take no time.
var mainStages = map[string]bool{"batching": true, "slot_wait": true, "network": true}

// spending is where the time of records goes: of the slowest ones, at or above
// about the p99, or of all.
type spending struct {
	of    string   // p99 or the mean
	total *float64 // milliseconds; nil where there are too few records
	parts []part   // in the order of the road
}

// part is a stage's share, from 0 to 1.
type part struct {
	stage string
	share float64
	known bool // it is measured
}

// spent says where the time of the slowest records goes, where that is
// measured, else that of the mean. Percentiles of the stages would not add up
// to the latency's; shares of one and the same records do.
func spent(i report.Interval) spending {
	if goes := i.Latency.P99GoesTo; goes != nil {
		s := spending{of: "p99", total: recentP99(i)}
		for _, name := range roadOf(goes) {
			s.parts = append(s.parts, part{stage: name, share: goes[name], known: true})
		}
		return s
	}
	s := spending{of: "the mean", total: i.Latency.MeanMs}
	for _, name := range report.StageNames {
		p := part{stage: name}
		if stage := i.Stages[name]; stage != nil && stage.MeanMs != nil {
			p.share, p.known = shareOf(*stage.MeanMs, s.total), true
		}
		s.parts = append(s.parts, p)
	}
	return s
}

// roadOf are the names in the order in which a record passes them; names that
// are no stage's come last.
func roadOf(goes map[string]float64) []string {
	var road []string
	for _, name := range report.StageNames {
		if _, ok := goes[name]; ok {
			road = append(road, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(goes)) {
		if !slices.Contains(report.StageNames, name) {
			road = append(road, name)
		}
	}
	return road
}

// word names the stage, the long way and the short one.
func (p part) word() (long, short string) {
	if w, ok := stageWords[p.stage]; ok {
		return w[0], w[1]
	}
	name := draw.Safe(strings.ReplaceAll(p.stage, "_", " "), 15)
	return name, name
}

// of is a stage's part, if it is measured.
func (s spending) part(stage string) (p part, ok bool) {
	i := slices.IndexFunc(s.parts, func(p part) bool { return p.stage == stage && p.known })
	if i < 0 {
		return part{}, false
	}
	return s.parts[i], true
}

// largest is the stage that takes the most; its share is 0 where nothing is
// measured.
func (s spending) largest() (most part) {
	for _, p := range s.parts {
		if p.share > most.share {
			most = p
		}
	}
	return most
}

// shown are the parts that fit, in the order of the road: first the main ones,
// then whatever takes the most time.
func (s spending) shown(room int) []part {
	want := map[string]bool{}
	take := func(from []part) {
		for _, p := range from {
			want[p.stage] = want[p.stage] || len(want) < room
		}
	}
	take(slices.DeleteFunc(slices.Clone(s.parts), func(p part) bool { return !mainStages[p.stage] }))
	rest := slices.DeleteFunc(slices.Clone(s.parts), func(p part) bool { return mainStages[p.stage] || p.share == 0 })
	slices.SortStableFunc(rest, func(a, b part) int { return worseBy([2]float64{a.share, b.share}) })
	take(rest)
	return slices.DeleteFunc(slices.Clone(s.parts), func(p part) bool { return !want[p.stage] })
}

// The columns of TimeSpent: the stage's name, its milliseconds and its share.
const (
	spentName  = 16
	spentMs    = 11
	spentShare = 6
	spentBar   = 8 // a shorter bar gives way to no milliseconds
)

// TimeSpent draws where the latency goes.
func TimeSpent(c *draw.Canvas, s Scene) {
	spent := spent(s.Figures.Recent)
	figure := draw.Ms(spent.total)
	c.Text(0, 0, fit(c.W,
		fmt.Sprintf("where %s goes: %s, last 5 s", spent.of, withMs(figure)),
		fmt.Sprintf("%s %s, last 5 s", strings.TrimPrefix(spent.of, "the "), withMs(figure)),
		fmt.Sprintf("%s %s", strings.TrimPrefix(spent.of, "the "), withMs(figure))), draw.Faint)
	bar := c.W - spentName - spentMs - spentShare
	told := bar >= spentBar && spent.total != nil
	if !told {
		bar += spentMs
	}
	for i, p := range spent.shown(c.H - 1) {
		y := i + 1
		long, _ := p.word()
		c.Text(0, y, draw.Cut(long, spentName-1), draw.Text)
		if !p.known {
			c.Text(spentName, y, draw.Cut("not measured", c.W-spentName), draw.Faint)
			continue
		}
		c.Bar(spentName, y, bar, p.share, draw.SeriesA)
		if told {
			c.TextRight(c.W-spentShare, y, draw.MsOf(p.share**spent.total)+" ms", draw.Text)
		}
		c.TextRight(c.W, y, draw.Percent(&p.share), draw.Text)
	}
}

func shareOf(part float64, whole *float64) float64 {
	if whole == nil || *whole <= 0 {
		return 0
	}
	return part / *whole
}
