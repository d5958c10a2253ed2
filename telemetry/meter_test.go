package telemetry

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/telemetry/report"
)

// stand drives a meter one interval of 100 ms at a time.
type stand struct {
	t   *testing.T
	m   *Meter
	now *int64
	s   *Sender
	r   *Recorder
	due int64
}

func newStand(t *testing.T) *stand {
	t.Helper()
	m, now := testMeter()
	return &stand{t: t, m: m, now: now, s: m.Sender(), r: m.Recorder(1)}
}

// send lets n records in, each with the given latency and schedule lag, and
// acknowledges them in one batch at the interval's end.
func (st *stand) send(n int, lag, latency int64) {
	end := *st.now + 100*msec
	e := st.s.Begin()
	for range n {
		st.s.Sent()
		st.s.Accepted(200)
		st.s.Entered()
	}
	st.s.End()
	st.due += int64(n)
	st.r.Begin(e)
	st.r.Batch(BatchTimes{Ready: end, Written: end, LastWritten: end, Answered: end, Called: end, Records: int32(n)})
	for range n {
		st.r.Acked(RecordTimes{Due: end - latency, SendCalled: end - latency + lag, Bytes: 200})
	}
	st.r.Left(n)
	st.r.End()
}

func (st *stand) close(c Close) {
	st.t.Helper()
	*st.now += 100 * msec
	c.At = *st.now
	if c.Due == 0 {
		c.Due = st.due
	}
	st.m.Close(c)
	if broken := st.m.Total().Records.Broken(); broken != nil {
		st.t.Fatalf("at %d: %v", c.At, broken)
	}
}

func TestWarmUpIsCountedAndNotMeasured(t *testing.T) {
	st := newStand(t)
	st.send(50, 0, 90*msec)
	st.close(Close{WarmUp: true})
	for range 10 {
		st.send(100, 0, 10*msec)
		st.close(Close{})
	}
	st.send(30, 0, 10*msec)
	st.close(Close{Draining: true})

	iv := st.m.Total()
	if iv.Records.Acked != 1080 || iv.Batches.Count != 12 {
		t.Errorf("got %d acknowledged in %d batches, want all 1080 in 12", iv.Records.Acked, iv.Batches.Count)
	}
	if iv.Latency.Count != 1030 || *iv.Latency.MaxMs != 10 || *iv.Latency.MeanMs != 10 {
		t.Errorf("got latency %d, mean %v, max %v, want 1030 of 10 ms", iv.Latency.Count, *iv.Latency.MeanMs, *iv.Latency.MaxMs)
	}
	if iv.Rate.RecordsPerS != 1000 || iv.Rate.BytesPerS != 200_000 || iv.Rate.OfferedPerS != 1000 {
		t.Errorf("got rate %+v, want 1000/s without warm-up and drain", iv.Rate)
	}
	if got := *iv.Latency.LongestAckGapMs; got != 100 {
		t.Errorf("got longest gap %v ms, want 100", got)
	}
	if got := *st.m.Recent(1200e6).Latency.MaxMs; got != 90 {
		t.Errorf("got recent max %v ms, want the warm-up's 90", got)
	}
	if got := st.m.Recent(200e6); got.Latency.Count != 130 || got.Records.Sent != 130 {
		t.Errorf("got %d measured, %d sent in the last 200 ms, want 130", got.Latency.Count, got.Records.Sent)
	}
}

func TestWaitingIsWhatIsDueAndNotSent(t *testing.T) {
	st := newStand(t)
	st.send(10, 0, msec)
	st.close(Close{Due: 25})
	if got := st.m.Total().Records; got.Due != 25 || got.Waiting != 15 {
		t.Errorf("got due %d, waiting %d, want 25 and 15", got.Due, got.Waiting)
	}
	// The pacing was asked just before the senders sent what came due.
	st.send(20, 0, msec)
	st.close(Close{Due: 28})
	if got := st.m.Total().Records; got.Due != 30 || got.Waiting != 0 {
		t.Errorf("got due %d, waiting %d, want 30 and 0", got.Due, got.Waiting)
	}
	if got := st.m.Recent(100e6).Records; got.Due != 5 || got.Sent != 20 {
		t.Errorf("got %d due and %d sent in the last interval, want 5 and 20", got.Due, got.Sent)
	}
}

func TestWhoLimitsTheRate(t *testing.T) {
	for _, c := range []struct {
		name         string
		lag, latency int64
		due          int64 // per interval, beside 100 sent
		blocked      int64 // ns per interval
		closed       bool
		want         string
		lagged, kept float64 // the evidence
		blockedShare float64
		offered      float64
	}{
		{name: "kept", latency: 50 * msec, want: "load", lagged: 0, kept: 1, blockedShare: 0, offered: 1000},
		{name: "late", lag: 10 * msec, latency: 50 * msec, want: "generator", lagged: 0.2, kept: 1, blockedShare: 0, offered: 1000},
		{name: "late by the pacer's grain", lag: msec, latency: 5 * msec, want: "load", lagged: 0.2, kept: 1, blockedShare: 0, offered: 1000},
		{name: "a tenth is not more than a tenth", lag: 4 * msec, latency: 50 * msec, want: "load", lagged: 0.08, kept: 1, blockedShare: 0, offered: 1000},
		{name: "not sent", latency: 50 * msec, due: 10, want: "generator", lagged: 0, kept: 1 / 1.1, blockedShare: 0, offered: 1100},
		{name: "blocked", lag: 40 * msec, latency: 50 * msec, due: 10, blocked: 30 * msec, want: "buffer", lagged: 0.8, kept: 1 / 1.1, blockedShare: 0.3, offered: 1110},
		{name: "closed loop", latency: 50 * msec, closed: true, want: "generator", lagged: 0, kept: 1, blockedShare: 0, offered: 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := newStand(t)
			for range 20 {
				if c.blocked > 0 {
					st.block(c.blocked)
				}
				st.send(100, c.lag, c.latency)
				st.due += c.due
				st.close(Close{ClosedLoop: c.closed})
			}
			rate := st.m.Total().Rate
			if rate.LimitedBy != c.want {
				t.Errorf("got limited by %q, want %q: %v", rate.LimitedBy, c.want, rate.Evidence)
			}
			evidence := map[string]float64{
				"schedule_lag_p99_share": c.lagged, "schedule_kept": c.kept, "blocked_share": c.blockedShare, "offered_per_s": c.offered,
			}
			if diff := cmp.Diff(evidence, rate.Evidence, within(0.005)); diff != "" {
				t.Errorf("evidence (-want +got):\n%s", diff)
			}
			wantMode := map[bool]string{true: "closed", false: "open"}[c.closed]
			if got := st.m.Total().Latency.Mode; got != wantMode {
				t.Errorf("got mode %q, want %q", got, wantMode)
			}
		})
	}
}

func within(share float64) cmp.Option {
	return cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= share*max(math.Abs(a), math.Abs(b)) })
}

// block lets one send wait and be refused.
func (st *stand) block(ns int64) {
	at := *st.now
	st.s.Begin()
	st.s.Sent()
	st.s.Block()
	*st.now = at + ns
	st.s.Unblock(ns, false)
	st.s.Refused()
	st.s.End()
	st.due++
	*st.now = at
}

// A send that waits for seconds is seen while it waits, not when it is over.
func TestBlockedTimeGrowsWhileItLasts(t *testing.T) {
	st := newStand(t)
	st.s.Begin()
	st.s.Sent()
	st.s.Block() // at 0
	st.due = 1
	for i := range 3 {
		st.close(Close{})
		if got := st.m.Points()[i].BlockedMs; got != 100 {
			t.Errorf("interval %d: got %v ms blocked, want 100", i, got)
		}
		if got := st.m.Total().Rate; got.LimitedBy != "buffer" || got.Evidence["blocked_share"] != 1 {
			t.Errorf("interval %d: got %+v, want limited by the buffer, share 1", i, got)
		}
	}
	*st.now = 350 * msec
	st.s.Unblock(350*msec, true)
	st.s.Refused()
	st.s.End()
	*st.now = 300 * msec
	st.close(Close{})
	if got := st.m.Points()[3].BlockedMs; got != 50 {
		t.Errorf("got %v ms blocked in the last interval, want 50", got)
	}
	if got := st.m.Total().Buffer; got.BlockedSends != 1 || got.Exhausted != 1 {
		t.Errorf("got %+v, want one send blocked, in vain", got)
	}
}

func TestLongestGapFindsTheSwap(t *testing.T) {
	m, now := testMeter()
	old, next := m.Recorder(1), m.Recorder(2)
	ack := func(r *Recorder, at int64) {
		r.Begin(0)
		r.Batch(BatchTimes{Called: at * msec})
		r.End()
	}
	for _, at := range []int64{5, 10, 40, 45} { // a gap of 30 ms, before the swap
		ack(old, at)
	}
	for _, at := range []int64{57, 60} { // the swap's, of 12 ms
		ack(next, at)
	}
	*now = 100 * msec
	m.Close(Close{At: 100 * msec, WarmUp: true})
	if got := m.LongestGap(46*msec, 56*msec); got != 12*msec {
		t.Errorf("got gap %d ns around the swap, want 12 ms", got)
	}
	if got := m.LongestGap(0, 100*msec); got != 30*msec {
		t.Errorf("got gap %d ns over all, want 30 ms", got)
	}
	if got := m.LongestGap(0, 5*msec); got != 0 {
		t.Errorf("got gap %d ns before the first acknowledgement, want 0", got)
	}
	if got := m.Total().Latency.LongestAckGapMs; got != nil {
		t.Errorf("got %v ms in the report, want none in the warm-up", *got)
	}
}

func TestSilenceIsAGapWhileRecordsWait(t *testing.T) {
	st := newStand(t)
	st.send(1, 0, msec)
	st.close(Close{})
	st.close(Close{})
	if got := st.m.Total().Latency.LongestAckGapMs; got != nil {
		t.Errorf("got gap %v with nothing in the buffer, want none", *got)
	}
	st.s.Begin()
	st.s.Sent()
	st.s.Accepted(1)
	st.s.Entered()
	st.s.End()
	st.due++
	st.close(Close{})
	if got := st.m.Total().Latency.LongestAckGapMs; got == nil || *got != 200 {
		t.Errorf("got gap %v, want 200 ms of silence", got)
	}
}

func TestWireTellsBrokersAndRequests(t *testing.T) {
	st := newStand(t)
	r := st.r
	r.Connected(1, 10*msec)
	r.Wrote(1, 1000, 10, 20*msec)
	r.Wrote(1, 3000, 30, 40*msec)
	r.Wrote(2, 500, 5, 40*msec)
	r.Code("NOT_LEADER_OR_FOLLOWER", 1, 0, 50*msec)
	r.Answered(1, 30*msec, 50*msec)
	r.Throttled(1, 7)
	r.Retried(2, 35)
	r.Lost(1, 1, 60*msec)
	r.Disconnected(1)
	r.Connected(2, 60*msec)
	r.Answered(2, 60*msec, 90*msec)
	st.m.Failure("DELIVERY_TIMEOUT", -1, 3, 95*msec)
	st.close(Close{BufferUsed: 100, BufferMax: 400, BufferLimit: 1000})
	st.close(Close{BufferUsed: 300, BufferMax: 300, BufferLimit: 1000})

	iv := st.m.Total()
	want := report.Requests{
		Count: 3, BytesMean: of(1500), InFlightMax: 3, Retries: 2, ThrottleMs: 7,
		// 1 for 20 ms, 3 for 10 ms, 2 for 10 ms, 1 for 30 ms, of 200 ms
		InFlightMean: of(0.5), Errors: map[string]int64{"NOT_LEADER_OR_FOLLOWER": 1},
		RecordsMean: of(15), RecordsRetried: 35, AnswerMeanMs: of(45),
	}
	if diff := cmp.Diff(want, iv.Requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	wantBuffer := report.Buffer{LimitBytes: 1000, UsedMeanBytes: 200, UsedMaxBytes: 400}
	if diff := cmp.Diff(wantBuffer, iv.Buffer); diff != "" {
		t.Errorf("buffer (-want +got):\n%s", diff)
	}
	wantBrokers := []report.Broker{
		{ID: 1, Slots: 5, Requests: 2, Bytes: 4000, InFlightMax: 2, Errors: 1, ThrottleMs: 7},
		{ID: 2, Requests: 1, Bytes: 500, InFlightMax: 1, ConnectedS: of(0.14)},
		{ID: 3, Slots: 5},
	}
	got := st.m.PerBroker([]report.Broker{{ID: 3, Slots: 5}, {ID: 1, Slots: 5}})
	if diff := cmp.Diff(wantBrokers, got); diff != "" {
		t.Errorf("brokers (-want +got):\n%s", diff)
	}
	failures := st.m.Failures()
	kinds := []string{}
	for _, f := range failures {
		kinds = append(kinds, f.Kind)
		if f.Say == "" || f.Where == "" {
			t.Errorf("failure %+v says nothing", f)
		}
	}
	if !slices.Equal(kinds, []string{"NOT_LEADER_OR_FOLLOWER", "DELIVERY_TIMEOUT"}) {
		t.Errorf("got failures %v, want both, oldest first", kinds)
	}
	if f := failures[0]; f.Broker == nil || *f.Broker != 1 || f.FirstS != 0.05 || f.Class != "retriable" {
		t.Errorf("got %+v, want broker 1 at 0.05 s, retriable", f)
	}
	if f := failures[1]; f.Broker != nil || f.Count != 3 {
		t.Errorf("got %+v, want three of no broker", f)
	}
}

func TestBrokerPercentilesNeedSamples(t *testing.T) {
	st := newStand(t)
	for i := range 1000 {
		st.r.Wrote(1, 1, 1, int64(i)*msec)
		st.r.Answered(1, 4*msec, int64(i)*msec)
		row := st.m.PerBroker(nil)[0]
		if (row.RTTP50Ms != nil) != (i+1 >= 20) || (row.RTTP99Ms != nil) != (i+1 >= 1000) {
			t.Fatalf("after %d answers: got p50 %v, p99 %v", i+1, row.RTTP50Ms, row.RTTP99Ms)
		}
	}
}

func TestKindsOfFailureAreBounded(t *testing.T) {
	m, _ := testMeter()
	for i := range 10_000 {
		m.Failure(string(rune('A'+i%26))+string(rune(0x4e00+i)), -1, 1, 0)
	}
	var all int64
	list := m.Failures()
	for _, f := range list {
		all += f.Count
	}
	if len(list) != maxKinds+1 || all != 10_000 {
		t.Errorf("got %d kinds of %d failures, want %d of 10000", len(list), all, maxKinds+1)
	}
}

// encoding/json refuses NaN and infinities: nothing measured must not be one.
func TestNothingMeasuredIsValidJSON(t *testing.T) {
	m, _ := testMeter()
	for range 2 {
		iv := m.Total()
		if _, err := json.Marshal(iv); err != nil {
			t.Errorf("got %v for %+v", err, iv)
		}
		if iv.Latency.MeanMs != nil || iv.Stages["network"] != nil || iv.Batches.FillMean != nil || iv.Requests.InFlightMean != nil && *iv.Requests.InFlightMean != 0 {
			t.Errorf("got figures of nothing: %+v", iv)
		}
		m.Close(Close{})
	}
}
