package report

import (
	"bytes"
	"errors"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/setting"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestTextIsTheGolden(t *testing.T) {
	for name, r := range map[string]Report{"full": fullReport(), "empty": {}} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			if err := Text(&got, r); err != nil {
				t.Fatal(err)
			}
			path := "testdata/text_" + name + ".golden"
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A figure may be of any size: it must not push the page beyond 80 columns.
func TestTextStaysWithinThePage(t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 47))
	for range 300 {
		r := fullReport()
		r.Records.Acked = rng.Int64N(1 << uint(rng.IntN(62)+1))
		*r.Latency.P99Ms = math.Exp(rng.Float64() * 14)
		r.Rate.BytesPerS = math.Exp(rng.Float64() * 30)
		r.Partitions[0].Records = rng.Int64N(1e10)
		r.Partitions[0].Topic = strings.Repeat("t", rng.IntN(249))
		var out bytes.Buffer
		if err := Text(&out, r); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if len(line) > pageWidth+1 && strings.Contains(strings.TrimSpace(line), " ") {
				t.Fatalf("got %d columns, want at most %d: %s", len(line)-1, pageWidth, line)
			}
		}
	}
}

// A broker may answer with anything: no byte of it reaches the terminal raw.
func TestTextDropsControlCharacters(t *testing.T) {
	const evil = "a\x1b[2Jb\rc\u202ed\x9be\x07\u200bf"
	r := fullReport()
	r.Topics[0].Name, r.Cluster.Version, r.Partitions[0].Topic = evil, evil, evil
	r.Failures[0].Kind, r.Failures[0].Say, r.Events[0].Say = evil, evil, evil
	r.Requests.Errors = map[string]int64{evil: 1}
	r.Runs[1].Changed = map[string][2]string{evil: {evil, evil}}
	var out bytes.Buffer
	if err := Text(&out, r); err != nil {
		t.Fatal(err)
	}
	for _, c := range out.String() {
		if c != '\n' && (c < ' ' || c > '~') {
			t.Fatalf("got %q in the text", c)
		}
	}
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestTextTellsAFailedWriter(t *testing.T) {
	if err := Text(full{}, fullReport()); !errors.Is(err, errFull) {
		t.Errorf("got %v, want %v", err, errFull)
	}
}

func TestFiguresAreShort(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0.00", 0.0004: "0.000", 0.0184: "0.018", 0.9996: "1.00", 1.234: "1.23", 9.994: "9.99", 9.996: "10.0", 54.32: "54.3", 99.96: "100", 540.2: "540", 999.6: "1,000", 1234567: "1,234,567",
	} {
		if got := figure(f); got != want {
			t.Errorf("figure(%v): got %q, want %q", f, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", -5: "-5", 999: "999", 1000: "1,000", -1234567: "-1,234,567", math.MinInt64: "-9,223,372,036,854,775,808"} {
		if got := count(n); got != want {
			t.Errorf("count(%d): got %q, want %q", n, got, want)
		}
	}
	for f, want := range map[float64]string{0: "0 B", 1023: "1,023 B", 1024: "1 KiB", 1536: "1.5 KiB", 1 << 50: "1,024 TiB"} {
		if got := size(f); got != want {
			t.Errorf("size(%v): got %q, want %q", f, got, want)
		}
	}
}

func fullReport() Report {
	f := func(x float64) *float64 { return &x }
	stage := func(mean, p50, p99, most float64) *Stage {
		return &Stage{MeanMs: f(mean), MinMs: f(0), P50Ms: f(p50), P99Ms: f(p99), MaxMs: f(most)}
	}
	broker := int32(2)
	return Report{
		Schema: Schema, Version: "0.1.0", ElapsedS: 10, DrainS: 0.012, WarmupS: 3,
		Cluster:     Cluster{Kind: "embedded", Brokers: 3, Version: "4.1", Simulated: true},
		Topics:      []Topic{{Name: "kdyno", Partitions: 2, Replication: 3, MinInsync: 2}},
		Settings:    map[string]string{"acks": "all", "linger.ms": "20", "load.rate": "10000", "batch.size": "16384"},
		Differences: []setting.Difference{{Key: "retry.backoff.max.ms", Asked: "1000", Effective: "100", Why: "the client repeats at a constant pace after an answer"}},
		Guarantee:   setting.Guarantee{Name: "exactly once per partition and producer session", Because: []string{"enable.idempotence=true with acks=all"}, BrokenBy: []string{"a restart of the producer"}},
		Problems:    []setting.Problem{{Severity: setting.Warning, Say: "client.id is empty"}},
		Interval: Interval{
			Records: Records{Due: 100_000, Sent: 99_998, Waiting: 2, Refused: 3, Accepted: 99_995, Acked: 99_900, Failed: 5, Unknown: 90},
			Rate:    Rate{RecordsPerS: 9996.4, BytesPerS: 5_118_156, OfferedPerS: 10_000, LimitedBy: "load", Evidence: map[string]float64{"schedule_lag_p99_share": 0.052, "schedule_kept": 0.99998, "blocked_share": 0, "offered_per_s": 10_000}},
			Latency: Latency{
				Mode: "open", Count: 69_950, MeanMs: f(14.2), MinMs: f(1.21), P50Ms: f(13.9), P90Ms: f(22.4), P99Ms: f(25.31), P999Ms: f(31.7), MaxMs: f(118), LongestAckGapMs: f(22.4),
				Uncorrected: &Uncorrected{P50Ms: f(13.4), P99Ms: f(24.1)},
				P99GoesTo:   map[string]float64{"batching": 0.31, "network": 0.662, "slot_wait": 0.02, "callback": 0.008},
			},
			Stages: map[string]*Stage{
				"schedule_lag": stage(0.5, 0.49, 1.3, 4), "blocked": stage(0, 0, 0, 0), "swap": stage(0.02, 0, 0, 11.3), "batching": stage(11.2, 11, 20, 21),
				"slot_wait": stage(0.08, 0, 0.4, 3), "network": stage(2.1, 2, 4.4, 12), "retry": stage(0.2, 0, 0, 100), "callback": stage(0.1, 0.08, 0.3, 2), "serialize": nil,
			},
			Batches:  Batches{Count: 3120, RecordsMean: f(32.02), BytesMean: f(6412), RawBytesMean: f(16_021), FillMean: f(0.978), CompressionRatio: f(0.4), Closed: map[string]int64{"full": 3000, "linger": 120}},
			Requests: Requests{Count: 1560, BytesMean: f(12_900), InFlightMean: f(1.4), InFlightMax: 7, Retries: 4, ThrottleMs: 120, Errors: map[string]int64{"NOT_LEADER_OR_FOLLOWER": 4}},
			Buffer:   Buffer{LimitBytes: 33_554_432, UsedMeanBytes: 143_360, UsedMaxBytes: 491_520, BlockedSends: 1},
		},
		Partitions: []Partition{
			{Topic: "kdyno", Partition: 0, Leader: 1, Records: 40_000, Bytes: 8_000_000, Batches: 1240, P99Ms: f(25.2)},
			{Topic: "kdyno", Partition: 1, Leader: 2, Records: 59_900, Bytes: 12_000_000, Batches: 1880},
		},
		Skew: 1.199,
		Failures: []Failure{
			{Kind: "NOT_LEADER_OR_FOLLOWER", Class: "retriable", Count: 4, Where: "broker", Broker: &broker, FirstS: 5.1, LastS: 5.23, Say: "the partition's leader moved; the client asks for the new one and tries again. Normal in an election."},
		},
		Runs: []Run{
			{Run: 1, Revision: 1},
			{Run: 2, Revision: 3, AtS: 4.02, Changed: map[string][2]string{"linger.ms": {"5", "20"}}, Swap: &Swap{TookMs: 6.1, AckGapMs: 8.2, Drained: 412}},
		},
		Events: []Event{{AtS: 4.02, Kind: "revision", Say: "linger.ms 5 > 20, 412 records drained in 6.1 ms"}},
	}
}
