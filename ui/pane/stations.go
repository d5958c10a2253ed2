package pane

import (
	"fmt"

	"kdyno/engine/setting"
	"kdyno/ui/draw"
)

// station is one stop of the road: a name, its main figure, and what else is
// known of it.
type station struct {
	at, w int
	lines []string
}

// The stations, in the order of the road.
const (
	sendStop = iota
	serializeStop
	partitionStop
	accumulatorStop
	flightStop
	ackStop
	stops
)

// road lays the stations on w columns. Where they do not all fit, serializing
// can be read from where the time goes, and skew from the partitions below.
func road(s Scene, w int) []station {
	var all [stops]station
	for i, share := range [stops]int{0, 17, 34, 51, 73, 0} {
		all[i].at = 1 + w*share/100
	}
	all[ackStop].at = w - ackWidth(w)
	if w < narrowPipeline {
		all[accumulatorStop].at, all[flightStop].at = 15, w-24
	}
	all[sendStop].lines, all[ackStop].lines = sendStation(s), ackStation(s)
	shown := []int{sendStop, accumulatorStop, flightStop, ackStop}
	if w >= narrowPipeline {
		all[serializeStop].lines, all[partitionStop].lines = serializeStation(s), partitionStation(s)
		shown = []int{sendStop, serializeStop, partitionStop, accumulatorStop, flightStop, ackStop}
	}
	for n, i := range shown {
		all[i].w = w - all[i].at
		if n+1 < len(shown) {
			all[i].w = all[shown[n+1]].at - all[i].at - 2
		}
	}
	all[accumulatorStop].lines, all[flightStop].lines = accumulatorStation(s, all[accumulatorStop].w), flightStation(s)
	if w >= widePipeline {
		all[ackStop].lines = wideAckStation(s)
	}
	if s.Figures.Guests != nil {
		arrivals(s, &all, w >= narrowPipeline)
	}
	return all[:]
}

// widePipeline is the width from which the acknowledgements have a station of
// their own beside the brokers' round trips.
const widePipeline = 130

// ackWidth is the room of the last station.
func ackWidth(w int) int {
	if w >= widePipeline {
		return 14
	}
	return 9
}

// stations draws the stations side by side.
func (p *Pipeline) stations(c *draw.Canvas, s Scene, rows int) {
	all := road(s, c.W)
	for i, stop := range all {
		if len(stop.lines) > 0 {
			p.cursor.add(target{Subject{Kind: StopSubject, ID: int32(i)}, stop.at, 0, min(stop.w, draw.Width(stop.lines[0]))})
		}
		for y, line := range stop.lines[:min(len(stop.lines), rows+2)] {
			role := draw.Text
			switch y {
			case 0:
				role = draw.Faint
			case 1:
				role = draw.Strong
				if i > 0 {
					c.Set(stop.at-2, y, '>', draw.Faint)
				}
			}
			c.Text(stop.at, y, draw.Cut(line, stop.w), role)
		}
	}
	if s.Figures.Guests == nil {
		bufferBar(c, s, all[accumulatorStop].at, all[flightStop].at-all[accumulatorStop].at-9)
	}
	end := c.W
	if c.W >= widePipeline {
		end = all[ackStop].at - 3
		percentile, _ := roundTrips(s)
		c.TextRight(end-2, 0, percentile, draw.Faint)
	}
	x := all[flightStop].at
	c.Sub(x, 2, end-x, rows, func(c *draw.Canvas) {
		for y, b := range flight(c, s) {
			p.cursor.add(target{Subject{Kind: BrokerSubject, ID: b.ID}, x, 2 + y, end - x})
		}
	})
}

// bufferBar is how full buffer.memory is.
func bufferBar(c *draw.Canvas, s Scene, x, w int) {
	share := 0.0
	if limit := s.Live.Report.Buffer.LimitBytes; limit > 0 {
		share = float64(s.Live.Now.BufferUsed) / float64(limit)
	}
	c.Bar(x, 2, w, share, loadRole(share))
	c.Text(x+w+1, 2, draw.Right(draw.Percent(&share), 5), draw.Text)
}

func loadRole(share float64) draw.Role {
	if share > 0.9 {
		return draw.Bad
	}
	return draw.SeriesA
}

func sendStation(s Scene) []string {
	f := s.Figures
	return []string{
		"send()",
		draw.SI(f.Recent.Rate.OfferedPerS) + "/s",
		fmt.Sprintf("in send %d", s.Live.Now.Waiters),
		"blocked " + draw.SI(float64(f.Recent.Buffer.BlockedSends)),
		"waiting " + draw.SI(float64(f.Report.Records.Waiting)),
	}
}

// serializeStation tells the mean of a record, also where it is too short for
// a share of the latency.
func serializeStation(s Scene) []string {
	took, b := draw.Unknown, s.Figures.Recent.Batches
	if stage := s.Figures.Recent.Stages["serialize"]; stage != nil && stage.MeanMs != nil {
		took = draw.MsOf(*stage.MeanMs*1000) + " us"
	}
	lines := []string{"serialize", took}
	if b.RawBytesMean != nil && b.RecordsMean != nil && *b.RecordsMean > 0 {
		lines = append(lines, draw.Bytes(*b.RawBytesMean / *b.RecordsMean)+" avg")
	}
	lines = append(lines, draw.Safe(s.Values.Text(setting.CompressionType), 10))
	if b.CompressionRatio != nil {
		lines = append(lines, "to "+draw.Percent(b.CompressionRatio))
	}
	return lines
}

func partitionStation(s Scene) []string {
	how := s.Values.Text(setting.PartitionerClass)
	if row, ok := setting.Find(setting.PartitionerClass); ok {
		how = row.Kind.Show(how)
	}
	lines := []string{"partition", draw.Safe(how, 30), "over " + draw.Count(int64(len(s.Figures.Report.Partitions)))}
	if skew := s.Figures.Report.Skew; skew > 0 {
		lines = append(lines, fmt.Sprintf("skew %.1fx", skew))
	}
	return append(lines, "keys "+draw.Safe(s.Values.Text(setting.LoadKeys), 20))
}

func accumulatorStation(s Scene, w int) []string {
	b, used := s.Figures.Recent.Batches, float64(s.Live.Now.BufferUsed)
	full := fit(w, draw.BytesOf(used, float64(s.Live.Report.Buffer.LimitBytes)), draw.Bytes(used))
	lines := []string{"accumulator", full, "", "batch fill " + draw.Percent(b.FillMean)}
	records := draw.Unknown
	if b.RecordsMean != nil {
		records = draw.SI(*b.RecordsMean)
	}
	return append(lines, records+" rec/batch")
}

func flightStation(s Scene) []string {
	used, slots := 0, 0
	for _, b := range s.Live.Now.InFlight {
		used += b.InFlight
		slots += b.Slots
	}
	return []string{"in flight", fmt.Sprintf("%d of %d", used, slots)}
}

// wideAckStation tells the latency where it ends.
func wideAckStation(s Scene) []string {
	l := s.Figures.Recent.Latency
	return []string{
		"acks", draw.Safe(s.Values.Text(setting.Acks), 8),
		"p50 " + draw.Right(draw.Ms(l.P50Ms), 6) + " ms",
		"p99 " + draw.Right(draw.Ms(recentP99(s.Figures.Recent)), 6) + " ms",
		"max " + draw.Right(draw.Ms(l.MaxMs), 6) + " ms",
	}
}

func ackStation(s Scene) []string {
	percentile, _ := roundTrips(s)
	return []string{"acks  " + percentile, draw.Safe(s.Values.Text(setting.Acks), 8)}
}
