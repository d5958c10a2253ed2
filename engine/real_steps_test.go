//go:build integration

package engine_test

import (
	"context"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine"
	"kdyno/telemetry/report"
)

// logAppendTime makes the topic give each record the time at which it was appended.
func logAppendTime(t *testing.T, admin *kadm.Client, topic string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), adminWithin)
	defer cancel()
	kind := "LogAppendTime"
	if _, err := admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Name: "message.timestamp.type", Value: &kind}}, topic); err != nil {
		t.Fatal(err)
	}
}

// recordAt reads the one record at an offset.
func recordAt(t *testing.T, topic string, partition int32, offset int64) *kgo.Record {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(realBrokers(t)...),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {partition: kgo.NewOffset().At(offset)}}))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), readWithin)
	defer cancel()
	records := cl.PollFetches(ctx).Records()
	if len(records) == 0 || records[0].Offset != offset {
		t.Fatalf("no record at %d of partition %d", offset, partition)
	}
	return records[0]
}

func realStep(t *testing.T, s *engine.Session, line string) {
	t.Helper()
	if err := s.Do(mustStep(t, line)); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
}

// Real brokers say what they made of a record's timestamp, and the log holds it.
func TestRealSendIsWhereItsStorySays(t *testing.T) {
	for _, appended := range []bool{false, true} {
		admin := realAdmin(t)
		topic := realTopic(t, admin)
		want := "CreateTime"
		if appended {
			logAppendTime(t, admin, topic)
			want = "LogAppendTime"
		}
		s := realSession(t, topic, "load.rate", "500")
		awaitReal(t, s, "a first acknowledgement", func(r report.Report) bool { return r.Records.Acked > 0 })
		realStep(t, s, `send key=a value="hello, world" header.trace=7 timestamp=-1h`)
		awaitReal(t, s, "the end of the story", func(r report.Report) bool {
			return len(r.Followed) == 1 && r.Followed[0].Outcome == report.Acked
		})
		r := stopReal(t, s)
		f := r.Followed[0]
		if f.TimestampType != want || f.Tries < 1 || f.ProducerID == nil || f.BatchRecord < 1 {
			t.Errorf("got %+v, want its batch, and a timestamp by %s", f, want)
		}
		k := recordAt(t, topic, *f.Partition, *f.Offset)
		if string(k.Key) != "a" || string(k.Value) != "hello, world" || len(k.Headers) != 1 || k.Timestamp.UnixMilli() != *f.Timestamp {
			t.Errorf("the log has %q: %q of %v, the story %+v", k.Key, k.Value, k.Timestamp, f)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Partitions are added, and the producer dies and is followed, on real brokers: what was
// acknowledged is in the log, and what was in flight at most twice.
func TestRealPartitionsCrashAndRestart(t *testing.T) {
	admin := realAdmin(t)
	topic := realTopic(t, admin)
	s := realSession(t, topic, "load.rate", "5000", "load.keys", "uniform:1000", "load.producers", "2")
	awaitReal(t, s, "acknowledgements", func(r report.Report) bool { return r.Records.Acked > 2000 })
	realStep(t, s, "partitions 9")
	awaitReal(t, s, "records in each of nine", func(r report.Report) bool {
		for _, p := range r.Partitions {
			if p.Records == 0 {
				return false
			}
		}
		return len(r.Partitions) == 9
	})
	realStep(t, s, "crash")
	awaitReal(t, s, "the crash", func(r report.Report) bool { return len(r.Crashes) == 1 })
	realStep(t, s, "restart")
	awaitReal(t, s, "acknowledgements after the restart", func(r report.Report) bool {
		return len(r.Runs) == 2 && r.Crashes[0].RestartedS != nil && r.Records.Due > r.Records.Failed+r.Records.Unknown+5000
	})
	r := stopReal(t, s)
	if broken := r.Records.Broken(); len(broken) > 0 || r.Records.InBuffer != 0 {
		t.Errorf("records %+v: %v", r.Records, broken)
	}
	crash := r.Crashes[0]
	if crash.InBuffer+crash.InFlight != crash.Resent || r.Records.Acked != r.Records.Due-crash.Resent {
		t.Errorf("crash %+v, records %+v, want what was lost sent again and all others acknowledged", crash, r.Records)
	}
	seen, twice := map[uint64]bool{}, int64(0)
	for _, found := range readReal(t, admin, topic).records {
		if seen[found.Identity.Seq] {
			twice++
		}
		seen[found.Identity.Seq] = true
	}
	if int64(len(seen)) != r.Records.Acked || twice > crash.InFlight {
		t.Errorf("the log holds %d records, %d twice; want each of %d acknowledged, and %d twice at most", len(seen), twice, r.Records.Acked, crash.InFlight)
	}
}
