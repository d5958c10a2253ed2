package ui

import (
	"testing"
	"time"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// later is the sample some time on: the series has moved and the gauges with
// it.
func later(by time.Duration) *telemetry.Snapshot {
	t := sample()
	t.At += by
	for i := range t.Series {
		t.Series[i].At += by
	}
	t.Now.BufferUsed += int64(by / 100)
	for i := range t.Now.InFlight {
		t.Now.InFlight[i].InFlight = (t.Now.InFlight[i].InFlight + int(by/time.Second)) % 6
	}
	for i := range t.Now.Queues {
		t.Now.Queues[i].Batches = (t.Now.Queues[i].Batches + int(by/time.Second)) % 4
	}
	return t
}

// A frame at 200x50 in which the gauges have moved: header and pipeline.
func BenchmarkFrameGauges(b *testing.B) {
	m, _, _ := workbench(200, 50)
	snaps := []*telemetry.Snapshot{later(0), later(time.Second), later(2 * time.Second)}
	_ = m.View()
	b.ReportAllocs()
	for b.Loop() {
		m.clock.gauges++
		m.scene.Live = snaps[m.clock.gauges%len(snaps)]
		m.screen.dirty = true
		_ = m.View()
	}
}

// A frame at 200x50 in which four panes have changed: latency, throughput,
// heatmap and signals have moved on by a column.
func BenchmarkFrameChanged(b *testing.B) {
	m, _, _ := workbench(200, 50)
	snaps := []*telemetry.Snapshot{later(0), later(time.Second), later(2 * time.Second)}
	_ = m.View()
	b.ReportAllocs()
	for b.Loop() {
		m.clock.charts++
		m.scene.Charts = snaps[m.clock.charts%len(snaps)]
		m.screen.dirty = true
		_ = m.View()
	}
}

// A frame at 200x50 of which everything has changed: a key.
func BenchmarkFrameAllChanged(b *testing.B) {
	m, _, _ := workbench(200, 50)
	b.ReportAllocs()
	for b.Loop() {
		m.screen.touch()
		_ = m.View()
	}
}

// A frame of a thousand partitions and fifty brokers at the tick of the
// gauges.
func BenchmarkFrameOfMany(b *testing.B) {
	m, e, _ := workbench(200, 50)
	e.snap = many()
	m.pull(true)
	_ = m.View()
	b.ReportAllocs()
	for b.Loop() {
		m.clock.gauges++
		m.screen.dirty = true
		_ = m.View()
	}
}

// View when nothing has changed, as Bubble Tea asks after every message.
func BenchmarkViewKept(b *testing.B) {
	m, _, _ := workbench(200, 50)
	_ = m.View()
	b.ReportAllocs()
	for b.Loop() {
		_ = m.View()
	}
}

// many is a session of 1,000 partitions and 50 brokers of which p733 and b37
// are the worst.
func many() *telemetry.Snapshot {
	t := sample()
	t.Report.Cluster.Brokers, t.Report.Topics[0].Partitions = 50, 1000
	t.Now.InFlight, t.Now.Queues, t.Report.Brokers, t.Report.Partitions = nil, nil, nil, nil
	t.Report.Skew = 3.1
	for i := range int32(50) {
		b := report.Broker{ID: i, Slots: 5, InFlight: int64(i % 4), Requests: 6500 + int64(i), RTTP50Ms: ms(3 + float64(i%7)/10), RTTP99Ms: ms(4 + float64(i%9)/10)}
		if i == 37 {
			b.RTTP50Ms, b.RTTP99Ms, b.InFlight, b.Errors = ms(31), ms(88.8), 5, 12
		}
		t.Report.Brokers = append(t.Report.Brokers, b)
		t.Now.InFlight = append(t.Now.InFlight, telemetry.BrokerNow{ID: i, InFlight: int(b.InFlight), Slots: 5, Connected: true})
	}
	for i := range int32(1000) {
		p := report.Partition{Topic: "orders", Partition: i, Leader: i % 50, Records: 48_000 + int64(i%13)*100, Queued: 1 + int64(i%3), P99Ms: ms(9 + float64(i%11)/10)}
		if i == 733 {
			p.Records, p.Queued, p.P99Ms = 149_000, 4200, ms(120)
		}
		t.Report.Partitions = append(t.Report.Partitions, p)
		t.Now.Queues = append(t.Now.Queues, telemetry.QueueNow{Topic: "orders", Partition: i, Leader: p.Leader, Records: p.Queued, Batches: 1 + int(p.Queued/1000)})
	}
	return t
}
