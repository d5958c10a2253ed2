package xray

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/cluster"
	"kdyno/engine/wire"
	"kdyno/engine/xray/relay"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

const basePort = 19092

// bed is embedded brokers behind a relay, in fake time, and the guests of both.
type bed struct {
	t       *testing.T
	network cluster.Network
	stand   *cluster.Stand
	link    *wire.Link
	relay   *relay.Relay
	guests  *Guests

	mu    sync.Mutex
	index map[string]int32
	said  []string
	shut  bool
	stop  chan struct{}
	done  sync.WaitGroup
}

// newBed must be closed. What is asked for is made; the sampler runs.
func newBed(t *testing.T) *bed {
	t.Helper()
	return newBedOn(t, cluster.Options{Partitions: 6})
}

// newBedOn has brokers as the options say.
func newBedOn(t *testing.T, o cluster.Options) *bed {
	t.Helper()
	b := &bed{t: t, link: wire.NewLink(), index: map[string]int32{}, stop: make(chan struct{})}
	o.Nodes, o.Network, o.Bare = 3, &b.network, true
	stand, err := cluster.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	b.stand = stand
	b.guests = New(Options{
		Start: time.Now(),
		Index: func(topic string, partition int32) int32 {
			b.mu.Lock()
			defer b.mu.Unlock()
			at := topic + "/" + strconv.Itoa(int(partition))
			i, ok := b.index[at]
			if !ok {
				i = int32(len(b.index))
				b.index[at] = i
			}
			return i
		},
		Want: func(topics []string, mayCreate bool) {
			for _, name := range topics {
				if mayCreate {
					_, _ = stand.MakeTopic(context.Background(), name)
				}
			}
		},
		Refuse: func() bool { b.mu.Lock(); defer b.mu.Unlock(); return b.shut },
		Tell:   b.tell,
	})
	b.relay, err = relay.New(relay.Options{
		Address: fmt.Sprintf("127.0.0.1:%d", basePort), Listen: b.network.Listen, Dial: stand.Dial, Link: b.link, Careful: true,
		Hear: relay.Hear{
			Meet: b.guests.Meet, Learned: b.guests.Learned, Tell: b.tell,
			Reached: func(int32, string, time.Duration, error) {},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, broker := range stand.Brokers() {
		if _, err := b.relay.Open(broker.ID, broker.Address); err != nil {
			t.Fatal(err)
		}
	}
	b.done.Go(b.sample)
	return b
}

func (b *bed) tell(say string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.said = append(b.said, say)
}

func (b *bed) sample() {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			b.guests.Close(telemetry.Close{At: b.guests.now()}, nil, false)
		case <-b.stop:
			return
		}
	}
}

func (b *bed) close() {
	close(b.stop)
	b.done.Wait()
	b.relay.Close()
	b.stand.Close()
}

// rest lets the last interval of every guest be closed.
func rest() {
	time.Sleep(11 * time.Second)
	synctest.Wait()
}

func (b *bed) producer(opts ...kgo.Opt) *kgo.Client {
	b.t.Helper()
	cl, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(fmt.Sprintf("127.0.0.1:%d", basePort)), kgo.DisableClientMetrics(), kgo.MetadataMinAge(10 * time.Millisecond),
		kgo.AllowAutoTopicCreation(), kgo.DefaultProduceTopic("orders"), kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.Dialer(func(ctx context.Context, network, address string) (net.Conn, error) {
			return b.network.DialContext(ctx, network, address)
		}),
	}, opts...)...)
	if err != nil {
		b.t.Fatal(err)
	}
	return cl
}

// send produces n records evenly over a time and waits for all of them.
func send(t *testing.T, cl *kgo.Client, n int, over time.Duration) {
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

// only is the one client of a report.
func (b *bed) only() report.Client {
	b.t.Helper()
	var x report.Xray
	b.guests.Report(&x)
	if len(x.Clients) != 1 || len(x.Others) != 0 {
		b.t.Fatalf("got %d clients and %d others: %+v", len(x.Clients), len(x.Others), x)
	}
	return x.Clients[0]
}

// stored is what the logs hold, by partition.
func (b *bed) stored(topic string) map[int32]int64 {
	b.t.Helper()
	cl := b.producer()
	defer cl.Close()
	ends := map[int32]int64{}
	for p := range int32(6) {
		info, err := endOffset(b.t.Context(), cl, topic, p)
		if err != nil {
			b.t.Fatal(err)
		}
		ends[p] = info
	}
	return ends
}

func (b *bed) assertStored(topic string, c report.Client) {
	b.t.Helper()
	said := map[int32]int64{}
	for _, p := range c.Partitions {
		if p.Topic == topic {
			said[p.Partition] = p.Records
		}
	}
	if d := cmp.Diff(b.stored(topic), said); d != "" {
		b.t.Errorf("records by partition (-end offsets +told):\n%s", d)
	}
}

func TestProducerIsSeenAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		defer b.close()
		cl := b.producer(
			kgo.ClientID("checkout"), kgo.SoftwareNameAndVersion("shop", "2.7"), kgo.ProducerLinger(20*time.Millisecond),
			kgo.ProduceRequestTimeout(7*time.Second),
		)
		b.link.SetRTT(3 * time.Millisecond)
		send(t, cl, 5000, 10*time.Second)
		cl.Close()
		rest()
		c := b.only()
		want := report.Other{ClientID: "checkout", Software: "shop", Release: "2.7", Address: "pipe"}
		if d := cmp.Diff(want, c.Other); d != "" {
			t.Errorf("who it is (-want +got):\n%s", d)
		}
		if c.Records != 5000 || c.Came != 5000 || c.Acks != "all" || !c.Idempotent || c.Codec != "none" || c.Retries != 0 || c.InFlightMax < 1 {
			t.Errorf("what it did: %+v", c)
		}
		b.assertStored("orders", c)
		if *c.AnswerMeanMs != 3 {
			t.Errorf("answers take %v ms, want 3", *c.AnswerMeanMs)
		}
		if open := *c.BatchOpenMeanMs; open < 17 || open > 20 {
			t.Errorf("batches are open for %v ms, want 18: ten records in 20 ms", open)
		}
		if *c.RecordsPerBatch < 9 || *c.RecordsPerBatch > 11 || *c.BytesPerBatch < 1000 || *c.RecordsPerRequest < *c.RecordsPerBatch {
			t.Errorf("%v records of %v bytes a batch, %v a request", *c.RecordsPerBatch, *c.BytesPerBatch, *c.RecordsPerRequest)
		}
		for key, value := range map[string]string{
			"acks": "all", "enable.idempotence": "true", "compression.type": "none", "linger.ms": "20", "request.timeout.ms": "7000",
		} {
			if got := c.Inferred[key]; got.Value != value {
				t.Errorf("%s is %+v, want %s", key, got, value)
			}
		}
		if c.Guarantee.Name != "exactly once per partition and producer session" {
			t.Errorf("the guarantee is %q", c.Guarantee.Name)
		}
	})
}

// Whatever is lost on the way, each record is counted once, and each repeat is
// seen.
func TestRetriesAreToldAndCountedOnce(t *testing.T) {
	for name, opts := range map[string][]kgo.Opt{
		"idempotent": nil,
		"plain":      {kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(1)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t)
				defer b.close()
				cl := b.producer(append(opts, kgo.ProducerLinger(5*time.Millisecond), kgo.RetryBackoffFn(func(int) time.Duration { return 50 * time.Millisecond }))...)
				send(t, cl, 500, time.Second)
				b.link.Start(wire.Fault{Kind: wire.LoseRequest, Broker: wire.AnyBroker, Count: 3})
				send(t, cl, 500, time.Second)
				f, err := b.stand.Start(cluster.Fault{Kind: cluster.ErrorAnswer, Broker: cluster.AnyBroker, Partition: cluster.AnyPartition, Code: 19, Count: 5})
				if err != nil {
					t.Fatal(err)
				}
				send(t, cl, 500, time.Second)
				<-f.Done()
				cl.Close()
				rest()
				c := b.only()
				if c.Records != 1500 || c.Came != 1500 {
					t.Errorf("%d records acknowledged, %d came, want 1500", c.Records, c.Came)
				}
				b.assertStored("orders", c)
				if c.Retries < 8 || c.Errors["NOT_ENOUGH_REPLICAS"] < 5 {
					t.Errorf("%d retries, errors %v; want 8 at least, 5 at least", c.Retries, c.Errors)
				}
				if c.RetriesSure != (name == "idempotent") {
					t.Errorf("retries are sure: %v", c.RetriesSure)
				}
				if i := c.Inferred["retries"]; i.Value != "1" || i.Sure != report.Bound {
					t.Errorf("retries are %+v", i)
				}
			})
		})
	}
}

// An answer that is lost makes an idempotent producer repeat what is stored: one
// record in the log, one in the count.
func TestLostAnswersOfAnIdempotentProducer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		defer b.close()
		cl := b.producer(kgo.RetryBackoffFn(func(int) time.Duration { return 50 * time.Millisecond }))
		send(t, cl, 10, time.Second)
		b.link.Start(wire.Fault{Kind: wire.LoseResponse, Broker: wire.AnyBroker, Count: 4})
		send(t, cl, 100, time.Second)
		cl.Close()
		rest()
		c := b.only()
		if c.Records != 110 || c.Came != 110 || c.Retries < 4 {
			t.Errorf("%d records acknowledged, %d came, %d retries; want 110, 110, 4", c.Records, c.Came, c.Retries)
		}
		b.assertStored("orders", c)
	})
}

func TestAcksZeroCountsWhatCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		defer b.close()
		cl := b.producer(kgo.RequiredAcks(kgo.NoAck()), kgo.DisableIdempotentWrite(), kgo.ProducerLinger(5*time.Millisecond))
		send(t, cl, 300, time.Second)
		time.Sleep(time.Second)
		cl.Close()
		rest()
		c := b.only()
		if c.Records != 300 || c.Acks != "0" || c.AnswerMeanMs != nil || c.Guarantee.Name != "at most once" {
			t.Errorf("got %+v", c)
		}
		if i := c.Inferred["linger.ms"]; i.Value != "5" {
			t.Errorf("linger.ms is %+v", i)
		}
	})
}

func TestTransactionsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		defer b.close()
		cl := b.producer(kgo.TransactionalID("payments"), kgo.TransactionTimeout(40*time.Second))
		for _, end := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort, kgo.TryCommit} {
			if err := cl.BeginTransaction(); err != nil {
				t.Fatal(err)
			}
			send(t, cl, 10, 100*time.Millisecond)
			if err := cl.EndTransaction(t.Context(), end); err != nil {
				t.Fatal(err)
			}
		}
		cl.Close()
		rest()
		c := b.only()
		want := &report.Transactions{Committed: 2, Aborted: 1, TimeoutMs: 40_000}
		if d := cmp.Diff(want, c.Transactions); d != "" || c.TransactionalID != "payments" {
			t.Errorf("transactions of %q (-want +got):\n%s", c.TransactionalID, d)
		}
		if c.Guarantee.Name != "exactly once over partitions" {
			t.Errorf("the guarantee is %q", c.Guarantee.Name)
		}
	})
}

// A broker that is fed too much, too slowly or goes away: what it answers is told
// as such.
func TestThrottledProducerIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		defer b.close()
		b.stand.SetQuota(20_000)
		cl := b.producer()
		send(t, cl, 3000, 3*time.Second)
		cl.Close()
		rest()
		if c := b.only(); c.ThrottleMs == 0 || c.LimitedBy != "quota" {
			t.Errorf("throttled for %v ms, limited by %q", c.ThrottleMs, c.LimitedBy)
		}
	})
}

// Producers of one name are one guest, and said to be several.
func TestGuestsAreToldApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		defer b.close()
		var all []*kgo.Client
		for _, id := range []string{"a", "b", "b"} {
			cl := b.producer(kgo.ClientID(id), kgo.RecordPartitioner(kgo.ManualPartitioner()))
			all = append(all, cl)
			send(t, cl, 10, time.Second)
		}
		reader := b.producer(kgo.ClientID("reader"), kgo.ConsumeTopics("orders"))
		if err := reader.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		rest()
		var x report.Xray
		b.guests.Report(&x)
		got := map[string][2]int64{}
		for _, c := range x.Clients {
			got[c.ClientID] = [2]int64{c.Records, int64(c.Producers)}
		}
		if d := cmp.Diff(map[string][2]int64{"a": {10, 1}, "b": {20, 2}}, got); d != "" {
			t.Errorf("records and producers (-want +got):\n%s", d)
		}
		if len(x.Others) != 1 || x.Others[0].ClientID != "reader" || x.Others[0].Connections == 0 {
			t.Errorf("others: %+v", x.Others)
		}
		for _, cl := range append(all, reader) {
			cl.Close()
		}
		rest()
		for _, g := range b.guests.List() {
			if g.isHere() {
				t.Errorf("%s is still here", g.Name())
			}
		}
	})
}

// Who is not here while the entry is shut cannot come; who is goes on.
func TestNobodyNewComesWhileTheEntryIsShut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		defer b.close()
		cl := b.producer(kgo.ClientID("here"))
		send(t, cl, 10, time.Second)
		b.mu.Lock()
		b.shut = true
		b.mu.Unlock()
		late := b.producer(kgo.ClientID("late"))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := late.Ping(ctx); err == nil {
			t.Error("a new client comes in")
		}
		late.Close()
		send(t, cl, 10, time.Second)
		cl.Close()
		rest()
		if c := b.only(); c.Records != 20 {
			t.Errorf("%d records of who is here", c.Records)
		}
	})
}

// Names that a stranger gives are harmless and bounded.
func TestNamesOfStrangersAreHarmless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		defer b.close()
		cl := b.producer(kgo.ClientID("evil\x1b]0;owned\x07\u202e"))
		send(t, cl, 1, time.Second)
		cl.Close()
		rest()
		if c := b.only(); c.ClientID != `evil\u001b]0;owned\u0007\u202e` {
			t.Errorf("the name is %q", c.ClientID)
		}
	})
}

func endOffset(ctx context.Context, cl *kgo.Client, topic string, partition int32) (int64, error) {
	ends, err := kadm.NewClient(cl).ListEndOffsets(ctx, topic)
	if err != nil {
		return 0, err
	}
	o, _ := ends.Lookup(topic, partition)
	return o.Offset, o.Err
}
