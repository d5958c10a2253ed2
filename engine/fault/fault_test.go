package fault

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kdyno/engine/cluster"
	"kdyno/engine/step"
	"kdyno/engine/wire"
)

// parsed is the step of a line.
func parsed(t *testing.T, line string) step.Step {
	t.Helper()
	s, err := step.Parse(line)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStepBecomesAFaultOfTheLink(t *testing.T) {
	for line, want := range map[string]struct {
		fault wire.Fault
		last  time.Duration
	}{
		"fault slow-link rtt=80ms":                     {wire.Fault{Kind: wire.SlowLink, Broker: wire.AnyBroker, RTT: 80 * time.Millisecond}, 0},
		"fault slow-link for=1m broker=2 rtt=1us":      {wire.Fault{Kind: wire.SlowLink, Broker: 2, RTT: time.Microsecond}, time.Minute},
		"fault thin-link bandwidth=10Mbit":             {wire.Fault{Kind: wire.ThinLink, Broker: wire.AnyBroker, Bandwidth: 1_250_000}, 0},
		"fault stall broker=0":                         {wire.Fault{Kind: wire.Stall, Broker: 0}, 0},
		"fault stall for=1h30m":                        {wire.Fault{Kind: wire.Stall, Broker: wire.AnyBroker}, 90 * time.Minute},
		"fault reset":                                  {wire.Fault{Kind: wire.Reset, Broker: wire.AnyBroker}, 0},
		"fault reset count=3":                          {wire.Fault{Kind: wire.Reset, Broker: wire.AnyBroker, Count: 3}, 0},
		"fault lose-request":                           {wire.Fault{Kind: wire.LoseRequest, Broker: wire.AnyBroker, Count: 1}, 0},
		"fault lose-request for=2s":                    {wire.Fault{Kind: wire.LoseRequest, Broker: wire.AnyBroker}, 2 * time.Second},
		"fault lose-response broker=1 count=5 for=2s":  {wire.Fault{Kind: wire.LoseResponse, Broker: 1, Count: 5}, 2 * time.Second},
		"fault lose-response broker=2147483647":        {wire.Fault{Kind: wire.LoseResponse, Broker: 2147483647, Count: 1}, 0},
		`fault thin-link bandwidth="1.5 MB/s" for=1ms`: {wire.Fault{Kind: wire.ThinLink, Broker: wire.AnyBroker, Bandwidth: 1_500_000}, time.Millisecond},
	} {
		s := parsed(t, line)
		o, err := read(s, Ground{})
		if err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}
		if d := cmp.Diff(want.fault, o.link); d != "" || o.last != want.last {
			t.Errorf("%q: got %v long, want %v; fault (-want +got):\n%s", line, o.last, want.last, d)
		}
		if err := Check(s, Ground{Real: true, Brokers: []int32{0, 1, 2, 2147483647}}); err != nil {
			t.Errorf("Check(%q): got %v, want nil", line, err)
		}
	}
}

func TestStepBecomesAFaultOfTheBrokers(t *testing.T) {
	all := func(kind cluster.FaultKind, change func(*cluster.Fault)) cluster.Fault {
		f := cluster.Fault{Kind: kind, Broker: cluster.AnyBroker, Partition: cluster.AnyPartition}
		if change != nil {
			change(&f)
		}
		return f
	}
	for line, want := range map[string]struct {
		fault cluster.Fault
		last  time.Duration
	}{
		"fault broker-down":                      {all(cluster.BrokerDown, nil), 0},
		"fault broker-down broker=2 for=3s":      {all(cluster.BrokerDown, func(f *cluster.Fault) { f.Broker = 2 }), 3 * time.Second},
		"fault broker-down delay=9s for=20s":     {all(cluster.BrokerDown, func(f *cluster.Fault) { f.Delay = 9 * time.Second }), 20 * time.Second},
		"fault slow-broker delay=200ms broker=0": {all(cluster.SlowBroker, func(f *cluster.Fault) { f.Delay, f.Broker = 200*time.Millisecond, 0 }), 0},
		"fault slow-broker delay=1s for=1s":      {all(cluster.SlowBroker, func(f *cluster.Fault) { f.Delay = time.Second }), time.Second},
		"fault leader-move partition=3":          {all(cluster.LeaderMove, func(f *cluster.Fault) { f.Partition = 3 }), 0},
		"fault leader-move every=2s for=1m":      {all(cluster.LeaderMove, func(f *cluster.Fault) { f.Every = 2 * time.Second }), time.Minute},
		"fault leaderless partition=0":           {all(cluster.Leaderless, func(f *cluster.Fault) { f.Partition = 0 }), 0},
		"fault error code=NOT_ENOUGH_REPLICAS":   {all(cluster.ErrorAnswer, func(f *cluster.Fault) { f.Code, f.Count = 19, 1 }), 0},
		"fault error code=unknown_server_error count=7 partition=1 broker=2": {
			all(cluster.ErrorAnswer, func(f *cluster.Fault) { f.Code, f.Count, f.Partition, f.Broker = -1, 7, 1, 2 }), 0,
		},
		"fault error code=NOT_LEADER_OR_FOLLOWER for=5s": {all(cluster.ErrorAnswer, func(f *cluster.Fault) { f.Code = 6 }), 5 * time.Second},
		"fault too-large bytes=16KiB":                    {all(cluster.TooLarge, func(f *cluster.Fault) { f.Bytes = 16384 }), 0},
		"fault quota bytes=500kB":                        {all(cluster.Quota, func(f *cluster.Fault) { f.Bytes = 500_000 }), 0},
		"fault quota bytes=1MiB/s broker=1":              {all(cluster.Quota, func(f *cluster.Fault) { f.Bytes, f.Broker = 1<<20, 1 }), 0},
		"fault bootstrap-down for=3s":                    {all(cluster.BootstrapDown, nil), 3 * time.Second},
		"fault rolling-restart":                          {all(cluster.RollingRestart, func(f *cluster.Fault) { f.Every = 5 * time.Second }), 0},
		"fault rolling-restart every=1s":                 {all(cluster.RollingRestart, func(f *cluster.Fault) { f.Every = time.Second }), 0},
	} {
		o, err := read(parsed(t, line), Ground{Brokers: []int32{0, 1, 2}, Partitions: 6})
		if err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}
		if d := cmp.Diff(want.fault, o.stand); d != "" || o.last != want.last {
			t.Errorf("%q: got %v long, want %v; fault (-want +got):\n%s", line, o.last, want.last, d)
		}
	}
}

// theFaults is the hint that names all.
const theFaults = "the faults are slow-link, thin-link, stall, reset, lose-request, lose-response, broker-down, slow-broker, " +
	"leader-move, leaderless, error, too-large, quota, bootstrap-down, rolling-restart"

func TestRefusalNamesParameterAndBounds(t *testing.T) {
	for line, want := range map[string]string{
		"fault stal":                                    "stal: there is no such fault; near: stall; " + theFaults,
		"heal stal":                                     "stal: there is no such fault; near: stall; " + theFaults,
		"fault xyzzy":                                   "xyzzy: there is no such fault; " + theFaults,
		"fault broker-down broker=9":                    "broker-down: broker: the cluster has no broker 9; its brokers are 0, 1, 2",
		"fault broker-down partition=1":                 "broker-down: partition: is not a parameter of this fault; write fault broker-down [broker=2] [delay=200ms] [for=5s]",
		"fault broker-down delay=5s for=5s":             "broker-down: delay: 5s is not less than for=5s: it would not come to that; make for= longer, or leave one of them out",
		"fault leader-move every=10s for=5s":            "leader-move: every: 10s is not less than for=5s: it would not come to that; make for= longer, or leave one of them out",
		"fault leader-move every=1ms":                   `leader-move: every: "1ms" is out of range; use a length of time from 100ms to 1h, such as 2s`,
		"fault leaderless partition=6":                  "leaderless: partition: there is no partition 6; the topic has 6, from 0 to 5",
		"fault leaderless partition=-1":                 `leaderless: partition: "-1" is out of range; use a partition's number, 0 or more`,
		"fault slow-broker":                             "slow-broker: delay: is missing; write fault slow-broker delay=200ms [broker=2] [for=5s]",
		"fault slow-broker delay=2h":                    `slow-broker: delay: "2h" is out of range; use a length of time from 1ms to 1m, such as 200ms`,
		"fault error":                                   "error: code: is missing; write fault error code=NOT_ENOUGH_REPLICAS [count=3] [partition=0] [broker=2] [for=5s]",
		"fault error code=NONSENSE":                     `error: code: "NONSENSE" is not the name of an error of Kafka's; use one of Kafka's names of its errors, such as NOT_ENOUGH_REPLICAS`,
		"fault error code=NOT_LEADER_OR_FOLOWER":        `error: code: "NOT_LEADER_OR_FOLOWER" is not the name of an error of Kafka's; near: NOT_LEADER_OR_FOLLOWER`,
		"fault error code=NONE":                         `error: code: "NONE" is not the name of an error of Kafka's; use one of Kafka's names of its errors, such as NOT_ENOUGH_REPLICAS`,
		"fault error code=NOT_ENOUGH_REPLICAS count=-1": `error: count: "-1" is out of range; use a whole number from 1 to 1000000`,
		"fault too-large":                               "too-large: bytes: is missing; write fault too-large bytes=10000 [count=3] [partition=0] [broker=2] [for=5s]",
		"fault too-large bytes=0":                       `too-large: bytes: "0" is out of range; use a number of bytes from 1 to 100MiB, such as 10000 or 16KiB`,
		"fault too-large bytes=lots":                    `too-large: bytes: "lots" is not a number; use a number of bytes from 1 to 100MiB, such as 10000 or 16KiB`,
		"fault quota bytes=100":                         `quota: bytes: "100" is out of range; use bytes per second from 1KiB to 100GiB, such as 500kB or 1MiB`,
		"fault bootstrap-down broker=1":                 "bootstrap-down: broker: is not a parameter of this fault; write fault bootstrap-down [for=5s]",
		"fault slow-link":                               "slow-link: rtt: is missing; write fault slow-link rtt=80ms [broker=2] [for=5s]",
		"fault stall rtt=5ms":                           "stall: rtt: is not a parameter of this fault; write fault stall [broker=2] [for=5s]",
		"fault slow-link rtt=80":                        `slow-link: rtt: "80" is not a length of time; use a length of time from 1us to 10s, such as 80ms`,
		"fault slow-link rtt=11s":                       `slow-link: rtt: "11s" is out of range; use a length of time from 1us to 10s, such as 80ms`,
		"fault slow-link rtt=0s":                        `slow-link: rtt: "0s" is out of range; use a length of time from 1us to 10s, such as 80ms`,
		"fault thin-link bandwidth=10":                  `thin-link: bandwidth: "10" is not a bandwidth; use bits or bytes per second from 1kbit to 100Gbit, such as 10Mbit or 2MB`,
		"fault thin-link bandwidth=999Gbit":             `thin-link: bandwidth: "999Gbit" is out of range; use bits or bytes per second from 1kbit to 100Gbit, such as 10Mbit or 2MB`,
		"fault thin-link bandwidth=-1Mbit":              `thin-link: bandwidth: "-1Mbit" is not a bandwidth; use bits or bytes per second from 1kbit to 100Gbit, such as 10Mbit or 2MB`,
		"fault stall broker=-1":                         `stall: broker: "-1" is out of range; use a broker's number, 0 or more`,
		"fault stall broker=one":                        `stall: broker: "one" is not a whole number; use a broker's number, 0 or more`,
		"fault stall for=":                              `stall: for: "" is not a length of time; use a length of time from 1ms to 24h, such as 5s`,
		"fault reset count=0":                           `reset: count: "0" is out of range; use a whole number from 1 to 1000000`,
		"fault reset count=1.5":                         `reset: count: "1.5" is not a whole number; use a whole number from 1 to 1000000`,
		"fault stall for=" + strings.Repeat("9", 50):    `stall: for: "` + strings.Repeat("9", 40) + `"... is not a length of time; use a length of time from 1ms to 24h, such as 5s`,
	} {
		err := Check(parsed(t, line), Ground{Brokers: []int32{0, 1, 2}, Partitions: 6})
		var bad *Error
		if !errors.As(err, &bad) || bad.Error() != want {
			t.Errorf("%q:\ngot  %v\nwant %v", line, err, want)
		}
	}
	if err := Check(step.Step{Verb: step.Heal}, Ground{Real: true}); err != nil {
		t.Errorf("heal: got %v, want nil", err)
	}
}

func TestRowsAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for i, f := range Rows() {
		name := f.kind.String()
		if f.Where == Embedded {
			name = f.on.String()
		}
		if seen[f.Name] || f.Doc == "" || f.Name != name || (f.Where == Embedded) != (f.on != 0) || (f.Where == Embedded) != (f.NotReal() != "") {
			t.Errorf("row %d: got %+v, want a fault of its own, with words and a kind, and why it cannot be on a real cluster", i, f)
		}
		seen[f.Name] = true
		timed := false
		names := map[string]bool{}
		for _, p := range f.Parameters {
			if names[p.Name] || p.Doc == "" {
				t.Errorf("%s: got parameter %+v, want one of its own with words", f.Name, p)
			}
			names[p.Name] = true
			timed = timed || p.Name == "for"
			if _, say, _ := p.Kind.parse(p.Kind.example()); say != "" {
				t.Errorf("%s: the example of %s is refused: %s", f.Name, p.Name, say)
			}
		}
		if !timed || f.Where == Link && !names["broker"] {
			t.Errorf("%s: got no for=, which every fault takes, or no broker=, which every one of the link does", f.Name)
		}
		if err := Check(parsed(t, f.Start()), Ground{}); err != nil {
			t.Errorf("%s: the beginning of its step %q is refused: %v", f.Name, f.Start(), err)
		}
		var bad *Error
		if err := Check(parsed(t, f.Start()), Ground{Real: true}); errors.As(err, &bad) != (f.Where == Embedded) || bad != nil && (bad.Say == "" || bad.Hint == "") {
			t.Errorf("%s: on a real cluster got %v, want a refusal with a way out only of faults of the embedded brokers", f.Name, err)
		}
		usage := strings.NewReplacer("[", "", "]", "").Replace(f.Usage())
		usage = strings.ReplaceAll(usage, "for=5s", "for=1m")
		if err := Check(parsed(t, usage), Ground{}); err != nil {
			t.Errorf("%s: its usage %q is refused: %v", f.Name, f.Usage(), err)
		}
		if got, ok := Find(f.Name); !ok || got.Doc != f.Doc {
			t.Errorf("Find(%q): got %+v, %v", f.Name, got, ok)
		}
	}
	Rows()[0].Name = "spoilt"
	if Rows()[0].Name == "spoilt" {
		t.Error("a caller changed the rows")
	}
}

func TestBandwidthIsReadInBitsAndBytes(t *testing.T) {
	for text, want := range map[string]int64{
		"1kbit": 125, "100Mbit": 12_500_000, "100Mbit/s": 12_500_000, "1Gbit": 125_000_000, "2MB": 2_000_000,
		"0.5kB": 500, "1.5GB/s": 1_500_000_000, "2.5Mbit": 312_500,
	} {
		if got, say, _ := Rate.parse(text); got != want || say != "" {
			t.Errorf("%q: got %d, %q; want %d", text, got, say, want)
		}
	}
	for _, text := range []string{"", "Mbit", "1e3Mbit", "+1Mbit", "1..2Mbit", "1mbit", "1MBit", "1Mbit/m", "0x1pMbit", "InfGbit", "NaNkB", "99999999999Gbit", "1_0Mbit", "-5kB"} {
		if got, say, _ := Rate.parse(text); say == "" {
			t.Errorf("%q: got %d, want a refusal", text, got)
		}
	}
}

// stand is a board and one connection on its link.
func stand(t *testing.T) (*Board, net.Conn, net.Conn) {
	t.Helper()
	link := wire.NewLink()
	client, broker := net.Pipe()
	c := link.Wrap(client)
	t.Cleanup(func() { c.Close(); broker.Close() })
	return NewBoard(link), c, broker
}

// crossing is how long a byte takes to the broker, more than an hour if it does
// not get there.
func crossing(c, broker net.Conn) time.Duration {
	from := time.Now()
	go c.Write([]byte("x"))
	_ = broker.SetReadDeadline(from.Add(time.Hour))
	if _, err := broker.Read(make([]byte, 1)); err != nil {
		return 2 * time.Hour
	}
	return time.Since(from)
}

func TestFaultEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c, broker := stand(t)
		from := time.Now()
		a, err := b.Start(parsed(t, "fault slow-link rtt=80ms for=5s"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := crossing(c, broker); got != 80*time.Millisecond {
			t.Errorf("got %v over a slow link, want 80ms", got)
		}
		if got := b.Active(); len(got) != 1 || got[0] != a || a.For != 5*time.Second || !a.Started.Equal(from) {
			t.Errorf("got %v active, for %v since %v", got, a.For, a.Started)
		}
		<-a.Done()
		if got := time.Since(from); got != 5*time.Second || len(b.Active()) != 0 {
			t.Errorf("got it ended after %v with %d active, want 5s, 0", got, len(b.Active()))
		}
		if got := crossing(c, broker); got != 0 {
			t.Errorf("got %v afterwards, want 0", got)
		}
		if healed, err := b.Heal("slow-link"); len(healed) != 0 || err != nil {
			t.Errorf("got %v, %v from healing what is over, want nothing", healed, err)
		}
	})
}

func TestHealEndsOneNameOrAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c, broker := stand(t)
		for _, line := range []string{"fault slow-link rtt=1s", "fault slow-link rtt=2s for=1h", "fault stall", "fault thin-link bandwidth=1kbit"} {
			if _, err := b.Start(parsed(t, line), nil); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.Heal("slowlink"); err == nil || len(b.Active()) != 4 {
			t.Errorf("got %v, %d active after healing an unknown name; want an error, 4", err, len(b.Active()))
		}
		healed, err := b.Heal("slow-link")
		if err != nil || len(healed) != 2 || healed[1].For != time.Hour || len(b.Active()) != 2 {
			t.Errorf("got %v, %v, %d active; want both slow links healed, 2 left", healed, err, len(b.Active()))
		}
		for _, a := range healed {
			<-a.Done()
		}
		if healed, err := b.Heal(""); err != nil || len(healed) != 2 {
			t.Errorf("got %v, %v from healing all; want 2", healed, err)
		}
		if got := crossing(c, broker); got != 0 {
			t.Errorf("got %v after all is healed, want 0", got)
		}
	})
}

func TestRefusedFaultChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c, broker := stand(t)
		on, err := cluster.Open(t.Context(), cluster.Options{Nodes: 3, Partitions: 6, Network: &cluster.Network{}})
		if err != nil {
			t.Fatal(err)
		}
		defer on.Close()
		for line, want := range map[string]string{
			"fault stall broker=7":         "stall: broker: the cluster has no broker 7; its brokers are 0, 1, 2",
			"fault broker-down broker=7":   "broker-down: broker: the cluster has no broker 7; its brokers are 0, 1, 2",
			"fault leaderless partition=6": "leaderless: partition: there is no partition 6; the topic has 6, from 0 to 5",
		} {
			if _, err := b.Start(parsed(t, line), on); err == nil || err.Error() != want {
				t.Errorf("%s: got %v, want %s", line, err, want)
			}
		}
		if _, err := b.Start(parsed(t, "fault quota bytes=1MB"), nil); err == nil || err.Error() != "quota: the brokers are not there yet; try again once the load runs" {
			t.Errorf("got %v without brokers", err)
		}
		if _, err := b.Start(parsed(t, "fault stall broker=x"), nil); err == nil {
			t.Error("got no error for broker=x")
		}
		if got := crossing(c, broker); got != 0 || len(b.Active()) != 0 {
			t.Errorf("got %v, %d active; want nothing changed", got, len(b.Active()))
		}
		if _, err := b.Start(parsed(t, "fault stall broker=7"), nil); err != nil {
			t.Errorf("got %v where the brokers are not known, want nil", err)
		}
	})
}

// TestPlainResetIsOverAtOnce ends what is open and nothing that comes later;
// with count= or for= it waits for more.
func TestPlainResetIsOverAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _, _ := stand(t)
		for line, over := range map[string]bool{"fault reset": true, "fault reset broker=1": true, "fault reset count=2": false, "fault reset for=1s": false} {
			a, err := b.Start(parsed(t, line), nil)
			if err != nil {
				t.Fatal(err)
			}
			if a.over() != over || a.Hits() != 0 {
				t.Errorf("%s: got over %v after %d hits, want %v, 0", line, a.over(), a.Hits(), over)
			}
		}
		if got := len(b.Active()); got != 2 {
			t.Errorf("got %d active, want 2", got)
		}
	})
}

// TestStallThenHealOverALine is the whole way from the typed line to the bytes.
func TestStallThenHealOverALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, c, broker := stand(t)
		if _, err := b.Start(parsed(t, "fault stall"), nil); err != nil {
			t.Fatal(err)
		}
		if got := crossing(c, broker); got < time.Hour {
			t.Errorf("got a byte through a stall after %v", got)
		}
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v, want a timeout", err)
		}
		if _, err := b.Heal(""); err != nil {
			t.Fatal(err)
		}
		_ = broker.SetReadDeadline(time.Time{})
		if _, err := io.ReadFull(broker, make([]byte, 1)); err != nil {
			t.Errorf("got %v after the stall, want the byte", err)
		}
	})
}

// FuzzCheck: whatever follows a fault's name is refused with words that can be
// shown, or means a fault within its bounds.
func FuzzCheck(f *testing.F) {
	for _, row := range Rows() {
		f.Add(row.Name, "count", "3")
		f.Add(row.Name, "for", "5s")
		f.Add(row.Name, "broker", "-1")
		f.Add(row.Name, "partition", "99999999999")
		f.Add(row.Name, "delay", "0.5ms")
		f.Add(row.Name, "every", "1h1ns")
		f.Add(row.Name, "bytes", "1.5KiB")
		f.Add(row.Name, "code", "not_coordinator")
	}
	f.Add("slow-link", "rtt", "1e9h")
	f.Add("thin-link", "bandwidth", "0.0000001kbit")
	f.Add("thin-link", "bandwidth", "\xff\x1bMbit")
	f.Fuzz(func(t *testing.T, name, key, text string) {
		o, err := read(step.Step{Verb: step.Fault, Name: name, With: []step.Parameter{{Name: key, Text: text}}}, Ground{})
		if err != nil {
			var bad *Error
			if !errors.As(err, &bad) || bad.Say == "" {
				t.Fatalf("got %v, want an *Error with words", err)
			}
			return
		}
		w, c := o.link, o.stand
		if w.Broker < -1 || w.Count < 0 || w.RTT < 0 || w.RTT > 10*time.Second || o.last < 0 || o.last > 24*time.Hour ||
			w.Bandwidth < 0 || w.Bandwidth > 125e8 || (key == "bandwidth" && w.Bandwidth < 125) ||
			c.Broker < -1 || c.Partition < -1 || c.Count < 0 || c.Delay < 0 || c.Delay > time.Minute || c.Every < 0 || c.Every > time.Hour ||
			c.Bytes < 0 || c.Bytes > 100<<30 || key == "code" && c.Code == 0 {
			t.Fatalf("%s %s=%q: got %+v and %+v for %v, want it within bounds", name, key, text, w, c, o.last)
		}
		if o.row.Where == Embedded {
			return
		}
		wire.NewLink().Start(w).Heal()
	})
}

// TestTheWholeTableComesAndGoes starts and heals a thousand faults of any row,
// as the table shows them, on link and brokers; none is left.
func TestTheWholeTableComesAndGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		on, err := cluster.Open(t.Context(), cluster.Options{Nodes: 3, Partitions: 6, Network: &cluster.Network{}})
		if err != nil {
			t.Fatal(err)
		}
		defer on.Close()
		b := NewBoard(wire.NewLink())
		r := rand.New(rand.NewPCG(2, 2))
		before := runtime.NumGoroutine()
		started := map[string]int{}
		for n := 0; n < 1000; {
			row := rows[r.IntN(len(rows))]
			line := row.Start()
			for _, p := range row.Parameters {
				if !p.Required && r.IntN(3) == 0 {
					line += " " + p.Example()
				}
			}
			a, err := b.Start(parsed(t, line), on)
			if err == nil {
				n++
				started[row.Name]++
				if got := time.Since(a.Started); got > 0 {
					t.Errorf("%s: it took effect after %v, want at once", line, got)
				}
			}
			time.Sleep(time.Duration(r.Int64N(int64(time.Second))))
			if r.IntN(3) == 0 {
				if _, err := b.Heal(rows[r.IntN(len(rows))].Name); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, row := range rows {
			if started[row.Name] < 20 {
				t.Errorf("%s was started %d times, want it among the others", row.Name, started[row.Name])
			}
		}
		if _, err := b.Heal(""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := len(b.Active()); got != 0 || runtime.NumGoroutine() > before {
			t.Errorf("%d faults are left, and %d goroutines of %d", got, runtime.NumGoroutine(), before)
		}
		if err := on.Refresh(t.Context()); err != nil || len(on.Brokers()) != 3 {
			t.Errorf("got %v, brokers %v; want all three", err, on.Brokers())
		}
	})
}

// A fault that the brokers refuse is told as the step's.
func TestRefusalOfTheBrokersIsTheSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		on, err := cluster.Open(t.Context(), cluster.Options{Nodes: 2, Partitions: 2, Network: &cluster.Network{}})
		if err != nil {
			t.Fatal(err)
		}
		defer on.Close()
		b := NewBoard(wire.NewLink())
		a, err := b.Start(parsed(t, "fault broker-down for=1s"), on)
		if err != nil || a.Broker != 0 {
			t.Fatalf("got %v, broker %d; want the lowest down", err, a.Broker)
		}
		_, err = b.Start(parsed(t, "fault broker-down broker=0"), on)
		const want = "broker-down: this broker is down already; heal broker-down brings it back"
		if err == nil || err.Error() != want || len(b.Active()) != 1 {
			t.Errorf("got %v, %d active; want %s", err, len(b.Active()), want)
		}
		<-a.Done()
		if _, err := b.Start(parsed(t, "fault broker-down broker=0"), on); err != nil {
			t.Errorf("got %v once it is back", err)
		}
	})
}

func TestEveryFaultIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Rows() {
		if !strings.Contains(string(page), "| `"+f.Name) {
			t.Errorf("docs/cli.md has no row of %s", f.Name)
		}
	}
}
