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
}

// shape is how latency and its stages were spread.
type shape struct {
	latency Hist
	stages  [stageCount]Hist
}

func (s *shape) merge(o *shape) {
	s.latency.Merge(&o.latency)
	for i := range s.stages {
		s.stages[i].Merge(&o.stages[i])
	}
}

func (s *shape) reset() {
	s.latency.Reset()
	for i := range s.stages {
		s.stages[i].Reset()
	}
}

func (t *tally) reset() {
	t.sums = sums{}
	t.shape.reset()
}
