package run

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Stock keeps records that have ended for the senders to use again, a shelf at
// a time. It outlives runs. What is not used for a while the collector takes.
type Stock struct {
	shelves sync.Pool // of *shelf, with enough free
}

// A shelf is used again as soon as half of it is free: so of the memory that is
// held by records which do not end, as long as a broker is silent, they are at
// least half.
const (
	shelved = 64
	enough  = shelved / 2
)

// shelfBytes is how much a sender takes of one shelf at a time, in keys and
// values. What it leaves the next one takes, the first records of the shelf
// before the others: so of large records few keep their memory.
const shelfBytes = 256 << 10

// shelf is records that lie side by side in memory. Senders hand them out in
// this order, and the client and the promise meet them in it: so the processor
// fetches the next while one is seen to. With records from anywhere the waiting
// for memory took a quarter of all time, flat out (measured).
type shelf struct {
	records [shelved]Record
	free    atomic.Uint64 // a bit for each
	taken   atomic.Bool   // by a supply, or by the stock
}

// back takes a record that has ended. Any goroutine may call it. A record that
// is not off a shelf is left to the collector.
func (s *Stock) back(rec *Record) {
	if rec.place == 0 {
		return
	}
	i := int(rec.place - 1)
	sh := (*shelf)(unsafe.Add(unsafe.Pointer(rec), -i*int(unsafe.Sizeof(*rec))))
	sh.free.Or(1 << i)
	s.offer(sh)
}

// offer takes a shelf that nobody has, if enough of it is free.
func (s *Stock) offer(sh *shelf) {
	if bits.OnesCount64(sh.free.Load()) >= enough && !sh.taken.Load() && sh.taken.CompareAndSwap(false, true) {
		s.shelves.Put(sh)
	}
}

// Supply is one sender's share of a stock, for its goroutine alone.
type Supply struct {
	stock *Stock
	shelf *shelf
	free  uint64 // of the shelf's records, those not given yet
	bytes int    // that those have which were filled
}

// Supply makes a share for one sender. Any goroutine may call it.
func (s *Stock) Supply() Supply { return Supply{stock: s} }

// Record returns a record to fill and produce: an empty one, but for the memory
// of its key, value and headers. Filled is to be told before it is produced.
func (s *Supply) Record() *Record {
	if s.free == 0 || s.bytes > shelfBytes {
		s.fetch()
	}
	i := bits.TrailingZeros64(s.free)
	s.free &= s.free - 1
	rec := &s.shelf.records[i]
	rec.place = uint8(i + 1)
	return rec
}

// Filled notes what memory a record of the supply has now.
func (s *Supply) Filled(rec *Record) { s.bytes += cap(rec.Key) + cap(rec.Value) }

// fetch goes on with the next shelf.
func (s *Supply) fetch() {
	s.bytes = 0
	if s.shelf != nil {
		s.shelf.free.Or(s.free)
		s.shelf.taken.Store(false)
		s.stock.offer(s.shelf)
	}
	if s.shelf, _ = s.stock.shelves.Get().(*shelf); s.shelf == nil {
		s.shelf = new(shelf)
		s.shelf.taken.Store(true)
		s.free = ^uint64(0)
		return
	}
	s.free = s.shelf.free.Swap(0)
}
