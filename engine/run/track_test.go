package run

import (
	"math/rand/v2"
	"testing"

	"kdyno/engine/wire"
)

// written is a batch of an idempotent producer as the tap sees it.
func written(sequence, records int32, ms int64) *wire.Batch {
	return &wire.Batch{ProducerID: 9, Sequence: sequence, Records: records, Bytes: records * 100, FirstTimestamp: ms}
}

// plain is a batch without idempotence; crc is its content.
func plain(crc uint32, ms int64) *wire.Batch {
	return &wire.Batch{ProducerID: -1, Sequence: -1, CRC: crc, Records: 10, Bytes: 1000, FirstTimestamp: ms}
}

// begun is a track whose batches begin at these numbers, each a millisecond
// after the one before.
func begun(numbers ...int64) *track {
	t := &track{}
	for i, n := range numbers {
		t.opened(n, int64(i), 0)
	}
	return t
}

// want takes the batch of a number and compares it.
func want(t *testing.T, tr *track, number, first int64, records int32, written, answered int64) {
	t.Helper()
	got, _, ok := tr.take(number)
	if !ok || got.first != first || got.records != records || got.written != written || got.answered != answered {
		t.Errorf("record %d: got %+v, found %v; want records %d from %d, written %d, answered %d", number, got, ok, records, first, written, answered)
	}
}

func TestTrackFollowsBatchesInOrder(t *testing.T) {
	tr := begun(0, 10, 15)
	if tr.wrote(written(0, 10, 0), 100, -1, 1) || tr.wrote(written(10, 5, 1), 110, -1, 1) {
		t.Error("a first write counts as a repeat")
	}
	tr.answered(written(0, 10, 0), 200, stored)
	tr.answered(written(10, 5, 1), 210, stored)
	want(t, tr, 0, 0, 10, 100, 200)
	want(t, tr, 10, 10, 5, 110, 210)
	if _, _, ok := tr.take(15); ok {
		t.Error("a batch was found that was never written")
	}
}

func TestTrackKeepsTheFirstWriteOfARepeatedBatch(t *testing.T) {
	for name, b := range map[string]*wire.Batch{"idempotent": written(0, 10, 0), "plain": plain(7, 0)} {
		t.Run(name, func(t *testing.T) {
			tr := begun(0)
			tr.wrote(b, 100, -1, 1)
			tr.answered(b, 200, rejected)
			if !tr.wrote(b, 300, -1, 1) {
				t.Error("the repeat counts as a first write")
			}
			tr.answered(b, 400, stored)
			got, _, _ := tr.take(0)
			if got.written != 100 || got.rewrote != 300 || got.answered != 400 || !got.accepted || got.unsure {
				t.Errorf("got %+v, want written 100, again 300, answered 400", got)
			}
		})
	}
}

// Batches that failed before they were written are passed over.
func TestTrackPassesOverWhatWasNeverWritten(t *testing.T) {
	tr := begun(0, 10, 20, 30)
	tr.wrote(written(0, 10, 0), 100, -1, 1)
	tr.wrote(written(10, 10, 3), 110, -1, 1) // the fourth: the two between have failed
	tr.answered(written(10, 10, 3), 210, stored)
	for number := int64(10); number < 30; number++ {
		if wasWritten, maybe := tr.end(number); wasWritten || maybe {
			t.Fatalf("record %d: written %v, maybe stored %v, want neither", number, wasWritten, maybe)
		}
	}
	want(t, tr, 30, 30, 10, 110, 210)
}

// A start that was announced and joined an open batch instead is no batch.
func TestTrackIgnoresAStartThatJoinedAnOpenBatch(t *testing.T) {
	tr := begun(0, 4, 10)
	tr.wrote(written(0, 10, 0), 100, -1, 1)
	tr.wrote(written(10, 5, 2), 110, -1, 1)
	want(t, tr, 0, 0, 10, 100, 0)
	want(t, tr, 10, 10, 5, 110, 0)
}

// After a batch that failed, franz-go numbers those behind it anew under a new
// epoch; what an earlier try may have left in the log is not forgotten.
func TestTrackKnowsBatchesAfterANewEpoch(t *testing.T) {
	tr := begun(0, 10, 20)
	for i := range int32(3) {
		tr.wrote(written(i*10, 10, int64(i)), 100+int64(i), -1, 1)
	}
	tr.answered(written(0, 10, 0), 200, rejected)
	for number := range int64(10) {
		tr.end(number)
	}
	tr.lost(written(10, 10, 1), 205)
	tr.answered(written(20, 10, 2), 210, rejected)
	for i := range int32(2) {
		b := written(i*10, 10, int64(i+1))
		b.Epoch = 1
		if !tr.wrote(b, 300+int64(i), -1, 1) {
			t.Errorf("batch %d under the new epoch counts as a first write", i)
		}
		tr.answered(b, 400+int64(i), rejected)
	}
	if _, maybe := tr.end(10); !maybe {
		t.Error("the lost try under the old epoch was forgotten")
	}
	if _, maybe := tr.end(20); maybe {
		t.Error("a batch that was refused each time may be in the log")
	}
}

func TestTrackTellsWhatMayBeInTheLog(t *testing.T) {
	for name, tt := range map[string]struct {
		happened func(*track)
		maybe    bool
	}{
		"awaited":               {func(*track) {}, true},
		"refused":               {func(tr *track) { tr.answered(written(0, 1, 0), 1, rejected) }, false},
		"uncertain":             {func(tr *track) { tr.answered(written(0, 1, 0), 1, uncertain) }, true},
		"lost":                  {func(tr *track) { tr.lost(written(0, 1, 0), 1) }, true},
		"stored, and failed":    {func(tr *track) { tr.answered(written(0, 1, 0), 1, stored) }, true},
		"lost, then refused":    {func(tr *track) { tr.lost(written(0, 1, 0), 1); again(tr); tr.answered(written(0, 1, 0), 1, rejected) }, true},
		"refused, then awaited": {func(tr *track) { tr.answered(written(0, 1, 0), 1, rejected); again(tr) }, true},
		"refused each of 2 times": {func(tr *track) {
			tr.answered(written(0, 1, 0), 1, rejected)
			again(tr)
			tr.answered(written(0, 1, 0), 2, rejected)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			tr := begun(0)
			tr.wrote(written(0, 1, 0), 0, -1, 1)
			tt.happened(tr)
			if wasWritten, maybe := tr.end(0); !wasWritten || maybe != tt.maybe {
				t.Errorf("written %v, maybe stored %v, want written and %v", wasWritten, maybe, tt.maybe)
			}
			if len(tr.trips) != 0 {
				t.Error("the batch was not dropped with its last record")
			}
		})
	}
}

func again(tr *track) { tr.wrote(written(0, 1, 0), 5, -1, 1) }

// Without sequence numbers batches of equal content are told apart: the second
// is another one while the first is in flight, and the same once it failed.
func TestTrackTellsEqualContentApart(t *testing.T) {
	tr := begun(0, 10)
	tr.wrote(plain(7, 0), 100, 1, 1)
	if tr.wrote(plain(7, 1), 110, 1, 1) {
		t.Error("the second of two equal batches counts as a repeat")
	}
	tr.answered(plain(7, 0), 200, stored)
	want(t, tr, 0, 0, 10, 100, 200)
	tr.answered(plain(7, 1), 210, rejected)
	if !tr.wrote(plain(7, 1), 300, 1, 1) {
		t.Error("the repeat of a refused batch counts as a first write")
	}
	tr.answered(plain(7, 1), 310, stored)
	want(t, tr, 10, 10, 10, 110, 310)
}

// franz-go goes back to the first batch that failed, and repeats those behind
// it that were accepted.
func TestTrackKnowsARewind(t *testing.T) {
	tr := begun(0, 10, 20)
	for i := range int64(3) {
		tr.wrote(plain(uint32(i), i), 100+i, 1, 1)
	}
	tr.answered(plain(0, 0), 200, rejected)
	tr.answered(plain(1, 1), 201, stored)
	tr.answered(plain(2, 2), 202, stored)
	for i := range int64(3) {
		if !tr.wrote(plain(uint32(i), i), 300+i, 1, 1) {
			t.Errorf("batch %d counts as a first write", i)
		}
		tr.answered(plain(uint32(i), i), 400+i, stored)
	}
	for i := range int64(3) {
		want(t, tr, i*10, i*10, 10, 100+i, 400+i)
	}
}

// With acks=0 a batch is over as it is written; one that is written again
// after a broken connection is not another.
func TestTrackKnowsARepeatWithAcks0(t *testing.T) {
	tr := begun(0, 10)
	tr.wrote(plain(1, 0), 100, 0, 1)
	if !tr.wrote(plain(1, 0), 120, 0, 1) {
		t.Error("the repeat counts as a first write")
	}
	if tr.wrote(plain(2, 1), 130, 0, 1) {
		t.Error("the next batch counts as a repeat")
	}
	want(t, tr, 0, 0, 10, 100, 0)
	want(t, tr, 10, 10, 10, 130, 0)
}

func TestTrackTellsWhenABatchWasFull(t *testing.T) {
	tr := begun(0, 10, 20)
	tr.filled(10, 50)
	tr.wrote(written(0, 10, 0), 100, -1, 1)
	tr.wrote(written(10, 10, 1), 110, -1, 1)
	if _, full, _ := tr.take(0); full != 50 {
		t.Errorf("full at %d, want 50", full)
	}
	if _, full, _ := tr.take(10); full != 0 {
		t.Errorf("full at %d, want never", full)
	}
}

func TestTrackCountsWhatWaits(t *testing.T) {
	tr := begun(0, 10, 20)
	tr.filled(10, 1)
	tr.filled(20, 2)
	if records, batches := tr.waiting(25); records != 25 || batches != 3 {
		t.Errorf("%d records in %d batches, want 25 in 3", records, batches)
	}
	tr.wrote(written(0, 10, 0), 100, -1, 1)
	if records, batches := tr.waiting(25); records != 25 || batches != 2 {
		t.Errorf("%d records in %d batches after the first was written, want 25 in 2", records, batches)
	}
	tr.take(0)
	if records, batches := tr.waiting(25); records != 15 || batches != 2 {
		t.Errorf("%d records in %d batches after the first ended, want 15 in 2", records, batches)
	}
}

// Whatever happens to the batches, each record finds its own, and nothing that
// the broker stored is told to be certainly absent.
func TestTrackAtRandom(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		tr := &track{}
		next, ms := int64(0), int64(0)
		sequence := int32(0)
		for range 40 {
			records := int32(1 + random.IntN(5))
			first := next
			next += int64(records)
			tr.opened(first, ms, 0)
			b := written(sequence, records, ms)
			ms += int64(1 + random.IntN(2))
			if random.IntN(5) == 0 { // it fails before it is written
				for n := first; n < next; n++ {
					if wasWritten, maybe := tr.end(n); wasWritten || maybe {
						t.Fatalf("seed %d: record %d written %v, maybe %v, want neither", seed, n, wasWritten, maybe)
					}
				}
				continue
			}
			sequence += records
			inLog, acked := false, false
			for tries := 1 + random.IntN(3); tries > 0; tries-- {
				tr.wrote(b, ms, -1, 1)
				switch random.IntN(3) {
				case 0:
					tr.answered(b, ms, rejected)
				case 1:
					inLog = inLog || random.IntN(2) == 0
					tr.lost(b, 205)
				default:
					inLog, acked, tries = true, true, 0
					tr.answered(b, ms, stored)
				}
			}
			if acked && random.IntN(2) == 0 {
				want(t, tr, first, first, records, ms, ms)
				continue
			}
			for n := first; n < next; n++ {
				if wasWritten, maybe := tr.end(n); !wasWritten || inLog && !maybe {
					t.Fatalf("seed %d: record %d written %v, maybe %v, in the log %v", seed, n, wasWritten, maybe, inLog)
				}
			}
		}
		if len(tr.trips) != 0 {
			t.Fatalf("seed %d: %d batches are left over", seed, len(tr.trips))
		}
	}
}
