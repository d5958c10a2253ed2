package telemetry

// tally is everything that was counted in one stretch of time: the interval
// being closed, the last seconds, the session.
type tally struct {
	sums
	shape
}

// sums are the figures of a stretch that add up.
type sums struct {
	due        int64 // records
	closedLoop bool  // in any of it
	guest      bool  // all of it
	send       sendCounts
	ack        ackCounts
	batches    batchSums
	wire       wireSums
	gaps       gaps
	buffer     bufferSums
	rated      rateSums
}

// rateSums is the part of a stretch that its rate is of.
type rateSums struct {
	width     int64 // ns
	due       int64
	sent      int64
	acked     int64
	bytes     int64 // of the acknowledged, keys and values
	blockedNs int64 // sum over senders
	senderNs  int64 // width by senders
	holds     holds
}

// bufferSums is the accumulator's fill in a stretch.
type bufferSums struct {
	width  int64   // ns
	usedNs float64 // bytes by ns
	max    int64
	limit  int64 // the last
}

func (s *sums) add(o *sums) {
	s.due += o.due
	s.closedLoop = s.closedLoop || o.closedLoop
	s.guest = s.guest || o.guest
	s.send.add(o.send)
	s.ack.add(o.ack)
	s.batches.add(o.batches)
	s.wire.add(o.wire)
	s.gaps.merge(o.gaps)

	s.buffer.width += o.buffer.width
	s.buffer.usedNs += o.buffer.usedNs
	s.buffer.max = max(s.buffer.max, o.buffer.max)
	s.buffer.limit = o.buffer.limit

	s.rated.width += o.rated.width
	s.rated.due += o.rated.due
	s.rated.sent += o.rated.sent
	s.rated.acked += o.rated.acked
	s.rated.bytes += o.rated.bytes
	s.rated.blockedNs += o.rated.blockedNs
	s.rated.senderNs += o.rated.senderNs
	s.rated.holds.add(o.rated.holds)
}

// shape is how latency and its stages were spread.
type shape struct {
	latency Hist
	called  Hist // latency since send was called
	stages  [stageCount]Hist
	tails   tails
}

func (s *shape) merge(o *shape) {
	s.latency.Merge(&o.latency)
	s.called.Merge(&o.called)
	s.tails.merge(&o.tails)
	for i := range s.stages {
		s.stages[i].Merge(&o.stages[i])
	}
}

func (s *shape) reset() {
	s.latency.Reset()
	s.called.Reset()
	s.tails.reset()
	for i := range s.stages {
		s.stages[i].Reset()
	}
}

func (t *tally) reset() {
	t.sums = sums{}
	t.shape.reset()
}

// gap is the time between two acknowledgements that follow one another, as
// instants in nanoseconds.
type gap struct{ from, to int64 }

func (g gap) length() int64 { return g.to - g.from }

// gaps are the longest few of an interval, longest first: enough to find the
// one around a swap even where another was longer.
type gaps [4]gap

func (s *gaps) put(g gap) {
	if g.from < 0 || g.length() <= s[len(s)-1].length() {
		return
	}
	i := len(s) - 1
	for ; i > 0 && s[i-1].length() < g.length(); i-- {
		s[i] = s[i-1]
	}
	s[i] = g
}

func (s *gaps) merge(o gaps) {
	for _, g := range o {
		s.put(g)
	}
}

// after leaves out what was before an instant, and cuts what began before it.
func (s *gaps) after(from int64) gaps {
	var cut gaps
	for _, g := range s {
		cut.put(gap{from: max(g.from, from), to: g.to})
	}
	return cut
}

// longest is the length of the longest gap that overlaps from..to.
func (s *gaps) longest(from, to int64) int64 {
	for _, g := range s {
		if g.length() > 0 && g.from < to && g.to > from {
			return g.length()
		}
	}
	return 0
}
