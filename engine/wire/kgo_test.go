package wire

import (
	"context"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// stand is a fake cluster and a real client over a tapped and linked network.
type stand struct {
	cluster *kfake.Cluster
	client  *kgo.Client
	link    *Link
	sink    *ledger
	slots   *Slots
}

type named struct{}

func (named) OnBrokerConnect(meta kgo.BrokerMetadata, _ time.Duration, c net.Conn, err error) {
	if err == nil {
		c.(*Conn).SetBroker(meta.NodeID)
	}
}

func newStand(t *testing.T, brokers int, timeout time.Duration, opts ...kgo.Opt) *stand {
	t.Helper()
	var network kfake.VirtualNetwork
	cluster, err := kfake.NewCluster(
		kfake.NumBrokers(brokers), kfake.Ports([]int{9092, 9093, 9094}[:brokers]...),
		kfake.ListenFn(network.Listen), kfake.SeedTopics(6, "topic"),
	)
	if err != nil {
		t.Fatal(err)
	}
	s := &stand{cluster: cluster, link: NewLink(), sink: &ledger{}, slots: NewSlots(0)}
	s.client, err = kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(cluster.ListenAddrs()...),
		kgo.DefaultProduceTopic("topic"),
		kgo.ProducerLinger(0),
		kgo.DisableClientMetrics(),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.MetadataMinAge(100 * time.Millisecond),
		kgo.WithHooks(named{}),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.Dialer(func(ctx context.Context, host, address string) (net.Conn, error) {
			if err := s.link.Dialed(ctx); err != nil {
				return nil, err
			}
			c, err := network.DialContext(ctx, host, address)
			if err != nil {
				return nil, err
			}
			return Tap(s.link.Wrap(c), s.sink, Options{RequestTimeout: timeout, Slots: s.slots}), nil
		}),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// close ends everything, in the bubble and before it is left.
func (s *stand) close() {
	s.client.Close()
	s.cluster.Close()
	synctest.Wait()
}

// produce sends one record and waits until it is acknowledged and all is quiet.
func (s *stand) produce(t *testing.T, partition int32) {
	t.Helper()
	r := &kgo.Record{Value: make([]byte, 100), Partition: partition}
	if err := s.client.ProduceSync(t.Context(), r).FirstErr(); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

func TestRealClientSeesRoundTripExactly(t *testing.T) {
	for _, rtt := range []time.Duration{0, 40 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t, 3, 0)
			defer s.close()
			s.link.SetRTT(rtt)
			for p := range int32(6) {
				s.produce(t, p) // connects
			}
			from := time.Now()
			s.produce(t, 0)
			if got := time.Since(from); got != rtt {
				t.Errorf("got an acknowledgement after %v, want %v", got, rtt)
			}
			s.link.SetRTT(0)
			from = time.Now()
			s.produce(t, 0)
			if got := time.Since(from); got != 0 {
				t.Errorf("got an acknowledgement after %v without delay, want 0", got)
			}
			last := s.sink.answered[6]
			if got := last.Answered.Sub(last.Written); got != rtt {
				t.Errorf("got answered - written = %v, want %v", got, rtt)
			}
			for _, r := range s.sink.wrote {
				leader := s.cluster.LeaderFor("topic", r.Batches[0].Partition)
				if r.Broker != leader || r.ClientID != "kgo" || r.Batches[0].Records != 1 {
					t.Errorf("got broker %d, client %q, %d records; want %d, kgo, 1", r.Broker, r.ClientID, r.Batches[0].Records, leader)
				}
			}
		})
	}
}

// TestRealClientKeepsFiveInFlight also shows that no answer is seen before its
// request: the count would be off.
func TestRealClientKeepsFiveInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, 1, 0, kgo.ProducerBatchMaxBytes(1000))
		defer s.close()
		s.link.SetRTT(40 * time.Millisecond)
		for range 1000 {
			s.client.Produce(t.Context(), &kgo.Record{Value: make([]byte, 100)}, nil)
		}
		if err := s.client.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		records := 0
		for _, r := range s.sink.answered {
			for _, b := range r.Batches {
				records += int(b.Records)
			}
		}
		if s.sink.most != 5 || records != 1000 || s.sink.now != 0 {
			t.Errorf("got at most %d in flight, %d records, %d open; want 5, 1000, 0", s.sink.most, records, s.sink.now)
		}
	})
}

// identity is what stays the same when an idempotent batch is sent again.
type identity struct {
	ID       int64
	Epoch    int16
	Sequence int32
	Records  int32
}

func identities(requests []Request) []identity {
	var ids []identity
	for _, r := range requests {
		for _, b := range r.Batches {
			ids = append(ids, identity{b.ProducerID, b.Epoch, b.Sequence, b.Records})
		}
	}
	return ids
}

func TestRetriesShowTheSameIdentity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, 1, 0)
		defer s.close()
		s.produce(t, 0)
		s.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas, Count: 3})
		s.produce(t, 0)
		var codes []int16
		for _, r := range s.sink.answered {
			codes = append(codes, r.Batches[0].Code)
		}
		if d := cmp.Diff([]int16{0, 19, 19, 19, 0}, codes); d != "" {
			t.Errorf("codes (-want +got):\n%s", d)
		}
		ids := identities(s.sink.answered)
		for _, id := range ids[1:] {
			if id != ids[1] || id.Sequence != 1 || id.ID < 0 {
				t.Errorf("got %+v for a try, want %+v, the second record", id, ids[1])
			}
		}
		if got := s.sink.answered[4].Batches[0].BaseOffset; got != 1 {
			t.Errorf("got base offset %d, want 1", got)
		}
	})
}

func TestResetLosesAndTheRetryIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, 1, 0)
		defer s.close()
		s.produce(t, 0)
		s.cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
			return nil, errors.New("reset"), true
		})
		s.produce(t, 0)
		if len(s.sink.lost) != 1 || len(s.sink.answered) != 2 || s.sink.now != 0 {
			t.Fatalf("got %d lost, %d answered, %d open; want 1, 2, 0", len(s.sink.lost), len(s.sink.answered), s.sink.now)
		}
		if lost, again := identities(s.sink.lost), identities(s.sink.answered[1:]); !cmp.Equal(lost, again) {
			t.Errorf("got %v lost and %v sent again, want the same", lost, again)
		}
	})
}

// TestSilentBrokerEndsAtRequestTimeout pins why the deadline is clamped: the
// client's own would be ProduceRequestTimeout + RequestTimeoutOverhead, twice
// as late.
func TestSilentBrokerEndsAtRequestTimeout(t *testing.T) {
	const timeout, backoff = time.Second, 50 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, 1, timeout, kgo.ProduceRequestTimeout(timeout), kgo.RequestTimeoutOverhead(timeout),
			kgo.RetryBackoffFn(func(int) time.Duration { return backoff }))
		defer s.close()
		s.produce(t, 0)
		var silent atomic.Bool
		s.cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
			if silent.CompareAndSwap(false, true) {
				s.cluster.SleepControl(func() { time.Sleep(10 * time.Second) })
			}
			s.cluster.KeepControl()
			return nil, nil, false
		})
		from := time.Now()
		s.produce(t, 0)
		took := time.Since(from)
		if len(s.sink.lost) != 1 || !errors.Is(s.sink.errs[0], os.ErrDeadlineExceeded) {
			t.Fatalf("got %d lost %v, want one by timeout", len(s.sink.lost), s.sink.errs)
		}
		if got := s.sink.lostAt[0].Sub(s.sink.lost[0].Written); got != timeout {
			t.Errorf("got lost %v after it was written, want %v", got, timeout)
		}
		if lost, again := identities(s.sink.lost), identities(s.sink.wrote[2:3]); !cmp.Equal(lost, again) {
			t.Errorf("got %v lost and %v sent again, want the same", lost, again)
		}
		if want := timeout + backoff; took != want {
			t.Errorf("got an acknowledgement after %v, want %v", took, want)
		}
		time.Sleep(10 * time.Second) // until the broker has woken up
	})
}

// TestCloseOfTheClientIsNotHeldUp closes a client whose broker does not answer
// behind a slow link.
func TestCloseOfTheClientIsNotHeldUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, 1, time.Minute)
		s.produce(t, 0)
		s.link.SetRTT(time.Hour)
		s.client.Produce(t.Context(), &kgo.Record{Value: []byte("x")}, nil)
		time.Sleep(time.Second)
		from := time.Now()
		s.close()
		if got := time.Since(from); got != 0 || len(s.sink.lost) != 1 || s.sink.now != 0 {
			t.Errorf("got closed after %v with %d lost, %d open; want 0, 1, 0", got, len(s.sink.lost), s.sink.now)
		}
	})
}

func TestAcksZeroIsOnlyWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, 1, time.Second, kgo.RequiredAcks(kgo.NoAck()), kgo.DisableIdempotentWrite())
		for range 5 {
			s.produce(t, 0)
			time.Sleep(time.Minute)
		}
		s.close()
		if len(s.sink.wrote) != 5 || len(s.sink.answered) != 0 || len(s.sink.lost) != 0 {
			t.Errorf("got %d wrote, %d answered, %d lost; want 5, 0, 0", len(s.sink.wrote), len(s.sink.answered), len(s.sink.lost))
		}
	})
}
