package pane

import (
	"cmp"
	"fmt"
	"slices"

	"kdyno/telemetry"
	"kdyno/ui/draw"
)

const (
	queueWidth  = 13 // one partition: p11, two glyphs, 17 %
	leaderWidth = 5  // and who leads it: b3 !
	queueGlyphs = 2
)

// queueBoard is what the queues' pictures have in common until the next
// figures: sorting a thousand queues twenty times a second would cost more
// than drawing them.
type queueBoard struct {
	of     *telemetry.Snapshot
	order  []int // of the figures' queues, the longest first
	shares map[topicPartition]float64
	slow   int32
	found  bool
}

type topicPartition struct {
	topic     string
	partition int32
}

// take makes the board anew where the figures have changed.
func (b *queueBoard) take(s Scene) {
	t := s.Figures
	if b.of == t {
		return
	}
	b.of, b.shares, b.order = t, partitionShares(t), make([]int, len(t.Now.Queues))
	b.slow, b.found = slowestBroker(s)
	for i := range b.order {
		b.order[i] = i
	}
	slices.SortStableFunc(b.order, func(x, y int) int { return cmp.Compare(t.Now.Queues[y].Records, t.Now.Queues[x].Records) })
}

// longest are n queues as they are now, in the order of the figures, so that
// the order does not change with every frame.
func (b *queueBoard) longest(live []telemetry.QueueNow, from, n int) []telemetry.QueueNow {
	var all []telemetry.QueueNow
	for _, i := range b.order[min(from, len(b.order)):min(from+n, len(b.order))] {
		q := b.of.Now.Queues[i]
		same := func(now telemetry.QueueNow) bool { return now.Topic == q.Topic && now.Partition == q.Partition }
		if i >= len(live) || !same(live[i]) {
			i = slices.IndexFunc(live, same)
		}
		if i >= 0 {
			q = live[i]
		}
		all = append(all, q)
	}
	return all
}

// queues draws what waits for each partition and its share of the records.
// When they do not all fit, those with the longest queue come first.
func (p *Pipeline) queues(c *draw.Canvas, s Scene) {
	all, wide := s.Live.Now.Queues, queueWidth
	if len(all) > 100 {
		wide += 3 // longer numbers, smaller shares
	}
	leaders := len(all) <= c.W/(wide+leaderWidth)*c.H
	if leaders {
		wide += leaderWidth
	}
	columns := max(1, c.W/wide)
	p.board.take(s)
	p.over = 0
	if room := columns * c.H; len(all) > room {
		room -= columns // the last row tells of the rest
		if c.H == 1 {
			room = columns - 1 // or the last column
		}
		room = max(room, 0)
		p.over = len(all) - room
		p.scroll = min(p.scroll, p.over)
		all = p.board.longest(all, p.scroll, room)
	} else {
		p.scroll = 0
	}
	rows := max(1, (len(all)+columns-1)/columns)
	for i, q := range all {
		x, y := i/rows*wide+1, i%rows
		p.cursor.add(target{Subject{Kind: PartitionSubject, Name: q.Topic, ID: q.Partition}, x, y, wide - 1})
		if leaders {
			p.board.draw(c, x, y, wide-leaderWidth, q)
			p.board.leader(c, x+wide-leaderWidth-1, y, q.Leader)
		} else {
			p.board.draw(c, x, y, wide, q)
		}
	}
	switch {
	case p.over > 0 && c.H == 1:
		c.Text((columns-1)*wide+1, 0, draw.Cut(fmt.Sprintf("+%d more", p.over), wide-1), draw.Faint)
	case p.over > 0 && c.H > 0:
		from, of := p.scroll+1, len(s.Live.Now.Queues)
		c.Text(1, c.H-1, fit(c.W-2,
			fmt.Sprintf("longest queues first, %d to %d of %s", from, p.scroll+len(all), draw.Count(int64(of))),
			fmt.Sprintf("longest, %d of %s", len(all), draw.Count(int64(of)))), draw.Faint)
	}
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

func (b *queueBoard) draw(c *draw.Canvas, x, y, w int, q telemetry.QueueNow) {
	c.Text(x, y, fmt.Sprintf("p%d", q.Partition), draw.Text)
	right := x + w - 2
	share, known := b.shares[topicPartition{q.Topic, q.Partition}]
	text := draw.Percent(&share)
	if w > queueWidth {
		x, text = x+1, fineShare(share)
	}
	if known {
		c.TextRight(right, y, text, draw.Faint)
	}
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
}

// leader names the broker that has the partition; the slowest is marked.
func (b *queueBoard) leader(c *draw.Canvas, x, y int, id int32) {
	switch {
	case id < 0:
		c.Text(x, y, "none", draw.Bad)
	case b.found && id == b.slow:
		c.Text(x, y, fmt.Sprintf("b%d!", id), draw.Bad)
	default:
		c.Text(x, y, fmt.Sprintf("b%d", id), draw.Faint)
	}
}
