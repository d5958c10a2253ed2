//go:build !windows

package engine_test

import (
	"fmt"
	"testing"
	"time"

	"kdyno/engine"
	"kdyno/engine/setting"
	"kdyno/engine/step"
)

const (
	auditPairs   = 15
	auditSegment = 2 * time.Second
)

// BenchmarkCostOfAudit compares two sessions of the same load on embedded
// brokers, one of them under audit, in turns: at half of the rate that the one
// without an audit reaches, and flat out.
func BenchmarkCostOfAudit(b *testing.B) {
	for _, size := range []string{"100", "1024"} {
		ceiling := paceOf(b, size)
		for _, load := range []struct {
			name string
			rate int64
		}{{"half", ceiling / 2}, {"flat-out", 0}} {
			b.Run(fmt.Sprintf("%sB/%s", size, load.name), func(b *testing.B) {
				for range b.N {
					compareAudit(b, size, load.rate)
				}
				b.ReportMetric(float64(ceiling), "ceiling-rec/s")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

func compareAudit(b *testing.B, size string, rate int64) {
	b.Helper()
	off, on := newPaced(b, size, rate, false), newPaced(b, size, rate, true)
	defer off.close()
	defer on.close()
	off.run()
	on.run()
	var cpu, p99, p99off, done, allocs []float64
	for i := range auditPairs {
		var with, without paced
		if i%2 == 0 {
			without, with = off.run(), on.run()
		} else {
			with, without = on.run(), off.run()
		}
		cpu = append(cpu, with.cpuNs()/without.cpuNs())
		done = append(done, with.rate()/without.rate())
		allocs = append(allocs, with.allocs()-without.allocs())
		if without.p99 > 0 {
			p99, p99off = append(p99, with.p99/without.p99), append(p99off, without.p99)
		}
	}
	b.ReportMetric(median(cpu), "cpu-ratio")
	b.ReportMetric(median(done), "rate-ratio")
	b.ReportMetric(median(allocs), "allocs-over/rec")
	if len(p99) > 0 {
		b.ReportMetric(median(p99), "p99-ratio")
		b.ReportMetric(median(p99off), "p99-ms-without")
	}
}

// BenchmarkCostOfAnyWork is the same beside a goroutine that keeps a processor
// busy for as long as an audit at half of the ceiling may, in pieces as short, and
// does nothing with it. What the p99 owes to that, no reader can save.
func BenchmarkCostOfAnyWork(b *testing.B) {
	const share = 0.25
	ceiling := paceOf(b, "100")
	s := newPaced(b, "100", ceiling/2, false)
	defer s.close()
	alone := s.run()
	busy := share * alone.cpu.Seconds() / alone.took.Seconds()
	for range b.N {
		var cpu, p99 []float64
		for i := range auditPairs {
			var with, without paced
			beside := func() {
				stop := keepBusy(busy)
				defer stop()
				with = s.run()
			}
			if i%2 == 0 {
				without = s.run()
				beside()
			} else {
				beside()
				without = s.run()
			}
			cpu, p99 = append(cpu, with.cpuNs()/without.cpuNs()), append(p99, with.p99/without.p99)
		}
		b.ReportMetric(median(cpu), "cpu-ratio")
		b.ReportMetric(median(p99), "p99-ratio")
	}
	b.ReportMetric(float64(ceiling), "ceiling-rec/s")
	b.ReportMetric(0, "ns/op")
}

// keepBusy takes a share of one processor until the function that it returns is
// called.
func keepBusy(share float64) (stop func()) {
	const each = 2 * time.Millisecond
	busy := time.Duration(share * float64(each))
	over := make(chan struct{})
	go func() {
		for {
			for began := time.Now(); time.Since(began) < busy; {
			}
			select {
			case <-over:
				return
			case <-time.After(each - busy):
			}
		}
	}()
	return func() { close(over) }
}

// paceOf is the rate that the engine reaches flat out without an audit.
func paceOf(b *testing.B, size string) int64 {
	b.Helper()
	s := newPaced(b, size, 0, false)
	defer s.close()
	var rates []float64
	for range 4 {
		rates = append(rates, s.run().rate())
	}
	return int64(median(rates))
}

// paced is a session that is paused between its segments, and what one of them
// cost.
type pacedSession struct {
	b *testing.B
	s *engine.Session
}

type paced struct {
	cost
	p99 float64
}

func newPaced(b *testing.B, size string, rate int64, audit bool) *pacedSession {
	b.Helper()
	v := setting.Defaults()
	for k, text := range map[setting.Key]string{
		setting.LoadRate: fmt.Sprint(rate), setting.LoadRecordBytes: size, setting.StandPartitions: "12",
	} {
		var err error
		if v, err = v.With(k, text); err != nil {
			b.Fatal(err)
		}
	}
	s, err := engine.Open(engine.Config{Values: v, Audit: audit})
	if err != nil {
		b.Fatal(err)
	}
	for s.Report().Records.Acked == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	p := &pacedSession{b, s}
	p.do(step.Pause)
	p.rest()
	return p
}

func (p *pacedSession) do(verb step.Verb) {
	if err := p.s.Do(step.Step{Verb: verb}); err != nil {
		p.b.Error(err)
	}
}

// rest waits until everything is acknowledged and, under audit, read back.
func (p *pacedSession) rest() int64 {
	for {
		snap := p.s.Snapshot()
		r, a := snap.Report.Records, snap.Now.Audit
		if r.InBuffer == 0 && r.Sent == r.Acked && (a == nil || a.Missing == 0) {
			time.Sleep(120 * time.Millisecond) // one more interval closes
			if again := p.s.Report().Records; again.Sent == r.Sent && again.InBuffer == 0 {
				return r.Acked
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// run measures one segment, up to where all is read.
func (p *pacedSession) run() paced {
	before := p.rest()
	_, from := p.s.After(0)
	c := paced{cost: measure(func() int64 {
		p.do(step.Resume)
		time.Sleep(auditSegment)
		p.do(step.Pause)
		c := p.rest()
		return c
	})}
	c.records -= before
	iv, _ := p.s.After(from)
	if iv.Latency.P99Ms != nil {
		c.p99 = *iv.Latency.P99Ms
	}
	return c
}

func (p *pacedSession) close() {
	if err := p.s.Close(); err != nil {
		p.b.Error(err)
	}
}
