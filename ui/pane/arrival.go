package pane

import (
	"fmt"

	"kdyno/engine/setting"
	"kdyno/telemetry"
	"kdyno/ui/draw"
)

// The stations of somebody else's producer: what stands inside of it is not seen
// here, so they tell what its batches tell as they arrive.

// shownGuest is the guest that the snapshot is about; nil: the producer is ours,
// or nobody has come.
func shownGuest(t *telemetry.Snapshot) *telemetry.Guest {
	if t.Guests == nil {
		return nil
	}
	for i := range t.Guests.List {
		if t.Guests.List[i].Number == t.Guests.Shown {
			return &t.Guests.List[i]
		}
	}
	return nil
}

// arrivals puts the stations of a guest in the place of those of a producer of
// ours, two of them only where there is room.
func arrivals(s Scene, all *[stops]station, room bool) {
	r := s.Figures.Recent
	name, software := "", ""
	if g := shownGuest(s.Figures); g != nil {
		name, software = draw.Safe(g.Name, 40), draw.Safe(g.Software, 40)
	}
	all[sendStop].lines = []string{"application", draw.SI(r.Rate.RecordsPerS) + "/s", name, software}
	all[accumulatorStop].lines = batchesOf(s)
	if !room {
		return
	}
	codec := []string{"compression", draw.Safe(s.Values.Text(setting.CompressionType), 10)}
	if r.Rate.RecordsPerS > 0 {
		codec = append(codec, draw.Bytes(r.Rate.BytesPerS/r.Rate.RecordsPerS)+" a record")
	}
	all[serializeStop].lines = codec
	how := draw.Unknown
	if in, known := s.Figures.Guests.Inferred[string(setting.PartitionerClass)]; known && in.Value != "" {
		how = draw.Safe(in.Value, 30)
	}
	where := []string{"partition", how, "over " + draw.Count(int64(len(s.Figures.Report.Partitions)))}
	if skew := s.Figures.Report.Skew; skew > 0 {
		where = append(where, fmt.Sprintf("skew %.1fx", skew))
	}
	all[partitionStop].lines = where
}

// batchesOf tells of batches as they came.
func batchesOf(s Scene) []string {
	b := s.Figures.Recent.Batches
	size, records := draw.Unknown, draw.Unknown
	if b.BytesMean != nil {
		size = draw.Bytes(*b.BytesMean) + " each"
	}
	if b.RecordsMean != nil {
		records = draw.SI(*b.RecordsMean)
	}
	lines := []string{"batches", size, "open " + withMs(draw.Ms(b.OpenMeanMs))}
	if b.OpenMeanMs != nil && b.QueueMeanMs != nil {
		wait := max(*b.QueueMeanMs-*b.OpenMeanMs, 0)
		lines = append(lines, "wait "+withMs(draw.Ms(&wait)))
	} else {
		lines = append(lines, "wait "+draw.Unknown)
	}
	return append(lines, records+" rec/batch")
}
