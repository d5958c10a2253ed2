package engine_test

import (
	"fmt"
	"testing"
	"time"

	"kdyno/telemetry/report"
)

// Whatever ends the load, every record is accounted for, at each interval's
// close and at rest.
func TestCountsAddUpAfterEveryKindOfStop(t *testing.T) {
	t.Parallel()
	stops := []struct {
		name string
		rate string
		end  func(*watched)
		all  bool // everything accepted must be acknowledged
	}{
		{"for", "10", func(w *watched) { <-w.Done() }, true},
		{"for", "1000", func(w *watched) { <-w.Done() }, true},
		{"for", "20000", func(w *watched) { <-w.Done() }, true},
		{"stop with patience", "1000", func(w *watched) { time.Sleep(time.Second); w.Stop(patience(w.t, 10*time.Second)) }, true},
		{"stop without", "1000", func(w *watched) { time.Sleep(time.Second); w.Stop(ended()) }, false},
		{"close", "1000", func(*watched) { time.Sleep(time.Second) }, false},
	}
	for _, tt := range stops {
		for _, senders := range []int{1, 4} {
			t.Run(fmt.Sprintf("%s at %s with %d senders", tt.name, tt.rate, senders), func(t *testing.T) {
				inBubble(t, func(t *testing.T, b *bed) {
					c := b.config(t, "load.rate", tt.rate, "load.senders", fmt.Sprint(senders), "load.record.bytes", "60", "stand.link.rtt", "3ms")
					c.For = 3 * time.Second
					w := open(t, c)
					tt.end(w)
					r := w.close()
					if r.Records.Acked == 0 {
						t.Fatalf("nothing was acknowledged: %+v", r.Records)
					}
					if tt.all && (r.Records.Acked != r.Records.Due || r.Records.Due == 0) {
						t.Errorf("records %+v, want all that were due acknowledged", r.Records)
					}
					judgeLog(t, b, r)
				})
			})
		}
	}
}

// judgeFound is judgeLog for a closed loop, in which no sender owns a number.
func judgeFound(t *testing.T, b *bed, r report.Report) {
	t.Helper()
	got := readBack(t, b.network, int(r.Records.Acked+r.Records.Unknown)+1)
	again := int64(0) // what the application sent again though it may have been written
	for _, c := range r.Crashes {
		again += c.InFlight
	}
	if int64(got.twice) > again || int64(got.found) < r.Records.Acked || int64(got.found) > r.Records.Acked+r.Records.Unknown {
		t.Errorf("the log holds %+v, want each of %d acknowledged, and %d twice at most", got, r.Records.Acked, again)
	}
}

// judgeLog reads the topic back: what was acknowledged is there, what failed
// for certain is not, and nothing is there twice or out of order.
func judgeLog(t *testing.T, b *bed, r report.Report) {
	t.Helper()
	got := readBack(t, b.network, int(r.Records.Acked+r.Records.Unknown)+1)
	if got.twice != 0 || got.reordered != 0 || got.foreign != 0 {
		t.Errorf("the log holds %+v, want nothing twice, reordered or foreign", got)
	}
	if least, most := int(r.Records.Acked), int(r.Records.Acked+r.Records.Unknown); got.found < least || got.found > most {
		t.Errorf("the log holds %d records, want between %d acknowledged and %d with the unknown", got.found, least, most)
	}
}

// A broker that says nothing more: a stop without patience gives up what is in
// the buffer; what was written has an unknown outcome, the rest failed.
func TestStopAgainstASilentBrokerTellsWrittenFromUnwritten(t *testing.T) {
	for _, silence := range []answering{never, unheard} {
		t.Run(silence.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				w := open(t, b.config(t, "load.rate", "1000", "load.record.bytes", "60"))
				time.Sleep(time.Second)
				b.answer(silence)
				time.Sleep(500 * time.Millisecond)
				w.Stop(patience(t, time.Second))
				r := w.close()
				b.answer(normally)
				if r.Records.Unknown == 0 || r.Records.Failed == 0 {
					t.Errorf("records %+v, want some unknown and some failed", r.Records)
				}
				judgeLog(t, b, r)
			})
		})
	}
}

// --records ends after exactly so many, however many send them.
func TestRecordsAreExactlyAsMany(t *testing.T) {
	for _, rate := range []string{"0", "1000"} {
		for _, senders := range []string{"1", "5"} {
			for _, n := range []int64{1, 7, 1000} {
				t.Run(fmt.Sprintf("%d at %s with %s", n, rate, senders), func(t *testing.T) {
					inBubble(t, func(t *testing.T, b *bed) {
						c := b.config(t, "load.rate", rate, "load.senders", senders, "load.record.bytes", "60")
						c.Records = n
						w := open(t, c)
						<-w.Done()
						r := w.close()
						if r.Records.Due != n || r.Records.Acked != n {
							t.Errorf("records %+v, want %d due and acknowledged", r.Records, n)
						}
						judgeFound(t, b, r)
					})
				})
			}
		}
	}
}
