package engine_test

import (
	"fmt"
	"testing"
	"time"
)

// A send that waits max.block.ms for space in vain is refused after exactly
// that, and named.
func TestExhaustedSendsAreRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.answer(never)
		c := b.config(t, "load.rate", "1000", "load.record.bytes", "512", "buffer.memory", "65536", "max.block.ms", "500", "load.senders", "2")
		c.For = 5 * time.Second
		w := open(t, c)
		time.Sleep(4 * time.Second)
		r := w.Report()
		w.Stop(ended())
		end := w.close()
		// Two senders that wait half a second each time, in about 3.9 seconds.
		if got := r.Records.Refused; got < 12 || got > 16 || r.Buffer.Exhausted != got || failure(r, "BUFFER_EXHAUSTED").Count != got {
			t.Errorf("refused %d, exhausted %d, named %+v; want 14 or so of each", got, r.Buffer.Exhausted, failure(r, "BUFFER_EXHAUSTED"))
		}
		if end.Records.Acked != 0 || end.Rate.LimitedBy != "buffer" {
			t.Errorf("acked %d, limited by %s, want none and buffer", end.Records.Acked, end.Rate.LimitedBy)
		}
	})
}

// The buffer goes over its limit by at most one batch for each sender.
func TestBufferOvershootIsABatchPerSender(t *testing.T) {
	for _, senders := range []int64{1, 4} {
		t.Run(fmt.Sprint(senders), func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				b.slow.Store(int64(20 * time.Millisecond))
				c := b.config(t, "load.rate", "0", "load.record.bytes", "200", "buffer.memory", "65536", "batch.size", "8192", "load.senders", fmt.Sprint(senders))
				c.For = 2 * time.Second
				w := open(t, c)
				<-w.Done()
				r := w.close()
				if most := r.Buffer.UsedMaxBytes; most < 60_000 || most > 65536+senders*8192 {
					t.Errorf("at most %d bytes were used, want the limit of 65536 and up to %d batches more", most, senders)
				}
				judgeFound(t, b, r)
			})
		})
	}
}

// A small buffer with a long linger: what is open leaves when a sender waits,
// so that the brokers hold the rate and not the linger.
func TestFullBufferDoesNotLinger(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		c := b.config(t, "load.rate", "0", "load.record.bytes", "100", "buffer.memory", "65536", "linger.ms", "1000", "stand.link.rtt", "1ms")
		c.For = 3 * time.Second
		w := open(t, c)
		<-w.Done()
		r := w.close()
		// With lingering it would be a buffer a second, some 600 records.
		if r.Rate.RecordsPerS < 50_000 {
			t.Errorf("%.0f records/s, want the rate that a round trip of 1 ms allows", r.Rate.RecordsPerS)
		}
		if r.Batches.Closed["memory"] == 0 || r.Rate.LimitedBy != "buffer" {
			t.Errorf("batches closed by %v, limited by %s, want memory and buffer", r.Batches.Closed, r.Rate.LimitedBy)
		}
	})
}

// A record that max.request.size or buffer.memory forbids is refused at once.
func TestTooLargeRecordsAreRefused(t *testing.T) {
	for _, limit := range []string{"max.request.size", "buffer.memory"} {
		t.Run(limit, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				c := b.config(t, "load.rate", "100", "load.record.bytes", "50000", limit, "40000", "batch.size", "16384")
				c.For = time.Second
				w := open(t, c)
				<-w.Done()
				r := w.close()
				if r.Records.Due != 100 || r.Records.Refused != 100 || failure(r, "RECORD_TOO_LARGE").Count != 100 {
					t.Errorf("records %+v, failures %+v, want all 100 refused as RECORD_TOO_LARGE", r.Records, r.Failures)
				}
			})
		})
	}
}
