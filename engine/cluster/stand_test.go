package cluster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine/setting"
)

func opened(t *testing.T, o Options) *Stand {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestEmbeddedLeadersAreSpreadEvenly(t *testing.T) {
	for _, c := range []struct{ nodes, partitions int }{{1, 6}, {3, 6}, {3, 7}, {5, 3}, {12, 100}} {
		s := opened(t, Options{Nodes: c.nodes, Partitions: c.partitions})
		topics := s.Topics()
		if len(topics) != 1 || topics[0].Name != EmbeddedTopic || len(topics[0].Leaders) != c.partitions {
			t.Fatalf("%+v: got %+v", c, topics)
		}
		led := map[int32]int{}
		for _, l := range topics[0].Leaders {
			led[l]++
		}
		for node := range int32(c.nodes) {
			low, high := c.partitions/c.nodes, (c.partitions+c.nodes-1)/c.nodes
			if n := led[node]; n < low || n > high {
				t.Errorf("%+v: broker %d leads %d, want %d to %d", c, node, n, low, high)
			}
		}
		if got := len(s.Brokers()); got != c.nodes {
			t.Errorf("got %d brokers, want %d", got, c.nodes)
		}
	}
}

func TestEmbeddedClusterSaysWhatItIs(t *testing.T) {
	s := opened(t, Options{Topics: []string{"b", "a"}, Nodes: 3, Partitions: 2})
	if !s.Embedded || s.Version != "kfake" || s.ID != "kdyno-embedded" {
		t.Errorf("got embedded %v, version %q, id %q", s.Embedded, s.Version, s.ID)
	}
	if got := s.Foreign(); len(got) != 0 {
		t.Errorf("foreign addresses %v, want none", got)
	}
	topics := s.Topics()
	if len(topics) != 2 || topics[0].Name != "b" || topics[1].Name != "a" {
		t.Fatalf("got %+v, want b and a as they were named", topics)
	}
	// What follows from copies is left unknown: it keeps none.
	want := setting.Facts{Brokers: 3, Partitions: 4, FewestInTopic: 2, MaxMessageBytes: 1048588, Version: "kfake"}
	if diff := cmp.Diff(want, s.Facts()); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

func TestFactsTakeTheWeakestTopic(t *testing.T) {
	s := &Stand{Version: "4.0", brokers: []Broker{{}, {}, {}}, topics: []Topic{
		{Leaders: make([]int32, 4), Replication: 3, MinInsync: 2, MaxMessageBytes: 2000},
		{Leaders: make([]int32, 2), Replication: 2, MaxMessageBytes: 1000},
		{Leaders: make([]int32, 1), MinInsync: 1},
	}}
	want := setting.Facts{Brokers: 3, Partitions: 7, FewestInTopic: 1, Replication: 2, MinInsync: 1, MaxMessageBytes: 1000, Version: "4.0"}
	if diff := cmp.Diff(want, s.Facts()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestForeignListsEveryAddressBeyondThisMachine(t *testing.T) {
	for _, c := range []struct {
		name             string
		seeds, advertise []string
		want             []string
	}{
		{"loopback", []string{"127.0.0.1:9092", "127.8.9.1:1", "[::1]:9092", "localhost:9092", "LocalHost:1", "localhost", "::1", "[::1]", "127.0.0.1"}, nil, nil},
		{"mapped loopback", []string{"[::ffff:127.0.0.1]:9092"}, nil, nil},
		{"named", []string{"broker-1:9092"}, nil, []string{"broker-1:9092"}},
		{"a name that only looks local", []string{"localhost.example.org:9092", "127.0.0.1.example.org:1", "my-localhost"}, nil, []string{"localhost.example.org:9092", "127.0.0.1.example.org:1", "my-localhost"}},
		{"advertised beyond", []string{"127.0.0.1:9092"}, []string{"127.0.0.1:9092", "10.0.0.7:9092"}, []string{"10.0.0.7:9092"}},
		{"each once", []string{"10.0.0.7:9092"}, []string{"10.0.0.7:9092", "10.0.0.7:9093"}, []string{"10.0.0.7:9092", "10.0.0.7:9093"}},
		{"private and all interfaces", []string{"192.168.0.1:1", "0.0.0.0:1", "[fe80::1]:1", "[::]:1"}, nil, []string{"192.168.0.1:1", "0.0.0.0:1", "[fe80::1]:1", "[::]:1"}},
	} {
		s := &Stand{Seeds: c.seeds}
		for _, a := range c.advertise {
			s.brokers = append(s.brokers, Broker{Address: a})
		}
		if diff := cmp.Diff(c.want, s.Foreign(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// hostOf makes every broker advertise this host.
func hostOf(c *kfake.Cluster, host string) {
	c.ControlKey(int16(kmsg.Metadata), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		resp := answer(req)
		b := kmsg.NewMetadataResponseBroker()
		b.NodeID, b.Host, b.Port = 4, host, 9092
		resp.Brokers = append(resp.Brokers, b)
		return resp, nil, true
	})
}

// answer tells of every topic asked for, led by broker 4.
func answer(req kmsg.Request) *kmsg.MetadataResponse {
	asked := req.(*kmsg.MetadataRequest)
	resp := asked.ResponseKind().(*kmsg.MetadataResponse)
	resp.ClusterID = kmsg.StringPtr("elsewhere")
	for _, a := range asked.Topics {
		topic := kmsg.NewMetadataResponseTopic()
		topic.Topic = a.Topic
		p := kmsg.NewMetadataResponseTopicPartition()
		p.Leader, p.Replicas = 4, []int32{4, 5}
		topic.Partitions = append(topic.Partitions, p)
		resp.Topics = append(resp.Topics, topic)
	}
	return resp
}

// The bootstrap address of a tunnel is on this machine and the brokers are
// not: what they advertise decides.
func TestAdvertisedAddressesAreForeignToo(t *testing.T) {
	for _, c := range []struct {
		host string
		want []string
	}{
		{"broker-1.example.org", []string{"broker-1.example.org:9092"}},
		{"10.1.2.3", []string{"10.1.2.3:9092"}},
		{"2001:db8::1", []string{"[2001:db8::1]:9092"}},
		{"::1", nil},
		{"localhost", nil},
		{"127.0.0.1", nil},
	} {
		cluster, o := fake(t)
		o.Topics = []string{"t"}
		s := &Stand{Seeds: o.Brokers, names: o.Topics, dial: (&net.Dialer{}).DialContext}
		if err := s.connect(); err != nil {
			t.Fatal(err)
		}
		hostOf(cluster, c.host)
		if err := s.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, s.Foreign(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.host, diff)
		}
		s.Close()
	}
}

func TestRefreshFollowsLeaders(t *testing.T) {
	cluster, o := fake(t, kfake.SeedTopics(3, "t"))
	o.Topics = []string{"t"}
	s := opened(t, o)
	r := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		p, to := r.Int32N(3), r.Int32N(3)
		if err := cluster.MoveTopicPartition("t", p, to); err != nil {
			t.Fatal(err)
		}
		if err := s.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.Topics()[0].Leaders[p]; got != to {
			t.Errorf("partition %d: leader %d, want %d", p, got, to)
		}
	}
	if got := s.Topics()[0]; got.Replication != 3 || got.TimestampType != "CreateTime" || got.ID == [16]byte{} {
		t.Errorf("a refresh forgot what was read at first: %+v", got)
	}
}

// What the run counts by must not shrink because a broker that just started
// does not know a topic yet, or because it may not be seen any more.
func TestRefreshKeepsWhatItKnew(t *testing.T) {
	for _, code := range []*kerr.Error{kerr.UnknownTopicOrPartition, kerr.LeaderNotAvailable, kerr.TopicAuthorizationFailed} {
		cluster, o := fake(t, kfake.SeedTopics(3, "t", "u"))
		o.Topics = []string{"u", "t"}
		s := opened(t, o)
		topics, brokers := s.Topics(), s.Brokers()
		cluster.ControlKey(int16(kmsg.Metadata), func(req kmsg.Request) (kmsg.Response, error, bool) {
			cluster.KeepControl()
			resp := answer(req)
			for i := range resp.Topics {
				resp.Topics[i].ErrorCode, resp.Topics[i].Partitions = code.Code, nil
			}
			return resp, nil, true
		})
		err := s.Refresh(t.Context())
		if refused := errors.Is(code, kerr.TopicAuthorizationFailed); refused != (err != nil) {
			t.Errorf("%s: got %v", code.Message, err)
		} else if refused && !cmp.Equal(s.Brokers(), brokers) {
			t.Errorf("%s: the brokers are forgotten", code.Message)
		}
		if diff := cmp.Diff(topics, s.Topics()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", code.Message, diff)
		}
		if s.ID == "elsewhere" {
			t.Errorf("%s: the cluster's id changed", code.Message)
		}
	}
}

func TestReadTakesPartitionsInAnyOrder(t *testing.T) {
	var a kmsg.MetadataResponseTopic
	for _, p := range []struct {
		number, leader int32
		copies         int
	}{{2, 7, 3}, {0, -1, 2}, {9, 1, 3}, {-1, 1, 3}} {
		m := kmsg.NewMetadataResponseTopicPartition()
		m.Partition, m.Leader, m.Replicas, m.ISR = p.number, p.leader, make([]int32, p.copies), make([]int32, p.copies-1)
		a.Partitions = append(a.Partitions, m)
	}
	got := Topic{Name: "t", Leaders: []int32{1}, Replication: 1}
	got.read(a)
	if want := (Topic{Name: "t", Leaders: []int32{-1, -1, 7, -1}, InSync: []int{1, 0, 2, 0}, Replication: 2}); !cmp.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRealClusterIsDescribed(t *testing.T) {
	_, o := fake(t, kfake.SeedTopics(2, "t"), kfake.ClusterID("here"))
	o.Topics = []string{"t"}
	s := opened(t, o)
	if s.Embedded || s.ID != "here" || s.Version == "" || strings.Contains(s.Version, "kfake") {
		t.Errorf("got embedded %v, id %q, version %q", s.Embedded, s.ID, s.Version)
	}
	facts := s.Facts()
	if facts.Replication != 3 || facts.MinInsync == 0 || facts.MaxMessageBytes == 0 {
		t.Errorf("got %+v, want copies, in-sync copies and the largest message", facts)
	}
}

func TestNetworkCarriesARealClusterToo(t *testing.T) {
	network := &kfake.VirtualNetwork{}
	_, err := kfake.NewCluster(kfake.Ports(9092), kfake.ListenFn(network.Listen), kfake.SeedTopics(1, "t"))
	if err != nil {
		t.Fatal(err)
	}
	s := opened(t, Options{Brokers: []string{"127.0.0.1:9092"}, Topics: []string{"t"}, Network: network})
	if s.Embedded || len(s.Topics()) != 1 {
		t.Errorf("got %+v", s.Topics())
	}
}

func TestCloseEndsEverythingAndMayBeCalledAgain(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 5 {
		s, err := Open(t.Context(), Options{Nodes: 3, Partitions: 6})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		s.Close()
	}
	settle(t, before)
}

// Six partitions keep about 2 MiB each and one segment that still fills.
func TestEmbeddedMemoryIsBounded(t *testing.T) {
	s := opened(t, Options{Nodes: 3, Partitions: 6})
	cl, err := kgo.NewClient(
		kgo.SeedBrokers(s.Seeds...), kgo.Dialer(s.Dial), kgo.DefaultProduceTopic(EmbeddedTopic),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	const total, size = 200 << 20, 16 << 10
	value := make([]byte, size)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	for n := 0; n < total/size && ctx.Err() == nil; n++ {
		cl.Produce(ctx, &kgo.Record{Value: value}, func(_ *kgo.Record, err error) {
			if err != nil {
				cancel(fmt.Errorf("record lost: %w", err))
			}
		})
	}
	if err := cl.Flush(ctx); err != nil {
		t.Fatal(err, context.Cause(ctx))
	}
	// The cleaner comes by five times a second, later on a busy machine.
	heap := uint64(math.MaxUint64)
	for deadline := time.Now().Add(20 * time.Second); heap > 100 && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		heap = m.HeapAlloc >> 20
	}
	if heap > 100 {
		t.Errorf("heap of %d MiB after 200 MiB were stored, want at most 100", heap)
	}
}
