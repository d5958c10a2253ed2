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

// Senders send, block and are refused while one goroutine acknowledges, and an
// interval is closed every few dozen microseconds: at each close every record
// must be accounted for, by admission's own count too.
func TestEveryClosedIntervalConserves(t *testing.T) {
	m, _ := testMeter()
	const senders, each = 4, 20_000
	road := make(chan inFlight, 256)
	var sending, acking sync.WaitGroup
	for n := range senders {
		sending.Go(func() { hammer(m, n, each, road) })
	}
	acking.Go(func() { acknowledge(m, road) })

	var done atomic.Bool
	go func() {
		sending.Wait()
		close(road)
		acking.Wait()
		done.Store(true)
	}()
	closes, moving := 0, 0
	for last := false; !last; closes++ {
		last = done.Load()
		m.Close(Close{At: int64(closes + 1), Due: senders * each})
		n := m.Total().Records
		if broken := n.Broken(); broken != nil {
			t.Fatalf("close %d: %v", closes, broken)
		}
		if n.InBuffer > 0 {
			moving++
		}
	}
	if moving == 0 {
		t.Error("no close met a record on its way: nothing was tested")
	}
	want := report.Records{Due: senders * each, Sent: senders * each}
	got := m.Total().Records
	want.Refused, want.Accepted = senders*each/10, senders*each*9/10
	want.Failed, want.Unknown = got.Accepted/100, got.Accepted/100
	want.Acked = want.Accepted - want.Failed - want.Unknown
	if got != want {
		t.Errorf("at rest: got %+v, want %+v", got, want)
	}
}

func hammer(m *Meter, n, records int, road chan<- inFlight) {
	s := m.Sender()
	defer s.Retire()
	for i := range records {
		e := s.Begin()
		s.Sent()
		if i%7 == n {
			s.Block()
			e = s.Unblock(1, i%10 == 0)
		}
		if i%10 == 0 {
			s.Refused()
			s.End()
			continue
		}
		s.Accepted(100)
		s.Entered()
		s.End()
		road <- inFlight{e}
	}
}

func acknowledge(m *Meter, road <-chan inFlight) {
	r := m.Recorder(1)
	defer r.Retire()
	i := 0
	for rec := range road {
		// Sections of up to 16 records, as of a batch: some of its records were
		// accepted after the section began.
		r.Begin(rec.epoch)
		if i%16 == 0 {
			r.Batch(BatchTimes{Called: 1, Records: 16})
		}
		switch i % 100 {
		case 98:
			r.Failed(1)
		case 99:
			r.Unknown(1)
		default:
			r.Acked(RecordTimes{Bytes: 100})
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
