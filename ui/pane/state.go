package pane

import (
	"fmt"
	"strings"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// stateWords are what a state says where the limit stands otherwise, the
// longest way first, and what happens next or what the person can do.
type stateWords struct {
	note func(t *telemetry.Snapshot) []string
	next []string
}

// stateTable is the one table of what is said of the states in which the
// session does not simply run.
var stateTable = map[telemetry.State]stateWords{
	telemetry.Starting:    {plainNote("nothing is sent yet"), []string{"The load begins by itself. Settings can be staged and presets loaded meanwhile.", "The load begins by itself."}},
	telemetry.Unreachable: {plainNote("no broker answers, nothing is sent"), []string{"The load begins by itself once they answer. Settings can be staged and presets loaded meanwhile."}},
	telemetry.Refused:     {plainNote("the cluster refuses this client, nothing is sent", "refused, nothing is sent"), []string{"r tries once more, once the cause is cured; q leaves. What the client logs in with is given at start.", "r tries once more, q leaves.", "r tries again."}},
	telemetry.Consent:     {plainNote("not allowed yet, nothing is sent"), []string{"r asks again, q leaves it alone.", "r asks again."}},
	telemetry.WarmingUp:   {plainNote("warming up: figures do not count yet", "warming up"), []string{"It takes three seconds at most."}},
	telemetry.Swapping:    {plainNote("the old producer drains, the new one waits", "producer swap"), []string{"The load goes on by itself; 4 tells what the change cost.", "The load goes on by itself."}},
	telemetry.Paused:      {pausedNote, []string{"r starts it again, q leaves.", "r starts it."}},
	telemetry.Crashed:     {plainNote("the producer is dead, what it held is gone", "the producer is dead"), []string{"The step restart (: opens the palette) starts another, q leaves.", "The step restart starts another.", ": restart"}},
	telemetry.Degraded:    {degradedNote, []string{"It goes on by itself; 4 tells what happened.", "4 tells what happened."}},
	telemetry.Draining:    {drainingNote, []string{"The report follows."}},
	telemetry.Done:        {doneNote, []string{"space and [ look back, q leaves with the report.", "q leaves with the report.", "q leaves."}},
}

func plainNote(ways ...string) func(*telemetry.Snapshot) []string {
	return func(*telemetry.Snapshot) []string { return ways }
}

// waiting is what has been accepted and is not answered yet.
func waiting(t *telemetry.Snapshot) string {
	if n := t.Report.Records.InBuffer; n > 0 {
		return draw.Plural(n, "record") + " in the buffer"
	}
	return "the buffer is empty"
}

func pausedNote(t *telemetry.Snapshot) []string {
	return []string{"the load is stopped, " + waiting(t), "the load is stopped"}
}

func drainingNote(t *telemetry.Snapshot) []string {
	return []string{"no more is sent, " + waiting(t), waiting(t)}
}

func doneNote(t *telemetry.Snapshot) []string {
	r := t.Report.Records
	short := draw.SI(float64(r.Acked)) + " acknowledged"
	end := short + ", none lost"
	if lost := r.Failed + r.Unknown + r.Refused; lost > 0 {
		end = fmt.Sprintf("%s, %s lost", short, draw.SI(float64(lost)))
	}
	return []string{"the load has ended: " + end, "ended: " + end, end, short}
}

// degradedNote names the brokers that are away.
func degradedNote(t *telemetry.Snapshot) []string {
	var gone []string
	for _, b := range t.Now.InFlight {
		if away(t, b) {
			gone = append(gone, fmt.Sprintf("b%d", b.ID))
		}
	}
	switch {
	case len(gone) == 0:
		return []string{"brokers answer with errors", "errors"}
	case len(gone) == 1:
		return []string{gone[0] + " is not connected", gone[0] + " away"}
	}
	some := strings.Join(gone[:min(len(gone), 5)], " ")
	if len(gone) > 5 {
		some += fmt.Sprintf(" and %d more", len(gone)-5)
	}
	return []string{some + " are not connected", fmt.Sprintf("%d of %d brokers away", len(gone), len(t.Now.InFlight))}
}

// stateNote is what stands at the pipeline's edge while the session does not
// simply run; nil while it does.
func stateNote(t *telemetry.Snapshot) []string {
	if words, ok := stateTable[t.State]; ok {
		return words.note(t)
	}
	return nil
}

// StateNext says what happens next in a state, or what the person can do, the
// longest way first; nothing while the session simply runs.
func StateNext(s telemetry.State) []string { return stateTable[s].next }

// StateLine draws a state in a line: its sentence, and what happens next as far
// as there is room.
func StateLine(c *draw.Canvas, t *telemetry.Snapshot) {
	say := strings.TrimSpace(draw.Safe(t.Say, c.W))
	x := c.Text(0, 0, say, draw.Strong) + 3
	var ways []string
	for _, way := range StateNext(t.State) {
		if first, _, _ := strings.Cut(strings.TrimSuffix(way, "."), ","); !strings.Contains(say, first) {
			ways = append(ways, way) // else the sentence says so itself
		}
	}
	c.Text(x, 0, fit(c.W-x, append(ways, "")...), draw.Faint)
}
