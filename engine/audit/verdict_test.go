package audit

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/workload"
	"kdyno/telemetry/report"
)

// A judge that finds nothing proves nothing: each case is a history with one
// thing wrong, or one that only looks so.
func TestEachAnomalyIsFound(t *testing.T) {
	const kept, violated, open = report.AuditKept, report.AuditViolated, report.AuditInconclusive
	cases := map[string]struct {
		plant func(*stand)
		want  report.Audit
		say   string
	}{
		"healthy": {
			func(*stand) {},
			report.Audit{Verdict: kept, Acked: 10, Found: 10},
			"All 10 acknowledged records are in the log, each once and in order.",
		},
		"acknowledged and nowhere": {
			func(s *stand) { s.send(10); s.ack(10, 0, 10) },
			report.Audit{Verdict: open, Acked: 11, Found: 10, Undecided: 1},
			"Not decided",
		},
		"acknowledged, and its offset is empty": {
			func(s *stand) { s.send(10); s.ack(10, 0, 10); s.wrote(11, 1); s.holds(0, 11, s.foreign()) },
			report.Audit{Verdict: violated, Acked: 12, Found: 11, Lost: 1, Foreign: 1},
			"1 of 12 acknowledged records is gone.",
		},
		"acknowledged, and another stands there": {
			func(s *stand) { s.send(10); s.ack(10, 0, 3) },
			report.Audit{Verdict: violated, Acked: 11, Found: 10, Lost: 1, Diverged: 1},
			"1 record is not at the offset that was acknowledged.",
		},
		"acknowledged at one offset, written at another": {
			func(s *stand) { s.send(10); s.ack(10, 0, 10); s.holds(0, 11, s.id(10)) },
			report.Audit{Verdict: violated, Acked: 11, Found: 11, Diverged: 1},
			"1 record is not at the offset that was acknowledged.",
		},
		"acknowledged in one partition, written in another": {
			func(s *stand) { s.send(10); s.ack(10, 1, 0); s.holds(0, 10, s.id(10)); s.holds(1, 1, s.foreign()) },
			report.Audit{Verdict: violated, Acked: 11, Found: 11, Diverged: 1, Foreign: 1},
			"",
		},
		"written twice by a producer that does not claim once": {
			func(s *stand) {
				id := s.id(10)
				s.Sent(id.Sending(), int64(id.Due), uint8(Kept))
				s.ack(10, 0, 11)
				s.holds(0, 10, id)
				s.holds(0, 11, id)
			},
			report.Audit{Verdict: kept, Acked: 11, Found: 11, Duplicated: 1, DuplicatedBy: report.DuplicatedBy{Retry: 1}},
			"All 11 acknowledged records are in the log, in order. 1 copy more than one: 1 by retries.",
		},
		"written three times by one that does": {
			func(s *stand) { s.wrote(10, 0); s.holds(0, 11, s.id(10)); s.holds(0, 12, s.id(10)) },
			report.Audit{Verdict: violated, Acked: 11, Found: 11, Duplicated: 2, DuplicatedBy: report.DuplicatedBy{Retry: 2}},
			"2 copies more than one: 2 by retries.",
		},
		"written again by the next producer": {
			func(s *stand) {
				id := s.id(10)
				s.Sent(id.Sending(), int64(id.Due), uint8(Kept))
				s.holds(0, 10, id)
				id.Run = 2
				s.Sent(id.Sending(), int64(id.Due), all)
				s.holds(0, 11, id)
				s.holds(0, 12, id)
				s.ack(10, 0, 11)
			},
			report.Audit{Verdict: kept, Acked: 11, Found: 11, Duplicated: 2, DuplicatedBy: report.DuplicatedBy{Swap: 1, Retry: 1}},
			"1 by retries, 1 by a change of producers",
		},
		"sent again by the application": {
			func(s *stand) {
				s.wrote(10, 0)
				again := s.copyOf(10)
				s.Sent(again.Sending(), int64(again.Due), all)
				s.Acked(again.Sending(), 1, 0, 1, 0)
				s.holds(1, 0, again)
			},
			report.Audit{Verdict: kept, Acked: 12, Found: 12, Duplicated: 1, DuplicatedBy: report.DuplicatedBy{Application: 1}},
			"1 by the application, which sent again",
		},
		"sent again by the application, and only that arrived": {
			func(s *stand) {
				s.send(10)
				s.fail(10, false)
				again := s.copyOf(10)
				s.Sent(again.Sending(), int64(again.Due), all)
				s.Acked(again.Sending(), 1, 0, 1, 0)
				s.holds(1, 0, again)
			},
			report.Audit{Verdict: kept, Acked: 11, Found: 11},
			"",
		},
		"sent again by the application, acknowledged and gone": {
			func(s *stand) {
				s.wrote(10, 0)
				again := s.copyOf(10)
				s.Sent(again.Sending(), int64(again.Due), all)
				s.Acked(again.Sending(), 1, 0, 1, 0)
				s.holds(1, 1, s.foreign())
			},
			report.Audit{Verdict: violated, Acked: 12, Found: 11, Lost: 1, Foreign: 1},
			"",
		},
		"out of order": {
			func(s *stand) {
				s.send(10, 11)
				s.ack(10, 0, 11)
				s.ack(11, 0, 10)
				s.holds(0, 11, s.id(10))
				s.holds(0, 10, s.id(11))
			},
			report.Audit{Verdict: violated, Acked: 12, Found: 12, Reordered: 1},
			"1 record is behind a later one of the same sender.",
		},
		"out of order by a producer that claims none": {
			func(s *stand) {
				for _, seq := range []uint64{10, 11} {
					id := s.id(seq)
					s.Sent(id.Sending(), int64(id.Due), uint8(Kept|Once))
				}
				s.ack(10, 0, 11)
				s.ack(11, 0, 10)
				s.holds(0, 10, s.id(11))
				s.holds(0, 11, s.id(10))
			},
			report.Audit{Verdict: kept, Acked: 12, Found: 12, Reordered: 1},
			"each once.",
		},
		"a late copy is not out of order": {
			func(s *stand) { s.plain(10); s.plain(11); s.holds(0, 12, s.id(10)) },
			report.Audit{Verdict: kept, Acked: 12, Found: 12, Duplicated: 1, DuplicatedBy: report.DuplicatedBy{Retry: 1}},
			"",
		},
		"a failed one that comes late breaks no claim of order": {
			func(s *stand) { s.send(10); s.fail(10, true); s.wrote(11, 0); s.holds(0, 11, s.id(10)) },
			report.Audit{Verdict: kept, Acked: 11, Found: 11, Reordered: 1, WrittenDespiteError: 1},
			"1 record is in the log though the producer gave up on it.",
		},
		"what the application sends again has its place there": {
			func(s *stand) {
				s.send(10)
				s.fail(10, false)
				s.wrote(11, 0)
				again := s.copyOf(10)
				s.Sent(again.Sending(), int64(again.Due), all)
				s.Acked(again.Sending(), 0, 11, 1, 0)
				s.holds(0, 11, again)
			},
			report.Audit{Verdict: kept, Acked: 12, Found: 12},
			"",
		},
		"failed for certain, and there": {
			func(s *stand) { s.send(10); s.fail(10, false); s.holds(0, 10, s.id(10)) },
			report.Audit{Verdict: violated, Acked: 10, Found: 10, Phantom: 1},
			"1 record that failed for certain is in the log all the same.",
		},
		"failed for certain, and there twice": {
			func(s *stand) { s.send(10); s.fail(10, false); s.holds(0, 10, s.id(10)); s.holds(0, 11, s.id(10)) },
			report.Audit{Verdict: violated, Acked: 10, Found: 10, Phantom: 1, Duplicated: 1, DuplicatedBy: report.DuplicatedBy{Retry: 1}},
			"",
		},
		"never handed over, and there": {
			func(s *stand) { s.holds(0, 10, s.id(99)); s.holds(0, 11, s.id(4*pageRecords)) },
			report.Audit{Verdict: violated, Acked: 10, Found: 10, Phantom: 2},
			"",
		},
		"failed for certain, and not there": {
			func(s *stand) { s.send(10); s.fail(10, false) },
			report.Audit{Verdict: kept, Acked: 10, Found: 10},
			"",
		},
		"unknown, and there": {
			func(s *stand) { s.send(10, 11); s.fail(10, true); s.fail(11, true); s.holds(0, 10, s.id(10)) },
			report.Audit{Verdict: kept, Acked: 10, Found: 10, WrittenDespiteError: 1},
			"",
		},
		"in flight": {
			func(s *stand) { s.send(10, 11); s.holds(0, 10, s.id(11)) },
			report.Audit{Verdict: open, Acked: 10, Found: 10, Undecided: 1},
			"10 of 10 acknowledged records were found in the log, none is known to be lost. Not decided: 1 records could not be followed to their end.",
		},
		"acks=0 and not there": {
			func(s *stand) {
				id := s.id(10)
				s.Sent(id.Sending(), int64(id.Due), uint8(Once))
				s.Acked(id.Sending(), 0, -1, 1, 0)
			},
			report.Audit{Verdict: kept, Acked: 11, Found: 10, NotDelivered: 1},
			"1 of 11 records with acks=0 never arrived; nothing was promised of them.",
		},
		"acks=0 and there twice": {
			func(s *stand) {
				id := s.id(10)
				s.Sent(id.Sending(), int64(id.Due), uint8(Once))
				s.Acked(id.Sending(), 0, -1, 1, 0)
				s.holds(0, 10, id)
				s.holds(0, 11, id)
			},
			report.Audit{Verdict: violated, Acked: 11, Found: 11, Duplicated: 1, DuplicatedBy: report.DuplicatedBy{Retry: 1}},
			"",
		},
		"corrupt where a record was acknowledged": {
			func(s *stand) { s.send(10); s.ack(10, 0, 10); s.corrupt(0, 10) },
			report.Audit{Verdict: violated, Acked: 11, Found: 10, Corrupt: 1},
			"1 record is not as it was sent.",
		},
		"of another audit, and of nobody": {
			func(s *stand) {
				s.holds(0, 10, workload.Identity{Test: s.test + 1, Seq: 10})
				s.holds(0, 11, s.foreign())
			},
			report.Audit{Verdict: kept, Acked: 10, Found: 10, Foreign: 2},
			"2 records are not of this audit, and were not judged.",
		},
		"retention took the head": {
			func(s *stand) {
				s.send(10)
				s.ack(10, 1, 0)
				s.part(1).logHead = 5
				s.wrote(11, 1)
				s.log[1][0].offset = 5
				s.reading.ledger.first.page(11).slots.Load()[at(11)].Store(slotAcked | 1<<offsetBits | 5)
			},
			report.Audit{Verdict: open, Acked: 12, Found: 11, Unverifiable: 1},
			"Not decided: retention removed 5 offsets before they were read.",
		},
		"compaction left a hole": {
			func(s *stand) {
				s.topics["t"].compacts = isCompacted
				s.send(10)
				s.ack(10, 0, 10)
				s.holds(0, 11, s.foreign())
			},
			report.Audit{Verdict: open, Acked: 11, Found: 10, Unverifiable: 1, Foreign: 1},
			"1 offsets hold nothing, as compaction leaves them",
		},
		"compaction left nothing out": {
			func(s *stand) { s.topics["t"].compacts = notKnown },
			report.Audit{Verdict: kept, Acked: 10, Found: 10},
			"",
		},
		"the topic is another one": {
			func(s *stand) { s.send(10); s.ack(10, 0, 10); s.topics["t"].gone = "it is gone" },
			report.Audit{Verdict: open, Acked: 11, Found: 10, Undecided: 1},
			"",
		},
		"the log was cut back": {
			func(s *stand) { s.reading.counts.back = 3 },
			report.Audit{Verdict: open, Acked: 10, Found: 10},
			"3 offsets of a log were replaced after they were read",
		},
		"read again after it was thrown back": {
			func(s *stand) { s.read() },
			report.Audit{Verdict: open, Acked: 10, Found: 10},
			"",
		},
		"one key in two partitions": {
			func(s *stand) {
				s.wrote(10, 0)
				s.wrote(11, 1)
				s.wrote(12, 0)
				for _, l := range []*entry{&s.log[0][10], &s.log[1][0], &s.log[0][11]} {
					l.key = []byte("k")
				}
			},
			report.Audit{Verdict: kept, Acked: 13, Found: 13, ReorderedByKey: 1},
			"Order per key is broken for 1 key: the records lie in more than one partition.",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStand(2)
			for seq := range uint64(10) {
				s.wrote(seq, 0)
			}
			c.plant(s)
			got := s.verdict()
			if diff := cmp.Diff(c.want, figures(got)); diff != "" {
				t.Errorf("verdict (-want +got):\n%s\n%s", diff, got.Say)
			}
			if !strings.Contains(got.Say, c.say) {
				t.Errorf("it says %q, want %q in it", got.Say, c.say)
			}
		})
	}
}

func (s *stand) foreign() workload.Identity { return workload.Identity{Test: s.test ^ 1} }

func (s *stand) corrupt(number int, offset int64) {
	s.log[number] = append(s.log[number], entry{offset: offset, err: workload.ErrCorrupt})
}

// copyOf names a record as the application sends it again.
func (s *stand) copyOf(seq uint64) workload.Identity {
	id, _ := s.Identity(seq, 0, 1, 0)
	return id
}

// plain writes a record whose producer claims neither once nor order.
func (s *stand) plain(seq uint64) {
	id := s.id(seq)
	s.Sent(id.Sending(), int64(id.Due), uint8(Kept))
	offset := int64(len(s.log[0]))
	s.holds(0, offset, id)
	s.ack(seq, 0, offset)
}

// A log without a reader's end says nothing for certain of what was not read.
func TestWhatWasNotReadIsUndecided(t *testing.T) {
	s := newStand(1)
	for seq := range uint64(10) {
		s.wrote(seq, 0)
	}
	id := s.id(10)
	s.Sent(id.Sending(), int64(id.Due), uint8(Once))
	s.Acked(id.Sending(), 0, -1, 1, 0) // with acks=0 nobody knows where it should be
	s.log[0] = s.log[0][:6]
	s.read()
	got := s.reading.judge(end{why: []string{"the broker was away"}})
	want := report.Audit{Verdict: report.AuditInconclusive, Acked: 11, Found: 6, Undecided: 5}
	if diff := cmp.Diff(want, figures(got)); diff != "" {
		t.Errorf("verdict (-want +got):\n%s", diff)
	}
	mustHold(t, "no reason in "+got.Say, strings.Contains(got.Say, "Not decided: the broker was away; 5 records could not be followed"))
}

// What is wrong stays wrong, even if the rest could not be read.
func TestViolationsNeedNoEnd(t *testing.T) {
	s := newStand(1)
	s.wrote(0, 0)
	s.wrote(1, 0)
	s.log[0] = append(s.log[0][:1], entry{offset: 1, id: s.id(0)})
	s.read()
	if got := s.reading.judge(end{why: []string{"x"}}); got.Verdict != report.AuditViolated {
		t.Errorf("verdict %s, want violated: %s", got.Verdict, got.Say)
	}
}

func TestNothingAuditedIsNoProof(t *testing.T) {
	got := newStand(1).verdict()
	if got.Verdict != report.AuditInconclusive || !strings.Contains(got.Say, "no record was sent under audit") {
		t.Errorf("got %s: %s", got.Verdict, got.Say)
	}
	s := newStand(1)
	s.send(1)
	s.fail(1, false)
	if got := s.verdict(); got.Verdict != report.AuditKept || got.Say != "No record was acknowledged, so nothing was promised." {
		t.Errorf("got %s: %s", got.Verdict, got.Say)
	}
}

func TestExamplesNameThePlaceAndTheFault(t *testing.T) {
	s := newStand(2)
	s.now = 6_000_000_000
	for seq := range uint64(64 * 100) {
		s.wrote(seq, 0)
	}
	id := s.id(5200)
	for n := range 20 {
		s.log[0][5000+n].id = s.foreign() // 5000 to 5019 are gone, and another stands there
	}
	s.holds(0, 9000, id)
	s.corrupt(0, 9001)
	got := s.verdict()
	var kinds []string
	for _, e := range got.Examples {
		kinds = append(kinds, e.Kind)
	}
	if diff := cmp.Diff([]string{"lost", "lost", "lost", "diverged", "diverged", "diverged", "corrupt", "duplicated"}, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	first, partition, offset := got.Examples[0], int32(0), int64(5000)
	want := report.AuditExample{
		Kind: "lost", Record: 5000, Topic: "t", Partition: &partition, Offset: &offset, Tries: 1, Fault: "stall", DueS: 5,
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("first example (-want +got):\n%s", diff)
	}
	offset = 9000
	want = report.AuditExample{
		Kind: "duplicated", By: "retry", Record: 5200, Topic: "t", Partition: &partition, Offset: &offset, Tries: 1, DueS: 5.2,
	}
	if diff := cmp.Diff(want, got.Examples[7]); diff != "" {
		t.Errorf("last example (-want +got):\n%s", diff)
	}
}

// A copy is told by the record that it is of: what was sent again by its own
// number, what a step sent by the number that it was given.
func TestExamplesNameTheRecordOfACopy(t *testing.T) {
	s := newStand(1)
	for seq := range uint64(3) {
		s.wrote(seq, 0)
	}
	again := s.copyOf(2)
	alone, _ := s.Lone(0, 1, 0)
	for n, id := range []workload.Identity{again, alone} {
		s.Sent(id.Sending(), 0, all)
		s.Acked(id.Sending(), 0, int64(3+n), 1, 0)
		s.holds(0, int64(3+n), s.foreign())
	}
	var got []workload.Sending
	for _, e := range s.verdict().Examples {
		if e.Kind == "lost" {
			got = append(got, workload.Sending{Seq: e.Record, Copy: e.Copy})
		}
	}
	if diff := cmp.Diff([]workload.Sending{again.Sending(), alone.Sending()}, got); diff != "" {
		t.Errorf("lost (-want +got):\n%s", diff)
	}
}

// What a step sent stands in no sender's row; sent again by the application it is
// there twice all the same.
func TestALoneRecordThatIsSentAgainIsDuplicatedByTheApplication(t *testing.T) {
	s := newStand(1)
	first, _ := s.Lone(0, 1, 0)
	second := first
	second.Copy, _ = s.Again()
	for n, id := range []workload.Identity{first, second} {
		s.Sent(id.Sending(), 0, all)
		s.Acked(id.Sending(), 0, int64(n), 1, 0)
		s.reading.saw(s.part(0), &entry{id: id, offset: int64(n)})
	}
	if got := s.verdict(); got.Duplicated != 1 || got.DuplicatedBy.Application != 1 || got.Lost != 0 {
		t.Errorf("%d duplicated, %+v, %d lost; want one by the application", got.Duplicated, got.DuplicatedBy, got.Lost)
	}
}

// franz-go's own duplicates are named as such.
func TestFranzGosOwnCopiesAreNamed(t *testing.T) {
	s := newStand(1)
	id := s.id(0)
	s.Sent(id.Sending(), int64(id.Due), uint8(Kept))
	s.Acked(id.Sending(), 0, 1, 2, 1)
	s.holds(0, 0, id)
	s.holds(0, 1, id)
	if got := s.verdict(); !strings.Contains(got.Say, "1 of the copies are franz-go's own") {
		t.Errorf("it says %q", got.Say)
	}
}

// mutation changes one thing in a healthy history and says what must follow.
type mutation struct {
	name string
	do   func(h *healthy, rng *rand.Rand) bool // false: this history has no place for it
	want func(*report.Audit)
}

// healthy is a history in which all is well: senders that take turns, some
// records that failed or of which nothing is known, offsets that hold nothing.
type healthy struct {
	*stand
	acked []*spot // in the order of each partition
}

// spot is an acknowledged record: where it stands and where it was said to.
type spot struct {
	seq    uint64
	worker uint16
	number int
	index  int // in the partition's log
	told   int64
}

func newHealthy(rng *rand.Rand) *healthy {
	h := &healthy{stand: newStand(1 + rng.IntN(3))}
	offsets := make([]int64, len(h.log))
	for seq := range uint64(20 + rng.IntN(60)) {
		number := rng.IntN(len(h.log))
		id := h.id(seq)
		id.Worker = uint16(rng.IntN(3))
		h.Sent(id.Sending(), int64(id.Due), all)
		fate := rng.IntN(10)
		if fate < 7 || fate == 8 {
			offsets[number] += int64(rng.IntN(8) / 6) // a hole now and then
			h.holds(number, offsets[number], id)
			offsets[number]++
		}
		switch {
		case fate < 7:
			h.acked = append(h.acked, &spot{seq, id.Worker, number, len(h.log[number]) - 1, offsets[number] - 1})
		case fate == 7:
			h.Failed(id.Sending(), false)
		default:
			h.Failed(id.Sending(), true)
		}
	}
	return h
}

// tell acknowledges what was stored, some of it only after it was read.
func (h *healthy) run(rng *rand.Rand) report.Audit {
	late := []*spot{}
	for _, a := range h.acked {
		if rng.IntN(3) == 0 {
			late = append(late, a)
			continue
		}
		h.ack(a.seq, int32(a.number), a.told)
	}
	h.read()
	if rng.IntN(2) == 0 {
		h.reading.sweep(false)
	}
	for _, a := range late {
		h.ack(a.seq, int32(a.number), a.told)
	}
	return h.reading.judge(end{complete: true})
}

var mutations = []mutation{
	{"none", func(*healthy, *rand.Rand) bool { return true }, func(*report.Audit) {}},
	{"delete", func(h *healthy, rng *rand.Rand) bool {
		a := h.pick(rng)
		if a.index == len(h.log[a.number])-1 {
			h.holds(a.number, a.told+1, h.foreign()) // the log goes on behind it
		}
		h.log[a.number][a.index] = entry{offset: -1}
		return true
	}, func(a *report.Audit) { a.Lost++; a.Found-- }},
	{"repeat", func(h *healthy, rng *rand.Rand) bool {
		a := h.pick(rng)
		last := h.log[a.number][len(h.log[a.number])-1].offset
		h.holds(a.number, last+1, h.log[a.number][a.index].id)
		return true
	}, func(a *report.Audit) { a.Duplicated++; a.DuplicatedBy.Retry++ }},
	{"swap", func(h *healthy, rng *rand.Rand) bool {
		a := h.pick(rng)
		b := h.next(a)
		if b == nil {
			return false
		}
		log := h.log[a.number]
		log[a.index].id, log[b.index].id = log[b.index].id, log[a.index].id
		a.told, b.told = b.told, a.told // and that is what the broker said
		return true
	}, func(a *report.Audit) { a.Reordered++ }},
	{"alter", func(h *healthy, rng *rand.Rand) bool {
		a := h.pick(rng)
		e := &h.log[a.number][a.index]
		*e = entry{offset: e.offset, err: workload.ErrCorrupt}
		return true
	}, func(a *report.Audit) { a.Corrupt++; a.Found-- }},
	{"move", func(h *healthy, rng *rand.Rand) bool {
		a := h.pick(rng)
		log := h.log[a.number]
		if a.index < len(log)-1 && log[a.index+1].offset == a.told+1 {
			return false
		}
		log[a.index].offset++
		return true
	}, func(a *report.Audit) { a.Diverged++ }},
}

func (h *healthy) pick(rng *rand.Rand) *spot { return h.acked[rng.IntN(len(h.acked))] }

// next is the same sender's next record in the partition, acknowledged too.
func (h *healthy) next(a *spot) *spot {
	log := h.log[a.number]
	for i := a.index + 1; i < len(log); i++ {
		if log[i].id.Worker != a.worker {
			continue
		}
		for _, b := range h.acked {
			if b.number == a.number && b.index == i {
				return b
			}
		}
		return nil
	}
	return nil
}

// The auditor's own test: one change in a healthy log moves exactly its counter.
func TestEachMutationFlipsItsOwnCounter(t *testing.T) {
	each := 10_000
	if racing {
		each = 500 // one goroutine, so that there is nothing to race with
	}
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			done := 0
			for seed := uint64(0); done < each; seed++ {
				h := newHealthy(rand.New(rand.NewPCG(seed, 1)))
				want := h.should()
				if len(h.acked) == 0 || !m.do(h, rand.New(rand.NewPCG(seed, 2))) {
					continue
				}
				done++
				h.prune()
				m.want(&want)
				got := figures(h.run(rand.New(rand.NewPCG(seed, 3))))
				verdict := report.AuditViolated
				if m.name == "none" {
					verdict = report.AuditKept
				}
				want.Verdict, want.Foreign = verdict, got.Foreign
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
				}
			}
		})
	}
}

// should is the verdict over the history as it was made.
func (h *healthy) should() report.Audit {
	a := report.Audit{Acked: int64(len(h.acked)), Found: int64(len(h.acked))}
	for _, log := range h.log {
		a.WrittenDespiteError += int64(len(log))
	}
	a.WrittenDespiteError -= a.Acked
	return a
}

// prune takes out what was deleted.
func (h *healthy) prune() {
	for number, log := range h.log {
		left := log[:0]
		for _, e := range log {
			if e.offset >= 0 {
				left = append(left, e)
			}
		}
		h.log[number] = left
	}
}
