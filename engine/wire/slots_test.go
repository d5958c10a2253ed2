package wire

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// flatOut is how long a client takes to have 20,000 records acknowledged by one
// broker 5 ms away, and what it had in flight at most.
func flatOut(t *testing.T, slots int, opts ...kgo.Opt) (took time.Duration, most int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, 1, 0, append(opts, kgo.ProducerBatchMaxBytes(16<<10), kgo.MaxBufferedRecords(1<<20))...)
		defer s.close()
		s.link.SetRTT(5 * time.Millisecond)
		s.produce(t, 0) // until its first answer franz-go keeps to one in flight
		s.slots.SetLimit(slots)
		from := time.Now()
		for range 20_000 {
			s.client.Produce(t.Context(), &kgo.Record{Value: make([]byte, 100)}, nil)
		}
		if err := s.client.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		took, most = time.Since(from), s.sink.most
		synctest.Wait()
		if taken, waiting := s.slots.Taken(0); taken != 0 || waiting != 0 {
			t.Errorf("got %d slots taken, %d waiting at rest, want none", taken, waiting)
		}
	})
	return took, most
}

// TestSlotsThrottleAsTheNativeLimitDoes compares an idempotent client behind
// slots with one without idempotence, whose in-flight limit franz-go takes.
func TestSlotsThrottleAsTheNativeLimitDoes(t *testing.T) {
	for slots := 1; slots <= 5; slots++ {
		got, most := flatOut(t, slots)
		want, _ := flatOut(t, 0, kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(slots))
		if most != slots {
			t.Errorf("%d slots: got %d in flight at most", slots, most)
		}
		if off := (got - want).Abs(); off > want/20 {
			t.Errorf("%d slots: got %v, want %v as native within 5 %%", slots, got, want)
		}
	}
}

// held is a connection with one slot, which a first request has taken, and
// what a Write of a second one returns.
type held struct {
	conn   *Conn
	broker net.Conn
	slots  *Slots
	sink   *ledger
	wrote  chan error
}

func hold(t *testing.T, c net.Conn, broker net.Conn) *held {
	t.Helper()
	h := &held{broker: broker, slots: NewSlots(1), sink: &ledger{}, wrote: make(chan error, 1)}
	h.conn = Tap(c, h.sink, Options{Slots: h.slots})
	h.conn.SetBroker(2)
	go func() { _, _ = io.Copy(io.Discard, broker) }()
	t.Cleanup(func() { h.conn.Close(); broker.Close() })
	first, _ := aRequest(1)
	if _, err := h.conn.Write(first); err != nil {
		t.Fatal(err)
	}
	_ = h.conn.SetWriteDeadline(time.Now().Add(time.Second))
	second, _ := aRequest(2)
	go func() { _, err := h.conn.Write(second); h.wrote <- err }()
	time.Sleep(time.Minute)
	select {
	case err := <-h.wrote:
		t.Fatalf("got %v from the second request, want it to wait whatever its deadline", err)
	default:
	}
	if n, w := h.slots.Taken(2); n != 1 || w != 1 || len(h.sink.wrote) != 1 {
		t.Fatalf("got %d taken, %d waiting, %d told; want 1, 1, 1", n, w, len(h.sink.wrote))
	}
	return h
}

func TestHeldWriteIsReleasedAtOnce(t *testing.T) {
	_, first := aRequest(1)
	answer := randomAnswer(rand.New(rand.NewPCG(1, 1)), &first)
	for name, tt := range map[string]struct {
		release func(*held)
		want    error
		taken   int
	}{
		"the answer": {func(h *held) {
			go func() { h.broker.Write(answer); h.broker.Write(nil) }()
			h.conn.Read(make([]byte, 4096))
		}, nil, 1},
		"a higher limit":      {func(h *held) { h.slots.SetLimit(2) }, nil, 2},
		"no limit":            {func(h *held) { h.slots.SetLimit(0) }, nil, 2},
		"interrupted":         {func(h *held) { _ = h.conn.SetDeadline(time.Now()) }, os.ErrDeadlineExceeded, 1},
		"a deadline long ago": {func(h *held) { _ = h.conn.SetWriteDeadline(time.Unix(1, 0)) }, os.ErrDeadlineExceeded, 1},
		"closed":              {func(h *held) { h.conn.Close() }, net.ErrClosed, 0},
		"the broker is gone":  {func(h *held) { h.broker.Close(); h.conn.Read(make([]byte, 1)) }, io.EOF, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, broker := net.Pipe()
				h := hold(t, client, broker)
				from := time.Now()
				tt.release(h)
				if err := <-h.wrote; !errors.Is(err, tt.want) || time.Since(from) != 0 {
					t.Errorf("got %v after %v, want %v at once", err, time.Since(from), tt.want)
				}
				told := 1
				if tt.want == nil {
					told = 2
				}
				if n, w := h.slots.Taken(2); n != tt.taken || w != 0 || len(h.sink.wrote) != told {
					t.Errorf("got %d taken, %d waiting, %d told; want %d, 0, %d", n, w, len(h.sink.wrote), tt.taken, told)
				}
			})
		})
	}
}

// TestHeldWriteHasItsTimeAfterwards lets a write wait beyond its deadline for a
// slot and then finds the socket full.
func TestHeldWriteHasItsTimeAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, broker := net.Pipe()
		slow := &fullConn{Conn: client}
		h := hold(t, slow, broker)
		slow.full = true
		from := time.Now()
		h.slots.SetLimit(0)
		if err := <-h.wrote; !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(from) != time.Second {
			t.Errorf("got %v after %v, want a timeout 1 s after the slot came", err, time.Since(from))
		}
	})
}

// fullConn blocks writes until their deadline once it is full.
type fullConn struct {
	net.Conn
	full     bool
	deadline time.Time
}

func (f *fullConn) SetWriteDeadline(t time.Time) error { f.deadline = t; return nil }

func (f *fullConn) Write(p []byte) (int, error) {
	if f.full {
		time.Sleep(time.Until(f.deadline))
		return 0, os.ErrDeadlineExceeded
	}
	return f.Conn.Write(p)
}

func TestOnlyRequestsWithAnAnswerTakeSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, broker := net.Pipe()
		h := hold(t, client, broker)
		h.slots.SetLimit(0)
		<-h.wrote
		h.slots.SetLimit(1)
		other, _ := otherRequest(3)
		careless, want := randomRequest(rand.New(rand.NewPCG(8, 8)), 8, 4)
		for seed := uint64(0); want.Acks != 0; seed++ {
			careless, want = randomRequest(rand.New(rand.NewPCG(8, seed)), 8, 4)
		}
		for _, frame := range [][]byte{other, careless} {
			if _, err := h.conn.Write(frame); err != nil {
				t.Fatal(err)
			}
		}
		if n, w := h.slots.Taken(2); n != 2 || w != 0 {
			t.Errorf("got %d taken, %d waiting; want the two requests that want answers", n, w)
		}
	})
}

func TestSlotsAreOfABrokerNotOfAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, broker := net.Pipe()
		h := hold(t, client, broker)
		tap := func(id int32) *Conn {
			c := Tap(&memConn{}, &ledger{}, Options{Slots: h.slots})
			c.SetBroker(id)
			return c
		}
		frame, _ := aRequest(1)
		if _, err := tap(3).Write(frame); err != nil {
			t.Fatal(err)
		}
		third := make(chan error, 1)
		go func() { _, err := tap(2).Write(frame); third <- err }()
		synctest.Wait()
		if n, w := h.slots.Taken(2); n != 1 || w != 2 {
			t.Fatalf("got %d taken, %d waiting at broker 2; want 1, 2", n, w)
		}
		// Who gives up in the queue hands nothing to those behind; who ends with a
		// slot does.
		_ = h.conn.SetDeadline(time.Now())
		<-h.wrote
		if n, w := h.slots.Taken(2); n != 1 || w != 1 {
			t.Fatalf("got %d taken, %d waiting after one gave up; want 1, 1", n, w)
		}
		h.conn.Close()
		if err := <-third; err != nil {
			t.Errorf("got %v, want the slot of the closed connection", err)
		}
		if n, _ := h.slots.Taken(3); n != 1 {
			t.Errorf("got %d taken at broker 3, want 1", n)
		}
	})
}

// TestTwoRequestsInOneWriteWithOneSlot would wait for ever if the first were
// not passed on before the second waits.
func TestTwoRequestsInOneWriteWithOneSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, broker := net.Pipe()
		defer broker.Close()
		slots, sink := NewSlots(1), &ledger{}
		c := Tap(client, sink, Options{Slots: slots})
		defer c.Close()
		first, want := aRequest(1)
		second, _ := aRequest(2)
		answer := randomAnswer(rand.New(rand.NewPCG(1, 1)), &want)
		go func() {
			io.ReadFull(broker, make([]byte, len(first)))
			broker.Write(answer)
			io.Copy(io.Discard, broker)
		}()
		go func() { _, _ = io.Copy(io.Discard, struct{ io.Reader }{c}) }()
		both := append(append([]byte(nil), first...), second...)
		if n, err := c.Write(both); n != len(both) || err != nil {
			t.Errorf("got %d, %v; want %d, nil", n, err, len(both))
		}
		if sink.most != 1 || len(sink.wrote) != 2 {
			t.Errorf("got %d in flight at most, %d written; want 1, 2", sink.most, len(sink.wrote))
		}
	})
}

// TestClientClosesWithAHeldWrite is franz-go's Close while its writer goroutine
// waits for a slot of a silent broker.
func TestClientClosesWithAHeldWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, 1, time.Minute, kgo.ProducerBatchMaxBytes(1000))
		s.produce(t, 0)
		s.slots.SetLimit(1)
		s.link.SetRTT(time.Hour)
		for range 100 {
			s.client.Produce(context.Background(), &kgo.Record{Value: make([]byte, 100)}, nil)
		}
		time.Sleep(time.Second)
		if _, waiting := s.slots.Taken(0); waiting != 1 {
			t.Errorf("got %d waiting, want franz-go's one writer", waiting)
		}
		from := time.Now()
		s.close()
		if got := time.Since(from); got != 0 || s.sink.now != 0 {
			t.Errorf("got closed after %v with %d open, want at once with 0", got, s.sink.now)
		}
	})
}
