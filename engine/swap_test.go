package engine_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/engine/workload"
)

// tally is what a topic holds, judged by the identities of its records.
type tally struct {
	found, twice, reordered, foreign int
}

// testID marks the records of these tests.
const testID = 7

// readBack reads a topic of the virtual network and judges it: first copies of
// one worker must rise within a partition.
func readBack(t *testing.T, network *kfake.VirtualNetwork, want int) tally {
	t.Helper()
	cl, err := kgo.NewClient(
		kgo.SeedBrokers("127.0.0.1:9092"), kgo.Dialer(network.DialContext),
		kgo.ConsumeTopics("kdyno"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	var out tally
	seen := map[uint64]bool{}
	type stream struct {
		partition int32
		worker    uint16
	}
	last := map[stream]uint64{}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	written := logLength(ctx, t, cl)
	for read := int64(0); out.found < want && ctx.Err() == nil; {
		poll, done := context.WithTimeout(ctx, 2*time.Second)
		fetches := cl.PollFetches(poll)
		quiet := poll.Err() != nil
		done()
		fetches.EachRecord(func(r *kgo.Record) {
			read++
			id, err := workload.ReadIdentity(r.Value, r.Key)
			switch {
			case err != nil || id.Test != testID:
				out.foreign++
			case seen[id.Seq]:
				out.twice++
			default:
				seen[id.Seq] = true
				out.found++
				from := stream{r.Partition, id.Worker}
				if before, ok := last[from]; ok && id.Seq < before {
					out.reordered++
				}
				last[from] = id.Seq
			}
		})
		// A reader that waits for its turn at a broker is quiet too.
		if quiet && read >= written {
			break
		}
	}
	return out
}

// logLength is how many records can be read of the bed's topic: those of a
// partition without a leader cannot.
func logLength(ctx context.Context, t *testing.T, cl *kgo.Client) int64 {
	t.Helper()
	ends, err := kadm.NewClient(cl).ListEndOffsets(ctx, "kdyno")
	if err != nil {
		t.Logf("the log's length: %v", err)
	}
	n := int64(0)
	ends.Each(func(o kadm.ListedOffset) {
		if o.Err == nil {
			n += o.Offset
		}
	})
	return n
}

// stamped is a configuration whose records carry their number and sender.
func stamped(c engine.Config) engine.Config {
	senders := uint64(c.Values.Int(setting.LoadSenders) * c.Values.Int(setting.LoadProducers))
	c.Stamp = func(n uint64, due time.Duration, key, value []byte) {
		workload.Identity{Test: testID, Worker: uint16(n % senders), Seq: n, Due: due}.Put(value, key)
	}
	return c
}

func mustStep(t *testing.T, line string) step.Step {
	t.Helper()
	st, err := step.Parse(line)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// The producer is changed 20 times under load, drain first: nothing is lost,
// repeated or reordered, and the gap is a round trip and a linger.
func TestSwapsLoseAndReorderNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &kfake.VirtualNetwork{}
		var at []step.Timed
		for i := range 20 {
			at = append(at, step.Timed{At: time.Duration(500+i*200) * time.Millisecond, Step: mustStep(t, fmt.Sprintf("set batch.size=%d", 16384+1024*(i%2+1)))})
		}
		s, err := engine.Open(stamped(engine.Config{
			Values: values(t, "load.rate", "20000", "load.senders", "4", "load.record.bytes", "60", "stand.link.rtt", "5ms", "linger.ms", "5"),
			For:    5 * time.Second, At: at, Network: network,
		}))
		if err != nil {
			t.Fatal(err)
		}
		<-s.Done()
		r := s.Report()
		if s.Err() != nil || r.Records.Acked != 100_000 || len(r.Runs) != 21 {
			t.Fatalf("err %v, records %+v, runs %d", s.Err(), r.Records, len(r.Runs))
		}
		for _, run := range r.Runs[1:] {
			if run.Swap.AckGapMs > 15 {
				t.Errorf("run %d: gap %v ms, want at most 15", run.Run, run.Swap.AckGapMs)
			}
		}
		if got, want := readBack(t, network, 100_000), (tally{found: 100_000}); got != want {
			t.Errorf("the log holds %+v, want %+v", got, want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
