package engine_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"kdyno/engine"
	"kdyno/engine/step"
)

// told is a count of the report that only whole sessions have.
func told(t *testing.T, n *int64) int64 {
	t.Helper()
	if n == nil {
		t.Fatal("a count is missing from the report")
	}
	return *n
}

// A sender that waits for each record sends one per linger and round trip, and
// no batch holds more than each sender's one.
func TestSyncIsBoundByTheRoundTrip(t *testing.T) {
	for _, c := range []struct{ senders, linger, want int }{{1, 0, 500}, {1, 5, 400}, {4, 0, 2000}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := inFakeTime(t, engine.Config{
					Values: values(t, "load.send", "sync", "load.rate", "0", "load.senders", fmt.Sprint(c.senders),
						"linger.ms", fmt.Sprint(c.linger), "stand.link.rtt", "20ms"),
					For: 10 * time.Second,
				}, nil)
				// A round trip more where a leader's first answer is waited for.
				if got := int(r.Records.Acked); got < c.want*98/100 || got > c.want+c.senders {
					t.Errorf("acked %d, want %d", got, c.want)
				}
				if r.Batches.RecordsMean == nil || *r.Batches.RecordsMean > float64(c.senders) {
					t.Errorf("batches hold %v records, want at most one of each sender", r.Batches.RecordsMean)
				}
			})
		})
	}
}

// A paced load that waits for each record falls behind by what the waiting
// costs, and says so.
func TestSyncBehindItsPaceShowsScheduleLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inFakeTime(t, engine.Config{
			Values: values(t, "load.send", "sync", "load.rate", "100", "linger.ms", "0", "stand.link.rtt", "20ms"),
			For:    10 * time.Second,
		}, nil)
		if r.Records.Due != 1000 {
			t.Errorf("due %d, want 1000", r.Records.Due)
		}
		if lag := r.Stages["schedule_lag"]; lag.MaxMs == nil || *lag.MaxMs < 4000 {
			t.Errorf("schedule lag %+v, want about 5 s: half of what is due is sent", lag)
		}
	})
}

func TestForgetNeverLearnsOfWhatFailed(t *testing.T) {
	cases := map[string][]string{
		"refused": {"load.partition", "99"},
		"expired": {"request.timeout.ms", "500", "delivery.timeout.ms", "1000", "linger.ms", "0"},
	}
	for name, pairs := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, send := range []string{"forget", "async", "sync"} {
					r := inFakeTime(t, engine.Config{
						Values: values(t, append(pairs, "load.send", send, "load.rate", "50")...), For: 4 * time.Second,
						At: []step.Timed{{At: time.Second, Step: mustStep(t, "set stand.link.rtt=9s")}},
					}, nil)
					lost := r.Records.Refused + r.Records.Failed + r.Records.Unknown
					want := int64(0)
					if send == "forget" {
						want = lost
					}
					if got := told(t, r.Records.NeverTold); got != want || lost == 0 {
						t.Errorf("%s: never told of %d, want %d of %d that were not delivered", send, got, want, lost)
					}
				}
			})
		})
	}
}

// Callbacks are called one after another: a slow one bounds the rate, and what
// was sent meanwhile waits for its own.
func TestSlowCallbacksBoundTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inFakeTime(t, engine.Config{
			Values: values(t, "load.callback.ms", "10", "load.rate", "200", "linger.ms", "5"), For: 5 * time.Second,
		}, nil)
		if r.Records.Acked != 1000 {
			t.Errorf("acked %d, want all 1000", r.Records.Acked)
		}
		if r.DrainS < 4.9 || r.DrainS > 5.2 {
			t.Errorf("the drain took %v s, want 5: 1000 callbacks of 10 ms", r.DrainS)
		}
		callback := r.Stages["callback"]
		if callback.MaxMs == nil || *callback.MaxMs < 4800 || *callback.MaxMs > 5200 {
			t.Errorf("callback stage %+v, want up to 5 s", callback)
		}
	})
}

// A setting of the load is live at once: callbacks that were slow are no more.
func TestCallbacksChangeAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inFakeTime(t, engine.Config{
			Values: values(t, "load.callback.ms", "1000", "load.rate", "20"), For: 6 * time.Second,
		}, func(s *engine.Session) {
			time.Sleep(3 * time.Second)
			if err := s.Do(mustStep(t, "set load.callback.ms=0")); err != nil {
				t.Error(err)
			}
		})
		if r.Records.Acked != 120 || r.DrainS > 0.1 {
			t.Errorf("acked %d, drain %v s; want 120 and none", r.Records.Acked, r.DrainS)
		}
	})
}

func TestFlushEverySendsWhatIsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inFakeTime(t, engine.Config{
			Values: values(t, "load.flush.every", "10", "load.rate", "0", "linger.ms", "1000", "stand.link.rtt", "20ms"),
			For:    10 * time.Second,
		}, nil)
		if got := r.Records.Acked; got < 4980 || got > 5010 {
			t.Errorf("acked %d, want ten for each of 500 round trips", got)
		}
		if got := r.Batches.Closed["flush"]; got < r.Batches.Count*9/10 {
			t.Errorf("batches closed by %v, want flush", r.Batches.Closed)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		r := inFakeTime(t, engine.Config{
			Values: values(t, "load.flush.every", "50", "load.rate", "1000", "load.senders", "3", "linger.ms", "100", "stand.link.rtt", "5ms"),
			For:    5 * time.Second,
		}, nil)
		if r.Records.Acked != 5000 {
			t.Errorf("acked %d with three senders that flush, want 5000", r.Records.Acked)
		}
	})
}

// An impatient caller makes duplicates that no producer setting prevents: each
// is a new record, due and counted.
func TestImpatientCallersSendAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &kfake.VirtualNetwork{}
		s, err := engine.Open(stamped(engine.Config{
			Values: values(t, "load.send", "sync", "load.wait.ms", "60", "load.rate", "0", "load.record.bytes", "100",
				"linger.ms", "0", "stand.link.rtt", "200ms"),
			For: 10 * time.Second, Network: network,
		}))
		if err != nil {
			t.Fatal(err)
		}
		<-s.Done()
		r := s.Report()
		resent := told(t, r.Records.ResentByApplication)
		first := r.Records.Due - resent
		if first < 49 || first > 51 || resent < 3*first-4 || resent > 3*first {
			t.Errorf("due %d, sent again %d; want 50 records and each of them again after 60, 120 and 180 ms", r.Records.Due, resent)
		}
		if r.Records.Acked != r.Records.Due || len(r.Records.Broken()) > 0 {
			t.Errorf("records %+v, want all acknowledged; broken %v", r.Records, r.Records.Broken())
		}
		got := readBack(t, network, int(first))
		if got.found != int(first) || got.twice > int(resent) || got.twice < int(resent)-8 {
			t.Errorf("the log holds %+v, want %d and %d copies", got, first, resent)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Whatever the application does, a change of producers loses nothing and the
// counts add up.
func TestSwapsUnderEveryMannerOfSending(t *testing.T) {
	for _, pairs := range [][]string{
		{"load.send", "sync", "load.rate", "0"},
		{"load.send", "sync", "load.rate", "0", "load.wait.ms", "15"},
		{"load.send", "forget"},
		{"load.flush.every", "7", "load.rate", "1000"},
		{"load.callback.ms", "1", "load.rate", "300"},
	} {
		t.Run(fmt.Sprint(pairs), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := inFakeTime(t, engine.Config{
					Values: values(t, append([]string{"load.rate", "2000", "load.senders", "3", "stand.link.rtt", "10ms"}, pairs...)...),
					For:    4 * time.Second,
				}, func(s *engine.Session) {
					for i := range 6 {
						time.Sleep(500 * time.Millisecond)
						if err := s.Do(mustStep(t, fmt.Sprintf("set linger.ms=%d", 1+i%2))); err != nil {
							t.Error(err)
						}
					}
				})
				if r.Records.Acked != r.Records.Due || r.Records.Acked == 0 || len(r.Runs) != 7 {
					t.Errorf("records %+v in %d runs, want all acknowledged in 7", r.Records, len(r.Runs))
				}
			})
		})
	}
}
