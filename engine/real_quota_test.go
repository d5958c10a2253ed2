//go:build integration

package engine_test

import (
	"context"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"kdyno/telemetry/report"
)

// quota changes what a client may write to each broker, in bytes a second.
func quota(ctx context.Context, t *testing.T, admin *kadm.Client, client string, op kadm.AlterClientQuotaOp) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, adminWithin)
	defer cancel()
	op.Key = "producer_byte_rate"
	done, err := admin.AlterClientQuotas(ctx, []kadm.AlterClientQuotaEntry{{
		Entity: kadm.ClientQuotaEntity{{Type: "client-id", Name: &client}}, Ops: []kadm.AlterClientQuotaOp{op},
	}})
	if err != nil || len(done) != 1 || done[0].Err != nil {
		t.Fatalf("quota of %s: %v, %+v", client, err, done)
	}
}

// A broker tells in its answer for how long it does not read on (KIP-219), and that is what the
// report counts, for each broker and in all.
func TestRealThrottleOfAQuotaIsSeen(t *testing.T) {
	admin := realAdmin(t)
	topic := realTopic(t, admin)
	s := realSession(t, topic, "client.id", topic, "load.rate", "1000", "load.record.bytes", "1000", "linger.ms", "20")
	awaitReal(t, s, "acknowledgements without a quota", func(r report.Report) bool { return r.Records.Acked > 1_000 })
	if r := s.Report(); r.Requests.ThrottleMs != 0 {
		t.Errorf("got %v ms of throttling without a quota", r.Requests.ThrottleMs)
	}
	t.Cleanup(func() { quota(context.Background(), t, admin, topic, kadm.AlterClientQuotaOp{Remove: true}) })
	quota(t.Context(), t, admin, topic, kadm.AlterClientQuotaOp{Value: 20_000})
	awaitReal(t, s, "throttling by each broker", func(r report.Report) bool {
		return len(r.Brokers) == realReplication && !slices.ContainsFunc(r.Brokers, func(b report.Broker) bool { return b.ThrottleMs == 0 })
	})
	quota(t.Context(), t, admin, topic, kadm.AlterClientQuotaOp{Remove: true}) // else the drain would take minutes
	r := stopReal(t, s)
	assertAllAcked(t, r.Records)
	assertLogHolds(t, admin, topic, r)
	sum := 0.0
	for _, b := range r.Brokers {
		sum += b.ThrottleMs
	}
	if r.Requests.ThrottleMs != sum || r.Requests.Retries != 0 || len(r.Failures) != 0 {
		t.Errorf("got %v ms in all and %v of the brokers, %d retries, failures %+v; want the same, and none", r.Requests.ThrottleMs, sum, r.Requests.Retries, r.Failures)
	}
}
