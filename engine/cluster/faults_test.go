package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ears keep what the stand tells.
type ears struct {
	mu    sync.Mutex
	from  time.Time
	heard []string
}

func (e *ears) hear(say string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, fmt.Sprintf("%v %s", time.Since(e.from), say))
}

func (e *ears) said() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.heard)
}

// onStand runs a test in fake time on three embedded brokers with six
// partitions.
func onStand(t *testing.T, test func(*testing.T, *Stand, *ears)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := &ears{from: time.Now()}
		s, err := Open(t.Context(), Options{Nodes: 3, Partitions: 6, Network: &Network{}, Told: e.hear})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		test(t, s, e)
	})
}

func broken(t *testing.T, s *Stand, f Fault) *ActiveFault {
	t.Helper()
	a, err := s.Start(f)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// seen is what the cluster says of itself.
type seen struct {
	Brokers    []int32
	Controller int32
	Leaders    []int32
	Epochs     []int32
	ISR        [][]int32
	Offline    []int // replicas of each partition
	Errors     []int16
}

func look(t *testing.T, s *Stand) seen {
	t.Helper()
	req := kmsg.NewPtrMetadataRequest()
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = kmsg.StringPtr(EmbeddedTopic)
	req.Topics = append(req.Topics, topic)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	resp, err := req.RequestWith(ctx, s.admin)
	for tries := 0; err != nil && tries < 5; tries++ { // it may ask one that is down
		resp, err = req.RequestWith(ctx, s.admin)
	}
	if err != nil {
		t.Fatal(err)
	}
	out := seen{Controller: resp.ControllerID}
	for _, b := range resp.Brokers {
		out.Brokers = append(out.Brokers, b.NodeID)
	}
	slices.Sort(out.Brokers)
	n := len(resp.Topics[0].Partitions)
	out.Leaders, out.Epochs, out.ISR = make([]int32, n), make([]int32, n), make([][]int32, n)
	out.Offline, out.Errors = make([]int, n), make([]int16, n)
	for _, p := range resp.Topics[0].Partitions {
		i := p.Partition
		out.Leaders[i], out.Epochs[i], out.ISR[i] = p.Leader, p.LeaderEpoch, slices.Sorted(slices.Values(p.ISR))
		out.Offline[i], out.Errors[i] = len(p.OfflineReplicas), p.ErrorCode
	}
	return out
}

// Only what the broker led moves; kfake's own way to lose a node would move all.
func TestBrokerDownMovesOnlyWhatItLed(t *testing.T) {
	onStand(t, func(t *testing.T, s *Stand, e *ears) {
		before := look(t, s)
		a := broken(t, s, Fault{Kind: BrokerDown, Broker: 1, Partition: AnyPartition})
		during := look(t, s)
		want := before
		want.Brokers, want.Leaders = []int32{0, 2}, []int32{0, 2, 2, 0, 2, 2}
		want.Epochs, want.ISR = slices.Clone(before.Epochs), slices.Repeat([][]int32{{0, 2}}, 6)
		want.Epochs[1]++
		want.Epochs[4]++
		want.Offline = []int{1, 1, 1, 1, 1, 1}
		if d := cmp.Diff(want, during); d != "" {
			t.Errorf("while broker 1 is down (-want +got):\n%s", d)
		}
		if _, err := s.Dial(t.Context(), "tcp", s.own.doors[1].Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dialling it gives %v, want that it is refused", err)
		}
		a.Heal()
		<-a.Done()
		want.Brokers, want.ISR, want.Offline = before.Brokers, before.ISR, before.Offline
		if d := cmp.Diff(want, look(t, s)); d != "" {
			t.Errorf("once it is back (-want +got):\n%s", d)
		}
		time.Sleep(giveBackAfter)
		synctest.Wait()
		after := look(t, s)
		if d := cmp.Diff(before.Leaders, after.Leaders); d != "" || after.Epochs[1] != before.Epochs[1]+2 || after.Epochs[0] != before.Epochs[0] {
			t.Errorf("2 s later: epochs %v, leaders (-before +got):\n%s", after.Epochs, d)
		}
		if said := strings.Join(e.said(), "\n"); !strings.Contains(said, "broker 1 leads its partitions again") {
			t.Errorf("it was told %q, want that broker 1 leads again", said)
		}
	})
}

// A crash is noticed later: until then the metadata still names the dead one.
func TestLeadersMoveOnceTheCrashIsNoticed(t *testing.T) {
	onStand(t, func(t *testing.T, s *Stand, _ *ears) {
		before := look(t, s)
		a := broken(t, s, Fault{Kind: BrokerDown, Broker: 0, Delay: 9 * time.Second})
		time.Sleep(8 * time.Second)
		if d := cmp.Diff(before, look(t, s)); d != "" {
			t.Errorf("before it is noticed (-before +got):\n%s", d)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := look(t, s); !slices.Equal(got.Leaders, []int32{1, 1, 2, 1, 1, 2}) || len(got.Brokers) != 2 {
			t.Errorf("got leaders %v and brokers %v, want 0's partitions led by 1", got.Leaders, got.Brokers)
		}
		a.Heal()
		// One that is back before that never moved.
		time.Sleep(giveBackAfter + time.Second)
		a = broken(t, s, Fault{Kind: BrokerDown, Broker: 0, Delay: 9 * time.Second})
		time.Sleep(time.Second)
		a.Heal()
		time.Sleep(time.Minute)
		if got := look(t, s); !slices.Equal(got.Leaders, before.Leaders) || got.Epochs[0] != before.Epochs[0]+2 {
			t.Errorf("got leaders %v, epoch %d; want %v and %d", got.Leaders, got.Epochs[0], before.Leaders, before.Epochs[0]+2)
		}
	})
}

func TestBrokersGoDownOneByOne(t *testing.T) {
	onStand(t, func(t *testing.T, s *Stand, _ *ears) {
		down := Fault{Kind: BrokerDown, Broker: AnyBroker}
		first, second := broken(t, s, down), broken(t, s, down)
		if first.Broker() != 0 || second.Broker() != 1 {
			t.Errorf("brokers %d and %d went down, want the lowest that are up", first.Broker(), second.Broker())
		}
		got := look(t, s)
		if !slices.Equal(got.Leaders, []int32{2, 2, 2, 2, 2, 2}) || got.Controller != 2 {
			t.Errorf("got leaders %v, controller %d; want all at 2", got.Leaders, got.Controller)
		}
		var refused *Refusal
		if _, err := s.Start(Fault{Kind: BrokerDown, Broker: 1}); !errors.As(err, &refused) || refused.Kind != Usage || refused.Hint == "" {
			t.Errorf("got %v for a broker that is down, want a refusal with a hint", err)
		}
		third := broken(t, s, down)
		if _, err := s.Start(down); err == nil {
			t.Error("got a fourth broker down of three")
		}
		// The first that is back leads all; each gets its own back in time.
		second.Heal()
		if got := look(t, s); !slices.Equal(got.Leaders, []int32{1, 1, 1, 1, 1, 1}) || got.Controller != 1 {
			t.Errorf("got leaders %v, controller %d; want all at 1", got.Leaders, got.Controller)
		}
		first.Heal()
		third.Heal()
		time.Sleep(giveBackAfter)
		synctest.Wait()
		if got := look(t, s); !slices.Equal(got.Leaders, []int32{0, 1, 2, 0, 1, 2}) {
			t.Errorf("got leaders %v, want the preferred ones", got.Leaders)
		}
	})
}

func TestLeadersMoveAndStay(t *testing.T) {
	onStand(t, func(t *testing.T, s *Stand, _ *ears) {
		a := broken(t, s, Fault{Kind: LeaderMove, Broker: AnyBroker, Partition: 2, Every: time.Second})
		time.Sleep(1500 * time.Millisecond)
		a.Heal()
		if got := look(t, s); !slices.Equal(got.Leaders, []int32{0, 1, 1, 0, 1, 2}) || a.Hits() != 2 {
			t.Errorf("got leaders %v after %d moves, want partition 2 at broker 1 after 2", got.Leaders, a.Hits())
		}
		b := broken(t, s, Fault{Kind: LeaderMove, Broker: AnyBroker, Partition: AnyPartition})
		b.Heal()
		time.Sleep(time.Hour)
		if got := look(t, s); !slices.Equal(got.Leaders, []int32{1, 2, 2, 1, 2, 0}) || b.Hits() != 6 {
			t.Errorf("got leaders %v after %d moves, want each at the next broker for good", got.Leaders, b.Hits())
		}
		// They do not move to one that is down.
		down := broken(t, s, Fault{Kind: BrokerDown, Broker: 0})
		c := broken(t, s, Fault{Kind: LeaderMove, Broker: AnyBroker, Partition: 1})
		c.Heal()
		if got := look(t, s); got.Leaders[1] != 1 {
			t.Errorf("partition 1 moved to %d, want 1", got.Leaders[1])
		}
		down.Heal()
	})
}

func TestLeaderlessPartitionHasNoLeaderInTheMetadata(t *testing.T) {
	onStand(t, func(t *testing.T, s *Stand, _ *ears) {
		before := look(t, s)
		a := broken(t, s, Fault{Kind: Leaderless, Broker: AnyBroker, Partition: 4})
		got := look(t, s)
		want := before
		want.Leaders, want.Errors = slices.Clone(before.Leaders), slices.Clone(before.Errors)
		want.Leaders[4], want.Errors[4] = -1, kerr.LeaderNotAvailable.Code
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		if err := s.Refresh(t.Context()); err != nil || s.Topics()[0].Leaders[4] != -1 {
			t.Errorf("got %v, leaders %v; want none for partition 4", err, s.Topics()[0].Leaders)
		}
		a.Heal()
		if d := cmp.Diff(before, look(t, s)); d != "" {
			t.Errorf("healed (-before +got):\n%s", d)
		}
	})
}

// Who knows the brokers goes on; who has only bootstrap.servers cannot begin.
func TestBootstrapDownLeavesTheBrokers(t *testing.T) {
	onStand(t, func(t *testing.T, s *Stand, _ *ears) {
		dial := func(at string) error {
			c, err := s.Dial(t.Context(), "tcp", at)
			if err == nil {
				_ = c.Close()
			}
			return err
		}
		open, err := s.Dial(t.Context(), "tcp", s.Seeds[0])
		if err != nil {
			t.Fatal(err)
		}
		a := broken(t, s, Fault{Kind: BootstrapDown, Broker: AnyBroker})
		for _, seed := range s.Seeds {
			if err := dial(seed); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("dialling %s gives %v, want that it is refused", seed, err)
			}
		}
		if _, err := open.Read(make([]byte, 1)); err == nil {
			t.Error("a connection that came by bootstrap.servers is still open")
		}
		for _, b := range s.Brokers() {
			if err := dial(b.Address); err != nil {
				t.Errorf("dialling broker %d gives %v", b.ID, err)
			}
		}
		a.Heal()
		if err := dial(s.Seeds[1]); err != nil {
			t.Errorf("healed, and dialling gives %v", err)
		}
		if n := len(s.own.entry.conns); n != 0 {
			t.Errorf("%d connections are kept in mind, want 0", n)
		}
	})
}

func TestRollingRestartTakesOneBrokerAfterTheOther(t *testing.T) {
	onStand(t, func(t *testing.T, s *Stand, e *ears) {
		before, from := look(t, s), time.Now()
		a := broken(t, s, Fault{Kind: RollingRestart, Broker: AnyBroker, Every: 10 * time.Second})
		for id := range int32(3) {
			time.Sleep(time.Until(from.Add(time.Duration(id)*10*time.Second + 500*time.Millisecond)))
			if got := look(t, s); slices.Contains(got.Leaders, id) || len(got.Brokers) != 3 {
				t.Errorf("broker %d is about to stop: leaders %v, brokers %v; want it up and leading nothing", id, got.Leaders, got.Brokers)
			}
			time.Sleep(2 * time.Second)
			if got := look(t, s); slices.Contains(got.Leaders, id) || len(got.Brokers) != 2 || s.own.doors[id].IsOpen() {
				t.Errorf("broker %d is restarting: leaders %v, brokers %v; want it away", id, got.Leaders, got.Brokers)
			}
			time.Sleep(7 * time.Second)
			if got := look(t, s); !slices.Equal(got.Leaders, before.Leaders) || len(got.Brokers) != 3 {
				t.Errorf("broker %d is back: leaders %v, brokers %v; want all as before", id, got.Leaders, got.Brokers)
			}
		}
		<-a.Done()
		if took := time.Since(from); took != 30*time.Second {
			t.Errorf("it took %v, want 30 s", took)
		}
		want := []string{}
		for id := range 3 {
			at := time.Duration(id) * 10 * time.Second
			want = append(want,
				fmt.Sprintf("%v rolling-restart: broker %d hands its partitions over and stops", at, id),
				fmt.Sprintf("%v rolling-restart: broker %d is up again", at+5*time.Second, id),
				fmt.Sprintf("%v broker %d leads its partitions again: it is their preferred leader", at+7*time.Second, id))
		}
		if d := cmp.Diff(want, e.said()); d != "" {
			t.Errorf("told (-want +got):\n%s", d)
		}
		// Healed half-way, the broker that is away comes back.
		a = broken(t, s, Fault{Kind: RollingRestart, Broker: AnyBroker, Every: 10 * time.Second})
		time.Sleep(2 * time.Second)
		a.Heal()
		time.Sleep(giveBackAfter)
		synctest.Wait()
		if got := look(t, s); !slices.Equal(got.Leaders, before.Leaders) || len(got.Brokers) != 3 {
			t.Errorf("healed half-way: leaders %v, brokers %v; want all as before", got.Leaders, got.Brokers)
		}
	})
}

// sent is what a producer of one record gets, and how long it takes.
func sent(t *testing.T, s *Stand, partition int32, bytes int) (took time.Duration, err error) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(s.Seeds...), kgo.Dialer(s.Dial), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.DisableIdempotentWrite(), kgo.RequiredAcks(kgo.LeaderAck()), kgo.RecordRetries(0), kgo.DefaultProduceTopic(EmbeddedTopic),
		kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.ProducerLinger(0), kgo.DisableClientMetrics())
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	from := time.Now()
	err = cl.ProduceSync(t.Context(), &kgo.Record{Partition: partition, Value: make([]byte, bytes)}).FirstErr()
	return time.Since(from), err
}

func stored(s *Stand) (n int64) {
	for _, p := range s.own.fake.PartitionInfos(EmbeddedTopic) {
		n += p.HighWatermark
	}
	return n
}

func TestRequestsAreRefusedAsAsked(t *testing.T) {
	all := Fault{Broker: AnyBroker, Partition: AnyPartition}
	of := func(change func(*Fault)) Fault {
		f := all
		change(&f)
		return f
	}
	tests := map[string]struct {
		fault  Fault
		want   error
		stored int64
		hits   int64
	}{
		"before the append":  {of(func(f *Fault) { f.Kind, f.Code = ErrorAnswer, kerr.NotEnoughReplicas.Code }), kerr.NotEnoughReplicas, 0, 1},
		"after the append":   {of(func(f *Fault) { f.Kind, f.Code = ErrorAnswer, kerr.NotEnoughReplicasAfterAppend.Code }), kgo.ErrRecordRetries, 1, 1},
		"another broker":     {of(func(f *Fault) { f.Kind, f.Code, f.Broker = ErrorAnswer, 19, 2 }), nil, 1, 0},
		"its broker":         {of(func(f *Fault) { f.Kind, f.Code, f.Broker = ErrorAnswer, 19, 1 }), kerr.NotEnoughReplicas, 0, 1},
		"another partition":  {of(func(f *Fault) { f.Kind, f.Code, f.Partition = ErrorAnswer, 19, 4 }), nil, 1, 0},
		"its partition":      {of(func(f *Fault) { f.Kind, f.Code, f.Partition = ErrorAnswer, 19, 1 }), kerr.NotEnoughReplicas, 0, 1},
		"too large":          {of(func(f *Fault) { f.Kind, f.Bytes = TooLarge, 500 }), kerr.MessageTooLarge, 0, 1},
		"just not too large": {of(func(f *Fault) { f.Kind, f.Bytes = TooLarge, 5000 }), nil, 1, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			onStand(t, func(t *testing.T, s *Stand, _ *ears) {
				a := broken(t, s, tt.fault)
				if _, err := sent(t, s, 1, 1000); !errors.Is(err, tt.want) {
					t.Errorf("got %v, want %v", err, tt.want)
				}
				if stored(s) != tt.stored || a.Hits() != tt.hits {
					t.Errorf("%d records stored after %d hits, want %d and %d", stored(s), a.Hits(), tt.stored, tt.hits)
				}
				a.Heal()
				if _, err := sent(t, s, 1, 1000); err != nil {
					t.Errorf("healed, and got %v", err)
				}
			})
		})
	}
}

func TestRefusalsAreUsedUp(t *testing.T) {
	onStand(t, func(t *testing.T, s *Stand, _ *ears) {
		a := broken(t, s, Fault{Kind: ErrorAnswer, Code: 19, Count: 3, Broker: AnyBroker, Partition: AnyPartition})
		for i := range int32(5) {
			_, err := sent(t, s, i, 10)
			if refused := err != nil; refused != (i < 3) {
				t.Errorf("request %d: got %v, want the first three refused", i, err)
			}
		}
		<-a.Done()
		if a.Hits() != 3 {
			t.Errorf("%d hits, want 3", a.Hits())
		}
		nothingIsLeft(t, s)
	})
}

func TestSlowBrokerIsSlowAlone(t *testing.T) {
	onStand(t, func(t *testing.T, s *Stand, _ *ears) {
		broken(t, s, Fault{Kind: SlowBroker, Broker: 1, Delay: 300 * time.Millisecond})
		broken(t, s, Fault{Kind: SlowBroker, Broker: 1, Delay: 200 * time.Millisecond})
		for partition, want := range []time.Duration{0, 300 * time.Millisecond, 0} {
			if took, err := sent(t, s, int32(partition), 10); err != nil || took != want {
				t.Errorf("partition %d: %v after %v, want %v", partition, err, took, want)
			}
		}
	})
}

// The quota of the setting and that of a fault: the lower one counts.
func TestQuotasOfSettingAndFault(t *testing.T) {
	onStand(t, func(t *testing.T, s *Stand, _ *ears) {
		quotas := func() (all []int64) {
			for id := range s.own.doors {
				all = append(all, s.own.rules(int32(id)).Quota)
			}
			return all
		}
		s.SetQuota(5000)
		a := broken(t, s, Fault{Kind: Quota, Broker: 1, Bytes: 3000})
		b := broken(t, s, Fault{Kind: Quota, Broker: AnyBroker, Bytes: 9000})
		if got := quotas(); !slices.Equal(got, []int64{5000, 3000, 5000}) {
			t.Errorf("quotas %v, want the lowest of each", got)
		}
		s.SetQuota(0)
		a.Heal()
		if got := quotas(); !slices.Equal(got, []int64{9000, 9000, 9000}) {
			t.Errorf("quotas %v, want the fault's", got)
		}
		b.Heal()
		if got := quotas(); !slices.Equal(got, []int64{0, 0, 0}) {
			t.Errorf("quotas %v, want none", got)
		}
	})
}

func TestLimitsAreTheTopics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(t.Context(), Options{Nodes: 1, Partitions: 1, Network: &Network{}, Limits: Limits{MaxMessageBytes: 600}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := sent(t, s, 0, 1000); !errors.Is(err, kerr.MessageTooLarge) || s.Facts().MaxMessageBytes != 600 {
			t.Errorf("got %v, facts %+v; want it too large for 600 bytes", err, s.Facts())
		}
		if err := s.Limit(t.Context(), Limits{MaxMessageBytes: 5000, RetentionBytes: 1 << 20}); err != nil {
			t.Fatal(err)
		}
		if _, err := sent(t, s, 0, 1000); err != nil || s.Facts().MaxMessageBytes != 5000 {
			t.Errorf("got %v, facts %+v; want it to fit", err, s.Facts())
		}
		if got := s.own.fake.TopicInfo(EmbeddedTopic).Configs["retention.bytes"]; got == nil || *got != "1048576" {
			t.Errorf("retention.bytes is %v, want 1048576", got)
		}
	})
}

func TestARealClusterIsNotBroken(t *testing.T) {
	_, o := fake(t)
	o.Create, o.Topics = true, []string{"t"}
	s := opened(t, o)
	var refused *Refusal
	if _, err := s.Start(Fault{Kind: BrokerDown}); !errors.As(err, &refused) || refused.Kind != Usage || refused.Hint == "" {
		t.Errorf("got %v, want a refusal with a hint", err)
	}
	s.SetQuota(1)
	if err := s.Limit(t.Context(), Limits{MaxMessageBytes: 1}); err != nil || s.Facts().MaxMessageBytes < 1000 {
		t.Errorf("got %v, facts %+v; want the cluster left alone", err, s.Facts())
	}
	if got := s.Nodes(); len(got) != 3 {
		t.Errorf("nodes %v, want three", got)
	}
}

// Somebody else takes the port of a broker that is down: it comes back when
// the port is free again.
func TestBrokerWaitsForItsPort(t *testing.T) {
	e := &ears{from: time.Now()}
	s := opened(t, Options{Nodes: 2, Partitions: 2, Told: e.hear})
	at := s.own.doors[1].Addr().String()
	a := broken(t, s, Fault{Kind: BrokerDown, Broker: 1})
	thief, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	a.Heal()
	if said := strings.Join(e.said(), "\n"); !strings.Contains(said, "broker 1 cannot come back: its port "+at) || s.own.doors[1].IsOpen() {
		t.Errorf("told %q, want that the port is taken", said)
	}
	_ = thief.Close()
	for range 1000 {
		if s.own.doors[1].IsOpen() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Error("the broker did not come back")
}

// nothingIsLeft holds that no fault has left anything behind.
func nothingIsLeft(t *testing.T, s *Stand) {
	t.Helper()
	e := s.own
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.active)+len(e.words)+len(e.homes) > 0 || e.back != nil || e.again != nil || e.entry.isShut() {
		t.Errorf("left: %d faults, %d words, homes %v, timers %v %v, entry shut %v", len(e.active), len(e.words), e.homes, e.back, e.again, e.entry.isShut())
	}
	for id, d := range e.doors {
		if r := e.rules(int32(id)); len(r.Refuse) > 0 || r.Hold > 0 || r.Quota > 0 || r.Metadata != nil || !d.IsOpen() {
			t.Errorf("left at broker %d: %+v, open %v", id, r, d.IsOpen())
		}
	}
}

// A thousand faults of all kinds, started and healed in any order, leave
// nothing behind: no fault, no timer, no connection, no goroutine (which the
// bubble would find).
func TestAThousandFaultsLeaveNothingBehind(t *testing.T) {
	onStand(t, func(t *testing.T, s *Stand, _ *ears) {
		r := rand.New(rand.NewPCG(6, 6))
		var active []*ActiveFault
		heal := func() {
			i := r.IntN(len(active))
			active[i].Heal()
			<-active[i].Done()
			active = slices.Delete(active, i, i+1)
		}
		for started := 0; started < 1000; {
			if len(active) > 0 && r.IntN(2) == 0 {
				heal()
			}
			a, err := s.Start(Fault{
				Kind: FaultKind(1 + r.IntN(int(RollingRestart))), Broker: r.Int32N(4) - 1, Partition: r.Int32N(7) - 1,
				Delay: time.Duration(r.Int64N(int64(time.Second))), Every: time.Duration(1+r.Int64N(20)) * 100 * time.Millisecond,
				Code: 19, Bytes: 1 + r.Int64N(1<<20), Count: r.Int64N(5),
			})
			if err != nil {
				heal() // all are down
				continue
			}
			started++
			active = append(active, a)
			time.Sleep(time.Duration(r.Int64N(int64(200 * time.Millisecond))))
		}
		for len(active) > 0 {
			heal()
		}
		time.Sleep(giveBackAfter)
		synctest.Wait()
		nothingIsLeft(t, s)
		if _, err := sent(t, s, 3, 10); err != nil {
			t.Errorf("got %v, want the cluster whole again", err)
		}
		synctest.Wait()
		open := 0
		for _, d := range s.own.doors {
			open += d.Connections()
		}
		if open > 4 { // the admin client's
			t.Errorf("%d connections are open", open)
		}
		if got := look(t, s); len(got.Brokers) != 3 || slices.Contains(got.Leaders, -1) {
			t.Errorf("brokers %v, leaders %v; want all there", got.Brokers, got.Leaders)
		}
	})
}

// Closing the stand ends its faults.
func TestCloseEndsFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(t.Context(), Options{Nodes: 3, Partitions: 3, Network: &Network{}})
		if err != nil {
			t.Fatal(err)
		}
		var all []*ActiveFault
		for kind := BrokerDown; kind <= RollingRestart; kind++ {
			all = append(all, broken(t, s, Fault{Kind: kind, Broker: 2, Partition: AnyPartition, Every: time.Second, Delay: time.Second, Bytes: 10, Code: 19}))
		}
		s.Close()
		for _, a := range all {
			<-a.Done()
			a.Heal()
		}
		if _, err := s.Start(Fault{Kind: Quota, Bytes: 1}); err == nil {
			t.Error("got a fault on brokers that are gone")
		}
		time.Sleep(time.Minute) // no timer may ask what is gone
	})
}

func TestErrorsHaveKafkasNames(t *testing.T) {
	names := ErrorNames()
	if len(names) < 130 || !slices.IsSorted(names) || slices.Contains(names, "NOT_LEADER_FOR_PARTITION") {
		t.Errorf("got %d names: %v", len(names), names)
	}
	seen := map[int16]bool{}
	for _, name := range names {
		code, ok := ErrorCode(name)
		if !ok || code == 0 || seen[code] {
			t.Errorf("%s: got %d, %v; want a code of its own that is no success", name, code, ok)
		}
		seen[code] = true
	}
	for name, want := range map[string]int16{
		"NOT_LEADER_OR_FOLLOWER": 6, "not_leader_or_follower": 6, "NOT_LEADER_FOR_PARTITION": 6, "UNKNOWN_SERVER_ERROR": -1, "MESSAGE_TOO_LARGE": 10,
	} {
		if got, ok := ErrorCode(name); got != want || !ok {
			t.Errorf("%s: got %d, %v; want %d", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "NONE", "NONSENSE", "6"} {
		if got, ok := ErrorCode(name); ok {
			t.Errorf("%q: got %d, want no such error", name, got)
		}
	}
	if got := len(slices.Collect(maps.Keys(seen))); got != len(names) {
		t.Errorf("%d codes of %d names", got, len(names))
	}
}

func TestErrorNamesAndCodesAgree(t *testing.T) {
	for _, name := range ErrorNames() {
		code, ok := ErrorCode(name)
		if back := ErrorName(code); !ok || back != name {
			t.Errorf("%s has the code %d, which is %s", name, code, back)
		}
	}
	for code, want := range map[int16]string{0: "", 6: "NOT_LEADER_OR_FOLLOWER", -1: "UNKNOWN_SERVER_ERROR", 30000: "ERROR_30000"} {
		if got := ErrorName(code); got != want {
			t.Errorf("code %d is %q, want %q", code, got, want)
		}
	}
}
