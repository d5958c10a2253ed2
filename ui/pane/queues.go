package pane

import (
	"fmt"
	"slices"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

const (
	queueWidth  = 15 // one partition: p11 ■■□   17 %
	queueGlyphs = 4
)

// queues draws what waits for each partition and its share of the records.
// When they do not all fit, those with the longest queue come first.
func (p *Pipeline) queues(c *draw.Canvas, s Scene) {
	columns := max(1, c.W/queueWidth)
	room := columns * c.H
	all := s.Live.Now.Queues
	p.over = 0
	if len(all) > room && room > 0 {
		all = slices.Clone(all)
		slices.SortStableFunc(all, func(a, b telemetry.QueueNow) int {
			return compareDown(float64(a.Records), float64(b.Records))
		})
		room -= columns // the last row tells of the rest
		p.over = len(all) - max(room, 1)
		p.scroll = min(p.scroll, p.over)
		all = all[p.scroll:min(p.scroll+max(room, 0), len(all))]
	} else {
		p.scroll = 0
	}
	shares := partitionShares(s.Figures)
	rows := max(1, (len(all)+columns-1)/columns)
	for i, q := range all {
		p.queue(c, i/rows*queueWidth+1, i%rows, q, shares)
	}
	if p.over > 0 {
		rest := fmt.Sprintf("longest queues first, %d to %d of %d", p.scroll+1, p.scroll+len(all), len(s.Live.Now.Queues))
		c.Text(1, c.H-1, draw.Cut(rest, c.W-2), draw.Faint)
	}
}

type topicPartition struct {
	topic     string
	partition int32
}

// partitionShares is each partition's share of the acknowledged records.
func partitionShares(t *telemetry.Snapshot) map[topicPartition]float64 {
	total := int64(0)
	for _, p := range t.Report.Partitions {
		total += p.Records
	}
	shares := make(map[topicPartition]float64, len(t.Report.Partitions))
	for _, p := range t.Report.Partitions {
		if total > 0 {
			shares[topicPartition{p.Topic, p.Partition}] = float64(p.Records) / float64(total)
		}
	}
	return shares
}

func (*Pipeline) queue(c *draw.Canvas, x, y int, q telemetry.QueueNow, shares map[topicPartition]float64) {
	c.Text(x, y, draw.Left(fmt.Sprintf("p%d", q.Partition), 4), draw.Text)
	for i := range min(q.Batches, queueGlyphs) {
		switch {
		case i == queueGlyphs-1 && q.Batches > queueGlyphs:
			c.Set(x+4+i, y, '+', draw.Bad)
		case i == q.Batches-1:
			c.Set(x+4+i, y, draw.Filling, draw.SeriesA)
		default:
			c.Set(x+4+i, y, draw.Ready, draw.SeriesB)
		}
	}
	if share, ok := shares[topicPartition{q.Topic, q.Partition}]; ok {
		c.TextRight(x+queueWidth-2, y, draw.Percent(&share), draw.Faint)
	}
}
