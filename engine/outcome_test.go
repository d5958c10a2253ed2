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
		code := strings.ReplaceAll(tt.err.Message, "LEADER_FOR_PARTITION", "LEADER_OR_FOLLOWER") // as Kafka calls it
		name := code
		if len(tt.pairs) > 0 {
			name += " " + tt.pairs[1]
		}
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bed) {
				w := open(t, b.config(t, append([]string{"load.rate", "1000", "load.record.bytes", "60", "stand.link.rtt", "5ms"}, tt.pairs...)...))
				w.settled(telemetry.Running)
				faults := b.fail(tt.err, 6)
				time.Sleep(3 * time.Second)
				w.Stop(patience(t, 20*time.Second))
				r := w.close()
				if hits := int64(faults.Hits()); hits == 0 || r.Requests.Errors[code] < hits {
					t.Errorf("errors %v, want the %d of %s", r.Requests.Errors, hits, code)
				}
				if r.Requests.Retries == 0 || *r.Stages["retry"].MaxMs < 10 {
					t.Errorf("%d retries, stage retry up to %v ms, want some and time in it", r.Requests.Retries, *r.Stages["retry"].MaxMs)
				}
				if r.Records.Acked != r.Records.Due {
					t.Errorf("records %+v, want all acknowledged", r.Records)
				}
				if f := failure(r, code); f.Count == 0 {
					t.Errorf("failures %+v, want %s among them", r.Failures, code)
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

// A broker that never answers: the delivery timeout ends what was written with
// an unknown outcome.
func TestDeliveryTimeoutOfASilentBrokerIsUnknown(t *testing.T) {
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
					// What found no slot was never written, and has failed.
					if f := failure(r, "DELIVERY_TIMEOUT"); f.Count != r.Records.Unknown+r.Records.Failed {
						t.Errorf("failures %+v, want DELIVERY_TIMEOUT for each of %d and %d", r.Failures, r.Records.Unknown, r.Records.Failed)
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
		judgeLog(t, b, r)
	})
}
