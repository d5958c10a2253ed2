package telemetry

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kdyno/telemetry/report"
)

// inFlight is a record on its way from a sender to the acknowledging side.
type inFlight struct{ epoch uint32 }

// books are what the goroutines know that they did.
type books struct {
	sent, refused, acked, failed, unknown atomic.Int64
	stop                                  atomic.Bool
}

// Senders send, block and are refused while one goroutine acknowledges, and
// intervals are closed all the while: at each close every record must be
// accounted for, by admission's own count too.
func TestEveryClosedIntervalConserves(t *testing.T) {
	m, _ := testMeter()
	road := make(chan inFlight, 256)
	var b books
	var sending, acking sync.WaitGroup
	for n := range 4 {
		sending.Go(func() { b.hammer(m, n, road) })
	}
	acking.Go(func() { b.acknowledge(m, road) })

	at := int64(0)
	closed := func() report.Records {
		at++
		m.Close(Close{At: at, Due: 1 << 40})
		n := m.Total().Records
		if broken := n.Broken(); broken != nil {
			t.Errorf("close %d: %v", at, broken)
		}
		return n
	}
	for moving := 0; moving < 300 && !t.Failed(); {
		if closed().InBuffer > 0 {
			moving++
		}
	}
	b.stop.Store(true)
	sending.Wait()
	close(road)
	acking.Wait()

	got := closed()
	want := report.Records{
		Due: 1 << 40, Waiting: 1<<40 - b.sent.Load(), Sent: b.sent.Load(), Refused: b.refused.Load(),
		Accepted: b.sent.Load() - b.refused.Load(), Acked: b.acked.Load(), Failed: b.failed.Load(), Unknown: b.unknown.Load(),
	}
	if got != want {
		t.Errorf("at rest: got %+v, want %+v", got, want)
	}
}

func (b *books) hammer(m *Meter, n int, road chan<- inFlight) {
	s := m.Sender()
	defer s.Retire()
	for i := 0; !b.stop.Load(); i++ {
		e := s.Begin()
		s.Sent()
		b.sent.Add(1)
		if i%7 == n {
			s.Block()
			e = s.Unblock(1, i%10 == 0)
		}
		if i%10 == 0 {
			s.Refused()
			b.refused.Add(1)
			s.End()
			continue
		}
		s.Accepted(100)
		s.Entered()
		s.End()
		road <- inFlight{e}
	}
}

// acknowledge counts in sections of 16 records, as of a batch: some of its
// records were accepted after the section began.
func (b *books) acknowledge(m *Meter, road <-chan inFlight) {
	r := m.Recorder(1)
	defer r.Retire()
	i := 0
	for rec := range road {
		r.Begin(rec.epoch)
		if i%16 == 0 {
			r.Batch(BatchTimes{Called: 1, Records: 16})
		}
		switch i % 100 {
		case 98:
			r.Failed(1)
			b.failed.Add(1)
		case 99:
			r.Unknown(1)
			b.unknown.Add(1)
		default:
			r.Acked(RecordTimes{Bytes: 100})
			b.acked.Add(1)
		}
		r.Left(1)
		if i++; i%16 == 0 {
			r.End()
		}
	}
	r.End()
}

// A record that was accepted in a newer interval than the section of its
// acknowledgement would leave before it came.
func TestSectionMovesOnForNewerRecords(t *testing.T) {
	m, _ := testMeter()
	s, r := m.Sender(), m.Recorder(1)
	accept := func() uint32 {
		e := s.Begin()
		s.Sent()
		s.Accepted(1)
		s.Entered()
		s.End()
		return e
	}
	old := accept()
	r.Begin(old)
	r.Batch(BatchTimes{Records: 2})
	r.Acked(RecordTimes{})
	r.Left(1)
	closed := make(chan struct{})
	go func() {
		m.Close(Close{At: 1, Due: 3})
		close(closed)
	}()
	for m.epoch.Load() == old {
		time.Sleep(time.Millisecond)
	}
	r.Begin(accept()) // leaves the interval that is being closed
	<-closed
	r.Acked(RecordTimes{})
	r.Left(1)
	r.End()

	got := m.Total().Records
	if broken := got.Broken(); broken != nil || got.Acked != 1 || got.Sent != 1 {
		t.Errorf("first interval: got %+v, broken %v, want one sent and acknowledged", got, broken)
	}
	m.Close(Close{At: 2, Due: 3})
	got = m.Total().Records
	if broken := got.Broken(); broken != nil || got.Acked != 2 {
		t.Errorf("second interval: got %+v, broken %v, want two acknowledged", got, broken)
	}
	if n := m.Total().Batches.Count; n != 1 {
		t.Errorf("got %d batches, want the one that lasted over both intervals", n)
	}
}

func TestCloseWaitsForTheSectionAndNotForTheWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		m := NewMeter(Options{Now: func() int64 { return int64(time.Since(start)) }})
		s := m.Sender()
		s.Begin()
		s.Sent()
		go func() {
			time.Sleep(3 * time.Millisecond)
			s.Accepted(1)
			s.Entered()
			s.End()
			s.Begin()
			s.Sent()
			s.Block() // waits for ever, outside any section
		}()
		m.Close(Close{At: 1})
		if waited := time.Since(start); waited < 3*time.Millisecond || waited > 4*time.Millisecond {
			t.Errorf("got a close after %v, want it when the section ended", waited)
		}
		if got := m.Total().Records; got.Sent != 1 || got.Accepted != 1 || got.InBuffer != 1 {
			t.Errorf("got %+v, want the record of the section", got)
		}
		synctest.Wait()
		before := time.Since(start)
		m.Close(Close{At: 2})
		if waited := time.Since(start) - before; waited != 0 {
			t.Errorf("got a close that waited %v for a blocked sender", waited)
		}
		if got := m.Total().Records; got.Blocked != 1 || got.Broken() != nil {
			t.Errorf("got %+v %v, want one blocked", got, got.Broken())
		}
	})
}

func TestRetiredLanesAreCollectedAndForgotten(t *testing.T) {
	m, _ := testMeter()
	for range 5 {
		s, r := m.Sender(), m.Recorder(2)
		s.Begin()
		s.Sent()
		s.Accepted(1)
		s.Entered()
		s.End()
		r.Begin(0)
		r.Failed(1)
		r.Left(1)
		r.End()
		s.Retire()
		r.Retire()
	}
	m.Close(Close{At: 1})
	m.Close(Close{At: 2})
	if n := len(m.senders) + len(m.recorders); n != 0 {
		t.Errorf("got %d lanes after they retired, want 0", n)
	}
	if got := m.Total().Records; got.Sent != 5 || got.Failed != 5 || got.Broken() != nil {
		t.Errorf("got %+v, want five sent and failed", got)
	}
	if got := m.OfRun(2).Failed; got != 5 {
		t.Errorf("got %d failed of run 2, want 5", got)
	}
}

// Intervals are closed as fast as can be while one writer counts: a count that
// went into an interval after it was closed would be lost in zeroing its cell,
// or be seen by an interval that began after it.
func TestNothingIsCountedIntoAClosedInterval(t *testing.T) {
	var epoch atomic.Uint32
	l := lane{epoch: &epoch}
	var cells [2]struct{ count, epoch int64 }
	const counts = 300_000
	var done atomic.Bool
	go func() {
		for range counts {
			e := l.enter()
			c := &cells[e&1]
			c.count++
			c.epoch = int64(e)
			l.leave()
		}
		done.Store(true)
	}()
	var got int64
	for last := false; !last; {
		last = done.Load()
		e := epoch.Load()
		epoch.Store(e + 1)
		l.await(e)
		c := &cells[e&1]
		if c.count > 0 && c.epoch != int64(e) {
			t.Fatalf("interval %d holds a count of interval %d", e, c.epoch)
		}
		got += c.count
		c.count = 0
	}
	if got != counts {
		t.Errorf("got %d counts, want %d", got, counts)
	}
}
