package workload

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func randomIdentity(rng *rand.Rand) Identity {
	return Identity{
		Test:   rng.Uint64(),
		Worker: uint16(rng.Uint32()),
		Run:    rng.Uint32(),
		Copy:   rng.Uint32(),
		Seq:    rng.Uint64(),
		Due:    time.Duration(rng.Uint64()),
	}
}

func randomBytes(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func TestIdentityComesBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		value, key := randomBytes(rng, IdentityBytes+rng.IntN(200)), randomBytes(rng, rng.IntN(20))
		rest := bytes.Clone(value[IdentityBytes:])
		want := randomIdentity(rng)
		if !want.Put(value, key) {
			t.Fatalf("Put refused a value of %d bytes", len(value))
		}
		got, err := ReadIdentity(value, key)
		if err != nil {
			t.Fatalf("ReadIdentity: %v, want none", err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("identity changed (-want +got):\n%s", diff)
		}
		if !bytes.Equal(value[IdentityBytes:], rest) {
			t.Fatal("Put wrote behind the identity")
		}
	}
}

// The layout is read by other processes: the bytes are written down here.
func TestIdentityLayout(t *testing.T) {
	value := append(make([]byte, IdentityBytes), "rest"...)
	i := Identity{Test: 0x0102030405060708, Worker: 0x090a, Run: 0x0b0c0d0e, Copy: 0x1314, Seq: 0x0f10, Due: 0x1112}
	i.Put(value, []byte("key"))
	want := "\x02\x00\x09\x0a\x0b\x0c\x0d\x0e\x01\x02\x03\x04\x05\x06\x07\x08\x00\x00\x13\x14" +
		"\x00\x00\x00\x00\x00\x00\x0f\x10\x00\x00\x00\x00\x00\x00\x11\x12"
	if got := string(value[coveredAt:IdentityBytes]); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	sum := crc32.Checksum([]byte("key"+want+"rest"), crc32.MakeTable(crc32.Castagnoli))
	if got, want := string(value[:coveredAt]), string(binary.BigEndian.AppendUint32([]byte("kdyn"), sum)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPutRefusesAShortValue(t *testing.T) {
	value := bytes.Repeat([]byte{7}, IdentityBytes-1)
	if (Identity{}).Put(value, nil) {
		t.Errorf("Put stamped %d bytes", len(value))
	}
	if !bytes.Equal(value, bytes.Repeat([]byte{7}, IdentityBytes-1)) {
		t.Error("Put wrote into a value that it refused")
	}
}

func TestReadIdentityFindsEveryFlippedBit(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 20 {
		value, key := randomBytes(rng, IdentityBytes+rng.IntN(60)), randomBytes(rng, 1+rng.IntN(10))
		randomIdentity(rng).Put(value, key)
		for bit := range 8 * (len(value) + len(key)) {
			b, at := value, bit/8
			if at >= len(value) {
				b, at = key, at-len(value)
			}
			b[at] ^= 1 << (bit % 8)
			want := ErrCorrupt
			if bit < 8*4 {
				want = ErrForeign
			}
			if _, err := ReadIdentity(value, key); !errors.Is(err, want) {
				t.Fatalf("bit %d flipped: got %v, want %v", bit, err, want)
			}
			b[at] ^= 1 << (bit % 8)
		}
	}
}

func TestReadIdentityFindsOtherKeysAndLengths(t *testing.T) {
	value := []byte("01234567890123456789012345678901234567890123 and a rest")
	Identity{Seq: 9}.Put(value, []byte("key"))
	cases := map[string]struct {
		value, key []byte
		want       error
	}{
		"as it was":            {value, []byte("key"), nil},
		"no key":               {value, nil, ErrCorrupt},
		"another key":          {value, []byte("kez"), ErrCorrupt},
		"cut short":            {value[:len(value)-1], []byte("key"), ErrCorrupt},
		"longer":               {append(bytes.Clone(value), 0), []byte("key"), ErrCorrupt},
		"cut in the head":      {value[:IdentityBytes-1], []byte("key"), ErrForeign},
		"tombstone":            {nil, []byte("key"), ErrForeign},
		"somebody's own":       {bytes.Repeat([]byte("x"), 100), nil, ErrForeign},
		"a later version":      {resealed(value, 8, 3), []byte("key"), ErrForeign},
		"flags not known":      {resealed(value, 9, 4), []byte("key"), ErrForeign},
		"flags of a header":    {resealed(value, 9, 1), []byte("key"), ErrCorrupt},
		"sealed and as it was": {resealed(value, 8, 2), []byte("key"), nil},
	}
	for name, c := range cases {
		if _, err := ReadIdentity(c.value, c.key); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// resealed is the value with another byte and a checksum that fits it.
func resealed(value []byte, at int, b byte) []byte {
	value = bytes.Clone(value)
	value[at] = b
	binary.BigEndian.PutUint32(value[checksumAt:], checksum([]byte("key"), value, nil))
	return value
}

// A value that has to stay as it is has its identity beside it: nulls and what
// is too short too.
func TestIdentityComesBackFromAHeader(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	values := map[string][]byte{"null": nil, "empty": {}, "short": []byte("x"), "long": randomBytes(rng, 300)}
	for name, value := range values {
		want, key, head := randomIdentity(rng), []byte("key"), make([]byte, IdentityBytes)
		before := bytes.Clone(value)
		want.PutApart(head, value, key)
		if got, err := ReadApart(head, value, key); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, want)
		}
		if !bytes.Equal(before, value) {
			t.Errorf("%s: the value was changed", name)
		}
		if _, err := ReadApart(head, append(bytes.Clone(value), 1), key); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s with another value: got %v, want %v", name, err, ErrCorrupt)
		}
		if _, err := ReadApart(head, value, []byte("kez")); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s with another key: got %v, want %v", name, err, ErrCorrupt)
		}
		if _, err := ReadApart(head[:IdentityBytes-1], value, key); !errors.Is(err, ErrForeign) {
			t.Errorf("%s with a header cut short: got %v, want %v", name, err, ErrForeign)
		}
	}
	// Null and empty are two values.
	head := make([]byte, IdentityBytes)
	Identity{}.PutApart(head, nil, nil)
	if _, err := ReadApart(head, []byte{}, nil); !errors.Is(err, ErrCorrupt) {
		t.Errorf("null read as empty: got %v, want %v", err, ErrCorrupt)
	}
	if _, err := ReadIdentity(head, nil); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a header's identity as a value: got %v, want %v", err, ErrCorrupt)
	}
}

func FuzzReadIdentity(f *testing.F) {
	good := make([]byte, IdentityBytes+3)
	Identity{Test: 1, Worker: 2, Run: 3, Copy: 6, Seq: 4, Due: 5}.Put(good, []byte("k"))
	f.Add(good, []byte("k"))
	f.Add(good[:IdentityBytes], []byte(nil))
	f.Add([]byte("kdyn"), []byte("k"))
	f.Fuzz(func(t *testing.T, value, key []byte) {
		i, err := ReadIdentity(value, key)
		if err != nil {
			if (i != Identity{}) {
				t.Errorf("got %+v beside the error %v, want none", i, err)
			}
			return
		}
		again := bytes.Clone(value)
		i.Put(again, key)
		if !bytes.Equal(again, value) {
			t.Errorf("stamped again: got %x, want %x", again, value)
		}
	})
}
