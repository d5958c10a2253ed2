package engine

import "testing"

// The share of hashes that go to another partition is what counting says.
func TestMovedShareIsWhatCountingSays(t *testing.T) {
	for from := 1; from <= 12; from++ {
		for to := from; to <= 30; to++ {
			moved, all := 0, from*to
			for h := range all {
				if h%from != h%to {
					moved++
				}
			}
			if got, want := movedShare(from, to), float64(moved)/float64(all); got-want > 1e-9 || want-got > 1e-9 {
				t.Errorf("from %d to %d: %v, want %v", from, to, got, want)
			}
		}
	}
}
