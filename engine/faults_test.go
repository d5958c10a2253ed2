package engine_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kdyno/engine"
	"kdyno/engine/step"
)

// Between 1 and in flight the slots at the wire decide how many round trips
// run at once.
func TestSlotsHoldRequestsInFlightWithIdempotence(t *testing.T) {
	for _, limit := range []string{"1", "2", "3", "4", "5"} {
		t.Run(limit, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := inFakeTime(t, engine.Config{
					Values: values(t, "max.in.flight.requests.per.connection", limit, "stand.link.rtt", "20ms", "linger.ms", "0",
						"load.rate", "5000", "stand.brokers", "1", "stand.partitions", "1"),
					For: 5 * time.Second,
				}, nil)
				most := map[string]int64{"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}[limit]
				if b := r.Brokers[0]; b.InFlightMax != most || b.Slots != most {
					t.Errorf("at most %d in flight of %d slots, want %d", b.InFlightMax, b.Slots, most)
				}
				if r.Records.Acked != 25_000 || len(r.Differences) > 0 {
					t.Errorf("acked %d, differences %v", r.Records.Acked, r.Differences)
				}
			})
		})
	}
}

func TestLinkIsExactInFakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inFakeTime(t, engine.Config{
			Values: values(t, "stand.link.rtt", "20ms", "stand.link.jitter", "5ms", "linger.ms", "0", "load.rate", "20"),
			For:    60 * time.Second,
		}, nil)
		if lo, hi := *r.Latency.MinMs, *r.Latency.MaxMs; lo < 15 || hi > 25 || hi-lo < 5 {
			t.Errorf("latency from %v to %v ms, want 20 give or take 5", lo, hi)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		// 1 Mbit/s carries 125,000 bytes a second; so much is asked of it twice over.
		r := inFakeTime(t, engine.Config{
			Values: values(t, "stand.link.bandwidth", "1Mbit", "stand.brokers", "1", "load.record.bytes", "1000", "load.rate", "250"),
			For:    20 * time.Second,
		}, nil)
		if rate := r.Rate.BytesPerS; rate < 110_000 || rate > 126_000 {
			t.Errorf("%v bytes/s over a link of 125,000", rate)
		}
	})
}

// Each fault of the link is started and healed under load; what was accepted
// is acknowledged once it is over, and the log tells both.
func TestFaultsOfTheLinkAreSurvived(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line    string
		retries bool
	}{
		{"fault slow-link rtt=100ms for=1s", false},
		{"fault thin-link bandwidth=1Mbit for=1s", false},
		{"fault stall for=1s", false},
		{"fault reset", true},
		{"fault lose-request count=2", true},
		{"fault lose-response count=2", true},
		{"fault stall broker=1 for=1s", false},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := inFakeTime(t, engine.Config{
					Values: values(t, "stand.link.rtt", "10ms", "load.rate", "2000", "request.timeout.ms", "2000"),
					At:     []step.Timed{{At: 2 * time.Second, Step: mustStep(t, tt.line)}},
					For:    8 * time.Second,
				}, nil)
				if r.Records.Acked != 16_000 {
					t.Errorf("%+v, want 16000 acknowledged", r.Records)
				}
				if tt.retries && r.Requests.Retries == 0 {
					t.Error("no batch was written again")
				}
				kinds := ""
				for _, e := range r.Events {
					kinds += e.Kind + " "
				}
				if !strings.Contains(kinds, "fault heal") {
					t.Errorf("events %v, want a fault and its end", r.Events)
				}
			})
		})
	}
}

func TestFaultsThatCannotBeAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inFakeTime(t, engine.Config{Values: values(t), For: 2 * time.Second}, func(s *engine.Session) {
			time.Sleep(time.Second)
			for _, line := range []string{"fault nonsense", "fault stall broker=9", "fault stall count=-1", "fault slow-link", "heal stall", "heal nonsense"} {
				st, err := step.Parse(line)
				if err != nil {
					continue // refused earlier still
				}
				var refused *engine.Error
				if err := s.Do(st); !errors.As(err, &refused) || refused.Kind != engine.Usage {
					t.Errorf("%s: got %v, want a refusal", line, err)
				}
			}
		})
	})
}
