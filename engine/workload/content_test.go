package workload

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kdyno/engine/setting"
)

var withHeaders = Load{
	Sizes: fixed(100), Payload: JSON, Keys: Keys{Kind: Uniform, Count: 10}, Seed: 3,
	Headers: Headers{{Name: "trace-id", Bytes: 32}, {Name: "empty"}, {Name: "odd", Bytes: 5}},
	Nulls:   0.5,
	Place:   Place{Partition: 4, Pinned: true, Shift: -time.Hour},
}

func TestFillDependsOnSeedAndNumberAlone(t *testing.T) {
	a, b := newSource(t, withHeaders), newSource(t, withHeaders)
	var used Content
	for n := uint64(2000); n > 0; n-- {
		b.Fill(n, &used)
		var fresh Content
		a.Fill(n, &fresh)
		if diff := cmp.Diff(fresh, used, cmpopts.IgnoreUnexported(Content{})); diff != "" {
			t.Fatalf("record %d (-fresh +used again):\n%s", n, diff)
		}
	}
}

func TestFillMakesHeadersOfTheirSizes(t *testing.T) {
	s := newSource(t, withHeaders)
	seen := map[string]bool{}
	var c Content
	for n := range uint64(1000) {
		s.Fill(n, &c)
		var got []setting.Header
		for _, h := range c.Headers {
			got = append(got, setting.Header{Name: h.Key, Bytes: len(h.Value)})
			for _, digit := range h.Value {
				if (digit < '0' || digit > '9') && (digit < 'a' || digit > 'f') {
					t.Fatalf("record %d: header %s is %q, want hexadecimal digits", n, h.Key, h.Value)
				}
			}
		}
		if diff := cmp.Diff(withHeaders.Headers, got); diff != "" {
			t.Fatalf("record %d (-want +got):\n%s", n, diff)
		}
		seen[string(c.Headers[0].Value)] = true
		if c.Partition != 4 || !c.Pinned || c.Shift != -time.Hour {
			t.Fatalf("record %d: got partition %d %v, shift %v", n, c.Partition, c.Pinned, c.Shift)
		}
	}
	if len(seen) != 1000 {
		t.Errorf("got %d trace ids of 1000 records, want all to differ", len(seen))
	}
}

// Headers lie end to end in one memory: appending to one must not reach the
// next.
func TestHeadersDoNotOverlap(t *testing.T) {
	var c Content
	newSource(t, withHeaders).Fill(1, &c)
	want := string(c.Headers[2].Value)
	_ = append(c.Headers[0].Value, "overflow"...)
	if got := string(c.Headers[2].Value); got != want {
		t.Errorf("got %q after another header grew, want %q", got, want)
	}
}

func TestNullValuesHaveTheirShare(t *testing.T) {
	for _, share := range []float64{0, 0.01, 0.5, 1} {
		l := withHeaders
		l.Nulls = share
		s := newSource(t, l)
		nulls := 0.0
		var c Content
		const records = 20_000
		for n := range uint64(records) {
			if s.Fill(n, &c); c.Value == nil {
				nulls++
			}
		}
		if off := math.Abs(nulls - share*records); off > 4*math.Sqrt(records/4) || share == 0 && nulls > 0 || share == 1 && nulls < records {
			t.Errorf("share %v: got %.0f of %d null", share, nulls, records)
		}
	}
}

// One setting changes one thing: the rest of each record stays.
func TestHeadersAndNullsLeaveKeysAndValuesAlone(t *testing.T) {
	l := withHeaders
	l.Headers, l.Nulls, l.Place = nil, 0, Place{}
	plain, full := newSource(t, l), newSource(t, withHeaders)
	var a, b Content
	for n := range uint64(100) {
		plain.Fill(n, &a)
		full.Fill(n, &b)
		if string(a.Key) != string(b.Key) || b.Value != nil && string(a.Value) != string(b.Value) {
			t.Errorf("record %d: got %q %q, want %q %q", n, b.Key, b.Value, a.Key, a.Value)
		}
		if len(a.Headers) > 0 || a.Pinned || a.Shift != 0 {
			t.Errorf("record %d: got %+v without being asked", n, a)
		}
	}
	if got := full.MaxBytes() - plain.MaxBytes(); got < len("trace-id")+32+len("empty")+len("odd")+5 {
		t.Errorf("headers add %d bytes to the largest record", got)
	}
}

func TestFillDoesNotAllocate(t *testing.T) {
	s := newSource(t, withHeaders)
	c, n := Content{Key: make([]byte, 0, 32), value: make([]byte, 0, 100)}, uint64(0)
	s.Fill(0, &c)
	if got := testing.AllocsPerRun(1000, func() {
		s.Fill(n, &c)
		n++
	}); got != 0 {
		t.Errorf("got %v allocations a record, want 0", got)
	}
}

func BenchmarkFill(b *testing.B) {
	for name, l := range map[string]Load{"plain": {Sizes: fixed(512), Payload: JSON, Seed: 1, Keys: Keys{Kind: NoKeys}}, "headers": withHeaders} {
		b.Run(name, func(b *testing.B) {
			s := newSource(b, l)
			var c Content
			b.ReportAllocs()
			for n := uint64(0); b.Loop(); n++ {
				s.Fill(n, &c)
			}
		})
	}
}
