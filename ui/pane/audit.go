package pane

import (
	"fmt"
	"strings"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// auditWidth is the most that an audit takes of a pane that it shares.
const auditWidth = 64

// BesideAudit draws a pane and, where there is an audit, that at its right.
func BesideAudit(c *draw.Canvas, s Scene, rest func(c *draw.Canvas, s Scene)) {
	if s.Figures.Now.Audit == nil {
		rest(c, s)
		return
	}
	w := min(auditWidth, c.W*3/5)
	c.Sub(0, 0, c.W-w, c.H, func(c *draw.Canvas) { rest(c, s) })
	c.Sub(c.W-w, 0, w, c.H, func(c *draw.Canvas) { drawAudit(c, s.Figures) })
}

// drawAudit draws how an audit stands or what it came to: the sentence first, as
// far as there is room, and the figures.
func drawAudit(c *draw.Canvas, t *telemetry.Snapshot) {
	now, verdict := t.Now.Audit, t.Report.Audit
	box := draw.Box{
		Title: []draw.Span{{Text: "Audit", Role: draw.Title}}, Note: auditNote(now, verdict),
	}
	box.Draw(c, func(c *draw.Canvas) {
		lines, y := auditFigures(now, c.W-2, c.H), 0
		if verdict != nil {
			for _, line := range draw.Wrap(draw.Safe(verdict.Say, 1000), c.W-2, max(c.H-len(lines), 1)) {
				c.Text(1, y, line, draw.Text)
				y++
			}
		}
		for _, line := range lines {
			c.Text(1, y, draw.Cut(line, c.W-2), auditRole(now))
			y++
		}
	})
}

func auditNote(now *telemetry.AuditNow, verdict *report.Audit) draw.Span {
	switch {
	case now.On:
		return draw.Span{Text: "on, A ends it", Role: draw.Faint}
	case verdict == nil:
		return draw.Span{Text: "reads to the end", Role: draw.Faint}
	}
	role := draw.Good
	switch verdict.Verdict {
	case report.AuditViolated:
		role = draw.Bad
	case report.AuditInconclusive:
		role = draw.Warn
	case report.AuditKept:
	}
	return draw.Span{Text: strings.ToUpper(string(verdict.Verdict)), Role: role}
}

func auditRole(now *telemetry.AuditNow) draw.Role {
	if now.Twice+now.Reordered > 0 {
		return draw.Warn
	}
	return draw.Text
}

// auditFigures are the five figures, in one line where there are no more.
func auditFigures(now *telemetry.AuditNow, w, h int) []string {
	rows := []struct {
		name, short string
		n           int64
	}{
		{"promised", "promised", now.Promised},
		{"found", "found", now.Found},
		{"missing so far", "missing", now.Missing},
		{"twice", "twice", now.Twice},
		{"out of order", "order", now.Reordered},
	}
	if h < len(rows) {
		long, short := "", ""
		for i, r := range rows {
			if i > 0 {
				long, short = long+"  ", short+" "
			}
			long += r.name + " " + draw.SI(float64(r.n))
			short += r.short + " " + draw.SI(float64(r.n))
		}
		if len(long) > w {
			long = short
		}
		return []string{long}
	}
	var lines []string
	for _, r := range rows {
		lines = append(lines, fmt.Sprintf("%-14s %14s", r.name, draw.Count(r.n)))
	}
	return lines
}
