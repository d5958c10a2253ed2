//go:build integration

// Package rediscovery holds the audit against a fault that was found by others:
// franz-go issue 1484. Before v1.22.2 an idempotent producer that gave up a batch
// which the broker had stored used its sequence numbers again. The broker then
// took the next batch of as many records for the one that it had, and the client
// for acknowledged. This module pins v1.22.1; with the version that kdyno uses the
// same history is kept (engine/proof_test.go, TestGivenUpBatchesAreNotTakenForOthers).
package rediscovery

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine"
	"kdyno/engine/setting"
	"kdyno/telemetry/report"
)

func TestAuditFindsTheAcknowledgementWithoutAWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &kfake.VirtualNetwork{}
		brokers, err := kfake.NewCluster(kfake.Ports(9092), kfake.ListenFn(network.Listen), kfake.SeedTopics(1, "t"))
		if err != nil {
			t.Fatal(err)
		}
		defer brokers.Close()
		// The broker stores, and for three seconds nobody hears of it.
		var unheard atomic.Bool
		brokers.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
			brokers.KeepControl()
			if unheard.Load() {
				req.(*kmsg.ProduceRequest).Acks = 0
			}
			return nil, nil, false
		})
		s, err := engine.Open(engine.Config{
			Values: values(t), Brokers: []string{"127.0.0.1:9092"}, Topics: []string{"t"}, Network: network,
			For: 10 * time.Second, Audit: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(4 * time.Second)
		unheard.Store(true)
		time.Sleep(2 * time.Second)
		unheard.Store(false)
		<-s.Done()
		r := s.Report()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		a := r.Audit
		if a == nil || a.Verdict != report.AuditViolated || a.Lost == 0 || a.Diverged < a.Lost || a.Phantom+a.Corrupt+a.Duplicated > 0 {
			t.Fatalf("audit %+v, want records lost whose offsets hold others", a)
		}
		t.Log(a.Say)
		for _, e := range a.Examples {
			t.Logf("%+v, partition %d offset %d", e, *e.Partition, *e.Offset)
		}
	})
}

// values are those of a producer that sends record by record and soon gives up.
func values(t *testing.T) setting.Values {
	t.Helper()
	v := setting.Defaults()
	for key, text := range map[setting.Key]string{
		setting.LoadRate: "20", setting.LingerMs: "0", setting.BatchSize: "0",
		setting.RequestTimeoutMs: "500", setting.DeliveryTimeoutMs: "1000",
	} {
		var err error
		if v, err = v.With(key, text); err != nil {
			t.Fatal(err)
		}
	}
	return v
}
