package pane

import (
	"fmt"

	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// stageWords names the stages as people speak of them.
var stageWords = map[string]string{
	"schedule_lag": "late start",
	"serialize":    "serialize",
	"blocked":      "blocked in send",
	"swap":         "producer swap",
	"batching":     "wait in batch",
	"slot_wait":    "wait for a slot",
	"network":      "network, broker",
	"retry":        "retries",
	"callback":     "callback",
}

// mainStages are told even when they take no time.
var mainStages = map[string]bool{"batching": true, "slot_wait": true, "network": true}

// TimeSpent draws where the latency goes, by the means of the stages: unlike
// percentiles, means add up to the mean latency.
func TimeSpent(c *draw.Canvas, s Scene) {
	recent := s.Figures.Recent
	mean := recent.Latency.MeanMs
	c.Text(0, 0, fit(c.W,
		fmt.Sprintf("where the time goes: mean %s ms, last 5 s", draw.Ms(mean)),
		fmt.Sprintf("mean %s ms, last 5 s", draw.Ms(mean))), draw.Faint)
	names := shownStages(recent, c.H-1)
	const label, figures = 16, 18
	for i, name := range names {
		y := i + 1
		c.Text(0, y, stageWords[name], draw.Text)
		stage := recent.Stages[name]
		if stage == nil || stage.MeanMs == nil {
			c.Text(label, y, "not measured", draw.Faint)
			continue
		}
		share := shareOf(*stage.MeanMs, mean)
		c.Bar(label, y, c.W-label-figures, share, draw.SeriesA)
		c.TextRight(c.W, y, fmt.Sprintf("%s ms %s", draw.Right(draw.Ms(stage.MeanMs), 7), draw.Right(draw.Percent(&share), 6)), draw.Text)
	}
}

// shownStages are the stages that fit, in the order of the road: first the
// main ones, then whatever takes time.
func shownStages(i report.Interval, room int) []string {
	want := map[string]bool{}
	for name := range mainStages {
		want[name] = len(want) < room
	}
	for len(want) < room {
		best, most := "", 0.0
		for _, name := range report.StageNames {
			if stage := i.Stages[name]; !want[name] && stage != nil && orZero(stage.MeanMs) > most {
				best, most = name, *stage.MeanMs
			}
		}
		if best == "" {
			break
		}
		want[best] = true
	}
	var names []string
	for _, name := range report.StageNames {
		if want[name] && len(names) < room {
			names = append(names, name)
		}
	}
	return names
}

func shareOf(part float64, whole *float64) float64 {
	if whole == nil || *whole <= 0 {
		return 0
	}
	return part / *whole
}

// largestStage is the stage that takes the most of the mean, and its share.
func largestStage(i report.Interval) (name string, share float64) {
	for _, n := range report.StageNames {
		if stage := i.Stages[n]; stage != nil && stage.MeanMs != nil {
			if part := shareOf(*stage.MeanMs, i.Latency.MeanMs); part > share {
				name, share = n, part
			}
		}
	}
	return name, share
}
