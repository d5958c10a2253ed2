package pane

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kdyno/engine/setting"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// stop is what is told of a station besides its figures.
type stop struct {
	name   string
	about  string
	stages []string
	keys   []setting.Key
	tell   func(g *account, s Scene)
}

// stopTable is the one table of the stations, in the order of the road.
var stopTable = [stops]stop{
	sendStop: {
		"send()", "The application calls send(). It waits here for space in the buffer, for metadata, and for a producer that is being changed.",
		[]string{"schedule_lag", "blocked", "swap"},
		[]setting.Key{setting.LoadRate, setting.LoadSenders, "load.producers", setting.LoadSend, setting.MaxBlockMs, setting.BufferMemory},
		tellSend,
	},
	serializeStop: {
		"serialize", "Key and value become bytes. A batch is compressed as a whole, later, when it leaves.",
		[]string{"serialize"},
		[]setting.Key{setting.LoadRecordBytes, setting.LoadPayload, setting.CompressionType},
		tellSerialize,
	},
	partitionStop: {
		"partition", "The partitioner chooses the partition: by the key where there is one, else so that batches fill. It takes no time of its own worth telling.",
		nil,
		[]setting.Key{setting.PartitionerClass, setting.PartitionerIgnoreKeys, setting.PartitionerAdaptive, setting.PartitionerTimeoutMs, setting.LoadKeys},
		tellPartition,
	},
	accumulatorStop: {
		"accumulator", "Records wait in the batch of their partition until it is full, linger.ms is over or it leaves with others, and then for a free slot of the leader.",
		[]string{"batching", "slot_wait"},
		[]setting.Key{setting.LingerMs, setting.BatchSize, setting.BufferMemory, setting.DeliveryTimeoutMs},
		tellAccumulator,
	},
	flightStop: {
		"in flight", "The request is on its way to the leader, which writes the batches and answers; with acks=all it waits for its followers first.",
		[]string{"network", "retry"},
		[]setting.Key{setting.MaxInFlight, setting.RequestTimeoutMs, setting.Retries, setting.RetryBackoffMs, setting.MaxRequestSize},
		tellFlight,
	},
	ackStop: {
		"acks", "The answer is told to the application by its callback. Only now the record is known to be in the log.",
		[]string{"callback"},
		[]setting.Key{setting.Acks, setting.EnableIdempotence, setting.DeliveryTimeoutMs},
		tellAcks,
	},
}

// StopOf is the station that a setting governs; none where it governs all of
// them or none.
func StopOf(k setting.Key) Subject {
	for i, stop := range stopTable {
		if slices.Contains(stop.keys, k) {
			return Subject{Kind: StopSubject, ID: int32(i)}
		}
	}
	return Subject{}
}

// SlowestStop is the station where most of the time goes.
func SlowestStop(s Scene) Subject {
	most := spent(s.Figures.Recent).largest()
	for i, stop := range stopTable {
		if slices.Contains(stop.stages, most.stage) {
			return Subject{Kind: StopSubject, ID: int32(i)}
		}
	}
	return Subject{Kind: StopSubject}
}

// stopPage takes a station apart: what waits there, the time that is spent, and
// the settings that govern it.
func stopPage(s Scene, number int) account {
	if number < 0 || number >= stops {
		return account{title: "Nothing"}
	}
	stop := stopTable[number]
	g := account{title: "Station " + stop.name, note: "left, right: along the road"}
	g.say(stop.about, draw.Text)
	g.head("what is there", "now and in the last 5 s")
	stop.tell(&g, s)
	timeSpentAt(&g, s.Figures.Recent, stop.stages)
	g.head("settings that govern it", "2 opens them")
	for _, key := range stop.keys {
		row, known := setting.Find(key)
		if !known {
			continue
		}
		g.lines = append(g.lines, sheetLine{text: draw.Left(string(key), 43) + draw.Safe(shown(row, s.Values.Text(key)), 40), cell: true})
		if now := NowOf(key, s.Figures, s.Values); now != "" {
			g.lines = append(g.lines, sheetLine{text: now, role: draw.Faint, below: true})
		}
	}
	return g
}

// timeSpentAt is the time that records spend at a station, by its stages.
func timeSpentAt(g *account, recent report.Interval, stages []string) {
	if len(stages) == 0 {
		return
	}
	goes := spent(recent)
	g.head("time spent, ms", "last 5 s, share of "+goes.of)
	g.lines = append(g.lines, sheetLine{label: " ", cell: true, role: draw.Faint, text: fmt.Sprintf("%7s%7s%7s%7s  %6s", "mean", "p50", "p99", "max", "share")})
	for _, name := range stages {
		word := stageWords[name][0]
		stage := recent.Stages[name]
		if stage == nil || stage.MeanMs == nil {
			g.rowAs(word, "not measured", draw.Faint)
			continue
		}
		share := draw.Unknown
		if p, ok := goes.part(name); ok {
			share = draw.Percent(&p.share)
		}
		g.lines = append(g.lines, sheetLine{label: word, cell: true, text: fmt.Sprintf("%7s%7s%7s%7s  %6s",
			draw.Ms(stage.MeanMs), draw.Ms(stage.P50Ms), draw.Ms(stage.P99Ms), draw.Ms(stage.MaxMs), share)})
	}
}

// clockRow tells how long something has waited at most, now and in the whole
// session, against the setting that bounds it.
func clockRow(g *account, c clock) {
	role := draw.Text
	if c.share() > 0.5 {
		role = draw.Bad
	}
	g.rowAs(c.name, fmt.Sprintf("%s ms now, %s ms at most so far, of %s ms %s", draw.MsOf(c.now), draw.MsOf(c.longest), draw.Count(int64(c.bound)), c.by), role)
}

func tellSend(g *account, s Scene) {
	f, now := s.Figures, s.Live.Now
	g.row("offered", fmt.Sprintf("%s records/s, %s acknowledged", draw.SI(f.Recent.Rate.OfferedPerS), draw.SI(f.Recent.Rate.RecordsPerS)))
	g.row("inside of send()", fmt.Sprintf("%s now; %s waited for space in the last 5 s, %s gave up",
		draw.Plural(int64(now.Waiters), "sender"), draw.Plural(f.Recent.Buffer.BlockedSends, "call"), draw.Count(f.Recent.Buffer.Exhausted)))
	g.row("due, not called", draw.Plural(f.Report.Records.Waiting, "record")+" behind the schedule")
	if n := f.Report.Records.Refused; n > 0 {
		g.rowAs("refused", draw.Plural(n, "record")+" that send() did not take", draw.Bad)
	}
	if n := producers(s); n > 1 {
		g.row("producers", fmt.Sprintf("%d clients with the same settings; all figures are of all of them", n))
	}
	clockRow(g, clocks(s)[blockedClock])
}

func tellSerialize(g *account, s Scene) {
	b := s.Figures.Recent.Batches
	if b.RawBytesMean != nil && b.RecordsMean != nil && *b.RecordsMean > 0 {
		g.row("a record", draw.Bytes(*b.RawBytesMean / *b.RecordsMean)+" on average, with its key and its place in the batch")
	}
	if b.CompressionRatio != nil {
		g.row("compression", fmt.Sprintf("%s shrinks a batch to %s of its bytes", draw.Safe(s.Values.Text(setting.CompressionType), 10), draw.Percent(b.CompressionRatio)))
	}
}

func tellPartition(g *account, s Scene) {
	all := s.Figures.Report.Partitions
	sums := sumPartitions(all)
	g.row("partitions", draw.Count(int64(len(all))))
	if sums.records > 0 {
		g.row("busiest", fmt.Sprintf("p%d with %s of the records, %.1fx the mean", sums.most1.Partition, fineShare(float64(sums.most)/float64(sums.records)), s.Figures.Report.Skew))
	}
	if sums.leaderless > 0 {
		g.rowAs("without a leader", draw.Count(int64(sums.leaderless)), draw.Bad)
	}
}

func tellAccumulator(g *account, s Scene) {
	batches, ready := 0, 0
	for _, q := range s.Live.Now.Queues {
		batches += q.Batches
		ready += max(q.Batches-1, 0)
	}
	used, limit := float64(s.Live.Now.BufferUsed), float64(s.Live.Report.Buffer.LimitBytes)
	g.row("buffer", fmt.Sprintf("%s in use, %s at most in the last 5 s", draw.BytesOf(used, limit), draw.Bytes(float64(s.Figures.Recent.Buffer.UsedMaxBytes))))
	g.row("waiting", fmt.Sprintf("%s in %d batches, %d of them ready to go", draw.Plural(s.Live.Report.Records.InBuffer, "record"), batches, ready))
	b := s.Figures.Recent.Batches
	if b.FillMean != nil && b.RecordsMean != nil {
		g.row("batches", fmt.Sprintf("%s full, %s records each", draw.Percent(b.FillMean), draw.SI(*b.RecordsMean)))
	}
	g.row("closed", closings(b))
	clockRow(g, clocks(s)[recordClock])
}

// closings says what closed how many of the batches.
func closings(b report.Batches) string {
	total := int64(0)
	for _, n := range b.Closed {
		total += n
	}
	var parts []string
	for _, c := range closedWords {
		if n := b.Closed[c.name]; n > 0 {
			share := float64(n) / float64(total)
			parts = append(parts, draw.Percent(&share)+" "+c.word)
		}
	}
	return strings.Join(parts, ", ")
}

func tellFlight(g *account, s Scene) {
	used, slots := 0, 0
	for _, b := range s.Live.Now.InFlight {
		used, slots = used+b.InFlight, slots+b.Slots
	}
	r := s.Figures.Recent.Requests
	g.row("requests", fmt.Sprintf("%d in flight of %d slots", used, slots))
	if r.BytesMean != nil {
		each := ""
		if r.RecordsMean != nil {
			each = ", " + draw.SI(*r.RecordsMean) + " records"
		}
		g.row("a request", draw.Bytes(*r.BytesMean)+each+" on average")
	}
	if r.AnswerMeanMs != nil {
		g.row("answered after", draw.MsOf(*r.AnswerMeanMs)+" ms on average")
	}
	g.row("written again", fmt.Sprintf("%d batches in the last 5 s, %s so far", r.Retries, draw.Count(s.Figures.Report.Requests.Retries)))
	clockRow(g, clocks(s)[requestClock])
}

func tellAcks(g *account, s Scene) {
	r, l := s.Figures.Report.Records, s.Figures.Recent.Latency
	g.row("acknowledged", draw.Count(r.Acked))
	lost := draw.Text
	if r.Failed+r.Unknown > 0 {
		lost = draw.Bad
	}
	g.rowAs("not", fmt.Sprintf("%s failed for certain, %s unknown", draw.Count(r.Failed), draw.Count(r.Unknown)), lost)
	g.lines = append(g.lines,
		sheetLine{label: "latency, ms", cell: true, role: draw.Faint, text: fmt.Sprintf("%7s%7s%7s%7s%7s", "p50", "p90", "p99", "p99.9", "max")},
		sheetLine{label: "from due", cell: true, text: fmt.Sprintf("%7s%7s%7s%7s%7s", draw.Ms(l.P50Ms), draw.Ms(l.P90Ms), draw.Ms(l.P99Ms), draw.Ms(l.P999Ms), draw.Ms(l.MaxMs))})
	if u := l.Uncorrected; u != nil {
		g.lines = append(g.lines, sheetLine{label: "from send()", cell: true, text: fmt.Sprintf("%7s%7s%7s  uncorrected", draw.Ms(u.P50Ms), "", draw.Ms(u.P99Ms))})
	}
	g.row("guarantee", s.Figures.Report.Guarantee.Name)
	if id := s.Figures.Report.Idempotence; id != nil {
		g.row("idempotence", fmt.Sprintf("producer %d, epoch %d; brokers dropped %d repeats for certain", id.ProducerID, id.Epoch, id.RepeatsDropped))
	}
}

// clock is how long the oldest of something has waited, against the setting that
// bounds it; all in milliseconds.
type clock struct {
	name, by            string
	now, longest, bound float64
}

// The clocks, as the report has them.
const (
	recordClock = iota
	requestClock
	blockedClock
	clockCount
)

// clocks reads them.
func clocks(s Scene) [clockCount]clock {
	now := s.Figures.Now.Clocks
	longest := now
	if c := s.Figures.Report.Clocks; c != nil {
		longest = *c
	}
	bound := func(k setting.Key) float64 { return float64(s.Values.Duration(k)) / float64(time.Millisecond) }
	return [clockCount]clock{
		recordClock:  {"oldest record", string(setting.DeliveryTimeoutMs), now.OldestRecordMs, longest.OldestRecordMs, bound(setting.DeliveryTimeoutMs)},
		requestClock: {"oldest request", string(setting.RequestTimeoutMs), now.OldestRequestMs, longest.OldestRequestMs, bound(setting.RequestTimeoutMs)},
		blockedClock: {"longest blocked", string(setting.MaxBlockMs), now.LongestBlocked, longest.LongestBlocked, bound(setting.MaxBlockMs)},
	}
}

// share is how much of its time is over, from 0 to 1 and beyond.
func (c clock) share() float64 {
	if c.bound <= 0 {
		return 0
	}
	return c.now / c.bound
}

// producers is how many clients send.
func producers(s Scene) int64 { return s.Values.Int("load.producers") }
