package engine_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine"
	"kdyno/engine/step"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// waitFor waits until the session's report says so.
func (w *watched) waitFor(what string, is func(report.Report) bool) report.Report {
	w.t.Helper()
	for range 60_000 {
		if r := w.Report(); is(r) {
			return r
		}
		time.Sleep(time.Millisecond)
	}
	w.t.Fatalf("%s did not come:%s", what, said(w.Report()))
	return report.Report{}
}

func (w *watched) crashes(n int) report.Crash {
	w.t.Helper()
	r := w.waitFor(fmt.Sprintf("crash %d", n), func(r report.Report) bool { return len(r.Crashes) >= n })
	return r.Crashes[n-1]
}

func (w *watched) restarted() {
	w.t.Helper()
	w.waitFor("a restart", func(r report.Report) bool {
		return len(r.Crashes) > 0 && r.Crashes[len(r.Crashes)-1].RestartedS != nil
	})
}

// The producer dies while its brokers say nothing: what it never wrote failed
// for certain, what it wrote is unknown, and the application sends all of it
// again. Nothing is lost in the end; what was in flight may be twice in the log.
func TestCrashLosesTheBufferAndTheApplicationSendsItAgain(t *testing.T) {
	for _, silence := range []answering{never, unheard} {
		t.Run(silence.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				w := open(t, b.config(t, "load.rate", "2000", "load.record.bytes", "60", "load.senders", "2", "stand.link.rtt", "5ms", "acks", "1"))
				w.settled(telemetry.Running)
				b.answer(silence)
				time.Sleep(100 * time.Millisecond)
				w.do("crash")
				c := w.crashes(1)
				b.answer(normally)
				time.Sleep(time.Second)
				dead := w.Snapshot()
				if dead.State != telemetry.Crashed || dead.Now.BufferUsed != 0 {
					t.Errorf("%s with %d bytes in the buffer, want crashed and none", dead.State, dead.Now.BufferUsed)
				}
				if c.InFlight == 0 || c.InBuffer == 0 || dead.Report.Records.Unknown != c.InFlight || dead.Report.Records.Failed != c.InBuffer {
					t.Errorf("crash %+v, records %+v, want what was in flight unknown and the rest failed", c, dead.Report.Records)
				}
				if f := failure(dead.Report, "PRODUCER_CRASHED"); f.Count != c.InFlight+c.InBuffer {
					t.Errorf("failures %+v, want PRODUCER_CRASHED for each of %d", dead.Report.Failures, c.InFlight+c.InBuffer)
				}
				time.Sleep(5 * time.Second)
				if still := w.Report(); still.Records.Due != dead.Report.Records.Due || still.Records.Sent != dead.Report.Records.Sent {
					t.Errorf("records %+v then %+v, want none due while the application is dead", dead.Report.Records, still.Records)
				}
				w.do("restart")
				w.restarted()
				time.Sleep(time.Second)
				w.Stop(patience(t, 10*time.Second))
				r := w.close()
				last := r.Crashes[0]
				if lost := c.InBuffer + c.InFlight; last.Resent != lost || told(t, r.Records.ResentByApplication) != lost {
					t.Errorf("crash %+v, %d sent again, want %d", last, told(t, r.Records.ResentByApplication), lost)
				}
				if r.Records.Acked != r.Records.Due-c.InBuffer-c.InFlight || len(r.Runs) != 2 || !r.Runs[1].Restart || r.Runs[1].Swap != nil {
					t.Errorf("records %+v, runs %+v, want all but the lost acknowledged in the first go, and a second run", r.Records, r.Runs)
				}
				got := readBack(t, b.network, 1<<40)
				if int64(got.found) != r.Records.Acked || int64(got.twice) > c.InFlight || silence == unheard && got.twice == 0 {
					t.Errorf("the log holds %+v, want each of %d and up to %d of them twice", got, r.Records.Acked, c.InFlight)
				}
				kinds := ""
				for _, e := range r.Events {
					kinds += e.Kind + " "
				}
				if !strings.Contains(kinds, "crash restart") {
					t.Errorf("events are %s, want a crash and a restart", kinds)
				}
			})
		})
	}
}

// Idempotence does not reach over a restart: the successor is another producer
// to the brokers.
func TestRestartHasANewProducerID(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "1000", "load.record.bytes", "60", "stand.link.rtt", "5ms"))
		w.settled(telemetry.Running)
		w.do("send key=a")
		before := *w.story().ProducerID
		b.answer(unheard)
		time.Sleep(50 * time.Millisecond)
		w.do("crash")
		c := w.crashes(1)
		b.answer(normally)
		w.do("restart")
		w.restarted()
		w.settled(telemetry.Running)
		w.do("send key=a")
		after := *w.story().ProducerID
		if before == after || !strings.Contains(said(w.Report()), fmt.Sprintf("its producer id is %d", after)) {
			t.Errorf("producer id %d, then %d:%s", before, after, said(w.Report()))
		}
		w.Stop(patience(t, 10*time.Second))
		r := w.close()
		if got := readBack(t, b.network, 1<<40); got.twice == 0 || int64(got.twice) > c.InFlight || int64(got.found) != r.Records.Acked-2 {
			t.Errorf("the log holds %+v, want some of %d twice in spite of idempotence", got, c.InFlight)
		}
	})
}

// The session ends in good order though the producer is dead, whatever ends it.
func TestEndWhileCrashed(t *testing.T) {
	for name, end := range map[string]func(*watched){
		"for":   func(w *watched) { <-w.Done() },
		"stop":  func(w *watched) { time.Sleep(time.Second); w.Stop(patience(w.t, 10*time.Second)) },
		"close": func(*watched) { time.Sleep(time.Second) },
	} {
		for _, rate := range []string{"1000", "0"} {
			t.Run(name+" at "+rate, func(t *testing.T) {
				inBubble(t, func(t *testing.T, b *bed) {
					b.slow.Store(int64(20 * time.Millisecond))
					c := b.config(t, "load.rate", rate, "load.record.bytes", "60", "load.senders", "3", "stand.link.rtt", "5ms", "buffer.memory", "65536")
					c.For = 5 * time.Second
					w := open(t, c)
					w.settled(telemetry.Running, telemetry.WarmingUp)
					time.Sleep(2 * time.Second)
					w.do("crash")
					w.crashes(1)
					end(w)
					r := w.close()
					crash := r.Crashes[0]
					if r.Records.Unknown != crash.InFlight || r.Records.Failed != crash.InBuffer || crash.RestartedS != nil || crash.Resent != 0 {
						t.Errorf("records %+v, crash %+v, want what it lost and nothing sent again", r.Records, crash)
					}
					if rate == "0" {
						judgeFound(t, b, r)
					} else {
						judgeLog(t, b, r)
					}
				})
			})
		}
	}
}

// Without a restart to come nobody waits for the rest of --records.
func TestRecordsEndWithACrashThatNothingMends(t *testing.T) {
	for _, restart := range []bool{false, true} {
		inBubble(t, func(t *testing.T, b *bed) {
			c := b.config(t, "load.rate", "1000", "load.record.bytes", "60")
			c.Records = 3000
			c.At = []step.Timed{{At: time.Second, Step: mustStep(t, "crash")}}
			if restart {
				c.At = append(c.At, step.Timed{At: 10 * time.Second, Step: mustStep(t, "restart")})
			}
			w := open(t, c)
			<-w.Done()
			r := w.close()
			if want := map[bool]int64{false: 1001, true: 3000}[restart]; r.Records.Sent-told(t, r.Records.ResentByApplication) != want {
				t.Errorf("restart %v: %+v, want %d sent:%s", restart, r.Records, want, said(r))
			}
		})
	}
}

// A load that was paused stays so over a crash, and what is set meanwhile is
// what the successor starts with.
func TestWhatIsAskedOfADeadProducerCountsAfterTheRestart(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "1000", "load.record.bytes", "60", "linger.ms", "5"))
		w.settled(telemetry.Running)
		w.do("crash")
		w.crashes(1)
		for _, line := range []string{"crash", "pause", "resume", "send key=a"} {
			var e *engine.Error
			if err := w.Do(mustStep(t, line)); !errors.As(err, &e) || e.Kind != engine.Usage || !strings.Contains(e.Say, "dead") || e.Hint == "" {
				t.Errorf("%s: got %v, want a refusal that says why", line, err)
			}
		}
		w.do("set linger.ms=20 load.rate=500 load.producers=2")
		w.says("the next producer starts with it")
		w.do("set load.rate=300")
		w.do("set load.rate=200")
		w.do("undo")
		w.waitFor("the undo", func(r report.Report) bool { return r.Settings["load.rate"] == "300" })
		if len(w.Report().Runs) != 1 {
			t.Error("a producer was made while the session was dead")
		}
		w.do("restart")
		w.restarted()
		if err := w.Do(mustStep(t, "restart")); err == nil {
			t.Error("a restart of a living producer was not refused")
		}
		w.settled(telemetry.Running)
		acked := w.Report().Records.Acked
		time.Sleep(10 * time.Second)
		r := w.Report()
		if got := r.Records.Acked - acked; got < 2900 || got > 3100 {
			t.Errorf("%d acknowledged in 10 s, want 3000", got)
		}
		if want := [2]string{"5", "20"}; r.Runs[1].Changed["linger.ms"] != want || r.Effective["linger.ms"] != "20" || r.Buffer.LimitBytes != 2*33554432 {
			t.Errorf("run %+v, linger.ms %s, buffer of %d, want linger.ms=20 and two producers", r.Runs[1], r.Effective["linger.ms"], r.Buffer.LimitBytes)
		}
		w.do("pause")
		w.do("crash")
		w.crashes(2)
		w.do("restart")
		w.restarted()
		time.Sleep(time.Second)
		if got := w.Snapshot().State; got != telemetry.Paused {
			t.Errorf("state %s, want the load paused as before the crash", got)
		}
		w.Stop(patience(t, 10*time.Second))
		judgeFound(t, b, w.close())
	})
}

// A restart against brokers that do not answer says so and can be tried again.
func TestRestartThatFailsIsTriedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "1000", "load.record.bytes", "60"))
		w.settled(telemetry.Running)
		var sick atomic.Bool
		b.fake.ControlKey(int16(kmsg.InitProducerID), func(kmsg.Request) (kmsg.Response, error, bool) {
			b.fake.KeepControl()
			return nil, nil, sick.Load()
		})
		w.do("crash")
		w.crashes(1)
		sick.Store(true)
		w.do("restart")
		w.says("the producer was not started again")
		if got := w.Snapshot(); got.State != telemetry.Crashed || len(got.Report.Runs) != 1 {
			t.Errorf("%s with %d runs, want it dead still", got.State, len(got.Report.Runs))
		}
		sick.Store(false)
		w.do("restart")
		w.restarted()
		w.settled(telemetry.Running)
		w.Stop(patience(t, 10*time.Second))
		judgeLog(t, b, w.close())
	})
}

// A crash in the middle of a change comes after it, and a second crash while
// the application still sends again what the first one lost keeps all counts.
func TestCrashesInARow(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "2000", "load.record.bytes", "60", "stand.link.rtt", "20ms", "buffer.memory", "131072"))
		w.settled(telemetry.Running)
		w.do("set linger.ms=9")
		time.Sleep(time.Millisecond)
		w.do("crash")
		w.crashes(1)
		if r := w.Report(); len(r.Runs) != 2 || r.Settings["linger.ms"] != "9" {
			t.Errorf("%d runs, linger.ms %s, want the change made first", len(r.Runs), r.Settings["linger.ms"])
		}
		for i := range 5 {
			w.do("restart")
			w.waitFor("a restart", func(r report.Report) bool { return len(r.Runs) == 3+i })
			b.answer(never)
			time.Sleep(time.Duration(i) * 30 * time.Millisecond)
			w.do("crash")
			w.crashes(i + 2)
			b.answer(normally)
		}
		w.do("restart")
		w.restarted()
		w.settled(telemetry.Running)
		time.Sleep(time.Second)
		w.Stop(patience(t, 10*time.Second))
		r := w.close()
		var lost, flying int64
		for _, c := range r.Crashes {
			lost += c.InBuffer + c.InFlight
			flying += c.InFlight
		}
		if r.Records.Failed+r.Records.Unknown != lost || told(t, r.Records.ResentByApplication) != lost || r.Records.Acked != r.Records.Due-lost {
			t.Errorf("records %+v, want the %d lost and sent again, and the rest acknowledged", r.Records, lost)
		}
		got := readBack(t, b.network, 1<<40)
		if int64(got.found) != r.Records.Acked || int64(got.twice) > flying {
			t.Errorf("the log holds %+v, want each of %d, and %d of them twice at most", got, r.Records.Acked, flying)
		}
	})
}

// Whatever the application does with outcomes: who never looks sends nothing
// again, who waits is woken, and the counts hold.
func TestCrashUnderEveryMannerOfSending(t *testing.T) {
	t.Parallel()
	for _, pairs := range [][]string{
		{"load.send", "forget"},
		{"load.send", "sync", "load.rate", "0", "load.senders", "5"},
		{"load.send", "sync", "load.rate", "0", "load.wait.ms", "30"},
		{"load.flush.every", "7", "load.rate", "200"},
		{"load.callback.ms", "3", "load.rate", "200"},
		{"load.producers", "4", "load.senders", "2"},
		{"acks", "0"},
		{"load.rate", "0", "buffer.memory", "65536", "batch.size", "4096"},
	} {
		t.Run(fmt.Sprint(pairs), func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				w := open(t, b.config(t, append([]string{"load.rate", "1000", "load.record.bytes", "60", "stand.link.rtt", "20ms"}, pairs...)...))
				w.settled(telemetry.Running)
				for i := range 2 {
					w.do("crash")
					w.crashes(i + 1)
					time.Sleep(500 * time.Millisecond)
					w.do("restart")
					w.waitFor("a restart", func(r report.Report) bool { return len(r.Runs) == i+2 })
					time.Sleep(time.Second)
				}
				w.Stop(patience(t, 20*time.Second))
				r := w.close()
				var lost int64
				for _, c := range r.Crashes {
					lost += c.InBuffer + c.InFlight
				}
				again := told(t, r.Records.ResentByApplication)
				if pairs[1] == "forget" && again != 0 || pairs[1] != "forget" && again < lost || lost == 0 {
					t.Errorf("%d lost, %d sent again", lost, again)
				}
				if r.Records.Failed+r.Records.Unknown != lost || r.Records.Acked != r.Records.Due-lost {
					t.Errorf("records %+v, want the %d lost and all others acknowledged", r.Records, lost)
				}
			})
		})
	}
}
