package wire

import "time"

const (
	// A write is cut into pieces of a 64th of the send buffer where bandwidth
	// is bounded: it is acknowledged piece by piece, as by a real network, and a
	// whole one would let the pipe run empty.
	piecesPerBuffer = 64
	leastPiece      = 1460 // bytes, one segment on Ethernet
	// mostLate is how late a pump may be and be forgiven; a machine that slept is
	// not.
	mostLate = 50 * time.Millisecond
	// spareBytes bounds the room that is kept for the next writes.
	spareBytes = 2 << 20
)

// piece is some bytes that arrive together.
type piece struct {
	size int
	due  time.Time
}

// way is what is between the client and the broker, oldest first. Only take
// moves bytes to another place, so that what ready returned stays as it is
// while more is added.
type way struct {
	bytes  []byte
	taken  int // of bytes, delivered
	pieces []piece
	first  int       // of pieces, not delivered
	free   time.Time // when the sending side is done with all of it
	last   time.Time // when the last byte is due
	freed  time.Time // when what was delivered last was due
}

// unacknowledged is how many bytes the send buffer must hold.
func (w *way) unacknowledged() int { return len(w.bytes) - w.taken }

// push puts a copy of p on the way. After delay of its own each piece is due.
func (w *way) push(p []byte, now time.Time, c course, delay time.Duration, most int) {
	w.bytes = append(w.bytes, p...)
	for left := len(p); left > 0; {
		n := left
		if c.bandwidth > 0 {
			n = min(left, max(most/piecesPerBuffer, leastPiece))
		}
		w.pieces = append(w.pieces, piece{size: n})
		w.schedule(len(w.pieces)-1, now, c.bandwidth, delay)
		left -= n
	}
}

// schedule says when a piece is due: once what is before it and it itself are
// sent, plus its delay, and not before the piece ahead of it.
func (w *way) schedule(i int, now time.Time, bandwidth int64, delay time.Duration) {
	if w.free.Before(now) {
		w.free = now
	}
	if bandwidth > 0 {
		w.free = w.free.Add(time.Duration(int64(w.pieces[i].size) * int64(time.Second) / bandwidth))
	}
	if due := w.free.Add(delay); due.After(w.last) {
		w.last = due
	}
	w.pieces[i].due = w.last
}

// roomSince is when a write that waits since then had room: not when the pump
// came to deliver, which is late by what the machine takes to wake it. Else that
// would add up, round trip after round trip.
func (w *way) roomSince(since, now time.Time) time.Time {
	at := now.Add(-mostLate)
	if at.Before(since) {
		at = since
	}
	if at.Before(w.freed) {
		at = w.freed
	}
	if at.After(now) {
		return now
	}
	return at
}

// again makes everything set off anew, as what was sent into a stall is.
func (w *way) again(now time.Time, c course, delay time.Duration) {
	w.free, w.last = now, now
	for i := w.first; i < len(w.pieces); i++ {
		w.schedule(i, now, c.bandwidth, delay)
	}
}

// ready returns what is due, or else when the next piece is.
func (w *way) ready(now time.Time) ([]byte, time.Time) {
	n := 0
	for _, p := range w.pieces[w.first:] {
		if p.due.After(now) {
			if n == 0 {
				return nil, p.due
			}
			break
		}
		n += p.size
	}
	return w.bytes[w.taken : w.taken+n], time.Time{}
}

// take drops the first n bytes, which ready returned.
func (w *way) take(n int) {
	w.taken += n
	for ; n > 0; w.first++ {
		n -= w.pieces[w.first].size
		w.freed = w.pieces[w.first].due
	}
	if w.taken == len(w.bytes) {
		if cap(w.bytes) > spareBytes {
			w.bytes = nil
		}
		w.bytes, w.pieces, w.taken, w.first = w.bytes[:0], w.pieces[:0], 0, 0
		return
	}
	if w.taken*2 >= len(w.bytes) {
		w.bytes = w.bytes[:copy(w.bytes, w.bytes[w.taken:])]
		w.taken = 0
	}
	if w.first*2 >= len(w.pieces) {
		w.pieces = w.pieces[:copy(w.pieces, w.pieces[w.first:])]
		w.first = 0
	}
}
