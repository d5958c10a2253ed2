package telemetry

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkRecord is one sender and one run: a record in, a record out, 64
// records to a batch, latencies spread over a few milliseconds.
func BenchmarkRecord(b *testing.B) {
	m, now := testMeter()
	s, r := m.Sender(), m.Recorder(1)
	rng := rand.New(rand.NewPCG(1, 2))
	b.ReportAllocs()
	for i := range b.N {
		if i%64 == 0 {
			if i > 0 {
				r.End()
			}
			*now += 1_000_000
			r.Begin(s.Begin())
			s.End()
			r.Batch(testBatch(*now, 64))
		}
		e := s.Begin()
		s.Sent()
		s.Entered()
		s.Accepted(512)
		s.End()
		r.Begin(e)
		r.Acked(RecordTimes{Due: *now - 5_000_000 + int64(i%64)*40_000 - int64(rng.Uint32()&1023), SendCalled: *now - 3_000_000, Bytes: 512})
		r.Left(1)
	}
	r.End()
}

func BenchmarkAcked(b *testing.B) {
	m, now := testMeter()
	r := m.Recorder(1)
	*now = 1_000_000_000
	b.ReportAllocs()
	for i := range b.N {
		if i%64 == 0 {
			r.Begin(0)
			r.Batch(testBatch(*now, 64))
		}
		at := *now - 8_000_000 + int64(i%64)*40_000
		r.Acked(RecordTimes{Due: at - 500_000, SendCalled: at, Bytes: 512})
	}
	r.End()
}

func BenchmarkSender(b *testing.B) {
	m, _ := testMeter()
	s := m.Sender()
	for range b.N {
		s.Begin()
		s.Sent()
		s.Entered()
		s.Accepted(512)
		s.End()
	}
}

func BenchmarkClose(b *testing.B) {
	m, now := testMeter()
	r := m.Recorder(1)
	b.ReportAllocs()
	for i := range b.N {
		*now += 100_000_000
		r.Begin(0)
		r.Batch(testBatch(*now, 500))
		for j := range 500 {
			at := *now - 8_000_000 + int64(j*i%500)*8_000
			r.Acked(RecordTimes{Due: at - 500_000, SendCalled: at, Bytes: 512})
		}
		r.End()
		m.Close(Close{At: *now})
	}
}

func testMeter() (*Meter, *int64) {
	now := new(int64)
	return NewMeter(Options{Now: func() int64 { return *now }}), now
}

func testBatch(called int64, records int32) BatchTimes {
	return BatchTimes{
		Partition: 3, Opened: called - 7_000_000, Ready: called - 2_500_000, Written: called - 2_000_000,
		LastWritten: called - 2_000_000, Answered: called - 20_000, Called: called,
		Records: records, WireBytes: records * 530, RawBytes: records * 520, BatchSize: 16384, Closed: ClosedByLinger,
	}
}
