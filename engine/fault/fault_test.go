package fault

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

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
		o, err := read(s)
		if err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}
		if d := cmp.Diff(want.fault, o.fault); d != "" || o.last != want.last {
			t.Errorf("%q: got %v long, want %v; fault (-want +got):\n%s", line, o.last, want.last, d)
		}
		if err := Check(s); err != nil {
			t.Errorf("Check(%q): got %v, want nil", line, err)
		}
	}
}

func TestRefusalNamesParameterAndBounds(t *testing.T) {
	for line, want := range map[string]string{
		"fault stal":                                 "stal: there is no such fault; the faults are slow-link, thin-link, stall, reset, lose-request, lose-response",
		"heal stal":                                  "stal: there is no such fault; the faults are slow-link, thin-link, stall, reset, lose-request, lose-response",
		"fault slow-link":                            "slow-link: rtt: is missing; write fault slow-link rtt=80ms [broker=2] [for=5s]",
		"fault stall rtt=5ms":                        "stall: rtt: is not a parameter of this fault; write fault stall [broker=2] [for=5s]",
		"fault slow-link rtt=80":                     `slow-link: rtt: "80" is not a length of time; use a length of time from 1us to 10s, such as 80ms`,
		"fault slow-link rtt=11s":                    `slow-link: rtt: "11s" is out of range; use a length of time from 1us to 10s, such as 80ms`,
		"fault slow-link rtt=0s":                     `slow-link: rtt: "0s" is out of range; use a length of time from 1us to 10s, such as 80ms`,
		"fault thin-link bandwidth=10":               `thin-link: bandwidth: "10" is not a bandwidth; use bits or bytes per second from 1kbit to 100Gbit, such as 10Mbit or 2MB`,
		"fault thin-link bandwidth=999Gbit":          `thin-link: bandwidth: "999Gbit" is out of range; use bits or bytes per second from 1kbit to 100Gbit, such as 10Mbit or 2MB`,
		"fault thin-link bandwidth=-1Mbit":           `thin-link: bandwidth: "-1Mbit" is not a bandwidth; use bits or bytes per second from 1kbit to 100Gbit, such as 10Mbit or 2MB`,
		"fault stall broker=-1":                      `stall: broker: "-1" is out of range; use a broker's number, 0 or more`,
		"fault stall broker=one":                     `stall: broker: "one" is not a whole number; use a broker's number, 0 or more`,
		"fault stall for=":                           `stall: for: "" is not a length of time; use a length of time from 1ms to 24h, such as 5s`,
		"fault reset count=0":                        `reset: count: "0" is out of range; use a whole number from 1 to 1000000`,
		"fault reset count=1.5":                      `reset: count: "1.5" is not a whole number; use a whole number from 1 to 1000000`,
		"fault stall for=" + strings.Repeat("9", 50): `stall: for: "` + strings.Repeat("9", 40) + `"... is not a length of time; use a length of time from 1ms to 24h, such as 5s`,
	} {
		err := Check(parsed(t, line))
		var bad *Error
		if !errors.As(err, &bad) || bad.Error() != want {
			t.Errorf("%q:\ngot  %v\nwant %v", line, err, want)
		}
	}
	if err := Check(step.Step{Verb: step.Heal}); err != nil {
		t.Errorf("heal: got %v, want nil", err)
	}
}

func TestRowsAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for i, f := range Rows() {
		if seen[f.Name] || f.Doc == "" || f.Where != Link || f.Name != f.kind.String() || int(f.kind) != i {
			t.Errorf("row %d: got %+v, want a fault of its own, with words and the link's kind", i, f)
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
			if _, say := p.Kind.parse(p.Kind.example()); say != "" {
				t.Errorf("%s: the example of %s is refused: %s", f.Name, p.Name, say)
			}
		}
		if !timed || !names["broker"] {
			t.Errorf("%s: got no for= or no broker=, which every fault of the link takes", f.Name)
		}
		usage := strings.NewReplacer("[", "", "]", "").Replace(f.Usage())
		if err := Check(parsed(t, usage)); err != nil {
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
		if got, say := Rate.parse(text); got != want || say != "" {
			t.Errorf("%q: got %d, %q; want %d", text, got, say, want)
		}
	}
	for _, text := range []string{"", "Mbit", "1e3Mbit", "+1Mbit", "1..2Mbit", "1mbit", "1MBit", "1Mbit/m", "0x1pMbit", "InfGbit", "NaNkB", "99999999999Gbit", "1_0Mbit", "-5kB"} {
		if got, say := Rate.parse(text); say == "" {
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
		_, err := b.Start(parsed(t, "fault stall broker=7"), []int32{1, 2, 3})
		const want = "stall: broker: the cluster has no broker 7; its brokers are 1, 2, 3"
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if _, err := b.Start(parsed(t, "fault stall broker=x"), nil); err == nil {
			t.Error("got no error for broker=x")
		}
		if got := crossing(c, broker); got != 0 || len(b.Active()) != 0 {
			t.Errorf("got %v, %d active; want nothing changed", got, len(b.Active()))
		}
		for _, known := range [][]int32{nil, {1, 7}} {
			if _, err := b.Start(parsed(t, "fault stall broker=7"), known); err != nil {
				t.Errorf("got %v with brokers %v, want nil", err, known)
			}
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
	}
	f.Add("slow-link", "rtt", "1e9h")
	f.Add("thin-link", "bandwidth", "0.0000001kbit")
	f.Add("thin-link", "bandwidth", "\xff\x1bMbit")
	f.Fuzz(func(t *testing.T, name, key, text string) {
		o, err := read(step.Step{Verb: step.Fault, Name: name, With: []step.Parameter{{Name: key, Text: text}}})
		if err != nil {
			var bad *Error
			if !errors.As(err, &bad) || bad.Say == "" {
				t.Fatalf("got %v, want an *Error with words", err)
			}
			return
		}
		w := o.fault
		if w.Broker < -1 || w.Count < 0 || w.RTT < 0 || w.RTT > 10*time.Second || o.last < 0 || o.last > 24*time.Hour ||
			w.Bandwidth < 0 || w.Bandwidth > 125e8 || (key == "bandwidth" && w.Bandwidth < 125) {
			t.Fatalf("%s %s=%q: got %+v for %v, want it within bounds", name, key, text, w, o.last)
		}
		wire.NewLink().Start(w).Heal()
	})
}
