package relay

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine/cluster"
	"kdyno/engine/cluster/signpost"
	"kdyno/engine/wire"
)

// host is embedded brokers behind a relay, in fake time, and what was told.
type host struct {
	t       *testing.T
	network cluster.Network
	stand   *cluster.Stand
	link    *wire.Link
	relay   *Relay

	mu      sync.Mutex
	said    []string
	told    []signpost.Told
	records map[int32]int64 // acknowledged, by partition
	asked   []signpost.Question
	passed  []signpost.Head
	failed  []error // of reaching a broker
	open    int
}

// ear is the host as one connection's guest.
type ear struct {
	h *host
	c *Conn
}

func (ear) Wrote(*wire.Request)       {}
func (ear) Lost(*wire.Request, error) {}
func (ear) Held(int32, time.Duration) {}
func (e ear) Answered(r *wire.Request) {
	e.h.mu.Lock()
	defer e.h.mu.Unlock()
	for _, b := range r.Batches {
		if b.Code == 0 {
			e.h.records[b.Partition] += int64(b.Records)
		}
	}
}

func (e ear) Asked(_ signpost.Head, q signpost.Question) {
	e.h.mu.Lock()
	defer e.h.mu.Unlock()
	e.h.asked = append(e.h.asked, q)
}

func (e ear) Passed(head signpost.Head) {
	e.h.mu.Lock()
	defer e.h.mu.Unlock()
	e.h.passed = append(e.h.passed, head)
}

func (e ear) Left() {
	e.h.mu.Lock()
	defer e.h.mu.Unlock()
	e.h.open--
}

// basePort is the relay's first; the brokers' own begin at 9092.
const basePort = 19092

// newHost must be closed. Each broker has a port, and Bootstrap has the first.
func newHost(t *testing.T, change func(*Options)) *host {
	t.Helper()
	h := &host{t: t, link: wire.NewLink(), records: map[int32]int64{}}
	stand, err := cluster.Open(t.Context(), cluster.Options{Nodes: 3, Partitions: 6, Network: &h.network})
	if err != nil {
		t.Fatal(err)
	}
	h.stand = stand
	o := Options{
		Address: fmt.Sprintf("127.0.0.1:%d", basePort), Listen: h.network.Listen, Dial: stand.Dial, Link: h.link, Careful: true,
		Hear: Hear{
			Meet: func(c *Conn) Guest {
				h.mu.Lock()
				defer h.mu.Unlock()
				h.open++
				return ear{h, c}
			},
			Tell: func(say string) { h.mu.Lock(); defer h.mu.Unlock(); h.said = append(h.said, say) },
			Learned: func(told signpost.Told) {
				h.mu.Lock()
				defer h.mu.Unlock()
				if len(told.Topics) > 0 {
					h.told = append(h.told, told)
				}
			},
			Reached: func(_ int32, _ string, _ time.Duration, err error) {
				if err != nil {
					h.mu.Lock()
					defer h.mu.Unlock()
					h.failed = append(h.failed, err)
				}
			},
		},
	}
	if change != nil {
		change(&o)
	}
	if h.relay, err = New(o); err != nil {
		t.Fatal(err)
	}
	if _, err := h.relay.Open(Bootstrap, stand.Seeds...); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *host) close() {
	h.relay.Close()
	h.stand.Close()
}

func (h *host) dial() net.Conn {
	h.t.Helper()
	c, err := h.network.DialContext(h.t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", basePort))
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// client is one that finds the brokers by the relay alone: it fails the test
// where it goes elsewhere.
func (h *host) client(opts ...kgo.Opt) *kgo.Client {
	h.t.Helper()
	cl, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(fmt.Sprintf("127.0.0.1:%d", basePort)), kgo.DisableClientMetrics(), kgo.MetadataMinAge(10 * time.Millisecond),
		kgo.Dialer(func(ctx context.Context, network, address string) (net.Conn, error) {
			if !strings.HasPrefix(address, "127.0.0.1:1909") {
				h.t.Errorf("the client goes to %s", address)
			}
			return h.network.DialContext(ctx, network, address)
		}),
	}, opts...)...)
	if err != nil {
		h.t.Fatal(err)
	}
	return cl
}

func (h *host) sentences() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.said)
}

func produce(t *testing.T, cl *kgo.Client, records int) {
	t.Helper()
	for i := range records {
		r := &kgo.Record{Topic: cluster.EmbeddedTopic, Value: []byte("value"), Partition: int32(i % 6)}
		if err := cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestClientProducesAndConsumesByTheRelayAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, nil)
		defer h.close()
		cl := h.client(kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.TransactionalID("payments"), kgo.ConsumeTopics(cluster.EmbeddedTopic), kgo.ConsumerGroup("readers"))
		defer cl.Close()
		if err := cl.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		produce(t, cl, 60)
		if err := cl.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
			t.Fatal(err)
		}
		for read := 0; read < 60; {
			fetches := cl.PollFetches(t.Context())
			if err := fetches.Err(); err != nil {
				t.Fatal(err)
			}
			read += fetches.NumRecords()
		}
		if d := cmp.Diff(map[int32]int64{0: 10, 1: 10, 2: 10, 3: 10, 4: 10, 5: 10}, h.records); d != "" {
			t.Errorf("records told (-want +got):\n%s", d)
		}
		described, err := kadm.NewClient(cl).BrokerMetadata(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range described.Brokers {
			if b.Port != basePort+1+b.NodeID {
				t.Errorf("broker %d is said to be at port %d", b.NodeID, b.Port)
			}
		}
		var starts, ends bool
		for _, q := range h.asked {
			starts = starts || q.Starts && q.TransactionalID == "payments"
			ends = ends || q.Ends && q.Commits
		}
		if !starts || !ends || !slices.ContainsFunc(h.asked, func(q signpost.Question) bool { return q.Software == "kgo" }) {
			t.Errorf("asked: %+v", h.asked)
		}
		if len(h.told) == 0 || h.told[0].Topics[0].Name != cluster.EmbeddedTopic || len(h.told[0].Topics[0].Leaders) != 6 {
			t.Errorf("told: %+v", h.told)
		}
	})
}

// A fault of the link in front of the brokers is one for the client.
func TestLinkIsBetweenClientAndBrokers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, nil)
		defer h.close()
		cl := h.client()
		defer cl.Close()
		produce(t, cl, 1)
		h.link.SetRTT(30 * time.Millisecond)
		began := time.Now()
		produce(t, cl, 1)
		if took := time.Since(began); took != 30*time.Millisecond {
			t.Errorf("acknowledged after %v, want 30ms", took)
		}
		before := h.records[0] + h.records[1] + h.records[2] + h.records[3] + h.records[4] + h.records[5]
		h.link.Start(wire.Fault{Kind: wire.LoseResponse, Broker: wire.AnyBroker, Count: 1})
		produce(t, cl, 1)
		after := h.records[0] + h.records[1] + h.records[2] + h.records[3] + h.records[4] + h.records[5]
		if after != before+1 {
			t.Errorf("%d acknowledged after %d", after, before)
		}
	})
}

// What no client of Kafka's does ends its connection with one sentence, before a
// broker hears of it; others go on.
func TestStrangersAreTurnedAway(t *testing.T) {
	long := kmsg.NewRequestFormatter().AppendRequest(nil, kmsg.NewPtrApiVersionsRequest(), 1)
	binary.BigEndian.PutUint32(long, 200<<20)
	unknown := kmsg.NewRequestFormatter().AppendRequest(nil, kmsg.NewPtrApiVersionsRequest(), 1)
	unknown[4], unknown[5] = 1, 0x2c // key 300
	for name, tt := range map[string]struct {
		sent []byte
		say  string
	}{
		"HTTP":           {[]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), "speaks HTTP, not Kafka"},
		"TLS":            {append([]byte{0x16, 0x03, 0x01, 0x02, 0x00, 0x01}, make([]byte, 512)...), "speaks TLS to a port that is in the clear"},
		"endless frame":  {long, "sends a frame of 209715200 bytes"},
		"garbage":        {bytes.Repeat([]byte{0xa5, 0x17}, 40), "frame of"},
		"no such key":    {unknown, "do not have"},
		"a slow head":    {[]byte{0, 0, 0}, "does not send the head of a request within 10s"},
		"nothing at all": {nil, "does not send the head of a request within 10s"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHost(t, nil)
				defer h.close()
				cl := h.client()
				defer cl.Close()
				produce(t, cl, 1)
				before := h.open
				c := h.dial()
				defer c.Close()
				go c.Write(tt.sent)
				if n, err := c.Read(make([]byte, 1)); err == nil {
					t.Errorf("got %d bytes of an answer", n)
				}
				produce(t, cl, 1)
				said := h.sentences()
				if len(said) == 0 || !strings.Contains(said[len(said)-1], tt.say) || strings.Contains(said[len(said)-1], "\n") {
					t.Errorf("said %q", said)
				}
				if h.open != before {
					t.Errorf("%d connections were met, %d before", h.open, before)
				}
			})
		})
	}
}

// A client that keeps the rest of a request back holds a connection and nothing
// else: a broker of ours gets a long frame only whole.
func TestLongFramesReachEmbeddedBrokersWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, nil)
		defer h.close()
		c := h.dial()
		defer c.Close()
		req := kmsg.NewPtrProduceRequest()
		req.SetVersion(9)
		frame := kmsg.NewRequestFormatter().AppendRequest(nil, req, 1)
		binary.BigEndian.PutUint32(frame, 90<<20)
		if _, err := c.Write(frame); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		begun := time.Now()
		_, err := c.Read(make([]byte, 1))
		if took := time.Since(begun); err == nil || took != restWithin {
			t.Errorf("ended after %v with %v, want after %v", took, err, restWithin)
		}
		if said := h.sentences(); !strings.Contains(said[len(said)-1], "does not send the rest of a request") {
			t.Errorf("said %q", said)
		}
	})
}

// A request that is newer than what is known passes, and is told of.
func TestNewerRequestsPassAndAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, func(o *Options) { o.Careful = false })
		defer h.close()
		c := h.dial()
		defer c.Close()
		req := kmsg.NewPtrListGroupsRequest()
		req.SetVersion(req.MaxVersion())
		frame := kmsg.NewRequestFormatter().AppendRequest(nil, req, 1)
		frame[7]++
		go c.Write(frame)
		_, _ = c.Read(make([]byte, 1))
		if len(h.passed) != 1 || h.passed[0].String() != "ListGroups v6" {
			t.Errorf("passed %v", h.passed)
		}
	})
}

func TestBrokerThatIsAwayResetsItsClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("refused")
		away := false
		h := newHost(t, func(o *Options) {
			dial := o.Dial
			o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				if away {
					return nil, gone
				}
				return dial(ctx, network, address)
			}
		})
		defer h.close()
		cl := h.client()
		defer cl.Close()
		produce(t, cl, 1)
		away = true
		c := h.dial()
		defer c.Close()
		go c.Write(kmsg.NewRequestFormatter().AppendRequest(nil, kmsg.NewPtrApiVersionsRequest(), 1))
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("there is an answer")
		}
		if len(h.failed) != len(h.stand.Seeds) || !errors.Is(h.failed[0], gone) {
			t.Errorf("told %v, want one for each of %v", h.failed, h.stand.Seeds)
		}
		away = false
		produce(t, cl, 1)
	})
}

// Who sends and leaves is answered for a while, so that what it sent is known.
func TestAnswersAreAwaitedForAClientThatLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, nil)
		defer h.close()
		h.link.SetRTT(100 * time.Millisecond)
		raw := batchOf(7)
		req := kmsg.NewPtrProduceRequest()
		req.SetVersion(9)
		req.Acks, req.TimeoutMillis = -1, 1000
		topic := kmsg.NewProduceRequestTopic()
		topic.Topic = cluster.EmbeddedTopic
		part := kmsg.NewProduceRequestTopicPartition()
		part.Records = raw
		topic.Partitions = append(topic.Partitions, part)
		req.Topics = append(req.Topics, topic)
		c := h.dial()
		if _, err := c.Write(kmsg.NewRequestFormatter().AppendRequest(nil, req, 1)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		c.Close()
		time.Sleep(time.Second)
		synctest.Wait()
		if h.records[0] != 7 || h.open != 0 || h.relay.Connections() != 0 {
			t.Errorf("%d records acknowledged, %d met, %d connections open; want 7, 0, 0", h.records[0], h.open, h.relay.Connections())
		}
	})
}

func TestClosedRelayLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, nil)
		cl := h.client()
		produce(t, cl, 6)
		idle := h.dial()
		h.close() // the bubble fails if a goroutine is left
		if _, err := idle.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("an open connection ends with %v", err)
		}
		cl.Close()
		if _, err := h.relay.Open(3, "127.0.0.1:1"); err == nil {
			t.Error("a port opens after Close")
		}
	})
}

func TestAddressesThatAreNone(t *testing.T) {
	for _, address := range []string{"", "9092", "localhost", "localhost:http", "localhost:70000", "localhost:-1"} {
		if _, err := New(Options{Address: address}); err == nil {
			t.Errorf("%q is taken", address)
		}
	}
}

func TestPortsOnRealSockets(t *testing.T) {
	r, err := New(Options{Address: "127.0.0.1:0", Listen: net.Listen, Link: wire.NewLink(), Hear: Hear{Tell: func(string) {}}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for id := range int32(3) {
		number, err := r.Place(signpost.Broker{ID: id, Host: "kafka.prod", Port: 9092})
		again, err2 := r.Place(signpost.Broker{ID: id, Host: "kafka2.prod", Port: 9092})
		if err != nil || err2 != nil || number == 0 || number != again {
			t.Errorf("broker %d: port %d, then %d; %v, %v", id, number, again, err, err2)
		}
		if d := cmp.Diff([]string{"kafka2.prod:9092"}, r.Ports()[id].Behind()); d != "" {
			t.Errorf("behind (-want +got):\n%s", d)
		}
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s, err := New(Options{Address: taken.Addr().String(), Listen: net.Listen, Link: wire.NewLink(), Hear: Hear{Tell: func(string) {}}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Open(Bootstrap); !inUse(err) {
		t.Errorf("a port in use: %v", err)
	}
	if number, err := s.Place(signpost.Broker{ID: 1}); err != nil || number == 0 {
		t.Errorf("beside a port in use: %d, %v", number, err)
	}
}

// batchOf is a batch of so many records without keys.
func batchOf(records int) []byte {
	b := kmsg.RecordBatch{PartitionLeaderEpoch: -1, Magic: 2, ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1, NumRecords: int32(records), LastOffsetDelta: int32(records - 1)}
	for i := range records {
		r := kmsg.Record{OffsetDelta: int32(i), Value: []byte("value")}
		r.Length = int32(len(r.AppendTo(nil)) - 1)
		b.Records = r.AppendTo(b.Records)
	}
	b.Length = int32(49 + len(b.Records))
	raw := b.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[17:], checksum(raw[21:]))
	return raw
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(p []byte) uint32 { return crc32.Checksum(p, castagnoli) }
