package telemetry

import (
	"runtime"
	"sync/atomic"
	"time"
)

// lane is one writer's turnstile between the intervals. A writer counts with
// plain stores in short sections; the sampler never makes it wait.
//
//	writer                            sampler, closing interval e
//	e := epoch                        epoch = e+1
//	state = e, inside                 for each lane: wait until it is
//	epoch still e? else again           not inside a section of e
//	count into cell[e mod 2]          read and zero cell[e mod 2] of all lanes
//	state = e, outside
//
// A writer that read epoch e and then slept publishes e late, sees that the
// epoch moved on, and tries again without having counted. So once the sampler
// saw a lane outside e, nothing is ever counted into e again, and the cell is
// not touched by the writer before e+2, which begins after the sampler zeroed
// it. What all lanes counted in e is therefore one consistent cut: a record
// that was accepted in e can only leave in e or later.
type lane struct {
	epoch   *atomic.Uint32
	state   atomic.Uint64 // epoch<<1, and 1 while inside
	retired atomic.Bool
	section uint32 // the writer's own: epoch of its section
	inside  bool
}

func (l *lane) enter() uint32 {
	for {
		e := l.epoch.Load()
		l.state.Store(uint64(e)<<1 | 1)
		if l.epoch.Load() == e {
			l.section, l.inside = e, true
			return e
		}
	}
}

func (l *lane) leave() {
	l.inside = false
	l.state.Store(uint64(l.section) << 1)
}

// The sampler yields at first, since a section lasts well under a microsecond
// unless its writer lost the processor.
const (
	yields = 64
	nap    = 20 * time.Microsecond
)

// await returns when the writer is not inside a section of epoch e.
func (l *lane) await(e uint32) {
	busy := uint64(e)<<1 | 1
	for range yields {
		if l.state.Load() != busy {
			return
		}
		runtime.Gosched()
	}
	timer := time.NewTimer(nap)
	defer timer.Stop()
	for l.state.Load() == busy {
		<-timer.C
		timer.Reset(nap)
	}
}

// sendCounts is what a sender counted in one interval. The levels (blocked)
// are changes, so that all of it can be added up.
type sendCounts struct {
	sent      int64
	accepted  int64
	bytes     int64 // of the accepted, keys and values
	refused   int64
	entered   int64 // by admission's own count
	blocked   int64 // change of the number inside send
	blocks    int64 // sends that had to wait
	exhausted int64
	waited    int64 // ns, of the waits that ended
	since     int64 // sum of the instants at which those still inside began
}

func (c *sendCounts) add(o sendCounts) {
	c.sent += o.sent
	c.accepted += o.accepted
	c.bytes += o.bytes
	c.refused += o.refused
	c.entered += o.entered
	c.blocked += o.blocked
	c.blocks += o.blocks
	c.exhausted += o.exhausted
	c.waited += o.waited
	c.since += o.since
}

// Sender is the lane of one sending goroutine; it outlives runs. Its methods
// are called by that goroutine alone, and allocate nothing.
type Sender struct {
	lane
	now   func() int64
	cells [2]sendCounts
	cell  *sendCounts
	began int64 // of the wait it is in
}

// Begin opens a section and returns its epoch, which the record carries to
// Recorder.Begin. A section must not wait for anything.
func (s *Sender) Begin() uint32 {
	e := s.enter()
	s.cell = &s.cells[e&1]
	return e
}

// End closes the section.
func (s *Sender) End() { s.leave() }

// Sent counts a record that was given to send.
func (s *Sender) Sent() { s.cell.sent++ }

// Accepted counts a record that send took, with the bytes of its key and value.
func (s *Sender) Accepted(bytes int) {
	s.cell.accepted++
	s.cell.bytes += int64(bytes)
}

// Refused counts a record that send gave back: no space, no metadata, too large.
func (s *Sender) Refused() { s.cell.refused++ }

// Entered is admission's own count of a record that went into the buffer; it
// is kept apart from Accepted so that conservation is checked, not assumed.
func (s *Sender) Entered() { s.cell.entered++ }

// Block tells that the record counted as Sent now waits inside send, and ends
// the section.
func (s *Sender) Block() {
	s.began = s.now()
	s.cell.blocked++
	s.cell.blocks++
	s.cell.since += s.began
	s.End()
}

// Unblock begins a new section after Block, whose epoch it returns: the wait
// is over after so many nanoseconds, in vain where exhausted. Accepted or
// Refused follows.
func (s *Sender) Unblock(waited int64, exhausted bool) uint32 {
	e := s.Begin()
	s.cell.blocked--
	s.cell.since -= s.began
	s.cell.waited += waited
	if exhausted {
		s.cell.exhausted++
	}
	return e
}

// Retire tells that the goroutine sends no more. What it counted stays.
func (s *Sender) Retire() { s.retired.Store(true) }
