package workload

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"time"
)

// IdentityBytes is the room that an identity takes, at the head of a value or in
// a header.
const IdentityBytes = 44

// IdentityHeader is the name of the header that carries an identity where the
// value has to stay as it is.
const IdentityHeader = "kdyno-id"

const (
	identityMagic   = 0x6b64796e // "kdyn"
	identityVersion = 2
	checksumAt      = 4
	coveredAt       = 8 // what the checksum covers begins here, all in one stretch
)

// The flags of an identity.
const (
	inHeader  = 1 << iota // it stands in a header
	nullValue             // of a value that is null
)

var (
	// ErrForeign says that a record carries no identity of ours.
	ErrForeign = errors.New("record carries no identity")
	// ErrCorrupt says that a record carries an identity whose checksum does not
	// fit the key and value as they were read.
	ErrCorrupt = errors.New("record's checksum does not fit its bytes")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Identity is what a record says of itself. Test and Seq name it: they stay when
// it is sent again, by the producer, by the next one after a swap or by the
// application. Worker is the sender, in whose order its records stand. The rest
// are attributes: Run is the producer that the copy was made under; Copy is 0 for
// what the application sent first, and another number for each time that it sent
// the same record again; Due is its due time since the session's start.
//
// Big-endian:
//
//	0     4        8   9     10     12   16    24    28   36     44
//	magic checksum ver flags worker run  test  copy  seq  due ns
//
// At the head of a value, the value's own bytes follow, and the checksum is
// CRC-32C over the key, the 36 bytes behind it and those that follow. In a header
// it is over the key, the 36 bytes and the whole value. Other headers are not
// covered.
type Identity struct {
	Test   uint64
	Worker uint16
	Run    uint32
	Copy   uint32
	Seq    uint64
	Due    time.Duration
}

// Sending names one sending of a record: its number, and the copy's.
type Sending struct {
	Seq  uint64
	Copy uint32
}

// Sending is which sending of the record it is.
func (i Identity) Sending() Sending { return Sending{i.Seq, i.Copy} }

// Put stamps the head of the value, over what stands there, and computes the
// checksum over key and value as they are: neither may change afterwards. It
// reports false, and changes nothing, where the value is shorter than
// IdentityBytes.
func (i Identity) Put(value, key []byte) bool {
	if len(value) < IdentityBytes {
		return false
	}
	i.put(value, 0, key, nil)
	return true
}

// PutApart writes the identity of a record for a header: head has room for
// IdentityBytes, key and value stay as they are and may not change afterwards.
func (i Identity) PutApart(head, value, key []byte) {
	flags := byte(inHeader)
	if value == nil {
		flags |= nullValue
	}
	i.put(head[:IdentityBytes], flags, key, value)
}

// put writes the identity over the head of stamped, which the checksum covers to
// its end, and apart after it.
func (i Identity) put(stamped []byte, flags byte, key, apart []byte) {
	head := stamped[:IdentityBytes]
	binary.BigEndian.PutUint32(head[0:], identityMagic)
	// In the pieces in which the checksum reads it: it would wait for others to
	// reach the cache.
	binary.BigEndian.PutUint64(head[8:], identityVersion<<56|uint64(flags)<<48|uint64(i.Worker)<<32|uint64(i.Run))
	binary.BigEndian.PutUint64(head[16:], i.Test)
	binary.BigEndian.PutUint64(head[24:], uint64(i.Copy)<<32|i.Seq>>32)
	binary.BigEndian.PutUint64(head[32:], i.Seq<<32|uint64(i.Due)>>32)
	binary.BigEndian.PutUint32(head[40:], uint32(i.Due))
	binary.BigEndian.PutUint32(head[checksumAt:], checksum(key, stamped, apart))
}

// ReadIdentity reads the identity at the head of a value. It returns ErrForeign
// for a value that has none, or one of a version that it does not know, and
// ErrCorrupt where key or value changed since Put.
func ReadIdentity(value, key []byte) (Identity, error) {
	if len(value) < IdentityBytes {
		return Identity{}, ErrForeign
	}
	return read(value, 0, key, nil)
}

// ReadApart reads the identity that stands in a header, as ReadIdentity does.
func ReadApart(head, value, key []byte) (Identity, error) {
	if len(head) != IdentityBytes {
		return Identity{}, ErrForeign
	}
	flags := byte(inHeader)
	if value == nil {
		flags |= nullValue
	}
	return read(head, flags, key, value)
}

// read expects the flags that the place of the head implies.
func read(stamped []byte, flags byte, key, apart []byte) (Identity, error) {
	head := stamped[:IdentityBytes]
	if binary.BigEndian.Uint32(head) != identityMagic {
		return Identity{}, ErrForeign
	}
	if binary.BigEndian.Uint32(head[checksumAt:]) != checksum(key, stamped, apart) {
		return Identity{}, ErrCorrupt
	}
	if head[8] != identityVersion || head[9] > inHeader|nullValue {
		return Identity{}, ErrForeign
	}
	if head[9] != flags {
		return Identity{}, ErrCorrupt
	}
	return Identity{
		Worker: binary.BigEndian.Uint16(head[10:]),
		Run:    binary.BigEndian.Uint32(head[12:]),
		Test:   binary.BigEndian.Uint64(head[16:]),
		Copy:   binary.BigEndian.Uint32(head[24:]),
		Seq:    binary.BigEndian.Uint64(head[28:]),
		Due:    time.Duration(binary.BigEndian.Uint64(head[36:])),
	}, nil
}

// checksum takes as few steps as it can: each costs as much as twenty bytes.
func checksum(key, stamped, apart []byte) (sum uint32) {
	if len(key) > 0 {
		sum = crc32.Update(sum, castagnoli, key)
	}
	sum = crc32.Update(sum, castagnoli, stamped[coveredAt:])
	if len(apart) > 0 {
		sum = crc32.Update(sum, castagnoli, apart)
	}
	return sum
}
