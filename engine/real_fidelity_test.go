//go:build integration

package engine_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"kdyno/telemetry/report"
)

// cell is one load under one configuration, for kdyno and the Java producer to be held beside each
// other: 10,000 records a second of 200 B on six partitions, replicated three times, acks=all.
type cell struct {
	linger, batch int // ms, bytes
	keys          string
	seconds       float64 // warm-up included
}

const (
	fidelityRate  = 10_000
	fidelityBytes = 200
	fidelityKeys  = "uniform:10000"
)

func (c cell) String() string {
	return fmt.Sprintf("keys %s, linger.ms=%d, batch.size=%d", c.keys, c.linger, c.batch)
}

// warmUp is what kdyno leaves out of its latency for a load of so many seconds.
func (c cell) warmUp() float64 { return min(3, 0.3*c.seconds) }

// pause is how long the Java driver's pacer pauses, in microseconds, so that both send in bursts of
// the same size: kdyno's waits for the next record on the Go runtime's timer, which is the finer the
// busier the process is. The figures have both sides' lag.
func (c cell) pause() string {
	if c.linger == 0 {
		return "250"
	}
	return "900"
}

// figures are what either side says of a cell, in the words of the Java producer's metrics where
// they have one.
type figures struct {
	Rate      float64 `json:"records_per_s"`
	Failed    float64 `json:"failed"`
	Lag       float64 `json:"lag_mean_ms"`
	Mean      float64 `json:"mean_ms"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	Batch     float64 `json:"batch-size-avg"`
	InRequest float64 `json:"records-per-request-avg"`
	Queue     float64 `json:"record-queue-time-avg"`
	Answer    float64 `json:"request-latency-avg"`
	Ratio     float64 `json:"compression-rate-avg"`
}

// javaDriver is the kit's Java driver: one process for all loads, since an application's virtual
// machine has compiled its producer long before it is looked at.
type javaDriver struct {
	pid   string
	loads io.Writer
	says  *json.Decoder
	moans *bytes.Buffer
}

func startJava(t *testing.T) *javaDriver {
	t.Helper()
	d := &javaDriver{moans: &bytes.Buffer{}}
	cmd := exec.CommandContext(t.Context(), "../.ci/kafka/paced")
	cmd.Stderr = d.moans
	loads, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		loads.Close()
		_ = cmd.Wait() // killed as the test's context ended, if it has not ended by itself
	})
	d.pid, d.loads, d.says = strconv.Itoa(cmd.Process.Pid), loads, json.NewDecoder(out)
	return d
}

// measure runs one load.
func (d *javaDriver) measure(t *testing.T, topic string, c cell) figures {
	t.Helper()
	var f figures
	_, err := fmt.Fprintln(d.loads, "--brokers", strings.Join(realBrokers(t), ","), "--topic", topic,
		"--rate", fidelityRate, "--bytes", fidelityBytes, "--keys", c.keys,
		"--for", c.seconds, "--warm-up", c.warmUp(), "--pause", c.pause(),
		"--set", fmt.Sprintf("linger.ms=%d", c.linger), "--set", fmt.Sprintf("batch.size=%d", c.batch))
	if err == nil {
		err = d.says.Decode(&f)
	}
	if err != nil {
		t.Fatalf("%v: Java's driver: %v\n%s", c, err, d.moans)
	}
	if f.Failed > 0 {
		t.Fatalf("%v: Java failed %.0f records, want none", c, f.Failed)
	}
	return f
}

// kdynoSays runs the command at a path as a person does.
func kdynoSays(t *testing.T, kdyno, topic string, c cell) figures {
	t.Helper()
	var r report.Report
	called(t, &r, kdyno, "run", "--brokers", strings.Join(realBrokers(t), ","), "--topic", topic, "--json", "-q",
		"--rate", strconv.Itoa(fidelityRate), "--size", strconv.Itoa(fidelityBytes), "--set", "load.keys="+c.keys,
		"--for", fmt.Sprintf("%gs", c.seconds),
		"--set", fmt.Sprintf("linger.ms=%d", c.linger), "--set", fmt.Sprintf("batch.size=%d", c.batch))
	if lost := r.Records.Failed + r.Records.Unknown + r.Records.Refused; lost > 0 {
		t.Fatalf("%v: kdyno failed %d records, want none", c, lost)
	}
	told := func(p *float64) float64 {
		if p == nil {
			t.Fatalf("kdyno does not say all of %+v", r.Interval)
		}
		return *p
	}
	return figures{
		Rate: r.Rate.RecordsPerS, Lag: told(r.Stages["schedule_lag"].MeanMs), Mean: told(r.Latency.MeanMs), P50: told(r.Latency.P50Ms), P99: told(r.Latency.P99Ms),
		Batch: told(r.Batches.BytesMean), InRequest: told(r.Requests.RecordsMean), Queue: told(r.Batches.QueueMeanMs),
		Answer: told(r.Requests.AnswerMeanMs), Ratio: told(r.Batches.CompressionRatio),
	}
}

// called runs a command that prints one JSON object.
func called(t *testing.T, into any, name string, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		t.Fatalf("%s %v: %v\n%s%s", name, args, err, out, exit.Stderr)
	} else if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("%s does not print JSON: %v\n%s", name, err, out)
	}
}

// beside runs both at one cell, Java first or last.
func beside(t *testing.T, admin *kadm.Client, driver *javaDriver, kdyno string, c cell, javaFirst bool) (java, ours figures) {
	t.Helper()
	topic := realTopic(t, admin)
	if javaFirst {
		java = driver.measure(t, topic, c)
	}
	ours = kdynoSays(t, kdyno, topic, c)
	if !javaFirst {
		java = driver.measure(t, topic, c)
	}
	return java, ours
}

// In these cells batches fill, so that the accumulator is measured and not how busy the machine is. The
// bounds are wide, and a cell that lies outside is measured again; what they are to notice is outside
// each time: a partitioner that leaves at bytes and not at a batch's border halves the batches at linger
// 50, and a full batch that lingers to its end makes the p99 the linger there and more than doubles the
// mean. make fidelity is the narrow version.
func TestRealLatencyAndBatchesAreJavas(t *testing.T) {
	const rounds = 3
	admin := realAdmin(t)
	driver, kdyno := startJava(t), command(t)
	for _, c := range []cell{
		{linger: 50, batch: 16 << 10, keys: "none"},
		{linger: 20, batch: 32 << 10, keys: "none"},
		{linger: 500, batch: 16 << 10, keys: fidelityKeys},
	} {
		c.seconds = 6
		var wrong []string
		for round := range rounds {
			java, ours := beside(t, admin, driver, kdyno, c, round%2 == 0)
			t.Logf("%v\nJava  %+v\nkdyno %+v", c, java, ours)
			if wrong = apart(java, ours); len(wrong) == 0 {
				break
			}
		}
		for _, say := range wrong {
			t.Errorf("%v: %s", c, say)
		}
	}
}

// apart says in what two clients are far from each other.
func apart(java, ours figures) (wrong []string) {
	const (
		wide  = 1.5
		grain = 3 // ms: what a busy machine adds to either
	)
	if ours.Batch < java.Batch/wide || ours.Batch > java.Batch*wide {
		wrong = append(wrong, fmt.Sprintf("batches of %.0f bytes, Java's have %.0f", ours.Batch, java.Batch))
	}
	// Where the processor is short Java's takes much longer; that says nothing about ours.
	if ours.Mean > java.Mean*wide+grain {
		wrong = append(wrong, fmt.Sprintf("mean latency %.1f ms, Java's %.1f", ours.Mean, java.Mean))
	}
	if ours.P99 > java.P99*wide+2*grain {
		wrong = append(wrong, fmt.Sprintf("p99 of the latency %.1f ms, Java's %.1f", ours.P99, java.P99))
	}
	return wrong
}
