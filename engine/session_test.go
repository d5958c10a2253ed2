package engine_test

import (
	"slices"
	"testing"
	"time"

	"kdyno/engine"
	"kdyno/engine/setting"
)

// values sets pairs, of which some may be secrets.
func values(t *testing.T, pairs ...string) setting.Values {
	t.Helper()
	v := setting.Defaults()
	for pair := range slices.Chunk(pairs, 2) {
		key, text := setting.Key(pair[0]), pair[1]
		with := v.With
		if row, ok := setting.Find(key); ok && row.Secret {
			with = func(k setting.Key, text string) (setting.Values, error) { return v.WithSecret(k, setting.Secret(text)) }
		}
		var err error
		if v, err = with(key, text); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// The defaults on real sockets and a real clock.
func TestDefaultsRunOnTheEmbeddedCluster(t *testing.T) {
	s, err := engine.Open(engine.Config{Values: values(t), For: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	<-s.Done()
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	r := s.Report()
	if r.Records.Acked != 10_000 || len(r.Records.Broken()) > 0 {
		t.Errorf("records %+v, want the 10,000 of two seconds acknowledged", r.Records)
	}
	if !r.Cluster.Simulated || r.Cluster.Brokers != 3 || len(r.Partitions) != 6 {
		t.Errorf("cluster %+v with %d partitions, want 3 embedded brokers and 6", r.Cluster, len(r.Partitions))
	}
}
