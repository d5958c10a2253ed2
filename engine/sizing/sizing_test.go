package sizing

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
)

// with are Kafka's defaults with some settings changed: KEY, VALUE, ...
func with(t *testing.T, pairs ...string) setting.Values {
	t.Helper()
	v := setting.Defaults()
	for i := 0; i+1 < len(pairs); i += 2 {
		next, err := v.With(setting.Key(pairs[i]), pairs[i+1])
		if err != nil {
			t.Fatal(err)
		}
		v = next
	}
	return v
}

func known(f float64) Figure { return Figure{Value: f, From: "given"} }

func TestArithmetic(t *testing.T) {
	load := func(rate, record float64) Inputs { return Inputs{Rate: known(rate), Record: known(record)} }
	tests := map[string]struct {
		key    setting.Key
		in     Inputs
		set    []string
		more   func(*Inputs)
		want   string
		steps  []string // parts of them
		absent string   // what no step and no note says
		notes  string
	}{
		"a buffer holds twice the stall, in whole MiB": {
			key: setting.BufferMemory, in: load(1000, 1000), more: func(in *Inputs) { in.Stall = known(30_000) },
			want: "60817408", steps: []string{"1,000 records/s x 1,000 B x 30s x 2 = 60,000,000 B", "58 MiB"}, absent: "of the memory",
		},
		"a buffer holds a batch for each partition": {
			key: setting.BufferMemory, in: load(1, 100), set: []string{"batch.size", "1048576"},
			more: func(in *Inputs) { in.Stall, in.Partitions = known(1000), known(50) }, want: "52428800", steps: []string{"50 x 1,048,576 B = 52,428,800 B"},
		},
		"a buffer is held against the host's memory": {
			key: setting.BufferMemory, in: load(10_000, 1000), more: func(in *Inputs) { in.Stall, in.Memory = known(50_000), known(2_000_000_000) },
			want: "1000341504", notes: "That is 50 % of the memory of this host; 1 to 5 % is usual. It rides out 5s of stall with 5 % of the memory.",
		},
		"batches gather for as long as they linger": {
			key: setting.BatchSize, in: load(100_000, 1000), set: []string{"linger.ms", "5"},
			want: "507904", steps: []string{"100,000 records/s x 1,000 B x 5ms / 1 = 500,000 B", "16 KiB: 507,904 B"},
		},
		"partitions share what gathers": {
			key: setting.BatchSize, in: load(100_000, 1000), set: []string{"linger.ms", "5"}, more: func(in *Inputs) { in.Partitions = known(5) },
			want: "114688", steps: []string{"/ 5 = 100,000 B"},
		},
		"a batch that never fills stays at the default": {
			key: setting.BatchSize, in: load(100, 200), set: []string{"linger.ms", "50"}, want: "16384", steps: []string{"= 1,000 B gather", "linger.ms closes"}, notes: "more linger.ms does",
		},
		"without linger nothing is said of more of it": {
			key: setting.BatchSize, in: load(100, 200), set: []string{"linger.ms", "0"}, want: "16384", notes: "requests are in flight", absent: "more linger.ms",
		},
		"a batch fits a request": {
			key: setting.BatchSize, in: load(1_000_000, 1000), set: []string{"linger.ms", "100", "max.request.size", "2000000"},
			want: "2000000", steps: []string{"no larger than a request: 2,000,000 B"}, notes: "raise max.request.size",
		},
		"a batch is not sized to nothing": {
			key: setting.BatchSize, in: load(1_000_000, 1000), set: []string{"linger.ms", "100", "max.request.size", "0"}, want: "16384",
		},
		"few slots do where little is under way": {
			key: setting.MaxInFlight, in: load(1000, 1000), more: func(in *Inputs) { in.RTT, in.Nodes = known(10), known(2) },
			want: "5", steps: []string{"/ 2 brokers = 500,000 B/s", "= 5,000 B under way", "= 1 in flight"}, notes: "The default of 5 does as well",
		},
		"idempotence bounds the slots": {
			key: setting.MaxInFlight, in: Inputs{RTT: known(100), Bandwidth: known(10_000_000)},
			want: "5", steps: []string{"1,000,000 B under way", "= 62 in flight", "1,000,000 B / 5 = 200,704 B"}, notes: "Size batch.size instead",
		},
		"without idempotence the slots are as many as it takes": {
			key: setting.MaxInFlight, in: Inputs{RTT: known(100), Bandwidth: known(10_000_000)}, set: []string{"enable.idempotence", "false"},
			want: "62", notes: "may change the order", absent: "idempotence allows",
		},
		"acks=1 turns idempotence off as in Java": {
			key: setting.MaxInFlight, in: Inputs{RTT: known(100), Bandwidth: known(10_000_000)}, set: []string{"acks", "1"}, want: "62",
		},
		"with batching off a request is one record": {
			key: setting.MaxInFlight, in: load(1000, 500), set: []string{"batch.size", "0", "enable.idempotence", "false"},
			more: func(in *Inputs) { in.RTT = known(20) }, want: "20", steps: []string{"10,000 B / 500 B of a request of one record = 20"},
		},
		"a socket buffer holds bandwidth x round trip": {
			key: setting.SendBufferBytes, in: Inputs{RTT: known(80), Bandwidth: known(6_250_000)},
			want: "524288", steps: []string{"6,250,000 B/s x 80ms = 500,000 B under way", "524,288 B"},
		},
		"a socket buffer is not below the default": {
			key: setting.SendBufferBytes, in: Inputs{RTT: known(1), Bandwidth: known(1000)}, want: "131072",
		},
		"a value that the setting does not take is cut, and that is said": {
			key: setting.SendBufferBytes, in: Inputs{RTT: known(2000), Bandwidth: known(5e10)}, want: "2147483647", steps: []string{"send.buffer.bytes takes at most 2,147,483,647"},
		},
		"a request has three times the tail": {
			key: setting.RequestTimeoutMs, in: Inputs{Tail: known(12_000.5), Lag: known(30_000)}, want: "36002", steps: []string{"3 x 12s = 36s"}, absent: "not below",
		},
		"acks=all waits for a lagging replica": {
			key: setting.RequestTimeoutMs, in: Inputs{Tail: known(800), Lag: known(30_000)}, want: "30000", steps: []string{"not below replica.lag.time.max.ms: 30s"},
		},
		"acks=1 does not": {
			key: setting.RequestTimeoutMs, in: Inputs{Tail: known(800), Lag: known(30_000)}, set: []string{"acks", "1"}, want: "2400", absent: "not below",
		},
		"a delivery outlives four restarts": {
			key: setting.DeliveryTimeoutMs, in: Inputs{Restart: known(45_000)}, want: "180000", steps: []string{"4 x 45s = 3m0s", "5ms + 30s = 30s"},
		},
		"a delivery is not shorter than linger and a request": {
			key: setting.DeliveryTimeoutMs, in: Inputs{Restart: known(1000)}, set: []string{"linger.ms", "1000", "request.timeout.ms", "20000"}, want: "21000",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.in.Values = with(t, tt.set...)
			if tt.more != nil {
				tt.more(&tt.in)
			}
			got, err := Size(tt.key, tt.in)
			if err != nil {
				t.Fatal(err)
			}
			steps, notes := strings.Join(got.Steps, "\n"), strings.Join(got.Notes, " ")
			if got.Value != tt.want {
				t.Errorf("got %s, want %s by\n%s", got.Value, tt.want, steps)
			}
			for _, want := range tt.steps {
				if !strings.Contains(steps, want) {
					t.Errorf("got no %q in\n%s", want, steps)
				}
			}
			if !strings.Contains(notes, tt.notes) {
				t.Errorf("got no %q in %s", tt.notes, notes)
			}
			if tt.absent != "" && strings.Contains(steps+notes, tt.absent) {
				t.Errorf("got %q in\n%s\n%s", tt.absent, steps, notes)
			}
		})
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	want := map[setting.Key][]string{
		setting.BufferMemory:      {"--rate", "--size", "--stall"},
		setting.BatchSize:         {"--rate", "--size"},
		setting.MaxInFlight:       {"--rtt", "--rate", "--size"},
		setting.SendBufferBytes:   {"--rtt", "--rate", "--size"},
		setting.RequestTimeoutMs:  {"--tail"},
		setting.DeliveryTimeoutMs: {"--restart"},
	}
	keys, rules := Keys()
	got := map[setting.Key][]string{}
	for i, k := range keys {
		if rules[i] == "" || !Can(k) {
			t.Errorf("%s: got the rule %q", k, rules[i])
		}
		_, err := Size(k, Inputs{Values: setting.Defaults(), Rate: known(-1)})
		var missing *MissingError
		if !errors.As(err, &missing) {
			t.Errorf("%s: got %v", k, err)
			continue
		}
		got[k] = missing.Names
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, err := Size(setting.LingerMs, Inputs{Values: setting.Defaults()}); err == nil || Can(setting.LingerMs) {
		t.Errorf("got %v for a setting without a helper", err)
	}
}

// Whatever is known, the value is one that the setting takes, and every input is
// told once and with where it is from.
func TestEverySizeIsTakenByItsSetting(t *testing.T) {
	keys, _ := Keys()
	for _, k := range keys {
		for _, f := range []float64{1e-3, 0.5, 1, 999, 1e6, 1e12} {
			in := Inputs{Values: setting.Defaults()}
			for _, each := range []*Figure{&in.Rate, &in.Record, &in.Partitions, &in.Nodes, &in.Stall, &in.Restart, &in.RTT, &in.Bandwidth, &in.Tail, &in.Lag, &in.Memory} {
				*each = known(f)
			}
			for range 2 {
				got, err := Size(k, in)
				if err != nil {
					t.Fatalf("%s of %g: %v", k, f, err)
				}
				if _, err := in.Values.With(k, got.Value); err != nil {
					t.Errorf("%s of %g: %v", k, f, err)
				}
				if n, _ := strconv.ParseInt(got.Value, 10, 64); n < 1 {
					t.Errorf("%s of %g: got %s", k, f, got.Value)
				}
				seen := map[string]bool{}
				for _, used := range got.Inputs {
					if seen[used.Name] || used.From == "" || used.Value == "" {
						t.Errorf("%s of %g: got the input %+v", k, f, used)
					}
					seen[used.Name] = true
				}
				in.Bandwidth = Figure{} // once more by what the load needs
			}
		}
	}
}
