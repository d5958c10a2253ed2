package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// audited is a configuration of the bed whose session is under audit.
func (b *bed) audited(t *testing.T, pairs ...string) engine.Config {
	t.Helper()
	return engine.Config{
		Values: values(t, pairs...), Brokers: []string{"127.0.0.1:9092"}, Topics: []string{"kdyno"}, Network: b.network, Audit: true,
	}
}

// admin asks the bed's brokers.
func (b *bed) admin(t *testing.T) *kadm.Client {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers("127.0.0.1:9092"), kgo.Dialer(b.network.DialContext))
	if err != nil {
		t.Fatal(err)
	}
	return kadm.NewClient(cl)
}

// deaf lets no fetch be answered until hear is called.
func (b *bed) deaf() (hear func()) {
	var open atomic.Bool
	b.fake.ControlKey(int16(kmsg.Fetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		b.fake.KeepControl()
		if open.Load() {
			return nil, nil, false
		}
		fetch := req.(*kmsg.FetchRequest)
		resp := fetch.ResponseKind().(*kmsg.FetchResponse)
		resp.ErrorCode = kerr.UnknownServerError.Code
		return resp, nil, true
	})
	return func() { open.Store(true) }
}

// verdictOf is the audit of a report, as wanted but for its words.
func verdictOf(t *testing.T, r report.Report) report.Audit {
	t.Helper()
	if r.Audit == nil {
		t.Fatalf("there is no verdict; %s", said(r))
	}
	a := *r.Audit
	if a.Say == "" || a.Claimed == "" {
		t.Errorf("verdict %s without words: %q, claimed %q", a.Verdict, a.Say, a.Claimed)
	}
	if got := a.Found + a.Lost + a.NotDelivered; got > a.Acked {
		t.Errorf("%d found, lost or not delivered of %d", got, a.Acked)
	}
	return a
}

// wantKept holds that all that was acknowledged was found, and nothing else is
// to be said.
func wantKept(t *testing.T, r report.Report) {
	t.Helper()
	a := verdictOf(t, r)
	want := report.Audit{Verdict: report.AuditKept, Acked: r.Records.Acked, Found: r.Records.Acked, Coverage: 1}
	a.Say, a.Claimed, a.Examples = "", "", nil
	if diff := cmp.Diff(want, a); diff != "" {
		t.Errorf("audit (-want kept +got):\n%s\n%s", diff, r.Audit.Say)
	}
}

func TestHealthyMillionIsKept(t *testing.T) {
	t.Parallel()
	seconds, say := int64(5), "All 1,000,000 acknowledged records are in the log, each once and in order."
	if racing {
		seconds, say = 1, "All 200,000 acknowledged records are in the log, each once and in order."
	}
	synctest.Test(t, func(t *testing.T) {
		r := inFakeTime(t, engine.Config{
			Values: values(t, "load.rate", "200000", "load.senders", "4", "load.record.bytes", "100", "load.keys", "uniform:1000",
				"stand.partitions", "12", "stand.link.rtt", "1ms", "compression.type", "lz4"),
			For: time.Duration(seconds) * time.Second, Audit: true,
		}, nil)
		if want := seconds * 200_000; r.Records.Acked != want {
			t.Errorf("acked %d, want %d", r.Records.Acked, want)
		}
		wantKept(t, r)
		if r.Audit.Say != say {
			t.Errorf("it says %q, want %q", r.Audit.Say, say)
		}
		if v := r.Visible; v == nil || v.P99Ms == nil || *v.P50Ms < 0.5 {
			t.Errorf("visible %+v, want half the link's round trip at least", v)
		}
	})
}

// A record that nothing holds up is visible after the way to the broker, where
// the emulated network puts its whole round trip.
func TestVisibleIsTheWayToTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inFakeTime(t, engine.Config{
			Values: values(t, "load.rate", "100", "linger.ms", "0", "stand.link.rtt", "20ms"), For: 15 * time.Second, Audit: true,
		}, nil)
		wantKept(t, r)
		v := r.Visible
		if v == nil || v.P50Ms == nil || v.P99Ms == nil {
			t.Fatalf("visible %+v, want both", v)
		}
		if *v.P50Ms < 19.9 || *v.P99Ms > 20.2 {
			t.Errorf("visible p50 %v, p99 %v ms, want 20", *v.P50Ms, *v.P99Ms)
		}
	})
}

// With acks=0 a broken connection loses records without a word, and without a
// promise.
func TestAcks0PromisesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []step.Timed
		for i := range 8 {
			at = append(at, step.Timed{At: time.Duration(1000+300*i) * time.Millisecond, Step: mustStep(t, "fault reset")})
		}
		r := inFakeTime(t, engine.Config{
			Values: values(t, "acks", "0", "load.rate", "5000", "stand.link.rtt", "20ms"), For: 5 * time.Second, At: at, Audit: true,
		}, nil)
		a := verdictOf(t, r)
		if a.Verdict != report.AuditKept || a.NotDelivered == 0 || a.Lost != 0 || a.Claimed != setting.AtMostOnce {
			t.Errorf("audit %+v, want some not delivered, none lost, and kept", a)
		}
		if a.Found+a.NotDelivered != r.Records.Acked {
			t.Errorf("%d found and %d not delivered of %d", a.Found, a.NotDelivered, r.Records.Acked)
		}
	})
}

// An answer that is lost makes the producer write a batch twice, unless the
// broker knows it by number.
func TestLostResponses(t *testing.T) {
	for _, idempotence := range []string{"false", "true"} {
		t.Run(idempotence, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := inFakeTime(t, engine.Config{
					Values: values(t, "enable.idempotence", idempotence, "load.rate", "2000", "stand.link.rtt", "10ms", "load.record.bytes", "200"),
					At:     []step.Timed{{At: 2 * time.Second, Step: mustStep(t, "fault lose-response count=3")}},
					For:    5 * time.Second, Audit: true,
				}, nil)
				if idempotence == "true" {
					wantKept(t, r)
					return
				}
				a := verdictOf(t, r)
				if a.Verdict != report.AuditKept || a.Duplicated == 0 || a.DuplicatedBy.Retry != a.Duplicated || a.Lost != 0 || a.Diverged != 0 {
					t.Errorf("audit %+v, want duplicates by retries, none lost, and kept", a)
				}
				if len(a.Examples) == 0 || a.Examples[0].Kind != "duplicated" || !strings.HasPrefix(a.Examples[0].Fault, "lose-response") || a.Examples[0].Tries < 2 {
					t.Errorf("examples %+v, want duplicates while responses were lost, written more than once", a.Examples)
				}
			})
		})
	}
}

// One batch of five in flight is refused: without idempotence order breaks, and
// franz-go writes those behind it twice; with one in flight or idempotence not.
func TestOneBatchOfFiveInFlightIsRefused(t *testing.T) {
	t.Parallel()
	for name, pairs := range map[string][]string{
		"five":       {"enable.idempotence", "false"},
		"one":        {"enable.idempotence", "false", "max.in.flight.requests.per.connection", "1"},
		"idempotent": nil,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				w := open(t, b.audited(t, append([]string{
					"load.rate", "2000", "linger.ms", "0", "stand.link.rtt", "20ms", "load.record.bytes", "100", "load.partition", "0",
				}, pairs...)...))
				w.settled(telemetry.Running)
				for range 5 {
					b.fail(kerr.NotEnoughReplicas, 1, 0)
					time.Sleep(300 * time.Millisecond)
				}
				w.Stop(patience(t, 10*time.Second))
				r := w.close()
				a := verdictOf(t, r)
				if name == "five" {
					if a.Verdict != report.AuditKept || a.Reordered == 0 || a.Lost != 0 || a.Diverged != 0 {
						t.Errorf("audit %+v, want records out of order, none lost, and kept: no order was claimed", a)
					}
					if a.Duplicated == 0 || !strings.Contains(a.Say, "franz-go's own") {
						t.Errorf("%d duplicated, it says %q, want franz-go's own copies named", a.Duplicated, a.Say)
					}
					return
				}
				wantKept(t, r)
			})
		})
	}
}

// A swap while the brokers are silent: at least once writes again what may have
// been written, and says how much that is at most; the others leave it unknown.
func TestSwapWhileTheBrokersAreSilent(t *testing.T) {
	t.Parallel()
	for name, pairs := range map[string][]string{
		"at least once": {"acks", "1"},
		"at most once":  {"acks", "1", "retries", "0"},
		"idempotent":    nil,
	} {
		for _, silence := range []answering{never, unheard} {
			t.Run(name+" "+silence.String(), func(t *testing.T) {
				inBubble(t, func(t *testing.T, b *bed) {
					w := open(t, b.audited(t, append([]string{
						"load.rate", "2000", "load.record.bytes", "60", "load.senders", "2", "stand.link.rtt", "5ms",
					}, pairs...)...))
					w.settled(telemetry.Running)
					b.answer(silence)
					time.Sleep(100 * time.Millisecond)
					w.do("set batch.size=20000")
					w.settled(telemetry.Swapping)
					time.Sleep(1500 * time.Millisecond)
					b.answer(normally)
					w.runs(2)
					time.Sleep(time.Second)
					w.Stop(patience(t, 10*time.Second))
					r := w.close()
					a, swap := verdictOf(t, r), *r.Runs[1].Swap
					if a.Verdict != report.AuditKept || a.Lost != 0 || a.Phantom != 0 || a.Found != r.Records.Acked || a.Reordered != 0 {
						t.Errorf("audit %+v, want kept", a)
					}
					written := silence == unheard // only then is a first copy in the log
					if name == "at least once" {
						if swap.MaybeDuplicated == 0 || a.Duplicated > swap.MaybeDuplicated || r.Records.Unknown != 0 || written != (a.DuplicatedBy.Swap > 0) {
							t.Errorf("%+v duplicated, want at most the %d that were announced, by the swap, and nothing unknown", a.DuplicatedBy, swap.MaybeDuplicated)
						}
						return
					}
					if r.Records.Unknown == 0 || a.Duplicated != 0 || written != (a.WrittenDespiteError > 0) || a.WrittenDespiteError > r.Records.Unknown {
						t.Errorf("%d unknown, %d duplicated, %d written despite error, want some unknown and none twice",
							r.Records.Unknown, a.Duplicated, a.WrittenDespiteError)
					}
				})
			})
		}
	}
}

// A full buffer before a slow broker: sends block and then fail for certain;
// nothing of them is in the log, and nothing twice.
func TestFullBufferBeforeASlowBroker(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.slow.Store(int64(40 * time.Millisecond))
		c := b.audited(t, "load.rate", "0", "load.record.bytes", "500", "buffer.memory", "65536", "batch.size", "8192",
			"max.block.ms", "20", "load.senders", "4")
		c.For = 3 * time.Second
		w := open(t, c)
		<-w.Done()
		r := w.close()
		if r.Records.Refused == 0 {
			t.Errorf("records %+v, want some refused for want of space", r.Records)
		}
		wantKept(t, r)
	})
}

// Two sessions on one topic: each counts the other's records and judges its own.
func TestTwoSessionsOnOneTopic(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		sessions := []*watched{open(t, b.audited(t, "load.rate", "1000")), open(t, b.audited(t, "load.rate", "700", "load.null.values", "0.1"))}
		time.Sleep(5 * time.Second)
		for i, w := range sessions {
			w.Stop(patience(t, 10*time.Second))
			r := w.close()
			a := verdictOf(t, r)
			if a.Verdict != report.AuditKept || a.Found != r.Records.Acked || a.Foreign < 3000 {
				t.Errorf("session %d: %+v, want its own %d found, and the other's foreign", i, a, r.Records.Acked)
			}
		}
	})
}

// What retention takes before it is read can not be verified, and is not lost.
func TestRetentionThatTakesTheHead(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		hear := b.deaf()
		w := open(t, b.audited(t, "load.rate", "1000"))
		w.settled(telemetry.Running)
		time.Sleep(2 * time.Second)
		admin := b.admin(t)
		defer admin.Close()
		ends, err := admin.ListEndOffsets(t.Context(), "kdyno")
		if err != nil {
			t.Fatal(err)
		}
		offsets := kadm.Offsets{}
		removed := int64(0)
		ends.Each(func(o kadm.ListedOffset) {
			if o.Partition < 3 {
				offsets.Add(kadm.Offset{Topic: o.Topic, Partition: o.Partition, At: o.Offset / 2, LeaderEpoch: -1})
				removed += o.Offset / 2
			}
		})
		if _, err := admin.DeleteRecords(t.Context(), offsets); err != nil {
			t.Fatal(err)
		}
		hear()
		time.Sleep(2 * time.Second)
		w.Stop(patience(t, 10*time.Second))
		r := w.close()
		a := verdictOf(t, r)
		if a.Verdict != report.AuditInconclusive || a.Unverifiable != removed || a.Lost != 0 || a.Found+removed != r.Records.Acked || a.Coverage >= 1 {
			t.Errorf("audit %+v, want the %d that were removed unverifiable", a, removed)
		}
		if !strings.Contains(a.Say, fmt.Sprintf("retention removed %d offsets", removed)) {
			t.Errorf("it says %q", a.Say)
		}
	})
}

// A log whose whole head is gone, and nothing after it.
func TestRetentionThatTakesAll(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		hear := b.deaf()
		w := open(t, b.audited(t, "load.rate", "1000"))
		w.settled(telemetry.Running)
		w.do("pause")
		time.Sleep(time.Second)
		admin := b.admin(t)
		defer admin.Close()
		ends, err := admin.ListEndOffsets(t.Context(), "kdyno")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := admin.DeleteRecords(t.Context(), ends.Offsets()); err != nil {
			t.Fatal(err)
		}
		hear()
		w.Stop(patience(t, 10*time.Second))
		r := w.close()
		a := verdictOf(t, r)
		if a.Verdict != report.AuditInconclusive || a.Unverifiable != r.Records.Acked || a.Lost != 0 {
			t.Errorf("audit %+v, want all %d unverifiable", a, r.Records.Acked)
		}
	})
}

// A compacted topic: what the cleaner took is not called lost, and where it took
// nothing all is judged.
func TestCompactedTopic(t *testing.T) {
	t.Parallel()
	for _, cleaned := range []bool{true, false} {
		t.Run(fmt.Sprint(cleaned), func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				admin := b.admin(t)
				defer admin.Close()
				compact := "compact"
				if _, err := admin.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Name: "cleanup.policy", Value: &compact}}, "kdyno"); err != nil {
					t.Fatal(err)
				}
				hear := func() {}
				if cleaned {
					hear = b.deaf()
				}
				w := open(t, b.audited(t, "load.rate", "1000", "load.keys", "uniform:20", "load.record.bytes", "20000", "linger.ms", "0"))
				w.settled(telemetry.Running)
				time.Sleep(2 * time.Second)
				if cleaned {
					b.fake.Compact()
				}
				hear()
				time.Sleep(time.Second)
				w.Stop(patience(t, 10*time.Second))
				r := w.close()
				if !cleaned {
					wantKept(t, r)
					return
				}
				a := verdictOf(t, r)
				if a.Verdict != report.AuditInconclusive || a.Unverifiable == 0 || a.Lost != 0 || a.Found+a.Unverifiable != r.Records.Acked {
					t.Errorf("audit %+v, want what was cleaned away unverifiable", a)
				}
				if !strings.Contains(a.Say, "compaction") {
					t.Errorf("it says %q", a.Say)
				}
			})
		})
	}
}

// A topic that is deleted, or made anew under its name, takes along what it held:
// nothing can be said, soon and in words.
func TestTopicThatGoesAway(t *testing.T) {
	for _, anew := range []bool{true, false} {
		t.Run(fmt.Sprint(anew), func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				w := open(t, b.audited(t, "load.rate", "1000", "delivery.timeout.ms", "3000", "request.timeout.ms", "1000", "linger.ms", "5"))
				w.settled(telemetry.Running)
				admin := b.admin(t)
				defer admin.Close()
				if _, err := admin.DeleteTopic(t.Context(), "kdyno"); err != nil {
					t.Fatal(err)
				}
				want := "topic kdyno was deleted while"
				if anew {
					if _, err := admin.CreateTopic(t.Context(), 6, 1, nil, "kdyno"); err != nil {
						t.Fatal(err)
					}
					want = "topic kdyno was deleted and made anew while"
				}
				time.Sleep(3 * time.Second)
				from := time.Now()
				w.Stop(patience(t, 20*time.Second))
				took := time.Since(from)
				r := w.close()
				a := verdictOf(t, r)
				if a.Verdict != report.AuditInconclusive || a.Lost != 0 || !strings.Contains(strings.ToLower(a.Say), strings.ToLower(want)) {
					t.Errorf("audit %+v, want %q", a, want)
				}
				if took > 8*time.Second {
					t.Errorf("the verdict took %v", took)
				}
			})
		})
	}
}

// Brokers that answer and store nothing: every record is missed, and no other.
func TestSilentLossIsExact(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		var swallowed atomic.Int64
		var on atomic.Bool
		b.fake.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
			b.fake.KeepControl()
			produce := req.(*kmsg.ProduceRequest)
			if !on.Load() || len(produce.Topics) != 1 || len(produce.Topics[0].Partitions) != 1 {
				return nil, nil, false
			}
			var batch kmsg.RecordBatch
			if err := batch.ReadFrom(produce.Topics[0].Partitions[0].Records); err != nil {
				return nil, err, true
			}
			on.Store(false)
			swallowed.Add(int64(batch.NumRecords))
			resp := produce.ResponseKind().(*kmsg.ProduceResponse)
			topic := kmsg.NewProduceResponseTopic()
			topic.Topic, topic.TopicID = produce.Topics[0].Topic, produce.Topics[0].TopicID
			part := kmsg.NewProduceResponseTopicPartition()
			part.Partition = produce.Topics[0].Partitions[0].Partition
			part.BaseOffset = b.fake.PartitionInfo("kdyno", part.Partition).HighWatermark
			topic.Partitions = append(topic.Partitions, part)
			resp.Topics = append(resp.Topics, topic)
			return resp, nil, true
		})
		w := open(t, b.audited(t, "load.rate", "1000", "enable.idempotence", "false", "acks", "1", "load.partition", "2"))
		w.settled(telemetry.Running)
		for range 3 {
			on.Store(true)
			time.Sleep(200 * time.Millisecond)
		}
		w.Stop(patience(t, 10*time.Second))
		r := w.close()
		a := verdictOf(t, r)
		if a.Verdict != report.AuditViolated || a.Lost != swallowed.Load() || a.Lost == 0 || a.Diverged != a.Lost || a.Found+a.Lost != r.Records.Acked {
			t.Errorf("audit %+v, want the %d lost that the broker swallowed, and another record at each offset", a, swallowed.Load())
		}
		if !strings.HasPrefix(a.Say, fmt.Sprintf("%d of ", a.Lost)) || len(a.Examples) != 8 {
			t.Errorf("it says %q with %d examples", a.Say, len(a.Examples))
		}
	})
}

// A caller that does not wait sends again: each sending is a promise of its own,
// and what is twice in the log is not laid at the broker's door.
func TestImpatientCallersCopiesAreTheirs(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		b.slow.Store(int64(100 * time.Millisecond))
		c := b.audited(t, "load.send", "sync", "load.wait.ms", "50", "load.rate", "20", "load.senders", "2", "linger.ms", "0")
		c.For = 5 * time.Second
		w := open(t, c)
		<-w.Done()
		r := w.close()
		a := verdictOf(t, r)
		if a.Verdict != report.AuditKept || a.DuplicatedBy.Application == 0 || a.DuplicatedBy.Application != *r.Records.ResentByApplication ||
			a.Duplicated != a.DuplicatedBy.Application || a.Found != r.Records.Acked {
			t.Errorf("audit %+v, want the %d that the application sent again, and no other", a, *r.Records.ResentByApplication)
		}
	})
}

// Values that have to stay as they are have their identity beside them.
func TestIdentitiesInHeaders(t *testing.T) {
	lines := filepath.Join(t.TempDir(), "records.txt")
	text := strings.Repeat("a record of the user's own\nx\n", 50)
	if err := os.WriteFile(lines, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		pairs []string
		say   string
	}{
		"a file":       {[]string{"load.payload", "file:" + lines}, "in a header and is 54 bytes larger"},
		"null values":  {[]string{"load.null.values", "0.3", "load.keys", "uniform:9"}, "null values and shorter ones in a header"},
		"small values": {[]string{"load.record.bytes", "5..100", "load.headers", "trace=16"}, "null values and shorter ones in a header"},
		"large values": {[]string{"load.record.bytes", "100"}, "sizes stay as they are"},
		"at the edge":  {[]string{"load.record.bytes", "1..16300", "batch.size", "16384"}, "in a header"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := inFakeTime(t, engine.Config{
					Values: values(t, append([]string{"load.rate", "500", "stand.link.rtt", "2ms"}, c.pairs...)...), For: 4 * time.Second, Audit: true,
				}, nil)
				wantKept(t, r)
				if r.Records.Refused+r.Records.Failed > 0 || !strings.Contains(said(r), c.say) {
					t.Errorf("records %+v; want all accepted, and %q in%s", r.Records, c.say, said(r))
				}
			})
		})
	}
}

// The audit is turned on and off under load, by steps.
func TestAuditIsTurnedOnAndOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := func(s *engine.Session, line string) {
			t.Helper()
			var e *engine.Error
			if err := s.Do(mustStep(t, line)); !errors.As(err, &e) || e.Kind != engine.Usage {
				t.Errorf("%s: got %v, want a refusal", line, err)
			}
		}
		r := inFakeTime(t, engine.Config{Values: values(t, "load.rate", "1000", "stand.link.rtt", "5ms"), For: 12 * time.Second}, func(s *engine.Session) {
			do := func(line string) {
				t.Helper()
				if err := s.Do(mustStep(t, line)); err != nil {
					t.Errorf("%s: %v", line, err)
				}
			}
			time.Sleep(3 * time.Second)
			refused(s, "audit off")
			do("audit on")
			refused(s, "audit on")
			time.Sleep(2 * time.Second)
			refused(s, "audit on")
			if now := s.Snapshot().Now.Audit; now == nil || !now.On || now.Promised < 1500 || now.Found < 1500 || now.Missing > 100 || now.Twice+now.Reordered > 0 {
				t.Errorf("live %+v, want some 2000 promised and found", now)
			}
			if s.Report().Audit != nil {
				t.Error("there is a verdict before the audit has ended")
			}
			do("audit off")
			time.Sleep(2 * time.Second)
			a := verdictOf(t, s.Report())
			if a.Verdict != report.AuditKept || a.Acked < 1900 || a.Acked > 2100 || a.Coverage < 0.3 || a.Coverage > 0.5 {
				t.Errorf("audit %+v, want the 2 s that it was on", a)
			}
			if now := s.Snapshot().Now.Audit; now == nil || now.On {
				t.Errorf("live %+v, want it off", now)
			}
			do("audit on")
			time.Sleep(2 * time.Second)
		})
		a := verdictOf(t, r)
		if a.Verdict != report.AuditKept || a.Acked < 4500 || a.Acked > 7500 || a.Undecided > 0 {
			t.Errorf("audit %+v, want both stretches", a)
		}
	})
}

// A step that is asked for before the load begins counts from its beginning.
func TestAuditAskedForBeforeTheLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inFakeTime(t, engine.Config{Values: values(t, "load.rate", "1000"), For: 3 * time.Second}, func(s *engine.Session) {
			for _, line := range []string{"audit on", "audit off", "audit on"} {
				if err := s.Do(mustStep(t, line)); err != nil {
					t.Errorf("%s: %v", line, err)
				}
			}
		})
		wantKept(t, r)
	})
}

// Changes of guarantee under one audit: each record is judged by the producers
// that had it, and the verdict names them all.
func TestEachRecordIsJudgedByItsOwnGuarantee(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := func(d time.Duration, line string) step.Timed { return step.Timed{At: d, Step: mustStep(t, line)} }
		r := inFakeTime(t, engine.Config{
			Values: values(t, "load.rate", "2000", "stand.link.rtt", "10ms"), For: 9 * time.Second, Audit: true,
			At: []step.Timed{
				at(2*time.Second, "fault lose-response count=1"), // idempotent: once
				at(3*time.Second, "set enable.idempotence=false acks=1"),
				at(4*time.Second, "fault lose-response count=1"), // twice, and that was claimed
				at(5*time.Second, "set acks=0"),
				at(6*time.Second, "fault reset"), // not delivered
				at(7*time.Second, "set acks=all enable.idempotence=true"),
			},
		}, nil)
		a := verdictOf(t, r)
		if a.Verdict != report.AuditKept || a.DuplicatedBy.Retry == 0 || a.Lost != 0 || a.Acked != r.Records.Acked {
			t.Errorf("audit %+v, want duplicates and kept", a)
		}
		want := setting.ExactlyOnce + "; then " + setting.AtLeastOnce + "; then " + setting.AtMostOnce
		if a.Claimed != want {
			t.Errorf("claimed %q, want %q", a.Claimed, want)
		}
	})
}

// A client without the right to read says so, and judges nothing.
func TestNoRightToRead(t *testing.T) {
	allow := func(kind kmsg.ACLResourceType, name string, op kmsg.ACLOperation) kfake.ACL {
		return kfake.ACL{Resource: kind, Name: name, Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: op, Allow: true}
	}
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "orders"), kfake.EnableSASL(), kfake.EnableACLs(),
		kfake.User("PLAIN", "bob", "secret",
			allow(kmsg.ACLResourceTypeTopic, "orders", kmsg.ACLOperationWrite),
			allow(kmsg.ACLResourceTypeTopic, "orders", kmsg.ACLOperationDescribe),
			allow(kmsg.ACLResourceTypeCluster, "kafka-cluster", kmsg.ACLOperationIdempotentWrite)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	v := values(t, "security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", "PLAIN", "load.rate", "2000", "linger.ms", "1")
	if v, err = v.WithSecret(setting.SASLJaasConfig, setting.Secret(setting.PlainModule+` required username="bob" password="secret";`)); err != nil {
		t.Fatal(err)
	}
	s, err := engine.Open(engine.Config{Values: v, Brokers: c.ListenAddrs()[:1], Topics: []string{"orders"}, Yes: true, Records: 400, Audit: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	select {
	case <-s.Done():
	case <-ctx.Done():
		t.Fatalf("no end: %s", said(s.Report()))
	}
	a := verdictOf(t, s.Report())
	if s.Err() != nil || a.Verdict != report.AuditInconclusive || a.Lost != 0 || !strings.Contains(a.Say, "no right to Read topic orders") {
		t.Errorf("err %v, audit %+v, want it to say that Read is missing", s.Err(), a)
	}
}

// A batch that was stored, and given up since nobody heard of it, is not taken for
// the next one: franz-go 1.22.1 acknowledged that without a write (issue 1484).
// The module rediscovery has the same history with that version.
func TestGivenUpBatchesAreNotTakenForOthers(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.audited(t, "load.rate", "20", "linger.ms", "0", "batch.size", "0",
			"request.timeout.ms", "500", "delivery.timeout.ms", "1000", "load.partition", "0"))
		w.settled(telemetry.Running)
		b.answer(unheard)
		time.Sleep(2 * time.Second)
		b.answer(normally)
		time.Sleep(2 * time.Second)
		w.Stop(patience(t, 10*time.Second))
		r := w.close()
		a := verdictOf(t, r)
		if a.Verdict != report.AuditKept || a.WrittenDespiteError == 0 || a.Found != r.Records.Acked || a.Duplicated > 0 {
			t.Errorf("audit %+v, want kept, with records that are in the log though the producer gave up on them", a)
		}
	})
}
