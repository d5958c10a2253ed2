package wire

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// arrivals tells when what was written comes out at the broker.
type arrivals struct {
	broker net.Conn
	parts  chan arrival
	part   arrival // not counted yet
}

type arrival struct {
	bytes int
	at    time.Time
}

// watched is a connection on a link and what arrives at its other end.
func watched(t *testing.T, l *Link) (*line, *arrivals) {
	t.Helper()
	client, broker := net.Pipe()
	c := l.Wrap(client).(*line)
	a := &arrivals{broker: broker, parts: make(chan arrival, 1<<14)}
	go func() {
		defer close(a.parts)
		b := make([]byte, 1<<20)
		for {
			n, err := broker.Read(b)
			if err != nil {
				return
			}
			a.parts <- arrival{n, time.Now()}
		}
	}()
	t.Cleanup(func() { c.Close(); broker.Close() })
	return c, a
}

// after is how long after from the next n bytes had arrived.
func (a *arrivals) after(from time.Time, n int) time.Duration {
	for n > 0 {
		if a.part.bytes == 0 {
			a.part = <-a.parts
		}
		k := min(n, a.part.bytes)
		a.part.bytes -= k
		n -= k
	}
	return a.part.at.Sub(from)
}

// TestJitterIsWithinItsBoundsAndKeepsOrder checks every arrival against the
// sequence that the seed gives.
func TestJitterIsWithinItsBoundsAndKeepsOrder(t *testing.T) {
	const rtt, jitter = 20 * time.Millisecond, 8 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		link := NewSeededLink(7)
		link.SetRTT(rtt)
		link.SetJitter(jitter)
		c, got := watched(t, link)
		dice := rand.New(rand.NewPCG(7, 0))
		r := rand.New(rand.NewPCG(1, 1))
		start := time.Now()
		var want []time.Duration
		var last, least, most time.Duration
		least = time.Hour
		for range 2000 {
			time.Sleep(time.Duration(r.IntN(3)) * time.Millisecond)
			if _, err := c.Write([]byte{1}); err != nil {
				t.Fatal(err)
			}
			delay := rtt - jitter + time.Duration(dice.Int64N(int64(2*jitter)+1))
			least, most = min(least, delay), max(most, delay)
			last = max(last, time.Since(start)+delay)
			want = append(want, last)
		}
		for i, w := range want {
			if at := got.after(start, 1); at != w {
				t.Fatalf("got byte %d after %v, want %v", i, at, w)
			}
		}
		if least > rtt-jitter+jitter/50 || most < rtt+jitter-jitter/50 {
			t.Errorf("got delays from %v to %v, want %v to %v nearly reached", least, most, rtt-jitter, rtt+jitter)
		}
	})
}

func TestJitterBeyondTheRoundTripIsNotNegative(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 1))
	c := course{rtt: time.Millisecond, jitter: 10 * time.Millisecond}
	zero := 0
	for range 1000 {
		switch d := c.delay(dice); {
		case d < 0 || d > 11*time.Millisecond:
			t.Fatalf("got a delay of %v, want 0 to 11ms", d)
		case d == 0:
			zero++
		}
	}
	if zero < 350 || zero > 550 {
		t.Errorf("got %d of 1000 without delay, want about 450", zero)
	}
}

// TestBandwidthIsExact writes at random and compares the last byte of each
// write with the arithmetic: what is before it, itself, and the round trip.
func TestBandwidthIsExact(t *testing.T) {
	for _, tt := range []struct {
		perByte time.Duration
		rtt     time.Duration
	}{{80, 0}, {800, 0}, {80, 30 * time.Millisecond}, {8000, 5 * time.Millisecond}} {
		synctest.Test(t, func(t *testing.T) {
			link := NewLink()
			link.SetRTT(tt.rtt)
			link.SetBandwidth(int64(time.Second / tt.perByte))
			c, got := watched(t, link)
			r := rand.New(rand.NewPCG(3, uint64(tt.perByte)))
			start := time.Now()
			var free time.Duration
			var sizes []int
			var want []time.Duration
			for range 60 {
				time.Sleep(time.Duration(r.IntN(20)) * time.Millisecond)
				n := 1 + r.IntN(1<<r.IntN(15))
				free = max(free, time.Since(start)) + time.Duration(n)*tt.perByte
				sizes, want = append(sizes, n), append(want, free+tt.rtt)
				if k, err := c.Write(make([]byte, n)); k != n || err != nil {
					t.Fatalf("got %d, %v from Write, want %d, nil", k, err, n)
				}
			}
			for i, n := range sizes {
				if at := got.after(start, n); at != want[i] {
					t.Fatalf("%v per byte: got write %d of %d bytes after %v, want %v", tt.perByte, i, n, at, want[i])
				}
			}
		})
	}
}

// TestSendBufferBoundsThroughput is why send.buffer.bytes matters over a
// distance: no more than it is on the way in any round trip, unless the
// bandwidth is less than that.
func TestSendBufferBoundsThroughput(t *testing.T) {
	const total, mbit100 = 4 << 20, 12_500_000
	sending := time.Duration(total) * time.Second / mbit100
	for name, tt := range map[string]struct {
		buffer    int
		rtt       time.Duration
		bandwidth int64
		want      time.Duration
		slack     time.Duration
	}{
		"a buffer each round trip": {buffer: 128 << 10, rtt: 100 * time.Millisecond, want: 32 * 100 * time.Millisecond},
		"half of it":               {buffer: 64 << 10, rtt: 100 * time.Millisecond, want: 64 * 100 * time.Millisecond},
		"no less than a kernel's":  {buffer: 1, rtt: 10 * time.Millisecond, want: 1024 * 10 * time.Millisecond},
		"bandwidth is less":        {buffer: 256 << 10, rtt: 10 * time.Millisecond, bandwidth: mbit100, want: sending + 10*time.Millisecond},
		"buffer is ample":          {buffer: 1 << 20, rtt: 40 * time.Millisecond, bandwidth: mbit100, want: sending + 40*time.Millisecond},
		// The buffer empties piece by piece: a round takes a piece's time longer.
		"buffer is less": {buffer: 128 << 10, rtt: 100 * time.Millisecond, bandwidth: mbit100, want: 32 * 100 * time.Millisecond, slack: 32 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				link := NewLink()
				link.SetRTT(tt.rtt)
				link.SetBandwidth(tt.bandwidth)
				c, got := watched(t, link)
				c.setSendBuffer(tt.buffer)
				start := time.Now()
				for range total / (1 << 18) {
					if _, err := c.Write(make([]byte, 1<<18)); err != nil {
						t.Fatal(err)
					}
				}
				if took := got.after(start, total); (took - tt.want).Abs() > tt.slack {
					t.Errorf("got %d bytes through in %v, want %v", total, took, tt.want)
				}
			})
		})
	}
}

// TestHalfWrittenTellsHowMuch interrupts a write that is larger than the send
// buffer.
func TestHalfWrittenTellsHowMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		link := NewLink()
		link.SetRTT(time.Second)
		c, got := watched(t, link)
		c.setSendBuffer(10_000)
		_ = c.SetWriteDeadline(time.Now().Add(2500 * time.Millisecond))
		from := time.Now()
		n, err := c.Write(make([]byte, 100_000))
		if n != 30_000 || !os.IsTimeout(err) || time.Since(from) != 2500*time.Millisecond {
			t.Errorf("got %d, %v after %v; want 30000 and a timeout after 2.5s", n, err, time.Since(from))
		}
		if at := got.after(from, 30_000); at != 3*time.Second {
			t.Errorf("got the last byte after %v, want 3s", at)
		}
	})
}

func TestTapGivesTheLineItsSendBuffer(t *testing.T) {
	link := NewLink()
	for asked, want := range map[int]int{-1: mostUnacknowledged, 0: mostUnacknowledged, 1 << 17: 1 << 17, 1 << 30: mostUnacknowledged, 5: leastSendBuffer} {
		l := link.Wrap(&memConn{}).(*line)
		Tap(l, &ledger{}, Options{SendBuffer: asked})
		if l.most != want {
			t.Errorf("got %d unacknowledged at most for a send buffer of %d, want %d", l.most, asked, want)
		}
	}
}

// TestRealClientFeelsTheBandwidth: 1 Mbit, one megabyte.
func TestRealClientFeelsTheBandwidth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, 1, 0, kgo.ProducerBatchMaxBytes(16<<10))
		defer s.close()
		s.produce(t, 0)
		s.link.SetBandwidth(125_000)
		from := time.Now()
		for range 10_000 {
			s.client.Produce(t.Context(), &kgo.Record{Value: make([]byte, 100)}, nil)
		}
		if err := s.client.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		bytes := 0
		for _, r := range s.sink.answered[1:] {
			bytes += r.Bytes
		}
		want := time.Duration(bytes) * time.Second / 125_000
		if got := time.Since(from); got < want || got > want+time.Millisecond {
			t.Errorf("got %d bytes acknowledged after %v, want %v", bytes, got, want)
		}
	})
}

// TestCarelessBytesDrainBeforeClose closes while requests that nobody will
// confirm are on the way: they arrive. Those that want an answer are lost with
// the connection.
func TestCarelessBytesDrainBeforeClose(t *testing.T) {
	for name, tt := range map[string]struct {
		acks  int16
		rtt   time.Duration
		fault *Fault
		took  time.Duration
		all   bool
	}{
		"acks=0":              {acks: 0, rtt: 300 * time.Millisecond, took: 300 * time.Millisecond, all: true},
		"acks=1":              {acks: 1, rtt: 300 * time.Millisecond},
		"too far":             {acks: 0, rtt: 10 * time.Second, took: maxDrain},
		"nothing on the way":  {acks: 0, all: true},
		"not through a stall": {acks: 0, rtt: 300 * time.Millisecond, fault: &Fault{Kind: Stall, Broker: AnyBroker}},
		"not after a reset":   {acks: 0, rtt: 300 * time.Millisecond, fault: &Fault{Kind: Reset, Broker: AnyBroker}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				link := NewLink()
				client, broker := net.Pipe()
				c := Tap(link.Wrap(client), &ledger{}, Options{})
				link.SetRTT(tt.rtt)
				got := make(chan int, 1)
				go func() { b, _ := io.ReadAll(broker); got <- len(b) }()
				r, sent := rand.New(rand.NewPCG(1, 1)), 0
				for n := 0; n < 5; {
					frame, want := randomRequest(r, 9, 1)
					if want.Acks != tt.acks {
						continue
					}
					writeInParts(t, c, frame, nil)
					n, sent = n+1, sent+len(frame)
				}
				if tt.fault != nil {
					link.Start(*tt.fault)
				}
				from := time.Now()
				c.Close()
				if took := time.Since(from); took != tt.took {
					t.Errorf("got closed after %v, want %v", took, tt.took)
				}
				want := 0
				if tt.all {
					want = sent
				}
				if n := <-got; n != want {
					t.Errorf("got %d bytes at the broker, want %d", n, want)
				}
			})
		})
	}
}

// TestRealAcksZeroClientLeavesNothingBehind closes a real client right after
// its last record.
func TestRealAcksZeroClientLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, 1, time.Second, kgo.RequiredAcks(kgo.NoAck()), kgo.DisableIdempotentWrite())
		s.produce(t, 0)
		s.link.SetRTT(200 * time.Millisecond)
		for range 99 {
			s.client.Produce(t.Context(), &kgo.Record{Value: make([]byte, 100)}, nil)
		}
		if err := s.client.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.client.Close()
		synctest.Wait()
		if got := s.cluster.PartitionInfo("topic", 0).HighWatermark; got != 100 {
			t.Errorf("got %d records in the log, want 100", got)
		}
		s.close()
	})
}

// TestLinkIsFoundThroughTLS has TLS between tap and link.
func TestLinkIsFoundThroughTLS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		link := NewLink()
		client, broker := net.Pipe()
		server := tls.Server(broker, &tls.Config{Certificates: []tls.Certificate{certificate(t)}})
		go func() { _, _ = io.Copy(io.Discard, server) }()
		l := link.Wrap(client)
		secure := tls.Client(l, &tls.Config{InsecureSkipVerify: true})
		if err := secure.HandshakeContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		sink := &ledger{}
		c := Tap(secure, sink, Options{SendBuffer: 50_000})
		c.SetBroker(4)
		if n := l.(*line); n.broker.Load() != 4 || n.most != 50_000 {
			t.Errorf("got broker %d, %d bytes; want 4, 50000", n.broker.Load(), n.most)
		}
		frame, _ := aRequest(1)
		writeInParts(t, c, frame, nil)
		link.Start(Fault{Kind: Reset, Broker: 4})
		if _, err := c.Read(make([]byte, 1)); !isReset(err) || len(sink.lost) != 1 {
			t.Errorf("got %v with %d lost from Read, want a reset and the request lost", err, len(sink.lost))
		}
		c.Close()
		broker.Close()
	})
}

func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(crand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// TestAnyWeatherKeepsBytes turns everything at random while random bytes pass
// both ways.
func TestAnyWeatherKeepsBytes(t *testing.T) {
	for seed := range uint64(40) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 6))
			link := NewSeededLink(seed)
			client, broker := net.Pipe()
			c := link.Wrap(client)
			c.(*line).setSendBuffer(20_000)
			sent := make([]byte, 200_000)
			for i := range sent {
				sent[i] = byte(r.Uint32())
			}
			type result struct {
				bytes []byte
				err   error
			}
			there, back := make(chan result, 1), make(chan result, 1)
			read := func(c net.Conn, to chan result) {
				b := make([]byte, len(sent))
				_, err := io.ReadFull(c, b)
				to <- result{b, err}
			}
			go read(broker, there)
			go read(c, back)
			go func() { _, _ = broker.Write(sent) }()
			sizes := rand.New(rand.NewPCG(seed, 7))
			go func() {
				for p := sent; len(p) > 0; {
					n := min(len(p), 1+sizes.IntN(1<<sizes.IntN(17)))
					if _, err := c.Write(p[:n]); err != nil {
						t.Error(err)
						return
					}
					p = p[n:]
					time.Sleep(time.Duration(sizes.IntN(5)) * time.Millisecond)
				}
			}()
			var stall *ActiveFault
			for range 50 {
				time.Sleep(time.Duration(r.IntN(20)) * time.Millisecond)
				switch r.IntN(4) {
				case 0:
					link.SetRTT(time.Duration(r.IntN(50)) * time.Millisecond)
				case 1:
					link.SetJitter(time.Duration(r.IntN(20)) * time.Millisecond)
				case 2:
					link.SetBandwidth(int64(r.IntN(2) * (100_000 + r.IntN(1e7))))
				case 3:
					if stall != nil {
						stall.Heal()
						stall = nil
					} else {
						stall = link.Start(Fault{Kind: Stall, Broker: AnyBroker})
					}
				}
			}
			if stall != nil {
				stall.Heal()
			}
			for name, ch := range map[string]chan result{"broker": there, "client": back} {
				if got := <-ch; got.err != nil || !bytes.Equal(got.bytes, sent) {
					t.Errorf("seed %d: got other bytes at the %s (%v)", seed, name, got.err)
				}
			}
			c.Close()
			broker.Close()
		})
	}
}

// TestLatePumpIsForgiven pins the instant from which a write that waited for
// room is sent: in fake time no pump is late.
func TestLatePumpIsForgiven(t *testing.T) {
	at := func(ms int) time.Time { return time.Unix(100, 0).Add(time.Duration(ms) * time.Millisecond) }
	for name, tt := range map[string]struct{ freed, since, now, want int }{
		"when it was due":              {freed: 20, since: 0, now: 23, want: 20},
		"not before Write was called":  {freed: 20, since: 22, now: 23, want: 22},
		"not in the future":            {freed: 30, since: 22, now: 23, want: 23},
		"a machine that slept is late": {freed: 20, since: 0, now: 1000, want: 950},
	} {
		w := way{freed: at(tt.freed)}
		if got := w.roomSince(at(tt.since), at(tt.now)); !got.Equal(at(tt.want)) {
			t.Errorf("%s: got %v, want %v", name, got.Sub(at(0)), at(tt.want).Sub(at(0)))
		}
	}
}
