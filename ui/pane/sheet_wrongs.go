package pane

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// wrongsPage lists what is broken now and what has failed so far.
func wrongsPage(s Scene) account {
	t := s.Figures
	g := account{title: "What is wrong", note: "enter opens one"}
	g.head("faults in force", "the step heal ends them: : opens the palette")
	for _, f := range s.Live.Now.Faults {
		g.rowAs(draw.Safe(f.Name, 18), strings.TrimLeft(strings.TrimPrefix(faultWords(f, s.Live.At)[0], "! "+f.Name), " ,"), draw.Bad)
	}
	if len(s.Live.Now.Faults) == 0 {
		g.say("none: nothing is broken on purpose", draw.Faint)
	}
	g.head("failures so far", failureHead)
	if len(t.Report.Failures) == 0 {
		g.say("none: no error was answered, no record failed", draw.Faint)
	}
	failures := slices.Clone(t.Report.Failures)
	slices.SortStableFunc(failures, func(a, b report.Failure) int { return worseBy([2]float64{float64(a.Count), float64(b.Count)}) })
	for _, f := range failures {
		g.lines = append(g.lines, sheetLine{
			text: failureLine(f), role: failureRole(f), cell: true, pick: failureSubject(f),
		})
	}
	for _, c := range t.Report.Crashes {
		g.say(fmt.Sprintf("the producer died at %s: %s in the buffer, %s in flight", seconds(c.AtS), draw.Plural(c.InBuffer, "record"), draw.Plural(c.InFlight, "record")), draw.Bad)
	}
	return g
}

const failureHead = "how often, what, where, last seen"

// failureSubject is a kind of failure at one broker, or at none.
func failureSubject(f report.Failure) Subject {
	s := Subject{Kind: FailureSubject, Name: f.Kind, ID: -1}
	if f.Broker != nil {
		s.ID = *f.Broker
	}
	return s
}

func failureLine(f report.Failure) string {
	where := f.Where
	if f.Broker != nil {
		where = fmt.Sprintf("broker %d", *f.Broker)
	}
	return fmt.Sprintf("%9s  %s %s %s", draw.Count(f.Count), draw.Left(draw.Safe(f.Kind, 36), 36), draw.Left(where, 10), draw.Right(seconds(f.LastS), 10))
}

func failureRole(f report.Failure) draw.Role {
	if f.Class == "retriable" {
		return draw.Warn
	}
	return draw.Bad
}

// classWords say what a client does about a class of failures.
var classWords = map[string]string{
	"retriable": "it is tried again by itself, until delivery.timeout.ms",
	"fatal":     "it is not tried again: the record fails",
	"unknown":   "nobody knows whether the record is in the log",
}

// failureStops are the stations at which a record meets a failure.
var failureStops = map[string]int{
	"serialize": serializeStop, "metadata": partitionStop, "partition": partitionStop,
	"buffer": accumulatorStop, "wire": flightStop, "broker": ackStop,
}

// failurePage explains a kind of failure.
func failurePage(s Scene, of Subject) account {
	g := account{title: draw.Safe(of.Name, 60), note: "left, right: the others"}
	i := slices.IndexFunc(s.Figures.Report.Failures, func(f report.Failure) bool { return failureSubject(f) == of })
	if i < 0 {
		g.say("it has not happened at this instant", draw.Faint)
		return g
	}
	f := s.Figures.Report.Failures[i]
	g.row("how often", fmt.Sprintf("%s, first at %s, last at %s", draw.Count(f.Count), seconds(f.FirstS), seconds(f.LastS)))
	g.rowAs("class", draw.Safe(f.Class, 20)+": "+classWords[f.Class], failureRole(f))
	g.row("whose fault", report.Whose(f.Kind))
	if f.Broker != nil {
		g.row("answered by", fmt.Sprintf("broker %d", *f.Broker))
	}
	for _, fault := range s.Figures.Report.Faults {
		if fault.AtS <= f.LastS && f.FirstS <= fault.AtS+fault.ForS+1 {
			g.rowAs("meanwhile", "the fault "+draw.Safe(strings.TrimPrefix(fault.Step, "fault "), 60)+" was in force, on purpose", draw.Warn)
		}
	}
	g.head("what it means, and what to change", "")
	g.say(sentence(draw.Safe(f.Say, 1000)), draw.Text)
	g.head("where on the record's road", "")
	g.lines = append(g.lines, sheetLine{text: roadTo(f.Where), cell: true, role: draw.Bad})
	return g
}

// sentence begins with a capital letter.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// roadTo is the road with the station marked at which something happens.
func roadTo(where string) string {
	at, known := failureStops[where]
	var names []string
	for i, stop := range stopTable {
		name := stop.name
		if known && i == at {
			name = "[" + name + " !]"
		}
		names = append(names, name)
	}
	return strings.Join(names, " > ")
}

// faultWords tell of a fault in force at an instant: its name and what it is
// aimed at, since when, and how it heals; the longest way first.
func faultWords(f telemetry.FaultNow, at time.Duration) []string {
	name := draw.Safe(f.Step, 80)
	since := fmt.Sprintf("for %.0f s", max(at-f.Since, 0).Seconds())
	heals := "until healed"
	switch {
	case f.Ends > 0:
		heals = fmt.Sprintf("heals in %.0f s", max(f.Ends-at, 0).Seconds())
	case f.Counts:
		heals = "until used up"
	}
	hits := ""
	if f.Hits > 0 {
		hits = ", hit " + draw.Count(f.Hits)
	}
	aimed := name
	if !strings.Contains(f.Step, "broker=") && !strings.Contains(f.Step, "partition=") {
		aimed += " on " + draw.Safe(f.Target, 30)
	}
	return []string{
		fmt.Sprintf("! %s, since %s (%s)%s, %s", aimed, draw.Clock(f.Since), since, hits, heals),
		fmt.Sprintf("! %s, %s, %s", aimed, since, heals),
		fmt.Sprintf("! %s, %s, %s", name, since, heals),
		fmt.Sprintf("! %s, %s", draw.Safe(f.Name, 20), heals),
		"! " + draw.Safe(f.Name, 20),
	}
}

// FaultLine says in one line what is broken on purpose now, as far as w cells
// go; nothing where nothing is.
func FaultLine(t *telemetry.Snapshot, w int) string {
	all := t.Now.Faults
	switch len(all) {
	case 0:
		return ""
	case 1:
		return fit(w, faultWords(all[0], t.At)...)
	}
	var each, names []string
	for _, f := range all {
		each = append(each, faultWords(f, t.At)[2])
		names = append(names, draw.Safe(f.Name, 20))
	}
	return fit(w, strings.Join(each, "  "),
		fmt.Sprintf("! %d faults: %s", len(all), strings.Join(names, ", ")),
		fmt.Sprintf("! %d faults, F lists them", len(all)))
}
