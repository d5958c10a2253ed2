package pane

import (
	"fmt"
	"slices"
	"strings"

	"kdyno/engine/setting"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// measured is what a rule may look at: the figures of the last five seconds,
// the session, and the values that run.
type measured struct {
	recent report.Interval
	whole  report.Report
	values setting.Values
}

// nowRules is the one table of what the present measurement says of a setting.
// A rule answers "" where it has nothing to say.
var nowRules = map[setting.Key]func(measured) string{
	setting.LingerMs:          sayLinger,
	setting.BatchSize:         sayBatch,
	setting.CompressionType:   sayCompression,
	setting.BufferMemory:      sayBuffer,
	setting.MaxBlockMs:        sayBlocked,
	setting.MaxInFlight:       sayInFlight,
	setting.MaxRequestSize:    sayRequest,
	setting.Acks:              sayAcks,
	setting.EnableIdempotence: sayRetries,
	setting.Retries:           sayRetries,
	setting.RetryBackoffMs:    sayRetries,
	setting.RetryBackoffMaxMs: sayRetries,
	setting.RequestTimeoutMs:  sayRequestTimeout,
	setting.DeliveryTimeoutMs: sayDelivery,
	setting.PartitionerClass:  saySkew,
	setting.LoadKeys:          saySkew,
	setting.LoadRate:          sayRate,
	setting.LoadSenders:       saySenders,
	setting.LoadRecordBytes:   sayRecord,
	setting.StandLinkRTT:      sayNetwork,
}

// NowOf says in a sentence what the present measurement says of a setting; ""
// where nothing is measured that concerns it.
func NowOf(k setting.Key, t *telemetry.Snapshot, v setting.Values) string {
	rule, ok := nowRules[k]
	if !ok || t.Recent.Latency.Count == 0 {
		return ""
	}
	say := rule(measured{recent: t.Recent, whole: t.Report, values: v})
	if say == "" {
		return ""
	}
	return "Now: " + say + "."
}

// value is a setting's as people read it.
func (m measured) value(k setting.Key) string {
	row, _ := setting.Find(k)
	return shown(row, m.values.Text(k))
}

// share is a stage's part of the p99, or of the mean latency where no more is
// measured, in words; "" where nothing is.
func (m measured) share(stage string) string {
	spent := spent(m.recent)
	p, ok := spent.part(stage)
	if !ok || spent.total == nil {
		return ""
	}
	return draw.Percent(&p.share) + " of " + spent.of
}

// closedWords names what closes a batch.
var closedWords = []struct{ name, word string }{
	{"full", "because they are full"},
	{"linger", "by linger"},
	{"with_others", "with others of the broker"},
	{"flush", "by a flush"},
	{"memory", "for want of memory"},
}

// closed says what most batches are closed by.
func (m measured) closed() (by, say string) {
	total, most, word := int64(0), int64(0), ""
	for _, c := range closedWords {
		n := m.recent.Batches.Closed[c.name]
		total += n
		if n > most {
			by, most, word = c.name, n, c.word
		}
	}
	if total == 0 {
		return "", ""
	}
	part := float64(most) / float64(total)
	return by, fmt.Sprintf("%s of the batches go %s", draw.Percent(&part), word)
}

// and joins what there is to say.
func and(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "; ")
}

func sayLinger(m measured) string {
	wait := ""
	if share := m.share("batching"); share != "" {
		wait = share + " is the wait in an open batch"
	}
	by, closed := m.closed()
	if by == "full" {
		closed += ", so more linger changes little"
	}
	return and(wait, closed)
}

func sayBatch(m measured) string {
	b := m.recent.Batches
	if b.FillMean == nil {
		return ""
	}
	fill := fmt.Sprintf("batches are %s full", draw.Percent(b.FillMean))
	if b.RecordsMean != nil {
		fill += fmt.Sprintf(", %s records each", draw.SI(*b.RecordsMean))
	}
	by, closed := m.closed()
	if by != "" && by != "full" {
		closed += ", so a larger batch.size changes little"
	}
	return and(fill, closed)
}

func sayCompression(m measured) string {
	ratio := m.recent.Batches.CompressionRatio
	if ratio == nil {
		return ""
	}
	return fmt.Sprintf("%.2f bytes go over the wire for each byte of a batch", *ratio)
}

func sayBuffer(m measured) string {
	b := m.recent.Buffer
	limit := float64(b.LimitBytes)
	if limit <= 0 {
		return ""
	}
	say := fmt.Sprintf("%s used, at most %s", draw.BytesOf(b.UsedMeanBytes, limit), draw.Bytes(float64(b.UsedMaxBytes)))
	if b.BlockedSends == 0 {
		return say + ", and no send() had to wait"
	}
	return say + fmt.Sprintf(", %s waited for space", draw.Plural(b.BlockedSends, "send"))
}

func sayBlocked(m measured) string {
	b := m.recent.Buffer
	if b.BlockedSends == 0 && b.Exhausted == 0 {
		return "no send() waits for space"
	}
	say := draw.Plural(b.BlockedSends, "send") + " waited for space"
	if s := m.recent.Stages["blocked"]; s != nil && s.MaxMs != nil {
		say += fmt.Sprintf(", %s ms at most", draw.Ms(s.MaxMs))
	}
	if b.Exhausted > 0 {
		say += fmt.Sprintf(", %s gave up", draw.Count(b.Exhausted))
	}
	return say
}

func sayInFlight(m measured) string {
	r := m.recent.Requests
	if r.InFlightMean == nil {
		return ""
	}
	slots := int64(0)
	for _, b := range m.whole.Brokers {
		slots += b.Slots
	}
	say := fmt.Sprintf("%.1f requests in flight", *r.InFlightMean)
	if slots > 0 {
		say += fmt.Sprintf(" of %d slots", slots)
	}
	if r.InFlightMax > 0 {
		say += fmt.Sprintf(", at most %d", r.InFlightMax)
	}
	if share := m.share("slot_wait"); share != "" {
		say += "; " + share + " is the wait for a slot"
	}
	return say
}

func sayRequest(m measured) string {
	r := m.recent.Requests
	if r.BytesMean == nil {
		return ""
	}
	return fmt.Sprintf("a request has %s on average, of %s", draw.Bytes(*r.BytesMean), m.value(setting.MaxRequestSize))
}

func sayAcks(m measured) string {
	share := m.share("network")
	if share == "" {
		return ""
	}
	waits := map[string]string{
		"0": "acks=0 does not wait for it", "1": "acks=1 waits for the leader alone", "all": "acks=all waits for every in-sync replica",
	}
	return and(share+" is network and broker", waits[m.values.Text(setting.Acks)])
}

func sayRetries(m measured) string {
	n := m.recent.Requests.Retries
	if n == 0 {
		if m.whole.Requests.Retries == 0 {
			return "nothing had to be sent again"
		}
		return draw.Count(m.whole.Requests.Retries) + " retries so far, none in the last 5 s"
	}
	say := fmt.Sprintf("%d retries in the last 5 s", n)
	if share := m.share("retry"); share != "" {
		say += ", " + share
	}
	return say
}

func sayRequestTimeout(m measured) string {
	s := m.recent.Stages["network"]
	if s == nil || s.MaxMs == nil {
		return ""
	}
	return fmt.Sprintf("the slowest answer took %s ms of %s", draw.Ms(s.MaxMs), m.value(setting.RequestTimeoutMs))
}

func sayDelivery(m measured) string {
	l := m.recent.Latency
	if l.MaxMs == nil {
		return ""
	}
	say := fmt.Sprintf("the slowest record took %s ms of %s", draw.Ms(l.MaxMs), m.value(setting.DeliveryTimeoutMs))
	if lost := m.whole.Records.Failed + m.whole.Records.Unknown; lost > 0 {
		say += fmt.Sprintf("; %s failed so far", draw.Plural(lost, "record"))
	}
	return say
}

func saySkew(m measured) string {
	if m.whole.Skew <= 0 || len(m.whole.Partitions) == 0 {
		return ""
	}
	return fmt.Sprintf("the busiest of %s gets %.1fx the mean", draw.Plural(int64(len(m.whole.Partitions)), "partition"), m.whole.Skew)
}

func sayRate(m measured) string {
	r := m.recent.Rate
	say := draw.SI(r.RecordsPerS) + " records/s acknowledged"
	if r.OfferedPerS > 0 {
		say += " of " + draw.SI(r.OfferedPerS) + " offered"
	}
	if limits := limit(r); limits != nil {
		say += "; " + limits[2]
	}
	return say
}

func saySenders(m measured) string {
	late, blocked := m.share("schedule_lag"), m.share("blocked")
	if late == "" || blocked == "" {
		return ""
	}
	return late + " is a late start of send(), " + blocked + " the wait inside of it"
}

func sayRecord(m measured) string {
	r := m.recent.Rate
	if r.RecordsPerS <= 0 {
		return ""
	}
	return fmt.Sprintf("%s a record with its key, %.1f MB/s", draw.Bytes(r.BytesPerS/r.RecordsPerS), r.BytesPerS/1e6)
}

func sayNetwork(m measured) string {
	s := m.recent.Stages["network"]
	if s == nil || s.MeanMs == nil {
		return ""
	}
	return fmt.Sprintf("network and broker take %s ms, %s", draw.Ms(s.MeanMs), m.share("network"))
}
