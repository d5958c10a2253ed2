package run

import "sync"

// Stock keeps records that have ended for the senders to use again, a batch at
// a time: one lock for a batch, where a pool of single records costs as much as
// two clock reads for each (measured). It outlives runs.
type Stock struct {
	mu     sync.Mutex
	chains []chain
	bytes  int64
}

// stockBytes bounds what is kept: the default of buffer.memory. More lies about
// only after a larger buffer was full; the collector takes that.
const stockBytes = 32 << 20

// chain is a list of records, linked by next.
type chain struct {
	first *Record
	bytes int64 // of their keys and values
}

func (c *chain) add(rec *Record) {
	rec.next, c.first = c.first, rec
	c.bytes += int64(cap(rec.Key) + cap(rec.Value))
}

// put takes a chain over.
func (s *Stock) put(c chain) {
	if c.first == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bytes+c.bytes > stockBytes && len(s.chains) > 0 {
		return
	}
	s.chains = append(s.chains, c)
	s.bytes += c.bytes
}

// take returns the chain that was put last, since its memory is still near.
func (s *Stock) take() chain {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.chains) - 1
	if last < 0 {
		return chain{}
	}
	c := s.chains[last]
	s.chains[last] = chain{}
	s.chains = s.chains[:last]
	s.bytes -= c.bytes
	return c
}

// Supply is one sender's share of a stock, for its goroutine alone.
type Supply struct {
	stock *Stock
	next  *Record
}

// Supply makes a share for one sender. Any goroutine may call it.
func (s *Stock) Supply() Supply { return Supply{stock: s} }

// Record returns a record to fill and produce: an empty one, but for the memory
// of its key, value and headers.
func (s *Supply) Record() *Record {
	rec := s.next
	if rec == nil {
		if rec = s.stock.take().first; rec == nil {
			return new(Record)
		}
	}
	s.next, rec.next = rec.next, nil
	return rec
}
