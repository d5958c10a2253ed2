package pane

import (
	"testing"
	"time"

	"kdyno/engine/setting"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

func f(v float64) *float64 { return &v }

func TestSettingIsExplainedByThePresentMeasurement(t *testing.T) {
	snap := &telemetry.Snapshot{At: time.Minute}
	snap.Recent = report.Interval{
		Rate:    report.Rate{RecordsPerS: 180_000, BytesPerS: 92_160_000, OfferedPerS: 200_000, LimitedBy: "load"},
		Latency: report.Latency{Count: 9000, MeanMs: f(6), MaxMs: f(31)},
		Stages: map[string]*report.Stage{
			"batching": {MeanMs: f(2)}, "network": {MeanMs: f(3), MaxMs: f(12.5)}, "slot_wait": {MeanMs: f(0.6)},
			"retry": {MeanMs: f(0.06)}, "schedule_lag": {MeanMs: f(0.3)}, "blocked": {MeanMs: f(0), MaxMs: f(40)},
		},
		Batches: report.Batches{
			RecordsMean: f(75), FillMean: f(0.15), CompressionRatio: f(0.42), Closed: map[string]int64{"linger": 78, "full": 22},
		},
		Requests: report.Requests{BytesMean: f(78_848), InFlightMean: f(7.9), InFlightMax: 11, Retries: 2},
		Buffer:   report.Buffer{LimitBytes: 32 << 20, UsedMeanBytes: 600_000, UsedMaxBytes: 2 << 20, BlockedSends: 3, Exhausted: 1},
	}
	snap.Report.Brokers = []report.Broker{{Slots: 5}, {Slots: 5}, {Slots: 5}}
	snap.Report.Partitions = make([]report.Partition, 12)
	snap.Report.Skew = 1.4
	snap.Report.Records.Failed = 7
	for key, want := range map[setting.Key]string{
		setting.LingerMs:          "Now: 33 % of the mean is the wait in an open batch; 78 % of the batches go by linger.",
		setting.BatchSize:         "Now: batches are 15 % full, 75 records each; 78 % of the batches go by linger, so a larger batch.size changes little.",
		setting.CompressionType:   "Now: 0.42 bytes go over the wire for each byte of a batch.",
		setting.BufferMemory:      "Now: 0.6 of 32 MiB used, at most 2.0 MiB, 3 sends waited for space.",
		setting.MaxBlockMs:        "Now: 3 sends waited for space, 40.0 ms at most, 1 gave up.",
		setting.MaxInFlight:       "Now: 7.9 requests in flight of 15 slots, at most 11; 10 % of the mean is the wait for a slot.",
		setting.MaxRequestSize:    "Now: a request has 77.0 KiB on average, of 1 MiB.",
		setting.Acks:              "Now: 50 % of the mean is network and broker; acks=all waits for every in-sync replica.",
		setting.Retries:           "Now: 2 retries in the last 5 s, 1 % of the mean.",
		setting.RequestTimeoutMs:  "Now: the slowest answer took 12.5 ms of 30 s.",
		setting.DeliveryTimeoutMs: "Now: the slowest record took 31.0 ms of 2 min; 7 records failed so far.",
		setting.PartitionerClass:  "Now: the busiest of 12 partitions gets 1.4x the mean.",
		setting.LoadRate:          "Now: 180.0k records/s acknowledged of 200.0k offered; limit: load target.",
		setting.LoadSenders:       "Now: 5 % of the mean is a late start of send(), 0 % of the mean the wait inside of it.",
		setting.LoadRecordBytes:   "Now: 512 B a record with its key, 92.2 MB/s.",
		setting.StandLinkRTT:      "Now: network and broker take 3.0 ms, 50 % of the mean.",
		setting.ClientID:          "",
	} {
		if got := NowOf(key, snap, setting.Defaults()); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
}

func TestNothingIsSaidOfWhatIsNotMeasured(t *testing.T) {
	idle, bare := &telemetry.Snapshot{}, &telemetry.Snapshot{}
	bare.Recent.Latency.Count = 1
	for _, r := range setting.Rows() {
		if got := NowOf(r.Key, idle, setting.Defaults()); got != "" {
			t.Errorf("%s: got %q of a session without records", r.Key, got)
		}
		_ = NowOf(r.Key, bare, setting.Defaults()) // must not need what is not there
	}
}

func TestFullBatchesMakeLongerLingerUseless(t *testing.T) {
	snap := &telemetry.Snapshot{}
	snap.Recent.Latency.Count = 10
	snap.Recent.Batches.Closed = map[string]int64{"full": 9, "linger": 1}
	want := "Now: 90 % of the batches go because they are full, so more linger changes little."
	if got := NowOf(setting.LingerMs, snap, setting.Defaults()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
