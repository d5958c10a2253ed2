package telemetry

import "testing"

// Each answer of the rule, and its place in the order: what is named is the
// first thing that explains why the load was not sent in time.
func TestWhoHoldsTheRate(t *testing.T) {
	const width = 100 * msec
	busy := Close{CPU: 190 * msec, Cores: 2}
	for name, c := range map[string]struct {
		blocked bool                           // senders wait for space
		close   Close                          // of each interval
		wire    func(r *Recorder, begin int64) // what happens in each interval
		want    string
	}{
		"nothing waits":                          {want: "load"},
		"a closed loop":                          {close: Close{ClosedLoop: true}, want: "generator"},
		"a closed loop that waits for answers":   {close: Close{ClosedLoop: true, Sync: true}, want: "load"},
		"only the buffer":                        {blocked: true, want: "buffer"},
		"busy cores, in time":                    {close: busy, want: "load"},
		"busy cores":                             {blocked: true, close: busy, want: "cpu"},
		"cores not busy":                         {blocked: true, close: Close{CPU: 170 * msec, Cores: 2}, want: "buffer"},
		"waits on the link":                      {blocked: true, close: Close{LinkWaited: 50 * msec}, want: "link"},
		"waits less on the link":                 {blocked: true, close: Close{LinkWaited: 49 * msec}, want: "buffer"},
		"slots full, at the pace of the link":    {blocked: true, close: Close{LinkRTT: 40 * msec}, wire: pipeline(2, 60*msec), want: "in_flight"},
		"slots full, no faster than the network": {blocked: true, wire: pipeline(2, 60*msec), want: "broker"},
		"slots full, and no answer at all":       {blocked: true, wire: stalled(2), want: "broker"},
		"one slot of two":                        {blocked: true, wire: pipeline(1, 60*msec), want: "buffer"},
		"slots full for less than half the time": {blocked: true, wire: pipeline(2, 40*msec), want: "buffer"},
		"throttled":                              {blocked: true, wire: func(r *Recorder, _ int64) { r.Throttled(1, 5) }, want: "quota"},
		"throttled a little":                     {blocked: true, wire: func(r *Recorder, _ int64) { r.Throttled(1, 4) }, want: "buffer"},
		"throttled and busy":                     {blocked: true, close: busy, wire: func(r *Recorder, _ int64) { r.Throttled(1, 50) }, want: "quota"},
	} {
		t.Run(name, func(t *testing.T) {
			st := newStand(t)
			r := st.m.Recorder(9)
			st.m.Slots(2)
			r.Reached(1, 100_000)
			for i := range int64(10) {
				if c.wire != nil {
					c.wire(r, i*width)
				}
				if c.blocked {
					st.block(20 * msec)
				}
				st.send(100, 0, 50*msec)
				st.close(c.close)
			}
			for what, got := range map[string]string{"session": st.m.Total().Rate.LimitedBy, "last seconds": st.m.Recent(1 << 40).Rate.LimitedBy} {
				if got != c.want {
					t.Errorf("%s: limited by %s (%v), want %s", what, got, st.m.Total().Rate.Evidence, c.want)
				}
			}
		})
	}
}

// pipeline keeps so many requests in flight from the begin of an interval for
// so long.
func pipeline(requests int, lasts int64) func(*Recorder, int64) {
	return func(r *Recorder, begin int64) {
		for range requests {
			r.Wrote(1, 1000, 10, begin)
		}
		for range requests {
			r.Answered(1, lasts, begin+lasts)
		}
	}
}

// stalled keeps so many requests in flight for good.
func stalled(requests int) func(*Recorder, int64) {
	return func(r *Recorder, begin int64) {
		if begin == 0 {
			for range requests {
				r.Wrote(1, 1000, 10, begin)
			}
		}
	}
}
