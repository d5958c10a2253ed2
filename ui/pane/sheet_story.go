package pane

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// storiesPage lists the records that were followed, the newest first.
func storiesPage(s Scene) account {
	g := account{title: "Followed records", note: "enter opens one, n sends another"}
	all := s.Figures.Report.Followed
	if len(all) == 0 {
		g.say("None yet. n sends a record among those of the load and follows it through every station; the step send (: opens the palette) sends one of your own: send key=a value=hello partition=3.", draw.Text)
		return g
	}
	g.head("sent at, key, partition, what became of it", "latency")
	for i := len(all) - 1; i >= 0; i-- {
		f := all[i]
		part := draw.Unknown
		if f.Partition != nil {
			part = fmt.Sprintf("p%d", *f.Partition)
		}
		g.lines = append(g.lines, sheetLine{
			text: fmt.Sprintf("%11s  %s %s %s %12s", seconds(f.AtS), draw.Left(keyOf(f), 24), draw.Left(part, 6), draw.Left(string(f.Outcome), 12), withMs(draw.Ms(f.LatencyMs))),
			role: outcomeRole(f.Outcome), cell: true, pick: Subject{Kind: StorySubject, ID: int32(i)},
		})
	}
	return g
}

func keyOf(f report.Followed) string {
	if f.Key == nil {
		return "no key"
	}
	return "key " + draw.Safe(*f.Key, 40)
}

func outcomeRole(o report.Outcome) draw.Role {
	switch o {
	case report.Acked:
		return draw.Good
	case report.OnItsWay:
		return draw.Staged
	case report.Failed, report.Unknown, report.Refused:
	}
	return draw.Bad
}

// storyPage tells the story of a record by its stages, in words and in time.
func storyPage(s Scene, number int) account {
	all := s.Figures.Report.Followed
	if number < 0 || number >= len(all) {
		return account{title: "No such record at this instant"}
	}
	f := all[number]
	g := account{title: fmt.Sprintf("Record %d: %s", number+1, keyOf(f)), note: "left, right: the others"}
	g.rowAs("outcome", outcomeWords(f), outcomeRole(f.Outcome))
	if f.Error != nil {
		g.rowAs("since", draw.Safe(f.Error.Kind, 60)+": "+draw.Safe(f.Error.Say, 600), draw.Bad)
		g.row("whose fault", report.Whose(f.Error.Kind))
	}
	g.head("its way", "")
	g.row("send()", fmt.Sprintf("due at %s to topic %s, %d bytes with key and headers%s", seconds(f.AtS), draw.Safe(f.Topic, 40), f.Bytes, waited(f, "schedule_lag", "blocked", "swap")))
	if f.Partition != nil {
		why := ""
		if f.Why != "" {
			why = ": " + draw.Safe(f.Why, 300)
		}
		g.row("partition", fmt.Sprintf("%d%s%s", *f.Partition, ledBy(f), why))
	}
	batchStory(&g, f)
	wireStory(&g, f)
	logStory(&g, f)
	waterfall(&g, f)
	return g
}

func outcomeWords(f report.Followed) string {
	words := map[report.Outcome]string{
		report.OnItsWay: "still on its way", report.Acked: "acknowledged", report.Failed: "failed, for certain not written",
		report.Unknown: "written and never answered: nobody knows", report.Refused: "send() did not take it",
	}
	say := words[f.Outcome]
	if f.LatencyMs != nil {
		say += " after " + draw.MsOf(*f.LatencyMs) + " ms"
	}
	return say
}

// waited names those of some stages that took time.
func waited(f report.Followed, stages ...string) string {
	say := ""
	for _, name := range stages {
		if ms := f.Stages[name]; ms != nil && *ms >= 0.005 {
			say += fmt.Sprintf(", %s %s ms", stageWords[name][0], draw.MsOf(*ms))
		}
	}
	return say
}

func ledBy(f report.Followed) string {
	if f.Broker == nil {
		return ""
	}
	return fmt.Sprintf(", led by broker %d", *f.Broker)
}

func batchStory(g *account, f report.Followed) {
	if f.BatchRecords == 0 {
		return
	}
	closed := ""
	if f.BatchClosed != "" {
		closed = ", which closed " + closedWord(f.BatchClosed)
	}
	g.row("accumulator", fmt.Sprintf("record %d of the %d in its batch%s%s", f.BatchRecord, f.BatchRecords, closed, waited(f, "batching", "slot_wait")))
	if f.ProducerID != nil && f.Sequence != nil {
		g.row(" ", fmt.Sprintf("written as producer %d, epoch %d, sequence %d", *f.ProducerID, orZeroOf(f.Epoch), *f.Sequence))
	}
}

func wireStory(g *account, f report.Followed) {
	switch f.Tries {
	case 0:
		return
	case 1:
		g.row("in flight", fmt.Sprintf("its batch of %s was written once%s", draw.Bytes(float64(f.BatchBytes)), waited(f, "network")))
	default:
		g.rowAs("in flight", fmt.Sprintf("its batch of %s was written %d times%s", draw.Bytes(float64(f.BatchBytes)), f.Tries, waited(f, "retry", "network")), draw.Warn)
	}
}

func logStory(g *account, f report.Followed) {
	if f.Outcome != report.Acked {
		return
	}
	var parts []string
	if f.Offset != nil {
		parts = append(parts, "at offset "+draw.Count(*f.Offset))
	} else {
		parts = append(parts, "nobody tells the offset with acks=0")
	}
	if f.Timestamp != nil {
		parts = append(parts, "timestamp "+time.UnixMilli(*f.Timestamp).UTC().Format("2006-01-02 15:04:05.000")+" UTC ("+draw.Safe(f.TimestampType, 20)+")")
	}
	g.row("in the log", strings.Join(parts, ", "))
}

// inTime are the stages in the order of their time: a batch is written again
// before it is written for the last time.
func inTime() []string {
	order := slices.Clone(report.StageNames)
	i := slices.Index(order, "network")
	order[i], order[i+1] = order[i+1], order[i]
	return order
}

// waterfall draws the stages one after the other, each where it was in time.
func waterfall(g *account, f report.Followed) {
	whole := 0.0
	for _, name := range report.StageNames {
		whole += max(orZero(f.Stages[name]), 0)
	}
	if whole <= 0 {
		return
	}
	g.head("its time", draw.MsOf(whole)+" ms")
	at := 0.0
	for _, name := range inTime() {
		took := max(orZero(f.Stages[name]), 0)
		if took < 0.005 && !mainStages[name] { // it would be told as 0.00
			continue
		}
		bar := &stretch{from: at / whole, share: took / whole}
		g.lines = append(g.lines, sheetLine{
			label: stageWords[name][0], text: draw.Right(draw.MsOf(took)+" ms", 12), role: draw.SeriesA, bar: bar,
		})
		at += took
	}
}
