package telemetry

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/telemetry/report"
)

const msec = int64(1e6)

// stageSums are the sums in nanoseconds by stage, and their sum.
func stageSums(s *shape) (by map[string]int64, all int64) {
	by = make(map[string]int64)
	for i := range s.stages {
		by[report.StageNames[i]] = s.stages[i].Sum()
		all += s.stages[i].Sum()
	}
	return by, all
}

// play records batches and closes one interval at the end.
func play(m *Meter, batches []BatchTimes, records [][]RecordTimes) {
	r := m.Recorder(1)
	r.Begin(0)
	for i, b := range batches {
		r.Batch(b)
		for _, t := range records[i] {
			r.Acked(t)
		}
	}
	r.End()
	m.Close(Close{At: 1000 * msec})
}

func TestStagesOfARecordAreExact(t *testing.T) {
	m, _ := testMeter()
	play(m, []BatchTimes{{
		Opened: 11 * msec, Ready: 40 * msec, Written: 45 * msec, LastWritten: 52 * msec, Answered: 60 * msec, Called: 61 * msec,
		Records: 2, WireBytes: 500, RawBytes: 1000, BatchSize: 4000, Closed: ClosedByLinger,
	}}, [][]RecordTimes{{
		{Due: 5 * msec, SendCalled: 7 * msec, Serialize: msec, Blocked: 2 * msec, Swap: 10 * msec, Bytes: 100},
		{Due: 41 * msec, SendCalled: 42 * msec, Bytes: 100}, // it joined after the batch was ready
	}})
	got, all := stageSums(&m.total.shape)
	want := map[string]int64{
		"schedule_lag": 3 * msec, "serialize": msec, "blocked": 2 * msec, "swap": 10 * msec,
		"batching": 20 * msec, "slot_wait": 8 * msec, "network": 16 * msec, "retry": 14 * msec, "callback": 2 * msec,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stages (-want +got):\n%s", diff)
	}
	if latency := m.total.latency.Sum(); latency != 76*msec || all != latency {
		t.Errorf("got latency %d, stages %d, want both 76 ms", latency, all)
	}
	b := m.Total().Batches
	wantB := report.Batches{
		Count: 1, RecordsMean: of(2), BytesMean: of(500), RawBytesMean: of(1000), FillMean: of(0.25),
		CompressionRatio: of(0.5), OpenMeanMs: of(29), QueueMeanMs: of(34), Closed: map[string]int64{"linger": 1},
	}
	if diff := cmp.Diff(wantB, b); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
}

func of(f float64) *float64 { return &f }

// Whatever the clocks say, no nanosecond is lost between the stages, and none
// is negative.
func TestStagesAlwaysAddUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 23))
	for round := range 500 {
		m, _ := testMeter()
		instant := func() int64 { return rng.Int64N(100) * msec / 3 }
		var batches []BatchTimes
		var records [][]RecordTimes
		for range 1 + rng.IntN(4) {
			b := BatchTimes{Ready: instant(), Written: instant(), LastWritten: instant(), Called: 20*msec + instant(), Answered: instant()}
			batches = append(batches, b)
			var list []RecordTimes
			for range rng.IntN(20) {
				rec := RecordTimes{Due: instant(), SendCalled: instant()}
				if rng.IntN(3) == 0 {
					rec.Serialize, rec.Blocked, rec.Swap = instant()/10, instant()/5, instant()/5
				}
				list = append(list, rec)
			}
			records = append(records, list)
		}
		play(m, batches, records)
		by, all := stageSums(&m.total.shape)
		if latency := m.total.latency.Sum(); all != latency {
			t.Fatalf("round %d: got stages %d ns, want the latency's %d ns: %v", round, all, latency, by)
		}
		for i := range m.total.stages {
			if m.total.stages[i].Min() < 0 {
				t.Fatalf("round %d: stage %s has %d", round, report.StageNames[i], m.total.stages[i].Min())
			}
		}
	}
}

func TestSampledSerializeIsSpreadOverAll(t *testing.T) {
	m, _ := testMeter()
	var list []RecordTimes
	for i := range 100 {
		rec := RecordTimes{}
		if i%10 == 0 {
			rec.Serialize = 2 * msec
		}
		list = append(list, rec)
	}
	play(m, []BatchTimes{{Ready: 10 * msec, Written: 10 * msec, LastWritten: 10 * msec, Answered: 12 * msec, Called: 12 * msec}}, [][]RecordTimes{list})
	iv := m.Total()
	// Every record serialized for 2 ms; of the 90 not sampled it is in batching.
	if got := *iv.Stages["serialize"].MeanMs; got != 2 {
		t.Errorf("got serialize mean %v, want 2", got)
	}
	if got := *iv.Stages["batching"].MeanMs; got != 8 {
		t.Errorf("got batching mean %v, want 8", got)
	}
	checkMeans(t, iv)
}

func TestSerializeMayBeTooShortToSee(t *testing.T) {
	m, _ := testMeter()
	play(m, []BatchTimes{{Written: msec, LastWritten: msec, Answered: msec, Called: msec}}, [][]RecordTimes{{{Sampled: true}, {}}})
	got := m.Total().Stages["serialize"]
	if got == nil || *got.MeanMs != 0 || *got.MaxMs != 0 {
		t.Errorf("got serialize %+v, want a measured 0", got)
	}
}

// An unlucky sample must not make batching negative.
func TestSpreadSerializeTakesNoMoreThanBatchingHas(t *testing.T) {
	m, _ := testMeter()
	list := []RecordTimes{{Serialize: 3 * msec}, {SendCalled: 2 * msec}}
	play(m, []BatchTimes{{Ready: 3 * msec, Written: 3 * msec, LastWritten: 3 * msec, Answered: 4 * msec, Called: 4 * msec}}, [][]RecordTimes{list})
	iv := m.Total()
	if got := *iv.Stages["batching"].MeanMs; got != 0 {
		t.Errorf("got batching mean %v, want 0", got)
	}
	checkMeans(t, iv)
}

func checkMeans(t *testing.T, iv report.Interval) {
	t.Helper()
	var sum float64
	for _, s := range iv.Stages {
		if s != nil {
			sum += *s.MeanMs
		}
	}
	if math.Abs(sum-*iv.Latency.MeanMs) > 1e-9 {
		t.Errorf("stage means add up to %v, want the latency's %v", sum, *iv.Latency.MeanMs)
	}
}

func TestNetworkIsAbsentWithoutAnswers(t *testing.T) {
	m, _ := testMeter()
	play(m, []BatchTimes{{Ready: 5 * msec, Written: 6 * msec, LastWritten: 6 * msec, Called: 9 * msec}}, [][]RecordTimes{{{Due: msec, SendCalled: msec}}})
	iv := m.Total()
	if iv.Stages["network"] != nil {
		t.Errorf("got network %+v with acks=0, want none", iv.Stages["network"])
	}
	if got := *iv.Stages["callback"].MeanMs; got != 3 {
		t.Errorf("got callback %v, want 3 from the write", got)
	}
	if got := iv.Stages["serialize"]; got != nil {
		t.Errorf("got serialize %+v without a sample, want none", got)
	}
	checkMeans(t, iv)
}

// What a batch's records have in common is counted in the interval in which
// each of them is counted.
func TestBatchOverTwoIntervalsAddsUpInEach(t *testing.T) {
	m, _ := testMeter()
	r := m.Recorder(1)
	r.Begin(0)
	r.Batch(BatchTimes{Ready: 4 * msec, Written: 5 * msec, LastWritten: 5 * msec, Answered: 9 * msec, Called: 10 * msec})
	r.Acked(RecordTimes{})
	r.End()
	m.Close(Close{At: 100 * msec})
	first := m.Recent(100e6)
	r.Begin(m.epoch.Load())
	r.Acked(RecordTimes{Due: 2 * msec, SendCalled: 2 * msec})
	r.Acked(RecordTimes{Due: 2 * msec, SendCalled: 2 * msec})
	r.End()
	m.Close(Close{At: 200 * msec})
	second := m.Recent(100e6)
	if first.Latency.Count != 1 || second.Latency.Count != 2 {
		t.Fatalf("got %d and %d records, want 1 and 2", first.Latency.Count, second.Latency.Count)
	}
	checkMeans(t, first)
	checkMeans(t, second)
	if got := m.PerPartition(make([]report.Partition, 1)); got[0].Records != 3 || got[0].Batches != 1 {
		t.Errorf("got partition %+v, want 3 records in one batch", got[0])
	}
}

func TestRawMayBeToldAfterTheRecords(t *testing.T) {
	m, _ := testMeter()
	r := m.Recorder(1)
	r.Begin(0)
	r.Batch(BatchTimes{Records: 1, WireBytes: 300, BatchSize: 1200})
	r.Acked(RecordTimes{})
	r.Raw(600)
	r.End()
	m.Close(Close{At: msec})
	b := m.Total().Batches
	if *b.RawBytesMean != 600 || *b.FillMean != 0.5 || *b.CompressionRatio != 0.5 {
		t.Errorf("got raw %v, fill %v, ratio %v, want 600, 0.5, 0.5", *b.RawBytesMean, *b.FillMean, *b.CompressionRatio)
	}
}

func TestRecordingAllocatesNothing(t *testing.T) {
	m, now := testMeter()
	s, r := m.Sender(), m.Recorder(1)
	*now = 1000 * msec
	i := int64(0)
	road := func() {
		e := s.Begin()
		s.Sent()
		s.Block()
		s.Unblock(5, false)
		s.Entered()
		s.Accepted(512)
		s.End()
		r.Begin(e)
		if i%8 == 0 {
			r.Batch(testBatch(*now, 8))
		}
		i++
		r.Acked(RecordTimes{Due: *now - i*1000, SendCalled: *now - i*900, Blocked: 5, Serialize: i, Bytes: 512})
		r.Left(1)
		r.End()
	}
	road() // the partition's cell is made once
	if got := testing.AllocsPerRun(1000, road); got != 0 {
		t.Errorf("got %v allocations per record, want 0", got)
	}
}

func TestPartitionsAreCountedByTheirIndex(t *testing.T) {
	m, _ := testMeter()
	var batches []BatchTimes
	var records [][]RecordTimes
	for place, n := range []int{0, 1500, 10} {
		b := BatchTimes{Partition: int32(place), Written: 10 * msec, LastWritten: 10 * msec, Answered: 20 * msec, Called: 20 * msec, Records: int32(n), WireBytes: 100}
		batches, records = append(batches, b), append(records, make([]RecordTimes, n))
	}
	play(m, batches[1:], records[1:])
	m.lastError(2, "NOT_LEADER_OR_FOLLOWER")
	rows := m.PerPartition([]report.Partition{{Topic: "t", Leader: 7}, {Topic: "t", Partition: 1}, {Topic: "t", Partition: 2, Queued: 4}, {Topic: "t", Partition: 3}})
	if p := rows[1].P99Ms; p == nil || math.Abs(*p-20) > 0.6 {
		t.Errorf("got p99 %v, want 20 ms within 3 %%", p)
	}
	rows[1].P99Ms = nil
	want := []report.Partition{
		{Topic: "t", Leader: 7},
		{Topic: "t", Partition: 1, Records: 1500, Bytes: 100, Batches: 1},
		{Topic: "t", Partition: 2, Records: 10, Bytes: 100, Batches: 1, Queued: 4, LastError: "NOT_LEADER_OR_FOLLOWER"},
		{Topic: "t", Partition: 3},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("partitions (-want +got):\n%s", diff)
	}
}
