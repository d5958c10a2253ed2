package telemetry

import "kdyno/telemetry/report"

// Stages are those of one record, in milliseconds, by report.StageNames; they
// add up to its latency. Of a record that came to no batch, with a nil one, they
// are those until it was admitted. With acks=0 the network is nil.
func Stages(t RecordTimes, of *BatchTimes) map[string]*float64 {
	stages := map[string]*float64{}
	put := func(stage int, ns int64) { stages[report.StageNames[stage]] = report.Ns(ns) }
	if of == nil {
		put(stageLag, max(t.SendCalled-t.Due, 0))
		put(stageSerialize, t.Serialize)
		put(stageBlocked, t.Blocked)
		put(stageSwap, t.Swap)
		return stages
	}
	b := *of
	ordered(&b)
	t = fitted(t, b.Written)
	put(stageLag, t.SendCalled-t.Due)
	put(stageSerialize, t.Serialize)
	put(stageBlocked, t.Blocked)
	put(stageSwap, t.Swap)
	admitted := t.SendCalled + t.Serialize + t.Blocked + t.Swap
	ready := max(b.Ready, admitted)
	put(stageBatching, ready-admitted)
	put(stageSlot, b.Written-ready)
	put(stageRetry, b.LastWritten-b.Written)
	answered := b.Answered
	stages[report.StageNames[stageNetwork]] = nil
	if answered == 0 {
		answered = b.LastWritten
	} else {
		put(stageNetwork, answered-b.LastWritten)
	}
	put(stageCallback, b.Called-answered)
	return stages
}
