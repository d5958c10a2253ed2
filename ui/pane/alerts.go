package pane

import (
	"strings"

	"kdyno/ui/draw"
)

// alerts draws above the counters what must not be out of sight: a clock that is
// past half of its time, the faults in force and, where no other pane has room
// for it, the audit. It says how many rows it took.
func alerts(c *draw.Canvas, s Scene, bottom int) (rows int) {
	line := ""
	if k := nearest(clocks(s)); k.share() > 0.5 {
		line = fit(c.W-2, "! "+k.words()+" ("+k.by+")", "! "+k.words()) + "   "
		if len(s.Live.Now.Faults) > 0 {
			line = "! " + k.words() + "   "
		}
	}
	if line += FaultLine(s.Live, max(c.W-2-draw.Width(line), 0)); line != "" {
		rows++
		c.Text(1, bottom-rows, draw.Cut(line, c.W-2), draw.Bad)
	}
	if now := s.Figures.Now.Audit; s.Alone && now != nil {
		rows++
		note := auditNote(now, s.Figures.Report.Audit)
		x := c.Text(1, bottom-rows, "audit ", draw.Faint)
		figures := auditFigures(now, c.W-x-draw.Width(note.Text)-3, 1)[0]
		x = c.Text(x, bottom-rows, draw.Cut(figures, max(c.W-x-1, 0)), auditRole(now)) + 2
		c.Text(x, bottom-rows, draw.Cut(note.Text, max(c.W-x-1, 0)), note.Role)
	}
	return rows
}

// nearest is the clock of which the most is over.
func nearest(all [clockCount]clock) clock {
	most := all[0]
	for _, k := range all {
		if k.share() > most.share() {
			most = k
		}
	}
	return most
}

// clockWords tell of all clocks, or of the one that is nearest to its end; the
// longest way first.
func clockWords(s Scene) []string {
	all := clocks(s)
	line := make([]string, len(all))
	for i, k := range all {
		line[i] = k.words()
	}
	return []string{strings.Join(line, "   "), nearest(all).words(), ""}
}

func (c clock) words() string {
	return c.name + " " + draw.Bound(c.now) + " of " + draw.Bound(c.bound)
}
