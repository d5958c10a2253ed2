package audit

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"kdyno/engine/workload"
	"kdyno/telemetry/report"
)

// flow sends, stores and acknowledges records in turn over the partitions.
func (s *stand) flow(from, to uint64) {
	id := s.id(0)
	for seq := from; seq < to; seq++ {
		number := int(seq) % len(s.log)
		id.Seq, id.Due = seq, time.Duration(seq)
		s.Sent(id.Sending(), int64(id.Due), all)
		s.Acked(id.Sending(), int32(number), int64(seq)/int64(len(s.log)), 1, 0)
	}
}

// reads lets the reader have those records of the log.
func (s *stand) reads(from, to uint64) {
	e := entry{id: s.id(0)}
	for seq := from; seq < to; seq++ {
		number := int(seq) % len(s.log)
		e.id.Seq, e.offset = seq, int64(seq)/int64(len(s.log))
		s.reading.saw(s.part(number), &e)
	}
}

// A million healthy records raise no alarm, and leave nothing behind in memory.
func TestHealthyRecordsRaiseNoAlarmAndFoldAway(t *testing.T) {
	const records, step = 1_000_000, 10_000
	s := newStand(6)
	s.first = newTable(1<<10, &s.room)
	for seq := uint64(0); seq < records; seq += step {
		s.flow(seq, seq+step)
		s.reads(seq, seq+step)
		s.reading.sweep(false)
	}
	for index := range int64(records / pageRecords) {
		if p := s.first.pageAt(index); p.folded == 0 {
			t.Fatalf("page %d is not folded", index)
		}
	}
	got := s.reading.judge(end{complete: true})
	if got.Verdict != report.AuditKept || got.Found != records || got.Say != "All 1,000,000 acknowledged records are in the log, each once and in order." {
		t.Errorf("got %s: %s", got.Verdict, got.Say)
	}
	// A copy of what is folded away is still one too many.
	e := entry{id: s.id(0), offset: records}
	s.reading.saw(s.part(5), &e)
	if got := s.reading.judge(end{complete: true}); got.Verdict != report.AuditViolated || got.Duplicated != 1 {
		t.Errorf("got %s: %s", got.Verdict, got.Say)
	}
	// And so is a copy that the application writes.
	again := s.copyOf(18)
	s.Sent(again.Sending(), int64(again.Due), all)
	e = entry{id: again, offset: records + 1}
	s.reading.saw(s.part(5), &e)
	if got := s.reading.counts.application; again.Copy == 0 || got != 1 {
		t.Errorf("copy %d, %d by the application, want one", again.Copy, got)
	}
}

// The worst for the memory is a reader that reads nothing: then nothing can be
// folded away, and 10 million records take 64 MiB and two bytes each at most.
func TestLedgerStaysSmall(t *testing.T) {
	records := int64(10_000_000)
	if racing {
		records = 100_000
	}
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	s := newStand(6)
	s.Audit = newAudit(s.o, newLedger(firstPages, againPages, slotPages))
	s.flow(0, uint64(records))
	if took, most := heap()-before, 64<<20+2*records; took > most {
		t.Errorf("%d records take %d MiB, want at most %d", records, took>>20, most>>20)
	}
	if got := s.promised.Load(); got != records {
		t.Errorf("%d promised", got)
	}
	runtime.KeepAlive(s)
}

func TestRecordsPathAllocatesNothing(t *testing.T) {
	s := newStand(1)
	s.flow(0, 1)
	id, seq := s.id(1), uint64(1)
	if allocs := testing.AllocsPerRun(1000, func() {
		id, _ = s.Identity(seq, 0, 1, 0)
		s.Sent(id.Sending(), int64(id.Due), all)
		s.Acked(id.Sending(), 0, int64(seq), 1, 0)
		seq++
	}); allocs > 0 {
		t.Errorf("%v allocations a record, want none", allocs)
	}
}

// Where there is no room for more slots the oldest give theirs up: then it is
// not known any more where their records should stand, and that is said.
func TestSlotsThatAreGivenUp(t *testing.T) {
	const most = 32
	const kept = uint64(most * pageRecords)
	build := func(read uint64) *stand {
		s := newStand(1)
		s.Audit = newAudit(s.o, newLedger(most+40, 4, most))
		s.topics["t"] = &topic{name: "t", compacts: isNot}
		s.topics["t"].has(0, s.places.add(0, 0))
		s.flow(0, 20*pageRecords)
		s.reads(0, read)
		s.flow(20*pageRecords, kept+10*pageRecords)
		s.reading.sweep(false)
		return s
	}
	t.Run("read to the end", func(t *testing.T) {
		s := build(100)
		if s.unplaced.Load() == 0 {
			t.Fatal("no slot was given up")
		}
		s.reads(100, kept+10*pageRecords)
		if got := s.reading.judge(end{complete: true}); got.Verdict != report.AuditKept || got.Found != int64(kept)+10*pageRecords {
			t.Errorf("got %s: %s", got.Verdict, got.Say)
		}
	})
	t.Run("one is not there", func(t *testing.T) {
		s := build(100)
		s.reads(100, 200)
		s.reads(201, kept+10*pageRecords)
		if got := s.reading.judge(end{complete: true}); got.Verdict != report.AuditViolated || got.Lost != 1 {
			t.Errorf("got %s: %s", got.Verdict, got.Say)
		}
	})
	t.Run("one is not there and retention was at work", func(t *testing.T) {
		s := build(100)
		s.part(0).headAt(200)
		s.reads(200, kept+10*pageRecords)
		if got := s.reading.judge(end{complete: true}); got.Verdict != report.AuditInconclusive || got.Unverifiable != 100 {
			t.Errorf("got %s, %d unverifiable: %s", got.Verdict, got.Unverifiable, got.Say)
		}
	})
	t.Run("not read to the end", func(t *testing.T) {
		s := build(100)
		s.reads(100, 5000)
		if got := s.reading.judge(end{}); got.Verdict != report.AuditInconclusive || got.Undecided != int64(kept)+10*pageRecords-5000 {
			t.Errorf("got %s, %d undecided: %s", got.Verdict, got.Undecided, got.Say)
		}
	})
}

// A record that has no place in the ledger is not audited, whoever sends it.
func TestFullLedgerTakesNoMore(t *testing.T) {
	s := newStand(1)
	if _, ok := s.Identity(4*pageRecords, 0, 1, 0); ok {
		t.Error("a record beyond the ledger was taken")
	}
	s.send(1)
	s.copies.Store(4*pageRecords - 1)
	if id, ok := s.Identity(1, 0, 1, 0); ok {
		t.Errorf("copy %d beyond the ledger was taken", id.Copy)
	}
}

// Offsets and places beyond what a slot holds are counted as not checked.
func TestSlotsHoldWhatTheyCan(t *testing.T) {
	for _, c := range []struct {
		place  int32
		offset int64
		ok     bool
	}{
		{0, 0, true}, {1<<placeBits - 1, 1<<offsetBits - 1, true}, {1 << placeBits, 0, false}, {0, 1 << offsetBits, false}, {-1, 0, false}, {0, -1, false},
	} {
		where, ok := whereAt(c.place, c.offset)
		if ok != c.ok {
			t.Errorf("%d, %d: ok %v, want %v", c.place, c.offset, ok, c.ok)
			continue
		}
		if !ok {
			continue
		}
		if place, offset, tries := unpack(slotAcked | 63<<triesAt | where); place != c.place || offset != c.offset || tries != 63 {
			t.Errorf("%d, %d came back as %d, %d with %d tries", c.place, c.offset, place, offset, tries)
		}
	}
	s := newStand(1)
	s.send(0)
	s.ack(0, 0, 1<<offsetBits)
	if s.unplaced.Load() != 1 {
		t.Errorf("%d not placed, want 1", s.unplaced.Load())
	}
}

// Whatever comes first, the acknowledgement or the copies, one copy at the
// offset that was acknowledged is enough.
func TestSlotsMeetInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 5_000 {
		s := newStand(1)
		s.reading.ledger.first = newTable(1, &s.reading.ledger.room)
		id := s.id(0)
		s.Sent(id.Sending(), int64(id.Due), uint8(Kept))
		copies, told := 1+rng.IntN(4), int64(rng.IntN(5))
		ackAfter := rng.IntN(copies + 1)
		for i := range copies {
			if i == ackAfter {
				s.ack(0, 0, told)
			}
			e := entry{offset: int64(i), id: id}
			s.reading.saw(s.part(0), &e)
		}
		if ackAfter == copies {
			s.ack(0, 0, told)
		}
		if told >= int64(copies) {
			e := entry{offset: told, err: workload.ErrForeign}
			s.reading.saw(s.part(0), &e)
		}
		got, want := s.reading.judge(end{complete: true}), int64(0)
		if told >= int64(copies) {
			want = 1
		}
		if got.Diverged != want || got.Duplicated != int64(copies)-1 || got.Lost != 0 {
			t.Fatalf("%d copies, acknowledged at %d after %d: %+v", copies, told, ackAfter, got)
		}
	}
}

// Senders, promises and reader work at once; the race detector watches.
func TestLedgerTakesAllAtOnce(t *testing.T) {
	const senders, each = 4, 40_000
	s := newStand(senders)
	s.first = newTable(1<<8, &s.room)
	acks, log := make(chan workload.Identity, 1024), make(chan workload.Identity, 1024)
	var wg, promises sync.WaitGroup
	for worker := range senders {
		wg.Go(func() {
			for n := range uint64(each) {
				id, _ := s.Identity(n*senders+uint64(worker), uint16(worker), 1, time.Duration(n))
				s.Sent(id.Sending(), int64(id.Due), all)
				log <- id
				acks <- id
			}
		})
	}
	for range 2 {
		promises.Go(func() {
			for id := range acks {
				if id.Seq%1000 == 999 {
					s.Failed(id.Sending(), true)
					continue
				}
				s.Acked(id.Sending(), int32(id.Worker), int64(id.Seq/senders), 1, 0)
			}
		})
	}
	promises.Go(func() {
		n := 0
		for id := range log {
			e := entry{offset: int64(id.Seq / senders), id: id}
			s.reading.saw(s.part(int(id.Worker)), &e)
			if n++; n%5000 == 0 {
				s.reading.sweep(false)
				s.Live()
				s.Open()
			}
		}
	})
	wg.Wait()
	close(acks)
	close(log)
	promises.Wait()
	got := s.reading.judge(end{complete: true})
	if got.Verdict != report.AuditKept || got.Acked != senders*each*999/1000 || got.WrittenDespiteError != senders*each/1000 {
		t.Errorf("got %+v", got)
	}
	if l := s.Live(); l.Promised != got.Acked || l.Missing != 0 || l.Twice != 0 || l.Reordered != 0 {
		t.Errorf("live %+v", l)
	}
}

func TestDueTimesAreKeptAbout(t *testing.T) {
	s := newStand(1)
	s.flow(0, pageRecords)
	p := s.first.page(0)
	for i := range pageRecords {
		if got := p.due(i); got != int64(i) && i < pageRecords-marked {
			t.Fatalf("record %d: due %d", i, got)
		}
	}
}

// Senders that come to the same page at once share it.
func TestPagesAreMadeOnce(t *testing.T) {
	const senders, pages = 8, 300
	s := newStand(1)
	s.first = newTable(pages, &s.room)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for worker := range senders {
		wg.Go(func() {
			<-start
			for page := range uint64(pages) {
				s.send(page*pageRecords + uint64(worker))
				s.places.need(int32(page))
			}
		})
	}
	close(start)
	wg.Wait()
	if got := s.Open(); got != senders*pages {
		t.Errorf("%d records in flight, want %d", got, senders*pages)
	}
	if got, want := s.room.Load(), int64(slotPages-pages); got != want {
		t.Errorf("room for %d pages, want %d", got, want)
	}
	if got := len(s.places.list()); got != pages {
		t.Errorf("%d places, want %d", got, pages)
	}
	if s.places.add(7, 3) != s.places.at(7) || s.places.at(7).start != 0 {
		t.Error("a place was made twice")
	}
	s.first.place(1).Store(nil) // as if its first record were still to come
	s.first.place(2).Store(&page{folded: sent | acked})
	if got := s.Open(); got != senders*(pages-2) {
		t.Errorf("%d records in flight, want %d", got, senders*(pages-2))
	}
}

// What was acknowledged where the reader has never been is not lost.
func TestPartitionsThatTheReaderNeverMet(t *testing.T) {
	s := newStand(1)
	s.wrote(0, 0)
	s.send(1)
	s.ack(1, 7, 0)
	if got := s.verdict(); got.Verdict != report.AuditInconclusive || got.Undecided != 1 || got.Lost != 0 {
		t.Errorf("got %+v", got)
	}
	if s.unread() != 1 || !s.Unread() {
		t.Errorf("%d unread, want the one", s.unread())
	}
}

// A copy that names a record which nobody sent is one of nobody's.
func TestCopyOfNothing(t *testing.T) {
	s := newStand(1)
	s.wrote(0, 0)
	again := s.copyOf(0)
	s.Sent(again.Sending(), int64(again.Due), all)
	again.Seq = 3 * pageRecords
	s.holds(0, 1, again)
	if got := s.verdict(); got.Duplicated != 0 || got.Undecided != 0 {
		t.Errorf("got %+v", got)
	}
	// Its due time is not known either.
	if due := s.reading.about.due(&workload.Identity{Seq: 3 * pageRecords}); due != 0 {
		t.Errorf("due at %v", due)
	}
}

func TestKeysPushEachOtherOut(t *testing.T) {
	s := newStand(2)
	k := &s.reading.keys
	k.saw(s.part(0), []byte("a"))
	for i := range k.table {
		if k.table[i] != 0 {
			k.table[i] ^= 1 << 40 // another key stands in its row
		}
	}
	k.saw(s.part(1), []byte("a"))
	if k.moved != 0 {
		t.Errorf("%d keys moved, want none: the first was pushed out", k.moved)
	}
	k.saw(s.part(0), []byte("a"))
	k.saw(s.part(1), []byte("a"))
	if k.moved != 1 {
		t.Errorf("%d keys moved, want 1", k.moved)
	}
}
