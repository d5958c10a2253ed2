package pane

import (
	"strings"
	"testing"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

func TestEveryStateSaysWhatHappensNext(t *testing.T) {
	for state := range stateLook {
		snap := &telemetry.Snapshot{State: state, Say: "What happens."}
		snap.Now.InFlight = make([]telemetry.BrokerNow, 9)
		c := draw.NewCanvas(160, 1)
		StateLine(c, snap)
		line := strings.TrimSpace(c.Plain()[0])
		if !strings.HasPrefix(line, "What happens.") {
			t.Errorf("%s: got %q, want the engine's sentence first", state, line)
		}
		plain := state == telemetry.Running
		if next := len(line) > len("What happens."); next == plain {
			t.Errorf("%s: got %q, want what happens next unless it runs", state, line)
		}
		if note := stateNote(snap); (len(note) == 0) != plain {
			t.Errorf("%s: got %q at the pipeline, want a note unless it runs", state, note)
		}
	}
}

func TestDegradedStateNamesTheBrokersThatAreAway(t *testing.T) {
	snap := &telemetry.Snapshot{State: telemetry.Degraded}
	for i := range 50 {
		snap.Now.InFlight = append(snap.Now.InFlight, telemetry.BrokerNow{ID: int32(i), Connected: i != 7})
	}
	if got := stateNote(snap)[0]; got != "b7 is not connected" {
		t.Errorf("got %q, want the one broker", got)
	}
	for i := range snap.Now.InFlight {
		snap.Now.InFlight[i].Connected = i%5 != 0
	}
	if got := stateNote(snap); got[0] != "b0 b5 b10 b15 b20 and 5 more are not connected" || got[1] != "10 of 50 brokers away" {
		t.Errorf("got %q, want five names and the number", got)
	}
}

func TestEndSaysWhatWasLost(t *testing.T) {
	snap := &telemetry.Snapshot{State: telemetry.Done}
	snap.Report.Records.Acked = 1_500_000
	if got := stateNote(snap)[0]; got != "the load has ended: 1.5M acknowledged, none lost" {
		t.Errorf("got %q", got)
	}
	snap.Report.Records.Unknown = 3
	if got := stateNote(snap)[0]; got != "the load has ended: 1.5M acknowledged, 3 lost" {
		t.Errorf("got %q", got)
	}
}

func TestWhatTheSentenceSaysIsNotSaidAgain(t *testing.T) {
	for say, want := range map[string]string{
		"the load is paused":                    "the load is paused   r starts it again, q leaves.",
		"the load is paused. r starts it again": "the load is paused. r starts it again",
	} {
		c := draw.NewCanvas(80, 1)
		StateLine(c, &telemetry.Snapshot{State: telemetry.Paused, Say: say})
		if got := strings.TrimRight(c.Plain()[0], " "); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
