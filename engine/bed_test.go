package engine_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine"
	"kdyno/engine/step"
	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// answering is how the brokers of a bed treat produce requests.
type answering int32

const (
	normally answering = iota
	never              // the request is not read, and nothing follows on its connection
	unheard            // it is stored, and the answer is lost
)

func (a answering) String() string { return [...]string{"normally", "never", "unheard"}[a] }

// bed is a cluster of the test's own on a virtual network. The session reaches
// it as a real one; the test holds the brokers.
type bed struct {
	network *kfake.VirtualNetwork
	fake    *kfake.Cluster
	answers atomic.Int32
	slow    atomic.Int64 // ns that a produce request takes at the broker
	wrote   atomic.Int64 // produce requests that arrived
}

// newBed starts three brokers with the topic kdyno; it must be closed within
// the bubble.
func newBed(t *testing.T, opts ...kfake.Opt) *bed {
	t.Helper()
	b := &bed{network: &kfake.VirtualNetwork{}}
	b.open(t, opts...)
	return b
}

func (b *bed) open(t *testing.T, opts ...kfake.Opt) {
	t.Helper()
	opts = append([]kfake.Opt{kfake.Ports(9092, 9093, 9094), kfake.ListenFn(b.network.Listen)}, opts...)
	fake, err := kfake.NewCluster(opts...)
	if err != nil {
		t.Fatal(err)
	}
	if err := fake.CreateTopic("kdyno", 6, nil); err != nil {
		t.Fatal(err)
	}
	for p := range int32(6) {
		if err := fake.MoveTopicPartition("kdyno", p, p%3); err != nil {
			t.Fatal(err)
		}
	}
	b.fake = fake
	fake.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		fake.KeepControl()
		b.wrote.Add(1)
		if d := b.slow.Load(); d > 0 {
			// The whole cluster waits: kfake's own SleepControl races with itself when
			// several connections wait (cluster.go, bsleep.waitQueue).
			time.Sleep(time.Duration(d))
		}
		switch produce := req.(*kmsg.ProduceRequest); answering(b.answers.Load()) {
		case never:
			return nil, nil, true
		case unheard:
			produce.Acks = 0
		case normally:
		}
		return nil, nil, false
	})
}

func (b *bed) answer(a answering) { b.answers.Store(int32(a)) }

// fail makes the next produce requests fail with a Kafka error.
func (b *bed) fail(err *kerr.Error, count int, partitions ...int32) *kfake.FaultHandle {
	return b.fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: err, Count: count, Partitions: partitions})
}

// config makes a session's configuration on this bed, with identities on the
// records.
func (b *bed) config(t *testing.T, pairs ...string) engine.Config {
	t.Helper()
	return stamped(engine.Config{
		Values: values(t, pairs...), Brokers: []string{"127.0.0.1:9092"}, Topics: []string{"kdyno"}, Network: b.network,
	})
}

// watched is a session whose counts are checked at every snapshot.
type watched struct {
	*engine.Session
	t    *testing.T
	stop chan struct{}
	done chan struct{}
}

// open starts a session and polls it every 10 ms until it is closed.
func open(t *testing.T, c engine.Config) *watched {
	t.Helper()
	s, err := engine.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{Session: s, t: t, stop: make(chan struct{}), done: make(chan struct{})}
	go w.poll()
	return w
}

func (w *watched) poll() {
	defer close(w.done)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			w.balanced(w.Snapshot().Report.Records)
		case <-w.stop:
			return
		}
	}
}

func (w *watched) balanced(r report.Records) {
	if broken := r.Broken(); len(broken) > 0 {
		w.t.Errorf("counts do not add up: %v", broken)
	}
}

// close ends the session and returns the report of its end. At rest nothing is
// in the buffer, and the gate has all its bytes back.
func (w *watched) close() report.Report {
	w.t.Helper()
	close(w.stop)
	<-w.done
	w.Stop(ended())
	if w.Err() != nil {
		w.t.Errorf("the session ended in an error: %v", w.Err())
	}
	snap := w.Snapshot()
	if err := w.Close(); err != nil {
		w.t.Error(err)
	}
	r := snap.Report
	w.balanced(r.Records)
	if r.Records.InBuffer != 0 || r.Records.Blocked != 0 {
		w.t.Errorf("at rest: in buffer %d, blocked %d, want 0", r.Records.InBuffer, r.Records.Blocked)
	}
	if snap.Now.BufferUsed != 0 || snap.Now.Waiters != 0 {
		w.t.Errorf("at rest the gate holds %d bytes and %d waiters, want 0", snap.Now.BufferUsed, snap.Now.Waiters)
	}
	return r
}

// ended is a context without patience.
func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// patience is a context that lasts so long.
func patience(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// do carries out a line of the step language.
func (w *watched) do(line string) {
	w.t.Helper()
	st, err := step.Parse(line)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.Do(st); err != nil {
		w.t.Fatalf("%s was refused: %v", line, err)
	}
}

// settled waits until the session is in a state, for at most a minute.
func (w *watched) settled(states ...telemetry.State) {
	w.t.Helper()
	for range 60_000 {
		is := w.Snapshot().State
		for _, want := range states {
			if is == want {
				return
			}
		}
		time.Sleep(time.Millisecond)
	}
	w.t.Fatalf("still %s, want one of %v", w.Snapshot().State, states)
}

// runs waits until there are so many producers.
func (w *watched) runs(n int) report.Report {
	w.t.Helper()
	for range 60_000 {
		if r := w.Report(); len(r.Runs) >= n {
			return r
		}
		time.Sleep(time.Millisecond)
	}
	w.t.Fatalf("%d runs, want %d; %s", len(w.Report().Runs), n, said(w.Report()))
	return report.Report{}
}

// says waits until an event says so.
func (w *watched) says(what string) {
	w.t.Helper()
	for range 60_000 {
		if strings.Contains(said(w.Report()), what) {
			return
		}
		time.Sleep(time.Millisecond)
	}
	w.t.Fatalf("no event says %q:%s", what, said(w.Report()))
}

func said(r report.Report) string {
	var b strings.Builder
	for _, e := range r.Events {
		fmt.Fprintf(&b, "\n%.4f %s %s", e.AtS, e.Kind, e.Say)
	}
	return b.String()
}

// inBubble runs a test in fake time with brokers of its own.
func inBubble(t *testing.T, test func(*testing.T, *bed)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		defer func() { b.fake.Close() }()
		test(t, b)
	})
}

// failure is the row of one kind.
func failure(r report.Report, kind string) report.Failure {
	sum := report.Failure{Kind: kind}
	for _, f := range r.Failures {
		if f.Kind == kind {
			sum.Count += f.Count
		}
	}
	return sum
}
