package partition

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/setting"
)

// The vectors of org.apache.kafka.common.utils.UtilsTest.testMurmur2.
func TestMurmur2EqualsKafkas(t *testing.T) {
	for key, want := range map[string]int32{
		"21":                         -973932308,
		"foobar":                     -790332482,
		"a-little-bit-long-string":   -985981536,
		"a-little-bit-longer-string": -1486304829,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
		"abc": 479470107,
	} {
		if got := int32(murmur2([]byte(key))); got != want {
			t.Errorf("%q: got %d, want %d", key, got, want)
		}
	}
}

func TestHashEqualsTheClientsOwn(t *testing.T) {
	theirs := kgo.StickyKeyPartitioner(nil).ForTopic("t")
	r := rand.New(rand.NewPCG(2, 2))
	for range 20_000 {
		key := randomBytes(r, r.IntN(40))
		n := 1 + r.IntN(1000)
		if got, want := Hash(key, n), theirs.Partition(&kgo.Record{Key: key}, n); got != want {
			t.Fatalf("%x among %d: got %d, want %d", key, n, got, want)
		}
	}
}

func FuzzHashStaysWithinThePartitions(f *testing.F) {
	f.Add([]byte(""), 1)
	f.Add([]byte("abcde"), 7)
	theirs := kgo.StickyKeyPartitioner(nil).ForTopic("t")
	f.Fuzz(func(t *testing.T, key []byte, n int) {
		if n < 1 || n > 1<<20 || key == nil {
			return
		}
		if got, want := Hash(key, n), theirs.Partition(&kgo.Record{Key: key}, n); got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	})
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// pick is what an observer was told of one record, last.
type pick struct {
	Partition int
	Number    int64
	Opens     bool
}

// full is what an observer was told of a full batch.
type full struct {
	Partition int
	Number    int64
	Leaves    bool
}

// listener is an observer that remembers.
type listener struct {
	mu    sync.Mutex
	pins  map[*kgo.Record]int
	picks map[*kgo.Record]pick
	fulls []full
}

func newListener() *listener {
	return &listener{pins: map[*kgo.Record]int{}, picks: map[*kgo.Record]pick{}}
}

func (l *listener) Pin(r *kgo.Record) (int, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p, ok := l.pins[r]
	return p, ok
}

func (l *listener) Picked(r *kgo.Record, p int, number int64, opens bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.picks[r] = pick{p, number, opens}
}

func (l *listener) Full(_ *kgo.Record, p int, number int64, leaves bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fulls = append(l.fulls, full{p, number, leaves})
}

// bench is one topic's partitioner and its listener.
type bench struct {
	*listener
	topic *topic
	of    *Partitioner
}

func newBench(o Options) bench {
	l := newListener()
	p := New(o, l)
	return bench{listener: l, of: p, topic: p.ForTopic("t").(*topic)}
}

// sent puts a record the way the client does: once, and once more if it would
// open a batch there.
func (b bench) sent(r *kgo.Record, n int, opens bool) int {
	p := b.topic.Partition(r, n)
	if opens && p >= 0 {
		b.topic.OnNewBatch()
		p = b.topic.Partition(r, n)
	}
	return p
}

func unkeyed(bytes int) *kgo.Record {
	return &kgo.Record{Value: make([]byte, bytes), Timestamp: time.Unix(1, 0)}
}

func standard() Options { return Options{BatchBytes: 16384, LimitBytes: 16384} }

func TestKeysGoWhereJavaPutsThem(t *testing.T) {
	theirs := kgo.StickyKeyPartitioner(nil).ForTopic("t")
	r := rand.New(rand.NewPCG(4, 4))
	b := newBench(standard())
	for range 2000 {
		record := unkeyed(10)
		record.Key = randomBytes(r, r.IntN(20))
		want := theirs.Partition(record, 12)
		if got := b.sent(record, 12, r.IntN(2) == 0); got != want {
			t.Errorf("key %x: got %d, want %d", record.Key, got, want)
		}
	}
}

func TestEmptyKeyIsHashedAndNoKeyIsNot(t *testing.T) {
	const n = 1000
	empty, missing := map[int]bool{}, map[int]bool{}
	for seed := range uint64(50) {
		o := standard()
		o.Seed = seed
		record := unkeyed(10)
		record.Key = []byte{}
		empty[newBench(o).sent(record, n, true)] = true
		missing[newBench(o).sent(unkeyed(10), n, true)] = true
	}
	if len(empty) != 1 || !empty[Hash(nil, n)] {
		t.Errorf("empty keys went to %v, want only %d", empty, Hash(nil, n))
	}
	if len(missing) < 40 {
		t.Errorf("records without a key went to %d partitions of %d, want nearly 50", len(missing), n)
	}
}

func TestIgnoreKeysTreatsThemAsNone(t *testing.T) {
	o := standard()
	o.IgnoreKeys = true
	with, without := newBench(o), newBench(o)
	for i := range 1000 {
		keyed := unkeyed(1000)
		keyed.Key = fmt.Append(nil, i%10)
		bare := unkeyed(1001) // as many bytes
		opens := i%15 == 0
		if got, want := with.sent(keyed, 12, opens), without.sent(bare, 12, opens); got != want {
			t.Fatalf("record %d: got %d, want %d as without a key", i, got, want)
		}
	}
}

func TestRoundRobinIsExactlyEven(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	o := standard()
	o.Class = setting.RoundRobin
	b := newBench(o)
	for i := range 7 * 500 {
		record := unkeyed(10)
		if i%3 == 0 {
			record.Key = []byte("a key changes nothing")
		}
		if got, want := b.sent(record, 7, r.IntN(3) == 0), i%7; got != want {
			t.Fatalf("record %d: got %d, want %d", i, got, want)
		}
	}
	want := []int64{500, 500, 500, 500, 500, 500, 500}
	if diff := cmp.Diff(want, b.of.Accepted("t")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPartitionsWithoutALeaderAreLeftOut(t *testing.T) {
	for _, class := range []string{setting.BuiltIn, setting.RoundRobin} {
		for _, dead := range []map[int]bool{{}, {0: true, 2: true}, {0: true, 1: true, 2: true, 3: true, 4: true}} {
			o := standard()
			o.Class = class
			o.Led = func(topic string, p int) bool { return topic == "t" && !dead[p] }
			b := newBench(o)
			for range 6000 {
				b.sent(unkeyed(16384), 6, true)
			}
			even := int64(6000 / (6 - len(dead)))
			for p, n := range b.of.Accepted("t") {
				switch {
				case dead[p] && n > 0:
					t.Errorf("%q without %v: partition %d got %d", class, dead, p, n)
				case !dead[p] && (n < even*8/10 || n > even*12/10):
					t.Errorf("%q without %v: partition %d got %d, want about %d", class, dead, p, n, even)
				}
			}
			keyed := unkeyed(10)
			keyed.Key = []byte("k")
			if got, want := b.sent(keyed, 6, true), Hash(keyed.Key, 6); class == setting.BuiltIn && got != want {
				t.Errorf("a key moved from %d to %d because of leaders", want, got)
			}
		}
	}
}

func TestNoLeaderAtAllStillPicks(t *testing.T) {
	for _, class := range []string{setting.BuiltIn, setting.RoundRobin} {
		o := standard()
		o.Class = class
		o.Led = func(string, int) bool { return false }
		b := newBench(o)
		for range 100 {
			if p := b.sent(unkeyed(9000), 3, true); p < 0 || p > 2 {
				t.Fatalf("%q: got %d, want one of three", class, p)
			}
		}
	}
}

// The batch limit is the client's: the record that no longer fits is asked
// about again.
func fits(bytes int) int {
	b, n := batch{}, 0
	for b.add(unkeyed(bytes)); b.bytes <= 16384; b.add(unkeyed(bytes)) {
		n++
	}
	return n
}

func TestStickyLeavesAtTheEndOfAFullBatch(t *testing.T) {
	b := newBench(standard())
	per := fits(200)
	first := b.sent(unkeyed(200), 6, true)
	for i := 1; i < per; i++ {
		if p := b.sent(unkeyed(200), 6, false); p != first {
			t.Fatalf("record %d of %d left for %d", i, per, p)
		}
	}
	next := b.sent(unkeyed(200), 6, true)
	if next == first {
		t.Errorf("it stays at %d although its batch is full", first)
	}
	if diff := cmp.Diff([]full{{first, int64(per), true}}, b.fulls); diff != "" {
		t.Errorf("full batches (-want +got):\n%s", diff)
	}
}

// A large record that does not fit leaves, and smaller ones with a key still
// go into the batch that it left: it ends later than it was told.
func TestSmallerRecordsSlipIntoAFullBatch(t *testing.T) {
	b := newBench(standard())
	keyed := func(bytes int) *kgo.Record {
		r := unkeyed(bytes)
		r.Key = []byte{0}
		for i := byte(0); Hash(r.Key, 6) != b.topic.sticky; i++ {
			r.Key = []byte{i}
		}
		return r
	}
	first := b.sent(unkeyed(9000), 6, true)
	small, large := keyed(300), keyed(7000)
	b.sent(unkeyed(9000), 6, true)
	b.sent(small, 6, false)
	b.sent(large, 6, true)
	want := []full{{first, 1, true}, {first, 2, false}}
	if diff := cmp.Diff(want, b.fulls); diff != "" {
		t.Errorf("full batches (-want +got):\n%s", diff)
	}
}

func TestFullBatchIsToldOnce(t *testing.T) {
	b := newBench(standard())
	first := b.sent(unkeyed(9000), 6, true)
	b.sent(unkeyed(9000), 6, true)
	// It was told and has left; a record that would not have fitted opens the next.
	back := unkeyed(9000)
	b.pins[back] = first
	b.sent(back, 6, true)
	if diff := cmp.Diff([]full{{first, 1, true}}, b.fulls); diff != "" {
		t.Errorf("full batches (-want +got):\n%s", diff)
	}
}

func TestStickyStaysWhileBatchesLeaveHalfEmpty(t *testing.T) {
	b := newBench(standard())
	first := b.sent(unkeyed(200), 6, true)
	sent := 1
	for produced := 211; produced+211 < 16384; produced += 211 {
		// Every fifth record finds that linger has sent the batch away.
		if p := b.sent(unkeyed(200), 6, sent%5 == 0); p != first {
			t.Fatalf("record %d left for %d, %d bytes in all", sent, p, produced)
		}
		sent++
	}
	for range 2 {
		b.sent(unkeyed(200), 6, false)
	}
	if p := b.sent(unkeyed(200), 6, true); p == first {
		t.Errorf("it stays at %d with batch.size bytes there and no batch open", first)
	}
	if len(b.fulls) != 0 {
		t.Errorf("got %v, want no full batch", b.fulls)
	}
}

func TestStickyIsForcedAwayAtTwiceTheBatch(t *testing.T) {
	b := newBench(standard())
	first, bytes := b.sent(unkeyed(200), 6, true), 0
	for n := 1; ; n++ {
		// Nothing ever opens a batch here: keyed records do that.
		if p := b.sent(unkeyed(200), 6, false); p != first {
			break
		}
		bytes = n * 209
		if bytes > 3*16384 {
			t.Fatalf("still at %d after %d bytes", first, bytes)
		}
	}
	if bytes < 2*16384-500 || bytes > 2*16384+500 {
		t.Errorf("left after %d bytes, want about %d", bytes, 2*16384)
	}
}

func TestRecordLargerThanABatchMovesOnEachTime(t *testing.T) {
	b := newBench(Options{BatchBytes: 16384, LimitBytes: 20200})
	last := -1
	for range 100 {
		p := b.sent(unkeyed(20000), 6, true)
		if p == last {
			t.Fatalf("two large records in a row went to %d", p)
		}
		last = p
	}
}

func TestStickyChoiceIsEvenAndFollowsTheSeed(t *testing.T) {
	counts := make([]int, 6)
	a, b := newBench(standard()), newBench(standard())
	for range 6000 {
		p := a.sent(unkeyed(16384), 6, true)
		counts[p]++
		if q := b.sent(unkeyed(16384), 6, true); p != q {
			t.Fatalf("the same seed chose %d and %d", p, q)
		}
	}
	for p, n := range counts {
		if n < 850 || n > 1150 {
			t.Errorf("partition %d was chosen %d times of 6000, want about 1000", p, n)
		}
	}
}

func TestPinnedRecordStaysAndRefusedOneIsNotCounted(t *testing.T) {
	for _, class := range []string{setting.BuiltIn, setting.RoundRobin} {
		o := standard()
		o.Class = class
		b := newBench(o)
		for i := range 100 {
			r := unkeyed(5000)
			b.pins[r] = i % 4
			if p := b.sent(r, 4, i%3 == 0); p != i%4 {
				t.Fatalf("%q: pinned to %d, got %d", class, i%4, p)
			}
		}
		for _, pin := range []int{-1, 4, 99} {
			r := unkeyed(10)
			b.pins[r] = pin
			if p := b.sent(r, 4, true); p != -1 {
				t.Errorf("%q: pinned to %d of 4, got %d, want a refusal", class, pin, p)
			}
			if _, told := b.picks[r]; told {
				t.Errorf("%q: the observer was told of a refused record", class)
			}
		}
		if diff := cmp.Diff([]int64{25, 25, 25, 25}, b.of.Accepted("t")); diff != "" {
			t.Errorf("%q: (-want +got):\n%s", class, diff)
		}
		if p := b.sent(unkeyed(10), 4, true); class == setting.RoundRobin && p != 0 {
			t.Errorf("pinned records moved the turn to %d", p)
		}
	}
}

func TestPartitionsGrow(t *testing.T) {
	b := newBench(standard())
	if got := b.of.Accepted("t"); len(got) != 0 {
		t.Errorf("got %v before the first record", got)
	}
	if got := b.of.Accepted("unknown"); got != nil {
		t.Errorf("got %v of a topic that is not there", got)
	}
	total := int64(0)
	for _, n := range []int{2, 2, 5, 3, 9} { // stale metadata may shrink it for a while
		for range 1000 {
			if p := b.sent(unkeyed(16384), n, true); p < 0 || p >= n {
				t.Fatalf("got %d of %d", p, n)
			}
			total++
		}
	}
	counts := b.of.Accepted("t")
	for p, n := range counts {
		if n == 0 {
			t.Errorf("partition %d of %d got nothing", p, len(counts))
		}
		total -= n
	}
	if total != 0 || len(counts) != 9 {
		t.Errorf("got %v, off by %d", counts, total)
	}
}

// Whatever happens, each partition's numbers are 0, 1, 2, ... in the order in
// which records were settled, and the counts are as many.
func TestNumbersAreConsecutive(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, class := range []string{setting.BuiltIn, setting.RoundRobin, setting.HashCRC32, setting.HashFNV1a, "prefix:a=0-1,*=hash", "vip:a=0,*=hash"} {
		o := standard()
		o.Class = class
		b := newBench(o)
		next := make([]int64, 8)
		for range 20_000 {
			record := unkeyed(r.IntN(3000))
			switch r.IntN(4) {
			case 0:
				record.Key = append([]byte("aabb")[r.IntN(4):][:1], randomBytes(r, r.IntN(8))...)
			case 1:
				b.pins[record] = r.IntN(9) - 1
			}
			n := 4 + r.IntN(5)
			opens := r.IntN(6) == 0
			p := b.sent(record, n, opens)
			if p < 0 {
				continue
			}
			if got, want := b.picks[record], (pick{p, next[p], opens}); got != want {
				t.Fatalf("%q: got %+v, want %+v", class, got, want)
			}
			next[p]++
		}
		if diff := cmp.Diff(next, b.of.Accepted("t")); diff != "" {
			t.Errorf("%q: (-want +got):\n%s", class, diff)
		}
	}
}

func TestEachTopicIsCountedApart(t *testing.T) {
	p := New(standard(), newListener())
	a, b := p.ForTopic("a"), p.ForTopic("b")
	a.Partition(unkeyed(1), 1)
	a.Partition(unkeyed(1), 1)
	b.Partition(unkeyed(1), 2)
	if got := p.Accepted("a"); !cmp.Equal(got, []int64{2}) {
		t.Errorf("a: got %v, want [2]", got)
	}
	if got := p.Accepted("b"); len(got) != 2 || got[0]+got[1] != 1 {
		t.Errorf("b: got %v, want one record", got)
	}
}
