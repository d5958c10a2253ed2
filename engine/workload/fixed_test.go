package workload

import (
	"testing"

	"kdyno/engine/setting"
)

// fixed is one size for all records.
func fixed(size int) setting.Sizes {
	return setting.Sizes{Kind: "fixed", Least: int64(size), Most: int64(size)}
}

func newSource(tb testing.TB, l Load) *Source {
	tb.Helper()
	s, err := NewSource(l)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}
