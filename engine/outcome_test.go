package engine_test

import (
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// An error that passes is tried again: it is on the report, and nothing is
// lost.
func TestPassingErrorsAreTriedAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err   *kerr.Error
		pairs []string
		twice bool // its retries may be in the log again
	}{
		{kerr.NotEnoughReplicas, nil, false},
		{kerr.NotLeaderForPartition, nil, false},
		{kerr.NotEnoughReplicasAfterAppend, nil, false},
		{kerr.RequestTimedOut, nil, false},
		{kerr.NotEnoughReplicas, []string{"acks", "1", "max.in.flight.requests.per.connection", "1"}, false},
		{kerr.RequestTimedOut, []string{"acks", "1"}, true},
	} {
		name := tt.err.Message
		if tt.err == kerr.NotLeaderForPartition {
			name = "NOT_LEADER_OR_FOLLOWER" // the client has an older name
		}
		t.Run(strings.Join(append([]string{name}, tt.pairs...), " "), func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				w := open(t, b.config(t, append([]string{"load.rate", "1000", "load.record.bytes", "60", "stand.link.rtt", "5ms"}, tt.pairs...)...))
				w.settled(telemetry.Running)
				faults := b.fail(tt.err, 6)
				time.Sleep(3 * time.Second)
				w.Stop(patience(t, 20*time.Second))
				r := w.close()
				if hits := int64(faults.Hits()); hits == 0 || r.Requests.Errors[name] < hits {
					t.Errorf("errors %v, want the %d of %s", r.Requests.Errors, hits, name)
				}
				if r.Requests.Retries == 0 || *r.Stages["retry"].MaxMs < 10 {
					t.Errorf("%d retries, stage retry up to %v ms, want some and time in it", r.Requests.Retries, *r.Stages["retry"].MaxMs)
				}
				if r.Records.Acked != r.Records.Due {
					t.Errorf("records %+v, want all acknowledged", r.Records)
				}
				if f := failure(r, name); f.Count == 0 {
					t.Errorf("failures %+v, want %s among them", r.Failures, name)
				}
				if !tt.twice {
					judgeLog(t, b, r)
				}
			})
		})
	}
}

// A batch that the broker refuses for good has failed for certain. With one in
// flight at a time no other fails along with it.
func TestRefusedBatchesFailForCertain(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "1000", "load.record.bytes", "60", "stand.link.rtt", "5ms", "linger.ms", "20"))
		w.settled(telemetry.Running)
		b.fail(kerr.MessageTooLarge, -1)
		time.Sleep(500 * time.Millisecond)
		w.Stop(patience(t, 20*time.Second))
		r := w.close()
		if r.Records.Failed < 400 || r.Records.Unknown != 0 {
			t.Errorf("records %+v, want some 500 failed and none unknown", r.Records)
		}
		if r.Requests.Errors["MESSAGE_TOO_LARGE"] == 0 || failure(r, "MESSAGE_TOO_LARGE").Count == 0 {
			t.Errorf("errors %v, failures %+v, want MESSAGE_TOO_LARGE", r.Requests.Errors, r.Failures)
		}
		judgeLog(t, b, r)
	})
}

// Without idempotence franz-go fails a whole partition with its first batch,
// those in flight behind it too, which the broker may well have written. Their
// outcome is told from the wire: none of them has failed for certain and is in
// the log all the same.
func TestFailedBatchMakesNoPhantoms(t *testing.T) {
	for _, acks := range []string{"1", "all"} {
		t.Run(acks, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				w := open(t, b.config(t, "acks", acks, "enable.idempotence", "false", "load.rate", "20000",
					"load.record.bytes", "60", "batch.size", "1024", "stand.link.rtt", "20ms", "linger.ms", "0"))
				w.settled(telemetry.Running)
				for range 10 {
					b.fail(kerr.MessageTooLarge, 1)
					time.Sleep(100 * time.Millisecond)
				}
				w.Stop(patience(t, 20*time.Second))
				r := w.close()
				if r.Records.Failed == 0 || r.Records.Unknown == 0 {
					t.Errorf("records %+v, want some failed for certain, and some behind them unknown", r.Records)
				}
				got := readBack(t, b.network, 1<<40)
				if least, most := r.Records.Acked, r.Records.Acked+r.Records.Unknown; int64(got.found) < least || int64(got.found) > most {
					t.Errorf("the log holds %d different records, want between %d and %d: %d failed for certain", got.found, least, most, r.Records.Failed)
				}
			})
		})
	}
}

// What fails with a refused batch, though no broker refused it, is counted as
// such: the rest of its partition, in flight or not.
func TestNeighboursOfARefusedBatchAreCountedApart(t *testing.T) {
	t.Parallel()
	for _, idempotence := range []string{"true", "false"} {
		t.Run(idempotence, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				w := open(t, b.config(t, "enable.idempotence", idempotence, "load.rate", "2000", "load.record.bytes", "60",
					"load.partition", "2", "batch.size", "1024", "stand.link.rtt", "20ms", "linger.ms", "0"))
				w.settled(telemetry.Running)
				b.fail(kerr.MessageTooLarge, 1, 2)
				time.Sleep(time.Second)
				w.Stop(patience(t, 20*time.Second))
				r := w.close()
				refused, beside := failure(r, "MESSAGE_TOO_LARGE"), failure(r, "FAILED_WITH_NEIGHBOUR")
				// The broker's answer is counted for the batch, the others record by record.
				if refused.Count != 1 || beside.Count == 0 || beside.Count >= r.Records.Failed+r.Records.Unknown {
					t.Errorf("failures %+v, records %+v; want one batch refused and others beside it", r.Failures, r.Records)
				}
				judgeFirstCopies(t, b, r)
			})
		})
	}
}

// A broker that never answers: the delivery timeout ends what was written with
// an unknown outcome.
func TestDeliveryTimeoutOfASilentBrokerIsUnknown(t *testing.T) {
	t.Parallel()
	for _, idempotence := range []string{"true", "false"} {
		for _, silence := range []answering{never, unheard} {
			t.Run(idempotence+" "+silence.String(), func(t *testing.T) {
				inBubble(t, func(t *testing.T, b *bed) {
					w := open(t, b.config(t, "enable.idempotence", idempotence, "load.rate", "100", "load.record.bytes", "60",
						"request.timeout.ms", "1000", "delivery.timeout.ms", "3000", "linger.ms", "5"))
					w.settled(telemetry.Running)
					b.answer(silence)
					w.do("pause")
					w.do("resume")
					time.Sleep(100 * time.Millisecond)
					w.do("pause")
					time.Sleep(20 * time.Second)
					r := w.Report()
					if r.Records.InBuffer != 0 || r.Records.Unknown == 0 {
						t.Errorf("records %+v, want what was written unknown by now", r.Records)
					}
					// What found no slot was never written, and has failed. franz-go ends a
					// partition's records with the oldest: the younger ones are told apart.
					late, beside := failure(r, "DELIVERY_TIMEOUT").Count, failure(r, "FAILED_WITH_NEIGHBOUR").Count
					if late+beside != r.Records.Unknown+r.Records.Failed || late == 0 || silence == never && beside == 0 {
						t.Errorf("failures %+v, want DELIVERY_TIMEOUT or FAILED_WITH_NEIGHBOUR for each of %d and %d", r.Failures, r.Records.Unknown, r.Records.Failed)
					}
					b.answer(normally)
					w.do("resume")
					time.Sleep(2 * time.Second)
					w.Stop(patience(t, 10*time.Second))
					end := w.close()
					if end.Records.Acked <= r.Records.Acked {
						t.Errorf("acked %d then %d, want more once the brokers answer", r.Records.Acked, end.Records.Acked)
					}
					judgeFirstCopies(t, b, end)
				})
			})
		}
	}
}

// judgeFirstCopies is judgeLog where retries may have written records again.
func judgeFirstCopies(t *testing.T, b *bed, r report.Report) {
	t.Helper()
	got := readBack(t, b.network, 1<<40)
	if least, most := int(r.Records.Acked), int(r.Records.Acked+r.Records.Unknown); got.found < least || got.found > most {
		t.Errorf("the log holds %d different records, want between %d acknowledged and %d with the unknown", got.found, least, most)
	}
}

// With acks=0 nobody answers: there is no network stage, and a broken
// connection loses records without a word; they are counted all the same.
func TestNothingIsHeardWithAcks0(t *testing.T) {
	network := &kfake.VirtualNetwork{}
	reset := &resetter{}
	inBubble(t, func(t *testing.T, b *bed) {
		b.fake.Close()
		b.network = network
		b.open(t, kfake.ListenFn(func(kind, address string) (net.Listener, error) {
			l, err := network.Listen(kind, address)
			return &resetListener{l, reset}, err
		}))
		w := open(t, b.config(t, "acks", "0", "load.rate", "2000", "load.record.bytes", "60", "stand.link.rtt", "5ms"))
		w.settled(telemetry.Running)
		time.Sleep(time.Second)
		if r := w.Report(); r.Stages["network"] != nil || r.Guarantee.Name != "at most once" || r.Requests.InFlightMax > 1 {
			t.Errorf("stage network %+v, guarantee %q, %d in flight, want none, at most once and no answer awaited",
				r.Stages["network"], r.Guarantee.Name, r.Requests.InFlightMax)
		}
		for range 5 {
			reset.all()
			time.Sleep(200 * time.Millisecond)
		}
		w.Stop(patience(t, 10*time.Second))
		r := w.close()
		if r.Records.Acked == 0 || r.Records.InBuffer != 0 {
			t.Errorf("records %+v", r.Records)
		}
		got := readBack(t, b.network, int(r.Records.Acked)+1)
		if int64(got.found) >= r.Records.Acked {
			t.Errorf("the log holds %d of %d, want some lost with the connections", got.found, r.Records.Acked)
		}
	})
}

// resetter closes the brokers' side of all connections.
type resetter struct {
	mu    sync.Mutex
	conns []net.Conn
}

func (r *resetter) all() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		_ = c.Close()
	}
	r.conns = nil
}

type resetListener struct {
	net.Listener
	resetter *resetter
}

func (l *resetListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.resetter.mu.Lock()
		l.resetter.conns = append(l.resetter.conns, c)
		l.resetter.mu.Unlock()
	}
	return c, err
}

// A connection that breaks with requests in flight: they are sent again.
func TestBrokenConnectionsLoseNothing(t *testing.T) {
	network := &kfake.VirtualNetwork{}
	reset := &resetter{}
	inBubble(t, func(t *testing.T, b *bed) {
		b.fake.Close()
		b.network = network
		b.open(t, kfake.ListenFn(func(kind, address string) (net.Listener, error) {
			l, err := network.Listen(kind, address)
			return &resetListener{l, reset}, err
		}))
		w := open(t, b.config(t, "load.rate", "2000", "load.record.bytes", "60", "stand.link.rtt", "5ms"))
		w.settled(telemetry.Running)
		for range 5 {
			reset.all()
			time.Sleep(300 * time.Millisecond)
		}
		w.Stop(patience(t, 10*time.Second))
		r := w.close()
		if r.Records.Acked != r.Records.Due || r.Requests.Retries == 0 || failure(r, "CONNECTION_LOST").Count == 0 {
			t.Errorf("records %+v, %d retries, failures %+v, want all acknowledged, after retries", r.Records, r.Requests.Retries, r.Failures)
		}
		for _, f := range r.Failures {
			if f.Kind == "CONNECTION_LOST" && f.Broker == nil {
				t.Errorf("failure %+v names no broker", f)
			}
		}
		judgeLog(t, b, r)
	})
}

// With acks=0 nobody tells what arrived; what was handed to a connection does so
// before that is closed, over a long way too.
func TestAcks0ArrivesBeforeTheEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		c := b.config(t, "acks", "0", "load.rate", "2000", "load.record.bytes", "60", "stand.link.rtt", "600ms")
		c.For = 5 * time.Second
		w := open(t, c)
		time.Sleep(4 * time.Second)
		w.do("set linger.ms=1")
		<-w.Done()
		r := w.close()
		if len(r.Runs) != 2 || r.Records.Acked != 10_000 {
			t.Errorf("%d runs, records %+v, want all 10000 sent", len(r.Runs), r.Records)
		}
		if got := readBack(t, b.network, 1<<40); got.found != 10_000 || got.twice+got.foreign != 0 {
			t.Errorf("the log holds %+v, want each of 10000", got)
		}
	})
}

// batch.size=0 turns batching off: each record of a usual size goes alone. A
// record that is larger than batch.size goes alone too.
func TestRecordsThatGoAlone(t *testing.T) {
	for name, pairs := range map[string][]string{
		"batch.size=0":             {"batch.size", "0"},
		"larger than batch.size":   {"batch.size", "16384", "load.record.bytes", "20000"},
		"much larger, with a key":  {"batch.size", "1024", "load.record.bytes", "50000", "load.keys", "uniform:10"},
		"as large as the requests": {"batch.size", "1024", "load.record.bytes", "1000000", "load.rate", "20"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				c := b.config(t, append([]string{"load.rate", "200", "linger.ms", "20", "stand.link.rtt", "5ms"}, pairs...)...)
				c.For = 2 * time.Second
				w := open(t, c)
				<-w.Done()
				r := w.close()
				if r.Records.Acked != r.Records.Due || r.Batches.Count != r.Records.Due || *r.Batches.RecordsMean != 1 {
					t.Errorf("records %+v in %d batches, failures %+v, want each acknowledged, alone", r.Records, r.Batches.Count, r.Failures)
				}
				judgeLog(t, b, r)
			})
		})
	}
}
