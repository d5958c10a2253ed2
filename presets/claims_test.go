package presets_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"kdyno/engine"
	"kdyno/engine/setting"
	"kdyno/presets"
	"kdyno/telemetry/report"
)

// claimFor is how long each preset is run, in fake time.
const claimFor = time.Second

// loaded is a preset's own load and stand, on which another's producer is put.
func loaded(p presets.Preset, producer setting.Values) setting.Values {
	v := p.Values
	for _, k := range v.Set() {
		if row, _ := setting.Find(k); row.Scope == setting.Producer {
			v = v.Without(k)
		}
	}
	return v.Merge(producer)
}

// producerOf are the producer's settings of a preset.
func producerOf(t *testing.T, name string) setting.Values {
	t.Helper()
	p, ok := presets.BuiltIn(name)
	if !ok {
		t.Fatalf("a claim is made against %s, which is not built in", name)
	}
	v := p.All()
	for _, k := range v.Set() {
		if row, _ := setting.Find(k); row.Scope != setting.Producer {
			v = v.Without(k)
		}
	}
	return v
}

// measure runs values on the embedded brokers, in fake time.
func measure(t *testing.T, v setting.Values) (r report.Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, err := engine.Open(engine.Config{Values: v, For: claimFor, Network: &kfake.VirtualNetwork{}})
		if err != nil {
			t.Fatal(err)
		}
		<-s.Done()
		if s.Err() != nil {
			t.Error(s.Err())
		}
		r = s.Report()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// Each preset does what it claims under its own load, against the producer that
// it names on the same stand.
func TestBuiltInPresetsDoWhatTheyClaim(t *testing.T) {
	for _, p := range presets.BuiltIns() {
		t.Run(p.Name, func(t *testing.T) {
			mine := measure(t, p.All())
			if mine.Records.Failed+mine.Records.Refused+mine.Records.Unknown > 0 || mine.Records.Acked == 0 {
				t.Errorf("records: %+v", mine.Records)
			}
			theirs := map[string]report.Report{}
			for _, text := range p.Reasons.Claims {
				c, err := presets.ParseClaim(text)
				if err != nil {
					t.Fatal(err)
				}
				if _, done := theirs[c.Of]; !done {
					theirs[c.Of] = measure(t, loaded(p, producerOf(t, c.Of)))
				}
				holds, say := c.Holds(mine, theirs[c.Of])
				t.Log(say)
				if !holds {
					t.Errorf("%s does not hold: %s", text, say)
				}
			}
			var expects []report.Expect
			for _, text := range p.Expect {
				e, err := report.ParseExpect(text)
				if err != nil {
					t.Fatal(err)
				}
				expects = append(expects, e)
			}
			judged, err := report.Judge(mine, expects)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range judged {
				if !e.Met {
					t.Errorf("objective %s is not met: %v", e.Expr, e.Got)
				}
			}
		})
	}
}
