package engine_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"kdyno/engine"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// provenAgainst runs five seconds under audit on the embedded brokers, in fake
// time, with steps on the way.
func provenAgainst(t *testing.T, pairs []string, steps ...string) report.Report {
	t.Helper()
	c := engine.Config{
		Values: values(t, append([]string{
			"load.rate", "500", "load.record.bytes", "100", "stand.link.rtt", "4ms", "request.timeout.ms", "1000", "load.keys", "uniform:100",
		}, pairs...)...),
		For: 5 * time.Second, Audit: true,
	}
	for _, line := range steps {
		timed, err := step.ParseTimed(line)
		if err != nil {
			t.Fatal(err)
		}
		c.At = append(c.At, timed)
	}
	r := inFakeTime(t, c, nil)
	if r.Audit == nil || r.Audit.Claimed == "" {
		t.Fatalf("audit %+v", r.Audit)
	}
	return r
}

// Whatever breaks, with the defaults all that was acknowledged is in the log,
// each once and in order, and the sentence says so.
func TestEveryFaultIsKeptByTheDefaults(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{
		"slow-link rtt=100ms for=1s", "thin-link bandwidth=100kbit for=1s", "stall for=1s", "stall broker=1 for=2s", "reset count=3",
		"lose-request count=3", "lose-response count=3",
		"broker-down broker=1 for=2s", "broker-down for=1s", "broker-down broker=0 delay=500ms for=1s", "slow-broker delay=200ms for=1s",
		"leader-move every=300ms for=2s", "leaderless for=1s", "bootstrap-down for=1s", "quota bytes=10kB for=2s", "rolling-restart every=1s",
		"error code=NOT_ENOUGH_REPLICAS for=1s", "error code=NOT_ENOUGH_REPLICAS_AFTER_APPEND count=3", "error code=REQUEST_TIMED_OUT for=1s",
		"error code=NOT_LEADER_OR_FOLLOWER count=5", "error code=KAFKA_STORAGE_ERROR partition=2 count=2", "error code=UNKNOWN_SERVER_ERROR count=1",
	} {
		t.Run(fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := provenAgainst(t, nil, "1500ms=fault "+fault)
				if strings.Contains(fault, "UNKNOWN_SERVER_ERROR") {
					// It is not to be tried again: what it was said of failed, or nobody knows.
					if a := verdictOf(t, r); a.Verdict != report.AuditKept || a.Found != r.Records.Acked || r.Records.Acked == 2500 {
						t.Errorf("audit %+v, records %+v, want some failed and kept", a, r.Records)
					}
					return
				}
				if r.Records.Acked != 2500 {
					t.Errorf("records %+v, want all 2500 acknowledged", r.Records)
				}
				wantKept(t, r)
			})
		})
	}
}

// Below min.insync.replicas for longer than the delivery timeout: each record
// was refused before the append, so it failed for certain, and none is a phantom.
func TestBelowMinISRForTooLongFailsForCertain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := provenAgainst(t, []string{"delivery.timeout.ms", "1500", "linger.ms", "5"}, "1s=fault error code=NOT_ENOUGH_REPLICAS for=3s")
		if r.Records.Failed == 0 || r.Records.Unknown != 0 || r.Requests.Errors["NOT_ENOUGH_REPLICAS"] == 0 || r.Records.Acked+r.Records.Failed != 2500 {
			t.Errorf("records %+v, errors %v, want some failed for certain and the rest acknowledged", r.Records, r.Requests.Errors)
		}
		wantKept(t, r)
	})
}

// A first batch that is too large, with four behind it and no idempotence:
// franz-go fails the whole buffer with it, and the tap knows which of them are
// in the log.
func TestTooLargeBatchWithFourBehindItMakesNoPhantoms(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.audited(t, "load.rate", "1000", "linger.ms", "0", "stand.link.rtt", "50ms", "load.record.bytes", "100", "load.partition", "0",
			"enable.idempotence", "false"))
		w.settled(telemetry.Running)
		for range 3 {
			b.fail(kerr.MessageTooLarge, 1, 0)
			time.Sleep(500 * time.Millisecond)
		}
		w.Stop(patience(t, 10*time.Second))
		r := w.close()
		a := verdictOf(t, r)
		if a.Verdict != report.AuditKept || a.Phantom != 0 || a.Lost != 0 || a.Duplicated != 0 || a.Found != r.Records.Acked {
			t.Errorf("audit %+v, want kept and no phantom", a)
		}
		neighbours := failure(r, "FAILED_WITH_NEIGHBOUR").Count
		if r.Records.Failed == 0 || r.Records.Unknown == 0 || neighbours == 0 || a.WrittenDespiteError == 0 || a.WrittenDespiteError > r.Records.Unknown {
			t.Errorf("records %+v, %d failed with a neighbour, %d written despite error; want some failed for certain, and some unknown and in the log",
				r.Records, neighbours, a.WrittenDespiteError)
		}
	})
}

// The application dies and sends again: none that was acknowledged is lost, and
// what is twice in the log is the application's.
func TestCrashedApplicationsCopiesAreItsOwn(t *testing.T) {
	t.Parallel()
	for _, idempotence := range []string{"true", "false"} {
		for _, silence := range []answering{never, unheard} {
			t.Run(silence.String()+" idempotence="+idempotence, func(t *testing.T) {
				inBubble(t, func(t *testing.T, b *bed) {
					w := open(t, b.audited(t, "load.rate", "2000", "load.record.bytes", "60", "load.senders", "2", "stand.link.rtt", "5ms",
						"enable.idempotence", idempotence))
					w.settled(telemetry.Running)
					b.answer(silence)
					time.Sleep(100 * time.Millisecond)
					w.do("crash")
					c := w.crashes(1)
					b.answer(normally)
					w.do("restart")
					w.restarted()
					time.Sleep(time.Second)
					w.Stop(patience(t, 10*time.Second))
					r := w.close()
					a := verdictOf(t, r)
					if a.Verdict != report.AuditKept || a.Lost != 0 || a.Phantom != 0 || a.Found != r.Records.Acked || a.Reordered != 0 || a.Coverage != 1 {
						t.Errorf("audit %+v, want kept", a)
					}
					if a.Duplicated != a.DuplicatedBy.Application || a.Duplicated > c.InFlight || (a.Duplicated > 0) != (silence == unheard) || a.Duplicated != a.WrittenDespiteError {
						t.Errorf("audit %+v, want those of %d in flight that were written twice, by the application alone", a, c.InFlight)
					}
				})
			})
		}
	}
}

// Partitions are added under a load with keys: each partition keeps its order,
// and that of the keys that moved is said to be broken.
func TestAddedPartitionsBreakTheOrderPerKey(t *testing.T) {
	t.Parallel()
	for _, keys := range []string{"uniform:500", "none"} {
		t.Run(keys, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := provenAgainst(t, []string{"load.keys", keys, "load.rate", "2000"}, "2s=partitions 12")
				if keys == "none" {
					wantKept(t, r)
					return
				}
				a := verdictOf(t, r)
				// Half of the keys have another partition modulo 12.
				if a.Verdict != report.AuditKept || a.Reordered != 0 || a.ReorderedByKey < 200 || a.ReorderedByKey > 300 || a.Found != 10_000 {
					t.Errorf("audit %+v, want kept per partition, and some 250 of 500 keys in two partitions", a)
				}
				for _, want := range []string{"All 10,000 acknowledged records are in the log, each once and in order", "order per key is broken for"} {
					if !strings.Contains(strings.ToLower(a.Say), strings.ToLower(want)) {
						t.Errorf("it says %q, want %q", a.Say, want)
					}
				}
			})
		})
	}
}

// Several producers under one audit, through a lost answer, a swap, a change of
// their number, a crash and a restart.
func TestSeveralProducersUnderOneAudit(t *testing.T) {
	t.Parallel()
	for _, idempotence := range []string{"true", "false"} {
		t.Run(idempotence, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := provenAgainst(t, []string{"load.producers", "3", "load.senders", "2", "enable.idempotence", idempotence, "acks", "all"},
					"1s=fault lose-response count=2", "2s=set linger.ms=9", "2500ms=set load.producers=2", "3s=crash", "3500ms=restart", "4s=fault reset")
				a := verdictOf(t, r)
				if a.Verdict != report.AuditKept || a.Lost != 0 || a.Phantom != 0 || a.Diverged != 0 || a.Found != r.Records.Acked || len(r.Runs) != 4 {
					t.Errorf("audit %+v, %d runs, want kept over four", a, len(r.Runs))
				}
				if (a.DuplicatedBy.Retry > 0) != (idempotence == "false") {
					t.Errorf("%+v duplicated, want some by retries without idempotence, and none with it", a.DuplicatedBy)
				}
				if want := map[string]string{"true": setting.ExactlyOnce, "false": setting.AtLeastOnce}[idempotence]; a.Claimed != want {
					t.Errorf("claimed %q, want %q", a.Claimed, want)
				}
			})
		})
	}
}
