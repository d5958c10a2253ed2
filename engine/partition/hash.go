package partition

import (
	"encoding/binary"
	"hash/crc32"
)

// Hash returns the partition that the Java producer's built-in partitioner
// gives a key among n: murmur2, its sign bit dropped, modulo n. A nil key has
// no hash; an empty one has.
func Hash(key []byte, n int) int {
	return int(murmur2(key)&0x7fffffff) % n
}

// murmur2 is the variant of org.apache.kafka.common.utils.Utils.
func murmur2(b []byte) uint32 {
	const (
		seed = 0x9747b28c
		m    = 0x5bd1e995
	)
	h := seed ^ uint32(len(b))
	for ; len(b) >= 4; b = b[4:] {
		k := binary.LittleEndian.Uint32(b) * m
		k = (k ^ k>>24) * m
		h = h*m ^ k
	}
	switch len(b) {
	case 3:
		h ^= uint32(b[2]) << 16
		fallthrough
	case 2:
		h ^= uint32(b[1]) << 8
		fallthrough
	case 1:
		h = (h ^ uint32(b[0])) * m
	}
	h = (h ^ h>>13) * m
	return h ^ h>>15
}

// hashCRC32 is librdkafka's consistent: CRC-32 as zlib has it, modulo n.
func hashCRC32(key []byte, n int) int { return int(crc32.ChecksumIEEE(key) % uint32(n)) }

// hashFNV1a is librdkafka's fnv1a: the 32 bits read as a signed number and made
// positive, as Sarama does, modulo n. The one number that has no positive
// counterpart stays as it is, 2^31.
func hashFNV1a(key []byte, n int) int {
	const (
		offset = 0x811c9dc5
		prime  = 0x01000193
	)
	h := uint32(offset)
	for _, b := range key {
		h = (h ^ uint32(b)) * prime
	}
	if int32(h) < 0 {
		h = -h
	}
	return int(h % uint32(n))
}
