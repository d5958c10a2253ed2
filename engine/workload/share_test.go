package workload

import (
	"math"
	"testing"
)

func TestSharesDealEveryRecordOnceInOrder(t *testing.T) {
	for _, senders := range []uint64{1, 2, 3, 7, 64} {
		const total = 500
		owner := make([]int, total)
		for i := range senders {
			share := Share{Index: i, Senders: senders}
			count := uint64(0)
			for n := share.From(0); n < total; n = share.Next(n) {
				owner[n]++
				if count++; share.Count(n+1) != count || share.Count(n) != count-1 {
					t.Fatalf("%+v: counts %d below %d and %d below %d, want %d and %d",
						share, share.Count(n), n, share.Count(n+1), n+1, count-1, count)
				}
			}
		}
		for n, times := range owner {
			if times != 1 {
				t.Fatalf("%d senders: record %d dealt %d times, want 1", senders, n, times)
			}
		}
	}
}

func TestShareFromIsTheFirstAtOrAfter(t *testing.T) {
	share := Share{Index: 2, Senders: 5}
	for n, want := range map[uint64]uint64{0: 2, 2: 2, 3: 7, 6: 7, 7: 7, 8: 12} {
		if got := share.From(n); got != want {
			t.Errorf("From(%d) = %d, want %d", n, got, want)
		}
	}
	if got := share.Next(2); got != 7 {
		t.Errorf("Next(2) = %d, want 7", got)
	}
}

func TestShareEndsWithTheLastNumber(t *testing.T) {
	share := Share{Index: 1, Senders: 4}
	if got := share.From(math.MaxUint64 - 1); got != math.MaxUint64 {
		t.Errorf("From near the end: got %d, want %d", got, uint64(math.MaxUint64))
	}
	if got := share.Next(math.MaxUint64); got != math.MaxUint64 {
		t.Errorf("Next at the end: got %d, want %d", got, uint64(math.MaxUint64))
	}
	if got, want := share.Count(math.MaxUint64), uint64(math.MaxUint64/4+1); got != want {
		t.Errorf("Count of all: got %d, want %d", got, want)
	}
}
