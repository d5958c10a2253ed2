package engine_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"kdyno/engine"
	"kdyno/engine/step"
)

// The last batch of a partition tells its whole way: two refusals, then the log.
func TestLastBatchTellsEveryTry(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		c := b.config(t, "load.rate", "2", "load.record.bytes", "100", "load.partition", "4", "linger.ms", "7", "compression.type", "lz4")
		c.For = 3500 * time.Millisecond
		w := open(t, c)
		time.Sleep(2600 * time.Millisecond)
		b.fail(kerr.NotEnoughReplicas, 2)
		<-w.Done()
		r := w.close()
		p := r.Partitions[4]
		last := p.LastBatch
		if last == nil || last.Offset == nil || last.ProducerID == nil {
			t.Fatalf("the last batch is %+v", last)
		}
		answers := ""
		for _, try := range last.Tries {
			answers += " " + try.Answer
			if try.Broker != p.Leader || try.AnsweredMs == nil {
				t.Errorf("a try is %+v, want one that broker %d answered", try, p.Leader)
			}
		}
		if answers != " NOT_ENOUGH_REPLICAS NOT_ENOUGH_REPLICAS NONE" {
			t.Errorf("the tries were answered%s", answers)
		}
		if *last.Offset != r.Records.Acked-1 || last.Records != 1 || int64(*last.Sequence) != *last.Offset || *p.NextSequence != *last.Sequence+1 {
			t.Errorf("offset %d, sequence %d, next %d of %d records", *last.Offset, *last.Sequence, *p.NextSequence, r.Records.Acked)
		}
		if last.Closed != "linger" || *last.OpenMs != 7 || *last.QueueMs != 7 || last.Codec != "lz4" && last.Codec != "none" {
			t.Errorf("closed by %s after %v ms, written after %v, codec %s; want linger, 7, 7 and lz4", last.Closed, *last.OpenMs, *last.QueueMs, last.Codec)
		}
		if r.Idempotence == nil || r.Idempotence.ProducerID != *last.ProducerID || r.Idempotence.Epoch != *last.Epoch || r.Idempotence.RepeatsDropped != 0 {
			t.Errorf("idempotence %+v, want the batch's, and no repeat", r.Idempotence)
		}
		if others := r.Partitions[3]; others.LastBatch != nil || others.NextSequence != nil {
			t.Errorf("partition 3 has %+v, and nothing went there", others)
		}
	})
}

// Three answers are swallowed on the link: the brokers stored the batches, and
// drop the repeats of an idempotent producer. Without idempotence nobody drops.
func TestDroppedRepeatsAreCounted(t *testing.T) {
	for _, idempotence := range []string{"true", "false"} {
		t.Run(idempotence, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := inFakeTime(t, engine.Config{
					Values: values(t, "load.rate", "100", "load.partition", "0", "stand.link.rtt", "2ms", "enable.idempotence", idempotence),
					At:     []step.Timed{{At: time.Second, Step: mustStep(t, "fault lose-response count=3")}},
					For:    4 * time.Second,
				}, nil)
				if idempotence == "false" {
					if r.Idempotence != nil {
						t.Errorf("a producer without idempotence has %+v", r.Idempotence)
					}
					return
				}
				if got := r.Idempotence.RepeatsDropped; got < 3 || got > r.Requests.Retries {
					t.Errorf("%d repeats were dropped of %d retries, want 3 at least", got, r.Requests.Retries)
				}
			})
		})
	}
}

// A silent network for two seconds: the oldest request and record waited so
// long, and of the sends that the full buffer kept the longest.
func TestClocksTellTheLongestWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inFakeTime(t, engine.Config{
			Values: values(t, "load.rate", "1000", "load.record.bytes", "500", "buffer.memory", "200000", "stand.link.rtt", "4ms"),
			At:     []step.Timed{{At: 2 * time.Second, Step: mustStep(t, "fault stall for=2s")}},
			For:    6 * time.Second,
		}, nil)
		c := r.Clocks
		if c == nil || c.OldestRequestMs < 1880 || c.OldestRequestMs > 2020 || c.OldestRecordMs < c.OldestRequestMs || c.OldestRecordMs > 2040 {
			t.Errorf("clocks %+v, want some 2 s for request and record", c)
		}
		// 200,000 bytes hold twelve batches, which linger makes some 60 ms of the load.
		if c.LongestBlocked < 1800 || c.LongestBlocked > 2000 {
			t.Errorf("longest blocked %v ms, want some 1.9 s", c.LongestBlocked)
		}
	})
}

// A report that a person asks for once takes all partitions apart, a screen
// twenty times a second only few.
func TestManyPartitionsAreNotTakenApartForTheScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inFakeTime(t, engine.Config{
			Values: values(t, "load.rate", "2000", "stand.partitions", "100", "partitioner.class", "round-robin"), For: time.Second,
		}, func(s *engine.Session) {
			time.Sleep(900 * time.Millisecond)
			if b := s.Snapshot().Report.Partitions[7].LastBatch; b != nil {
				t.Errorf("the screen gets %+v", b)
			}
			if s.Report().Partitions[7].LastBatch == nil {
				t.Error("the report lacks the last batch")
			}
			if say := s.Snapshot().Say; strings.Contains(say, "panic") {
				t.Error(say)
			}
		})
	})
}
