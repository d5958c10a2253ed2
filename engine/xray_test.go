package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine"
	"kdyno/engine/cluster"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// guestBed is a session of guests on a network in memory.
type guestBed struct {
	t       *testing.T
	network cluster.Network
	x       *engine.XRay
}

// openGuests must be closed. Guests come to port 19092.
func openGuests(t *testing.T, change func(*engine.XRayConfig)) *guestBed {
	t.Helper()
	b := &guestBed{t: t}
	c := engine.XRayConfig{Values: setting.Defaults(), Listen: "127.0.0.1:19092", Network: &b.network, Version: "test"}
	if change != nil {
		change(&c)
	}
	x, err := engine.OpenXRay(c)
	if err != nil {
		t.Fatal(err)
	}
	b.x = x
	return b
}

func (b *guestBed) close() {
	if err := b.x.Close(); err != nil {
		b.t.Error(err)
	}
}

// guest is a producer that knows the session's ports only.
func (b *guestBed) guest(opts ...kgo.Opt) *kgo.Client {
	b.t.Helper()
	cl, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers("127.0.0.1:19092"), kgo.DisableClientMetrics(), kgo.MetadataMinAge(10 * time.Millisecond),
		kgo.AllowAutoTopicCreation(), kgo.DefaultProduceTopic("orders"), kgo.ClientID("guest"), kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.RetryBackoffFn(func(int) time.Duration { return 50 * time.Millisecond }), kgo.AlwaysRetryEOF(),
		kgo.Dialer(func(ctx context.Context, network, address string) (net.Conn, error) {
			if !strings.HasPrefix(address, "127.0.0.1:1909") {
				b.t.Errorf("the guest goes to %s", address)
			}
			return b.network.DialContext(ctx, network, address)
		}),
	}, opts...)...)
	if err != nil {
		b.t.Fatal(err)
	}
	return cl
}

// sendEvenly produces n records evenly over a time and waits for all of them.
func sendEvenly(t *testing.T, cl *kgo.Client, n int, over time.Duration) {
	t.Helper()
	begun := time.Now()
	for i := range n {
		if due := begun.Add(over * time.Duration(i) / time.Duration(n)); time.Until(due) > 0 {
			time.Sleep(time.Until(due))
		}
		cl.Produce(t.Context(), &kgo.Record{Value: make([]byte, 100)}, func(_ *kgo.Record, err error) {
			if err != nil {
				t.Errorf("produce: %v", err)
			}
		})
	}
	if err := cl.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func awaitGuestsEnd(t *testing.T, x *engine.XRay) {
	t.Helper()
	select {
	case <-x.Done():
	case <-time.After(time.Hour):
		t.Fatal("the session does not end")
	}
}

func TestGuestsAreReportedInTheContractsWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openGuests(t, func(c *engine.XRayConfig) { c.For, c.Topics = 10*time.Second, []string{"orders"} })
		defer b.close()
		cl := b.guest()
		sendEvenly(t, cl, 400, 4*time.Second)
		awaitGuestsEnd(t, b.x)
		r := b.x.Report()
		if r.Schema != "kdyno.xray/1" || r.ElapsedS < 9.9 || r.ElapsedS > 10.2 || r.Cluster.Kind != "embedded" || !r.Cluster.Simulated || r.Cluster.Brokers != 3 {
			t.Errorf("got %+v", r)
		}
		if len(r.Clients) != 1 || r.Clients[0].ClientID != "guest" || r.Clients[0].Records != 400 || r.Clients[0].Connections == 0 || len(r.Clients[0].Partitions) != 6 {
			t.Errorf("clients %+v", r.Clients)
		}
		ports := []report.Port{{Broker: 0, Address: "127.0.0.1:19092"}, {Broker: 1, Address: "127.0.0.1:19093"}, {Broker: 2, Address: "127.0.0.1:19094"}}
		if d := cmp.Diff(ports, r.Ports); d != "" {
			t.Errorf("ports (-want +got):\n%s", d)
		}
		if b.x.Err() != nil {
			t.Errorf("it ended with %v", b.x.Err())
		}
		cl.Close()
		if again := b.x.Report(); again.Clients[0].Connections != r.Clients[0].Connections {
			t.Error("the report changes after the end")
		}
	})
}

// What was allocated for a topic that somebody asks for is said.
func TestMissingTopicsAreMadeAndSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openGuests(t, func(c *engine.XRayConfig) { c.Values, _ = c.Values.With(setting.StandPartitions, "4") })
		defer b.close()
		cl := b.guest()
		defer cl.Close()
		sendEvenly(t, cl, 10, time.Second)
		r := b.x.Report()
		if !tells(r.Events, "topic orders was missing and is made with 4 partitions") || len(r.Topics) != 1 || r.Topics[0].Partitions != 4 {
			t.Errorf("topics %v, events %v", r.Topics, r.Events)
		}
	})
}

func tells(events []report.Event, text string) bool {
	return slices.ContainsFunc(events, func(e report.Event) bool { return strings.Contains(e.Say, text) })
}

// Faults of the link and of the embedded brokers, by --at and by hand: what they
// did stands in the report, and no record is lost by it.
func TestGuestsMeetFaults(t *testing.T) {
	at := func(text string) step.Timed {
		timed, err := step.ParseTimed(text)
		if err != nil {
			t.Fatal(err)
		}
		return timed
	}
	synctest.Test(t, func(t *testing.T) {
		b := openGuests(t, func(c *engine.XRayConfig) {
			c.At = []step.Timed{at("2s=fault stall for=1s"), at("6s=fault broker-down broker=1 for=2s"), at("12s=fault error code=NOT_ENOUGH_REPLICAS count=3"), at("1s=set linger.ms=5")}
		})
		defer b.close()
		cl := b.guest()
		defer cl.Close()
		sendEvenly(t, cl, 20_000, 20*time.Second)
		time.Sleep(3 * time.Second)
		r := b.x.Report()
		c := r.Clients[0]
		if c.Records != 20_000 || c.Came != 20_000 || c.Errors["NOT_ENOUGH_REPLICAS"] < 3 || c.Retries < 3 {
			t.Errorf("%d records, %d came, errors %v, %d retries", c.Records, c.Came, c.Errors, c.Retries)
		}
		var names []string
		for _, f := range r.Faults {
			names = append(names, f.Name)
		}
		if d := cmp.Diff([]string{"stall", "broker-down", "error"}, names); d != "" {
			t.Fatalf("faults (-want +got):\n%s", d)
		}
		if out := r.Faults[0].OutageMs; out == nil || *out < 900 || *out > 1200 {
			t.Errorf("the stall of 1 s was an outage of %v ms", out)
		}
		if !tells(r.Events, "set linger.ms=5 was refused: linger.ms is the application's to set") {
			t.Errorf("events %v", r.Events)
		}
	})
}

// The entry shut, who is here goes on.
func TestBootstrapDownKeepsNewGuestsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openGuests(t, nil)
		defer b.close()
		cl := b.guest()
		defer cl.Close()
		sendEvenly(t, cl, 10, time.Second)
		if err := b.x.Do(step.Step{Verb: step.Fault, Name: "bootstrap-down", With: []step.Parameter{{Name: "for", Text: "10s"}}}); err != nil {
			t.Fatal(err)
		}
		late := b.guest(kgo.ClientID("late"))
		defer late.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if late.Ping(ctx) == nil {
			t.Error("a new guest comes in")
		}
		sendEvenly(t, cl, 10, time.Second)
		time.Sleep(10 * time.Second)
		if err := late.Ping(t.Context()); err != nil {
			t.Errorf("after the fault: %v", err)
		}
	})
}

// The stand can be turned while guests are on it; what is theirs cannot.
func TestStandIsTurnedUnderGuests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openGuests(t, nil)
		defer b.close()
		cl := b.guest()
		defer cl.Close()
		sendEvenly(t, cl, 1, 0)
		set := func(key, text string) error {
			return b.x.Do(step.Step{Verb: step.Set, Set: []step.Assignment{{Key: setting.Key(key), Text: text}}})
		}
		if err := set("stand.link.rtt", "40ms"); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		sendEvenly(t, cl, 1, 0)
		if took := time.Since(begun); took < 40*time.Millisecond || took > 60*time.Millisecond {
			t.Errorf("a round trip of 40 ms takes %v", took)
		}
		for key, text := range map[string]string{"linger.ms": "5", "load.rate": "5", "stand.brokers": "2", "stand.link.rtt": "nonsense", "no.such": "1"} {
			var e *engine.Error
			if err := set(key, text); !errors.As(err, &e) || e.Kind != engine.Usage {
				t.Errorf("%s=%s: %v", key, text, err)
			}
		}
		for _, verb := range []step.Verb{step.Undo, step.Redo, step.Pause, step.Resume, step.Preset, step.Crash, step.Restart, step.Partitions, step.Send} {
			if err := b.x.Do(step.Step{Verb: verb}); err == nil {
				t.Errorf("%s is done", verb)
			}
		}
		if got := b.x.Values().Text(setting.StandLinkRTT); got != "40ms" {
			t.Errorf("stand.link.rtt is %s", got)
		}
	})
}

func TestGuestTakesThePlaceOfARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openGuests(t, nil)
		defer b.close()
		if s := b.x.Snapshot(); s.Guests == nil || len(s.Guests.List) != 0 || s.Guests.Bootstrap != "127.0.0.1:19092,127.0.0.1:19093,127.0.0.1:19094" {
			t.Errorf("before anybody came: %+v", s.Guests)
		}
		one := b.guest(kgo.ClientID("one"), kgo.ProducerLinger(10*time.Millisecond))
		defer one.Close()
		two := b.guest(kgo.ClientID("two"), kgo.DisableIdempotentWrite(), kgo.RequiredAcks(kgo.LeaderAck()))
		defer two.Close()
		sendEvenly(t, one, 1000, 4*time.Second)
		sendEvenly(t, two, 400, 2*time.Second)
		time.Sleep(time.Second)
		s := b.x.Snapshot()
		if s.State != telemetry.Running || len(s.Guests.List) != 2 || s.Guests.Shown != s.Guests.List[0].Number || s.Guests.List[0].Name != "one" {
			t.Fatalf("state %s, guests %+v", s.State, s.Guests)
		}
		if s.Report.Records.Acked != 1000 || s.Report.Requests.Count == 0 || len(s.Series) == 0 || s.Guests.Inferred["linger.ms"].Value != "10" {
			t.Errorf("of the first: %+v, %v", s.Report.Records, s.Guests.Inferred)
		}
		if broken := s.Report.Records.Broken(); broken != nil {
			t.Errorf("records do not add up: %v", broken)
		}
		b.x.Choose(s.Guests.List[1].Number)
		s = b.x.Snapshot()
		if s.Report.Records.Acked != 400 || s.Report.Guarantee.Name != "at least once" || b.x.Values().Text(setting.Acks) != "1" || s.Recent.Rate.RecordsPerS == 0 {
			t.Errorf("of the second: %+v", s.Report)
		}
		for _, stage := range []string{"schedule_lag", "serialize", "blocked", "swap", "callback"} {
			if s.Recent.Stages[stage] != nil {
				t.Errorf("%s is told, which nobody sees", stage)
			}
		}
		b.x.Choose(77)
		if s = b.x.Snapshot(); s.Guests.Shown != s.Guests.List[0].Number {
			t.Errorf("a guest that is not there: %d is shown", s.Guests.Shown)
		}
	})
}

// In front of a cluster that is not ours: its brokers get ports as they are told
// of, and what only embedded brokers can is refused.
func TestProxyBeforeAnotherCluster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &guestBed{t: t}
		real, err := cluster.Open(t.Context(), cluster.Options{Nodes: 3, Partitions: 6, Network: &b.network, Topics: []string{"orders"}})
		if err != nil {
			t.Fatal(err)
		}
		defer real.Close()
		if b.x, err = engine.OpenXRay(engine.XRayConfig{Values: setting.Defaults(), Listen: "127.0.0.1:19092", Brokers: []string{"127.0.0.1:9093"}, Network: &b.network}); err != nil {
			t.Fatal(err)
		}
		defer b.close()
		cl := b.guest()
		defer cl.Close()
		sendEvenly(t, cl, 600, 3*time.Second)
		time.Sleep(time.Second)
		r := b.x.Report()
		if r.Cluster.Kind != "real" || r.Cluster.Simulated || r.Cluster.ID != "kdyno-embedded" || r.Cluster.Brokers != 3 || r.Clients[0].Records != 600 {
			t.Errorf("cluster %+v, clients %+v", r.Cluster, r.Clients)
		}
		if len(r.Ports) != 4 || r.Ports[0].Broker != -1 || r.Ports[0].Behind != "127.0.0.1:9093" || b.x.Bootstrap() != "127.0.0.1:19092" {
			t.Errorf("ports %+v, bootstrap %s", r.Ports, b.x.Bootstrap())
		}
		for _, name := range []string{"broker-down", "quota", "leader-move"} {
			err := b.x.Do(step.Step{Verb: step.Fault, Name: name, With: parametersOf(name)})
			if err == nil || !strings.Contains(err.Error(), "real") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := b.x.Do(step.Step{Verb: step.Fault, Name: "lose-response", With: []step.Parameter{{Name: "count", Text: "2"}}}); err != nil {
			t.Error(err)
		}
		sendEvenly(t, cl, 200, time.Second)
		time.Sleep(time.Second)
		if c := b.x.Report().Clients[0]; c.Records != 800 || c.Retries < 2 {
			t.Errorf("%d records, %d retries after two lost answers", c.Records, c.Retries)
		}
	})
}

func parametersOf(fault string) []step.Parameter {
	if fault == "quota" {
		return []step.Parameter{{Name: "bytes", Text: "1MiB"}}
	}
	return nil
}

// A cluster that goes away is said, and so is its return; without one at the start
// a session without a screen ends, and one with a screen goes on looking.
func TestClusterThatIsAwayIsSaid(t *testing.T) {
	open := func(b *guestBed, attended bool) {
		x, err := engine.OpenXRay(engine.XRayConfig{
			Values: setting.Defaults(), Listen: "127.0.0.1:19092", Brokers: []string{"127.0.0.1:9092"}, Network: &b.network, Attended: attended,
		})
		if err != nil {
			b.t.Fatal(err)
		}
		b.x = x
	}
	stand := func(b *guestBed) *cluster.Stand {
		real, err := cluster.Open(b.t.Context(), cluster.Options{Nodes: 1, Partitions: 3, Network: &b.network, Topics: []string{"orders"}})
		if err != nil {
			b.t.Fatal(err)
		}
		return real
	}
	t.Run("at the start, without a screen", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := &guestBed{t: t}
			open(b, false)
			defer b.close()
			awaitGuestsEnd(t, b.x)
			var e *engine.Error
			if !errors.As(b.x.Err(), &e) || e.Kind != engine.Unreachable || !strings.Contains(e.Say, "127.0.0.1:9092") {
				t.Errorf("it ended with %v", b.x.Err())
			}
		})
	})
	t.Run("at the start, with a screen", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := &guestBed{t: t}
			open(b, true)
			defer b.close()
			time.Sleep(3 * time.Second)
			if s := b.x.Snapshot(); s.State != telemetry.Unreachable {
				t.Errorf("state %s: %s", s.State, s.Say)
			}
			defer stand(b).Close()
			time.Sleep(3 * time.Second)
			if s := b.x.Snapshot(); s.State != telemetry.Running {
				t.Errorf("state %s: %s", s.State, s.Say)
			}
		})
	})
	t.Run("in the middle", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := &guestBed{t: t}
			real := stand(b)
			open(b, false)
			defer b.close()
			cl := b.guest()
			defer cl.Close()
			sendEvenly(t, cl, 10, time.Second)
			real.Close()
			cl.Produce(t.Context(), &kgo.Record{Value: []byte("late")}, nil)
			time.Sleep(3 * time.Second)
			if s := b.x.Snapshot(); s.State != telemetry.Degraded || !strings.Contains(s.Say, "127.0.0.1:9092") {
				t.Errorf("state %s: %s", s.State, s.Say)
			}
			b.x.Stop(t.Context())
			var e *engine.Error
			if !errors.As(b.x.Err(), &e) || e.Kind != engine.Unreachable {
				t.Errorf("it ended with %v", b.x.Err())
			}
		})
	})
}

// Rails: nothing is opened to the network, and nobody led beyond this machine,
// without a word of a person's.
func TestGuestsStayOnThisMachine(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*engine.XRayConfig)
		kind   engine.Kind
	}{
		"every address":        {func(c *engine.XRayConfig) { c.Listen = "0.0.0.0:19092" }, engine.Rail},
		"no host":              {func(c *engine.XRayConfig) { c.Listen = ":19092" }, engine.Rail},
		"a name":               {func(c *engine.XRayConfig) { c.Listen = "kafka.example.com:19092" }, engine.Rail},
		"no port":              {func(c *engine.XRayConfig) { c.Listen = "127.0.0.1" }, engine.Usage},
		"a port that is none":  {func(c *engine.XRayConfig) { c.Listen = "127.0.0.1:kafka" }, engine.Usage},
		"a foreign cluster":    {func(c *engine.XRayConfig) { c.Brokers = []string{"kafka.prod:9092"} }, engine.Rail},
		"an empty address":     {func(c *engine.XRayConfig) { c.Brokers = []string{"127.0.0.1:9092", " "} }, engine.Usage},
		"TLS for the embedded": {func(c *engine.XRayConfig) { c.Values, _ = c.Values.With(setting.SecurityProtocol, "SSL") }, engine.Usage},
		"TLS with no such truststore": {func(c *engine.XRayConfig) {
			c.Brokers = []string{"127.0.0.1:9092"}
			c.Values, _ = c.Values.With(setting.SecurityProtocol, "SSL")
			c.Values, _ = c.Values.With(setting.SSLTruststoreLocation, "/nowhere.pem")
			c.Values, _ = c.Values.With("ssl.truststore.type", "PEM")
		}, engine.Usage},
	} {
		c := engine.XRayConfig{Values: setting.Defaults(), Listen: "127.0.0.1:19092", Network: new(cluster.Network)}
		tt.change(&c)
		x, err := engine.OpenXRay(c)
		var e *engine.Error
		if !errors.As(err, &e) || e.Kind != tt.kind || e.Hint == "" {
			t.Errorf("%s: got %v", name, err)
		}
		if x != nil {
			x.Close()
		}
	}
}

func TestForeignClusterWaitsForConsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openGuests(t, func(c *engine.XRayConfig) { c.Brokers, c.Attended = []string{"kafka.prod:9092"}, true })
		defer b.close()
		time.Sleep(time.Second)
		if s := b.x.Snapshot(); s.State != telemetry.Consent || !strings.Contains(s.Say, "kafka.prod:9092") {
			t.Errorf("state %s: %s", s.State, s.Say)
		}
		if err := b.x.Do(step.Step{Verb: step.Allow}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		// The network in memory has no such host.
		if s := b.x.Snapshot(); s.State != telemetry.Unreachable {
			t.Errorf("state %s: %s", s.State, s.Say)
		}
	})
}

// A port that is taken is said, whichever of them it is.
func TestPortInUseIsSaid(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, err = engine.OpenXRay(engine.XRayConfig{Values: setting.Defaults(), Listen: taken.Addr().String()})
	var e *engine.Error
	if !errors.As(err, &e) || e.Kind != engine.Usage || !strings.Contains(e.Say, fmt.Sprintf("%s is in use", taken.Addr())) {
		t.Errorf("got %v", err)
	}
}
