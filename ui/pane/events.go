package pane

import (
	"fmt"
	"time"

	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// Events is the log of what happened, the newest first.
type Events struct {
	Filter Filter
	scroll int
	over   int // events that did not fit when it was last drawn
}

// ListFilter implements Lister.
func (e *Events) ListFilter() *Filter { return &e.Filter }

// Move moves through the log; down is further back.
func (e *Events) Move(by int) {
	e.scroll = max(0, min(e.scroll+by, e.over))
}

// Draw draws the pane with its box, and beside it the audit where there is one.
func (e *Events) Draw(c *draw.Canvas, s Scene) { BesideAudit(c, s, e.draw) }

func (e *Events) draw(c *draw.Canvas, s Scene) {
	all := s.Figures.Report.Events
	events := e.passing(all)
	e.over = max(0, len(events)-(c.H-2))
	e.scroll = min(e.scroll, e.over)
	note := draw.Plural(int64(len(all)), "event")
	if e.Filter.On() {
		note = fmt.Sprintf("%s %d of %s", e.Filter.Note(), len(events), note)
	}
	if e.scroll > 0 {
		note = fmt.Sprintf("%d newer above, %s", e.scroll, note)
	}
	box := draw.Box{
		Title: []draw.Span{{Text: "Events", Role: draw.Title}}, Focus: s.Focus,
		Note: draw.Span{Text: note, Role: draw.Faint},
	}
	box.Draw(c, func(c *draw.Canvas) {
		for y := range c.H {
			i := len(events) - 1 - e.scroll - y
			if i < 0 {
				return
			}
			c.Text(1, y, draw.Cut(EventLine(events[i], c.W), c.W-2), eventRole(events[i].Kind))
		}
	})
}

// passing are the events that the filter lets pass.
func (e *Events) passing(all []report.Event) []report.Event {
	if !e.Filter.On() {
		return all
	}
	var passing []report.Event
	for _, event := range all {
		if e.Filter.Passes(event.Kind, event.Say) {
			passing = append(passing, event)
		}
	}
	return passing
}

// EventLine is an event in one line of at most w cells.
func EventLine(e report.Event, w int) string {
	return draw.Clock(time.Duration(e.AtS*float64(time.Second))) + " " + draw.Safe(e.Say, max(w-8, 0))
}

func eventRole(kind string) draw.Role {
	switch kind {
	case "revision", "mark":
		return draw.Staged
	case "fault", "crash":
		return draw.Bad
	}
	return draw.Text
}
