package pane

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"kdyno/ui/draw"
)

// Pipeline is the road of a record: send, serialize, partition, accumulator, requests in
// flight and acknowledgements; below it the queues of the partitions and,
// where there is room, where the time goes.
type Pipeline struct {
	scroll int // the first partition shown when not all of them fit
	over   int // partitions that did not fit when it was last drawn
	cursor cursor
	board  queueBoard
	full   fullBrokers
}

const (
	tallPipeline   = 12 // rows inside the box that show where the time goes too
	timeRows       = 6  // where the time goes, with what it usually needs
	narrowPipeline = 70 // columns under which two stations are left out
)

// Move moves the cursor along the stations, the brokers and the partitions; at
// the last one it goes on through the partitions that do not fit.
func (p *Pipeline) Move(by int) {
	beyond := p.cursor.move(by, p.scroll)
	p.scroll = max(0, min(p.scroll+beyond, p.over))
}

// Subject implements Pointer.
func (p *Pipeline) Subject() Subject { return p.cursor.subject() }

// Draw draws the pane with its box.
func (p *Pipeline) Draw(c *draw.Canvas, s Scene) {
	p.full.watch(s.Figures)
	title := "Pipeline"
	if n := producers(s); n > 1 {
		title = fmt.Sprintf("Pipeline x%d", n) // as many clients side by side
	}
	room := c.W - draw.Width(title) - 8
	note := draw.Span{Text: fit(room, append(verdict(s), "")...), Role: draw.Strong}
	if ways := p.full.words(s); ways != nil {
		note = draw.Span{Text: fit(room, ways...), Role: draw.Bad}
	}
	if ways := stateNote(s.Live); ways != nil {
		note = draw.Span{Text: fit(room, ways...), Role: stateLook[s.Live.State].Role}
	}
	box := draw.Box{
		Title: []draw.Span{{Text: title, Role: draw.Title}},
		Note:  note,
		Foot:  draw.Span{Text: legend(c.W-8, s), Role: draw.Faint},
		Focus: s.Focus,
	}
	box.Draw(c, func(c *draw.Canvas) { p.inside(c, s) })
}

// legend says what the glyphs mean.
func legend(w int, s Scene) string {
	if s.Figures.Guests != nil {
		return fit(w, fmt.Sprintf("%c slot that was used before   ! slowest broker", draw.Free))
	}
	batches := fmt.Sprintf("%c ready batch  %c filling", draw.Ready, draw.Filling)
	return fit(w,
		fmt.Sprintf("%s  + more  %c free slot  ! slowest broker", batches, draw.Free),
		fmt.Sprintf("%s  %c free slot  ! slowest broker", batches, draw.Free), batches)
}

func (p *Pipeline) inside(c *draw.Canvas, s Scene) {
	if s.Live.Report.Records.Sent == 0 && len(s.Live.Now.Queues) == 0 && s.Live.Say != "" {
		card(c, s.Live.Say, StateNext(s.Live.State))
		return
	}
	p.cursor.targets = p.cursor.targets[:0]
	defer func() { p.cursor.draw(c, s) }()
	rows := max(3, min(len(s.Live.Now.InFlight), c.H-11))
	p.stations(c, s, rows)
	y := 2 + rows
	bottom := c.H - 1
	counters(c, s, bottom)
	alerted := alerts(c, s, bottom)
	bottom -= alerted
	if embeddedNote(s) != "" && (c.H < tallPipeline && bottom-y >= 5 || bottom-y > timeRows) {
		bottom--
		c.Text(1, bottom, fit(c.W-2, embeddedNote(s), "embedded: no replication, acks=1 and all cost the same"), draw.Faint)
	}
	if bottom-y >= 2+min(alerted, 1) {
		y++
	}
	if c.H < tallPipeline {
		p.below(c, c.W, y, bottom-y, s)
		return
	}
	rows = max(bottom-y, 1)
	left := min(max(c.W/3, (len(s.Live.Now.Queues)+rows-1)/rows*queueWidth+2), c.W*45/100)
	p.below(c, left, y, bottom-y, s)
	c.Sub(left+1, y, c.W-left-2, bottom-y, func(c *draw.Canvas) { TimeSpent(c, s) })
}

// below draws the queues below the stations.
func (p *Pipeline) below(c *draw.Canvas, w, y, h int, s Scene) {
	first := len(p.cursor.targets)
	c.Sub(0, y, w, h, func(c *draw.Canvas) { p.queues(c, s) })
	for i := first; i < len(p.cursor.targets); i++ {
		p.cursor.targets[i].y += y
	}
}

// card is what stands here before there is anything to measure.
func card(c *draw.Canvas, say string, next []string) {
	lines := draw.Wrap(draw.Safe(say, 1000), min(c.W-4, 68), max(c.H-3, 1))
	told := len(lines)
	if len(next) > 0 {
		lines = append(append(lines, ""), draw.Wrap(next[0], min(c.W-4, 68), 3)...)
	}
	width := 0
	for _, l := range lines {
		width = max(width, draw.Width(l))
	}
	y := max(0, (c.H-len(lines))/2)
	for i, l := range lines {
		role := draw.Strong
		if i >= told {
			role = draw.Faint
		}
		c.Text(max(1, (c.W-width)/2), y+i, draw.Cut(l, c.W-2), role)
	}
}

// counters is the line of what went wrong, or that nothing did.
func counters(c *draw.Canvas, s Scene, y int) {
	r := s.Figures.Report
	x := 1
	put := func(name string, n int64, bad draw.Role) {
		role := draw.Faint
		if n > 0 {
			role = bad
		}
		x = c.Text(x, y, name+" "+draw.Count(n), role) + 3
	}
	put("retries", r.Requests.Retries, draw.Warn)
	if s.Figures.Guests == nil { // of its buffer and its callbacks only it knows
		put("failed", r.Records.Failed, draw.Bad)
		put("refused", r.Records.Refused, draw.Bad)
		put("unknown", r.Records.Unknown, draw.Bad)
	}
	if r.Buffer.Exhausted > 0 {
		put("exhausted", r.Buffer.Exhausted, draw.Bad)
	}
	if len(r.Requests.Errors) == 0 {
		x = c.Text(x, y, "errors 0", draw.Faint) + 3
	}
	for _, code := range worstFirst(r.Requests.Errors) {
		put(draw.Safe(code, 40), r.Requests.Errors[code], draw.Bad)
	}
	if x < c.W {
		c.TextRight(c.W-1, y, fit(c.W-1-x, clockWords(s)...), draw.Faint)
	}
}

func worstFirst(counts map[string]int64) []string {
	codes := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(codes, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	return codes
}

func embeddedNote(s Scene) string {
	if s.Figures.Report.Cluster.Kind != "embedded" {
		return ""
	}
	return "embedded: no replication, so acks=1 and acks=all cost the same here"
}

// fit is the first text that fits w cells, or the last one cut to them.
func fit(w int, texts ...string) string {
	for _, t := range texts {
		if draw.Width(t) <= w {
			return t
		}
	}
	return draw.Cut(texts[len(texts)-1], w)
}

func orZero(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}
