package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine"
	"kdyno/engine/step"
	"kdyno/engine/workload"
)

// readAll reads so many records of the topic.
func readAll(t *testing.T, network *kfake.VirtualNetwork, want int) []*kgo.Record {
	t.Helper()
	cl, err := kgo.NewClient(
		kgo.SeedBrokers("127.0.0.1:9092"), kgo.Dialer(network.DialContext),
		kgo.ConsumeTopics("kdyno"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all []*kgo.Record
	for len(all) < want && ctx.Err() == nil {
		all = append(all, cl.PollFetches(ctx).Records()...)
	}
	return all
}

func TestShapesDecideWhenRecordsAreDue(t *testing.T) {
	for shape, want := range map[string]int64{
		"constant": 1000, "ramp:0..200/10s": 1000, "step:50,150/5s": 1000, "burst:100/1s": 1000,
		"sine:50..150/5s": 1000, "step:100,0/5s": 501,
	} {
		t.Run(shape, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := inFakeTime(t, engine.Config{
					Values: values(t, "load.shape", shape, "load.rate", "100", "load.senders", "3"), For: 10 * time.Second,
				}, nil)
				if r.Records.Due != want || r.Records.Acked != want {
					t.Errorf("due %d, acked %d, want %d", r.Records.Due, r.Records.Acked, want)
				}
				if lag := r.Stages["schedule_lag"]; lag.MaxMs == nil || *lag.MaxMs != 0 {
					t.Errorf("schedule lag is %+v, want 0: each record is sent when it is due", lag)
				}
			})
		})
	}
}

// load.rate is not read by other shapes, so that a change of it changes nothing.
func TestShapesChangeUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := func(d time.Duration, line string) step.Timed { return step.Timed{At: d, Step: mustStep(t, line)} }
		r := inFakeTime(t, engine.Config{
			Values: values(t, "load.rate", "100", "load.senders", "2"), For: 12 * time.Second,
			At: []step.Timed{
				at(2005*time.Millisecond, "set load.shape=burst:100/1s"), // 201 of the constant rate, then one burst a second
				at(5500*time.Millisecond, "set load.rate=7"),
				at(7*time.Second, "set load.shape=ramp:100..100/5s"), // after bursts at 2.005 s to 6.005 s
				at(9*time.Second, "pause"),
				at(10*time.Second, "resume"),
			},
		}, nil)
		// 201 + 5 * 100 + 2 s at 100/s, of which the first comes an interval
		// after the change, + 2 s at 100/s from the resumption on.
		if want := int64(201 + 500 + 200 + 200); r.Records.Due != want || r.Records.Acked != want {
			t.Errorf("due %d, acked %d, want %d", r.Records.Due, r.Records.Acked, want)
		}
	})
}

// What the load says of a record is what a consumer reads.
func TestRecordsArriveAsTheLoadSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &kfake.VirtualNetwork{}
		v := values(t, "load.rate", "200", "load.senders", "2", "load.record.bytes", "10..600", "load.payload", "text",
			"load.keys", "zipf:50:1", "load.headers", "trace-id=32,tenant=4", "load.null.values", "0.25",
			"load.partition", "2", "load.timestamp", "-1h", "stand.link.rtt", "20ms")
		s, err := engine.Open(engine.Config{Values: v, For: 5 * time.Second, Network: network})
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		<-s.Done()
		r := s.Report()
		if s.Err() != nil || r.Records.Acked != 1000 || len(r.Records.Broken()) > 0 {
			t.Fatalf("err %v, records %+v, failures %+v", s.Err(), r.Records, r.Failures)
		}
		l, err := workload.FromValues(v)
		if err != nil {
			t.Fatal(err)
		}
		source, err := workload.NewSource(l)
		if err != nil {
			t.Fatal(err)
		}
		wanted := map[string]int{}
		var c workload.Content
		for n := range uint64(1000) {
			source.Fill(n, &c)
			wanted[contents(c.Key, c.Value, len(c.Headers), func(i int) (string, []byte) { return c.Headers[i].Key, c.Headers[i].Value })]++
		}
		raw := int64(0)
		for _, k := range readAll(t, network, 1000) {
			wanted[contents(k.Key, k.Value, len(k.Headers), func(i int) (string, []byte) { return k.Headers[i].Key, k.Headers[i].Value })]--
			raw += int64(len(k.Key) + len(k.Value))
			if k.Partition != 2 {
				t.Fatalf("record %d went to partition %d, want 2", k.Offset, k.Partition)
			}
			if old := begun.Add(6 * time.Second).Sub(k.Timestamp); old < time.Hour || old > time.Hour+7*time.Second {
				t.Fatalf("record %d is of %v, want an hour before it was sent", k.Offset, k.Timestamp)
			}
		}
		for text, n := range wanted {
			if n != 0 {
				t.Fatalf("%q was read %d times too few", text, n)
			}
		}
		if r.Batches.RawBytesMean == nil || *r.Batches.RawBytesMean*float64(r.Batches.Count) < float64(raw) {
			t.Errorf("raw bytes of a batch %v, want headers and values counted", r.Batches.RawBytesMean)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// contents is a record in one text; nulls differ from what is empty.
func contents(key, value []byte, headers int, header func(i int) (string, []byte)) string {
	var b strings.Builder
	b.Write(key)
	if value == nil {
		b.WriteString("|null|")
	}
	b.Write(value)
	for i := range headers {
		name, value := header(i)
		b.WriteString("|" + name + "=" + string(value))
	}
	return b.String()
}

// An old timestamp must not make the record expire: delivery.timeout.ms counts
// from send(), whatever a record says of itself.
func TestOldRecordsHaveTheirDeliveryTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, shift := range []string{"-240h", "+30m"} {
			r := inFakeTime(t, engine.Config{
				Values: values(t, "load.rate", "50", "load.timestamp", shift, "stand.link.rtt", "100ms", "delivery.timeout.ms", "40000"),
				For:    3 * time.Second,
			}, nil)
			if r.Records.Acked != 150 {
				t.Errorf("%s: acked %d of 150, failures %+v", shift, r.Records.Acked, r.Failures)
			}
		}
	})
}

func TestAPartitionThatIsNotThereIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inFakeTime(t, engine.Config{
			Values: values(t, "load.rate", "50", "load.partition", "6", "stand.partitions", "6"), For: 2 * time.Second,
		}, nil)
		f := failure(r, "INVALID_PARTITION")
		if r.Records.Refused != 100 || r.Records.Acked != 0 || f.Count != 100 {
			t.Errorf("records %+v, failure %+v; want all 100 refused", r.Records, f)
		}
	})
}

func TestAFileOfRecordsIsSentInTurn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records.txt")
	if err := os.WriteFile(path, []byte("one\ntwo\n"+strings.Repeat("x", 5000)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		network := &kfake.VirtualNetwork{}
		s, err := engine.Open(engine.Config{
			Values: values(t, "load.rate", "100"), For: 3 * time.Second, Network: network,
			At: []step.Timed{{At: time.Second, Step: mustStep(t, "set load.payload=file:"+path)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		<-s.Done()
		r := s.Report()
		if s.Err() != nil || r.Records.Acked != 300 {
			t.Fatalf("err %v, records %+v, events %+v", s.Err(), r.Records, r.Events)
		}
		// The longest line is more than the producer was made for: a new one took over.
		if len(r.Runs) != 2 {
			t.Errorf("got %d runs, want 2: the file's longest record needs a larger batch", len(r.Runs))
		}
		counts := map[string]int{}
		for _, k := range readAll(t, network, 300) {
			counts[string(k.Value)]++
		}
		for _, line := range []string{"one", "two", strings.Repeat("x", 5000)} {
			if got := counts[line]; got < 65 || got > 68 {
				t.Errorf("%.10q was sent %d times, want a third of the last two seconds", line, got)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestAFileThatCannotBeReadIsAnErrorAndTheLoadGoesOn(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.txt")
	if s, err := engine.Open(engine.Config{Values: values(t, "load.payload", "file:"+missing)}); err == nil {
		_ = s.Close()
		t.Error("got a session without the file of its records")
	} else if !strings.Contains(err.Error(), missing) {
		t.Errorf("got %q, want the file's name in it", err)
	}
	synctest.Test(t, func(t *testing.T) {
		r := inFakeTime(t, engine.Config{Values: values(t, "load.rate", "100"), For: 3 * time.Second}, func(s *engine.Session) {
			time.Sleep(time.Second)
			if err := s.Do(mustStep(t, "set load.payload=file:"+missing)); err == nil || !strings.Contains(err.Error(), missing) {
				t.Errorf("got %v, want an error that names the file", err)
			}
			if got := s.Values().Text("load.payload"); got != "json" {
				t.Errorf("load.payload is %q after a refusal, want json", got)
			}
		})
		if r.Records.Acked != 300 {
			t.Errorf("acked %d, want 300", r.Records.Acked)
		}
	})
}
