package wire

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// passed sends both directions through a fresh tap, whole or in small parts,
// and checks what must hold for any bytes: they pass unchanged, and each
// request that asked for an answer ends exactly once.
func passed(t *testing.T, sent, read []byte, parts *rand.Rand) (*ledger, bool) {
	t.Helper()
	mem := &memConn{}
	if parts != nil {
		mem.next = func() int { return 1 + parts.IntN(40) }
	}
	var sink ledger
	c := Tap(mem, &sink, Options{})
	writeInParts(t, c, sent, parts)
	mem.reads.Write(read)
	got, err := io.ReadAll(c)
	if err != nil || !bytes.Equal(got, read) || !bytes.Equal(mem.wrote.Bytes(), sent) {
		t.Fatalf("the tap changed what passes: %v", err)
	}
	c.Close()
	asked := 0
	for _, r := range sink.wrote {
		if r.Acks != 0 {
			asked++
		}
	}
	if asked != len(sink.answered)+len(sink.lost) || c.InFlight() != 0 {
		t.Fatalf("got %d asked, %d answered, %d lost, %d in flight", asked, len(sink.answered), len(sink.lost), c.InFlight())
	}
	return &sink, c.Blind() == nil
}

// agree compares what the tap says of the same bytes whole and in parts.
func agree(t *testing.T, sent, read []byte) {
	t.Helper()
	whole, seesWhole := passed(t, sent, read, nil)
	parts, seesParts := passed(t, sent, read, rand.New(rand.NewPCG(uint64(len(sent)), uint64(len(read)))))
	if seesWhole != seesParts {
		t.Fatalf("got sighted %v for the whole, %v for parts", seesWhole, seesParts)
	}
	for _, p := range [][2][]Request{{whole.wrote, parts.wrote}, {whole.answered, parts.answered}, {whole.lost, parts.lost}} {
		if d := cmp.Diff(p[0], p[1], sameRequest); d != "" {
			t.Fatalf("whole and parts differ:\n%s", d)
		}
	}
}

func FuzzTapRequest(f *testing.F) {
	for v := range int16(maxProduce + 1) {
		frame, _ := randomRequest(rand.New(rand.NewPCG(uint64(v), 2)), v, int32(v))
		f.Add(frame)
	}
	other, _ := otherRequest(1)
	f.Add(other)
	f.Add([]byte{0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 13, 0, 0, 0, 1, 0, 1, 'k', 0, 0})
	f.Fuzz(func(t *testing.T, sent []byte) { agree(t, sent, nil) })
}

func FuzzTapAnswer(f *testing.F) {
	for v := range int16(maxProduce + 1) {
		r := rand.New(rand.NewPCG(uint64(v), 2))
		frame, want := randomRequest(r, v, int32(v))
		for want.Acks == 0 {
			frame, want = randomRequest(r, v, int32(v))
		}
		f.Add(frame, randomAnswer(r, &want))
	}
	f.Fuzz(agree)
}
