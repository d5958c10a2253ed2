//go:build integration

package engine_test

import (
	"fmt"
	"math"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"kdyno/engine"
	"kdyno/telemetry/report"
)

// clientRecords is how many each of the clients writes that are only counted.
const clientRecords = 1000

// javaCase is a way to run the Java producer: its client.id, how many records at
// which rate, and its settings.
type javaCase struct {
	id       string
	count    int
	rate     int
	lingerMs float64 // 0: not to be told
	slots    string  // max.in.flight.requests.per.connection where it shows; empty: it does not
	settings []string
}

var javaCases = []javaCase{
	{"java-lingers", 10_000, 2000, 15, "", []string{"linger.ms=15", "acks=all", "compression.type=lz4"}},
	{"java-acks-1", 10_000, 2000, 25, "", []string{"linger.ms=25", "acks=1", "compression.type=none"}},
	{"java-flat-out", 60_000, -1, 0, "3", []string{"linger.ms=5", "acks=all", "compression.type=none", "max.in.flight.requests.per.connection=3"}},
}

func TestGuestsOfEveryClientOnTheEmbeddedCluster(t *testing.T) {
	x := realGuests(t, engine.XRayConfig{})
	produceWithAll(t, x, "clients")
}

func TestGuestsOfEveryClientThroughTheProxy(t *testing.T) {
	admin := realAdmin(t)
	topic := realTopic(t, admin)
	x := realGuests(t, engine.XRayConfig{Brokers: realBrokers(t)})
	total := produceWithAll(t, x, topic)
	written := int64(0)
	for _, end := range endOffsets(t, admin, topic) {
		written += end
	}
	if written != total {
		t.Errorf("the log ends at %d, the clients wrote %d", written, total)
	}
	assertWholeMetadata(t, x, admin, topic)
}

// assertWholeMetadata asks the session for the cluster, as an admin client does.
func assertWholeMetadata(t *testing.T, x *engine.XRay, admin *kadm.Client, topic string) {
	t.Helper()
	real, err := admin.Metadata(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	r := x.Report()
	if r.Cluster.ID != real.Cluster || r.Cluster.Brokers != len(real.Brokers) {
		t.Errorf("cluster %+v, want %s with %d brokers", r.Cluster, real.Cluster, len(real.Brokers))
	}
}

// realGuests opens a session of guests on ports that are free, over a link on
// which slots can be seen to be full.
func realGuests(t *testing.T, c engine.XRayConfig) *engine.XRay {
	t.Helper()
	c.Values, c.Version = values(t, "stand.link.rtt", "10ms"), "test"
	var x *engine.XRay
	var err error
	for port := 23092; port < 23192; port += 10 {
		c.Listen = fmt.Sprintf("127.0.0.1:%d", port)
		if x, err = engine.OpenXRay(c); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

// produceWithAll lets every client write to a topic, holds the report against what
// it is known to have done, and returns how many records that were.
func produceWithAll(t *testing.T, x *engine.XRay, topic string) (total int64) {
	t.Helper()
	clients := []struct{ name, software, acks, codec string }{
		{"kcat", "librdkafka", "all", "none"},
		{"confluent-python", "confluent-kafka-python", "1", "gzip"},
		{"kafka-python", "kafka-python", "all", "none"},
		{"sarama", "sarama", "all", "snappy"},
		{"franz-go", "kgo", "all", "zstd"},
	}
	for _, c := range clients {
		produce(t, x, c.name, topic, strconv.Itoa(clientRecords))
		total += clientRecords
		id := "with-" + strings.TrimSuffix(c.name, "-python")
		if c.name == "kafka-python" {
			id = "with-kafka-python"
		}
		got := awaitRecords(t, x, id, clientRecords)
		if got.Software != c.software || got.Release == "" || got.Acks != c.acks || got.Codec != c.codec {
			t.Errorf("%s: %s %q, acks %s, codec %s; want %+v", c.name, got.Software, got.Release, got.Acks, got.Codec, c)
		}
	}
	said := make([]string, len(javaCases))
	var wg sync.WaitGroup
	for i, c := range javaCases {
		if c.rate < 0 {
			wg.Wait() // it would hold the others up
		}
		wg.Go(func() {
			args := append([]string{strconv.Itoa(c.count), strconv.Itoa(c.rate), "client.id=" + c.id}, c.settings...)
			said[i] = produce(t, x, "java", topic, args...)
		})
	}
	wg.Wait()
	for i, c := range javaCases {
		c.judge(t, awaitRecords(t, x, c.id, int64(c.count)), said[i])
		total += int64(c.count)
	}
	return total
}

// produce runs a client until it has written all, and returns what it said.
func produce(t *testing.T, x *engine.XRay, client, topic string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "../.ci/clients/produce", append([]string{client, x.Bootstrap(), topic}, args...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", client, err, out)
	}
	return string(out)
}

// awaitRecords waits until all records of a client are counted: its last answer
// may leave a moment after it has counted the record.
func awaitRecords(t *testing.T, x *engine.XRay, id string, n int64) report.Client {
	t.Helper()
	var got report.Client
	for deadline := time.Now().Add(realWithin); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for _, c := range x.Report().Clients {
			if c.ClientID == id {
				got = c
			}
		}
		if got.Records >= n {
			break
		}
	}
	if got.Records != n || got.Came != n {
		t.Errorf("%s: %d records acknowledged, %d came; it wrote %d", id, got.Records, got.Came, n)
	}
	return got
}

var metricLine = regexp.MustCompile(`(?m)^producer-metrics:([a-z-]+):\{.*\}\s*: (\S+)`)

// judge holds what was seen of the Java producer against its own metrics.
func (c javaCase) judge(t *testing.T, got report.Client, said string) {
	t.Helper()
	own := map[string]float64{}
	for _, m := range metricLine.FindAllStringSubmatch(said, -1) {
		own[m[1]], _ = strconv.ParseFloat(m[2], 64)
	}
	if got.Software != "apache-kafka-java" || got.Release != "4.3.1" {
		t.Errorf("%s is said to be %s %s", c.id, got.Software, got.Release)
	}
	for name, seen := range map[string]*float64{"batch-size-avg": got.BytesPerBatch, "records-per-request-avg": got.RecordsPerRequest} {
		if want := own[name]; seen == nil || want == 0 || math.Abs(*seen-want) > 0.02*want {
			t.Errorf("%s: %s is %v, the client says %v", c.id, name, number(seen), want)
		}
	}
	for _, text := range c.settings {
		key, want, _ := strings.Cut(text, "=")
		in := got.Inferred[key]
		switch key {
		case "acks", "compression.type":
			if in.Value != want || in.Sure != report.Exact {
				t.Errorf("%s: %s is said to be %+v, it is %s", c.id, key, in, want)
			}
			if key == "acks" && got.Idempotent != (want == "all") {
				t.Errorf("%s: idempotent %v with acks=%s", c.id, got.Idempotent, want)
			}
		case "max.in.flight.requests.per.connection":
			if in.Value != c.slots || got.InFlightMax != 3 {
				t.Errorf("%s: %s is said to be %+v, at most %d were seen; it is %s", c.id, key, in, got.InFlightMax, want)
			}
		}
	}
	c.judgeLinger(t, got, own["record-queue-time-avg"])
}

// judgeLinger lets nothing be said only of a client that was itself too late, which
// its records' time in the queue tells.
func (c javaCase) judgeLinger(t *testing.T, got report.Client, queuedMs float64) {
	t.Helper()
	if c.lingerMs == 0 {
		return
	}
	in := got.Inferred["linger.ms"]
	if in.Value == "" && queuedMs > 1.5*c.lingerMs {
		t.Logf("%s: its records waited for %.1f ms, the machine is too busy to tell linger.ms=%v", c.id, queuedMs, c.lingerMs)
		return
	}
	if said, err := strconv.ParseFloat(in.Value, 64); err != nil || math.Abs(said-c.lingerMs) > 2 {
		t.Errorf("%s: linger.ms is said to be %+v, it is %v", c.id, in, c.lingerMs)
	}
}
