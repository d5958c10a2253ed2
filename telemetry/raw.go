package telemetry

// Raw tells how many bytes the batch last told by Batch was before
// compression, for callers that know it only after its last record. It is
// called within the batch's section and adds to BatchTimes.RawBytes.
func (r *Recorder) Raw(bytes int64) {
	r.cell.batches.raw += bytes
	if r.batch.BatchSize > 0 {
		r.cell.batches.fill += float64(bytes) / float64(r.batch.BatchSize)
	}
}
