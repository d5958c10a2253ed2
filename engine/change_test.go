package engine_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/telemetry"
)

// Drain first, at any round trip: nothing is lost, repeated or reordered, and
// the gap is a round trip and twice the linger.
func TestSwapGapIsARoundTrip(t *testing.T) {
	for rtt, most := range map[int]float64{0: 10, 5: 15, 30: 45} {
		t.Run(fmt.Sprintf("%d ms", rtt), func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				w := open(t, b.config(t, "load.rate", "5000", "load.record.bytes", "60", "load.senders", "3", "linger.ms", "5", "stand.link.rtt", fmt.Sprintf("%dms", rtt)))
				w.settled(telemetry.Running)
				for i := range 5 {
					w.do(fmt.Sprintf("set batch.size=%d", 20000+i))
					w.runs(i + 2)
					time.Sleep(300 * time.Millisecond)
				}
				w.Stop(patience(t, 10*time.Second))
				r := w.close()
				for _, run := range r.Runs[1:] {
					if run.Swap.AckGapMs > most || run.Swap.AckGapMs <= 0 {
						t.Errorf("run %d: gap %v ms, want at most %v", run.Run, run.Swap.AckGapMs, most)
					}
					if run.Swap.Resent+run.Swap.GaveUp != 0 {
						t.Errorf("run %d: %+v, want all drained", run.Run, run.Swap)
					}
				}
				if r.Records.Acked != r.Records.Due {
					t.Errorf("records %+v, want all acknowledged", r.Records)
				}
				judgeLog(t, b, r)
			})
		})
	}
}

// A change while another is under way follows it; of several that wait the
// last one wins, with what the others asked for in it.
func TestLatestChangeWins(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "1000", "load.record.bytes", "60", "stand.link.rtt", "20ms"))
		w.settled(telemetry.Running)
		w.do("set linger.ms=10")
		time.Sleep(5 * time.Millisecond)
		w.do("set linger.ms=20")
		time.Sleep(time.Millisecond)
		w.do("set linger.ms=30 batch.size=30000")
		w.do("set linger.ms=40")
		w.runs(3)
		time.Sleep(2 * time.Second)
		snap := w.Snapshot()
		if got := snap.Report.Settings["linger.ms"] + " " + snap.Report.Settings["batch.size"]; got != "40 30000" {
			t.Errorf("live are %s, want 40 30000", got)
		}
		if len(snap.Report.Runs) != 3 || snap.Revision != 3 {
			t.Errorf("%d runs, revision %d, want 3 and 3", len(snap.Report.Runs), snap.Revision)
		}
		judgeLog(t, b, w.close())
	})
}

// Going back to what is live while another producer is being made ends with
// what was asked for last.
func TestChangeBackDuringASwapWins(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "1000", "load.record.bytes", "60", "stand.link.rtt", "20ms", "linger.ms", "5"))
		w.settled(telemetry.Running)
		w.do("set linger.ms=10")
		time.Sleep(5 * time.Millisecond)
		w.do("set linger.ms=5")
		w.do("set load.rate=500")
		time.Sleep(2 * time.Second)
		if v := w.Values(); v.Text(setting.LingerMs) != "5" || v.Text(setting.LoadRate) != "500" {
			t.Errorf("live are linger.ms=%s load.rate=%s, want 5 and 500", v.Text(setting.LingerMs), v.Text(setting.LoadRate))
		}
		judgeLog(t, b, w.close())
	})
}

// A producer that cannot start leaves the old one at work, says why, and takes
// the values back, those of the load too.
func TestChangeThatCannotStartIsTakenBack(t *testing.T) {
	t.Parallel()
	for name, why := range map[string]string{"refused": "CLUSTER_AUTHORIZATION_FAILED", "silent": "context deadline exceeded"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				w := open(t, b.config(t, "load.rate", "1000", "load.record.bytes", "60", "linger.ms", "5"))
				w.settled(telemetry.Running)
				var sick atomic.Bool
				sick.Store(true)
				b.fake.ControlKey(int16(kmsg.InitProducerID), func(req kmsg.Request) (kmsg.Response, error, bool) {
					b.fake.KeepControl()
					if name == "silent" || !sick.Load() {
						return nil, nil, sick.Load()
					}
					resp := req.ResponseKind().(*kmsg.InitProducerIDResponse)
					resp.ErrorCode = kerr.ClusterAuthorizationFailed.Code
					return resp, nil, true
				})
				w.do("set linger.ms=50 load.rate=2000")
				w.says("the change was not made")
				sick.Store(false)
				acked := w.Report().Records.Acked
				// A second, and one interval: it may be closing just now.
				time.Sleep(1100 * time.Millisecond)
				snap := w.Snapshot()
				if snap.Report.Records.Acked < acked+900 || snap.State != telemetry.Running {
					t.Errorf("%s, acked %d then %d, want the old producer running on", snap.State, acked, snap.Report.Records.Acked)
				}
				if got := snap.Report.Settings["linger.ms"] + " " + snap.Report.Settings["load.rate"]; got != "5 1000" || snap.Revision != 1 || len(snap.Report.Runs) != 1 {
					t.Errorf("live are %s, revision %d, %d runs; want 5 1000, 1 and 1", got, snap.Revision, len(snap.Report.Runs))
				}
				if all := said(snap.Report); !strings.Contains(all, why) || !strings.Contains(all, "producer id") {
					t.Errorf("no event says why, %s:%s", why, all)
				}
				w.do("set linger.ms=50")
				w.runs(2)
				judgeLog(t, b, w.close())
			})
		})
	}
}

// fewestGoroutines leaves out those that live for the length of a round trip.
func fewestGoroutines() int {
	least := runtime.NumGoroutine()
	for range 200 {
		time.Sleep(3 * time.Millisecond)
		least = min(least, runtime.NumGoroutine())
	}
	return least
}

// The guarantee can be turned while the load runs.
func TestAcksAreTurnedUnderLoad(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "2000", "load.record.bytes", "60", "stand.link.rtt", "5ms"))
		w.settled(telemetry.Running)
		for i, want := range []string{"at most once", "at least once", setting.ExactlyOnce} {
			w.do("set acks=" + []string{"0", "1", "all"}[i])
			r := w.runs(i + 2)
			if r.Guarantee.Name != want {
				t.Errorf("guarantee %q, want %q", r.Guarantee.Name, want)
			}
			time.Sleep(300 * time.Millisecond)
		}
		w.Stop(patience(t, 10*time.Second))
		r := w.close()
		if r.Records.Acked != r.Records.Due {
			t.Errorf("records %+v, want all acknowledged", r.Records)
		}
		judgeLog(t, b, r)
	})
}

// Undo and redo walk the revisions; a change after an undo forgets what was
// undone, and no number is used twice.
func TestUndoAndRedoWalkTheRevisions(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "100", "load.record.bytes", "60"))
		w.settled(telemetry.Running)
		w.do("set load.rate=200")
		w.do("set linger.ms=20")
		w.runs(2)
		for _, tt := range []struct {
			line         string
			revision     int
			rate, linger string
		}{
			{"undo", 2, "200", "5"},
			{"undo", 1, "100", "5"},
			{"redo", 2, "200", "5"},
			{"redo", 3, "200", "20"},
			{"undo", 2, "200", "5"},
			{"set load.rate=300", 4, "300", "5"},
			{"undo", 2, "200", "5"},
		} {
			w.do(tt.line)
			time.Sleep(time.Second)
			snap := w.Snapshot()
			if got := snap.Report.Settings; snap.Revision != tt.revision || got["load.rate"] != tt.rate || got["linger.ms"] != tt.linger {
				t.Errorf("after %s: revision %d, load.rate %s, linger.ms %s; want %+v", tt.line, snap.Revision, got["load.rate"], got["linger.ms"], tt)
			}
		}
		w.close()
	})
}

// What cannot be done is refused with what to do, and changes nothing.
func TestRefusals(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "100", "load.record.bytes", "60"))
		w.settled(telemetry.Running)
		for _, tt := range []struct {
			step step.Step
			key  setting.Key
			say  string
		}{
			{set("stand.brokers", "5"), setting.StandBrokers, "only at the start"},
			{set("linger.ms", "-3"), setting.LingerMs, "linger.ms"},
			{set("linger.sm", "3"), "linger.sm", "linger.ms"},
			{set("enable.idempotence", "true", "acks", "1"), "", "idempotence"},
			{step.Step{Verb: step.Undo}, "", "nothing to undo"},
			{step.Step{Verb: step.Redo}, "", "nothing to redo"},
			{step.Step{Verb: step.Preset, Name: "x"}, "", "presets"},
			{step.Step{Verb: "dance"}, "", "dance"},
		} {
			err := w.Do(tt.step)
			var e *engine.Error
			if !errors.As(err, &e) || e.Kind != engine.Usage || !strings.Contains(e.Say, tt.say) {
				t.Errorf("%v: got %v, want a refusal that says %q", tt.step, err, tt.say)
				continue
			}
			if tt.key != "" && e.Key != tt.key {
				t.Errorf("%v: key %q, want %q", tt.step, e.Key, tt.key)
			}
		}
		snap := w.Snapshot()
		if snap.Revision != 1 || len(snap.Report.Runs) != 1 {
			t.Errorf("revision %d, %d runs, want the first of each", snap.Revision, len(snap.Report.Runs))
		}
		w.Stop(patience(t, time.Second))
		if err := w.Do(set("load.rate", "5")); err == nil {
			t.Error("a change after the end was not refused")
		}
		w.close()
	})
}

func set(pairs ...string) step.Step {
	st := step.Step{Verb: step.Set}
	for i := 0; i < len(pairs); i += 2 {
		st.Set = append(st.Set, step.Assignment{Key: setting.Key(pairs[i]), Text: pairs[i+1]})
	}
	return st
}

// A preset keeps what only counts at the start.
func TestPresetKeepsWhatCountsAtTheStart(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		c := b.config(t, "load.rate", "100", "load.record.bytes", "60", "stand.brokers", "3", "linger.ms", "7")
		c.Resolve = func(string) (setting.Values, error) {
			return values(t, "load.rate", "300", "stand.brokers", "1", "stand.partitions", "9"), nil
		}
		w := open(t, c)
		w.settled(telemetry.Running)
		w.do("preset p")
		w.runs(2)
		v := w.Values()
		if got, want := v, values(t, "load.rate", "300", "stand.brokers", "3"); !got.Equal(want) {
			t.Errorf("live are %v, want %v", got.Map(), want.Map())
		}
		w.close()
	})
}

// A paused load stays paused over a change of producers, and the screen says
// so.
func TestPauseOutlivesASwap(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "1000", "load.record.bytes", "60", "stand.link.rtt", "20ms"))
		w.settled(telemetry.Running)
		w.do("set linger.ms=10")
		time.Sleep(time.Millisecond)
		w.do("pause")
		w.runs(2)
		time.Sleep(time.Second)
		if got := w.Snapshot().State; got != telemetry.Paused {
			t.Errorf("state %s, want paused", got)
		}
		sent := w.Report().Records.Sent
		time.Sleep(time.Second)
		if got := w.Report().Records.Sent; got != sent {
			t.Errorf("%d records were sent while the load was paused", got-sent)
		}
		w.do("set linger.ms=20")
		time.Sleep(time.Millisecond)
		w.do("resume")
		w.runs(3)
		w.settled(telemetry.Running, telemetry.WarmingUp)
		time.Sleep(time.Second)
		if got := w.Report().Records.Sent; got == sent {
			t.Error("nothing is sent after the load was resumed")
		}
		w.close()
	})
}

// Steps of the timeline are done at their time, and a refused one is told.
func TestTimelineIsCarriedOut(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		c := b.config(t, "load.rate", "100", "load.record.bytes", "60")
		c.For = 3 * time.Second
		c.At = []step.Timed{
			{At: 2 * time.Second, Step: mustStep(t, "mark here")},
			{At: time.Second, Step: mustStep(t, "set load.rate=200")},
			{At: time.Second, Step: set("stand.brokers", "9")},
		}
		w := open(t, c)
		<-w.Done()
		r := w.close()
		if r.Records.Due != 500 {
			t.Errorf("due %d, want 100 in the first second and 200 in each of two", r.Records.Due)
		}
		all := said(r)
		for _, want := range []string{"mark here", "rev 2 applied: load.rate 100 > 200", "was refused"} {
			if !strings.Contains(all, want) {
				t.Errorf("no event says %q:%s", want, all)
			}
		}
	})
}
