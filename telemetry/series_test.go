package telemetry

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
)

// Two hours of intervals leave a minute of them and an hour of points, and no
// more memory than the comment on fineFor promises.
func TestSeriesIsBounded(t *testing.T) {
	m, now := testMeter()
	r := m.Recorder(1)
	rng := rand.New(rand.NewPCG(29, 31))
	hour := func() uint64 {
		for range 3600 {
			*now += 1000 * msec
			r.Begin(0)
			r.Batch(testBatch(*now, 50))
			for range 50 {
				due := *now - 4*msec - int64(rng.ExpFloat64()*float64(3*msec))
				r.Acked(RecordTimes{Due: due, SendCalled: due, Bytes: 100})
			}
			r.End()
			m.Close(Close{At: *now})
		}
		m.Points()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	first, second := hour(), hour()
	if grown := int64(second) - int64(first); grown > 1<<20 {
		t.Errorf("got %d more bytes after the second hour, want a flat heap", grown)
	}
	if n := len(m.series.fine); n < 60 || n > 61 {
		t.Errorf("got %d fine intervals of a second, want a minute", n)
	}
	if n := len(m.series.coarse); n != int(hourLong/time.Second) {
		t.Errorf("got %d points, want an hour of seconds", n)
	}
	var stored int
	for _, iv := range m.series.fine {
		stored += len(iv.latency.pairs)
		for _, s := range iv.stages {
			stored += len(s.pairs)
		}
	}
	if most := len(m.series.fine) * 2048; stored > most {
		t.Errorf("got %d bytes of buckets in the minute, want at most %d", stored, most)
	}
}

// A process that was stopped for longer than the fine minute closes one long
// interval when it goes on.
func TestOneLongIntervalIsKept(t *testing.T) {
	m, now := testMeter()
	for _, width := range []int64{100, 5 * 60_000, 100, 2 * 60_000} {
		*now += width * msec
		m.Close(Close{At: *now})
	}
	points := m.Points()
	if len(points) != 4 || points[3].At != time.Duration(*now) {
		t.Errorf("got %d points, the last at %v, want 4 up to %v", len(points), points[len(points)-1].At, time.Duration(*now))
	}
}

func TestPastIsKeptForAsLongAsAsked(t *testing.T) {
	now := int64(0)
	m := NewMeter(Options{Now: func() int64 { return now }, Keep: 5 * time.Minute})
	for range 900 {
		now += 1000 * msec
		m.Close(Close{At: now})
	}
	if n := len(m.series.coarse); n != 300 {
		t.Errorf("got %d points of a second, want 300", n)
	}
}

func TestPointsFollowOneAnother(t *testing.T) {
	st := newStand(t)
	for i := range 700 {
		st.send(10, 0, int64(1+i%10)*msec)
		st.close(Close{WarmUp: i < 5, BufferUsed: 64})
	}
	var end time.Duration
	points := st.m.Points()
	for i, p := range points {
		if p.At-p.Width != end {
			t.Fatalf("point %d is from %v to %v, want it from %v", i, p.At-p.Width, p.At, end)
		}
		if p.RecordsPerS != 100 || p.BufferUsed != 64 {
			t.Fatalf("point %d: got %+v, want 100 records/s, 64 bytes", i, p)
		}
		if p.WarmUp != (i == 0) {
			t.Errorf("point %d: got warm-up %v", i, p.WarmUp)
		}
		end = p.At
	}
	if end != 70*time.Second {
		t.Errorf("got the last point at %v, want 70 s", end)
	}
	// Ten intervals of 1 to 10 ms: their merged median, not a mean of medians.
	if p := points[0]; p.Width != time.Second || math.Abs(p.P50Ms-5) > 0.05 || p.MaxMs != 10 {
		t.Errorf("got first point %+v, want a second with median 5 and max 10 ms", p)
	}
	if p := points[len(points)-1]; p.Width != 100*time.Millisecond {
		t.Errorf("got last width %v, want 100 ms", p.Width)
	}
}

func TestRecentAddsUpToTotal(t *testing.T) {
	st := newStand(t)
	rng := rand.New(rand.NewPCG(37, 41))
	for range 100 {
		st.send(1+rng.IntN(50), 0, 1+rng.Int64N(80)*msec)
		st.close(Close{})
	}
	total, recent := st.m.Total(), st.m.Recent(10*time.Second)
	if total.Records != recent.Records || *total.Latency.MeanMs != *recent.Latency.MeanMs || *total.Latency.P99Ms != *recent.Latency.P99Ms {
		t.Errorf("got recent %+v\nwant total %+v", recent, total)
	}
}

func TestPointWithoutRecordsHasNoLatency(t *testing.T) {
	m, _ := testMeter()
	m.Close(Close{At: 100 * msec})
	p := m.Points()[0]
	for name, f := range map[string]float64{"p50": p.P50Ms, "p99": p.P99Ms, "max": p.MaxMs, "fill": p.Fill, "compression": p.Compression} {
		if !math.IsNaN(f) {
			t.Errorf("got %s %v of an empty interval, want NaN", name, f)
		}
	}
	if p.RecordsPerS != 0 || p.InFlight != 0 {
		t.Errorf("got %+v, want zero rates", p)
	}
}
