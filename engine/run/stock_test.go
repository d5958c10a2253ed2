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

// take is the next n records.
func take(s *Supply, n int) []*Record {
	records := make([]*Record, n)
	for i := range records {
		records[i] = s.Record()
	}
	return records
}

func TestStockGivesRecordsAgainWithTheirMemory(t *testing.T) {
	var stock Stock
	supply := stock.Supply()
	records := take(&supply, shelved)
	was := map[*Record]bool{}
	for _, r := range records {
		r.Value = make([]byte, 100)
		stock.back(r)
		was[r] = true
	}
	if racing {
		t.Skip("a pool forgets at random under the race detector")
	}
	for i, r := range take(&supply, shelved) {
		if !was[r] || cap(r.Value) != 100 {
			t.Fatalf("record %d is not one that has ended, with its memory", i)
		}
		delete(was, r)
	}
	if r := supply.Record(); r.Value != nil {
		t.Error("a record that somebody has was given again")
	}
}

// While a broker is silent its records hold what shares their shelves: that must
// not be more than they are themselves.
func TestRecordsThatDoNotEndHoldHalfOfAShelfAtLeast(t *testing.T) {
	if racing {
		t.Skip("a pool forgets at random under the race detector")
	}
	for _, each := range []int{2, 3, 7, 50, 200} { // of so many records one does not end
		var stock Stock
		supply := stock.Supply()
		shelves, stuck := map[*shelf]bool{}, 0
		for n := range 100_000 {
			rec := supply.Record()
			shelves[supply.shelf] = true
			if n%each == 0 {
				stuck++
			} else {
				stock.back(rec)
			}
		}
		if most := stuck/enough + 2; len(shelves) > most {
			t.Errorf("one of %d does not end: %d records hold %d shelves, want at most %d", each, stuck, len(shelves), most)
		}
	}
}

// Of large records few keep their memory, however many senders there are.
func TestLargeRecordsShareTheirShelves(t *testing.T) {
	if racing {
		t.Skip("a pool forgets at random under the race detector")
	}
	const senders, underWay = 64, 32
	var stock Stock
	supplies := make([]Supply, senders)
	for i := range supplies {
		supplies[i] = stock.Supply()
	}
	used := map[*Record]bool{}
	var sent []*Record
	for n := range 100 * senders {
		rec := supplies[n%senders].Record()
		if rec.Value == nil {
			rec.Value = make([]byte, shelfBytes+1)
		}
		supplies[n%senders].Filled(rec)
		used[rec] = true
		if sent = append(sent, rec); len(sent) > underWay {
			stock.back(sent[0])
			sent = sent[1:]
		}
	}
	if most := 3*senders + underWay; len(used) > most {
		t.Errorf("%d records keep the memory of a large value, want at most %d", len(used), most)
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
