package pane

import (
	"fmt"

	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// Partitions are the partitions with their share of the records: skew can be
// seen, and of many the worst ones come first.
type Partitions struct {
	ranking[report.Partition]
}

// Subject implements Pointer.
func (p *Partitions) Subject() Subject {
	if row, ok := p.picked(); ok {
		return Subject{Kind: PartitionSubject, Name: row.Topic, ID: row.Partition}
	}
	return Subject{}
}

// partitionSums is what is said of all partitions together.
type partitionSums struct {
	count, leaderless, erring int
	records, most, queued     int64
	most1                     report.Partition // the one with the most records
}

func sumPartitions(all []report.Partition) (s partitionSums) {
	s.count = len(all)
	for _, p := range all {
		s.records += p.Records
		s.queued += p.Queued
		if p.Records > s.most {
			s.most, s.most1 = p.Records, p
		}
		s.leaderless += int(yes(p.Leader < 0))
		s.erring += int(yes(p.LastError != ""))
	}
	return s
}

// Draw draws the pane with its box.
func (p *Partitions) Draw(c *draw.Canvas, s Scene) {
	all := s.Figures.Report.Partitions
	sums := sumPartitions(all)
	room := max(c.H-2, 0)
	p.take(s.Figures, room, func() []report.Partition { return append([]report.Partition(nil), all...) }, passPartition, worsePartition)
	if !p.fits {
		room-- // the summary
	}
	rows := p.page(room)
	box := draw.Box{
		Title: []draw.Span{{Text: "Partitions", Role: draw.Title}}, Focus: s.Focus,
		Foot: draw.Span{Text: fit(c.W-8, "bar: records acknowledged, ┊ even share", "┊ even share"), Role: draw.Faint},
	}
	if even := shareOfCount(sums.count); even > 0 {
		box.Note = draw.Span{Text: fit(c.W-18,
			fmt.Sprintf("even share %s   skew %.1fx", fineShare(even), s.Figures.Report.Skew),
			fmt.Sprintf("skew %.1fx", s.Figures.Report.Skew)), Role: draw.Faint}
	}
	if note := p.note(len(rows)); note != "" {
		box.Foot.Text = fit(c.W-8, note)
	}
	slow, found := slowestBroker(s)
	box.Draw(c, func(c *draw.Canvas) {
		y := 0
		if !p.fits {
			c.Text(1, 0, fit(c.W-2, sums.words()...), sums.role())
			y++
		}
		if len(rows) == 0 && p.Filter.On() {
			c.Sub(0, y, c.W, 1, func(c *draw.Canvas) { nothingPasses(c, &p.Filter) })
		}
		for i, row := range rows {
			drawPartition(c, y+i, row, sums, found && row.Leader == slow, len(s.Figures.Report.Topics) > 1)
		}
		p.underCursor(c, y, len(rows), s)
	})
}

func (s partitionSums) role() draw.Role {
	if s.leaderless > 0 || s.erring > 0 {
		return draw.Bad
	}
	return draw.Text
}

// words are the summary, the longest way first.
func (s partitionSums) words() []string {
	what := draw.Plural(int64(s.count), "partition")
	waits := fmt.Sprintf("%s records queued", draw.Count(s.queued))
	bad := ""
	if s.leaderless > 0 {
		bad += fmt.Sprintf("%s without leader   ", draw.Count(int64(s.leaderless)))
	}
	if s.erring > 0 {
		bad += fmt.Sprintf("%s had errors   ", draw.Count(int64(s.erring)))
	}
	top := ""
	if s.most > 0 {
		top = fmt.Sprintf("   busiest p%d %s", s.most1.Partition, fineShare(float64(s.most)/float64(s.records)))
	}
	return []string{bad + what + "   " + waits + top, bad + what + "   " + waits, bad + waits, what}
}

func passPartition(f *Filter, p report.Partition) bool {
	leader := fmt.Sprintf("b%d", p.Leader)
	if p.Leader < 0 {
		leader = "no leader"
	}
	return f.Passes(fmt.Sprintf("p%d", p.Partition), p.Topic, leader, p.LastError)
}

// worsePartition puts first what has no leader, then the longest queue, then
// the slowest and the busiest.
func worsePartition(a, b report.Partition) int {
	return worseBy(
		[2]float64{yes(a.Leader < 0), yes(b.Leader < 0)},
		[2]float64{yes(a.LastError != ""), yes(b.LastError != "")},
		[2]float64{float64(a.Queued), float64(b.Queued)},
		[2]float64{orZero(a.P99Ms), orZero(b.P99Ms)},
		[2]float64{float64(a.Records), float64(b.Records)},
	)
}

// drawPartition is one row: name, bar, share, leader and, where there is
// room, p99, queue and the last error.
func drawPartition(c *draw.Canvas, y int, p report.Partition, sums partitionSums, slow, topics bool) {
	name := fmt.Sprintf("p%d", p.Partition)
	wide := 6
	if topics {
		name, wide = draw.Safe(p.Topic, 12)+" "+name, 18
	}
	c.Text(1, y, draw.Left(name, wide), draw.Text)
	right := c.W - 1
	const errorRoom = 24
	if c.W >= 110 {
		tail := draw.Left(draw.Safe(p.LastError, errorRoom), errorRoom)
		c.Text(right-errorRoom, y, tail, draw.Bad)
		right -= errorRoom + 1
	}
	if c.W >= 64 {
		c.TextRight(right, y, "queued "+draw.Right(draw.SI(float64(p.Queued)), 6), draw.Text)
		right -= 14
	}
	if c.W >= 48 {
		c.TextRight(right, y, draw.Right(withMs(draw.Ms(p.P99Ms)), 9), draw.Text)
		right -= 10
	}
	leader, role := fmt.Sprintf("b%d", p.Leader), draw.Text
	switch {
	case p.Leader < 0:
		leader, role = "none!", draw.Bad
	case slow:
		leader, role = leader+"!", draw.Bad
	}
	c.Text(right-5, y, draw.Left(leader, 5), role)
	right -= 6
	share := 0.0
	if sums.records > 0 {
		share = float64(p.Records) / float64(sums.records)
	}
	c.TextRight(right, y, draw.Right(fineShare(share), 7), draw.Text)
	right -= 8
	skewBar(c, wide+1, y, right-wide-1, p.Records, sums)
}

// skewBar is full for the busiest partition and marks the even share.
func skewBar(c *draw.Canvas, x, y, w int, records int64, sums partitionSums) {
	if sums.most == 0 || w < 3 {
		return
	}
	c.Bar(x, y, w, float64(records)/float64(sums.most), draw.SeriesA)
	even := int(float64(sums.records) / float64(sums.count) / float64(sums.most) * float64(w))
	if at := x + min(even, w-1); c.At(at, y).Rune == draw.Free {
		c.Set(at, y, draw.Dashed, draw.MarkLine)
	}
}

func shareOfCount(n int) float64 {
	if n == 0 {
		return 0
	}
	return 1 / float64(n)
}

// fineShare is a share that may be small, as of a thousand partitions.
func fineShare(share float64) string {
	if share > 0 && share < 0.0995 {
		return fmt.Sprintf("%.1f %%", share*100)
	}
	return draw.Percent(&share)
}
