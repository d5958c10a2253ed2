package telemetry

// Guest adds the recorder of a guest: a producer that is not ours, of which the
// wire is all that is seen. It counts batches: Came in the place of a Sender,
// Made in that of Acked, and a batch is done when it was answered. Schedule lag, serialize, blocked, swap and callback are
// not seen, and so neither counted as nothing; nor is latency by partition.
func (m *Meter) Guest() *Recorder {
	r := m.Recorder(0)
	r.guest = true
	return r
}

// Came counts records of a guest that came for the first time. What they are in
// is bytes long on the wire.
func (r *Recorder) Came(records, bytes int64) {
	c := &r.cell.came
	c.sent += records
	c.accepted += records
	c.entered += records
	c.bytes += bytes
}

// Made counts n acknowledged records of the batch last told, which a guest made
// at one instant; what they are in is bytes long on the wire. Batching ends where
// the batch was ready.
func (r *Recorder) Made(n, at, bytes int64) {
	c, b, k := r.cell, &r.batch, &r.bunch
	at = min(at, b.Written)
	c.called.RecordN(b.Called-at, n)
	if row := c.latency.record(b.Called-at, n) >> tailBits; row != k.row {
		r.spill()
		k.row = row
	}
	batching := max(b.Ready-at, 0)
	c.stages[stageBatching].RecordN(batching, n)
	k.batching += n * batching
	if at <= b.Ready {
		k.whole += n
		r.whole += n
	} else {
		c.stages[stageSlot].RecordN(b.Written-at, n)
		k.slot += n * (b.Written - at)
	}
	k.n += n
	c.counts.bytes += bytes
	r.acked += n
}
