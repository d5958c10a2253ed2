package telemetry

import "testing"

// A broker that was slow for a while is not called slow for ever: after ten
// seconds only what came since counts.
func TestRoundTripsForget(t *testing.T) {
	now := int64(0)
	m := NewMeter(Options{Now: func() int64 { return now }})
	r := m.Recorder(1)
	second := int64(1e9)
	at := func(seconds float64) { now = int64(seconds * float64(second)) }
	answer := func(n int, rtt int64) {
		for range n {
			r.Wrote(1, 100, 1, now)
			r.Answered(1, rtt, now)
		}
	}
	near := func(got *float64, want float64) bool { return got != nil && *got > want*0.96 && *got < want*1.04 }

	if trip := m.RoundTrips()[1]; trip.P50Ms != nil || trip.P99Ms != nil {
		t.Errorf("before any answer: %+v", trip)
	}
	at(1)
	answer(1500, 200*msec)
	if trip := m.RoundTrips()[1]; !near(trip.P50Ms, 200) || !near(trip.P99Ms, 200) {
		t.Errorf("slow: %v and %v, want 200", trip.P50Ms, trip.P99Ms)
	}
	at(6)
	answer(500, 2*msec)
	if trip := m.RoundTrips()[1]; !near(trip.P50Ms, 200) {
		t.Errorf("five seconds later: p50 %v, want still 200", trip.P50Ms)
	}
	at(11)
	if trip := m.RoundTrips()[1]; !near(trip.P50Ms, 2) || trip.P99Ms != nil {
		t.Errorf("ten seconds later: %v and %v, want 2 and too few for a p99", trip.P50Ms, trip.P99Ms)
	}
	at(60)
	if trip := m.RoundTrips()[1]; trip.P50Ms != nil {
		t.Errorf("a minute of silence later: %v", *trip.P50Ms)
	}
	answer(25, 3*msec)
	if trip := m.RoundTrips()[1]; !near(trip.P50Ms, 3) {
		t.Errorf("then: %v, want 3", trip.P50Ms)
	}
}
