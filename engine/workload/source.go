package workload

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// Source makes records. Record n is a function of the load's seed, sizes,
// keys, payload, headers and null values and of n alone: a second Source of the
// same load, in another process and at another rate, makes it byte for byte.
// It holds some MiB, is read-only once built, and is shared by all senders.
type Source struct {
	payload   Payload
	keys      keyring
	sizes     sizes
	base      stream // all draws of record n come from it and n
	documents documents
}

// NewSource returns the source of a load. It builds its tables at once, which
// takes some milliseconds: it is for the moment when the load changes. A change
// of rate or senders alone needs no new one.
func NewSource(l Load) *Source {
	s := &Source{
		payload: l.Payload,
		keys:    newKeyring(l.Keys),
		sizes:   newSizes(l.Sizes),
		base:    stream(mix(l.Seed)),
	}
	if s.payload == JSON || s.payload == Text {
		s.documents = newDocuments(s.sizes.least, s.sizes.most, tableBytes, s.base, s.payload == Text)
	}
	return s
}

// MaxBytes is the size of the largest key and value together that the source
// makes.
func (s *Source) MaxBytes() int { return s.sizes.most + s.keys.most() }

// Append makes record n in the memory of the given buffers, from their start,
// and allocates only where their capacity is too small. The key is nil where
// the load has none.
func (s *Source) Append(n uint64, key, value []byte) (k, v []byte) {
	draws := stream(s.base.at(n))
	k = s.keys.put(n, draws.next(), key)
	return k, s.appendValue(n, draws, value)
}

// The salts part the draws that not every load makes from the others: a record
// keeps its key and payload when its size begins to vary.
const saltOfSize = 0x51ed270b31a1c3d5

func (s *Source) appendValue(n uint64, draws stream, value []byte) []byte {
	size := s.sizes.most
	if !s.sizes.fixed() {
		size = s.sizes.pick(mix(uint64(draws) ^ saltOfSize))
	}
	value = slices.Grow(value[:0], size)[:size]
	switch s.payload {
	case JSON, Text:
		s.documents.put(value, n, draws)
	case Random:
		draws.fill(value)
	default:
		clear(value)
	}
	return value
}

// A stream is a sequence of pseudo-random numbers, splitmix64. It is our own so
// that a seed means the same records in every version of Go.
type stream uint64

const golden = 0x9e3779b97f4a7c15 // 2^64 over the golden ratio, odd

func (r *stream) next() uint64 {
	*r += golden
	return mix(uint64(*r))
}

// at is the n-th number from here, without walking there; no two n share one.
func (r stream) at(n uint64) uint64 { return mix(uint64(r) + golden*n) }

// below returns a number from 0 to n-1, n at least 1.
func (r *stream) below(n int) int {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int(hi)
}

// fill overwrites b with noise. No word waits for the one before it, so that
// noise costs little more than a copy.
func (r *stream) fill(b []byte) {
	x := r.next()
	for len(b) >= 32 {
		block := (*[32]byte)(b) // one bounds check for four words
		binary.LittleEndian.PutUint64(block[0:], noise(x))
		x += golden
		binary.LittleEndian.PutUint64(block[8:], noise(x))
		x += golden
		binary.LittleEndian.PutUint64(block[16:], noise(x))
		x += golden
		binary.LittleEndian.PutUint64(block[24:], noise(x))
		x += golden
		b = b[32:]
	}
	for ; len(b) > 0; x += golden {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], noise(x))
		b = b[copy(b, word[:]):]
	}
}

// noise is the mixing of wyrand: a multiplication, its halves folded.
func noise(x uint64) uint64 {
	hi, lo := bits.Mul64(x, x^0xe7037ed1a0b428db)
	return hi ^ lo
}

// mix is splitmix64's finalizer: a one-to-one map in which every bit of the
// result hangs on every bit of x.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
