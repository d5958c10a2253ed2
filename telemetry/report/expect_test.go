package report

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sample() Report {
	p99 := 12.5
	r := Report{Settings: map[string]string{"acks": "all", "linger.ms": "5"}}
	r.Latency.P99Ms = &p99
	r.Records.Acked = 100
	r.Requests.Errors = map[string]int64{"NOT_LEADER_OR_FOLLOWER": 2}
	r.Cluster.Kind, r.Cluster.Simulated = "embedded", true
	r.Partitions = []Partition{{Partition: 0, Records: 60}, {Partition: 1, Records: 40}}
	return r
}

func TestExpressionsAreJudged(t *testing.T) {
	tests := []struct {
		expr string
		got  any
		met  bool
	}{
		{"latency.p99_ms<20", 12.5, true},
		{"latency.p99_ms <= 12.5", 12.5, true},
		{"latency.p99_ms > 12.5", 12.5, false},
		{"latency.p999_ms<1000", nil, false},
		{"latency.p999_ms!=7", nil, false},
		{"records.acked==100", 100.0, true},
		{"records.acked!=100", 100.0, false},
		{"partitions[1].records>=40", 40.0, true},
		{"partitions[2].records>=0", nil, false},
		{"requests.errors.NOT_LEADER_OR_FOLLOWER==0", 2.0, false},
		{"requests.errors.NOT_ENOUGH_REPLICAS==0", 0.0, true},
		{"cluster.kind==embedded", "embedded", true},
		{"cluster.kind!='real'", "embedded", true},
		{"cluster.simulated==true", true, true},
		{"settings.linger.ms<=5", "5", true},
		{"settings.acks==all", "all", true},
		{"nothing.of.this==1", nil, false},
		{"records==1", map[string]any{}, false},
	}
	for _, tt := range tests {
		e, err := ParseExpect(tt.expr)
		if err != nil {
			t.Errorf("%s: %v", tt.expr, err)
			continue
		}
		got, err := Judge(sample(), []Expect{e})
		if err != nil {
			t.Fatal(err)
		}
		if _, node := tt.got.(map[string]any); node {
			got[0].Got = map[string]any{}
		}
		if diff := cmp.Diff([]Expectation{{Expr: tt.expr, Got: tt.got, Met: tt.met}}, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", tt.expr, diff)
		}
	}
}

func TestWrongExpressionsNameTheirColumn(t *testing.T) {
	for text, column := range map[string]int{
		"latency.p99_ms":              15,
		"":                            1,
		"<20":                         1,
		"latency.p99_ms<":             16,
		"latency..p99_ms<20":          9,
		"partitions[x].records>0":     11,
		"partitions[0]records>0":      11,
		"partitions[-1].records>0":    11,
		"cluster.kind<real":           13,
		"  .p99_ms<20":                3,
		"latency.p99_ms<fast":         15,
		"settings.acks>=all":          14,
		"partitions[0.records==1":     11,
		"partitions[0][x].records==1": 11,
	} {
		_, err := ParseExpect(text)
		var bad *ExpectError
		if !errors.As(err, &bad) {
			t.Errorf("%q: got %v, want an ExpectError", text, err)
		} else if bad.Column != column {
			t.Errorf("%q: column %d (%s), want %d", text, bad.Column, bad.Say, column)
		}
	}
}

func FuzzParseExpect(f *testing.F) {
	f.Add("latency.p99_ms<20")
	f.Add("partitions[0].records>0")
	f.Add("a[0][1]==x")
	f.Fuzz(func(t *testing.T, text string) {
		e, err := ParseExpect(text)
		if err != nil {
			return
		}
		if _, err := Judge(sample(), []Expect{e}); err != nil {
			t.Errorf("%q parses and cannot be judged: %v", text, err)
		}
		if !strings.ContainsAny(text, "<>=!") {
			t.Errorf("%q has no operator and parses", text)
		}
	})
}
