package workload

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"time"
)

// IdentityBytes is the room that an identity takes at the head of a value.
const IdentityBytes = 40

const (
	identityMagic   = 0x6b64796e // "kdyn"
	identityVersion = 1
	checksumAt      = IdentityBytes - 4
)

var (
	// ErrForeign says that a value carries no identity of ours.
	ErrForeign = errors.New("record carries no identity")
	// ErrCorrupt says that a value carries an identity whose checksum does not
	// fit the key and value as they were read.
	ErrCorrupt = errors.New("record's checksum does not fit its bytes")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Identity is what a record says of itself. Test, Worker and Seq name it and
// stay when it is sent again; Run, the producer that it was made under, and
// Due, its due time since the session's start, are attributes.
//
// At the head of the value, big-endian:
//
//	0     4    5      6       8     16    20   28      36        40
//	magic ver  flags  worker  test  run   seq  due ns  checksum  rest...
//
// The checksum is CRC-32C over the key, the 36 bytes before it and the rest.
type Identity struct {
	Test   uint64
	Worker uint16
	Run    uint32
	Seq    uint64
	Due    time.Duration
}

// Put stamps the head of the value, over what stands there, and computes the
// checksum over key and value as they are: neither may change afterwards. It
// reports false, and changes nothing, where the value is shorter than
// IdentityBytes.
func (i Identity) Put(value, key []byte) bool {
	if len(value) < IdentityBytes {
		return false
	}
	head := value[:IdentityBytes]
	binary.BigEndian.PutUint32(head[0:], identityMagic)
	head[4] = identityVersion
	head[5] = 0
	binary.BigEndian.PutUint16(head[6:], i.Worker)
	binary.BigEndian.PutUint64(head[8:], i.Test)
	binary.BigEndian.PutUint32(head[16:], i.Run)
	binary.BigEndian.PutUint64(head[20:], i.Seq)
	binary.BigEndian.PutUint64(head[28:], uint64(i.Due))
	binary.BigEndian.PutUint32(head[checksumAt:], checksum(value, key))
	return true
}

// ReadIdentity reads the identity that a record carries. It returns ErrForeign
// for a value that has none, or one of a version that it does not know, and
// ErrCorrupt where key or value changed since Put.
func ReadIdentity(value, key []byte) (Identity, error) {
	if len(value) < IdentityBytes || binary.BigEndian.Uint32(value) != identityMagic {
		return Identity{}, ErrForeign
	}
	if binary.BigEndian.Uint32(value[checksumAt:]) != checksum(value, key) {
		return Identity{}, ErrCorrupt
	}
	if value[4] != identityVersion || value[5] != 0 {
		return Identity{}, ErrForeign
	}
	return Identity{
		Test:   binary.BigEndian.Uint64(value[8:]),
		Worker: binary.BigEndian.Uint16(value[6:]),
		Run:    binary.BigEndian.Uint32(value[16:]),
		Seq:    binary.BigEndian.Uint64(value[20:]),
		Due:    time.Duration(binary.BigEndian.Uint64(value[28:])),
	}, nil
}

func checksum(value, key []byte) uint32 {
	sum := crc32.Update(0, castagnoli, key)
	sum = crc32.Update(sum, castagnoli, value[:checksumAt])
	return crc32.Update(sum, castagnoli, value[IdentityBytes:])
}
