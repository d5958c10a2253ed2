package pane

import (
	"cmp"
	"fmt"
	"slices"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

const (
	queueWidth  = 13 // one partition: p11, three glyphs, 17 %
	queueGlyphs = 3
)

// queues draws what waits for each partition and its share of the records.
// When they do not all fit, those with the longest queue come first.
func (p *Pipeline) queues(c *draw.Canvas, s Scene) {
	columns := max(1, c.W/queueWidth)
	all := s.Live.Now.Queues
	p.over = 0
	if room := columns * c.H; len(all) > room {
		room = max(room-columns, 0) // the last row tells of the rest
		p.over = len(all) - room
		p.scroll = min(p.scroll, p.over)
		all = longestFirst(s)[p.scroll : p.scroll+room]
	} else {
		p.scroll = 0
	}
	shares := partitionShares(s.Figures)
	rows := max(1, (len(all)+columns-1)/columns)
	for i, q := range all {
		drawQueue(c, i/rows*queueWidth+1, i%rows, q, shares)
	}
	if p.over > 0 && c.H > 0 {
		from, of := p.scroll+1, len(s.Live.Now.Queues)
		c.Text(1, c.H-1, fit(c.W-2,
			fmt.Sprintf("longest queues first, %d to %d of %d", from, p.scroll+len(all), of),
			fmt.Sprintf("longest, %d of %d", len(all), of)), draw.Faint)
	}
}

// longestFirst orders the queues as the figures do, so that the order does not
// change with every frame.
func longestFirst(s Scene) []telemetry.QueueNow {
	waits := map[topicPartition]int64{}
	for _, q := range s.Figures.Now.Queues {
		waits[topicPartition{q.Topic, q.Partition}] = q.Records
	}
	all := slices.Clone(s.Live.Now.Queues)
	slices.SortStableFunc(all, func(a, b telemetry.QueueNow) int {
		return cmp.Compare(waits[topicPartition{b.Topic, b.Partition}], waits[topicPartition{a.Topic, a.Partition}])
	})
	return all
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

func drawQueue(c *draw.Canvas, x, y int, q telemetry.QueueNow, shares map[topicPartition]float64) {
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
