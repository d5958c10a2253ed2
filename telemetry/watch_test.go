package telemetry

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// batch tells of one acknowledged batch of one record.
func batch(r *Recorder, partition int32, at int64) {
	r.Begin(0)
	r.Batch(BatchTimes{Partition: partition, Ready: at, Written: at, LastWritten: at, Answered: at, Called: at, Records: 1})
	r.Acked(RecordTimes{Due: at, SendCalled: at})
	r.End()
}

func TestWatchMeasuresTheAbsenceOfAcknowledgements(t *testing.T) {
	m, _ := testMeter()
	r := m.Recorder(1)
	batch(r, 0, 90*msec)
	all, some, none := m.Watch(nil, 100*msec), m.Watch([]int32{1, 4}, 100*msec), m.Watch([]int32{}, 100*msec)
	batch(r, 0, 130*msec)
	batch(r, 4, 150*msec)
	batch(r, 0, 160*msec)
	batch(r, 1, 230*msec)
	if got := all.Longest(240 * msec); got != 70*msec {
		t.Errorf("all: %d ns, want 70 ms", got)
	}
	if got := some.Longest(240 * msec); got != 80*msec {
		t.Errorf("two: %d ns, want 80 ms", got)
	}
	if got := none.Longest(240 * msec); got != 140*msec {
		t.Errorf("none: %d ns, want the 140 ms since it began", got)
	}
	if got := all.Longest(400 * msec); got != 170*msec {
		t.Errorf("%d ns, want the 170 ms that have not ended", got)
	}
	// Nothing waited up to here, so nothing was missing.
	all.Rest(380 * msec)
	if got := all.Longest(400 * msec); got != 70*msec {
		t.Errorf("%d ns, want 70 ms as before the rest", got)
	}
	some.After(300 * msec)
	if some.First() != 0 {
		t.Error("an acknowledgement came before it was looked for")
	}
	batch(r, 0, 310*msec)
	batch(r, 1, 320*msec)
	batch(r, 4, 330*msec)
	if got := some.First(); got != 320*msec {
		t.Errorf("the first came at %d, want 320 ms", got)
	}
	for _, w := range []*Watch{all, some, none, some} {
		m.Unwatch(w)
	}
	batch(r, 1, 900*msec)
	if got := some.Longest(300 * msec); got != 90*msec || m.watches.Load() != nil {
		t.Errorf("%d ns after it looks no more, want the 90 ms it saw", got)
	}
}

// Two runs acknowledge at once while watches come and go.
func TestWatchesAreSafeForAnyGoroutine(t *testing.T) {
	m, _ := testMeter()
	whole := m.Watch(nil, 0)
	var wg sync.WaitGroup
	for run := range 2 {
		r := m.Recorder(run)
		wg.Go(func() {
			for i := range int64(2000) {
				batch(r, int32(i%3), (i+1)*msec)
			}
		})
	}
	wg.Go(func() {
		for i := range int64(500) {
			w := m.Watch([]int32{int32(i % 3)}, i*msec)
			w.After(i * msec)
			w.Rest(i * msec)
			_ = w.Longest(i*msec) + w.First()
			m.Unwatch(w)
		}
	})
	wg.Wait()
	if got := whole.Longest(2000 * msec); got < msec || got > 2000*msec {
		t.Errorf("%d ns, want a gap of the two", got)
	}
}

// The longest absence is that of the instants in order, whoever tells them.
func TestWatchAgreesWithTheInstants(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		m, _ := testMeter()
		r := m.Recorder(1)
		from := rng.Int64N(1000)
		w := m.Watch([]int32{0}, from)
		var instants []int64
		for range rng.IntN(30) {
			instants = append(instants, rng.Int64N(5000))
		}
		slices.Sort(instants)
		longest, last := int64(0), from
		for _, at := range instants {
			batch(r, 0, at)
			batch(r, 1, at)
			if at > last {
				longest, last = max(longest, at-last), at
			}
		}
		if got, want := w.Longest(6000), max(longest, 6000-last); got != want {
			t.Fatalf("from %d over %v: %d, want %d", from, instants, got, want)
		}
	}
}

func TestBacklogIsWhatHasNoOutcome(t *testing.T) {
	st := newStand(t)
	e := st.s.Begin()
	for range 10 {
		st.s.Sent()
		st.s.Accepted(200)
		st.s.Entered()
	}
	st.s.Sent()
	st.s.Refused()
	st.s.End()
	st.r.Begin(e)
	st.r.Failed(2)
	st.r.Unknown(1)
	st.r.Left(3)
	st.r.End()
	st.close(Close{Due: 20})
	if records, due := st.m.Backlog(); records != 16 || due != 20 {
		t.Errorf("backlog %d of %d due, want 16 of 20: one refused, three ended", records, due)
	}
	st.close(Close{Due: 25})
	if records, due := st.m.Backlog(); records != 21 || due != 5 {
		t.Errorf("backlog %d, %d due since, want 21 and 5", records, due)
	}
}
