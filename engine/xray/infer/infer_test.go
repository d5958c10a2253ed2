package infer

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
	"kdyno/telemetry/report"
)

// producer is a simulated one with a single broker: an accumulator as Java's, in
// steps of 50 microseconds.
type producer struct {
	linger  time.Duration
	size    int // batch.size
	slots   int
	parts   int
	spread  string
	record  int     // bytes
	rate    float64 // records per second
	answer  time.Duration
	acks    int16
	numbers bool
	noise   time.Duration // by how much sends are late, at most
	// every flushes after so many records, as an application does that waits.
	every int
	codec string // none if empty
}

type filling struct {
	first, last time.Duration
	records     int
}

func (f *filling) bytes(record int) int { return headerBytes + f.records*record }

// run simulates so long and takes all requests in.
func (p producer) run(seed uint64, long time.Duration) *Evidence {
	const step = 50 * time.Microsecond
	r := rand.New(rand.NewPCG(seed, 7))
	if p.codec == "" {
		p.codec = "none"
	}
	var e Evidence
	queues := make([][]filling, p.parts)
	var answers []time.Duration // when those in flight are answered
	var lastAnswer time.Duration
	due, at, sinceSwitch, made := 0.0, 0, 0, 0
	begun := time.Duration(1e15)
	for now := begun; now < begun+long; now += step {
		for len(answers) > 0 && answers[0] <= now {
			lastAnswer = answers[0]
			answers = answers[1:]
		}
		for due += p.rate * step.Seconds(); due >= 1; due-- {
			at = p.next(r, at, &sinceSwitch)
			q := &queues[at]
			if n := len(*q); n == 0 || (*q)[n-1].bytes(p.record)+p.record > p.size {
				*q = append(*q, filling{first: now})
			}
			b := &(*q)[len(*q)-1]
			b.records++
			b.last = now
			sinceSwitch += p.record
			made++
		}
		ready := false
		for _, q := range queues {
			ready = ready || len(q) > 1 || len(q) == 1 && (now-q[0].first >= p.linger || q[0].bytes(p.record)+p.record > p.size)
		}
		ready = ready || p.every > 0 && made > 0 && made%p.every == 0
		if !ready || len(answers) >= p.slots || r.IntN(2) == 0 && p.noise > 0 {
			continue
		}
		came := now + 150*time.Microsecond + time.Duration(r.Int64N(int64(p.noise)+1))
		req := Request{Acks: p.acks, TimeoutMs: 30000, First: e.requests == 0}
		for part := range queues {
			if len(queues[part]) == 0 {
				continue
			}
			b := queues[part][0]
			queues[part] = queues[part][1:]
			req.Batches = append(req.Batches, Batch{
				Partition: int32(part), Partitions: p.parts, Records: int32(b.records), Bytes: int32(b.bytes(p.record)),
				Codec: p.codec, Idempotent: p.numbers, FirstMs: b.first.Milliseconds(), LastMs: b.last.Milliseconds(),
				Age: came - b.first.Truncate(time.Millisecond), Timed: true,
			})
		}
		if len(req.Batches) == 0 {
			continue
		}
		made = 0
		if p.acks != 0 {
			answers = append(answers, came+p.answer+time.Duration(r.Int64N(int64(p.answer/4)+1)))
			req.InFlight = len(answers)
			if lastAnswer > 0 {
				req.Answered = came - lastAnswer
			}
		}
		e.Add(&req)
	}
	return &e
}

// next is the next record's partition.
func (p *producer) next(r *rand.Rand, at int, sinceSwitch *int) int {
	switch p.spread {
	case RoundRobin:
		return (at + 1) % p.parts
	case Keyed:
		return r.IntN(p.parts)
	default:
		if *sinceSwitch < p.size {
			return at
		}
		*sinceSwitch = 0
		return r.IntN(p.parts)
	}
}

func number(t *testing.T, i report.Inferred) int {
	t.Helper()
	n, err := strconv.Atoi(i.Value)
	if err != nil {
		t.Fatalf("value %q of %+v", i.Value, i)
	}
	return n
}

// What is found out of a producer whose settings are known: linger within 2 ms,
// batch.size at least what is told, and the partitioner.
func TestSettingsAreFoundOut(t *testing.T) {
	for _, spread := range []string{Sticky, RoundRobin, Keyed} {
		for _, linger := range []int{0, 5, 20, 100} {
			for _, rate := range []float64{50, 2000, 20000} {
				p := producer{
					linger: time.Duration(linger) * time.Millisecond, size: 16384, slots: 5, parts: 6, spread: spread, record: 110,
					rate: rate, answer: 700 * time.Microsecond, acks: -1, numbers: true, noise: 200 * time.Microsecond,
				}
				name := fmt.Sprintf("%s, linger %d, %v/s", spread, linger, rate)
				got := p.run(uint64(linger), 20*time.Second).Settings()
				found, ok := got["linger.ms"]
				if !ok {
					t.Errorf("%s: nothing is said of linger.ms", name)
					continue
				}
				n := number(t, found)
				switch {
				case found.Sure == report.Estimate && (n < linger-2 || n > linger+2):
					t.Errorf("%s: linger.ms is %+v", name, found)
				case found.Sure == report.Bound && n > linger+1:
					t.Errorf("%s: linger.ms is at least %+v", name, found)
				}
				if size, ok := got["batch.size"]; ok && (size.Sure != report.Bound || number(t, size) > 16384) {
					t.Errorf("%s: batch.size is %+v", name, size)
				}
				if got := got["partitioner.class"].Value; got != spread && rate > 50 && linger > 0 {
					t.Errorf("%s: the partitioner is %q: %s", name, got, "want "+spread)
				}
			}
		}
	}
}

// A producer that is held back says how many requests it keeps in flight; one
// that is not gives a bound, and never one that is too high.
func TestSlotsAreFoundOut(t *testing.T) {
	for _, slots := range []int{1, 2, 5} {
		p := producer{
			linger: 5 * time.Millisecond, size: 16384, slots: slots, parts: 6, spread: Sticky, record: 110, rate: 1_000_000,
			answer: 4 * time.Millisecond, acks: 1,
		}
		flat := p.run(uint64(slots), 5*time.Second).Settings()["max.in.flight.requests.per.connection"]
		if flat.Sure != report.Estimate || flat.Value != strconv.Itoa(slots) {
			t.Errorf("%d slots, flat out: %+v", slots, flat)
		}
		p.rate, p.answer = 500, 300*time.Microsecond
		quiet := p.run(uint64(slots), 20*time.Second).Settings()["max.in.flight.requests.per.connection"]
		if quiet.Sure != report.Bound || number(t, quiet) > slots {
			t.Errorf("%d slots, quiet: %+v", slots, quiet)
		}
	}
}

// Flat out nothing is held open, so that linger is only bounded, and batches end
// where batch.size does.
func TestFullBatchesTellTheirSize(t *testing.T) {
	for _, size := range []int{16384, 32768, 65536, 100_000} {
		p := producer{
			linger: 50 * time.Millisecond, size: size, slots: 5, parts: 6, spread: Sticky, record: 110, rate: 100_000,
			answer: time.Millisecond, acks: -1, numbers: true,
		}
		got := p.run(1, 5*time.Second).Settings()
		found := got["batch.size"]
		if found.Likely != strconv.Itoa(size) || number(t, found) > size || number(t, found) < size-110 {
			t.Errorf("batch.size %d is %+v", size, found)
		}
		if linger := got["linger.ms"]; linger.Value != "" && (linger.Sure != report.Bound || number(t, linger) > 50) {
			t.Errorf("batch.size %d: linger.ms is %+v", size, linger)
		}
	}
}

// Java fills a compressed batch until it would be full by how well records have
// compressed: that such a batch left says nothing of linger but a bound.
func TestFullCompressedBatchesOnlyBoundLinger(t *testing.T) {
	for rate, full := range map[float64]bool{10_000: true, 2000: false} {
		p := producer{
			linger: 20 * time.Millisecond, size: 15_600, slots: 5, parts: 6, spread: Sticky, record: 110, rate: rate, codec: "lz4",
			answer: time.Millisecond, acks: -1, numbers: true, noise: 200 * time.Microsecond,
		}
		got := p.run(1, 20*time.Second).Settings()["linger.ms"]
		if n := number(t, got); full && (got.Sure != report.Bound || n > 20) || !full && (got.Sure != report.Estimate || n < 18 || n > 22) {
			t.Errorf("%v/s: linger.ms is %+v", rate, got)
		}
	}
}

func TestWhatTheWireSaysIsExact(t *testing.T) {
	var e Evidence
	e.Add(&Request{
		Acks: -1, TimeoutMs: 15000, TransactionalID: "payments", InFlight: 1,
		Batches: []Batch{{Codec: "zstd", Idempotent: true, Records: 1, Bytes: 80}},
	})
	want := map[string]report.Sure{
		"acks": report.Exact, "enable.idempotence": report.Exact, "transactional.id": report.Exact, "compression.type": report.Exact,
		"request.timeout.ms": report.Exact, "max.in.flight.requests.per.connection": report.Bound,
	}
	sure, value := map[string]report.Sure{}, map[string]string{}
	for key, i := range e.Settings() {
		sure[key], value[key] = i.Sure, i.Value
		if i.Because == "" {
			t.Errorf("%s: nobody knows why", key)
		}
	}
	if d := cmp.Diff(want, sure); d != "" {
		t.Errorf("sure (-want +got):\n%s", d)
	}
	values := map[string]string{
		"acks": "all", "enable.idempotence": "true", "transactional.id": "payments", "compression.type": "zstd",
		"request.timeout.ms": "15000", "max.in.flight.requests.per.connection": "1",
	}
	if d := cmp.Diff(values, value); d != "" {
		t.Errorf("values (-want +got):\n%s", d)
	}
}

// Two producers of one name are not told as one that is sure.
func TestWhatContradictsIsNotExact(t *testing.T) {
	var e Evidence
	for range 3 {
		e.Add(&Request{Acks: -1, TimeoutMs: 1, Batches: []Batch{{Codec: "lz4", Idempotent: true}}})
		e.Add(&Request{Acks: 1, TimeoutMs: 2, Batches: []Batch{{Codec: "none"}}})
	}
	e.Add(&Request{Acks: 1, TimeoutMs: 2, Batches: []Batch{{Codec: "none"}}})
	got := e.Settings()
	for key, value := range map[string]string{"acks": "1", "enable.idempotence": "false", "compression.type": "lz4", "request.timeout.ms": "2"} {
		if i := got[key]; i.Sure != report.Estimate || i.Value != value {
			t.Errorf("%s is %+v, want an estimate of %s", key, i, value)
		}
	}
}

func TestRetriesAreBoundedOrMissing(t *testing.T) {
	var e Evidence
	e.Add(&Request{Acks: 1, Batches: []Batch{{Codec: "none"}}})
	if i, said := e.Settings()["retries"]; said {
		t.Errorf("retries are %+v before anything failed", i)
	}
	e.GaveUp(3)
	if i := e.Settings()["retries"]; i.Value != "0" || i.Sure != report.Estimate {
		t.Errorf("retries are %+v after three batches were given up", i)
	}
	e.Add(&Request{Acks: 1, Batches: []Batch{{Codec: "none", Again: true}}})
	if i := e.Settings()["retries"]; i.Value != "1" || i.Sure != report.Bound {
		t.Errorf("retries are %+v after one", i)
	}
}

// The values that a producer of ours gets, and the guarantee that follows.
func TestValuesForAProducerOfOurs(t *testing.T) {
	settings := map[string]report.Inferred{
		"acks":                                  exact("1", ""),
		"enable.idempotence":                    exact("false", ""),
		"compression.type":                      exact("lz4", ""),
		"linger.ms":                             estimate("20", ""),
		"batch.size":                            {Value: "65400", Sure: report.Bound, Likely: "65536"},
		"max.in.flight.requests.per.connection": bound("2", ""),
		"retries":                               bound("1", ""),
		"transactional.id":                      exact("payments", ""),
		"partitioner.class":                     estimate(RoundRobin, ""),
		"request.timeout.ms":                    exact("nonsense", ""),
	}
	v := Values(settings, "orders")
	want := map[string]string{
		"acks": "1", "enable.idempotence": "false", "compression.type": "lz4", "linger.ms": "20", "batch.size": "65536",
		"partitioner.class": setting.RoundRobin, "client.id": "orders",
	}
	if d := cmp.Diff(want, v.SetMap()); d != "" {
		t.Errorf("values (-want +got):\n%s", d)
	}
	if problems := setting.Check(v, setting.Facts{}); len(problems) > 0 && problems[0].Severity == setting.Error {
		t.Errorf("they are refused: %+v", problems[0])
	}
}

// What is kept of a producer does not grow with what it does.
func TestEvidenceIsBounded(t *testing.T) {
	var e Evidence
	for i := range 5000 {
		e.Add(&Request{
			Acks: int16(i), TimeoutMs: int32(i), InFlight: 1, Answered: time.Second,
			Batches: []Batch{{Topic: i, Partition: int32(i * 7), Codec: strconv.Itoa(i), Records: 3, Bytes: 300, Timed: true}},
		})
	}
	if len(e.acks.seen) > mostKinds || len(e.codec.seen) > mostKinds || len(e.linger.ages) > samples || len(e.spread.topics) > mostTopics {
		t.Errorf("%d, %d, %d, %d are kept", len(e.acks.seen), len(e.codec.seen), len(e.linger.ages), len(e.spread.topics))
	}
	for _, topic := range e.spread.topics {
		if len(topic.parts) > mostParts {
			t.Errorf("%d partitions are kept", len(topic.parts))
		}
	}
}
