package xray

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kdyno/engine/setting"
	"kdyno/engine/xray/infer"
	"kdyno/telemetry/report"
)

// safe is a name that a stranger gave, for people.
func safe(s string) string {
	const most = 256
	if len(s) > most {
		s = s[:most]
	}
	return report.Harmless(s)
}

// Name is what the guest is called on the screen.
func (g *Guest) Name() string { return cmp.Or(g.id.client, g.id.software, g.id.host) }

// known are the client ids that clients take by default, and whose they are: all
// that tells of a client that does not introduce itself.
var known = []struct{ prefix, software string }{
	{"kafka-python-producer-", "kafka-python"},
	{"kafka-python-", "kafka-python"},
	{"sarama", "sarama"},
	{"rdkafka", "librdkafka"},
	{"kgo", "kgo"},
	{"kdyno", "kgo"},
	{"producer-", "apache-kafka-java"},
	{"perf-producer-client", "apache-kafka-java"},
}

// software is what the guest says that it is, else what its client.id looks like.
func (g *Guest) software() (name string, guessed bool) {
	if g.id.software != "" {
		return g.id.software, false
	}
	for _, k := range known {
		if strings.HasPrefix(g.id.client, k.prefix) {
			return k.software, true
		}
	}
	return "", false
}

func (g *Guest) other() report.Other {
	g.mu.Lock()
	defer g.mu.Unlock()
	name, _ := g.software()
	return report.Other{ClientID: g.id.client, Software: name, Release: g.id.release, Address: g.id.host, Connections: g.presence.open}
}

// Inferred is what its settings must be.
func (g *Guest) Inferred() map[string]report.Inferred {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.evidence.Settings()
}

// Values are those settings for a producer of ours.
func (g *Guest) Values() setting.Values { return infer.Values(g.Inferred(), g.id.client) }

// Guarantee is what the settings amount to.
func guaranteeOf(inferred map[string]report.Inferred, v setting.Values) setting.Guarantee {
	if txn := inferred[string(setting.TransactionalID)]; txn.Value != "" {
		v, _ = v.With(setting.TransactionalID, txn.Value) // any text will do
	}
	return v.Guarantee()
}

// Row is the guest in the words of the contract.
func (g *Guest) Row() report.Client {
	total, inferred := g.meter.Total(), g.Inferred()
	row := report.Client{
		Other: g.other(), Inferred: inferred, Guarantee: guaranteeOf(inferred, infer.Values(inferred, g.id.client)),
		Requests: total.Requests.Count, Retries: total.Requests.Retries, Errors: total.Requests.Errors,
		Records: total.Records.Acked, Batches: total.Batches.Count,
		RecordsPerBatch: total.Batches.RecordsMean, BytesPerBatch: total.Batches.BytesMean, RecordsPerRequest: total.Requests.RecordsMean,
		BatchOpenMeanMs: total.Batches.OpenMeanMs, BatchWaitMeanMs: waited(&total.Batches), AnswerMeanMs: total.Requests.AnswerMeanMs,
		LimitedBy: total.Rate.LimitedBy, Evidence: total.Rate.Evidence, ThrottleMs: total.Requests.ThrottleMs,
	}
	shares := g.shares()
	row.Skew = report.Skew(shares)
	row.Partitions = make([]report.Share, 0, len(shares))
	for _, p := range shares {
		row.Bytes += p.Bytes
		row.Partitions = append(row.Partitions, report.Share{Topic: p.Topic, Partition: p.Partition, Records: p.Records, Bytes: p.Bytes})
	}
	g.fill(&row)
	return row
}

// waited is how long batches waited after their last record, on average.
func waited(b *report.Batches) *float64 {
	if b.OpenMeanMs == nil || b.QueueMeanMs == nil {
		return nil
	}
	ms := max(*b.QueueMeanMs-*b.OpenMeanMs, 0)
	return &ms
}

// fill adds what the guest itself keeps.
func (g *Guest) fill(row *report.Client) {
	g.mu.Lock()
	defer g.mu.Unlock()
	row.Acks, row.Idempotent, row.Codec = g.evidence.Acks(), g.evidence.Idempotent(), g.evidence.Codec()
	row.TransactionalID = safe(g.evidence.TransactionalID())
	most, _ := g.evidence.Slots()
	row.InFlightMax = int64(most)
	row.Came, row.RetriesSure = g.sums.came, g.sums.numbered
	if here := max(g.here(), time.Second); row.Records > 0 {
		row.RecordsPerS = float64(row.Records) / here.Seconds()
	}
	if row.TransactionalID != "" {
		row.Transactions = &report.Transactions{Committed: g.txn.committed, Aborted: g.txn.aborted, TimeoutMs: g.txn.timeoutMs}
	}
	row.Producers = g.producers()
	row.Notes = g.notes()
}

// notes are what to know of the figures; the caller holds mu.
func (g *Guest) notes() []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if n := g.producers(); n > 1 {
		add("%d producers seem to share this client.id and host: their figures are one here", n)
	}
	if name, guessed := g.software(); guessed {
		add("it does not introduce itself (ApiVersions v3); its client.id is the one that %s takes", name)
	}
	if g.sums.again > 0 && !g.sums.numbered {
		add("without idempotence a retry is told by its content after an error: a guess")
	}
	if g.sums.untimed > 0 {
		text := fmt.Sprintf("%d batches have timestamps that are not the times at which their records were made; open and wait leave them out", g.sums.untimed)
		if g.sums.ahead > 0 {
			text += fmt.Sprintf(", %d of them are of the future: its clock may be ahead", g.sums.ahead)
		}
		add("%s", text)
	}
	if g.sums.unread > 0 {
		add("%d requests could not be followed to their answers", g.sums.unread)
	}
	return all
}

// shares are the partitions of all topics that it wrote to.
func (g *Guest) shares() []report.Partition {
	g.mu.Lock()
	count := maps.Clone(g.topics)
	g.mu.Unlock()
	leaders := map[string][]int32{}
	for _, t := range g.guests.Topics() {
		leaders[t.Name] = t.Leaders
	}
	var rows []report.Partition
	for _, name := range slices.Sorted(maps.Keys(count)) {
		for p := range max(count[name], len(leaders[name])) {
			row := report.Partition{Topic: name, Partition: int32(p), Leader: -1}
			if p < len(leaders[name]) {
				row.Leader = leaders[name][p]
			}
			rows = append(rows, row)
		}
	}
	return g.measured(rows)
}

// measured fills in what the meter has of partitions, which has them by the
// session's number.
func (g *Guest) measured(rows []report.Partition) []report.Partition {
	most := int32(-1)
	numbers := make([]int32, len(rows))
	for i, row := range rows {
		numbers[i] = g.guests.o.Index(row.Topic, row.Partition)
		most = max(most, numbers[i])
	}
	all := g.meter.PerPartition(make([]report.Partition, most+1))
	for i := range rows {
		if numbers[i] < 0 {
			continue
		}
		m := &all[numbers[i]]
		rows[i].Records, rows[i].Bytes, rows[i].Batches, rows[i].LastError = m.Records, m.Bytes, m.Batches, m.LastError
	}
	return rows
}
