//go:build integration

package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"kdyno/engine"
	"kdyno/telemetry/report"
)

// realAudited opens a session under audit on a topic of the real cluster.
func realAudited(t *testing.T, topic string, records int64, pairs ...string) *engine.Session {
	t.Helper()
	s, err := engine.Open(engine.Config{
		Values: values(t, append([]string{"load.record.bytes", "200"}, pairs...)...), Brokers: realBrokers(t), Topics: []string{topic},
		Records: records, Version: "test", Audit: true,
	})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// awaitEnd waits until the session has ended by itself.
func awaitEnd(t *testing.T, s *engine.Session) report.Report {
	t.Helper()
	select {
	case <-s.Done():
	case <-time.After(realWithin):
		t.Fatalf("no end within %v: %s", realWithin, said(s.Report()))
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	return s.Report()
}

// With one copy acknowledged the end that readers see lags behind: at the instant
// of the last acknowledgement a reader that trusted it would miss records.
func TestRealAuditWaitsForTheReplicas(t *testing.T) {
	admin := realAdmin(t)
	topic := realTopic(t, admin)
	for range 20 {
		s := realAudited(t, topic, 5_000, "acks", "1", "load.rate", "0", "load.senders", "4", "linger.ms", "1")
		wantKept(t, awaitEnd(t, s))
	}
}

func TestRealAuditReadsWhatEachCodecWrote(t *testing.T) {
	admin := realAdmin(t)
	topic := realTopic(t, admin)
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		s := realAudited(t, topic, 0, "compression.type", codec, "load.rate", "10000", "load.keys", "uniform:100", "load.null.values", "0.1")
		// Only what is due after the warm-up is measured, and that may last three seconds.
		awaitReal(t, s, "records that were due after the warm-up", func(r report.Report) bool {
			measured := r.Visible != nil && r.Visible.P50Ms != nil
			return r.Records.Acked > 10_000 && measured || r.Records.Acked > 60_000
		})
		r := stopReal(t, s)
		wantKept(t, r)
		switch v, late := r.Visible, strings.Contains(said(r), "the reader may have come late"); {
		case v == nil && !late:
			t.Errorf("%s: no visible latency, though records were measured and the reader kept up:%s", codec, said(r))
		case v != nil && (late || v.P50Ms == nil || *v.P50Ms <= 0):
			t.Errorf("%s: visible %+v, late %v", codec, v, late)
		}
	}
}

// A lost answer is a copy in the log without idempotence, and none with it.
func TestRealAuditCountsLostResponses(t *testing.T) {
	for _, idempotence := range []string{"false", "true"} {
		t.Run(idempotence, func(t *testing.T) {
			s := realAudited(t, realTopic(t, realAdmin(t)), 30_000, "enable.idempotence", idempotence, "load.rate", "5000")
			awaitReal(t, s, "a second of acknowledgements", func(r report.Report) bool { return r.Records.Acked > 5_000 })
			if err := s.Do(mustStep(t, "fault lose-response count=3")); err != nil {
				t.Fatal(err)
			}
			r := awaitEnd(t, s)
			if idempotence == "true" {
				wantKept(t, r)
				return
			}
			a := verdictOf(t, r)
			if a.Verdict != report.AuditKept || a.DuplicatedBy.Retry == 0 || a.Lost != 0 || a.Diverged != 0 || a.Found != r.Records.Acked {
				t.Errorf("audit %+v, want duplicates by retries, none lost, and kept", a)
			}
		})
	}
}

func TestRealAuditTwoSessionsOnOneTopic(t *testing.T) {
	topic := realTopic(t, realAdmin(t))
	sessions := []*engine.Session{
		realAudited(t, topic, 20_000, "load.rate", "5000"), realAudited(t, topic, 20_000, "load.rate", "4000"),
	}
	for i, s := range sessions {
		r := awaitEnd(t, s)
		a := verdictOf(t, r)
		if a.Verdict != report.AuditKept || a.Found != r.Records.Acked || a.Foreign < 10_000 {
			t.Errorf("session %d: audit %+v, want its own found and the other's foreign", i, a)
		}
	}
}

// A topic that is made anew during the audit leaves no verdict, and says so.
func TestRealAuditOfATopicThatIsMadeAnew(t *testing.T) {
	admin := realAdmin(t)
	topic := realTopic(t, admin)
	s := realAudited(t, topic, 0, "load.rate", "2000", "delivery.timeout.ms", "3000", "request.timeout.ms", "1000")
	awaitReal(t, s, "acknowledgements", func(r report.Report) bool { return r.Records.Acked > 4_000 })
	if _, err := admin.DeleteTopic(t.Context(), topic); err != nil {
		t.Fatal(err)
	}
	awaitGone(t, admin, topic)
	if _, err := admin.CreateTopic(t.Context(), realPartitions, realReplication, nil, topic); err != nil {
		t.Fatal(err)
	}
	awaitTopic(t, topic)
	r := stopReal(t, s)
	a := verdictOf(t, r)
	if a.Verdict != report.AuditInconclusive || a.Lost != 0 || !strings.Contains(a.Say, "deleted and made anew") {
		t.Errorf("audit %+v, want it to say that the topic is another one", a)
	}
}

// awaitGone waits until no broker tells of the topic.
func awaitGone(t *testing.T, admin *kadm.Client, topic string) {
	t.Helper()
	for deadline := time.Now().Add(adminWithin); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if d, err := admin.ListTopics(t.Context(), topic); err == nil && !d.Has(topic) {
			return
		}
	}
	t.Fatalf("topic %s is still there", topic)
}
