package engine_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"kdyno/engine"
	"kdyno/engine/setting"
)

func values(t *testing.T, pairs ...string) setting.Values {
	t.Helper()
	v := setting.Defaults()
	for i := 0; i < len(pairs); i += 2 {
		var err error
		if v, err = v.With(setting.Key(pairs[i]), pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

func TestDefaultsRunOnTheEmbeddedCluster(t *testing.T) {
	s, err := engine.Open(engine.Config{Values: values(t), For: 3 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	<-s.Done()
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	r := s.Report()
	b, _ := json.MarshalIndent(r, "", " ")
	t.Log(string(b))
	_ = context.Background
}
