package partition

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/setting"
)

// readVectors reads what .ci/kafka/partitions wrote down of other producers.
func readVectors(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The Java producer itself was asked, for the keys of its UtilsTest and others.
func TestKeysGoWhereTheJavaProducerPutsThem(t *testing.T) {
	var java struct {
		Counts []int
		Keys   []struct {
			Hex string
			At  []int
		}
	}
	readVectors(t, "java.json", &java)
	if len(java.Keys) < 10 || len(java.Counts) < 5 {
		t.Fatalf("%d keys among %d numbers of partitions are too few", len(java.Keys), len(java.Counts))
	}
	for _, k := range java.Keys {
		for i, n := range java.Counts {
			got, fixed := NewPlacer(setting.BuiltIn, false, n).Place(unhex(t, k.Hex))
			if got != k.At[i] || !fixed {
				t.Errorf("%s among %d: got %d, %v, want %d", k.Hex, n, got, fixed, k.At[i])
			}
		}
	}
}

// librdkafka's own functions were called.
func TestKeysGoWhereLibrdkafkaPutsThem(t *testing.T) {
	type special struct{ Null, Empty *int } // the place among 1000, nil where there is none
	var librdkafka struct {
		Counts  []int
		Special map[string]special
		Keys    []struct {
			Hex          string
			CRC32, FNV1a []int
		}
	}
	readVectors(t, "librdkafka.json", &librdkafka)
	if len(librdkafka.Keys) < 50 {
		t.Fatalf("%d keys are too few", len(librdkafka.Keys))
	}
	for i, n := range librdkafka.Counts {
		crc32, fnv1a := NewPlacer(setting.HashCRC32, false, n), NewPlacer(setting.HashFNV1a, false, n)
		for _, k := range librdkafka.Keys {
			if got, fixed := crc32.Place(unhex(t, k.Hex)); got != k.CRC32[i] || !fixed {
				t.Errorf("crc32 of %s among %d: got %d, %v, want %d", k.Hex, n, got, fixed, k.CRC32[i])
			}
			if got, fixed := fnv1a.Place(unhex(t, k.Hex)); got != k.FNV1a[i] || !fixed {
				t.Errorf("fnv1a of %s among %d: got %d, %v, want %d", k.Hex, n, got, fixed, k.FNV1a[i])
			}
		}
	}
	for name, class := range map[string]string{"crc32": setting.HashCRC32, "fnv1a": setting.HashFNV1a} {
		for what, key := range map[string][]byte{"null": nil, "empty": {}} {
			want := map[string]*int{"null": librdkafka.Special[name].Null, "empty": librdkafka.Special[name].Empty}[what]
			got, fixed := NewPlacer(class, false, 1000).Place(key)
			if fixed != (want != nil) || fixed && got != *want {
				t.Errorf("%s of the %s key: got %d, %v, want %v", name, what, got, fixed, want)
			}
		}
	}
}

// The key is among librdkafka's, too; here it is shown to be what it is there for.
func TestFNV1aOfTheNumberWithoutAPositiveCounterpart(t *testing.T) {
	if got := hashFNV1a([]byte("qqk42v"), math.MaxInt32); got != 1 {
		t.Errorf("got %d, want 2^31 modulo 2^31-1, which is 1", got)
	}
}

func TestKeysGoToTheSetsThatNameThem(t *testing.T) {
	const n = 10
	// in is what a key is hashed over.
	in := func(key string, among ...int) int { return among[Hash([]byte(key), len(among))] }
	all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	tests := []struct {
		class, key string
		want       int
	}{
		{"prefix:KR=0-3,US=4-5,*=hash", "KR-1", in("KR-1", 0, 1, 2, 3)},
		{"prefix:KR=0-3,US=4-5,*=hash", "KR-2", in("KR-2", 0, 1, 2, 3)},
		{"prefix:KR=0-3,US=4-5,*=hash", "KR", in("KR", 0, 1, 2, 3)},
		{"prefix:KR=0-3,US=4-5,*=hash", "US-1", in("US-1", 4, 5)},
		{"prefix:KR=0-3,US=4-5,*=hash", "kr-1", in("kr-1", all...)},
		{"prefix:KR=0-3,US=4-5,*=hash", "K", in("K", all...)},
		{"prefix:KR=0-3,US=4-5,*=hash", "DE-1", in("DE-1", all...)},
		{"prefix:KR=0-3,US=4-5,*=hash", "", in("", all...)},
		{"prefix:KR=0-3,*=7-9", "DE-1", in("DE-1", 7, 8, 9)},
		{"prefix:KR=0-3,KR-SEOUL=4,*=hash", "KR-SEOUL-1", 4}, // the longest prefix, wherever it stands
		{"prefix:KR-SEOUL=4,KR=0-3,*=hash", "KR-SEOUL-1", 4},
		{"prefix:KR=0-3,KR-SEOUL=4,*=hash", "KR-SEOU", in("KR-SEOU", 0, 1, 2, 3)},
		{"vip:gold=0,*=hash", "gold", 0},
		{"vip:gold=0,*=hash", "golden", in("golden", 1, 2, 3, 4, 5, 6, 7, 8, 9)},
		{"vip:gold=0,*=hash", "gol", in("gol", 1, 2, 3, 4, 5, 6, 7, 8, 9)},
		{"vip:gold=0,*=hash", "", in("", 1, 2, 3, 4, 5, 6, 7, 8, 9)},
		{"vip:gold=2-3,silver=5,*=hash", "gold", in("gold", 2, 3)},
		{"vip:gold=2-3,silver=5,*=hash", "silver", 5},
		{"vip:gold=2-3,silver=5,*=hash", "x", in("x", 0, 1, 4, 6, 7, 8, 9)},
		{"vip:gold=0,*=1-2", "x", in("x", 1, 2)},
	}
	for _, tt := range tests {
		if got, fixed := NewPlacer(tt.class, true, n).Place([]byte(tt.key)); got != tt.want || !fixed {
			t.Errorf("%s: %q: got %d, %v, want %d", tt.class, tt.key, got, fixed, tt.want)
		}
	}
}

func TestKeysWithoutAPlaceOfTheirOwn(t *testing.T) {
	key := []byte("k")
	tests := []struct {
		class  string
		ignore bool
		key    []byte
		fixed  bool
	}{
		{"", false, key, true},
		{"", false, []byte{}, true},
		{"", false, nil, false},
		{"", true, key, false},
		{"round-robin", false, key, false},
		{"hash:crc32", true, key, true}, // partitioner.ignore.keys is the built-in one's alone
		{"hash:crc32", false, []byte{}, false},
		{"hash:crc32", false, nil, false},
		{"hash:fnv1a", false, []byte{}, true},
		{"hash:fnv1a", false, nil, false},
		{"prefix:k=0,*=hash", true, key, true},
		{"prefix:k=0,*=hash", false, nil, false},
		{"vip:k=0,*=hash", true, key, true},
		{"vip:k=0,*=hash", false, []byte{}, true},
		{"vip:k=0,*=hash", false, nil, false},
	}
	for _, tt := range tests {
		if _, fixed := NewPlacer(tt.class, tt.ignore, 4).Place(tt.key); fixed != tt.fixed {
			t.Errorf("%q, ignoring keys %v, key %q: fixed %v, want %v", tt.class, tt.ignore, tt.key, fixed, tt.fixed)
		}
	}
}

// The engine refuses such a partitioner at the start; a topic that was made
// anew with fewer partitions can still come to it.
func TestAPlaceThatTheTopicLacksIsNone(t *testing.T) {
	for _, tt := range []struct {
		class string
		key   []byte
		n     int
	}{
		{"prefix:k=2-3,*=hash", []byte("k"), 3},
		{"vip:k=3,*=hash", []byte("k"), 3},
		{"vip:k=0-2,*=hash", []byte("x"), 3},
		{"vip:k=0-2,*=hash", nil, 3},
		{"prefix:k=0,*=4-5", []byte("x"), 3},
	} {
		if got, fixed := NewPlacer(tt.class, false, tt.n).Place(tt.key); got != -1 || !fixed {
			t.Errorf("%s: %q among %d: got %d, %v, want -1", tt.class, tt.key, tt.n, got, fixed)
		}
		o := standard()
		o.Class = tt.class
		b := newBench(o)
		r := unkeyed(10)
		r.Key = tt.key
		if got := b.sent(r, tt.n, true); got != -1 || len(b.picks) > 0 {
			t.Errorf("%s: a record went to %d, want a refusal", tt.class, got)
		}
	}
}

// randomClass is a partitioner.class for a topic of n partitions.
func randomClass(r *rand.Rand, n int) string {
	classes := []string{setting.BuiltIn, setting.RoundRobin, setting.HashCRC32, setting.HashFNV1a}
	if n < 4 || r.IntN(3) == 0 {
		return classes[r.IntN(len(classes))]
	}
	kind := []string{"prefix", "vip"}[r.IntN(2)]
	class, at := kind+":", 0
	for i := 0; i < 3 && at < n-1; i++ {
		least := at + r.IntN(2)
		most := min(least+r.IntN(3), n-2)
		if least > most {
			break
		}
		class += fmt.Sprintf("k%d=%d-%d,", i, least, most)
		at = most + 1
	}
	if class == kind+":" {
		class += "k0=0,"
	}
	return setting.PartitionerOf(class + "*=hash").String()
}

func randomKey(r *rand.Rand) []byte {
	switch r.IntN(4) {
	case 0:
		return nil
	case 1:
		return fmt.Appendf(nil, "k%d", r.IntN(4))
	default:
		return fmt.Appendf(nil, "k%d-%d", r.IntN(4), r.IntN(1000))
	}
}

// Every record lands where its partitioner.class allows it, whatever is sent
// besides, and records without a key never at a VIP's.
func TestEveryRecordLandsInAnAllowedPartition(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 94))
	for range 300 {
		n := 1 + r.IntN(30)
		o := standard()
		o.Class = randomClass(r, n)
		view := setting.PartitionerOf(o.Class)
		b := newBench(o)
		for range 200 {
			record := unkeyed(r.IntN(4000))
			record.Key = randomKey(r)
			if r.IntN(20) == 0 {
				b.weighed(n, r)
			}
			p := b.sent(record, n, r.IntN(4) == 0)
			if p < 0 || p >= n {
				t.Fatalf("%q among %d: %q went to %d", o.Class, n, record.Key, p)
			}
			for _, s := range view.Sets {
				inside, vip := p >= s.Least && p <= s.Most, view.Kind == "vip"
				named := vip && string(record.Key) == s.Name || !vip && len(record.Key) >= 2 && string(record.Key[:2]) == s.Name
				if named && !inside || vip && inside && !named {
					t.Fatalf("%q among %d: %q went to %d", o.Class, n, record.Key, p)
				}
			}
		}
	}
}

// weighed tells the partitioner of random queues.
func (b bench) weighed(n int, r *rand.Rand) {
	b.of.Weigh("t", func(p int, _ int64) Waiting {
		return Waiting{Batches: r.IntN(5), Out: p < n-1 && r.IntN(4) == 0}
	})
}

// Partitions that are added take keys over and shift none between the old ones
// where the remainder is the same; sets keep theirs.
func TestAddedPartitionsMoveAsTold(t *testing.T) {
	const keys = 40_000
	for _, tt := range []struct {
		class    string
		from, to int
		share    float64 // of the keys that are hashed over the rest
	}{
		{"", 6, 12, 0.5},
		{"", 6, 8, 0.75},
		{"", 6, 7, 1 - 6.0/42},
		{"", 6, 6, 0},
		{"hash:crc32", 4, 8, 0.5},
		{"hash:fnv1a", 4, 6, 1 - 4.0/12},
		{"prefix:KR=0-3,*=hash", 6, 12, 0.5},
		{"prefix:KR=0-3,*=4-5", 6, 12, 0},
		{"vip:KR-1=0,*=hash", 6, 11, 0.5},
		{"vip:KR-1=0-1,*=hash", 6, 8, 1 - 4.0/12},
	} {
		before, after := NewPlacer(tt.class, false, tt.from), NewPlacer(tt.class, false, tt.to)
		if got := MovedShare(before.Rest(), after.Rest()); got < tt.share-1e-9 || got > tt.share+1e-9 {
			t.Errorf("%q from %d to %d: share %v, want %v", tt.class, tt.from, tt.to, got, tt.share)
		}
		moved := 0
		for i := range keys {
			key := fmt.Sprintf("%s-%d", []string{"KR", "US"}[i%2], i)
			p, _ := before.Place([]byte(key))
			q, _ := after.Place([]byte(key))
			if p == q {
				continue
			}
			if _, named := before.set([]byte(key)); named {
				t.Errorf("%q from %d to %d: %s is named and moves from %d to %d", tt.class, tt.from, tt.to, key, p, q)
			}
			moved++
		}
		hashed := float64(keys)
		if tt.class == "prefix:KR=0-3,*=hash" || tt.class == "prefix:KR=0-3,*=4-5" {
			hashed /= 2
		}
		if got := float64(moved) / hashed; got < tt.share-0.02 || got > tt.share+0.02 {
			t.Errorf("%q from %d to %d: %.3f of the keys move, want about %.3f", tt.class, tt.from, tt.to, got, tt.share)
		}
	}
	if MovedShare(0, 5) != 0 || MovedShare(1_000_000, 999_999) < 0.99 {
		t.Error("the share of nothing, or of a million partitions, is wrong")
	}
}

// Records without a key stay with one partition until its batch is full, as
// with the built-in partitioner, and spread evenly over those of *.
func TestUnkeyedRecordsStickUnderEveryHash(t *testing.T) {
	for class, over := range map[string][]int{
		"hash:crc32":               {0, 1, 2, 3, 4, 5},
		"hash:fnv1a":               {0, 1, 2, 3, 4, 5},
		"prefix:KR=0-3,*=hash":     {0, 1, 2, 3, 4, 5},
		"prefix:KR=0-3,*=4-5":      {4, 5},
		"vip:gold=0,b=3,*=hash":    {1, 2, 4, 5},
		"vip:a=0,b=1,c=2-4,*=hash": {5},
	} {
		o := standard()
		o.Class = class
		b := newBench(o)
		per := fits(200)
		first := b.sent(unkeyed(200), 6, true)
		for i := 1; i < per; i++ {
			if p := b.sent(unkeyed(200), 6, false); p != first {
				t.Fatalf("%s: record %d of %d left for %d", class, i, per, p)
			}
		}
		for range 6000 {
			b.sent(unkeyed(16384), 6, true)
		}
		for p, n := range b.of.Accepted("t") {
			even := int64(6000 / len(over))
			if !slices.Contains(over, p) && n > 0 || slices.Contains(over, p) && (n < even*8/10 || n > even*12/10+100) {
				t.Errorf("%s: partition %d got %d, want about %d over %v", class, p, n, even, over)
			}
		}
	}
}

// Adding partitions while records flow puts the next key where it belongs then.
func TestRulesFollowTheTopicsPartitions(t *testing.T) {
	for _, class := range []string{"", "hash:crc32", "hash:fnv1a", "prefix:k1=0-1,*=hash", "vip:k1=1,*=hash"} {
		o := standard()
		o.Class = class
		b := newBench(o)
		r := rand.New(rand.NewPCG(5, 5))
		for _, n := range []int{3, 3, 8, 5, 13} { // stale metadata may shrink it for a while
			placer := NewPlacer(class, false, n)
			for range 300 {
				record := &kgo.Record{Key: fmt.Appendf(nil, "k%d", r.IntN(50)), Value: make([]byte, 10)}
				want, _ := placer.Place(record.Key)
				if got := b.sent(record, n, r.IntN(3) == 0); got != want {
					t.Fatalf("%q among %d: %s went to %d, want %d", class, n, record.Key, got, want)
				}
				if p := b.sent(unkeyed(5000), n, r.IntN(3) == 0); p < 0 || p >= n {
					t.Fatalf("%q among %d: a record without a key went to %d", class, n, p)
				}
			}
		}
	}
}

func TestPlacingAllocatesNothing(t *testing.T) {
	key, empty := []byte("KR-0001"), []byte{}
	for _, class := range []string{"", "hash:crc32", "hash:fnv1a", "prefix:US=1-2,KR=3-4,*=hash", "vip:US=1-2,KR-0001=3-4,*=hash"} {
		o := standard()
		o.Class = class
		topic := New(o, silent{}).ForTopic("t").(*topic)
		records := []*kgo.Record{{Key: key}, {Key: empty}, {}, {Key: []byte("other")}}
		topic.Partition(records[0], 6)
		got := testing.AllocsPerRun(100, func() {
			for _, r := range records {
				topic.Partition(r, 6)
				topic.OnNewBatch()
				topic.Partition(r, 6)
			}
		})
		if got > 0 {
			t.Errorf("%q: %v allocations for four records, want none", class, got)
		}
	}
}

func TestRestIsWhatNobodyOwns(t *testing.T) {
	for class, want := range map[string]int{
		"": 9, "round-robin": 9, "prefix:a=0-3,*=hash": 9, "prefix:a=0-3,*=4-5": 2, "vip:a=0-3,b=8,*=hash": 4, "vip:a=0-8,*=hash": 0,
	} {
		p := NewPlacer(class, false, 9)
		if got := p.Rest(); got != want {
			t.Errorf("%q: got %d, want %d", class, got, want)
		}
		if got, want := p.Assigns(), strings.Contains(class, "="); got != want {
			t.Errorf("%q: names keys: %v, want %v", class, got, want)
		}
	}
	if diff := cmp.Diff([]int{4, 5, 6, 7}, NewPlacer("vip:a=0-3,b=8,*=hash", false, 9).rest); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
