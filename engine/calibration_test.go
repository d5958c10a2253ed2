package engine_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"kdyno/engine"
	"kdyno/telemetry/report"
)

// inFakeTime runs a session to its end on a virtual network, where nothing but
// what is configured takes time.
func inFakeTime(t *testing.T, c engine.Config, watch func(*engine.Session)) report.Report {
	t.Helper()
	c.Network = &kfake.VirtualNetwork{}
	s, err := engine.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	if watch != nil {
		watch(s)
	}
	<-s.Done()
	if s.Err() != nil {
		t.Error(s.Err())
	}
	r := s.Report()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if broken := r.Records.Broken(); len(broken) > 0 {
		t.Errorf("counts do not add up: %v", broken)
	}
	return r
}

// A record at a time, so slow that each has a batch of its own, is
// acknowledged after exactly linger and one round trip, and each stage has
// exactly its share of it.
func TestStagesAreExactInFakeTime(t *testing.T) {
	for _, linger := range []int{0, 5, 100} {
		for _, link := range []int{0, 40} {
			t.Run(fmt.Sprintf("linger %d link %d", linger, link), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := inFakeTime(t, engine.Config{
						Values: values(t, "linger.ms", fmt.Sprint(linger), "stand.link.rtt", fmt.Sprintf("%dms", link), "load.rate", "5"),
						For:    60 * time.Second,
					}, nil)
					if r.Records.Acked != 300 {
						t.Fatalf("acked %d, want 300", r.Records.Acked)
					}
					want := map[string]float64{"batching": float64(linger), "network": float64(link)}
					for _, name := range report.StageNames {
						exactly(t, name, r.Stages[name], want[name])
					}
					total := report.Stage{MeanMs: r.Latency.MeanMs, MinMs: r.Latency.MinMs, MaxMs: r.Latency.MaxMs}
					exactly(t, "latency", &total, float64(linger+link))
				})
			})
		}
	}
}

func exactly(t *testing.T, name string, got *report.Stage, want float64) {
	t.Helper()
	if got == nil || got.MeanMs == nil || got.MinMs == nil || got.MaxMs == nil {
		t.Errorf("%s is not measured: %+v", name, got)
		return
	}
	if *got.MeanMs != want || *got.MinMs != want || *got.MaxMs != want {
		t.Errorf("%s: mean %v min %v max %v ms, want %v", name, *got.MeanMs, *got.MinMs, *got.MaxMs, want)
	}
}
