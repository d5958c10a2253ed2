package run

import (
	"sync"
	"testing"
)

func chainOf(records ...*Record) chain {
	var c chain
	for _, r := range records {
		c.add(r)
	}
	return c
}

func TestStockGivesRecordsOnceWithTheirMemory(t *testing.T) {
	var stock Stock
	supply, other := stock.Supply(), stock.Supply()
	first, second, third := supply.Record(), supply.Record(), other.Record()
	first.Value = make([]byte, 100)
	stock.put(chainOf(first, second))
	stock.put(chainOf(third))
	if got := other.Record(); got != third {
		t.Error("the chain that was put last does not come first")
	}
	a, b := supply.Record(), supply.Record()
	if a != second || b != first || cap(b.Value) != 100 {
		t.Errorf("got %p and %p, want %p and %p with its memory", a, b, second, first)
	}
	if c := supply.Record(); c == a || c == b || c == third || c.next != nil {
		t.Error("an empty stock gives a record that somebody has, or not a new one")
	}
}

// A stalled broker can fill a large buffer; what then comes back together is
// not kept for ever.
func TestStockIsBounded(t *testing.T) {
	var stock Stock
	for range 100 {
		rec := new(Record)
		rec.Value = make([]byte, 1<<20)
		stock.put(chainOf(rec))
	}
	if stock.bytes > stockBytes {
		t.Errorf("%d bytes are kept, want at most %d", stock.bytes, stockBytes)
	}
	huge := new(Record)
	huge.Value = make([]byte, 2*stockBytes)
	var empty Stock
	empty.put(chainOf(huge))
	if empty.take().first != huge {
		t.Error("a record larger than the bound is not used again where it is the only one")
	}
	if empty.bytes != 0 {
		t.Errorf("an empty stock says that it holds %d bytes", empty.bytes)
	}
}

// Run it with -race: no record is anybody's twice.
func TestStockIsSharedBySendersAndPromises(t *testing.T) {
	var (
		stock Stock
		wg    sync.WaitGroup
	)
	ended := make(chan *Record, 1000)
	for range 4 {
		supply := stock.Supply()
		wg.Go(func() {
			for range 10_000 {
				rec := supply.Record()
				rec.number++
				if rec.number != 1 {
					t.Error("a record was given twice")
				}
				ended <- rec
			}
		})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		var c chain
		for i := 0; ; i++ {
			rec, more := <-ended
			if !more {
				return
			}
			rec.number--
			c.add(rec)
			if i%7 == 0 {
				stock.put(c)
				c = chain{}
			}
		}
	}()
	wg.Wait()
	close(ended)
	<-done
}

func TestAnEndedRecordIsEmptyButForItsMemory(t *testing.T) {
	rec := new(Record)
	rec.Value, rec.Key = make([]byte, 10), make([]byte, 5)
	rec.charge, rec.Serialize, rec.Blocked, rec.Swap, rec.shift = 1, 1, 1, 1, 1
	rec.story = new(story)
	rec.Told, rec.Sampled, rec.Silent, rec.pin = func(*Run, bool) {}, true, true, pinned
	rec.empty()
	if rec.charge|rec.Serialize|rec.Blocked|rec.Swap|int64(rec.shift) != 0 || rec.Told != nil || rec.story != nil || rec.Sampled || rec.Silent || rec.pin != free {
		t.Errorf("%+v is left of the last use", rec)
	}
	if len(rec.Value) != 10 || len(rec.Key) != 5 {
		t.Error("the memory of key and value is gone")
	}
}
