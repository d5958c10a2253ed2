//go:build !race

package run

import (
	"runtime"
	"testing"
)

// Under the race detector a pool forgets at random, so that these say nothing there.

// onOneProcessor has the test run on one: each has a pool of its own.
func onOneProcessor(t *testing.T) {
	t.Helper()
	before := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
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
	onOneProcessor(t)
	var stock Stock
	supply := stock.Supply()
	records := take(&supply, shelved)
	was := map[*Record]bool{}
	for _, r := range records {
		r.Value = make([]byte, 100)
		stock.back(r)
		was[r] = true
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
	onOneProcessor(t)
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
	onOneProcessor(t)
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
