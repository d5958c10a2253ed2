package audit

import "hash/maphash"

// keys remembers in which partition each key was found first. It is a table of
// fixed size: a key can push another one out, and what is counted is then too
// little, never too much.
type keys struct {
	seed  maphash.Seed
	table []uint64 // tag, partition, whether it was found in another one too
	moved int64    // keys that were found in more than one partition
}

const (
	keyRows  = 1 << 20 // 8 MiB, made when the first key is seen
	rowBits  = 20
	movedBit = 1 << placeBits
	tagAt    = placeBits + 1
)

// saw notes that a record of this key stands in a partition.
func (k *keys) saw(part *partition, key []byte) {
	if k.table == nil {
		k.seed, k.table = maphash.MakeSeed(), make([]uint64, keyRows)
	}
	var h maphash.Hash
	h.SetSeed(k.seed)
	_, _ = h.WriteString(part.topic.name) // never fails
	_, _ = h.Write(key)
	sum := h.Sum64()
	row := &k.table[sum%keyRows]
	tag := (sum >> rowBits << tagAt) | 1<<63
	place := uint64(part.place) & (1<<placeBits - 1)
	switch {
	case *row>>tagAt != tag>>tagAt:
		*row = tag | place
	case *row&(1<<placeBits-1) != place && *row&movedBit == 0:
		*row |= movedBit
		k.moved++
	}
}
