package client_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/client"
	"kdyno/engine/setting"
)

// errNoNet is what every dial of these tests ends with.
var errNoNet = errors.New("no network here")

func nowhere(context.Context, string, string) (net.Conn, error) { return nil, errNoNet }

func stand(recordBytes int) client.Stand {
	return client.Stand{
		Seeds: []string{"127.0.0.1:9092"}, Dial: nowhere,
		Partitioner: kgo.ManualPartitioner(), RecordBytes: recordBytes,
	}
}

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

// made is a client and what was told of it.
type made struct {
	client      *kgo.Client
	differences map[setting.Key]setting.Difference
}

func make1(t *testing.T, v setting.Values, s client.Stand) made {
	t.Helper()
	cl, differences, err := client.New(v, s)
	if err != nil {
		t.Fatalf("New with %v: %v", v.SetMap(), err)
	}
	t.Cleanup(cl.Close)
	m := made{client: cl, differences: map[setting.Key]setting.Difference{}}
	for _, d := range differences {
		if _, twice := m.differences[d.Key]; twice {
			t.Errorf("%s is told twice: %v", d.Key, differences)
		}
		m.differences[d.Key] = d
	}
	return m
}

// inEffect reads each setting's value back from the client, in the setting's
// own text. Socket buffers and seeds are not here; they have tests of their own.
var inEffect = map[setting.Key]func(*kgo.Client) string{
	setting.Acks: func(cl *kgo.Client) string {
		switch cl.OptValue(kgo.RequiredAcks) {
		case kgo.NoAck():
			return "0"
		case kgo.LeaderAck():
			return "1"
		default:
			return "all"
		}
	},
	setting.EnableIdempotence: func(cl *kgo.Client) string {
		return strconv.FormatBool(!cl.OptValue(kgo.DisableIdempotentWrite).(bool))
	},
	setting.LingerMs:                 millis(kgo.ProducerLinger),
	setting.BatchSize:                number(kgo.ProducerBatchMaxBytes),
	setting.MaxRequestSize:           number(kgo.BrokerMaxWriteBytes),
	setting.Retries:                  number(kgo.RecordRetries),
	setting.RetryBackoffMs:           millis(kgo.MetadataMinAge),
	setting.RetryBackoffMaxMs:        millis(kgo.MetadataMinAge),
	setting.RequestTimeoutMs:         millis(kgo.ProduceRequestTimeout),
	setting.DeliveryTimeoutMs:        millis(kgo.RecordDeliveryTimeout),
	setting.MetadataMaxAgeMs:         millis(kgo.MetadataMaxAge),
	setting.ConnectionsMaxIdleMs:     millis(kgo.ConnIdleTimeout),
	setting.ClientID:                 number(kgo.ClientID),
	setting.CompressionType:          func(cl *kgo.Client) string { name, _ := codecOf(cl); return name },
	setting.MetadataRecoveryStrategy: func(*kgo.Client) string { return "rebootstrap" }, // whatever is asked
	setting.EnableMetricsPush: func(cl *kgo.Client) string {
		return strconv.FormatBool(!cl.OptValue(kgo.DisableClientMetrics).(bool))
	},
}

// codecOf is the codec in use and its level as the client holds it, which
// shows neither but printed.
func codecOf(cl *kgo.Client) (name string, level int) {
	codec := cl.OptValue(kgo.ProducerBatchCompression).([]kgo.CompressionCodec)[0]
	var kind int
	if _, err := fmt.Sscanf(fmt.Sprint(codec), "{%d %d}", &kind, &level); err != nil {
		return err.Error(), 0
	}
	return []string{"none", "gzip", "snappy", "lz4", "zstd"}[kind], level
}

func number(opt any) func(*kgo.Client) string {
	return func(cl *kgo.Client) string { return fmt.Sprint(cl.OptValues(opt)[0]) }
}

func millis(opt any) func(*kgo.Client) string {
	return func(cl *kgo.Client) string {
		return strconv.FormatInt(cl.OptValue(opt).(time.Duration).Milliseconds(), 10)
	}
}

// withoutReadBack are the settings that no option of the client holds: their
// own tests look at what they do.
var withoutReadBack = []setting.Key{
	setting.BootstrapServers, setting.SendBufferBytes, setting.ReceiveBufferBytes,
	setting.MaxInFlight,                                                                     // with idempotence by the slots at the wire
	setting.CompressionGzipLevel, setting.CompressionLz4Level, setting.CompressionZstdLevel, // with their codec only
	setting.ClientDNSLookup, setting.SocketSetupTimeoutMs, setting.SocketSetupTimeoutMaxMs,
	setting.ReconnectBackoffMs, setting.ReconnectBackoffMaxMs,
}

// secured says that a setting belongs to TLS or SASL.
func secured(k setting.Key) bool {
	return k == setting.SecurityProtocol || strings.HasPrefix(string(k), "ssl.") || strings.HasPrefix(string(k), "sasl.")
}

func TestEverySettingCanBeReadBack(t *testing.T) {
	for _, k := range client.Consumed {
		if _, found := inEffect[k]; found == (secured(k) || slices.Contains(withoutReadBack, k)) {
			t.Errorf("%s: read back %v, want the opposite", k, found)
		}
	}
	for k := range inEffect {
		if !slices.Contains(client.Consumed, k) {
			t.Errorf("%s is read back and not consumed", k)
		}
	}
}

// judge asserts that what is in effect is what was asked, or that a difference
// says so.
func judge(t *testing.T, v setting.Values, m made) {
	t.Helper()
	for k, read := range inEffect {
		asked, got := v.Text(k), read(m.client)
		if k == setting.ClientID && asked == "" {
			asked = "producer-1" // as the Java client does
		}
		d, told := m.differences[k]
		switch {
		case k == setting.RetryBackoffMaxMs && !v.IsSet(k) && !v.IsSet(setting.RetryBackoffMs), k == setting.EnableMetricsPush && !v.IsSet(k):
			// Its note tells of the default; a difference would stand in every report.
			if told {
				t.Errorf("%s: told %+v although nobody asked", k, d)
			}
		case told && d.Effective != got:
			t.Errorf("%s: told %q, in effect %q with %v", k, d.Effective, got, v.SetMap())
		case told && (d.Asked != v.Text(k) || d.Asked == d.Effective || d.Why == ""):
			t.Errorf("%s: told %+v, asked %q", k, d, v.Text(k))
		case !told && got != asked:
			t.Errorf("%s: asked %q, in effect %q and not told, with %v", k, asked, got, v.SetMap())
		}
	}
}

func TestDefaultsAreHonouredAsTheyAre(t *testing.T) {
	m := make1(t, setting.Defaults(), stand(512))
	if len(m.differences) != 0 {
		t.Errorf("got differences %v, want none", m.differences)
	}
	judge(t, setting.Defaults(), m)
}

// random draws a text that the row takes: an end of its range, a value near a
// bound of the client, or anything between.
func random(r *rand.Rand, row setting.Row) string {
	if words := row.Kind.Enum(); len(words) > 0 {
		return words[r.IntN(len(words))]
	}
	if row.Kind.Type() != "int" && row.Kind.Type() != "long" {
		return strings.Repeat("p\u00f6", r.IntN(200))
	}
	low, high := row.Kind.Bounds()
	least, most := bound(low, math.MinInt64), bound(high, math.MaxInt64)
	near := []int64{
		least, most, 0, 1, 9, 10, 11, 99, 100, 101, 511, 512, 513, 999, 1000, 1001, 1023, 1024, 1025, 59_999, 60_000,
		60_001, 899_999, 900_000, 900_001, 3_599_999, 3_600_000, 3_600_001, 1<<30 - 1, 1 << 30, 1<<30 + 1, math.MaxInt32,
		r.Int64N(1 << 12), r.Int64N(1 << 20), r.Int64N(math.MaxInt32), least + r.Int64N(1000), most - r.Int64N(1000),
	}
	n := min(max(near[r.IntN(len(near))], least), most)
	if row.Key == setting.CompressionGzipLevel && n == 0 {
		n = 1 // the hole in its range
	}
	return strconv.FormatInt(n, 10)
}

// bound reads one end of a row's range; none is that of the type.
func bound(text string, none int64) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return none
	}
	return n
}

func TestEveryValueIsHonouredOrTold(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 3000 {
		v := setting.Defaults()
		for _, k := range client.Consumed {
			row, _ := setting.Find(k)
			if k == setting.BootstrapServers || secured(k) || r.IntN(2) == 0 {
				continue
			}
			var err error
			if v, err = v.With(k, random(r, row)); err != nil {
				t.Fatal(err)
			}
		}
		v = v.Effective()
		if v.Bool(setting.EnableIdempotence) && (v.Text(setting.Acks) != "all" || v.Int(setting.MaxInFlight) > 5) {
			continue // Check refuses it
		}
		records := []int{1, 100, 512, 16384, 1 << 20, 64 << 20}
		m := make1(t, v, stand(records[r.IntN(len(records))]))
		judge(t, v, m)
		// With idempotence the slots at the wire hold it.
		if got := m.client.OptValue(kgo.MaxProduceRequestsInflightPerBroker); !v.Bool(setting.EnableIdempotence) && fmt.Sprint(got) != v.Text(setting.MaxInFlight) {
			t.Errorf("%v in flight, want %s", got, v.Text(setting.MaxInFlight))
		}
		m.client.Close()
	}
}

func TestNarrowerRangesAreTold(t *testing.T) {
	for _, c := range []struct {
		key              setting.Key
		asked, effective string
		records          int
	}{
		{setting.LingerMs, "60001", "60000", 1},
		{setting.BatchSize, "0", "512", 1},
		{setting.BatchSize, "2147483647", "1073741824", 1},
		{setting.BatchSize, "1000", "2200", 2000},
		{setting.MaxRequestSize, "0", "17408", 1},
		{setting.MaxRequestSize, "2147483647", "1073741824", 1},
		{setting.RetryBackoffMs, "0", "10", 1},
		{setting.RetryBackoffMs, "9", "10", 1},
		{setting.RetryBackoffMs, "3600001", "1000", 1}, // Java too is bound by retry.backoff.max.ms
		{setting.RetryBackoffMaxMs, "500", "100", 1},
		{setting.RequestTimeoutMs, "99", "100", 1},
		{setting.DeliveryTimeoutMs, "999", "1000", 1},
		{setting.MetadataMaxAgeMs, "3600001", "3600000", 1},
		{setting.MetadataMaxAgeMs, "0", "100", 1},
		{setting.ConnectionsMaxIdleMs, "-1", "900000", 1},
		{setting.ConnectionsMaxIdleMs, "0", "100", 1},
		{setting.ConnectionsMaxIdleMs, "900001", "900000", 1},
		{setting.ClientID, strings.Repeat("\u00f6", 200), strings.Repeat("\u00f6", 128), 1},
		{setting.ClientID, "x" + strings.Repeat("\u00f6", 200), "x" + strings.Repeat("\u00f6", 127), 1},
	} {
		m := make1(t, values(t, string(c.key), c.asked), stand(c.records))
		d, told := m.differences[c.key]
		if !told || d.Asked != c.asked || d.Effective != c.effective {
			t.Errorf("%s=%s: got %+v, want effective %s", c.key, c.asked, d, c.effective)
		}
	}
}

// Whoever turns one of the backoffs hears that the pause does not grow; whoever
// asks for a constant one has it.
func TestBackoffThatDoesNotGrowIsTold(t *testing.T) {
	for _, c := range []struct{ first, most, pause string }{
		{"50", "", "50"}, {"200", "5000", "200"}, {"5", "500", "10"}, {"4000000", "5000000", "3600000"}, {"", "2000", "100"},
	} {
		v := setting.Defaults()
		for k, text := range map[setting.Key]string{setting.RetryBackoffMs: c.first, setting.RetryBackoffMaxMs: c.most} {
			if text == "" {
				continue
			}
			var err error
			if v, err = v.With(k, text); err != nil {
				t.Fatal(err)
			}
		}
		m := make1(t, v, stand(100))
		judge(t, v, m)
		if d := m.differences[setting.RetryBackoffMaxMs]; d.Effective != c.pause {
			t.Errorf("%+v: told %+v, want the pause of %s ms as the longest", c, d, c.pause)
		}
	}
}

func TestValuesWithinBothRangesAreNotTold(t *testing.T) {
	for _, pair := range [][2]string{
		{"linger.ms", "60000"},
		{"batch.size", "512"},
		{"batch.size", "1000000"},
		{"max.request.size", "17408"},
		{"retry.backoff.ms", "1000"}, // it does not grow in Java either
		{"request.timeout.ms", "100"},
		{"request.timeout.ms", "2147483647"}, // beyond the 15 minutes of franz-go's overhead, which is not this
		{"delivery.timeout.ms", "1000"},
		{"retries", "2147483647"},
		{"retries", "3"},
		{"client.id", strings.Repeat("x", 256)},
		{"client.id", ""},
		{"metadata.max.age.ms", "3600000"},
		{"connections.max.idle.ms", "900000"},
		{"retry.backoff.max.ms", "100"}, // the constant pause that it is here
	} {
		m := make1(t, values(t, pair[0], pair[1]), stand(100))
		if len(m.differences) != 0 {
			t.Errorf("%s=%s: got %v, want no difference", pair[0], pair[1], m.differences)
		}
	}
}

func TestInFlightIsExactWithoutIdempotence(t *testing.T) {
	for _, n := range []string{"1", "4", "9", "2147483647"} {
		m := make1(t, values(t, "enable.idempotence", "false", "max.in.flight.requests.per.connection", n), stand(100))
		if got := fmt.Sprint(m.client.OptValue(kgo.MaxProduceRequestsInflightPerBroker)); got != n || len(m.differences) != 0 {
			t.Errorf("got %s and %v, want %s", got, m.differences, n)
		}
	}
}

// A short request timeout must not shorten the deadline of the requests that a
// producer starts with: on a slow link it would never start.
func TestShortRequestTimeoutLeavesOtherRequestsNoLess(t *testing.T) {
	for _, c := range []struct {
		asked string
		want  time.Duration
	}{{"30", 100 * time.Millisecond}, {"30000", 30 * time.Second}, {"2147483647", 15 * time.Minute}} {
		v := values(t, "request.timeout.ms", c.asked)
		got := make1(t, v, stand(100)).client.OptValue(kgo.RequestTimeoutOverhead)
		if got != c.want {
			t.Errorf("request.timeout.ms=%s: overhead %v, want %v", c.asked, got, c.want)
		}
		if got, want := client.RequestTimeout(v), max(v.Duration(setting.RequestTimeoutMs), 100*time.Millisecond); got != want {
			t.Errorf("request timeout %v, want %v", got, want)
		}
	}
}

func TestRefusedCombinationIsAnError(t *testing.T) {
	v := values(t, "acks", "1", "enable.idempotence", "true")
	cl, _, err := client.New(v, stand(100))
	if err == nil || cl != nil || !strings.HasPrefix(err.Error(), "make the producer: ") {
		t.Errorf("got %v, %v, want an error that says what was done", cl, err)
	}
}

// Kafka's, of KIP-580: within a fifth of the doubled pause, never beyond the
// ceiling.
func TestBackoffStaysWithinAFifthAndTheCeiling(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 8))
	pick := func() time.Duration {
		return []time.Duration{
			0, time.Millisecond, 100 * time.Millisecond, time.Second, math.MaxInt64, time.Duration(r.Int64N(int64(time.Hour))),
		}[r.IntN(6)]
	}
	for range 20_000 {
		first, ceiling, tries := pick(), pick(), []int{-1, 0, 1, 2, 3, 10, 64, 5000, math.MaxInt}[r.IntN(9)]
		got := client.Backoff(first, ceiling)(tries)
		want := float64(min(first, ceiling))
		if ceiling > first {
			want = min(float64(first)*math.Pow(2, float64(min(max(tries-1, 0), 70))), float64(ceiling))
		}
		low, high := want*0.8-1, min(want*1.2+1, float64(ceiling))
		if got < 0 || float64(got) < low && got != ceiling || float64(got) > high {
			t.Fatalf("from %v to %v, retry %d: got %v, want from %v to %v", first, ceiling, tries, got, time.Duration(low), high)
		}
	}
}

func TestBackoffIsSpread(t *testing.T) {
	next := client.Backoff(100*time.Millisecond, time.Second)
	low, high := next(2), next(2)
	for range 1000 {
		low, high = min(low, next(2)), max(high, next(2))
	}
	if low > 165*time.Millisecond || high < 235*time.Millisecond {
		t.Errorf("the second pause was from %v to %v, want about 160 to 240 ms", low, high)
	}
	constant := client.Backoff(time.Second, 300*time.Millisecond)
	for tries := range 5 {
		if got := constant(tries); got != 300*time.Millisecond {
			t.Errorf("ceiling below the first pause: got %v, want 300ms", got)
		}
	}
}

// franz-go shrinks batches so that a request with the topic's and the client's
// name has room for one; the largest record must still fit.
func TestLargestRecordFitsBesideTheLongestNames(t *testing.T) {
	topic := strings.Repeat("t", 249)
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, topic))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	const largest = 5000
	for _, asked := range []string{"5300", "6000"} {
		s := stand(largest)
		s.Seeds, s.Dial = cluster.ListenAddrs(), (&net.Dialer{}).DialContext
		v := values(t, "batch.size", "0", "max.request.size", asked, "client.id", strings.Repeat("c", 256))
		m := make1(t, v, s)
		record := &kgo.Record{Topic: topic, Value: make([]byte, largest)}
		if err := m.client.ProduceSync(t.Context(), record).FirstErr(); err != nil {
			t.Errorf("max.request.size=%s: %v", asked, err)
		}
	}
}
