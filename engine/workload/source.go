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
	heading   heading
	place     Place
	plain     bool
	nulls     uint64 // share of the null values, in 2^-64
	base      stream // all draws of record n come from it and n
	documents documents
	samples   samples
}

// NewSource returns the source of a load. It builds its tables at once, which
// takes some milliseconds, and reads the file of records if there is one: it is
// for the moment when the load changes. A change of times or senders alone
// needs no new one. The error is that the file cannot be used; it names the
// file, and the line or record that is wrong.
func NewSource(l Load) (*Source, error) {
	s := &Source{
		payload: l.Payload,
		keys:    newKeyring(l.Keys),
		sizes:   newSizes(l.Sizes),
		heading: newHeading(l.Headers),
		place:   l.Place,
		nulls:   threshold(l.Nulls),
		base:    stream(mix(l.Seed)),
	}
	s.plain = s.nulls == 0 && len(l.Headers) == 0 && s.place == Place{}
	switch l.Payload {
	case JSON, Text:
		s.documents = newDocuments(s.sizes.least, s.sizes.most, tableBytes, s.base, l.Payload == Text)
	case File:
		samples, err := readSamples(l.File)
		if err != nil {
			return nil, err
		}
		s.samples = samples
	default:
	}
	return s, nil
}

// Apart tells whether the values of some records, or of all, have no room for an
// identity or have to stay as they are.
func (s *Source) Apart() (some, all bool) {
	return s.nulls > 0 || s.sizes.least < IdentityBytes, s.payload == File
}

// MaxBytes is the size of the largest key, value and headers together that the
// source makes; headers count with their lengths.
func (s *Source) MaxBytes() int {
	value := s.sizes.most
	if s.payload == File {
		value = s.samples.most
	}
	return value + s.keys.most() + s.heading.wire
}

// Plain tells that records are a key and a value and nothing else: Append says
// all of them.
func (s *Source) Plain() bool { return s.plain }

// Append makes key and value of record n in the memory of the given buffers,
// from their start, and allocates only where their capacity is too small. The
// key is nil where the load has none; that a value is null only Fill tells.
func (s *Source) Append(n uint64, key, value []byte) (k, v []byte) {
	draws := stream(s.base.at(n))
	k = s.keys.put(n, draws.next(), key)
	return k, s.appendValue(n, draws, value)
}

func (s *Source) appendValue(n uint64, draws stream, value []byte) []byte {
	if s.payload == File {
		return s.samples.put(n, value)
	}
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
