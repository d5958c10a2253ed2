package engine_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine"
	"kdyno/engine/partition"
	"kdyno/engine/step"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// story waits until the record that was followed last has ended.
func (w *watched) story() report.Followed {
	w.t.Helper()
	for range 60_000 {
		if all := w.Report().Followed; len(all) > 0 && all[len(all)-1].Outcome != report.OnItsWay {
			return all[len(all)-1]
		}
		time.Sleep(time.Millisecond)
	}
	w.t.Fatalf("no record that is followed came to its end: %+v", w.Report().Followed)
	return report.Followed{}
}

// sums up to the latency, stage by stage.
func addUp(t *testing.T, f report.Followed) {
	t.Helper()
	sum := 0.0
	for _, ms := range f.Stages {
		if ms != nil {
			sum += *ms
		}
	}
	if f.LatencyMs == nil || math.Abs(sum-*f.LatencyMs) > 1e-6 {
		t.Errorf("stages %v add up to %v ms, the latency is %v", stagesOf(f), sum, f.LatencyMs)
	}
}

func stagesOf(f report.Followed) map[string]float64 {
	out := map[string]float64{}
	for name, ms := range f.Stages {
		if ms != nil && *ms != 0 {
			out[name] = *ms
		}
	}
	return out
}

// One record among the others: every station tells what it did, and the log
// holds what the report says.
func TestSendIsFollowedThroughEveryStation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &kfake.VirtualNetwork{}
		s, err := engine.Open(engine.Config{
			Values: values(t, "load.rate", "1", "load.record.bytes", "60", "linger.ms", "10", "stand.link.rtt", "20ms", "load.keys", "uniform:50"),
			For:    4 * time.Second, Network: network,
			At: []step.Timed{{At: 2500 * time.Millisecond, Step: mustStep(t, `send key=a value="hello, world" header.trace="1 2" header.trace=3`)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		<-s.Done()
		r := s.Report()
		if len(r.Followed) != 1 {
			t.Fatalf("followed %+v, want one record", r.Followed)
		}
		f := r.Followed[0]
		where := partition.Hash([]byte("a"), 6)
		if f.Key == nil || *f.Key != "a" || f.Topic != "kdyno" || f.Outcome != report.Acked || f.Error != nil || f.Tries != 1 {
			t.Errorf("got %+v, want the record with key a acknowledged at once", f)
		}
		if f.Partition == nil || int(*f.Partition) != where || !strings.Contains(f.Why, fmt.Sprintf("modulo 6 partitions that is %d", where)) {
			t.Errorf("partition %v since %q, want %d by its hash", f.Partition, f.Why, where)
		}
		if want := []string{"trace=1 2", "trace=3"}; !cmp.Equal(f.Headers, want) || f.Bytes != 1+12+2*5+4 {
			t.Errorf("headers %v, %d bytes, want %v and 27", f.Headers, f.Bytes, want)
		}
		if f.Broker == nil || int(*f.Broker) != where%3 || f.ProducerID == nil || f.Epoch == nil || f.Sequence == nil || f.BatchRecord < 1 || f.BatchBytes < 61 {
			t.Errorf("got %+v, want its broker %d, the producer and the batch", f, where%3)
		}
		want := map[string]float64{"batching": 10, "network": 20}
		if diff := cmp.Diff(want, stagesOf(f)); diff != "" || f.BatchClosed != "linger" {
			t.Errorf("closed by %s, stages (-want +got):\n%s", f.BatchClosed, diff)
		}
		addUp(t, f)
		if r.Records.Due != 5 || r.Records.Acked != 5 || len(r.Records.Broken()) > 0 {
			t.Errorf("records %+v, want the 4 of the load and one more", r.Records)
		}
		if !strings.Contains(said(r), "send key=a: partition ") {
			t.Errorf("no event tells of it:%s", said(r))
		}
		inLog(t, network, f, 5, "a", "hello, world")
		if sent := begun.Add(time.Duration(f.AtS * 1e9)).UnixMilli(); f.Timestamp == nil || *f.Timestamp != sent || f.TimestampType != "CreateTime" {
			t.Errorf("timestamp %v (%s), want %d", f.Timestamp, f.TimestampType, sent)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// inLog reads the topic and wants the record where its story says.
func inLog(t *testing.T, network *kfake.VirtualNetwork, f report.Followed, all int, key, value string) {
	t.Helper()
	for _, k := range readAll(t, network, all) {
		if f.Partition == nil || f.Offset == nil || k.Partition != *f.Partition || k.Offset != *f.Offset {
			continue
		}
		if string(k.Key) != key || string(k.Value) != value {
			t.Errorf("at the offset of the record is %q: %q", k.Key, k.Value)
		}
		if f.Timestamp == nil || k.Timestamp.UnixMilli() != *f.Timestamp {
			t.Errorf("the log has timestamp %d, the story %v", k.Timestamp.UnixMilli(), f.Timestamp)
		}
		return
	}
	t.Errorf("nothing is at partition %v, offset %v", f.Partition, f.Offset)
}

// Why a record went where it went, and what it had on the way, in each of the
// ways in which that differs.
func TestStoriesDiffer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pairs []string
		line  string
		want  func(f report.Followed) bool
	}{
		"no key": {nil, "send value=x", func(f report.Followed) bool {
			return f.Key == nil && strings.HasPrefix(f.Why, "sticky: it has no key") && f.Outcome == report.Acked
		}},
		"an empty key": {nil, "send key= value=x", func(f report.Followed) bool {
			return f.Key != nil && *f.Key == "" && strings.HasPrefix(f.Why, "hash:")
		}},
		"a key that is ignored": {[]string{"partitioner.ignore.keys", "true"}, "send key=a", func(f report.Followed) bool {
			return strings.HasPrefix(f.Why, "sticky: partitioner.ignore.keys=true")
		}},
		"round robin": {[]string{"partitioner.class", "round-robin"}, "send key=a", func(f report.Followed) bool {
			return strings.HasPrefix(f.Why, "round robin")
		}},
		"a partition of its own": {nil, "send key=a partition=5", func(f report.Followed) bool {
			return *f.Partition == 5 && f.Why == "the record names it"
		}},
		"a partition that is not there": {nil, "send partition=6", func(f report.Followed) bool {
			return f.Outcome == report.Refused && f.Error.Kind == "INVALID_PARTITION" && f.Error.Where == "partition" && f.Partition == nil && f.Tries == 0
		}},
		"too large": {[]string{"max.request.size", "2000", "batch.size", "1000"}, "send value=" + strings.Repeat("x", 3000), func(f report.Followed) bool {
			return f.Outcome == report.Refused && f.Error.Kind == "RECORD_TOO_LARGE"
		}},
		"acks=0": {[]string{"acks", "0"}, "send key=a", func(f report.Followed) bool {
			return f.Outcome == report.Acked && f.Offset == nil && f.Stages["network"] == nil && f.ProducerID == nil
		}},
		"without idempotence": {[]string{"enable.idempotence", "false"}, "send key=a", func(f report.Followed) bool {
			return f.Outcome == report.Acked && f.Offset != nil && f.ProducerID == nil && f.Sequence == nil
		}},
		"bytes that cannot be printed": {nil, `send key="\x1b[2J\xff" header.x="\n"`, func(f report.Followed) bool {
			return *f.Key == `"\x1b[2J\xff"` && f.Headers[0] == `x="\n"`
		}},
		"full": {[]string{"linger.ms", "1000", "batch.size", "1000", "load.rate", "1000", "load.partition", "3"}, "send key=a partition=3", func(f report.Followed) bool {
			return f.BatchClosed == "full" && f.BatchRecords > 1 && f.BatchRecord <= f.BatchRecords
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				c := b.config(t, append([]string{"load.rate", "200", "load.record.bytes", "60", "stand.link.rtt", "5ms"}, tt.pairs...)...)
				w := open(t, c)
				w.settled(telemetry.Running)
				w.do(tt.line)
				f := w.story()
				if !tt.want(f) {
					t.Errorf("%s: got %+v, error %+v", tt.line, f, f.Error)
				}
				if f.Outcome == report.Acked {
					addUp(t, f)
				}
				w.Stop(patience(t, 5*time.Second))
				if r := w.close(); len(r.Runs) != 1 {
					t.Errorf("%d runs, want no new one", len(r.Runs))
				}
			})
		})
	}
}

// The record has the number in its batch that its offset says.
func TestBatchRecordIsThePlaceInTheBatch(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "1", "load.record.bytes", "60", "linger.ms", "50", "stand.link.rtt", "5ms"))
		w.settled(telemetry.Running)
		for range 3 {
			w.do("send value=x partition=2")
			time.Sleep(time.Millisecond)
		}
		w.story()
		time.Sleep(time.Second)
		for i, f := range w.Report().Followed {
			if f.BatchRecord != i+1 || f.BatchRecords != 3 || *f.Sequence != int32(i)+*w.Report().Followed[0].Sequence {
				t.Errorf("record %d: %+v, want number %d of 3", i, f, i+1)
			}
			if got := stagesOf(f); got["batching"] != 50-float64(i) {
				t.Errorf("record %d: stages %v, want %d ms of batching", i, got, 50-i)
			}
		}
		w.close()
	})
}

// A record keeps the timestamp that it names, unless the topic has its own.
func TestTimestampIsWhatTheTopicMakesOfIt(t *testing.T) {
	for _, appended := range []bool{false, true} {
		t.Run(fmt.Sprintf("LogAppendTime %v", appended), func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				if appended {
					b.fake.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
						b.fake.KeepControl()
						appendTime(req.(*kmsg.ProduceRequest))
						return nil, nil, false
					})
				}
				w := open(t, b.config(t, "load.rate", "10", "load.record.bytes", "60", "stand.link.rtt", "20ms"))
				w.settled(telemetry.Running)
				for _, tt := range []struct {
					line string
					want func() int64
				}{
					{"send key=a timestamp=1700000000123", func() int64 { return 1700000000123 }},
					{"send key=a timestamp=2020-05-05T05:05:05.005Z", func() int64 { return 1588655105005 }},
					{"send key=a timestamp=-1h", func() int64 { return time.Now().Add(-time.Hour).UnixMilli() }},
				} {
					want := tt.want()
					w.do(tt.line)
					f := w.story()
					kind := "CreateTime"
					if appended {
						// Ten milliseconds of the round trip before, five of linger.
						want, kind = *f.Timestamp, "LogAppendTime"
						if late := time.Now().UnixMilli() - want; late < 0 || late > 30 {
							t.Errorf("%s: appended %d ms ago, want the time of the append", tt.line, late)
						}
					}
					if f.Timestamp == nil || *f.Timestamp != want || f.TimestampType != kind {
						t.Errorf("%s: timestamp %v (%s), want %d (%s)", tt.line, *f.Timestamp, f.TimestampType, want, kind)
					}
				}
				w.close()
			})
		})
	}
}

// appendTime makes a batch one of a topic with message.timestamp.type=
// LogAppendTime, of which kfake only knows what the batch says itself.
func appendTime(req *kmsg.ProduceRequest) {
	for _, topic := range req.Topics {
		for _, p := range topic.Partitions {
			p.Records[22] |= 8
			binary.BigEndian.PutUint32(p.Records[17:], crc32.Checksum(p.Records[21:], crc32.MakeTable(crc32.Castagnoli)))
		}
	}
}

// What fails is followed too: where, why, and what may be in the log.
func TestFailuresAreFollowed(t *testing.T) {
	t.Parallel()
	t.Run("refused by the broker", func(t *testing.T) {
		inBubble(t, func(t *testing.T, b *bed) {
			w := open(t, b.config(t, "load.rate", "10", "load.record.bytes", "60", "stand.link.rtt", "5ms"))
			w.settled(telemetry.Running)
			b.fail(kerr.MessageTooLarge, -1, 2)
			w.do("send value=x partition=2")
			f := w.story()
			if f.Outcome != report.Failed || f.Error.Kind != "MESSAGE_TOO_LARGE" || f.Error.Where != "broker" || f.Tries != 1 || f.Offset != nil {
				t.Errorf("got %+v, %+v, want it failed for certain", f, f.Error)
			}
			addUp(t, f)
			w.close()
		})
	})
	t.Run("never answered", func(t *testing.T) {
		inBubble(t, func(t *testing.T, b *bed) {
			w := open(t, b.config(t, "load.rate", "10", "load.record.bytes", "60", "request.timeout.ms", "1000", "delivery.timeout.ms", "3000", "linger.ms", "5"))
			w.settled(telemetry.Running)
			b.answer(never)
			w.do("send value=x partition=2")
			f := w.story()
			if f.Outcome != report.Unknown || f.Error.Kind != "DELIVERY_TIMEOUT" || f.Tries < 2 || *f.LatencyMs < 3000 {
				t.Errorf("got %+v, %+v, want it unknown after some tries and 3 s", f, f.Error)
			}
			w.close()
		})
	})
	t.Run("tried again", func(t *testing.T) {
		inBubble(t, func(t *testing.T, b *bed) {
			w := open(t, b.config(t, "load.rate", "1", "load.record.bytes", "60", "stand.link.rtt", "5ms"))
			w.settled(telemetry.Running)
			b.fail(kerr.NotEnoughReplicas, 3, 2)
			w.do("send value=x partition=2")
			f := w.story()
			if f.Outcome != report.Acked || f.Tries != 4 || *f.Stages["retry"] < 100 {
				t.Errorf("got %+v, %v, want it acknowledged at the fourth try", f, stagesOf(f))
			}
			addUp(t, f)
			w.close()
		})
	})
	t.Run("given up with the producer", func(t *testing.T) {
		inBubble(t, func(t *testing.T, b *bed) {
			w := open(t, b.config(t, "load.rate", "10", "load.record.bytes", "60", "stand.link.rtt", "5ms"))
			w.settled(telemetry.Running)
			b.answer(never)
			w.do("send value=x partition=2")
			time.Sleep(100 * time.Millisecond)
			r := w.close()
			if f := r.Followed[0]; f.Outcome != report.Unknown || f.Error.Kind != "PRODUCER_CLOSED" {
				t.Errorf("got %+v, %+v, want it unknown with the producer's end", f, f.Error)
			}
		})
	})
}

// A record that the buffer has no room for is followed to its refusal, and one
// that waits as the load ends is called back.
func TestBlockedSendIsFollowed(t *testing.T) {
	for name, block := range map[string]string{"BUFFER_EXHAUSTED": "200", "CALLED_BACK": "60000"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				w := open(t, b.config(t, "load.rate", "1000", "load.record.bytes", "512", "buffer.memory", "65536", "max.block.ms", block))
				w.settled(telemetry.Running)
				b.answer(never)
				time.Sleep(2 * time.Second)
				w.do("send value=x")
				time.Sleep(time.Second)
				r := w.close()
				f := r.Followed[0]
				if f.Outcome != report.Refused || f.Error.Kind != name {
					t.Errorf("got %+v, %+v, want %s", f, f.Error, name)
				}
			})
		})
	}
}

// A record larger than any that the producers were made for gets new ones, and
// is sent all the same.
func TestLargeSendMakesANewProducer(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "500", "load.record.bytes", "60", "batch.size", "1000", "stand.link.rtt", "5ms"))
		w.settled(telemetry.Running)
		w.do("set load.rate=400")
		w.do("send key=big value=" + strings.Repeat("x", 5000))
		w.do("set load.rate=300")
		f := w.story()
		if f.Outcome != report.Acked || f.BatchRecords != 1 {
			t.Errorf("got %+v, %+v, want it acknowledged alone in its batch", f, f.Error)
		}
		w.Stop(patience(t, 5*time.Second))
		r := w.close()
		if len(r.Runs) != 2 || r.Settings["load.rate"] != "300" || r.Records.Acked != r.Records.Due {
			t.Errorf("%d runs, load.rate %s, records %+v, want a second run and all acknowledged", len(r.Runs), r.Settings["load.rate"], r.Records)
		}
		if !strings.Contains(said(r), "5003 bytes, larger than any before") {
			t.Errorf("no event says why there is a new producer:%s", said(r))
		}
		got := readBack(t, b.network, int(r.Records.Acked))
		if got.foreign != 1 || int64(got.found) != r.Records.Acked-1 || got.twice+got.reordered != 0 {
			t.Errorf("the log holds %+v, want %d and the one that was sent", got, r.Records.Acked-1)
		}
	})
}

// A swap that cannot drain hands the record over, and its story goes on.
func TestSendIsFollowedThroughASwap(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "200", "load.record.bytes", "60", "stand.link.rtt", "5ms", "acks", "1"))
		w.settled(telemetry.Running)
		b.answer(never)
		w.do("send key=a")
		time.Sleep(50 * time.Millisecond)
		w.do("set linger.ms=7")
		w.settled(telemetry.Swapping)
		time.Sleep(1500 * time.Millisecond)
		b.answer(normally)
		w.runs(2)
		f := w.story()
		if f.Outcome != report.Acked || *f.Stages["swap"] < 1900 || !strings.HasPrefix(f.Why, "hash:") {
			t.Errorf("got %+v, %v, want it acknowledged after the swap", f, stagesOf(f))
		}
		addUp(t, f)
		w.close()
	})
}

// What cannot be sent is refused at once, with what to do.
func TestSendsThatCannotBeAreRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		c := b.config(t, "load.rate", "100", "load.record.bytes", "60")
		w := open(t, c)
		refused := func(line, say string) {
			t.Helper()
			var e *engine.Error
			if err := w.Do(mustStep(t, line)); !errors.As(err, &e) || e.Kind != engine.Usage || !strings.Contains(e.Say, say) || e.Hint == "" {
				t.Errorf("%s: got %v, want a refusal that says %q", line, err, say)
			}
		}
		refused("send key=a", "the load has not begun")
		refused("partitions 9", "the load has not begun")
		refused("crash", "the load has not begun")
		refused("restart", "nothing to restart")
		w.settled(telemetry.Running)
		refused("send topic=others key=a", "does not write to topic others")
		if err := w.Do(step.Step{Verb: step.Send, With: []step.Parameter{{Name: "partition", Text: "x"}}}); err == nil {
			t.Error("a step with a partition that is no number was not refused")
		}
		w.do("pause")
		time.Sleep(200 * time.Millisecond)
		sent := w.Report().Records.Sent
		w.do("send topic=kdyno key=a")
		if f := w.story(); f.Outcome != report.Acked {
			t.Errorf("got %+v, want it sent though the load is paused", f)
		}
		time.Sleep(time.Second)
		if r := w.Report(); r.Records.Sent != sent+1 {
			t.Errorf("sent %d then %d, want one more", sent, r.Records.Sent)
		}
		w.Stop(patience(t, time.Second))
		refused("send key=a", "the load has ended")
		w.close()
	})
}
