package engine_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kdyno/engine"
	"kdyno/engine/setting"
	"kdyno/engine/workload"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// sentOnce notes the number and due time of every record that is made.
type sentOnce struct {
	mu    sync.Mutex
	due   map[uint64]time.Duration
	twice []uint64
}

func (o *sentOnce) stamp(n uint64, due time.Duration, key, value []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, seen := o.due[n]; seen {
		o.twice = append(o.twice, n)
	}
	o.due[n] = due
	workload.Identity{Test: 7, Seq: n, Due: due}.Put(value, key)
}

// judge wants each record from 0 on exactly once, and with an open loop due
// times that never fall.
func (o *sentOnce) judge(t *testing.T, r report.Report, open bool) {
	t.Helper()
	if len(o.twice) > 0 {
		t.Errorf("records %v were made twice", o.twice[:min(len(o.twice), 8)])
	}
	if int64(len(o.due)) != r.Records.Sent {
		t.Errorf("%d numbers, want one for each of %d sent", len(o.due), r.Records.Sent)
	}
	last := time.Duration(0)
	for n := range uint64(len(o.due)) {
		due, made := o.due[n]
		if !made {
			t.Fatalf("record %d was forgotten", n)
		}
		if open && due < last {
			t.Fatalf("record %d is due at %v, before the one before it at %v", n, due, last)
		}
		last = due
	}
}

// The load is turned while it runs; no record is forgotten or made twice, and
// all that was due is delivered.
func TestEveryRecordIsSentOnceHoweverTheLoadIsTurned(t *testing.T) {
	t.Parallel()
	for name, turns := range map[string][]string{
		"rate":               {"set load.rate=3000", "set load.rate=7", "set load.rate=1500"},
		"pause":              {"pause", "resume", "pause", "set load.rate=500", "resume"},
		"senders":            {"set load.senders=8", "set load.senders=2", "set load.senders=5"},
		"closed and back":    {"set load.rate=0", "set load.rate=1000", "set load.rate=0", "set load.rate=10"},
		"closed and senders": {"set load.rate=0", "set load.senders=4", "set load.senders=1", "set load.rate=1000"},
		"closed and paused":  {"set load.rate=0", "pause", "resume", "pause", "set load.rate=1000", "resume"},
		"record":             {"set load.record.bytes=50", "set load.payload=random", "set load.keys=sequence"},
		"all and a producer": {"set load.senders=3 linger.ms=20", "pause", "set load.rate=2000", "resume", "set linger.ms=0", "set load.senders=1"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				// A small buffer bounds the closed loop in fake time.
				c := b.config(t, "load.rate", "1000", "load.record.bytes", "60", "stand.link.rtt", "10ms", "buffer.memory", "65536", "batch.size", "1024")
				once := &sentOnce{due: map[uint64]time.Duration{}}
				c.Stamp = once.stamp
				c.For = 4 * time.Second
				w := open(t, c)
				w.settled(telemetry.Running)
				for _, turn := range turns {
					w.do(turn)
					time.Sleep(301 * time.Millisecond)
				}
				<-w.Done()
				r := w.close()
				once.judge(t, r, !strings.HasPrefix(name, "closed"))
				if r.Records.Acked != r.Records.Sent || r.Records.Waiting > int64(0) {
					t.Errorf("records %+v, want all acknowledged", r.Records)
				}
			})
		})
	}
}

// The same, turned at random instants.
func TestEveryRecordIsSentOnceAtRandom(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				random := rand.New(rand.NewPCG(seed, 3))
				c := b.config(t, "load.rate", "2000", "load.record.bytes", "60", "stand.link.rtt", "2ms", "buffer.memory", "65536", "batch.size", "4096")
				once := &sentOnce{due: map[uint64]time.Duration{}}
				c.Stamp = once.stamp
				c.Records = 6000
				w := open(t, c)
				w.settled(telemetry.Running)
				for range 40 {
					time.Sleep(time.Duration(random.IntN(40_000)) * time.Microsecond)
					select {
					case <-w.Done():
						continue
					default:
					}
					turns := []string{
						"pause", "resume", "resume",
						fmt.Sprintf("set load.rate=%d", random.IntN(3)*1000),
						fmt.Sprintf("set load.senders=%d", 1+random.IntN(9)),
						fmt.Sprintf("set linger.ms=%d", random.IntN(20)),
					}
					// The load may end at any time, and refuse it.
					_ = w.Do(mustStep(t, turns[random.IntN(len(turns))]))
				}
				_ = w.Do(mustStep(t, "resume"))
				_ = w.Do(mustStep(t, "set load.rate=5000"))
				<-w.Done()
				r := w.close()
				once.judge(t, r, false)
				if r.Records.Acked != 6000 {
					t.Errorf("records %+v, want 6000 acknowledged", r.Records)
				}
			})
		})
	}
}

// Due times are arithmetic: with a constant rate record n is due n intervals
// after the first, however many send.
func TestDueTimesAreKept(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		c := b.config(t, "load.rate", "250", "load.senders", "3", "load.record.bytes", "60")
		once := &sentOnce{due: map[uint64]time.Duration{}}
		c.Stamp = once.stamp
		c.For = 2 * time.Second
		w := open(t, c)
		time.Sleep(500 * time.Millisecond)
		w.do("set load.senders=8")
		<-w.Done()
		r := w.close()
		once.judge(t, r, true)
		if r.Records.Due != 500 {
			t.Errorf("due %d, want exactly 500 in 2 s at 250/s", r.Records.Due)
		}
		for n := range uint64(500) {
			if got, want := once.due[n]-once.due[0], time.Duration(n)*4*time.Millisecond; got != want {
				t.Fatalf("record %d is due %v after the first, want %v", n, got, want)
			}
		}
	})
}

func TestRateIsKept(t *testing.T) {
	for rate, lasts := range map[float64]time.Duration{10: 5 * time.Minute, 1_000: 20 * time.Second, 20_000: 5 * time.Second} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := inFakeTime(t, engine.Config{
					Values: values(t, "load.rate", fmt.Sprint(rate), "load.record.bytes", "40", "load.senders", "2"),
					For:    lasts,
				}, nil)
				if math.Abs(r.Rate.RecordsPerS-rate) > rate/100 || r.Rate.LimitedBy != "load" {
					t.Errorf("%.1f records/s, limited by %s (%v), want %v by load", r.Rate.RecordsPerS, r.Rate.LimitedBy, r.Rate.Evidence, rate)
				}
				if math.Abs(r.Rate.OfferedPerS-rate) > rate/100 {
					t.Errorf("offered %.1f, want %v", r.Rate.OfferedPerS, rate)
				}
			})
		})
	}
}

// A generator that cannot keep up says so.
func TestStalledGeneratorIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inFakeTime(t, engine.Config{
			Values: values(t, "load.rate", "1000", "load.record.bytes", "40"),
			For:    10 * time.Second,
			Stamp: func(n uint64, _ time.Duration, _, _ []byte) {
				if n%1000 == 0 {
					time.Sleep(300 * time.Millisecond)
				}
			},
		}, nil)
		if r.Rate.LimitedBy != "generator" {
			t.Errorf("limited by %s (%v), want generator", r.Rate.LimitedBy, r.Rate.Evidence)
		}
		if lag := r.Stages["schedule_lag"]; lag == nil || *lag.MaxMs < 290 {
			t.Errorf("schedule_lag %+v, want the stall of 300 ms in it", lag)
		}
	})
}

// Brokers that take less than is offered fill the buffer, and are named.
func TestSlowBrokersFillTheBuffer(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.slow.Store(int64(50 * time.Millisecond))
		c := b.config(t, "load.rate", "5000", "load.record.bytes", "512", "buffer.memory", "65536")
		c.For = 10 * time.Second
		w := open(t, c)
		<-w.Done()
		r := w.close()
		if r.Rate.LimitedBy != "broker" || r.Buffer.BlockedSends == 0 {
			t.Errorf("limited by %s (%v), blocked sends %d, want broker and some", r.Rate.LimitedBy, r.Rate.Evidence, r.Buffer.BlockedSends)
		}
		if blocked := r.Stages["blocked"]; blocked == nil || *blocked.MeanMs == 0 {
			t.Errorf("stage blocked is %+v, want time in it", blocked)
		}
		judgeLog(t, b, r)
	})
}

// A change of the load alone makes no producer, and is a revision.
func TestLoadChangesMakeNoRun(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "100", "load.record.bytes", "60"))
		w.settled(telemetry.Running)
		w.do("set load.rate=200")
		w.do("set load.record.bytes=50 stand.link.rtt=4ms")
		snap := w.Snapshot()
		if snap.Revision != 3 || len(snap.Report.Runs) != 1 || snap.Undo != 2 {
			t.Errorf("revision %d, %d runs, %d to undo; want 3, 1 and 2", snap.Revision, len(snap.Report.Runs), snap.Undo)
		}
		if got := w.Values().Text(setting.LoadRate); got != "200" {
			t.Errorf("load.rate is %s, want 200", got)
		}
		w.close()
	})
}

// A record larger than the producer was made for comes with the next producer:
// none of them is refused on the way.
func TestLargerRecordsComeWithANewProducer(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		c := b.config(t, "load.rate", "500", "load.record.bytes", "60", "batch.size", "1000", "stand.link.rtt", "20ms")
		c.For = 3 * time.Second
		w := open(t, c)
		w.settled(telemetry.Running)
		w.do("set load.record.bytes=5000")
		w.runs(2)
		w.do("set load.record.bytes=60")
		time.Sleep(50 * time.Millisecond)
		if n := len(w.Report().Runs); n != 2 {
			t.Errorf("%d runs after the record became smaller, want 2", n)
		}
		<-w.Done()
		r := w.close()
		if r.Records.Acked != r.Records.Due || len(r.Failures) != 0 {
			t.Errorf("records %+v, failures %+v, want all acknowledged", r.Records, r.Failures)
		}
	})
}
