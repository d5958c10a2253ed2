package workload

import "math"

// Share is what one of several senders sends: record n belongs to sender
// n modulo Senders. Index runs from 0; Senders is at least 1.
type Share struct {
	Index   uint64
	Senders uint64
}

// From returns the sender's first record at or after n, or the largest number
// where there is none.
func (s Share) From(n uint64) uint64 {
	step := s.Index + s.Senders - n%s.Senders
	if step >= s.Senders {
		step -= s.Senders
	}
	if n > math.MaxUint64-step {
		return math.MaxUint64
	}
	return n + step
}

// Next returns the sender's first record after the given one.
func (s Share) Next(after uint64) uint64 {
	if after == math.MaxUint64 {
		return after
	}
	return s.From(after + 1)
}

// Count returns how many of the first total records are the sender's.
func (s Share) Count(total uint64) uint64 {
	count := total / s.Senders
	if total%s.Senders > s.Index {
		count++
	}
	return count
}
