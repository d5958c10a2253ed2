package audit

import (
	"sync/atomic"

	"kdyno/engine/workload"
)

// Claims are what a producer's guarantee says of each record that it takes.
type Claims uint8

// The claims. They stand in a record's state beside the bits below.
const (
	Kept    Claims = 1 << (iota + 4) // what it acknowledges is in the log
	Once                             // it writes nothing twice by itself
	Ordered                          // each partition has a sender's records in the order of sending
)

// What became of a record so far. Bits are only ever set, each by one goroutine,
// so that no lock is needed.
const (
	sent   uint8 = 1 << iota
	acked                 // with acks=0: handed to the connection
	failed                // not acknowledged, for good
	unsure                // failed, and a copy may have been written
	resent uint8 = 1 << 7 // a second producer took it over
)

const claims = uint8(Kept | Once | Ordered)

// What the log told of a record, in one byte that only the reader writes: how
// often this sending of it was found, whether any sending of it was, and what
// stands at the offset that was acknowledged, where that is not the record.
const (
	countOf   uint8 = 1<<5 - 1 // most; more are not told apart
	known     uint8 = 1 << 5
	atOffset  uint8 = 3 << 6
	isCorrupt uint8 = 1 << 6
	isRemoved uint8 = 2 << 6
	isAnother uint8 = 3 << 6
)

// pageRecords is how many records a page of the ledger has; marked is of how
// many the due time of one is kept.
const (
	pageRecords = 1 << 12
	marked      = 1 << 6
)

// page is what is noted of pageRecords records in a row: two bytes of each, and
// a slot while its offset has not been seen in the log.
type page struct {
	cells *[pageRecords / 4]atomic.Uint32 // four states each
	found *[pageRecords]uint8
	slots atomic.Pointer[slots]
	dues  *[pageRecords / marked]atomic.Int64
	of    *[pageRecords]atomic.Uint64 // of copies: the record's number

	settled int // of the reader: the records before this one need no slot any more

	// A page whose records are all acknowledged and were found once each, where
	// they should be, is replaced by one that has only this: their common state.
	folded uint8
}

func newPage() *page {
	return &page{
		cells: new([pageRecords / 4]atomic.Uint32), found: new([pageRecords]uint8),
		dues: new([pageRecords / marked]atomic.Int64),
	}
}

func (p *page) state(i int) uint8 {
	if p.folded != 0 {
		return p.folded
	}
	return uint8(p.cells[i/4].Load() >> (i % 4 * 8))
}

func (p *page) set(i int, bits uint8) { p.cells[i/4].Or(uint32(bits) << (i % 4 * 8)) }

func (p *page) clear(i int, bits uint8) { p.cells[i/4].And(^(uint32(bits) << (i % 4 * 8))) }

// count is how often the record was found.
func (p *page) count(i int) uint8 {
	if p.folded != 0 {
		return 1
	}
	return p.found[i] & countOf
}

// due is about when the record was due: what lies between two marks is taken to
// be even.
func (p *page) due(i int) int64 {
	if p.folded != 0 {
		return 0
	}
	at := p.dues[i/marked].Load()
	if next := i/marked + 1; next < len(p.dues) {
		if then := p.dues[next].Load(); then > at {
			return at + (then-at)*int64(i%marked)/marked
		}
	}
	return at
}

// table is the pages of one kind of records: those that the application sent
// first, by number, or those that it sent again.
type table struct {
	chapters []atomic.Pointer[chapter]
	most     uint64       // pages that there may be
	last     atomic.Int64 // the highest page so far
	room     *atomic.Int64
	copies   bool // its numbers are those of copies
}

// chapter is pages in a row. Made as they are needed: the collector looks at all
// that there are, time and again.
type chapter [chapterPages]atomic.Pointer[page]

const chapterPages = 1 << 10

func newTable(pages int, room *atomic.Int64) *table {
	t := &table{most: uint64(pages), chapters: make([]atomic.Pointer[chapter], (pages+chapterPages-1)/chapterPages), room: room}
	t.last.Store(-1)
	return t
}

// holds tells whether the table can have a record of that number.
func (t *table) holds(n uint64) bool { return n < t.size() }

// size is how many records there is room for.
func (t *table) size() uint64 { return t.most * pageRecords }

// page is that of a record, nil where nothing of it was noted.
func (t *table) page(n uint64) *page {
	if !t.holds(n) {
		return nil
	}
	return t.pageAt(int64(n / pageRecords))
}

// pageAt is a page by its number, nil where nothing was noted on it.
func (t *table) pageAt(index int64) *page {
	c := t.chapters[index/chapterPages].Load()
	if c == nil {
		return nil
	}
	return c[index%chapterPages].Load()
}

// place is where a page is kept, with its chapter.
func (t *table) place(index int64) *atomic.Pointer[page] {
	at := &t.chapters[index/chapterPages]
	c := at.Load()
	if c == nil {
		at.CompareAndSwap(nil, new(chapter))
		c = at.Load()
	}
	return &c[index%chapterPages]
}

// need is the page of a record that the table holds, made if it is the first.
func (t *table) need(n uint64) *page {
	at := t.place(int64(n / pageRecords))
	if p := at.Load(); p != nil {
		return p
	}
	p := newPage()
	if t.copies {
		p.of = new([pageRecords]atomic.Uint64)
	}
	if t.room.Add(-1) >= 0 {
		p.slots.Store(new(slots))
	} else {
		t.room.Add(1)
	}
	if !at.CompareAndSwap(nil, p) {
		t.drop(p)
		return at.Load()
	}
	for index := int64(n / pageRecords); ; {
		last := t.last.Load()
		if last >= index || t.last.CompareAndSwap(last, index) {
			return p
		}
	}
}

// drop gives up the slots of a page.
func (t *table) drop(p *page) {
	if p.slots.Swap(nil) != nil {
		t.room.Add(1)
	}
}

// at is where in its page a record stands.
func at(n uint64) int { return int(n % pageRecords) }

// The ledger's bounds: pages of first sendings and of later ones, and how many
// pages may have slots at once (32 MiB of them).
const (
	firstPages = 1 << 19
	againPages = 1 << 16
	slotPages  = 1 << 10
)

// ledger is what was promised. The senders write it before they produce and the
// promises as records end; the reader compares it with the log. Nothing in it
// waits for anybody.
type ledger struct {
	first *table
	again *table
	most  int64        // pages that may have slots
	room  atomic.Int64 // of those, how many more

	places places
	copies atomic.Uint32 // numbers given to what the application sent again

	_ apart // what follows is written for each record that ends
	tallies
	_ apart
}

// tallies are the promises' own counters.
type tallies struct {
	promised  atomic.Int64 // acknowledged
	unkept    atomic.Int64 // of those, by producers that promise nothing
	unplaced  atomic.Int64 // acknowledged at an offset that no slot had room for
	rewritten atomic.Int64 // copies that franz-go wrote though the first was accepted
}

// apart keeps what one goroutine writes out of the cache lines that others read
// for every record.
type apart [64]byte

func newLedger(firstPages, againPages int, slotPages int64) *ledger {
	l := &ledger{most: slotPages}
	l.room.Store(slotPages)
	l.first, l.again = newTable(firstPages, &l.room), newTable(againPages, &l.room)
	l.again.copies = true
	return l
}

// Open is how many records were handed over and have not ended. Any goroutine may
// call it.
func (l *ledger) Open() int64 {
	return l.which(func(p *page, i int) bool { return p.state(i)&(sent|acked|failed) == sent })
}

// unread is how many records may be in the log and were not found there. Only
// while nothing is read.
func (l *ledger) unread() int64 {
	return l.which(func(p *page, i int) bool { return p.state(i)&(sent|failed) == sent && p.count(i) == 0 })
}

// which counts records, of pages that are not folded.
func (l *ledger) which(holds func(p *page, i int) bool) (n int64) {
	for _, t := range []*table{l.first, l.again} {
		for index := range t.last.Load() + 1 {
			p := t.pageAt(index)
			if p == nil || p.folded != 0 {
				continue
			}
			for i := range pageRecords {
				if holds(p, i) {
					n++
				}
			}
		}
	}
	return n
}

// sheet finds where a sending is noted.
func (l *ledger) sheet(s workload.Sending) (t *table, n uint64) {
	if s.Copy > 0 {
		return l.again, uint64(s.Copy)
	}
	return l.first, s.Seq
}

// number gives a sending its copy's number: 0 for the first. Without ok the
// ledger is full.
func (l *ledger) number(seq uint64) (copied uint32, ok bool) {
	if !l.first.holds(seq) {
		return 0, false
	}
	p := l.first.page(seq)
	if p == nil || p.state(at(seq))&sent == 0 {
		return 0, true
	}
	return l.Again()
}

// Again gives what the application hands over once more the number of a copy.
func (l *ledger) Again() (copied uint32, ok bool) {
	copied = l.copies.Add(1)
	return copied, l.again.holds(uint64(copied))
}

// Sent notes that a record, due at an instant, is handed to a producer, before it is; a second time
// when another producer takes it over. Then the weaker claims count.
func (l *ledger) Sent(s workload.Sending, due int64, claim uint8) {
	t, n := l.sheet(s)
	p, i := t.need(n), at(n)
	if p.state(i)&sent == 0 {
		if p.of != nil {
			p.of[i].Store(s.Seq)
		}
		p.set(i, sent|claim&claims)
		if i%marked == 0 {
			p.dues[i/marked].Store(due)
		}
		return
	}
	p.clear(i, (uint8(Kept)|^claim)&claims)
	p.set(i, resent|claim&uint8(Kept))
}

// Acked notes that a record was acknowledged at an offset of a place, -1 where
// that is not known, after so many tries. Over is how many copies of it were
// written after one was accepted.
func (l *ledger) Acked(s workload.Sending, place int32, offset int64, tries, over int32) {
	t, n := l.sheet(s)
	p, i := t.page(n), at(n)
	kept := p.state(i)&uint8(Kept) != 0
	if offset >= 0 {
		l.place(p, i, place, offset, tries)
	}
	// The state is last: who sees it finds the slot.
	p.set(i, acked)
	l.promised.Add(1)
	if !kept {
		l.unkept.Add(1)
	}
	if over > 0 {
		l.rewritten.Add(int64(over))
	}
}

func (l *ledger) place(p *page, i int, place int32, offset int64, tries int32) {
	part := l.places.need(place)
	part.acknowledged(offset)
	where, ok := whereAt(place, offset-part.start)
	s := p.slots.Load()
	if !ok || s == nil {
		l.unplaced.Add(1)
		return
	}
	s.acked(i, where, int(tries))
}

// Failed notes that a record will not be acknowledged.
func (l *ledger) Failed(s workload.Sending, maybeStored bool) {
	t, n := l.sheet(s)
	bits := failed
	if maybeStored {
		bits |= unsure
	}
	t.page(n).set(at(n), bits)
}
