package run

import (
	"sync"
	"testing"
	"unsafe"
)

// What a record costs is the lines of the cache that it takes.
func TestRecordFillsFourLinesOfTheCache(t *testing.T) {
	const line = 64
	if size := unsafe.Sizeof(Record{}); unsafe.Sizeof(uintptr(0)) == 8 && size != 4*line {
		t.Errorf("a record takes %d bytes, want %d", size, 4*line)
	}
}

// Run it with -race: no record is anybody's twice.
func TestStockIsSharedBySendersAndPromises(t *testing.T) {
	var (
		stock         Stock
		senders, ends sync.WaitGroup
	)
	ended := make(chan *Record, 1000)
	for range 4 {
		supply := stock.Supply()
		senders.Go(func() {
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
	for range 2 {
		ends.Go(func() {
			for rec := range ended {
				rec.number--
				stock.back(rec)
			}
		})
	}
	senders.Wait()
	close(ended)
	ends.Wait()
}

func TestAnEndedRecordIsEmptyButForItsMemory(t *testing.T) {
	rec := new(Record)
	rec.Value, rec.Key = make([]byte, 10), make([]byte, 5)
	rec.charge, rec.Blocked, rec.Swap, rec.shift = 1, 1, 1, 1
	rec.Serialized(1)
	rec.further().story = new(story)
	rec.Told, rec.Silent, rec.pin = func(*Run, bool) {}, true, pinned
	rec.empty()
	if int64(rec.charge|rec.serialize)|rec.Blocked|rec.Swap|int64(rec.shift) != 0 || rec.Told != nil || rec.story() != nil || rec.Silent || rec.pin != free {
		t.Errorf("%+v is left of the last use", rec)
	}
	if len(rec.Value) != 10 || len(rec.Key) != 5 {
		t.Error("the memory of key and value is gone")
	}
}
