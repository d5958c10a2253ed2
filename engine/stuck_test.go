package engine_test

import (
	"testing"
	"time"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// swapStuck changes the producer while the brokers do not answer, and lets
// them answer again once the flush has had its time.
func swapStuck(t *testing.T, b *bed, silence answering, pairs ...string) (*watched, report.Swap) {
	t.Helper()
	w := open(t, b.config(t, append([]string{
		"load.rate", "2000", "load.record.bytes", "60", "load.senders", "2", "stand.link.rtt", "5ms",
	}, pairs...)...))
	w.settled(telemetry.Running)
	b.answer(silence)
	time.Sleep(100 * time.Millisecond)
	w.do("set batch.size=20000")
	w.settled(telemetry.Swapping)
	time.Sleep(1500 * time.Millisecond)
	b.answer(normally)
	r := w.runs(2)
	return w, *r.Runs[1].Swap
}

// What was never written is sent again first and in order; what was written
// and not answered is not, where a copy would break the promise.
func TestStuckSwapSendsOnlyTheUnwrittenAgain(t *testing.T) {
	for name, pairs := range map[string][]string{
		"idempotent":        nil,
		"acks=1, retries=0": {"acks", "1", "retries", "0"},
	} {
		for _, silence := range []answering{never, unheard} {
			t.Run(name+" "+silence.String(), func(t *testing.T) {
				inBubble(t, func(t *testing.T, b *bed) {
					w, swap := swapStuck(t, b, silence, pairs...)
					time.Sleep(time.Second)
					w.Stop(patience(t, 10*time.Second))
					r := w.close()
					if swap.GaveUp == 0 || swap.MaybeDuplicated != 0 || r.Records.Unknown != swap.GaveUp {
						t.Errorf("swap %+v, unknown %d, want some given up, which are unknown, and nothing twice", swap, r.Records.Unknown)
					}
					if r.Records.Failed != 0 || r.Records.Refused != 0 {
						t.Errorf("records %+v, want none failed or refused", r.Records)
					}
					judgeLog(t, b, r)
				})
			})
		}
	}
}

// With at least once everything is sent again; the report's bound on the
// duplicates holds.
func TestStuckSwapBoundsItsDuplicates(t *testing.T) {
	for _, silence := range []answering{never, unheard} {
		t.Run(silence.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				w, swap := swapStuck(t, b, silence, "acks", "1")
				time.Sleep(time.Second)
				w.Stop(patience(t, 10*time.Second))
				r := w.close()
				if swap.Resent == 0 || swap.MaybeDuplicated == 0 || swap.MaybeDuplicated > swap.Resent || swap.GaveUp != 0 {
					t.Errorf("swap %+v, want records sent again, some maybe twice, none given up", swap)
				}
				if r.Records.Acked != r.Records.Accepted {
					t.Errorf("records %+v, want all acknowledged", r.Records)
				}
				got := readBack(t, b.network, 1<<40)
				if got.found != int(r.Records.Acked) || got.reordered != 0 {
					t.Errorf("the log holds %+v, want each of %d acknowledged records, in order", got, r.Records.Acked)
				}
				if int64(got.twice) > swap.MaybeDuplicated || silence == unheard && got.twice == 0 {
					t.Errorf("%d records are twice in the log, at most %d were announced", got.twice, swap.MaybeDuplicated)
				}
			})
		})
	}
}

// The pause of a swap is a stage of its own, does not count against
// max.block.ms, and is no wait for space.
func TestSwapIsAStageOfItsOwn(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w, swap := swapStuck(t, b, never, "max.block.ms", "300", "buffer.memory", "300000", "batch.size", "4096")
		time.Sleep(300 * time.Millisecond)
		// The session's figures leave the warm-up after a swap out; the recent
		// ones have it.
		recent := w.Snapshot().Recent
		w.Stop(patience(t, 10*time.Second))
		r := w.close()
		if swap.TookMs < 2000 {
			t.Errorf("the swap took %v ms, want the flush's two seconds at least", swap.TookMs)
		}
		if r.Buffer.Exhausted != 0 || failure(r, "BUFFER_EXHAUSTED").Count != 0 {
			t.Errorf("%d sends were refused though only the swap held them", r.Buffer.Exhausted)
		}
		stage, blocked := recent.Stages["swap"], recent.Stages["blocked"]
		if stage == nil || *stage.MaxMs < 1990 || *stage.MaxMs > swap.TookMs+200 {
			t.Errorf("stage swap is %+v, want the swap's %v ms in it", stage, swap.TookMs)
		}
		if blocked != nil && *blocked.MaxMs > 300 {
			t.Errorf("stage blocked reaches %v ms", *blocked.MaxMs)
		}
	})
}

// A stop while a swap flushes still has its patience.
func TestStopDuringASwapStillDrains(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.slow.Store(int64(100 * time.Millisecond))
		c := b.config(t, "load.rate", "1000", "load.record.bytes", "60", "stand.link.rtt", "40ms")
		w := open(t, c)
		w.settled(telemetry.Running)
		w.do("set linger.ms=10")
		for w.Snapshot().Say != "admission is paused; the old producer drains" {
			time.Sleep(time.Millisecond)
		}
		w.Stop(patience(t, 20*time.Second))
		r := w.close()
		if r.Records.Acked != r.Records.Accepted {
			t.Errorf("records %+v, want all accepted acknowledged", r.Records)
		}
		judgeLog(t, b, r)
	})
}
