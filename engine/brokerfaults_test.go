package engine_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"kdyno/engine"
	"kdyno/engine/step"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// broken runs a load of ten seconds on the embedded brokers, in fake time, with
// steps on the way, and reads the log back before the brokers go.
func broken(t *testing.T, pairs []string, steps ...string) (report.Report, tally) {
	t.Helper()
	network := &kfake.VirtualNetwork{}
	c := stamped(engine.Config{
		Values: values(t, append([]string{
			"load.rate", "1000", "load.record.bytes", "100", "stand.link.rtt", "4ms", "linger.ms", "5", "request.timeout.ms", "2000", "load.keys", "uniform:1000",
		}, pairs...)...),
		For: 10 * time.Second, Network: network,
	})
	for _, line := range steps {
		timed, err := step.ParseTimed(line)
		if err != nil {
			t.Fatal(err)
		}
		c.At = append(c.At, timed)
	}
	s, err := engine.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	if s.Err() != nil {
		t.Error(s.Err())
	}
	r := s.Report()
	got := readBack(t, network, int(r.Records.Acked+r.Records.Unknown)+1)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if broken := r.Records.Broken(); len(broken) > 0 {
		t.Errorf("counts do not add up: %v", broken)
	}
	return r, got
}

// With acks=all and idempotence each fault is survived: what was accepted is in
// the log, once and in its order, and the report tells what it cost.
func TestFaultsOfTheBrokersAreSurvived(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault   string
		errors  []string // by Kafka's name, that must be counted
		retries bool
		outage  [2]float64 // ms, from and to
	}{
		{"broker-down broker=1 for=3s", nil, true, [2]float64{10, 400}},
		{"broker-down broker=0 delay=1s for=3s", nil, true, [2]float64{1000, 1600}},
		{"broker-down for=3s", nil, true, [2]float64{10, 400}},
		{"slow-broker delay=200ms broker=1 for=2s", nil, false, [2]float64{150, 450}},
		{"leader-move", []string{"NOT_LEADER_OR_FOLLOWER"}, true, [2]float64{1, 300}},
		{"leader-move partition=2 every=500ms for=3s", []string{"NOT_LEADER_OR_FOLLOWER"}, true, [2]float64{1, 300}},
		{"leaderless partition=3 for=2s", []string{"NOT_LEADER_OR_FOLLOWER"}, true, [2]float64{2000, 2300}},
		{"leaderless for=1s", []string{"NOT_LEADER_OR_FOLLOWER"}, true, [2]float64{1000, 1300}},
		{"error code=NOT_ENOUGH_REPLICAS for=1s", []string{"NOT_ENOUGH_REPLICAS"}, true, [2]float64{1000, 1300}},
		{"error code=NOT_ENOUGH_REPLICAS partition=1", []string{"NOT_ENOUGH_REPLICAS"}, true, [2]float64{1, 300}},
		{"error code=NOT_ENOUGH_REPLICAS_AFTER_APPEND count=3", []string{"NOT_ENOUGH_REPLICAS_AFTER_APPEND"}, true, [2]float64{50, 500}},
		{"error code=REQUEST_TIMED_OUT broker=2 for=1s", []string{"REQUEST_TIMED_OUT"}, true, [2]float64{1000, 1300}},
		{"error code=KAFKA_STORAGE_ERROR count=2", []string{"KAFKA_STORAGE_ERROR"}, true, [2]float64{1, 300}},
		{"quota bytes=20kB for=3s", nil, false, [2]float64{10, 3000}},
		{"bootstrap-down for=3s", nil, false, [2]float64{1, 100}},
		{"rolling-restart every=2s", nil, true, [2]float64{1, 400}},
	}
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, log := broken(t, nil, "2s=fault "+tt.fault)
				if r.Records.Acked != 10_000 || log != (tally{found: 10_000}) {
					t.Errorf("%+v, log %+v; want 10000 acknowledged and found, each once and in order", r.Records, log)
				}
				for _, name := range tt.errors {
					if r.Requests.Errors[name] == 0 {
						t.Errorf("errors %v, want %s", r.Requests.Errors, name)
					}
				}
				if (r.Requests.Retries > 0) != tt.retries {
					t.Errorf("%d batches were written again, want some: %v", r.Requests.Retries, tt.retries)
				}
				reported(t, r, tt.fault, tt.outage)
			})
		})
	}
}

// reported holds the report of one fault against what is known of it.
func reported(t *testing.T, r report.Report, line string, outage [2]float64) {
	t.Helper()
	if len(r.Faults) != 1 {
		t.Fatalf("faults %+v, want one", r.Faults)
	}
	f := r.Faults[0]
	name, _, _ := strings.Cut(line, " ")
	if f.Name != name || f.Step != "fault "+line || f.AtS < 2 || f.AtS > 2.05 || f.ForS < 0 {
		t.Errorf("%+v, want %s at 2 s", f, name)
	}
	if f.OutageMs == nil || *f.OutageMs < outage[0] || *f.OutageMs > outage[1] {
		t.Errorf("an outage of %v ms, want %v to %v", number(f.OutageMs), outage[0], outage[1])
	}
	if f.FirstAckAfterMs == nil || *f.FirstAckAfterMs < 0 || *f.FirstAckAfterMs > 400 || f.BacklogMs == nil || *f.BacklogMs < *f.FirstAckAfterMs ||
		*f.BacklogMs > 3000 || f.BufferPeakBytes == nil || *f.BufferPeakBytes <= 0 {
		t.Errorf("first acknowledgement after %v ms, backlog gone after %v ms, peak %v; want all three, in order",
			number(f.FirstAckAfterMs), number(f.BacklogMs), f.BufferPeakBytes)
	}
	log := said(r)
	for _, want := range []string{"fault fault " + line, "heal " + name + " is over after ", "heal " + name + ": at most "} {
		if !strings.Contains(log, want) {
			t.Errorf("no event %q:%s", want, log)
		}
	}
}

func number(f *float64) any {
	if f == nil {
		return nil
	}
	return *f
}

// What is refused for good has failed for certain and is not in the log.
func TestTooLargeBatchesFailForCertain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, log := broken(t, []string{"max.in.flight.requests.per.connection", "1"}, "2s=fault too-large bytes=150 for=1s")
		if r.Records.Failed == 0 || r.Records.Unknown != 0 || r.Records.Acked+r.Records.Failed != 10_000 || r.Requests.Errors["MESSAGE_TOO_LARGE"] == 0 {
			t.Errorf("%+v, errors %v; want some failed for certain", r.Records, r.Requests.Errors)
		}
		if log != (tally{found: int(r.Records.Acked)}) {
			t.Errorf("log %+v, want the %d acknowledged", log, r.Records.Acked)
		}
	})
}

// Without idempotence an answer that comes after the append makes duplicates,
// one that comes before it does not.
func TestErrorsAfterTheAppendDuplicateWithoutIdempotence(t *testing.T) {
	for code, twice := range map[string]bool{"REQUEST_TIMED_OUT": true, "NOT_ENOUGH_REPLICAS_AFTER_APPEND": true, "NOT_ENOUGH_REPLICAS": false} {
		t.Run(code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, log := broken(t, []string{"acks", "1", "max.in.flight.requests.per.connection", "1"}, "2s=fault error code="+code+" count=5")
				if (log.twice > 0) != twice || log.found != 10_000 || r.Records.Acked != 10_000 {
					t.Errorf("log %+v, %+v; want all there, and some twice: %v", log, r.Records, twice)
				}
				if got := r.Requests.Errors[code]; got < 5 {
					t.Errorf("%d answers of %s, want those of five requests", got, code)
				}
			})
		})
	}
}

// With acks=0 nobody hears of the error; the connection ends, and what was on
// its way is gone without a word.
func TestErrorsWithAcks0LoseRecordsWithoutAWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, log := broken(t, []string{"acks", "0"}, "2s=fault error code=NOT_LEADER_OR_FOLLOWER for=1s")
		if r.Records.Acked != 10_000 || len(r.Requests.Errors) != 0 {
			t.Errorf("%+v, errors %v; want all handed over and none told", r.Records, r.Requests.Errors)
		}
		if log.found > 9_500 || log.found < 8_000 {
			t.Errorf("log %+v, want about the second missing that the fault lasted", log)
		}
	})
}

// A fault acts on the first request after the step, and on none after its end.
func TestFaultsTakeEffectAtOnceAndEndAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := broken(t, []string{"linger.ms", "0"}, "2s=fault error code=NOT_ENOUGH_REPLICAS for=3s")
		from, to := r.Faults[0].AtS, r.Faults[0].AtS+r.Faults[0].ForS
		for _, f := range r.Failures {
			if f.Kind == "NOT_ENOUGH_REPLICAS" && (f.FirstS > from+0.05 || f.LastS > to+0.05) {
				t.Errorf("errors from %v to %v s, want from %v to %v", f.FirstS, f.LastS, from, to)
			}
		}
		if len(r.Failures) == 0 {
			t.Error("no errors")
		}
	})
}

// The quota holds the load to what it says; the client and the tap see the
// throttling, by broker too. Afterwards the rest is delivered.
func TestQuotaThrottles(t *testing.T) {
	for name, steps := range map[string][]string{
		"fault":   {"2s=fault quota bytes=30kB for=6s"},
		"setting": {"2s=set stand.quota.bytes=30000", "8s=set stand.quota.bytes=0"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// 200 kB/s are offered, 90 kB/s taken.
				r, log := broken(t, []string{"load.record.bytes", "200", "request.timeout.ms", "30000"}, steps...)
				if r.Records.Acked != 10_000 || log != (tally{found: 10_000}) || r.Requests.Retries != 0 {
					t.Errorf("%+v, log %+v, %d retries; want all once and none again", r.Records, log, r.Requests.Retries)
				}
				sum := 0.0
				for _, b := range r.Brokers {
					sum += b.ThrottleMs
					if b.ThrottleMs < 1000 {
						t.Errorf("broker %d throttled %v ms, want seconds", b.ID, b.ThrottleMs)
					}
				}
				if sum != r.Requests.ThrottleMs {
					t.Errorf("throttled %v ms, by broker %v", r.Requests.ThrottleMs, sum)
				}
				if *r.Latency.MaxMs < 1000 {
					t.Errorf("latency at most %v ms, want the wait in it", *r.Latency.MaxMs)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		network := &kfake.VirtualNetwork{}
		s, err := engine.Open(engine.Config{
			Values: values(t, "load.rate", "0", "load.record.bytes", "200", "stand.quota.bytes", "50000", "stand.brokers", "1"),
			For:    20 * time.Second, Network: network,
		})
		if err != nil {
			t.Fatal(err)
		}
		<-s.Done()
		// The bucket may be full as the warm-up ends: a second's worth more in 20 s.
		if got := s.Report().Rate.BytesPerS; got < 40_000 || got > 52_500 {
			t.Errorf("%v bytes/s flat out against a quota of 50000 for whole requests", got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// The brokers take smaller batches within milliseconds, and larger ones again.
func TestMessageMaxBytesIsTheBrokers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := broken(t, []string{"batch.size", "1000"}, "2s=set stand.message.max.bytes=150", "3s=set stand.message.max.bytes=1048588")
		if r.Records.Failed < 900 || r.Records.Failed > 1_100 || r.Requests.Errors["MESSAGE_TOO_LARGE"] == 0 {
			t.Errorf("%+v, errors %v; want the second's records refused", r.Records, r.Requests.Errors)
		}
		if got := r.Topics[0].MaxMessageBytes; got != 1048588 {
			t.Errorf("the topic takes %d bytes at the end", got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		r, _ := broken(t, []string{"stand.message.max.bytes", "5000", "stand.retention.bytes", "1048576"})
		if len(r.Topics) != 1 || r.Topics[0].MaxMessageBytes != 5000 {
			t.Errorf("topics %+v, want 5000 bytes at most", r.Topics)
		}
		warned := false
		for _, p := range r.Problems {
			warned = warned || strings.Contains(p.Say, "batch.size (16 KiB) is above the broker's message.max.bytes (5,000 B)")
		}
		if !warned {
			t.Errorf("problems %+v, want a warning of the batch size", r.Problems)
		}
	})
}

// A producer that runs does not need bootstrap.servers; the next one does.
func TestNoProducerStartsWhileBootstrapIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, log := broken(t, nil, "2s=fault bootstrap-down", "3s=set linger.ms=7", "20s=heal")
		if len(r.Runs) != 1 || r.Settings["linger.ms"] != "5" || r.Records.Acked != 10_000 || log.found != 10_000 {
			t.Errorf("%d runs, linger.ms %s, %+v; want the first producer to go on", len(r.Runs), r.Settings["linger.ms"], r.Records)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		r, _ := broken(t, nil, "1s=fault bootstrap-down for=500ms", "3s=set linger.ms=7")
		if len(r.Runs) != 2 || r.Settings["linger.ms"] != "7" {
			t.Errorf("%d runs, linger.ms %s; want the change made once it is healed", len(r.Runs), r.Settings["linger.ms"])
		}
	})
}

// While the load is paused no acknowledgement is missing.
func TestPauseIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := broken(t, nil, "2s=pause", "3s=fault slow-link rtt=20ms for=3s", "8s=resume")
		f := r.Faults[0]
		if f.OutageMs == nil || *f.OutageMs > 150 || f.FirstAckAfterMs == nil || *f.FirstAckAfterMs < 1900 {
			t.Errorf("%+v, outage %v ms, first acknowledgement after %v ms; want no outage, and the acknowledgement as the load goes on",
				f, number(f.OutageMs), number(f.FirstAckAfterMs))
		}
	})
}

// What is not measured is absent, never 0.
func TestFaultInForceAtTheEndTellsWhatIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := broken(t, []string{"delivery.timeout.ms", "2005"}, "8s=fault leaderless", "9s=fault stall broker=2 for=100ms")
		if len(r.Faults) != 2 {
			t.Fatalf("faults %+v, want two", r.Faults)
		}
		f := r.Faults[0]
		if f.ForS < 2 || f.OutageMs == nil || *f.OutageMs < 2000 || f.FirstAckAfterMs != nil || f.BacklogMs != nil || f.BufferPeakBytes == nil {
			t.Errorf("%+v, want the outage so far and nothing of what comes after", f)
		}
		text, err := json.Marshal(f)
		if err != nil || strings.Contains(string(text), "first_ack_after_ms") || strings.Contains(string(text), "backlog_drained_ms") {
			t.Errorf("got %s, %v", text, err)
		}
		if r.Faults[1].FirstAckAfterMs != nil {
			t.Errorf("%+v: nothing was acknowledged any more", r.Faults[1])
		}
		if !strings.Contains(said(r), "leaderless: at most") || !strings.Contains(said(r), "it is still in force") {
			t.Errorf("no event tells of it:%s", said(r))
		}
	})
}

// The measures are of what the fault touched: of the others none was missing.
func TestOutageIsOfWhatTheFaultTouched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := broken(t, nil, "2s=fault stall broker=1 for=2s", "6s=fault leaderless partition=0 for=1s")
		for i, want := range []float64{2000, 1000} {
			if got := r.Faults[i].OutageMs; got == nil || *got < want || *got > want+300 {
				t.Errorf("%s: an outage of %v ms, want %v and little more", r.Faults[i].Name, number(got), want)
			}
		}
		if gap := *r.Latency.LongestAckGapMs; gap > 150 {
			t.Errorf("%v ms without any acknowledgement, want the other brokers to go on", gap)
		}
	})
}

// The brokers of somebody else are not broken.
func TestARealClusterIsOnlyBrokenOnItsLink(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "100", "load.record.bytes", "60"))
		time.Sleep(time.Second)
		for _, line := range []string{
			"fault broker-down broker=1", "fault slow-broker delay=1s", "fault leader-move", "fault leaderless", "fault error code=NOT_ENOUGH_REPLICAS",
			"fault too-large bytes=1000", "fault quota bytes=1MB", "fault bootstrap-down", "fault rolling-restart",
		} {
			var refused *engine.Error
			if err := w.Do(mustStep(t, line)); !errors.As(err, &refused) || refused.Kind != engine.Usage || !strings.Contains(refused.Say, "real") || refused.Hint == "" {
				t.Errorf("%s: got %v, want a refusal with the reason and a way out", line, err)
			}
		}
		w.do("fault slow-link rtt=10ms for=100ms")
		time.Sleep(time.Second)
		if r := w.close(); len(r.Faults) != 1 || r.Faults[0].FirstAckAfterMs == nil {
			t.Errorf("faults %+v, want the one of the link", r.Faults)
		}
	})
}

// anyFault is a fault of the whole table that ends by itself within seconds.
func anyFault(r *rand.Rand) string {
	all := []string{
		"slow-link rtt=80ms", "thin-link bandwidth=100kbit", "stall", "reset", "reset count=2", "lose-request count=2", "lose-response count=3",
		"broker-down", "broker-down delay=500ms", "slow-broker delay=200ms", "leader-move", "leader-move every=300ms", "leaderless",
		"error code=NOT_ENOUGH_REPLICAS", "error code=REQUEST_TIMED_OUT count=2", "error code=NOT_ENOUGH_REPLICAS_AFTER_APPEND",
		"error code=NOT_LEADER_OR_FOLLOWER count=3", "quota bytes=4KiB", "bootstrap-down", "rolling-restart every=1s",
	}
	line := all[r.IntN(len(all))]
	if r.IntN(2) == 0 && !strings.Contains(line, "leader") && !strings.Contains(line, "bootstrap") && !strings.Contains(line, "rolling") {
		line += fmt.Sprintf(" broker=%d", r.IntN(3))
	}
	return fmt.Sprintf("fault %s for=%dms", line, 600+r.IntN(10_000))
}

// day makes the hour of faults a day.
var day = flag.Bool("day", false, "let TestAnHourOfFaultsIsSurvived last a simulated day")

// ordeal is a time in which something breaks again and again, at a load.
type ordeal struct {
	length time.Duration
	faults int
	rate   int
}

// each is how long it takes from one to the next on average, so that all are
// over before the end.
func (o ordeal) each() time.Duration { return o.length * 17 / 20 / time.Duration(o.faults) }

// heapNow is what is held after a collection, in bytes.
func heapNow() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// An hour in which something breaks every five seconds, or a day in which it does
// every minute, drawn over the whole table and often at the same time: with the
// defaults the audit finds nothing lost, repeated or reordered, memory does not
// grow, and no goroutine or connection is left.
func TestAnHourOfFaultsIsSurvived(t *testing.T) {
	o := ordeal{time.Hour, 700, 20}
	switch {
	case *day:
		o = ordeal{24 * time.Hour, 1440, 10}
	case racing:
		o = ordeal{15 * time.Minute, 170, 20}
	}
	synctest.Test(t, func(t *testing.T) {
		network := &kfake.VirtualNetwork{}
		s, err := engine.Open(engine.Config{
			Values: values(t, "load.rate", fmt.Sprint(o.rate), "load.record.bytes", "60", "stand.link.rtt", "2ms", "request.timeout.ms", "1000",
				"load.keys", "uniform:100", "stand.retention.bytes", "1MiB"),
			For: o.length, Network: network, Audit: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(1440, 1))
		time.Sleep(10 * time.Second)
		before := s.Report().Self.Goroutines
		refused, held := 0, int64(0)
		for i := range o.faults {
			time.Sleep(time.Duration(r.Int64N(int64(2 * o.each()))))
			if err := s.Do(mustStep(t, anyFault(r))); err != nil {
				refused++ // that broker is down already
			}
			if i == o.faults/4 {
				held = heapNow()
			}
		}
		time.Sleep(30 * time.Second)
		if err := s.Do(step.Step{Verb: step.Heal}); err == nil {
			t.Error("a fault was left after its time")
		}
		after, grown := s.Report().Self.Goroutines, heapNow()-held
		select {
		case <-s.Done():
			t.Error("the load ended before the last fault")
		default:
		}
		<-s.Done()
		end := s.Report()
		if want := o.rate * int(o.length.Seconds()); int(end.Records.Acked) != want {
			t.Errorf("%+v; want %d acknowledged", end.Records, want)
		}
		wantKept(t, end)
		t.Logf("%d records, %d faults, %d written again; %d goroutines, then %d; %d KiB held after a quarter, %d KiB more at the end",
			end.Records.Acked, len(end.Faults), end.Requests.Retries, before, after, held>>10, grown>>10)
		if n := len(end.Faults); n != o.faults-refused || n < o.faults*6/7 || after > before+2 || grown > 16<<20 {
			t.Errorf("%d faults, %d refused; %d goroutines, then %d; %d bytes more; want most, and both flat", n, refused, before, after, grown)
		}
		for _, f := range end.Faults {
			// A broker that led nothing touches nothing.
			if f.ForS > 11 || f.OutageMs != nil && *f.OutageMs > 60_000 || f.OutageMs == nil && !strings.Contains(f.Step, "broker") {
				t.Errorf("%+v: outage of %v ms, want it over in time", f, number(f.OutageMs))
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A snapshot names what is in force, where and until when, and nothing that is over.
func TestFaultsInForceAreInTheSnapshot(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "100"))
		w.settled(telemetry.Running)
		w.do("fault slow-link rtt=50ms broker=1 for=3s")
		w.do("fault stall broker=2")
		time.Sleep(time.Second)
		now := w.Snapshot()
		got := map[string]telemetry.FaultNow{}
		for _, f := range now.Now.Faults {
			got[f.Name] = f
		}
		slow, stall := got["slow-link"], got["stall"]
		if len(got) != 2 || slow.Target != "broker 1" || slow.Ends-slow.Since != 3*time.Second || now.At-slow.Since < time.Second || now.At-slow.Since > 2*time.Second {
			t.Errorf("at %v: %+v, want the slow link of broker 1 for three seconds since a second", now.At, now.Now.Faults)
		}
		if stall.Target != "broker 2" || stall.Ends != 0 {
			t.Errorf("%+v, want broker 2 until it is healed", stall)
		}
		time.Sleep(3 * time.Second)
		w.do("heal stall")
		if left := w.Snapshot().Now.Faults; len(left) > 0 {
			t.Errorf("%+v are left", left)
		}
		w.close()
	})
}
