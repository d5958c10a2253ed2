package relay

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"
)

// frameOf is a frame of n bytes in all whose body is its number.
func frameOf(n int, number byte) []byte {
	f := bytes.Repeat([]byte{number}, n)
	binary.BigEndian.PutUint32(f, uint32(n-sizeBytes))
	return f
}

// TestCutterHoldsAndPasses holds that, however the bytes are cut, held frames are
// seen whole and replaced, and all others pass as they are and in order.
func TestCutterHoldsAndPasses(t *testing.T) {
	const head = 8
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		var sent, want, got []byte
		var held [][]byte
		for i := range 1 + r.IntN(8) {
			f := frameOf(head+r.IntN(1<<r.IntN(12)), byte(i))
			sent = append(sent, f...)
			if i%3 == 1 {
				held = append(held, f)
				f = frameOf(sizeBytes+3, 'x')
			}
			want = append(want, f...)
		}
		begun := 0
		c := cutter{
			head: head,
			begin: func(b []byte) (bool, error) {
				if len(b) != head {
					t.Fatalf("seed %d: a head of %d bytes", seed, len(b))
				}
				begun++
				return begun%3 == 2, nil
			},
			whole: func(frame []byte) []byte {
				if len(held) == 0 || !bytes.Equal(frame, held[0]) {
					t.Fatalf("seed %d: held %q", seed, frame)
				}
				held = held[1:]
				return frameOf(sizeBytes+3, 'x')
			},
			pass:  func(p []byte) error { got = append(got, p...); return nil },
			blind: func() bool { return false },
		}
		for len(sent) > 0 {
			n := min(len(sent), 1+r.IntN(1<<r.IntN(13)))
			if err := c.feed(sent[:n]); err != nil {
				t.Fatal(err)
			}
			sent = sent[n:]
		}
		if !bytes.Equal(got, want) || len(held) > 0 || c.inside || len(c.held) > 0 {
			t.Fatalf("seed %d: got %d bytes, want %d; %d not held", seed, len(got), len(want), len(held))
		}
	}
}

// Nothing of a frame that is refused goes on, and all before it does.
func TestCutterStopsBeforeABadFrame(t *testing.T) {
	bad := errors.New("bad")
	good := frameOf(20, 1)
	for cut := 1; cut < 48; cut++ {
		var got []byte
		c := cutter{
			head: 8,
			begin: func(head []byte) (bool, error) {
				if head[7] == 2 {
					return false, bad
				}
				return false, nil
			},
			pass:  func(p []byte) error { got = append(got, p...); return nil },
			blind: func() bool { return false },
		}
		sent := append(bytes.Clone(good), frameOf(28, 2)...)
		err := c.feed(sent[:cut])
		if err == nil {
			err = c.feed(sent[cut:])
		}
		if !errors.Is(err, bad) || !bytes.Equal(got, good) {
			t.Errorf("cut at %d: passed %q, %v", cut, got, err)
		}
	}
}

func TestCutterPassesEverythingOnceBlind(t *testing.T) {
	var got []byte
	blind := false
	c := cutter{
		head:  8,
		begin: func([]byte) (bool, error) { blind = true; return false, nil },
		pass:  func(p []byte) error { got = append(got, p...); return nil },
		blind: func() bool { return blind },
	}
	sent := append(frameOf(12, 1), "\xff\xff\xff\xffno frames from here on"...)
	if err := c.feed(sent[:13]); err != nil {
		t.Fatal(err)
	}
	if err := c.feed(sent[13:]); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, sent) {
		t.Errorf("passed %q", got)
	}
}

// A held frame that was large leaves no room behind.
func TestCutterGivesLargeRoomBack(t *testing.T) {
	c := cutter{
		head:  8,
		begin: func([]byte) (bool, error) { return true, nil },
		whole: func(f []byte) []byte { return f },
		pass:  func([]byte) error { return nil },
		blind: func() bool { return false },
	}
	if err := c.feed(frameOf(2*mostKept, 1)); err != nil {
		t.Fatal(err)
	}
	if cap(c.held) != 0 {
		t.Errorf("%d bytes are kept", cap(c.held))
	}
}

func FuzzCutter(f *testing.F) {
	f.Add(frameOf(20, 1), uint8(3))
	f.Add(append(frameOf(8, 1), frameOf(30, 2)...), uint8(1))
	f.Fuzz(func(t *testing.T, sent []byte, cut uint8) {
		run := func(part int) (got []byte, frames int, err error) {
			c := cutter{
				head: 8,
				begin: func(head []byte) (bool, error) {
					size := int32(binary.BigEndian.Uint32(head))
					if size < 4 || size > 1<<16 {
						return false, errAnswer
					}
					frames++
					return head[7]%2 == 0, nil
				},
				whole: func(f []byte) []byte { return f },
				pass:  func(p []byte) error { got = append(got, p...); return nil },
				blind: func() bool { return false },
			}
			for rest := sent; len(rest) > 0 && err == nil; {
				n := min(len(rest), part)
				err = c.feed(rest[:n])
				rest = rest[n:]
			}
			return got, frames, err
		}
		all, frames, err := run(max(len(sent), 1))
		parts, again, errParts := run(int(cut) + 1)
		if !bytes.Equal(all, parts) || frames != again || (err == nil) != (errParts == nil) {
			t.Fatalf("whole: %d frames, %q, %v; in parts: %d frames, %q, %v", frames, all, err, again, parts, errParts)
		}
		if !bytes.HasPrefix(sent, all) {
			t.Fatalf("%q became %q", sent, all)
		}
	})
}
