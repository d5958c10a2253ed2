package audit

import (
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// places are the partitions under audit, by the session's number of each.
type places struct {
	mu  sync.Mutex // of those who add
	all atomic.Pointer[[]*partition]
}

// list is what is known so far; nil where a number was given to nobody here.
func (p *places) list() []*partition {
	if all := p.all.Load(); all != nil {
		return *all
	}
	return nil
}

// at is the partition of a number, nil if it is not known.
func (p *places) at(place int32) *partition {
	if all := p.list(); place >= 0 && int(place) < len(all) {
		return all[place]
	}
	return nil
}

// need is the partition of a number. One that was not there when the audit
// began was added since, and is read from its first offset.
func (p *places) need(place int32) *partition {
	if part := p.at(place); part != nil {
		return part
	}
	return p.add(place, 0)
}

func (p *places) add(place int32, start int64) *partition {
	p.mu.Lock()
	defer p.mu.Unlock()
	if part := p.at(place); part != nil {
		return part
	}
	next := slices.Clone(p.list())
	for len(next) <= int(place) {
		next = append(next, nil)
	}
	next[place] = &partition{place: place, start: start, next: start}
	p.all.Store(&next)
	return next[place]
}

// partition is what the promises and the reader know of one partition. All but
// end is the reader's.
type partition struct {
	place int32
	start int64        // where the audit began; it does not change
	end   atomic.Int64 // one past the highest offset that was acknowledged

	_       apart
	topic   *topic
	number  int32
	next    int64 // the reader is here
	target  int64 // it reads up to here at the end; -1: not known
	logHead int64 // the log begins here
	bytes   int64 // of what was read, for the retention

	// Of when records became visible: what lies before readable could have been
	// read by the answer before, and tells of the reader instead of the brokers;
	// so does what gathered before the first answer, where the first was an error.
	readable      int64
	heard, absent bool

	lost    []span // taken by retention before they were read
	gaps    []span // offsets that hold nothing
	corrupt map[int64]bool
	senders []turn // the last of each sender in the order of the log
}

// span is offsets from one to before another.
type span struct{ from, to int64 }

// turn is where a sender's records have come to in a partition.
type turn struct {
	next    uint64 // one past the highest number so far
	ordered bool   // its producer claims the order
}

// acknowledged notes that a record of this offset was.
func (p *partition) acknowledged(offset int64) {
	for {
		end := p.end.Load()
		if end > offset || p.end.CompareAndSwap(end, offset+1) {
			return
		}
	}
}

// advance brings the reader to an offset that holds something; what lies between
// holds nothing, or is gone. Without ok the reader has been there before: it was
// thrown back.
func (p *partition) advance(offset int64) (ok bool) {
	if offset < p.next {
		return false
	}
	p.skip(offset)
	p.next = offset + 1
	return true
}

// skip notes what was passed on the way to an offset.
func (p *partition) skip(to int64) {
	if head := min(p.logHead, to); head > p.next {
		p.lost = append(p.lost, span{p.next, head})
		p.next = head
	}
	if to > p.next {
		p.gaps = append(p.gaps, span{p.next, to})
		p.next = to
	}
}

// headAt notes where the log begins now.
func (p *partition) headAt(offset int64) {
	p.logHead = max(p.logHead, offset)
	if p.logHead > p.next {
		p.skip(p.logHead)
	}
}

// sender is the turn of a sender.
func (p *partition) sender(worker uint16) *turn {
	for len(p.senders) <= int(worker) {
		p.senders = append(p.senders, turn{})
	}
	return &p.senders[worker]
}

// within tells whether an offset lies in one of the spans, which are in order.
func within(spans []span, offset int64) bool {
	i := sort.Search(len(spans), func(i int) bool { return spans[i].to > offset })
	return i < len(spans) && spans[i].from <= offset
}

// size is how many offsets the spans hold.
func size(spans []span) int64 {
	n := int64(0)
	for _, s := range spans {
		n += s.to - s.from
	}
	return n
}

// topic is one that is read.
type topic struct {
	name     string
	id       [16]byte
	compacts compaction
	parts    []*partition  // by number; nil where it is not read yet
	absent   time.Duration // since when it is not told of; 0: it is
	gone     string        // why nothing more can be said of it; empty: it is as it was
}

// part is the partition of a number, nil if it is not read.
func (t *topic) part(number int32) *partition {
	if t == nil || number < 0 || int(number) >= len(t.parts) {
		return nil
	}
	return t.parts[number]
}

// has makes a partition that of a number.
func (t *topic) has(number int32, part *partition) {
	for len(t.parts) <= int(number) {
		t.parts = append(t.parts, nil)
	}
	t.parts[number] = part
	part.topic, part.number = t, number
}

// compaction tells whether a topic's log is compacted.
type compaction uint8

const (
	notKnown compaction = iota
	isNot
	isCompacted
)
