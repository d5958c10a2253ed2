package engine

import (
	"sync"

	"kdyno/engine/setting"
)

// revision is one accepted change.
type revision struct {
	number int
	values setting.Values
}

// history is the list of revisions and where in it the session stands. A
// change after an undo forgets what was undone; numbers are never used twice.
type history struct {
	mu     sync.Mutex
	list   []revision
	at     int // index of the live one
	last   int // the highest number given
	target setting.Values
}

// begin makes the first revision.
func (h *history) begin(v setting.Values) {
	h.list, h.at, h.last, h.target = []revision{{1, v}}, 0, 1, v
}

func (h *history) live() revision {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.list[h.at]
}

// wanted is what was asked for last, whether it is live yet or not.
func (h *history) wanted() setting.Values {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.target
}

// step returns the revision before or after the live one.
func (h *history) step(by int) (revision, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := h.at + by
	if i < 0 || i >= len(h.list) {
		return revision{}, false
	}
	return h.list[i], true
}

// want notes what is asked for, before it is live.
func (h *history) want(v setting.Values) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.target = v
}

// commit makes values live: as the revision of that number where it is one of
// the list (undo and redo), else as a new one.
func (h *history) commit(v setting.Values, number int) revision {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, r := range h.list {
		if number != 0 && r.number == number {
			h.at = i
			return r
		}
	}
	h.last++
	h.list = append(h.list[:h.at+1], revision{h.last, v})
	h.at = len(h.list) - 1
	return h.list[h.at]
}

// abandon goes back to asking for what is live.
func (h *history) abandon() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.target = h.list[h.at].values
}

// room tells how many revisions lie before and after the live one.
func (h *history) room() (undo, redo int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at, len(h.list) - 1 - h.at
}
