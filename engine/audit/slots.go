package audit

import "sync/atomic"

// slots hold where records were acknowledged until they were found there.
type slots [pageRecords]atomic.Uint64

// A slot is its kind, how often the record was written, and where it stands.
const (
	placeBits  = 16
	offsetBits = 40
	triesBits  = 6
	mostTries  = 1<<triesBits - 1

	kindAt  = 62
	triesAt = placeBits + offsetBits
	whereOf = 1<<triesAt - 1

	slotAcked   = 1 << kindAt // acknowledged there and not found there
	slotFound   = 2 << kindAt // found there and not acknowledged
	slotSettled = 3 << kindAt // nothing more is to be said of it
	slotKind    = 3 << kindAt
)

// whereAt packs a place, the offset counted from where the audit began to read
// it. Without ok it is too far out.
func whereAt(place int32, offset int64) (where uint64, ok bool) {
	if place < 0 || place >= 1<<placeBits || offset < 0 || offset >= 1<<offsetBits {
		return 0, false
	}
	return uint64(place)<<offsetBits | uint64(offset), true
}

func unpack(slot uint64) (place int32, offset int64, tries int) {
	return int32(slot & whereOf >> offsetBits), int64(slot & (1<<offsetBits - 1)), int(slot >> triesAt & mostTries)
}

// acked notes where the record was acknowledged.
func (s *slots) acked(i int, where uint64, tries int) {
	noted := uint64(min(tries, mostTries))<<triesAt | where
	for {
		old, kind := s[i].Load(), uint64(slotAcked)
		if old == slotFound|where {
			kind = slotSettled
		}
		if s[i].CompareAndSwap(old, kind|noted) {
			return
		}
	}
}

// found notes that the record stands there. Without ok it was seen elsewhere
// before, and where it was acknowledged is not known yet.
func (s *slots) found(i int, where uint64) (ok bool) {
	for {
		old := s[i].Load()
		switch {
		case old == 0:
			if s[i].CompareAndSwap(0, slotFound|where) {
				return true
			}
		case old&slotKind == slotFound:
			return old == slotFound|where
		default:
			if old&slotKind == slotAcked && old&whereOf == where {
				s[i].Store(old | slotSettled) // the promise has written it for good
			}
			return true
		}
	}
}
