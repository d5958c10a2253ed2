package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"kdyno/engine"
	"kdyno/engine/step"
	"kdyno/telemetry/report"
)

// ofBroker is the share of all records that went to a broker's partitions.
func ofBroker(r report.Report, id int32) float64 {
	var its, all int64
	for _, p := range r.Partitions {
		all += p.Records
		if p.Leader == id {
			its += p.Records
		}
	}
	return float64(its) / float64(all)
}

// One request in flight and 30 ms more to one of three brokers: it can take
// half of its third. Adaptive partitioning sends it about what it takes.
func TestSlowBrokerGetsFewerRecordsWithAdaptivePartitioning(t *testing.T) {
	t.Parallel()
	share := func(pairs ...string) (of float64) {
		synctest.Test(t, func(t *testing.T) {
			r := inFakeTime(t, engine.Config{
				Values: values(t, append(pairs, "max.in.flight.requests.per.connection", "1", "load.rate", "30k", "load.record.bytes", "200")...),
				At:     []step.Timed{{Step: mustStep(t, "fault slow-link rtt=30ms broker=1")}},
				For:    5 * time.Second,
			}, nil)
			if r.Records.Acked != 150_000 || len(r.Differences) > 0 {
				t.Errorf("%v: acked %d, differences %v; want 150000 and none", pairs, r.Records.Acked, r.Differences)
			}
			of = ofBroker(r, 1)
		})
		return of
	}
	for name, off := range map[string][]string{
		"off":         {"partitioner.adaptive.partitioning.enable", "false"},
		"round robin": {"partitioner.class", "round-robin"},
	} {
		got := share(off...)
		t.Logf("%s: %.3f", name, got)
		if got < 0.30 || got > 0.37 {
			t.Errorf("%s: the slow broker got %.3f of the records, want about a third", name, got)
		}
	}
	for name, on := range map[string][]string{
		"by default":       nil,
		"hash, no keys":    {"partitioner.class", "hash:fnv1a"},
		"keys are ignored": {"load.keys", "uniform:1000", "partitioner.ignore.keys", "true"},
	} {
		got := share(on...)
		t.Logf("%s: %.3f", name, got)
		if got > 0.25 || got < 0.10 {
			t.Errorf("%s: the slow broker got %.3f of the records, want clearly less than a third", name, got)
		}
	}
}

// A broker that hangs with requests in flight: its partitions get what was on
// its way to them, and once the timeout is over nothing more without a key until
// it answers. Without the timeout they still get some.
func TestStalledBrokerIsLeftOutUntilItAnswers(t *testing.T) {
	t.Parallel()
	// The records given to the broker after 3 s, 5.5 s, and 7.5 s; it hangs from 2 to 6 s.
	counts := func(t *testing.T, pairs ...string) (at [3]int64) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			r := inFakeTime(t, engine.Config{
				Values: values(t, append(pairs, "stand.link.rtt", "2ms", "load.rate", "20k", "load.record.bytes", "200")...),
				At:     []step.Timed{{At: 2 * time.Second, Step: mustStep(t, "fault stall broker=1 for=4s")}},
				For:    8 * time.Second,
			}, func(s *engine.Session) {
				for i, wait := range []time.Duration{3 * time.Second, 2500 * time.Millisecond, 2 * time.Second} {
					time.Sleep(wait)
					for _, p := range s.Report().Partitions {
						if p.Leader == 1 {
							at[i] += p.Records + p.Queued
						}
					}
				}
			})
			if r.Records.Acked != 160_000 {
				t.Errorf("%v: %+v, want 160000 acknowledged", pairs, r.Records)
			}
		})
		return at
	}
	timeout := []string{"partitioner.availability.timeout.ms", "100"}
	tests := map[string]struct {
		pairs []string
		out   bool
	}{
		"five in flight":                   {timeout, true},
		"two in flight":                    {append(timeout, "max.in.flight.requests.per.connection", "2"), true},
		"without idempotence":              {append(timeout, "enable.idempotence", "false"), true},
		"by prefix, no keys":               {append(timeout, "partitioner.class", "prefix:a=0,*=hash"), true},
		"no timeout":                       {nil, false},
		"no adaptive partitioning":         {append(timeout, "partitioner.adaptive.partitioning.enable", "false"), false},
		"longer than the broker hangs":     {[]string{"partitioner.availability.timeout.ms", "20000"}, false},
		"with keys it makes no difference": {append(timeout, "load.keys", "uniform:1000"), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			at := counts(t, tt.pairs...)
			t.Logf("%s: %v", name, at)
			if got := at[1] == at[0]; got != tt.out {
				t.Errorf("records after 3 s, 5.5 s, 7.5 s: %v; left out is %v, want %v", at, got, tt.out)
			}
			if at[2] <= at[1] {
				t.Errorf("records after 3 s, 5.5 s, 7.5 s: %v; none came after it answered", at)
			}
		})
	}
}
