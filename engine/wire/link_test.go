package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestLinkDelaysExactlyAndKeepsOrder writes at random times under a round trip
// that changes at random: each write arrives when it is due or right after the
// one before it, never earlier, never out of order.
func TestLinkDelaysExactlyAndKeepsOrder(t *testing.T) {
	for seed := range uint64(50) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 4))
			link := NewLink()
			client, broker := net.Pipe()
			c := link.Wrap(client)
			type arrival struct {
				b  byte
				at time.Time
			}
			got := make(chan arrival, 200)
			go func() {
				defer close(got)
				b := make([]byte, 1)
				for {
					if _, err := io.ReadFull(broker, b); err != nil {
						return
					}
					got <- arrival{b[0], time.Now()}
				}
			}()
			var want []time.Time
			var last time.Time
			for i := range 200 {
				if r.IntN(5) == 0 {
					link.SetRTT(time.Duration(r.IntN(3)*r.IntN(30)) * time.Millisecond)
				}
				time.Sleep(time.Duration(r.IntN(4)) * time.Millisecond)
				due := time.Now().Add(link.RTT())
				if due.Before(last) {
					due = last
				}
				last = due
				want = append(want, due)
				if n, err := c.Write([]byte{byte(i)}); n != 1 || err != nil {
					t.Fatalf("got %d, %v from Write, want 1, nil", n, err)
				}
			}
			for i, w := range want {
				if a := <-got; a.b != byte(i) || !a.at.Equal(w) {
					t.Fatalf("seed %d: got byte %d at %v, want %d at %v", seed, a.b, a.at, byte(i), w)
				}
			}
			c.Close()
			broker.Close()
		})
	}
}

func TestIdleLinkHasNoPump(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		link := NewLink()
		client, broker := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, broker) }()
		l := link.Wrap(client).(*line)
		pumps := func() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.pumping }
		l.Write([]byte("direct"))
		if pumps() {
			t.Error("got a pump without delay, want a direct write")
		}
		link.SetRTT(30 * time.Millisecond)
		l.Write([]byte("later"))
		link.SetRTT(0)
		if !pumps() {
			t.Error("got no pump with bytes on the way, want one")
		}
		l.Write([]byte("behind it"))
		time.Sleep(30 * time.Millisecond)
		synctest.Wait()
		if pumps() {
			t.Error("got a pump after all bytes left, want none")
		}
		l.Close()
		broker.Close()
	})
}

// full is a line whose send buffer is full and whose broker does not read.
func full(t *testing.T) (net.Conn, net.Conn) {
	t.Helper()
	link := NewLink()
	link.SetRTT(time.Millisecond)
	client, broker := net.Pipe()
	c := link.Wrap(client)
	t.Cleanup(func() { c.Close(); broker.Close() })
	if _, err := c.Write(make([]byte, mostUnacknowledged)); err != nil {
		t.Fatal(err)
	}
	return c, broker
}

func TestFullLinkWaitsInWrite(t *testing.T) {
	for name, tt := range map[string]struct {
		release func(c, broker net.Conn)
		after   time.Duration
		want    error
	}{
		"deadline":     {func(c, _ net.Conn) { _ = c.SetWriteDeadline(time.Now().Add(time.Second)) }, time.Second, os.ErrDeadlineExceeded},
		"now":          {func(c, _ net.Conn) { _ = c.SetDeadline(time.Now()) }, 0, os.ErrDeadlineExceeded},
		"close":        {func(c, _ net.Conn) { c.Close() }, 0, net.ErrClosed},
		"peer closes":  {func(_, b net.Conn) { b.Close() }, 0, io.ErrClosedPipe},
		"room is made": {func(_, b net.Conn) { go func() { _, _ = io.Copy(io.Discard, b) }() }, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, broker := full(t)
				got := make(chan error, 1)
				go func() { _, err := c.Write([]byte("more")); got <- err }()
				time.Sleep(time.Minute)
				select {
				case err := <-got:
					t.Fatalf("got %v from a write beyond the send buffer, want it to wait", err)
				default:
				}
				from := time.Now()
				tt.release(c, broker)
				if err := <-got; !errors.Is(err, tt.want) || time.Since(from) != tt.after {
					t.Errorf("got %v after %v, want %v after %v", err, time.Since(from), tt.want, tt.after)
				}
			})
		})
	}
}

func TestPumpErrorReachesReadAndWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		link := NewLink()
		link.SetRTT(10 * time.Millisecond)
		broken := errors.New("broken")
		client, broker := net.Pipe()
		defer broker.Close()
		c := link.Wrap(&failingConn{Conn: client, err: broken})
		defer c.Close()
		if _, err := c.Write([]byte("a")); err != nil {
			t.Fatalf("got %v from a write that only queues, want nil", err)
		}
		from := time.Now()
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, broken) || time.Since(from) != 10*time.Millisecond {
			t.Errorf("got %v after %v from Read, want %v when it was due", err, time.Since(from), broken)
		}
		if _, err := c.Write([]byte("b")); !errors.Is(err, broken) {
			t.Errorf("got %v from Write, want %v", err, broken)
		}
	})
}

// failingConn refuses every write.
type failingConn struct {
	net.Conn
	err error
}

func (f *failingConn) Write([]byte) (int, error) { return 0, f.err }

// TestReturnedWriteOutlivesItsDeadline sets a deadline that passes while the
// bytes are on the way: it was Write's, and Write has returned.
func TestReturnedWriteOutlivesItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		link := NewLink()
		link.SetRTT(50 * time.Millisecond)
		client, broker := net.Pipe()
		defer broker.Close()
		c := link.Wrap(client)
		defer c.Close()
		_ = c.SetWriteDeadline(time.Now().Add(5 * time.Millisecond))
		c.Write([]byte("on the way"))
		time.Sleep(time.Second)
		got := make([]byte, 10)
		if _, err := io.ReadFull(broker, got); err != nil || string(got) != "on the way" {
			t.Errorf("got %q, %v; want the bytes", got, err)
		}
		synctest.Wait()
		link.SetRTT(0)
		if _, err := c.Write([]byte("late")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v from a direct write past the deadline, want a timeout", err)
		}
	})
}

func TestCloseDropsWhatIsOnTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		link := NewLink()
		link.SetRTT(time.Second)
		client, broker := net.Pipe()
		c := link.Wrap(client)
		c.Write([]byte("never"))
		from := time.Now()
		if err := c.Close(); err != nil {
			t.Errorf("got %v from Close, want nil", err)
		}
		if got, err := io.ReadAll(broker); len(got) > 0 || err != nil || time.Since(from) != 0 {
			t.Errorf("got %q, %v after %v; want nothing, at once", got, err, time.Since(from))
		}
		if err := c.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v from the second Close, want %v", err, net.ErrClosed)
		}
		if _, err := c.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v from Write, want %v", err, net.ErrClosed)
		}
	})
}

// slowConn takes its time to return from a write that was interrupted.
type slowConn struct {
	net.Conn
	returned bool
}

func (s *slowConn) Write(p []byte) (int, error) {
	n, err := s.Conn.Write(p)
	time.Sleep(time.Second)
	s.returned = true
	return n, err
}

func TestCloseWaitsForThePump(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		link := NewLink()
		link.SetRTT(time.Millisecond)
		client, broker := net.Pipe()
		defer broker.Close()
		slow := &slowConn{Conn: client}
		c := link.Wrap(slow)
		c.Write([]byte("nobody reads it"))
		time.Sleep(time.Minute)
		c.Close()
		if !slow.returned {
			t.Error("got Close back before the pump, want after it")
		}
	})
}

func TestDialedTakesOneRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		link := NewLink()
		for _, rtt := range []time.Duration{0, 40 * time.Millisecond} {
			link.SetRTT(rtt)
			from := time.Now()
			if err := link.Dialed(t.Context()); err != nil || time.Since(from) != rtt {
				t.Errorf("got %v after %v, want nil after %v", err, time.Since(from), rtt)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		from := time.Now()
		if err := link.Dialed(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(from) != 10*time.Millisecond {
			t.Errorf("got %v after %v, want the context's end after 10ms", err, time.Since(from))
		}
		link.SetRTT(-time.Second)
		if link.RTT() != 0 {
			t.Errorf("got %v for a negative round trip, want 0", link.RTT())
		}
	})
}

// TestLinkOnARealSocketKeepsBytes turns the round trip while a socket is
// written and read, in real time, for the race detector.
func TestLinkOnARealSocketKeepsBytes(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	got := make(chan []byte, 1)
	go func() {
		broker, err := listener.Accept()
		if err != nil {
			close(got)
			return
		}
		defer broker.Close()
		all := make([]byte, 1<<20)
		n, _ := io.ReadFull(broker, all)
		got <- all[:n]
	}()
	link := NewLink()
	socket, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := link.Wrap(socket)
	defer c.Close()
	var turning sync.WaitGroup
	defer turning.Wait()
	stop := make(chan struct{})
	defer close(stop)
	turning.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				link.SetRTT(time.Duration(i%3) * time.Millisecond)
				_ = c.SetWriteDeadline(time.Now().Add(time.Minute))
			}
		}
	})
	r := rand.New(rand.NewPCG(5, 5))
	sent := make([]byte, 1<<20)
	for i := range sent {
		sent[i] = byte(r.Uint32())
	}
	for p := sent; len(p) > 0; {
		n := min(len(p), 1+r.IntN(16<<10))
		if _, err := c.Write(p[:n]); err != nil {
			t.Fatal(err)
		}
		p = p[n:]
	}
	if !bytes.Equal(<-got, sent) {
		t.Error("got other bytes than were written")
	}
}
