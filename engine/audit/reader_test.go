package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine/workload"
	"kdyno/telemetry/report"
)

// bed is brokers in memory, a producer that needs no engine, and an audit of
// what it writes.
type bed struct {
	t        *testing.T
	network  *kfake.VirtualNetwork
	fake     *kfake.Cluster
	producer *kgo.Client
	audit    *Audit
	options  Options
	start    time.Time

	mu    sync.Mutex
	notes []string
}

const bedPartitions = 3

func newBed(t *testing.T) *bed {
	t.Helper()
	b := &bed{t: t, network: &kfake.VirtualNetwork{}, start: time.Now()}
	var err error
	b.fake, err = kfake.NewCluster(kfake.Ports(9092), kfake.ListenFn(b.network.Listen), kfake.SeedTopics(bedPartitions, "t"))
	if err != nil {
		t.Fatal(err)
	}
	client := []kgo.Opt{kgo.SeedBrokers("127.0.0.1:9092"), kgo.Dialer(b.network.DialContext)}
	b.producer, err = kgo.NewClient(append(client, kgo.DefaultProduceTopic("t"), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.MetadataMinAge(10*time.Millisecond))...)
	if err != nil {
		t.Fatal(err)
	}
	b.options = Options{
		Topics: []string{"t"}, Client: client, Now: func() time.Duration { return time.Since(b.start) },
		Index: func(_ string, number int32) int32 { return number }, Total: func() int64 { return b.audit.promised.Load() },
		Note: b.note,
	}
	b.audit = New(b.options)
	return b
}

func (b *bed) note(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notes = append(b.notes, fmt.Sprintf(format, args...))
}

func (b *bed) said() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.notes, "\n")
}

func (b *bed) close() {
	b.producer.Close()
	b.fake.Close()
}

func (b *bed) begin() {
	b.t.Helper()
	if err := b.audit.Begin(b.t.Context()); err != nil {
		b.t.Fatalf("begin: %v", err)
	}
}

func (b *bed) end() report.Audit {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	return b.audit.End(ctx, "what a test claims")
}

// write sends records of these numbers, spread over the partitions.
func (b *bed) write(from, to uint64, partitions int) {
	b.t.Helper()
	for seq := from; seq < to; seq++ {
		id, _ := b.audit.Identity(seq, 0, 1, time.Since(b.start))
		r := &kgo.Record{Value: make([]byte, 100), Partition: int32(seq) % int32(partitions)}
		id.Put(r.Value, nil)
		b.audit.Sent(id.Sending(), int64(id.Due), all)
		if err := b.producer.ProduceSync(b.t.Context(), r).FirstErr(); err != nil {
			b.t.Fatal(err)
		}
		b.audit.Acked(id.Sending(), r.Partition, r.Offset, 1, 0)
	}
}

func inBed(t *testing.T, test func(*bed)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		defer b.close()
		test(b)
	})
}

func TestReaderFindsWhatWasWritten(t *testing.T) {
	inBed(t, func(b *bed) {
		b.write(0, 50, bedPartitions) // before the audit: unknown to it when it reads
		b.audit = New(b.options)
		b.begin()
		if err := b.audit.Begin(b.t.Context()); !errors.Is(err, ErrOn) {
			t.Errorf("begun twice: got %v", err)
		}
		b.write(0, 200, bedPartitions)
		if err := b.producer.ProduceSync(b.t.Context(), &kgo.Record{Value: []byte("not ours")}).FirstErr(); err != nil {
			t.Error(err)
		}
		a := b.end()
		if a.Verdict != report.AuditKept || a.Found != 200 || a.Foreign != 1 || a.Coverage != 1 || a.Claimed != "what a test claims" {
			t.Errorf("got %+v", a)
		}
	})
}

// Seen is told when each record became visible.
func TestReaderTellsWhatItSees(t *testing.T) {
	inBed(t, func(b *bed) {
		var seen, late int
		b.options.Seen = func(due, at time.Duration, behind bool) {
			seen++
			if at != due || behind {
				late++
			}
		}
		b.audit = New(b.options)
		b.begin()
		if err := b.producer.ProduceSync(b.t.Context(), &kgo.Record{}).FirstErr(); err != nil { // it is connected
			t.Fatal(err)
		}
		time.Sleep(time.Second) // the reader has come to the end of the logs
		b.write(0, 30, bedPartitions)
		b.end()
		if seen != 30 || late != 0 {
			t.Errorf("%d seen, %d of them late, want 30 at once", seen, late)
		}
	})
}

// A reader that is told an error first has not begun to listen: what gathers
// until it does says nothing of the brokers.
func TestWhatGathersBeforeTheReaderListensIsNoSample(t *testing.T) {
	inBed(t, func(b *bed) {
		refusals, seen := 0, 0
		b.fake.ControlKey(int16(kmsg.Fetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
			if refusals++; refusals > 3 {
				return nil, nil, false
			}
			b.fake.KeepControl()
			resp := req.(*kmsg.FetchRequest).ResponseKind().(*kmsg.FetchResponse)
			for _, asked := range req.(*kmsg.FetchRequest).Topics {
				topic := kmsg.NewFetchResponseTopic()
				topic.Topic, topic.TopicID = asked.Topic, asked.TopicID
				for _, p := range asked.Partitions {
					part := kmsg.NewFetchResponseTopicPartition()
					part.Partition, part.ErrorCode = p.Partition, kerr.NotLeaderForPartition.Code
					topic.Partitions = append(topic.Partitions, part)
				}
				resp.Topics = append(resp.Topics, topic)
			}
			return resp, nil, true
		})
		b.options.Seen = func(due, at time.Duration, behind bool) {
			seen++
			if at != due || behind {
				b.t.Errorf("due %v, seen %v, behind %v", due, at, behind)
			}
		}
		b.audit = New(b.options)
		b.begin()
		b.write(0, 30, bedPartitions)
		time.Sleep(3 * time.Second)
		b.write(30, 42, bedPartitions)
		time.Sleep(time.Second)
		if a := b.end(); a.Found != 42 || seen != 12 || refusals < 4 {
			b.t.Errorf("found %d and seen %d after %d refusals, want 42 found, and the 12 that came while it listened seen", a.Found, seen, refusals)
		}
	})
}

func TestReaderCanNotBegin(t *testing.T) {
	t.Run("no such topic", func(t *testing.T) {
		inBed(t, func(b *bed) {
			b.options.Topics = []string{"t", "missing"}
			b.audit = New(b.options)
			var e *Error
			if err := b.audit.Begin(b.t.Context()); !errors.As(err, &e) || !strings.Contains(e.Say, "topic missing was not told") || e.Hint == "" || !errors.Is(err, kerr.UnknownTopicOrPartition) {
				t.Errorf("got %v", err)
			}
			if a := b.end(); a.Verdict != report.AuditInconclusive || !strings.Contains(a.Say, "it never began") {
				t.Errorf("got %+v", a)
			}
		})
	})
	t.Run("nobody answers", func(t *testing.T) {
		inBed(t, func(b *bed) {
			b.options.Client = []kgo.Opt{kgo.SeedBrokers("127.0.0.1:9092"), kgo.Dialer(b.network.DialContext)}
			b.fake.ControlKey(int16(kmsg.ListOffsets), func(kmsg.Request) (kmsg.Response, error, bool) {
				b.fake.KeepControl()
				return nil, nil, true
			})
			b.audit = New(b.options)
			from := time.Now()
			var e *Error
			if err := b.audit.Begin(b.t.Context()); !errors.As(err, &e) || !strings.Contains(e.Say, "where the logs end was not told") {
				t.Errorf("got %v", err)
			}
			if took := time.Since(from); took > 2*askWithin {
				t.Errorf("it took %v", took)
			}
		})
	})
	t.Run("a client that can not be", func(t *testing.T) {
		inBed(t, func(b *bed) {
			b.options.Client = []kgo.Opt{kgo.SeedBrokers("no port:")}
			b.audit = New(b.options)
			if err := b.audit.Begin(b.t.Context()); err == nil {
				t.Error("it began")
			}
		})
	})
	t.Run("no right to describe", func(t *testing.T) {
		inBed(t, func(b *bed) {
			b.fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Err: kerr.TopicAuthorizationFailed, Count: -1})
			var e *Error
			if err := b.audit.Begin(b.t.Context()); !errors.As(err, &e) || !strings.Contains(e.Say, "no right") || !strings.Contains(e.Hint, "Describe and Read on topic t") {
				t.Errorf("got %v", err)
			}
		})
	})
}

// The watermark may lag behind what was acknowledged: the reader waits for it,
// and if it does not come nothing is called lost.
func TestReaderWaitsForTheWatermark(t *testing.T) {
	for name, comes := range map[string]bool{"it comes": true, "it does not": false} {
		t.Run(name, func(t *testing.T) {
			inBed(t, func(b *bed) {
				b.begin()
				b.write(0, 30, 1)
				id, _ := b.audit.Identity(30, 0, 1, 0)
				b.audit.Sent(id.Sending(), int64(id.Due), all)
				b.audit.Acked(id.Sending(), 0, 30, 1, 0) // the leader has it, no follower does
				if comes {
					go func() {
						time.Sleep(5 * time.Second)
						r := &kgo.Record{Value: make([]byte, 100)}
						id.Put(r.Value, nil)
						b.producer.Produce(context.Background(), r, nil)
					}()
				}
				from := time.Now()
				a := b.end()
				took := time.Since(from)
				if comes {
					if a.Verdict != report.AuditKept || a.Found != 31 || took < 5*time.Second || took > 6*time.Second {
						t.Errorf("after %v: %+v", took, a)
					}
					return
				}
				if a.Verdict != report.AuditInconclusive || a.Undecided != 1 || a.Lost != 0 || !strings.Contains(a.Say, "1 offsets that were acknowledged are unread and nothing came for 10s") {
					t.Errorf("got %+v", a)
				}
				if took < stuckAfter || took > stuckAfter+time.Second {
					t.Errorf("it took %v, want %v", took, stuckAfter)
				}
			})
		})
	}
}

// Who has no patience gets what is known by now.
func TestReaderIsCutShort(t *testing.T) {
	inBed(t, func(b *bed) {
		b.begin()
		b.write(0, 30, 1)
		id, _ := b.audit.Identity(30, 0, 1, 0)
		b.audit.Sent(id.Sending(), int64(id.Due), all)
		b.audit.Acked(id.Sending(), 0, 30, 1, 0)
		ctx, cancel := context.WithTimeout(b.t.Context(), 2*time.Second)
		defer cancel()
		from := time.Now()
		if a := b.audit.End(ctx, "x"); a.Verdict != report.AuditInconclusive || a.Found != 30 || a.Undecided != 1 {
			t.Errorf("got %+v", a)
		}
		if took := time.Since(from); took < 2*time.Second || took > 2100*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}

// Nobody acknowledges with acks=0: what has not come a second after the last
// record is taken for not delivered.
func TestReaderWaitsForQuiet(t *testing.T) {
	inBed(t, func(b *bed) {
		b.begin()
		send := func(seq uint64, arrives bool) {
			id, _ := b.audit.Identity(seq, 0, 1, 0)
			b.audit.Sent(id.Sending(), int64(id.Due), uint8(Once))
			b.audit.Acked(id.Sending(), 0, -1, 1, 0)
			if arrives {
				r := &kgo.Record{Value: make([]byte, 100)}
				id.Put(r.Value, nil)
				b.producer.Produce(context.Background(), r, nil)
			}
		}
		send(0, true)
		send(1, false)
		time.Sleep(20 * time.Millisecond)
		go func() {
			time.Sleep(700 * time.Millisecond)
			send(2, true)
		}()
		from := time.Now()
		a := b.end()
		if a.Verdict != report.AuditKept || a.Found != 2 || a.NotDelivered != 1 || a.Lost != 0 {
			t.Errorf("got %+v", a)
		}
		if took := time.Since(from); took < 1700*time.Millisecond || took > 1900*time.Millisecond {
			t.Errorf("it took %v, want a second after the last record", took)
		}
	})
}

// Partitions that are added are read from their first offset.
func TestReaderFollowsAddedPartitions(t *testing.T) {
	inBed(t, func(b *bed) {
		b.begin()
		b.write(0, 30, bedPartitions)
		admin := kadm.NewClient(b.producer)
		if _, err := admin.CreatePartitions(b.t.Context(), 2, "t"); err != nil {
			t.Fatal(err)
		}
		b.producer.ForceMetadataRefresh()
		time.Sleep(time.Second)
		b.write(30, 100, bedPartitions+2)
		if a := b.end(); a.Verdict != report.AuditKept || a.Found != 100 {
			t.Errorf("got %+v", a)
		}
	})
}

// A second sitting reads what the first left open, and else begins where the
// logs end by then.
func TestReaderSitsAgain(t *testing.T) {
	inBed(t, func(b *bed) {
		b.begin()
		b.write(0, 30, bedPartitions)
		if a := b.end(); a.Verdict != report.AuditKept {
			t.Errorf("got %+v", a)
		}
		// A straggler: stamped under audit and acknowledged after its end.
		b.write(30, 31, bedPartitions)
		if !b.audit.Unread() {
			t.Error("the straggler is taken for read")
		}
		b.begin()
		b.write(31, 60, bedPartitions)
		if a := b.end(); a.Verdict != report.AuditKept || a.Found != 60 {
			t.Errorf("got %+v", a)
		}
		for range 10 {
			if err := b.producer.ProduceSync(b.t.Context(), &kgo.Record{Value: []byte("not under audit")}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		b.begin()
		if a := b.end(); a.Verdict != report.AuditKept || a.Found != 60 || a.Foreign != 0 {
			t.Errorf("got %+v", a)
		}
	})
}

// keeper is a cluster whose retention does what a test says.
type keeper struct {
	refuses      error
	held, given  int
	dropped      map[int32]int64
	cannotDrop   error
	cannotReturn error
}

func (k *keeper) Hold(context.Context) error { k.held++; return k.refuses }

func (k *keeper) Release(context.Context) error { k.given++; return k.cannotReturn }

func (k *keeper) Drop(_ context.Context, before map[string]map[int32]int64) error {
	for number, offset := range before["t"] {
		k.dropped[number] = offset
	}
	return k.cannotDrop
}

func TestRetentionIsHeldWhileItIsRead(t *testing.T) {
	for name, k := range map[string]*keeper{
		"well":           {},
		"refused":        {refuses: errors.New("no")},
		"can not drop":   {cannotDrop: errors.New("no drop")},
		"can not return": {cannotReturn: errors.New("no return")},
	} {
		t.Run(name, func(t *testing.T) {
			inBed(t, func(b *bed) {
				k.dropped = map[int32]int64{}
				b.options.Hold = k
				b.audit = New(b.options)
				b.begin()
				large := make([]byte, 500_000)
				for seq := range uint64(30) {
					id, _ := b.audit.Identity(seq, 0, 1, 0)
					r := &kgo.Record{Value: large}
					id.Put(r.Value, nil)
					b.audit.Sent(id.Sending(), int64(id.Due), all)
					if err := b.producer.ProduceSync(b.t.Context(), r).FirstErr(); err != nil {
						t.Fatal(err)
					}
					b.audit.Acked(id.Sending(), 0, r.Offset, 1, 0)
					time.Sleep(100 * time.Millisecond)
				}
				if a := b.end(); a.Verdict != report.AuditKept || a.Found != 30 {
					t.Errorf("got %+v", a)
				}
				said := b.said()
				if k.refuses != nil {
					if k.given != 0 || len(k.dropped) != 0 || !strings.Contains(said, "retention goes on while it is read: no") {
						t.Errorf("given back %d, dropped %v, said %q", k.given, k.dropped, said)
					}
					return
				}
				if k.held != 1 || k.given != 1 {
					t.Errorf("held %d, given back %d", k.held, k.given)
				}
				// A MiB of half a megabyte each stays behind the reader.
				if at := k.dropped[0]; at < 15 || at > 28 {
					t.Errorf("dropped up to %d of 30", at)
				}
				if (k.cannotDrop != nil) != strings.Contains(said, "could not be let go: no drop") || (k.cannotReturn != nil) != strings.Contains(said, "was not given back: no return") {
					t.Errorf("said %q", said)
				}
			})
		})
	}
}

// A reader that falls far behind lets go, since the logs would fill the memory.
func TestRetentionIsLetGoBeforeTheMemoryIsFull(t *testing.T) {
	k := &keeper{dropped: map[int32]int64{}}
	notes := ""
	h := &hold{retention: k, note: func(format string, args ...any) { notes += fmt.Sprintf(format, args...) }}
	h.take(t.Context())
	part := &partition{topic: &topic{name: "t"}, next: 10, bytes: 1000}
	h.read(part, 10+mostWaiting/100)
	h.keep(t.Context(), []*partition{part})
	if k.given != 0 {
		t.Errorf("let go at the limit")
	}
	h.read(part, 10+mostWaiting/100+1)
	h.keep(t.Context(), []*partition{part})
	if k.given != 1 || !strings.Contains(notes, "256 MB behind") {
		t.Errorf("given back %d, said %q", k.given, notes)
	}
	h.keep(t.Context(), []*partition{part}) // nothing is held any more
	h.read(part, 1)
	h.release(t.Context())
	if k.given != 1 {
		t.Errorf("given back %d times", k.given)
	}
}

// A log that was cut back after it was read leaves no verdict.
func TestCutLogsAreNotJudged(t *testing.T) {
	inBed(t, func(b *bed) {
		b.begin()
		b.write(0, 30, 1)
		time.Sleep(time.Second)
		s := b.audit.sitting
		e := s.stop(b.t.Context()) // the reader ends, so that the test may be it
		s.complain(s.topics["t"].part(0), &kgo.ErrDataLoss{Topic: "t", ConsumedTo: 30, ResetTo: 25})
		s.complain(s.topics["t"].part(0), context.Canceled)
		s.complain(s.topics["t"].part(0), kerr.NotLeaderForPartition)
		s.complain(s.topics["t"].part(0), kerr.CorruptMessage)
		s.complain(s.topics["t"].part(0), errors.New("a batch of nonsense"))
		if !strings.Contains(b.said(), "cut back from offset 30 to 25") || !strings.Contains(b.said(), "t-0 can not be read: a batch of nonsense") {
			t.Errorf("said %q", b.said())
		}
		a := b.audit.reading.judge(e)
		if a.Verdict != report.AuditInconclusive || !strings.Contains(a.Say, "5 offsets of a log were replaced") {
			t.Errorf("got %+v", a)
		}
	})
}

// A topic that goes away ends the audit soon, in words, and without a loss.
func TestTopicsThatGoAway(t *testing.T) {
	for _, anew := range []bool{true, false} {
		t.Run(fmt.Sprint(anew), func(t *testing.T) {
			inBed(t, func(b *bed) {
				b.begin()
				b.write(0, 30, bedPartitions)
				id, _ := b.audit.Identity(30, 0, 1, 0)
				b.audit.Sent(id.Sending(), int64(id.Due), all)
				b.audit.Acked(id.Sending(), 0, 10, 1, 0)
				time.Sleep(time.Second)
				admin := kadm.NewClient(b.producer)
				if _, err := admin.DeleteTopic(b.t.Context(), "t"); err != nil {
					t.Fatal(err)
				}
				want := "Topic t was deleted while"
				if anew {
					want = "Topic t was deleted and made anew while"
					if _, err := admin.CreateTopic(b.t.Context(), bedPartitions, 1, nil, "t"); err != nil {
						t.Fatal(err)
					}
				}
				from := time.Now()
				a := b.end()
				if a.Verdict != report.AuditInconclusive || a.Lost != 0 || a.Found != 30 || a.Undecided != 1 || !strings.Contains(strings.ToLower(a.Say), strings.ToLower(want)) {
					t.Errorf("got %+v", a)
				}
				if took := time.Since(from); took > goneAfter+time.Second {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// What the cluster does not tell of compaction is not known, and one that is
// turned on meanwhile counts.
func TestCompactionIsAsked(t *testing.T) {
	for before, row := range map[compaction][3]compaction{
		notKnown:    {notKnown: notKnown, isNot: notKnown, isCompacted: isCompacted},
		isNot:       {notKnown: notKnown, isNot: isNot, isCompacted: isCompacted},
		isCompacted: {notKnown: isCompacted, isNot: isCompacted, isCompacted: isCompacted},
	} {
		for now, want := range row {
			if got := worse(before, compaction(now)); got != want {
				t.Errorf("%d and then %d: got %d, want %d", before, now, got, want)
			}
		}
	}
	inBed(t, func(b *bed) {
		b.begin()
		compacts := func() compaction { return b.audit.topics["t"].compacts }
		if got := compacts(); got != isNot {
			t.Errorf("got %d, want it not compacted", got)
		}
		compact := "compact,delete"
		if _, err := kadm.NewClient(b.producer).AlterTopicConfigs(b.t.Context(), []kadm.AlterConfig{{Name: "cleanup.policy", Value: &compact}}, "t"); err != nil {
			t.Fatal(err)
		}
		b.write(0, 3, 1)
		a := b.end()
		if got := compacts(); got != isCompacted || a.Verdict != report.AuditKept {
			t.Errorf("got %d, want it compacted by now, and kept, since nothing is missing; %+v", got, a)
		}
	})
	inBed(t, func(b *bed) {
		b.fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.DescribeConfigs}, Err: kerr.TopicAuthorizationFailed, Count: -1})
		b.begin()
		b.write(0, 3, 1)
		if a := b.end(); a.Verdict != report.AuditKept || b.audit.topics["t"].compacts != notKnown {
			t.Errorf("got %+v", a)
		}
	})
}

// Questions that are not answered at the end leave no verdict, and say which.
func TestReaderSaysWhatItWasNotTold(t *testing.T) {
	for key, say := range map[kmsg.Key]string{
		kmsg.Metadata: "the topics were not told", kmsg.ListOffsets: "where the logs",
	} {
		t.Run(say, func(t *testing.T) {
			inBed(t, func(b *bed) {
				b.begin()
				b.write(0, 3, 1)
				time.Sleep(time.Second)
				b.fake.ControlKey(int16(key), func(kmsg.Request) (kmsg.Response, error, bool) {
					b.fake.KeepControl()
					return nil, errors.New("the connection ends"), true
				})
				a := b.end()
				if a.Verdict != report.AuditInconclusive || a.Found != 3 || a.Lost != 0 || !strings.Contains(a.Say, "the reader was not through") || !strings.Contains(a.Say, say) {
					t.Errorf("got %+v", a)
				}
			})
		})
	}
}

// Control records of others hold an offset, and are no records.
func TestReaderPassesOverControlRecords(t *testing.T) {
	inBed(t, func(b *bed) {
		b.begin()
		b.write(0, 3, 1)
		other, err := kgo.NewClient(append(b.options.Client, kgo.DefaultProduceTopic("t"), kgo.TransactionalID("other"),
			kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		for _, commit := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort} {
			if err := other.BeginTransaction(); err != nil {
				t.Fatal(err)
			}
			if err := other.ProduceSync(b.t.Context(), &kgo.Record{Value: []byte("theirs")}).FirstErr(); err != nil {
				t.Fatal(err)
			}
			if err := other.EndTransaction(b.t.Context(), commit); err != nil {
				t.Fatal(err)
			}
		}
		if a := b.end(); a.Verdict != report.AuditKept || a.Found != 3 || a.Foreign != 2 {
			t.Errorf("got %+v", a)
		}
	})
}

// An identity may stand in a header.
func TestReaderFindsIdentitiesInHeaders(t *testing.T) {
	inBed(t, func(b *bed) {
		b.begin()
		id, _ := b.audit.Identity(0, 0, 1, 0)
		head := make([]byte, workload.IdentityBytes)
		id.PutApart(head, []byte("short"), nil)
		b.audit.Sent(id.Sending(), int64(id.Due), all)
		r := &kgo.Record{Value: []byte("short"), Headers: []kgo.RecordHeader{{Key: "a"}, {Key: workload.IdentityHeader, Value: head}}}
		if err := b.producer.ProduceSync(b.t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
		b.audit.Acked(id.Sending(), 0, r.Offset, 1, 0)
		if a := b.end(); a.Verdict != report.AuditKept || a.Found != 1 {
			t.Errorf("got %+v", a)
		}
	})
}

// Without the right to read nothing is known; that retention takes what can not be
// read is told all the same.
func TestReaderWithoutTheRightToRead(t *testing.T) {
	for _, removed := range []bool{false, true} {
		t.Run(fmt.Sprint(removed), func(t *testing.T) {
			inBed(t, func(b *bed) {
				b.fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Err: kerr.TopicAuthorizationFailed, Count: -1})
				b.begin()
				b.write(0, 3, 1)
				time.Sleep(time.Second)
				if !strings.Contains(b.said(), "no right to Read topic t") {
					t.Errorf("said %q", b.said())
				}
				if removed {
					offsets := kadm.Offsets{}
					offsets.Add(kadm.Offset{Topic: "t", At: 3, LeaderEpoch: -1})
					if _, err := kadm.NewClient(b.producer).DeleteRecords(b.t.Context(), offsets); err != nil {
						t.Fatal(err)
					}
				}
				a := b.end()
				if a.Verdict != report.AuditInconclusive || a.Lost != 0 || a.Found != 0 {
					t.Errorf("got %+v", a)
				}
				if removed && a.Unverifiable != 3 || !removed && (a.Undecided != 3 || !strings.Contains(a.Say, "no right to Read topic t")) {
					t.Errorf("got %+v", a)
				}
			})
		})
	}
}
