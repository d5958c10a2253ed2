package ui

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"testing"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
	"kdyno/ui/draw"
)

// Every figure on the screen is read off the drawn frame and compared with the
// snapshot that it was drawn from: nothing on the screen is made up.
func TestFiguresOnTheScreenAreTheReports(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 60 {
		m, e, _ := workbench(160, 44)
		e.snap = randomised(rng)
		m.pull(true)
		frame := plainFrame(m)
		for _, f := range figuresOf(e.snap) {
			got := regexp.MustCompile(f.find).FindStringSubmatch(frame)
			if got == nil {
				t.Fatalf("%s: not on the screen by %q:\n%s", f.name, f.find, frame)
			}
			if got[1] != f.want {
				t.Errorf("%s: got %q on the screen, want %q", f.name, got[1], f.want)
			}
		}
	}
}

type figure struct{ name, find, want string }

func figuresOf(t *telemetry.Snapshot) []figure {
	recent, all := t.Recent, t.Report
	used, slots := 0, 0
	for _, b := range t.Now.InFlight {
		used, slots = used+b.InFlight, slots+b.Slots
	}
	share := float64(t.Now.BufferUsed) / float64(all.Buffer.LimitBytes)
	out := []figure{
		{"rate", `(\S+) rec/s  `, draw.SI(recent.Rate.RecordsPerS)},
		{"bytes", `(\S+) MB/s`, fmt.Sprintf("%.1f", recent.Rate.BytesPerS/1e6)},
		{"p99", `p99 +(\S+) ms  err`, draw.Ms(recent.Latency.P99Ms)},
		{"errors", `err (\S+)`, draw.Count(all.Requests.Errors["NOT_LEADER_OR_FOLLOWER"])},
		{"error by code", `NOT_LEADER_OR_FOLLOWER (\S+)`, draw.Count(all.Requests.Errors["NOT_LEADER_OR_FOLLOWER"])},
		{"offered", ` (\S+)/s +> \S+ us`, draw.SI(recent.Rate.OfferedPerS)},
		{"serialize", `> (\S+) us`, draw.MsOf(*recent.Stages["serialize"].MeanMs * 1000)},
		{"bytes of a record", `(\S+ \S+) avg`, draw.Bytes(*recent.Batches.RawBytesMean / *recent.Batches.RecordsMean)},
		{"waiters", `in send (\S+)`, fmt.Sprint(t.Now.Waiters)},
		{"blocked", `blocked (\d\S*)`, draw.SI(float64(recent.Buffer.BlockedSends))},
		{"waiting", `waiting (\S+)`, draw.SI(float64(all.Records.Waiting))},
		{"skew", `skew (\S+)x`, fmt.Sprintf("%.1f", all.Skew)},
		{"buffer", `> (\S+(?: \S+)? of \S+ MiB)`, draw.BytesOf(float64(t.Now.BufferUsed), float64(all.Buffer.LimitBytes))},
		{"buffer share", `of 32 MiB[\s\S]*?[\x{b7}\x{2588}\x{258f}\x{258e}\x{258d}\x{258c}\x{258b}\x{258a}\x{2589}] +(\d+ %)`, draw.Percent(&share)},
		{"fill", `batch fill (\d+ %)`, draw.Percent(recent.Batches.FillMean)},
		{"records per batch", `(\S+) rec/batch`, draw.SI(*recent.Batches.RecordsMean)},
		{"in flight", `> (\d+ of \d+)  `, fmt.Sprintf("%d of %d", used, slots)},
		{"retries", `retries (\d\S*)`, draw.Count(all.Requests.Retries)},
		{"failed", `failed (\S+)`, draw.Count(all.Records.Failed)},
		{"refused", `refused (\S+)`, draw.Count(all.Records.Refused)},
		{"unknown", `unknown (\S+)`, draw.Count(all.Records.Unknown)},
		{"chart p50", `\x{2500} p50 (\S+)`, draw.Ms(recent.Latency.P50Ms)},
		{"chart p99", `\x{2500} p99 (\S+)`, draw.Ms(recent.Latency.P99Ms)},
		{"chart rate", `\x{2500} acked (\S+)`, draw.SI(recent.Rate.RecordsPerS)},
		{"revision", `rev (\d+) `, fmt.Sprint(t.Revision)},
	}
	out = append(out, timeFigures(recent)...)
	for i, b := range all.Brokers {
		rtt := b.RTTP99Ms
		if late := t.Now.InFlight[i].P99Ms; late != nil {
			rtt = late
		}
		out = append(out, figure{
			fmt.Sprintf("broker %d", b.ID), fmt.Sprintf(`b%d  +[\x{25a0}\x{b7}]+ +(\S+) ms`, b.ID), draw.Ms(rtt),
		})
	}
	total := int64(0)
	for _, p := range all.Partitions {
		total += p.Records
	}
	for _, p := range all.Partitions {
		share := float64(p.Records) / float64(total)
		out = append(out, figure{
			fmt.Sprintf("partition %d", p.Partition), fmt.Sprintf(`p%d +[\x{25a0}\x{25a1}+]* *(\d+ %%)`, p.Partition), draw.Percent(&share),
		})
	}
	return out
}

// timeFigures are those of where the time goes: of the p99 where that is
// measured, else of the mean.
func timeFigures(recent report.Interval) []figure {
	of, total := "the mean", *recent.Latency.MeanMs
	share := func(stage string) float64 { return *recent.Stages[stage].MeanMs / total }
	if goes := recent.Latency.P99GoesTo; goes != nil {
		of, total = "p99", *recent.Latency.P99Ms
		share = func(stage string) float64 { return goes[stage] }
	}
	out := []figure{{"total", `where ` + of + ` goes: (\S+) ms, last 5 s`, draw.MsOf(total)}}
	for stage, word := range map[string]string{"batching": "wait in batch", "slot_wait": "wait for a slot", "network": "network, broker"} {
		part := share(stage)
		out = append(out,
			figure{"time in " + stage, word + ` +[^ ]+ +(\S+) ms`, draw.MsOf(part * total)},
			figure{"share of " + stage, word + ` +[^ ]+ +\S+ ms +(\d+ %)`, draw.Percent(&part)})
	}
	return out
}

// randomised is the sample with other figures.
func randomised(rng *rand.Rand) *telemetry.Snapshot {
	t := sample()
	f := func(top float64) *float64 { return ms(rng.Float64() * top) }
	t.Revision, t.Undo = rng.IntN(100), 1
	t.Recent.Rate.RecordsPerS, t.Recent.Rate.BytesPerS, t.Recent.Rate.OfferedPerS = *f(1e6), *f(1e9), *f(1e6)
	t.Recent.Latency.P50Ms, t.Recent.Latency.P99Ms, t.Recent.Latency.MeanMs = f(50), f(900), ms(0)
	for _, s := range t.Recent.Stages {
		s.MeanMs = f(30)
		*t.Recent.Latency.MeanMs += *s.MeanMs
	}
	goes := t.Recent.Latency.P99GoesTo
	for stage := range goes {
		goes[stage] = rng.Float64()
	}
	if rng.IntN(2) == 0 {
		t.Recent.Latency.P99GoesTo = nil
	}
	t.Recent.Batches.FillMean, t.Recent.Batches.RecordsMean = f(1), f(5000)
	t.Recent.Buffer.BlockedSends = rng.Int64N(100_000)
	t.Report.Records.Waiting, t.Report.Records.Failed = rng.Int64N(1e6), rng.Int64N(10)
	t.Report.Records.Refused, t.Report.Records.Unknown = rng.Int64N(1e5), rng.Int64N(1e5)
	t.Report.Requests.Retries = rng.Int64N(1e7)
	t.Report.Requests.Errors = map[string]int64{"NOT_LEADER_OR_FOLLOWER": 1 + rng.Int64N(1e5)}
	t.Report.Skew = 1 + *f(9)
	t.Now.BufferUsed, t.Now.Waiters = rng.Int64N(32<<20), rng.IntN(50)
	for i := range t.Now.InFlight {
		t.Now.InFlight[i].InFlight = rng.IntN(6)
		t.Report.Brokers[i].RTTP99Ms = f(500)
		if i > 0 { // the others have no answers of late
			t.Now.InFlight[i].P50Ms, t.Now.InFlight[i].P99Ms = f(500), f(500)
		}
	}
	for i := range t.Report.Partitions {
		t.Report.Partitions[i].Records = 1 + rng.Int64N(1e9)
	}
	return t
}
