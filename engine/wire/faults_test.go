package wire

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"
)

func isReset(err error) bool { return errors.Is(err, syscall.ECONNRESET) }

func TestWorstFaultCounts(t *testing.T) {
	link := NewLink()
	link.SetRTT(20 * time.Millisecond)
	link.SetBandwidth(1000)
	courses := func() [2]course { w := link.now.Load(); return [2]course{w.course(1), w.course(2)} }
	plain := course{rtt: 20 * time.Millisecond, bandwidth: 1000}
	check := func(what string, one, two course) {
		t.Helper()
		if got := courses(); got != [2]course{one, two} {
			t.Errorf("%s: got %+v, want %+v and %+v", what, got, one, two)
		}
	}
	near := link.Start(Fault{Kind: SlowLink, Broker: AnyBroker, RTT: 5 * time.Millisecond})
	wide := link.Start(Fault{Kind: ThinLink, Broker: 1, Bandwidth: 5000})
	check("less than the link's own", plain, plain)
	slow := link.Start(Fault{Kind: SlowLink, Broker: 2, RTT: time.Second})
	thin := link.Start(Fault{Kind: ThinLink, Broker: AnyBroker, Bandwidth: 10})
	stall := link.Start(Fault{Kind: Stall, Broker: 1})
	check("all", course{rtt: 20 * time.Millisecond, bandwidth: 10, stalled: true}, course{rtt: time.Second, bandwidth: 10})
	for _, a := range []*ActiveFault{slow, thin, stall, near, wide} {
		a.Heal()
		a.Heal()
		<-a.Done()
		if a.Hits() != 0 {
			t.Errorf("got %d hits of a fault that holds bytes back, want 0", a.Hits())
		}
	}
	check("all healed", plain, plain)
	link.SetRTT(0)
	link.SetBandwidth(-1)
	if w := link.now.Load(); !w.calm || !w.harmless || len(w.faults) != 0 {
		t.Errorf("got %+v after all, want calm", w)
	}
}

func TestFaultWithoutItsMeasurePanics(t *testing.T) {
	for _, f := range []Fault{{Kind: SlowLink}, {Kind: ThinLink}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v without its measure: got no panic", f.Kind)
				}
			}()
			NewLink().Start(f)
		}()
	}
}

// TestStallHoldsBothDirections: nothing passes, connections stay open, and
// what was on the way takes a whole round trip once the stall is healed.
func TestStallHoldsBothDirections(t *testing.T) {
	for _, rtt := range []time.Duration{0, 40 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			link := NewLink()
			link.SetRTT(rtt)
			c, got := watched(t, link)
			from := time.Now()
			c.Write([]byte("on the way"))
			if rtt == 0 {
				got.after(from, 10)
			}
			time.Sleep(rtt / 2)
			stall := link.Start(Fault{Kind: Stall, Broker: AnyBroker})
			c.Write([]byte("into the stall"))
			read := make(chan string, 1)
			go func() {
				b := make([]byte, 4)
				n, err := io.ReadFull(c, b)
				read <- string(b[:n])
				if err != nil {
					t.Error(err)
				}
			}()
			got.broker.Write([]byte("from"))
			time.Sleep(time.Hour)
			select {
			case a := <-got.parts:
				t.Fatalf("got %d bytes through a stall at the broker", a.bytes)
			case b := <-read:
				t.Fatalf("got %q through a stall at the client", b)
			default:
			}
			healed := time.Now()
			stall.Heal()
			if b := <-read; b != "from" || time.Since(healed) != 0 {
				t.Errorf("got %q after %v, want from at once", b, time.Since(healed))
			}
			n := 24
			if rtt == 0 {
				n = 14
			}
			if at := got.after(healed, n); at != rtt {
				t.Errorf("got what was held %v after the stall, want %v", at, rtt)
			}
		})
	}
}

// TestStallIsOfABroker also shows that a broker met before is stalled on the
// next connection from its first byte.
func TestStallIsOfABroker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		link := NewLink()
		at := func(port int) *addressed {
			client, broker := net.Pipe()
			t.Cleanup(func() { client.Close(); broker.Close() })
			return &addressed{Conn: client, broker: broker, port: port}
		}
		passes := func(c net.Conn, under *addressed) bool {
			t.Helper()
			go c.Write([]byte("x"))
			_ = under.broker.SetReadDeadline(time.Now().Add(time.Second))
			n, _ := under.broker.Read(make([]byte, 1))
			return n == 1
		}
		for _, port := range []int{1, 2} {
			c := Tap(link.Wrap(at(port)), &ledger{}, Options{})
			c.SetBroker(int32(port))
			c.Close()
		}
		link.Start(Fault{Kind: Stall, Broker: 2})
		for port, want := range map[int]bool{1: true, 2: false, 3: true} {
			under := at(port)
			c := link.Wrap(under)
			if got := passes(c, under); got != want {
				t.Errorf("got passes %v at broker %d, want %v", got, port, want)
			}
			if port == 3 {
				c.(*line).reaches(2)
				if passes(c, under) {
					t.Error("got bytes through after the connection was known to be broker 2's")
				}
			}
			c.Close()
		}
	})
}

// addressed is a pipe that looks like a socket.
type addressed struct {
	net.Conn
	broker net.Conn
	port   int
	linger *int
}

func (a *addressed) RemoteAddr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: a.port}
}

func (a *addressed) SetLinger(seconds int) error { a.linger = &seconds; return nil }

// TestStalledCallsAreWoken ends calls that a stall holds.
func TestStalledCallsAreWoken(t *testing.T) {
	for name, tt := range map[string]struct {
		wake  func(c *line)
		after time.Duration
		want  error
	}{
		"deadline":         {func(c *line) { _ = c.SetDeadline(time.Now().Add(200 * time.Millisecond)) }, 200 * time.Millisecond, os.ErrDeadlineExceeded},
		"deadline at once": {func(c *line) { _ = c.SetDeadline(time.Now()) }, 0, os.ErrDeadlineExceeded},
		"close":            {func(c *line) { c.Close() }, 0, net.ErrClosed},
		"reset":            {func(c *line) { c.reset() }, 0, syscall.ECONNRESET},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				link := NewLink()
				c, got := watched(t, link)
				c.setSendBuffer(leastSendBuffer)
				stall := link.Start(Fault{Kind: Stall, Broker: AnyBroker})
				ends := make(chan error, 2)
				go func() { _, err := c.Read(make([]byte, 4)); ends <- err }()
				go func() { _, err := c.Write(make([]byte, leastSendBuffer+1)); ends <- err }()
				got.broker.Write([]byte("kept"))
				time.Sleep(time.Minute)
				from := time.Now()
				tt.wake(c)
				for range 2 {
					if err := <-ends; !errors.Is(err, tt.want) || time.Since(from) != tt.after {
						t.Errorf("got %v after %v, want %v after %v", err, time.Since(from), tt.want, tt.after)
					}
				}
				if !errors.Is(tt.want, os.ErrDeadlineExceeded) {
					return
				}
				// A timeout takes nothing away: the bytes come later.
				stall.Heal()
				_ = c.SetDeadline(time.Time{})
				b := make([]byte, 4)
				for i := range b { // in parts
					if n, err := c.Read(b[i : i+1]); n != 1 || err != nil {
						t.Fatalf("got %d, %v; want a byte", n, err)
					}
				}
				if string(b) != "kept" {
					t.Errorf("got %q after the stall, want kept", b)
				}
			})
		})
	}
}

// TestEndOfStreamComesAfterTheStall: the peer's goodbye is a packet too.
func TestEndOfStreamComesAfterTheStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		link := NewLink()
		c, got := watched(t, link)
		stall := link.Start(Fault{Kind: Stall, Broker: AnyBroker})
		time.AfterFunc(time.Second, func() { got.broker.Close() })
		time.AfterFunc(time.Minute, stall.Heal)
		from := time.Now()
		if n, err := c.Read(make([]byte, 4)); n != 0 || !errors.Is(err, io.EOF) || time.Since(from) != time.Minute {
			t.Errorf("got %d, %v after %v; want the end after the stall", n, err, time.Since(from))
		}
	})
}

func TestDialedWaitsOutAStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		link := NewLink()
		link.SetRTT(10 * time.Millisecond)
		time.AfterFunc(time.Second, link.Start(Fault{Kind: Stall, Broker: AnyBroker}).Heal)
		link.Start(Fault{Kind: Stall, Broker: 3})
		from := time.Now()
		if err := link.Dialed(t.Context()); err != nil || time.Since(from) != 1010*time.Millisecond {
			t.Errorf("got %v after %v, want a handshake after the stall of all", err, time.Since(from))
		}
	})
}

func TestResetIsARealOne(t *testing.T) {
	link := NewLink()
	client, broker := net.Pipe()
	defer broker.Close()
	socket := &addressed{Conn: client}
	sink := &ledger{}
	c := Tap(link.Wrap(socket), sink, Options{})
	go func() { _, _ = io.Copy(io.Discard, broker) }()
	frame, _ := aRequest(1)
	writeInParts(t, c, frame, nil)
	link.Start(Fault{Kind: Reset, Broker: AnyBroker})
	for op, call := range map[string]func() error{
		"read":  func() error { _, err := c.Read(make([]byte, 1)); return err },
		"write": func() error { _, err := c.Write(frame); return err },
	} {
		err := call()
		var at *net.OpError
		var from *os.SyscallError
		if !isReset(err) || !errors.As(err, &at) || !errors.As(err, &from) || at.Op != op {
			t.Errorf("got %#v from %s, want a system call's reset", err, op)
		}
	}
	if socket.linger == nil || *socket.linger != 0 {
		t.Error("got a close that says goodbye to the broker, want a reset there too")
	}
	if _, err := client.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v from the connection below, want it closed", err)
	}
	if len(sink.lost) != 2 || !isReset(sink.errs[0]) {
		t.Errorf("got %d lost %v, want both requests lost to the reset", len(sink.lost), sink.errs)
	}
	c.Close()
}

// faulted is what a client and its broker saw of 10 records, one at a time,
// under a fault.
type faulted struct {
	lost, stored int
	took         time.Duration
}

func underFault(t *testing.T, f Fault, rtt time.Duration, opts ...kgo.Opt) faulted {
	t.Helper()
	var got faulted
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, 1, time.Second, append([]kgo.Opt{
			kgo.RetryBackoffFn(func(int) time.Duration { return 50 * time.Millisecond }),
		}, opts...)...)
		defer s.close()
		s.produce(t, 0)
		s.link.SetRTT(rtt)
		a := s.link.Start(f)
		from := time.Now()
		s.produce(t, 0)
		got.took = time.Since(from)
		for range 8 {
			s.produce(t, 0)
		}
		<-a.Done()
		if n := a.Hits(); n != f.Count {
			t.Errorf("got %d hits, want %d", n, f.Count)
		}
		got.lost = len(s.sink.lost)
		got.stored = int(s.cluster.PartitionInfo("topic", 0).HighWatermark)
		for _, err := range s.sink.errs {
			if !isReset(err) {
				t.Errorf("got %v, want a reset", err)
			}
		}
		if d := cmp.Diff(identities(s.sink.lost), identities(s.sink.wrote[1:1+got.lost])); d != "" {
			t.Errorf("lost and first written differ:\n%s", d)
		}
		if s.sink.now != 0 {
			t.Errorf("got %d requests open at rest, want 0", s.sink.now)
		}
	})
	return got
}

// TestLostRequestsAndResponses shows the textbook difference: only a lost
// response makes duplicates, and not with idempotence.
func TestLostRequestsAndResponses(t *testing.T) {
	plain := []kgo.Opt{kgo.DisableIdempotentWrite(), kgo.RequiredAcks(kgo.LeaderAck())}
	const rtt = 20 * time.Millisecond
	// A try that is lost ends after one round trip; then the backoff, the
	// handshake and ApiVersions come before the next.
	again := rtt + 50*time.Millisecond + 2*rtt
	for name, tt := range map[string]struct {
		fault Fault
		rtt   time.Duration
		opts  []kgo.Opt
		want  faulted
	}{
		"request":                         {Fault{Kind: LoseRequest, Broker: 0, Count: 1}, rtt, nil, faulted{1, 10, again + rtt}},
		"three requests":                  {Fault{Kind: LoseRequest, Broker: 0, Count: 3}, rtt, nil, faulted{3, 10, 3*again + rtt}},
		"request, not idempotent":         {Fault{Kind: LoseRequest, Broker: AnyBroker, Count: 2}, rtt, plain, faulted{2, 10, 2*again + rtt}},
		"response":                        {Fault{Kind: LoseResponse, Broker: 0, Count: 1}, rtt, nil, faulted{1, 10, again + rtt}},
		"response, not idempotent":        {Fault{Kind: LoseResponse, Broker: 0, Count: 3}, rtt, plain, faulted{3, 13, 3*again + rtt}},
		"request without distance":        {Fault{Kind: LoseRequest, Broker: 0, Count: 1}, 0, nil, faulted{1, 10, 50 * time.Millisecond}},
		"response without distance":       {Fault{Kind: LoseResponse, Broker: AnyBroker, Count: 1}, 0, plain, faulted{1, 11, 50 * time.Millisecond}},
		"reset of the open and the next":  {Fault{Kind: Reset, Broker: 0, Count: 2}, 0, nil, faulted{2, 10, 50 * time.Millisecond}},
		"two lost requests, no distance":  {Fault{Kind: LoseRequest, Broker: 0, Count: 2}, 0, plain, faulted{2, 10, 100 * time.Millisecond}},
		"two lost responses, no distance": {Fault{Kind: LoseResponse, Broker: 0, Count: 2}, 0, nil, faulted{2, 10, 100 * time.Millisecond}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := underFault(t, tt.fault, tt.rtt, tt.opts...); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestFaultOfAnotherBrokerDoesNothing also leaves a fault that is not used up.
func TestFaultOfAnotherBrokerDoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, 1, time.Second)
		defer s.close()
		s.produce(t, 0)
		var active []*ActiveFault
		for _, k := range []FaultKind{Stall, Reset, LoseRequest, LoseResponse} {
			active = append(active, s.link.Start(Fault{Kind: k, Broker: 5, Count: 1}))
		}
		s.produce(t, 0)
		if len(s.sink.lost) != 0 || len(s.sink.answered) != 2 {
			t.Errorf("got %d lost, %d answered; want 0, 2", len(s.sink.lost), len(s.sink.answered))
		}
		for _, a := range active {
			select {
			case <-a.Done():
				t.Errorf("got %v done, want it to last", a.fault.Kind)
			default:
			}
		}
	})
}

// TestLostResponseKeepsTheAnswerBeforeIt has two answers in one read, of which
// the second is swallowed.
func TestLostResponseKeepsTheAnswerBeforeIt(t *testing.T) {
	link := NewLink()
	mem := &memConn{}
	sink := &atFirst{}
	c := Tap(link.Wrap(mem), sink, Options{})
	var answers [][]byte
	for id := range int32(3) {
		frame, want := aRequest(id)
		writeInParts(t, c, frame, nil)
		answers = append(answers, randomAnswer(rand.New(rand.NewPCG(1, 1)), &want))
	}
	sink.first = func() { link.Start(Fault{Kind: LoseResponse, Broker: AnyBroker, Count: 1}) }
	mem.reads.Write(answers[0][:5])
	if n, err := c.Read(make([]byte, 100)); n != 5 || err != nil {
		t.Fatalf("got %d, %v; want the first 5 bytes", n, err)
	}
	for _, p := range [][]byte{answers[0][5:], answers[1], answers[2]} {
		mem.reads.Write(p)
	}
	b := make([]byte, 1<<20)
	if n, err := c.Read(b); n != len(answers[0])-5 || err != nil {
		t.Errorf("got %d, %v; want the rest of the first answer, %d bytes", n, err, len(answers[0])-5)
	}
	if n, err := c.Read(b); n != 0 || !isReset(err) {
		t.Errorf("got %d, %v behind it, want a reset", n, err)
	}
	var order []int32
	for _, r := range sink.lost {
		order = append(order, r.Correlation)
	}
	if d := cmp.Diff([]int32{1, 2}, order); d != "" || len(sink.answered) != 1 {
		t.Errorf("got %d answered, want 1; lost (-want +got):\n%s", len(sink.answered), d)
	}
}

// atFirst calls first with the first answer.
type atFirst struct {
	ledger
	first func()
}

func (a *atFirst) Answered(r *Request) {
	a.ledger.Answered(r)
	if a.first != nil {
		a.first()
		a.first = nil
	}
}

// TestVanishedRequestsTakeThoseBehindThem: after a gap in the stream nothing
// can be delivered.
func TestVanishedRequestsTakeThoseBehindThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		link := NewLink()
		link.SetRTT(100 * time.Millisecond)
		client, broker := net.Pipe()
		defer broker.Close()
		sink := &ledger{}
		c := Tap(link.Wrap(client), sink, Options{})
		defer c.Close()
		arrived := make(chan int, 1)
		go func() { b, _ := io.ReadAll(broker); arrived <- len(b) }()
		first, _ := aRequest(1)
		second, _ := aRequest(2)
		third, _ := aRequest(3)
		a := link.Start(Fault{Kind: LoseRequest, Broker: AnyBroker, Count: 2})
		a.hit() // another connection's
		from := time.Now()
		if n, err := c.Write(append(append([]byte(nil), first...), second...)); n != len(first)+len(second) || err != nil {
			t.Errorf("got %d, %v; want all taken", n, err)
		}
		time.Sleep(30 * time.Millisecond)
		writeInParts(t, c, third, nil)
		if _, err := c.Read(make([]byte, 1)); !isReset(err) || time.Since(from) != 100*time.Millisecond {
			t.Errorf("got %v after %v, want a reset after a round trip", err, time.Since(from))
		}
		if _, err := c.Write(third); !isReset(err) {
			t.Errorf("got %v from a write after the reset, want it", err)
		}
		if n := <-arrived; n != 0 || len(sink.lost) != 3 || a.Hits() != 2 {
			t.Errorf("got %d bytes at the broker, %d lost, %d hits; want 0, 3, 2", n, len(sink.lost), a.Hits())
		}
	})
}

// TestResetTakesOnlyWhatProduces leaves the connection for metadata alone.
func TestResetTakesOnlyWhatProduces(t *testing.T) {
	link := NewLink()
	open := func(frames ...[]byte) *Conn {
		c := Tap(link.Wrap(&memConn{}), &ledger{}, Options{})
		for _, f := range frames {
			writeInParts(t, c, f, nil)
		}
		return c
	}
	produce, _ := aRequest(1)
	other, _ := otherRequest(1)
	closed := open(produce)
	closed.Close()
	metadata, first, second := open(other), open(produce), open(produce)
	a := link.Start(Fault{Kind: Reset, Broker: AnyBroker, Count: 1})
	if metadata.wasReset() || !first.wasReset() || second.wasReset() || closed.wasReset() {
		t.Errorf("got reset %v %v %v %v, want only the oldest that produces and is open",
			metadata.wasReset(), first.wasReset(), second.wasReset(), closed.wasReset())
	}
	<-a.Done()
	lasting := link.Start(Fault{Kind: Reset, Broker: AnyBroker})
	fresh := open(other)
	if !second.wasReset() || fresh.wasReset() {
		t.Error("got the open one spared or the fresh one reset")
	}
	writeInParts(t, fresh, produce, nil)
	if !fresh.wasReset() || lasting.Hits() != 2 {
		t.Errorf("got reset %v, %d hits; want a reset at the first produce request, 2 hits", fresh.wasReset(), lasting.Hits())
	}
	lasting.Heal()
	after := open(produce)
	if after.wasReset() {
		t.Error("got a reset after it was healed")
	}
	if n := len(link.producing); n != 1 {
		t.Errorf("got %d connections remembered, want the one that is open", n)
	}
}

// TestClientSurvivesEveryFault keeps a real client busy while faults come and
// go; idempotence keeps every record once.
func TestClientSurvivesEveryFault(t *testing.T) {
	for seed := range uint64(6) {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t, 3, 500*time.Millisecond, kgo.ProduceRequestTimeout(500*time.Millisecond),
				kgo.RetryBackoffFn(func(int) time.Duration { return 20 * time.Millisecond }), kgo.AlwaysRetryEOF())
			defer s.close()
			r := rand.New(rand.NewPCG(seed, 3))
			s.slots.SetLimit(int(seed))
			acked := 0
			var mu sync.Mutex
			for i := range 600 {
				s.client.Produce(t.Context(), &kgo.Record{Value: make([]byte, 100), Partition: int32(i % 6)}, func(_ *kgo.Record, err error) {
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						acked++
					} else {
						t.Error(err)
					}
				})
				time.Sleep(time.Duration(r.IntN(5)) * time.Millisecond)
				if r.IntN(10) == 0 {
					a := s.link.Start(Fault{
						Kind: FaultKind(r.IntN(6)), Broker: int32(r.IntN(4) - 1), RTT: 30 * time.Millisecond, Bandwidth: 50_000,
						Count: int64(r.IntN(3)),
					})
					time.AfterFunc(time.Duration(r.IntN(100))*time.Millisecond, a.Heal)
				}
			}
			if err := s.client.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			stored := 0
			for p := range int32(6) {
				stored += int(s.cluster.PartitionInfo("topic", p).HighWatermark)
			}
			if acked != 600 || stored != 600 || s.sink.now != 0 {
				t.Errorf("seed %d: got %d acknowledged, %d stored, %d open; want 600, 600, 0", seed, acked, stored, s.sink.now)
			}
			if len(s.sink.lost) == 0 {
				t.Errorf("seed %d: got nothing lost, the faults did nothing", seed)
			}
		})
	}
}

// TestFaultsOnRealSocketsRace starts and heals everything while sockets are in
// use, in real time, for the race detector.
func TestFaultsOnRealSocketsRace(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { defer c.Close(); _, _ = io.Copy(c, c) })
		}
	})
	defer listener.Close()
	link, slots := NewLink(), NewSlots(2)
	resets := 0
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 60 {
		socket, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		c := Tap(link.Wrap(socket), &ledger{}, Options{Slots: slots, SendBuffer: 1 << 14, RequestTimeout: time.Second})
		c.SetBroker(int32(i % 2))
		done := make(chan error, 1)
		go func() {
			_, err := io.Copy(io.Discard, struct{ io.Reader }{c})
			done <- err
		}()
		go func() {
			frame, _ := aRequest(1)
			for range 20 {
				if _, err := c.Write(frame); err != nil {
					return
				}
			}
		}()
		a := link.Start(Fault{Kind: FaultKind(i % 6), Broker: int32(r.IntN(3) - 1), RTT: time.Millisecond, Bandwidth: 1e6})
		slots.SetLimit(r.IntN(3))
		time.Sleep(time.Millisecond)
		a.Heal()
		_ = c.SetDeadline(time.Now())
		if err := <-done; isReset(err) {
			resets++
		}
		c.Close()
	}
	if resets == 0 {
		t.Error("got no reset of 60 connections, want some")
	}
}
