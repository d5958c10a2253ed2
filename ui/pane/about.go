package pane

import (
	"strings"

	"kdyno/engine/setting"
	"kdyno/ui/draw"
)

// fewAbout is with how many rows the measurement comes first: what a setting is
// can be read elsewhere, what it does right now cannot.
const fewAbout = 12

// page is a canvas that is written from the top down.
type page struct {
	*draw.Canvas
	y      int
	margin int // of both sides, beyond one cell
}

// put writes a text over as many lines as it needs and there are; the lines
// after the first are indented by hang.
func (p *page) put(text string, hang int, role draw.Role) {
	pad := strings.Repeat(" ", hang)
	for i, line := range draw.Wrap(draw.Safe(text, 2000), p.W-2-2*p.margin-hang, p.H-p.y) {
		if i > 0 {
			line = pad + line
		}
		p.Text(1+p.margin, p.y, line, role)
		p.y++
	}
}

// about explains the setting under the cursor, and what the present measurement
// says of it.
func (p *Config) about(c *draw.Canvas, s Scene) {
	row := p.Row()
	head := "about " + string(row.Key)
	drawHead(c, 0, head, Range(row))
	to := &page{Canvas: c, y: 1}
	now := NowOf(row.Key, s.Figures, s.Values)
	if c.H < fewAbout {
		to.put(now, 0, draw.Strong)
		to.put(row.Doc, 0, draw.Text)
	} else {
		to.put(row.Doc, 0, draw.Text)
		to.put(now, 0, draw.Strong)
	}
	if p.Reckon != nil && c.H >= fewAbout {
		to.put(p.Reckon(row.Key, s), 0, draw.Text)
	}
	for _, problem := range p.problemsAt(row.Key) {
		to.put(problem.Why, 0, draw.Warn)
	}
	to.put(row.Cost, 0, draw.Text)
	if row.AtStart {
		to.put("At start only: give it to kdyno when it starts.", 0, draw.Faint)
	}
	to.put(row.Note, 0, draw.Faint)
	if !headFits(c.W, head, Range(row)) {
		to.put("It takes: "+Range(row), 0, draw.Faint)
	}
	if was := row.HistoryLine(); was != "" {
		to.put("Default: "+was+".", 0, draw.Faint)
	}
	to.guarantee(p.Proposed(s.Values).Guarantee())
	to.knowledge(row)
}

// leastKnowledge is with how many rows left the rules are worth beginning.
const leastKnowledge = 4

// knowledge tells the rules that name a setting, and where to read on.
func (p *page) knowledge(row setting.Row) {
	if p.H-p.y < leastKnowledge {
		return
	}
	p.y++
	rules := setting.RulesOf(row.Key)
	if len(rules) > 0 {
		p.put("Rules that name it:", 0, draw.Strong)
	}
	for _, rule := range rules {
		p.put("- "+rule.Holds, 2, draw.Text)
	}
	if sources := row.Sources(); len(sources) > 0 {
		p.put("Sources: "+strings.Join(sources, "; "), 2, draw.Faint)
	}
}

// leastGuarantee is with how many rows left the guarantee is worth beginning.
const leastGuarantee = 3

func (p *page) guarantee(g setting.Guarantee) {
	if g.Name == "" || p.H-p.y <= leastGuarantee {
		return
	}
	p.y++
	p.put("Guarantee: "+g.Name, 0, draw.Strong)
	for _, because := range g.Because {
		p.put("+ "+because, 2, draw.Text)
	}
	if len(g.BrokenBy) > 0 && p.y < p.H {
		p.put("What breaks it:", 0, draw.Strong)
	}
	for _, broken := range g.BrokenBy {
		p.put("- "+broken, 2, draw.Text)
	}
}
