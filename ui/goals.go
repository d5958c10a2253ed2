package ui

import (
	"fmt"
	"strconv"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
	"kdyno/ui/pane"
)

// goals are the objectives of the preset in use, judged on the whole session as
// the exit code will judge them.
type goals struct {
	expects []report.Expect
	judged  []report.Expectation
}

func goalsOf(texts []string) goals {
	var g goals
	for _, text := range texts {
		if e, err := report.ParseExpect(text); err == nil { // they were read with the preset
			g.expects = append(g.expects, e)
		}
	}
	return g
}

// judge judges them anew; it takes the time of writing the report down.
func (g *goals) judge(t *telemetry.Snapshot) {
	if len(g.expects) == 0 || t == nil {
		return
	}
	if judged, err := report.Judge(t.Report, g.expects); err == nil { // a report can be written down
		g.judged = judged
	}
}

// line is one objective for the list of presets; only those in use are judged.
func (g *goals) line(expr string, used bool) pane.Goal {
	line := pane.Goal{Text: expr}
	for _, e := range g.judged {
		if used && e.Expr == expr {
			line.Judged, line.Met, line.Got = true, e.Met, gotText(e.Got)
		}
	}
	return line
}

func gotText(got any) string {
	switch v := got.(type) {
	case nil:
		return "not known yet"
	case float64:
		return strconv.FormatFloat(v, 'g', 4, 64)
	default:
		return fmt.Sprint(v)
	}
}

// spans say in one line how the objectives stand, the longest way first; nil
// without any.
func (g *goals) spans() []draw.Span {
	if len(g.judged) == 0 {
		return nil
	}
	met, worst := 0, ""
	for _, e := range g.judged {
		if e.Met {
			met++
		} else if worst == "" {
			worst = e.Expr + " is " + gotText(e.Got)
		}
	}
	short := fmt.Sprintf("objectives %d of %d", met, len(g.judged))
	if worst == "" {
		return []draw.Span{{Text: short + " met", Role: draw.Good}, {Text: short, Role: draw.Good}}
	}
	return []draw.Span{{Text: short + ": " + worst, Role: draw.Bad}, {Text: "! " + worst, Role: draw.Bad}, {Text: short, Role: draw.Bad}}
}
