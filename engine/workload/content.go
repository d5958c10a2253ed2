package workload

import (
	"math"
	"slices"
	"time"
)

// Header is one header of a record, with fields as the client's.
type Header struct {
	Key   string
	Value []byte
}

// Content is what one record holds. Source.Fill uses its memory again, so it
// is one goroutine's until the record has ended.
type Content struct {
	Key     []byte // nil: null
	Value   []byte // nil: null
	Headers []Header
	// Partition counts where Pinned; else the partitioner chooses.
	Partition int32
	Pinned    bool
	Shift     time.Duration // its timestamp is so long after it is sent

	value   []byte // kept while Value is null
	scratch []byte // the headers' values
}

// Place is where and when records say they belong. The zero Place leaves both to
// the producer.
type Place struct {
	Partition int32 // counts where Pinned
	Pinned    bool
	Shift     time.Duration // of the timestamp, after the instant of sending
}

// heading says which headers records have.
type heading struct {
	names []string
	sizes []int
	total int // bytes of the values
	wire  int // what they take in a record
}

func newHeading(headers Headers) heading {
	var h heading
	for _, header := range headers {
		h.names = append(h.names, header.Name)
		h.sizes = append(h.sizes, header.Bytes)
		h.total += header.Bytes
		// Two lengths of up to 3 bytes each stand before name and value.
		h.wire += len(header.Name) + header.Bytes + 6
	}
	return h
}

// Salts part the draws that not every load makes from the others: a record
// keeps its key and payload when its size begins to vary or headers are added.
const (
	saltOfSize    = 0x51ed270b31a1c3d5
	saltOfNull    = 0x2545f4914f6cdd1d
	saltOfHeaders = 0x9fb21c651e98df25
)

// Fill makes record n in the memory of c, and allocates only where that is too
// small.
func (s *Source) Fill(n uint64, c *Content) {
	c.Key, c.value = s.Append(n, c.Key, c.value)
	c.Value = c.value
	c.Partition, c.Pinned, c.Shift = s.place.Partition, s.place.Pinned, s.place.Shift
	c.Headers = c.Headers[:0]
	if s.nulls == 0 && len(s.heading.names) == 0 {
		return
	}
	draws := s.base.at(n)
	if s.nulls > 0 && mix(draws^saltOfNull) < s.nulls {
		c.Value = nil
	}
	s.heading.put(stream(mix(draws^saltOfHeaders)), c)
}

// put makes the headers: their values are hexadecimal digits, as trace ids are.
func (h *heading) put(draws stream, c *Content) {
	c.scratch = slices.Grow(c.scratch[:0], h.total)[:h.total]
	rest := c.scratch
	for i, name := range h.names {
		value := rest[:h.sizes[i]:h.sizes[i]]
		rest = rest[h.sizes[i]:]
		draws.digits(value)
		c.Headers = append(c.Headers, Header{Key: name, Value: value})
	}
}

// digits overwrites b with hexadecimal digits.
func (r *stream) digits(b []byte) {
	for ; len(b) >= 16; b = b[16:] {
		putHex(b, r.next())
	}
	if len(b) > 0 {
		var last [16]byte
		putHex(last[:], r.next())
		copy(b, last[:])
	}
}

// threshold is the share of all draws in 2^-64; 1 is all but one.
func threshold(share float64) uint64 {
	if share >= 1 {
		return math.MaxUint64
	}
	return uint64(max(share, 0) * (1 << 63) * 2)
}
