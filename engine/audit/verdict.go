package audit

import (
	"fmt"

	"kdyno/telemetry/report"
)

// end is how the reading ended.
type end struct {
	complete bool     // every partition was read as far as was asked
	why      []string // what speaks against a verdict
}

// judge compares ledger and log once no more is read:
//
//	producer said     0 copies              1 copy                  more
//	acknowledged      lost                  as it should be         duplicated
//	failed for good   as it should be       phantom                 phantom and duplicated
//	outcome unknown   as it should be       written despite error   that and duplicated
//	nothing yet       undecided             as may be               duplicated
//	acks=0            not delivered         as it should be         duplicated
//
// Copies more than one, order and offsets were counted as the log was read.
func (g *reading) judge(e end) report.Audit {
	g.sweep(true)
	g.about.forget(lost, phantom) // they are told anew
	a := report.Audit{
		Duplicated:   g.counts.retry + g.counts.swap + g.counts.application,
		DuplicatedBy: report.DuplicatedBy{Retry: g.counts.retry, Swap: g.counts.swap, Application: g.counts.application},
		Reordered:    g.live.behind.Load(), ReorderedByKey: g.keys.moved,
		Diverged: g.counts.diverged, Corrupt: g.counts.corrupt, Foreign: g.counts.foreign, Phantom: g.counts.strangers,
	}
	m := missing{reading: g, end: e, holes: g.holes()}
	for _, t := range []*table{g.ledger.first, g.ledger.again} {
		for index := range t.last.Load() + 1 {
			if p := t.pageAt(index); p != nil {
				m.page(&a, t, p, uint64(index)*pageRecords)
			}
		}
	}
	e.why = append(e.why, g.doubts(&a, m.holes)...)
	switch {
	case a.Lost+a.Phantom+a.Diverged+a.Corrupt+g.broken.twice+g.broken.order > 0:
		a.Verdict = report.AuditViolated
	case len(e.why) > 0:
		a.Verdict = report.AuditInconclusive
	default:
		a.Verdict = report.AuditKept
	}
	a.Examples = g.about.first()
	a.Tell(e.why, g.remarks(&a))
	return a
}

// holes are what is missing from the logs themselves.
type holes struct {
	removed int64 // offsets that retention took before they were read
	empty   int64 // offsets of topics that may be compacted which hold nothing
	gone    bool  // a topic is not the one that it was
}

func (g *reading) holes() holes {
	var h holes
	for _, part := range g.ledger.places.list() {
		if part == nil || part.topic == nil {
			continue
		}
		h.removed += size(part.lost)
		if part.topic.compacts != isNot {
			h.empty += size(part.gaps)
		}
		h.gone = h.gone || part.topic.gone != ""
	}
	return h
}

// missing sorts the records of the ledger.
type missing struct {
	*reading
	end   end
	holes holes
}

func (m *missing) page(a *report.Audit, t *table, p *page, first uint64) {
	if p.folded != 0 {
		a.Acked += pageRecords
		a.Found += pageRecords
		return
	}
	for i := range pageRecords {
		state, found := p.state(i), p.count(i) > 0
		switch {
		case state&sent == 0:
		case state&acked != 0:
			a.Acked++
			if found {
				a.Found++
			} else {
				m.absent(a, t, p, first+uint64(i))
			}
		case state&failed == 0:
			if !found {
				a.Undecided++
			}
		case !found:
		case state&unsure != 0:
			a.WrittenDespiteError++
		default:
			a.Phantom++
			part, offset, _ := m.spot(p, i)
			m.about.add(finding{kind: phantom, id: m.ledger.identity(sending{t == m.ledger.again, first + uint64(i)}), part: part, offset: offset})
		}
	}
}

// absent sorts a record that was acknowledged and is not in the log.
func (m *missing) absent(a *report.Audit, t *table, p *page, n uint64) {
	i := at(n)
	part, offset, _ := m.spot(p, i)
	switch {
	case p.found[i]&atOffset == isCorrupt: // counted there
	case p.found[i]&atOffset == isAnother:
		m.lost(a, t, p, n)
	case part != nil && (part.topic == nil || part.topic.gone != "" || offset >= part.next):
		a.Undecided++
	case part == nil && (!m.end.complete || m.holes.gone):
		a.Undecided++
	case p.found[i]&atOffset == isRemoved,
		part != nil && part.topic.compacts != isNot,
		part == nil && m.holes.removed+m.holes.empty > 0:
		a.Unverifiable++
	default:
		m.lost(a, t, p, n)
	}
}

// spot is where the record was acknowledged; no partition where that is not
// known.
func (m *missing) spot(p *page, i int) (part *partition, offset int64, tries int) {
	s := p.slots.Load()
	if s == nil || s[i].Load()&slotKind == 0 {
		return nil, 0, 0
	}
	place, offset, tries := unpack(s[i].Load())
	part = m.ledger.places.at(place)
	return part, offset + part.start, tries
}

// lost counts a record that is gone, or was never promised.
func (m *missing) lost(a *report.Audit, t *table, p *page, n uint64) {
	if p.state(at(n))&uint8(Kept) == 0 {
		a.NotDelivered++
		return
	}
	a.Lost++
	part, offset, tries := m.spot(p, at(n))
	m.about.add(finding{kind: lost, id: m.ledger.identity(sending{t == m.ledger.again, n}), part: part, offset: offset, tries: tries})
}

// doubts are what speaks against a verdict.
func (g *reading) doubts(a *report.Audit, h holes) []string {
	var why []string
	add := func(n int64, format string) {
		if n > 0 {
			why = append(why, fmt.Sprintf(format, n))
		}
	}
	add(a.Undecided, "%d records could not be followed to their end")
	add(h.removed, "retention removed %d offsets before they were read")
	add(h.empty, "%d offsets hold nothing, as compaction leaves them")
	add(g.counts.back, "%d offsets of a log were replaced after they were read, as an unclean leader election does")
	if a.Acked+a.Undecided+a.WrittenDespiteError == 0 && g.ledger.first.last.Load() < 0 {
		why = append(why, "no record was sent under audit")
	}
	return why
}

// remarks are what a reader of the counts has to know.
func (g *reading) remarks(*report.Audit) []string {
	n := min(g.ledger.rewritten.Load(), g.counts.retry)
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of the copies are franz-go's own: behind a failed batch it writes accepted ones again, which the Java producer does not", n)}
}
