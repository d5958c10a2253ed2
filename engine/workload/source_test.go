package workload

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

var (
	payloads = []Payload{JSON, Text, Random, Zeros}
	keyings  = []Keys{
		{Kind: NoKeys},
		{Kind: Sequence},
		{Kind: Uniform, Count: 100},
		{Kind: Uniform, Count: 12_345_678},
		{Kind: Zipf, Count: 1_000_000, Exponent: 1},
		{Kind: Hot, Share: 0.3},
	}
)

// digest is what the first records of a source are, in one word.
func digest(s *Source) string {
	sum := sha256.New()
	var k, v []byte
	for n := range uint64(10_000) {
		k, v = s.Append(n, k, v)
		fmt.Fprintf(sum, "%d %d ", len(k), len(v))
		sum.Write(k)
		sum.Write(v)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// A seed names records for good: a report of last year's run is repeated by its
// seed. A change of these words is a change of every record.
func TestASeedMeansTheSameRecordsForGood(t *testing.T) {
	want := map[string]string{
		"json 0":    "75150093b44f5af1",
		"json 1":    "f4f3d48fc8bf0ed8",
		"json 42":   "7b0fdb189f5f184c",
		"random 0":  "8a8ce4ff4efbf554",
		"random 1":  "c1c51e6f3826332f",
		"random 42": "8be87d168438b275",
		"zeros 0":   "7f3e6c04e579f2a6",
		"zeros 1":   "0d1463984389dee8",
		"zeros 42":  "117d52c8b2766286",
		"text 0":    "85e0af503a74d5cd",
		"text 1":    "6176a21fbe5120b7",
		"text 42":   "21f9c248ee7ff509",
	}
	for _, payload := range payloads {
		for _, seed := range []uint64{0, 1, 42} {
			l := Load{Sizes: fixed(512), Payload: payload, Keys: Keys{Kind: Uniform, Count: 1000}, Seed: seed}
			name := fmt.Sprintf("%s %d", payload, seed)
			if got := digest(newSource(t, l)); got != want[name] {
				t.Errorf("%q: %q,", name, got)
			}
		}
	}
}

func TestRecordsDependOnSeedAndNumberAlone(t *testing.T) {
	for _, payload := range payloads {
		for _, keys := range keyings {
			l := Load{Rate: 10, Senders: 1, Sizes: fixed(300), Payload: payload, Keys: keys, Seed: 9}
			a := newSource(t, l)
			l.Rate, l.Senders = 0, 7
			b := newSource(t, l)
			var k, v []byte
			for n := uint64(3000); n > 0; n-- {
				k, v = b.Append(n, k, v) // into dirty buffers, backwards
				wantKey, want := a.Append(n, nil, nil)
				if !bytes.Equal(k, wantKey) || !bytes.Equal(v, want) {
					t.Fatalf("%s %s, record %d: got %q %q, want %q %q", payload, keys, n, k, v, wantKey, want)
				}
			}
		}
	}
}

func TestSourceIsSharedByManySenders(t *testing.T) {
	l := Load{Sizes: fixed(200), Payload: JSON, Keys: Keys{Kind: Uniform, Count: 50}, Seed: 3}
	shared, alone := newSource(t, l), newSource(t, l)
	var wg sync.WaitGroup
	for i := range uint64(4) {
		wg.Go(func() {
			var k, v []byte
			share := Share{Index: i, Senders: 4}
			for n := share.From(0); n < 2000; n = share.Next(n) {
				k, v = shared.Append(n, k, v)
				if wantKey, want := alone.Append(n, nil, nil); !bytes.Equal(k, wantKey) || !bytes.Equal(v, want) {
					t.Errorf("record %d: got %q %q, want %q %q", n, k, v, wantKey, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestTheSeedChangesKeysAndValues(t *testing.T) {
	for _, payload := range []Payload{JSON, Text, Random} {
		l := Load{Sizes: fixed(100), Payload: payload, Keys: Keys{Kind: Uniform, Count: 1_000_000}, Seed: 1}
		one := newSource(t, l)
		l.Seed = 2
		two := newSource(t, l)
		for n := range uint64(100) {
			k1, v1 := one.Append(n, nil, nil)
			k2, v2 := two.Append(n, nil, nil)
			if bytes.Equal(k1, k2) || bytes.Equal(v1, v2) {
				t.Errorf("%s, record %d is alike under two seeds: %q %q", payload, n, k1, v1)
			}
		}
	}
}

func TestRecordsHaveTheirExactSize(t *testing.T) {
	for _, payload := range []Payload{Random, Zeros} {
		for size := 1; size <= 3000; size++ {
			s := newSource(t, Load{Sizes: fixed(size), Payload: payload, Seed: 1})
			if _, v := s.Append(5, nil, nil); len(v) != size {
				t.Errorf("%s: got %d bytes, want %d", payload, len(v), size)
			}
		}
	}
	for _, size := range []int{1, 512, 10_000, 100_000, 1 << 20} {
		s := newSource(t, Load{Sizes: fixed(size), Payload: JSON, Seed: 1})
		if _, v := s.Append(5, nil, nil); len(v) != size {
			t.Errorf("json: got %d bytes, want %d", len(v), size)
		}
	}
}

func TestDocumentsAreValidAtEverySize(t *testing.T) {
	sizes := []int{4096, 16_383, 65_537, 1_000_003}
	for size := 1; size <= 3000; size++ {
		sizes = append(sizes, size)
	}
	for _, size := range sizes {
		d := newDocuments(size, size, 4*size, 1, false)
		b := make([]byte, size)
		for n := range uint64(6) {
			draws := stream(mix(n))
			draws.fill(b)
			d.put(b, n, draws)
			if !json.Valid(b) {
				t.Fatalf("%d bytes, record %d is not JSON: %q", size, n, b)
			}
		}
	}
}

func TestDocumentsHaveTheFieldsThatFit(t *testing.T) {
	type fields struct {
		ID       string
		Order    uint64
		At       time.Time
		Amount   float64
		Currency string
		Customer struct{ Name, Email, City, Country, Tier string }
		Device   struct{ IP, Session string }
		Items    []struct {
			SKU   string
			Price float64
		}
		Note string
	}
	s := newSource(t, Load{Sizes: fixed(1024), Payload: JSON, Seed: 5})
	for n := range uint64(5000) {
		_, v := s.Append(n, nil, nil)
		var d fields
		if err := json.Unmarshal(v, &d); err != nil {
			t.Fatalf("record %d: %v in %q", n, err, v)
		}
		if len(d.ID) != 16 || d.Order != 1_000_000_000+n || d.At.Year() != 2026 || d.Note == "" {
			t.Fatalf("record %d: id, order, time or note is wrong in %q", n, v)
		}
		if d.Amount < 100 || d.Amount >= 1000 || len(d.Items) < 3 || d.Items[0].SKU == "" {
			t.Fatalf("record %d: amount or items are wrong in %q", n, v)
		}
		if d.Customer.Name == "" || d.Customer.Email == "" || d.Device.IP == "" || d.Currency == "" {
			t.Fatalf("record %d: customer, device or currency is missing in %q", n, v)
		}
	}
}

// Between the fields' own sizes a document must not skip one and take a later:
// the head is written at fixed places.
func TestDocumentsGrowFieldByField(t *testing.T) {
	order := []string{"id", "order", "at", "amount", "currency", "customer", "device", "items"}
	had := 0
	for size := shortest; size < 800; size++ {
		d := newDocuments(size, size, 2*size, 1, false)
		b := make([]byte, size)
		d.put(b, 77, 1)
		var fields map[string]any
		if err := json.Unmarshal(b, &fields); err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		has := 0
		for has < len(order) && fields[order[has]] != nil {
			has++
		}
		for _, name := range order[has:] {
			if fields[name] != nil {
				t.Fatalf("%d bytes: has %s without %s: %s", size, name, order[has], b)
			}
		}
		if at, ok := fields["at"].(string); ok {
			if _, err := time.Parse(time.RFC3339, at); err != nil || at[11:23] == "00:00:00.000" {
				t.Fatalf("%d bytes: time %q was not written", size, at)
			}
		}
		had = max(had, has)
	}
	if had != len(order) {
		t.Errorf("got %d of %d fields at the largest size", had, len(order))
	}
}

func TestRecordsDifferFromOneAnother(t *testing.T) {
	cases := []struct {
		payload Payload
		size    int
		records uint64
	}{
		{JSON, 1, 10},
		{JSON, 4, 9000},
		{JSON, smallest, 9},
		{JSON, 14, 100_000},
		{JSON, shortest - 1, 100_000},
		{JSON, shortest, 100_000},
		{JSON, 100, 100_000},
		{JSON, 1024, 20_000},
		{Text, 40, 100_000},
		{Text, 1024, 20_000},
		{Random, 8, 100_000},
		{Random, 100, 100_000},
	}
	for _, c := range cases {
		s := newSource(t, Load{Sizes: fixed(c.size), Payload: c.payload, Seed: 1})
		seen := make(map[string]uint64, c.records)
		var v []byte
		for n := range c.records {
			_, v = s.Append(n, nil, v)
			if other, ok := seen[string(v)]; ok {
				t.Errorf("%s, %d bytes: records %d and %d are both %q", c.payload, c.size, other, n, v)
				break
			}
			seen[string(v)] = n
		}
	}
}

// What follows the head comes again only after the whole table was used.
func TestBodiesAreUsedInTurn(t *testing.T) {
	d := newDocuments(400, 400, 64*400, 1, false)
	b := make([]byte, 400)
	for round := range uint64(5) {
		seen := map[string]bool{}
		for n := range uint64(64) {
			d.put(b, round*64+n, 1)
			seen[string(b[headEnd:])] = true
		}
		if len(seen) != 64 {
			t.Errorf("round %d: got %d bodies, want 64", round, len(seen))
		}
	}
}

func TestZerosAreZeros(t *testing.T) {
	s := newSource(t, Load{Sizes: fixed(100), Payload: Zeros, Seed: 1})
	_, v := s.Append(3, nil, bytes.Repeat([]byte{1}, 300))
	if !bytes.Equal(v, make([]byte, 100)) {
		t.Errorf("got %x, want 100 zeros", v)
	}
}

func TestKeys(t *testing.T) {
	cases := []struct {
		keys  Keys
		n     uint64
		match func(key []byte) bool
		want  string
	}{
		{Keys{Kind: NoKeys}, 5, func(k []byte) bool { return k == nil }, "no key"},
		{Keys{Kind: Sequence}, 0, func(k []byte) bool { return string(k) == "0" }, "0"},
		{Keys{Kind: Sequence}, 18446744073709551615, func(k []byte) bool { return string(k) == "18446744073709551615" }, "n"},
		{Keys{Kind: Uniform, Count: 1}, 9, func(k []byte) bool { return string(k) == "key-000000" }, "key-000000"},
		{Keys{Kind: Uniform, Count: 10_000_000}, 9, func(k []byte) bool { return len(k) == len("key-9999999") }, "7 digits"},
		{Keys{Kind: Uniform, Count: 10_000_001}, 9, func(k []byte) bool { return len(k) == len("key-10000000") }, "8 digits"},
	}
	for _, c := range cases {
		s := newSource(t, Load{Payload: Zeros, Keys: c.keys, Seed: 1})
		if k, _ := s.Append(c.n, []byte("dirty and long enough"), nil); !c.match(k) {
			t.Errorf("%s of record %d: got %q, want %s", c.keys, c.n, k, c.want)
		}
	}
}

// Chi-squared with 99 degrees of freedom stays below 200 but for one seed in a
// hundred million; the seed is fixed.
func TestUniformKeysAreUniform(t *testing.T) {
	const keys, records = 100, 100_000
	s := newSource(t, Load{Payload: Zeros, Keys: Keys{Kind: Uniform, Count: keys}, Seed: 1})
	counts := map[int]float64{}
	for n := range uint64(records) {
		k, _ := s.Append(n, nil, nil)
		key, err := strconv.Atoi(string(k[len(keyPrefix):]))
		if err != nil || key >= keys {
			t.Fatalf("record %d: got key %q, want one of %d", n, k, keys)
		}
		counts[key]++
	}
	chi := 0.0
	for key := range keys {
		off := counts[key] - records/keys
		chi += off * off / (records / keys)
	}
	if chi > 200 {
		t.Errorf("got chi-squared %.0f over %d keys, want at most 200", chi, keys)
	}
}

func TestMaxBytesIsReachedAndNeverPassed(t *testing.T) {
	for _, keys := range keyings {
		s := newSource(t, Load{Sizes: fixed(50), Payload: JSON, Keys: keys, Seed: 1})
		most := 0
		for _, n := range []uint64{0, 1, 1 << 32, 18446744073709551615} {
			k, v := s.Append(n, nil, nil)
			most = max(most, len(k)+len(v))
		}
		if got := s.MaxBytes(); got != most {
			t.Errorf("%s: MaxBytes is %d, the largest record has %d", keys, got, most)
		}
	}
}

// The figures are of a batch of Kafka's default size, and for zstd also of the
// largest that a producer makes while six partitions take turns.
func TestCodecsFindWhatRealRecordsHold(t *testing.T) {
	cases := []struct {
		payload     Payload
		size        int
		batch       int
		stride      uint64
		least, most float64
	}{
		{JSON, 100, 16 << 10, 1, 0.2, 0.45},
		{JSON, 100, 16 << 10, 6, 0.2, 0.45},
		{JSON, 512, 16 << 10, 1, 0.2, 0.45},
		{JSON, 1024, 16 << 10, 1, 0.2, 0.45},
		{JSON, 1024, 16 << 10, 6, 0.2, 0.45},
		{JSON, 4096, 16 << 10, 1, 0.2, 0.45},
		{JSON, 100, 1 << 20, 6, 0.2, 0.45},
		{JSON, 1024, 1 << 20, 6, 0.2, 0.45},
		{JSON, 16 << 10, 1 << 20, 6, 0.2, 0.45},
		{Text, 100, 16 << 10, 1, 0.2, 0.5},
		{Text, 1024, 1 << 20, 6, 0.2, 0.5},
		{Random, 100, 16 << 10, 1, 0.99, 1.01},
		{Random, 1024, 1 << 20, 6, 0.99, 1.01},
		{Zeros, 1024, 16 << 10, 1, 0, 0.02},
	}
	for _, c := range cases {
		s := newSource(t, Load{Sizes: fixed(c.size), Payload: c.payload, Seed: 1})
		var batch, v []byte
		for n := uint64(0); len(batch) < c.batch; n += c.stride {
			_, v = s.Append(n, nil, v)
			batch = append(batch, v...)
		}
		for name, squeezed := range map[string]int{"zstd": zstdBytes(t, batch), "deflate": deflateBytes(t, batch)} {
			if got := float64(squeezed) / float64(len(batch)); got < c.least || got > c.most {
				t.Errorf("%s of %d bytes, batch %d, every %d: %s leaves %.3f, want %.2f to %.2f",
					c.payload, c.size, c.batch, c.stride, name, got, c.least, c.most)
			}
		}
		// lz4 has no entropy coder: it leaves more of text, and no more of the rest.
		if got := float64(lz4Bytes(t, batch)) / float64(len(batch)); got < c.least || got > max(c.most, 0.7) {
			t.Errorf("%s of %d bytes, batch %d, every %d: lz4 leaves %.3f", c.payload, c.size, c.batch, c.stride, got)
		}
	}
}

func zstdBytes(t *testing.T, b []byte) int {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return len(w.EncodeAll(b, nil))
}

func deflateBytes(t *testing.T, b []byte) int {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

func lz4Bytes(t *testing.T, b []byte) int {
	t.Helper()
	var out bytes.Buffer
	w := lz4.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

func TestAppendDoesNotAllocate(t *testing.T) {
	for _, payload := range payloads {
		for _, keys := range keyings {
			s := newSource(t, Load{Sizes: fixed(300), Payload: payload, Keys: keys, Seed: 1})
			key, value := make([]byte, 0, 32), make([]byte, 0, 300)
			n := uint64(0)
			if got := testing.AllocsPerRun(1000, func() {
				s.Append(n, key, value)
				n += 1 << 40
			}); got != 0 {
				t.Errorf("%s %s: got %v allocations a record, want 0", payload, keys, got)
			}
		}
	}
}

func TestPaceAndIdentityDoNotAllocate(t *testing.T) {
	p := NewPace(1000, 0, 0).Rebase(2000, time.Second, 0)
	value, n := make([]byte, 100), uint64(0)
	if got := testing.AllocsPerRun(1000, func() {
		Identity{Seq: n, Due: p.Due(n)}.Put(value, nil)
		if _, err := ReadIdentity(value, nil); err != nil || p.DueBy(time.Hour) < n {
			t.Fatal(err)
		}
		n++
	}); got != 0 {
		t.Errorf("got %v allocations a record, want 0", got)
	}
}
