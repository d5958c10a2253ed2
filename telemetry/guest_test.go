package telemetry

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"kdyno/telemetry/report"
)

func TestStagesOfAGuestAreThoseThatTheWireTells(t *testing.T) {
	m, _ := testMeter()
	r := m.Guest()
	r.Begin(0)
	r.Came(5, 500)
	r.Batch(BatchTimes{
		Opened: 10 * msec, Ready: 40 * msec, Written: 45 * msec, LastWritten: 52 * msec, Answered: 60 * msec, Called: 60 * msec,
		Records: 5, WireBytes: 500,
	})
	r.Made(2, 10*msec, 200)
	r.Made(2, 20*msec, 200)
	r.Made(1, 43*msec, 100) // it joined while the batch waited
	r.Left(5)
	r.End()
	m.Close(Close{At: 1000 * msec, Guest: true})
	total := m.Total()
	mean := map[string]float64{}
	for name, s := range total.Stages {
		if s != nil {
			mean[name] = *s.MeanMs
		}
	}
	want := map[string]float64{"batching": 20, "slot_wait": 4.4, "network": 8, "retry": 7}
	if d := cmp.Diff(want, mean); d != "" {
		t.Errorf("stages (-want +got):\n%s", d)
	}
	if *total.Latency.MeanMs != 39.4 || total.Latency.Count != 5 {
		t.Errorf("latency %v of %d, want 39.4 of 5", *total.Latency.MeanMs, total.Latency.Count)
	}
	n := report.Records{Due: 5, Sent: 5, Accepted: 5, Acked: 5}
	if d := cmp.Diff(n, total.Records); d != "" || total.Records.Broken() != nil {
		t.Errorf("records (-want +got):\n%s%v", d, total.Records.Broken())
	}
	if total.Rate.BytesPerS != 500 || total.Rate.LimitedBy != "load" {
		t.Errorf("rate %+v", total.Rate)
	}
}

// Whatever the clocks say, the stages of a guest add up to its latency, and p99
// goes to them and to nothing else.
func TestStagesOfAGuestAlwaysAddUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	for round := range 300 {
		m, _ := testMeter()
		r := m.Guest()
		r.Begin(0)
		instant := func() int64 { return rng.Int64N(100) * msec / 3 }
		for range 1 + rng.IntN(4) {
			r.Batch(BatchTimes{
				Opened: instant(), Ready: instant(), Written: instant(), LastWritten: instant(), Answered: instant(), Called: instant(),
				Records: 3,
			})
			for range 3 {
				r.Made(1+rng.Int64N(500), instant(), 10)
			}
		}
		r.End()
		m.Close(Close{At: 1000 * msec, Guest: true})
		by, all := stageSums(&m.total.shape)
		if all != m.total.latency.Sum() {
			t.Fatalf("round %d: latency %d, stages %d %v", round, m.total.latency.Sum(), all, by)
		}
		goes := 0.0
		for _, share := range m.Total().Latency.P99GoesTo {
			goes += share
		}
		if goes != 0 && (goes < 0.999 || goes > 1.001) {
			t.Fatalf("round %d: the p99 goes to %v of it", round, goes)
		}
	}
}

// A partition that a guest wrote to costs next to nothing, since there may be a
// hundred guests on a thousand of them.
func TestGuestsTakeLittleRoomForAPartition(t *testing.T) {
	m, _ := testMeter()
	r := m.Guest()
	r.Begin(0)
	for p := range int32(1000) {
		r.Batch(BatchTimes{Partition: p, Records: 1, WireBytes: 70})
		r.Made(1, 0, 70)
	}
	r.End()
	m.Close(Close{At: 100 * msec})
	rows := m.PerPartition(make([]report.Partition, 1000))
	for i, row := range rows {
		if row.Records != 1 || row.Bytes != 70 || row.P99Ms != nil {
			t.Fatalf("partition %d has %+v", i, row)
		}
	}
	for i, p := range m.parts {
		if p.counts != nil || r.cells[0].parts[i].latency != nil {
			t.Fatalf("partition %d has histograms", i)
		}
	}
	if size := unsafe.Sizeof(partTotal{}) + 2*unsafe.Sizeof(partCell{}); size > 200 {
		t.Errorf("a partition of a guest takes %d bytes", size)
	}
}

// Batches that wait for long after their last record say that more is made than
// leaves.
func TestBatchesThatWaitTellOfAGuest(t *testing.T) {
	for name, c := range map[string]struct {
		wait int64 // ms
		full int64 // ms of each 100, for which both slots are taken
		want string
	}{
		"as they should":               {10, 0, "load"},
		"long, slots free":             {500, 0, "generator"},
		"long, slots taken for a part": {500, 20, "broker"},
		"not long, slots taken":        {10, 20, "load"},
	} {
		m, now := testMeter()
		r := m.Guest()
		m.Slots(2)
		r.Reached(1, 100_000)
		for i := range int64(10) {
			begin := i * 100 * msec
			if c.full > 0 {
				pipeline(2, c.full*msec)(r, begin)
			}
			r.Begin(0)
			opened := begin + 1
			r.Batch(BatchTimes{Opened: opened, Ready: opened, Written: opened + c.wait*msec, LastWritten: opened + c.wait*msec, Answered: opened + c.wait*msec, Records: 1})
			r.Made(1, opened, 10)
			r.End()
			*now += 100 * msec
			m.Close(Close{At: *now, Guest: true})
		}
		if got := m.Total().Rate; got.LimitedBy != c.want {
			t.Errorf("%s: limited by %s (%v), want %s", name, got.LimitedBy, got.Evidence, c.want)
		}
	}
}

// What holds a guest's rate is said only where the wire tells.
func TestWhoHoldsTheRateOfAGuest(t *testing.T) {
	for name, c := range map[string]struct {
		close Close
		wire  func(r *Recorder, begin int64)
		want  string
	}{
		"nothing that is seen":                {want: "load"},
		"throttled":                           {wire: func(r *Recorder, _ int64) { r.Throttled(1, 5) }, want: "quota"},
		"slots full":                          {wire: pipeline(2, 60*msec), want: "broker"},
		"slots full, at the pace of the link": {close: Close{LinkRTT: 40 * msec}, wire: pipeline(2, 60*msec), want: "in_flight"},
		"slots full for a while":              {wire: pipeline(2, 40*msec), want: "load"},
		"waits on the link":                   {close: Close{LinkWaited: 60 * msec}, want: "link"},
	} {
		t.Run(name, func(t *testing.T) {
			m, now := testMeter()
			r := m.Guest()
			m.Slots(2)
			r.Reached(1, 100_000)
			for i := range int64(10) {
				if c.wire != nil {
					c.wire(r, i*100*msec)
				}
				*now += 100 * msec
				c.close.At, c.close.Guest = *now, true
				m.Close(c.close)
			}
			if got := m.Total().Rate; got.LimitedBy != c.want {
				t.Errorf("limited by %s (%v), want %s", got.LimitedBy, got.Evidence, c.want)
			}
		})
	}
}
