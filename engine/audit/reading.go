package audit

import (
	"slices"
	"sync/atomic"

	"kdyno/engine/workload"
)

// reading is what the log told, compared with the ledger record by record. It
// is the reader's: only the live counters are read by others.
type reading struct {
	ledger *ledger
	test   uint64
	keys   keys
	strays map[sending][]uint64 // where more than one copy stands of what is not acknowledged yet
	runs   map[sending][]uint32 // the producers that wrote a record which two had
	lone   map[uint64]bool      // found, of those that stand in no sender's row
	about  *book                // of examples

	live   live
	counts counts
	broken broken
}

// live are the figures that a screen shows while the audit goes on.
type live struct{ found, twice, behind atomic.Int64 }

// counts are what is counted as it is read. What depends on how a record ends is
// counted at the verdict.
type counts struct {
	retry, swap, application int64
	diverged                 int64
	corrupt, foreign         int64
	strangers                int64 // of this audit, and never handed to a producer
	back                     int64 // offsets by which logs were cut
}

// broken are the findings that the claims of the producer concerned exclude.
type broken struct{ twice, order int64 }

// sending is one sending of a record: where in which table it is noted.
type sending struct {
	again bool
	n     uint64
}

// entry is one record as it stands in the log.
type entry struct {
	offset int64
	key    []byte
	id     workload.Identity
	err    error // of reading the identity
}

func newReading(l *ledger, test uint64, about *book) *reading {
	return &reading{ledger: l, test: test, strays: map[sending][]uint64{}, runs: map[sending][]uint32{}, lone: map[uint64]bool{}, about: about}
}

// saw takes the next record of a partition. It reports whether it is the first
// copy of a record of this audit.
func (g *reading) saw(part *partition, e *entry) (first bool) {
	if !part.advance(e.offset) {
		g.counts.back++
		return false
	}
	switch {
	case e.err == workload.ErrCorrupt: //nolint:errorlint // compared for every record; it is returned bare
		g.counts.corrupt++
		if part.corrupt == nil {
			part.corrupt = map[int64]bool{}
		}
		part.corrupt[e.offset] = true
		g.about.corrupt(part, e.offset)
		return false
	case e.err != nil || e.id.Test != g.test:
		g.counts.foreign++
		return false
	}
	return g.own(part, e)
}

// own takes a record of this audit.
func (g *reading) own(part *partition, e *entry) (first bool) {
	t, n := g.ledger.sheet(e.id.Sending())
	p, i := t.page(n), at(n)
	if p == nil || p.state(i)&sent == 0 {
		g.counts.strangers++
		g.about.add(finding{kind: phantom, id: e.id, part: part, offset: e.offset})
		return false
	}
	key := sending{e.id.Copy > 0, n}
	g.stands(p, key, part, e)
	state := p.state(i)
	if p.count(i) > 0 {
		if p.folded == 0 && p.count(i) < countOf {
			p.found[i]++
		}
		g.again(part, e, state, key)
		return false
	}
	p.found[i]++
	g.live.found.Add(1)
	if state&resent != 0 {
		g.runs[key] = append(g.runs[key], e.id.Run)
	}
	g.sentAgain(part, e)
	if e.id.Copy == 0 {
		g.inOrder(part, e, state)
	}
	if e.key != nil {
		g.keys.saw(part, e.key)
	}
	return true
}

// stands notes where a copy was found, for the offset that was acknowledged.
func (g *reading) stands(p *page, key sending, part *partition, e *entry) {
	s := p.slots.Load()
	where, ok := whereAt(part.place, e.offset-part.start)
	if s == nil || !ok || s.found(at(key.n), where) {
		return
	}
	g.strays[key] = append(g.strays[key], where)
}

// again takes one more copy of the same sending: the producer wrote it, or the
// one that took over from it.
func (g *reading) again(part *partition, e *entry, state uint8, key sending) {
	g.live.twice.Add(1)
	by := byRetry
	if state&resent != 0 && !slices.Contains(g.runs[key], e.id.Run) {
		g.runs[key] = append(g.runs[key], e.id.Run)
		by = bySwap
	}
	if by == bySwap {
		g.counts.swap++
	} else {
		g.counts.retry++
	}
	if state&uint8(Once) != 0 {
		g.broken.twice++
	}
	g.about.add(finding{kind: duplicated, by: by, id: e.id, part: part, offset: e.offset})
}

// sentAgain tells whether another sending of the same record was found before:
// then it is the application that wrote it twice.
func (g *reading) sentAgain(part *partition, e *entry) {
	if g.unknown(e.id.Seq) {
		return
	}
	g.live.twice.Add(1)
	g.counts.application++
	g.about.add(finding{kind: duplicated, by: byApplication, id: e.id, part: part, offset: e.offset})
}

// unknown tells whether no sending of a record was found before, and notes that
// one was.
func (g *reading) unknown(seq uint64) bool {
	if !g.ledger.first.holds(seq) {
		found := g.lone[seq]
		g.lone[seq] = true
		return !found
	}
	p, i := g.ledger.first.page(seq), at(seq)
	if p == nil {
		return true
	}
	if p.folded != 0 || p.found[i]&known != 0 {
		return false
	}
	p.found[i] |= known
	return true
}

// inOrder holds the first copies of a sender's records against the order in
// which it sent them. What the application sent again has its place where it
// was sent again, so that only first sendings are compared.
func (g *reading) inOrder(part *partition, e *entry, state uint8) {
	turn := part.sender(e.id.Worker)
	ordered := state&uint8(Ordered) != 0
	if e.id.Seq >= turn.next {
		turn.next, turn.ordered = e.id.Seq+1, ordered
		return
	}
	g.live.behind.Add(1)
	if ordered && turn.ordered && state&failed == 0 {
		g.broken.order++
	}
	g.about.add(finding{kind: reordered, id: e.id, part: part, offset: e.offset})
}

// sweep frees what is not needed any more of the pages that senders and reader
// have left behind.
func (g *reading) sweep(final bool) {
	g.about.complete()
	for _, t := range []*table{g.ledger.first, g.ledger.again} {
		last := t.last.Load()
		for index := range last + 1 {
			p := t.pageAt(index)
			if p == nil || p.folded != 0 {
				continue
			}
			first := uint64(index) * pageRecords
			for p.settled < pageRecords && g.settled(t, p, first+uint64(p.settled), false) {
				p.settled++
			}
			if p.settled == pageRecords {
				t.fold(index, p)
			}
			for i := p.settled; final && i < pageRecords; i++ {
				g.settled(t, p, first+uint64(i), true)
			}
		}
	}
	if g.ledger.room.Load() < g.ledger.most/16 {
		g.evict()
	}
}

// settled tells whether nothing more can be learnt of where a record stands. In
// the end it is always so.
func (g *reading) settled(t *table, p *page, n uint64, final bool) bool {
	i := at(n)
	state := p.state(i)
	if state&(acked|failed) == 0 {
		return final
	}
	s := p.slots.Load()
	if state&failed != 0 || s == nil {
		return true
	}
	slot := s[i].Load()
	if slot&slotKind != slotAcked {
		return true
	}
	place, offset, tries := unpack(slot)
	part := g.ledger.places.at(place)
	offset += part.start
	if offset >= part.next {
		return final
	}
	key := sending{t == g.ledger.again, n}
	if slices.Contains(g.strays[key], slot&whereOf) {
		s[i].Store(slot | slotSettled)
		return true
	}
	why := uint8(0)
	switch {
	case part.corrupt[offset]:
		why = isCorrupt
	case within(part.lost, offset):
		why = isRemoved
	case !within(part.gaps, offset):
		why = isAnother
	}
	if why == 0 && p.count(i) == 0 {
		return final // nothing is there; it may be found elsewhere
	}
	p.found[i] |= why
	s[i].Store(slot | slotSettled)
	if why == isAnother || why == 0 {
		g.counts.diverged++
		g.about.add(finding{kind: diverged, id: g.ledger.identity(key), part: part, offset: offset, tries: tries})
	}
	return true
}

// fold replaces a page of which nothing more can be said than that all is well
// by one that takes no room, and frees the slots of any other.
func (t *table) fold(index int64, p *page) {
	state := p.state(0)
	const want = sent | acked
	clean := state&(want|failed|resent) == want
	well := true
	for i := range p.found {
		clean = clean && p.state(i) == state && p.found[i]&^known == 1
		well = well && p.found[i]&atOffset == 0 && p.found[i]&countOf > 0
	}
	switch {
	case clean:
		t.drop(p)
		t.place(index).Store(&page{folded: state, settled: pageRecords})
	case well:
		t.drop(p)
	}
}

// evict gives up the slots of the oldest pages, since there is no room for new
// ones: of their records it is not known any more where they should stand.
func (g *reading) evict() {
	for _, t := range []*table{g.ledger.first, g.ledger.again} {
		for index := range t.last.Load() {
			if g.ledger.room.Load() >= g.ledger.most/8 {
				return
			}
			if p := t.pageAt(index); p != nil && p.folded == 0 && p.slots.Load() != nil {
				g.giveUp(t, p, uint64(index)*pageRecords)
			}
		}
	}
}

func (g *reading) giveUp(t *table, p *page, first uint64) {
	s := p.slots.Load()
	for i := p.settled; i < pageRecords; i++ {
		if !g.settled(t, p, first+uint64(i), false) && s[i].Load()&slotKind == slotAcked {
			g.ledger.unplaced.Add(1)
		}
	}
	t.drop(p)
}
