package run

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// pressedAt is a buffer that was pressed at one instant, 0: never.
type pressedAt int64

func (pressedAt) Charge(int64)  {}
func (pressedAt) Release(int64) {}

func (p pressedAt) Pressed(since int64) int64 {
	if int64(p) >= since {
		return int64(p)
	}
	return 0
}

// A batch is ready at the earliest of what makes one so, and says which.
func TestReadiness(t *testing.T) {
	const linger, opened = 50, 1000
	for name, tt := range map[string]struct {
		fullAt, flush, pressed, written int64
		at                              int64
		why                             telemetry.ClosedBy
	}{
		"linger":                   {written: 1060, at: 1050, why: telemetry.ClosedByLinger},
		"linger, written at once":  {written: 1050, at: 1050, why: telemetry.ClosedByLinger},
		"left with others":         {written: 1020, at: 1020, why: telemetry.ClosedWithOthers},
		"full":                     {fullAt: 1030, written: 1060, at: 1030, why: telemetry.ClosedByFull},
		"full after its linger":    {fullAt: 1055, written: 1060, at: 1050, why: telemetry.ClosedByLinger},
		"flush":                    {flush: 1010, written: 1011, at: 1010, why: telemetry.ClosedByFlush},
		"flush before it opened":   {flush: 900, written: 1001, at: 1000, why: telemetry.ClosedByFlush},
		"memory":                   {pressed: 1005, written: 1040, at: 1005, why: telemetry.ClosedByMemory},
		"pressed before it opened": {pressed: 999, written: 1020, at: 1020, why: telemetry.ClosedWithOthers},
		"pressed after its write":  {pressed: 1030, written: 1020, at: 1020, why: telemetry.ClosedWithOthers},
	} {
		t.Run(name, func(t *testing.T) {
			r := &Run{o: Options{Buffer: pressedAt(tt.pressed)}, limits: limits{linger: linger}}
			r.flushing.Store(tt.flush)
			if at, why := r.readiness(opened, tt.fullAt, tt.written); at != tt.at || why != tt.why {
				t.Errorf("ready at %d by %d, want %d by %d", at, why, tt.at, tt.why)
			}
		})
	}
}

// Every name that a failure gets is one that the report explains.
func TestKindsOfFailureAreExplained(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{kgo.ErrRecordTimeout, "DELIVERY_TIMEOUT"},
		{fmt.Errorf("%w: %w", kgo.ErrRecordTimeout, kerr.NotEnoughReplicas), "DELIVERY_TIMEOUT"},
		{kerr.MessageTooLarge, "MESSAGE_TOO_LARGE"},
		{kgo.ErrRecordRetries, "RETRIES_EXHAUSTED"},
		{kgo.ErrClientClosed, "PRODUCER_CLOSED"},
		{errors.New("broken pipe"), "CONNECTION_LOST"},
		{errors.New("response did not contain enough data to be valid"), "GARBLED_ANSWER"},
		{errors.New("unable to dial: no route to host"), "UNREACHABLE"},
	} {
		got := kindOf(tt.err)
		if got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.err, got, tt.want)
		}
		if _, _, say := report.Explain(got); strings.Contains(say, "does not know it yet") {
			t.Errorf("%s is not explained", got)
		}
	}
	for _, kind := range []string{failedBeside, closedKind, crashedKind, "CALLED_BACK"} {
		if _, _, say := report.Explain(kind); strings.Contains(say, "does not know it yet") {
			t.Errorf("%s is not explained", kind)
		}
	}
}

// What a broker's answer means for the log: when in doubt nobody can tell.
func TestOutcomesOfAnswers(t *testing.T) {
	for _, tt := range []struct {
		err  *kerr.Error
		want outcome
		name string
	}{
		{kerr.DuplicateSequenceNumber, stored, ""},
		{kerr.MessageTooLarge, rejected, "MESSAGE_TOO_LARGE"},
		{kerr.NotEnoughReplicas, rejected, "NOT_ENOUGH_REPLICAS"},
		{kerr.NotEnoughReplicasAfterAppend, uncertain, "NOT_ENOUGH_REPLICAS_AFTER_APPEND"},
		{kerr.RequestTimedOut, uncertain, "REQUEST_TIMED_OUT"},
		{kerr.NotLeaderForPartition, uncertain, "NOT_LEADER_OR_FOLLOWER"},
		{kerr.UnknownServerError, uncertain, "UNKNOWN_SERVER_ERROR"},
	} {
		if got, name := outcomeOf(tt.err.Code); got != tt.want || name != tt.name {
			t.Errorf("%s: got %d %q, want %d %q", tt.err.Message, got, name, tt.want, tt.name)
		}
	}
	if got, name := outcomeOf(0); got != stored || name != "" {
		t.Errorf("no error: got %d %q, want stored", got, name)
	}
	if got, _ := outcomeOf(32000); got != uncertain {
		t.Errorf("a code that nobody knows: got %d, want uncertain", got)
	}
}
