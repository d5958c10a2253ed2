package engine_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/telemetry"
	"kdyno/telemetry/report"
)

// lines are the brokers' ends of all connections: they are counted, and a
// broker's can be cut for a while.
type lines struct {
	mu   sync.Mutex
	open map[*lineEnd]string // to the address
	dead map[string]bool
}

func newLines() *lines { return &lines{open: map[*lineEnd]string{}, dead: map[string]bool{}} }

func (l *lines) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

// kill ends a broker's connections; those that come end at once until revive.
func (l *lines) kill(addresses ...string) {
	l.mu.Lock()
	var ends []*lineEnd
	for _, address := range addresses {
		l.dead[address] = true
		for end, to := range l.open {
			if to == address {
				ends = append(ends, end)
			}
		}
	}
	l.mu.Unlock()
	for _, end := range ends {
		_ = end.Close()
	}
}

func (l *lines) revive(addresses ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, address := range addresses {
		delete(l.dead, address)
	}
}

type lineListener struct {
	net.Listener
	lines   *lines
	address string
}

func (l *lineListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		l.lines.mu.Lock()
		dead := l.lines.dead[l.address]
		end := &lineEnd{Conn: c, lines: l.lines}
		if !dead {
			l.lines.open[end] = l.address
		}
		l.lines.mu.Unlock()
		if !dead {
			return end, nil
		}
		_ = c.Close()
	}
}

type lineEnd struct {
	net.Conn
	lines *lines
}

func (e *lineEnd) Close() error {
	e.lines.mu.Lock()
	delete(e.lines.open, e)
	e.lines.mu.Unlock()
	return e.Conn.Close()
}

// weather is what happens around changes of the producer, and what it may cost.
type weather struct {
	pairs []string
	brew  func(w *watched, b *bed, l *lines)
	// drains says that the old producers could always drain: then nothing is
	// lost, twice or out of order. Else only what a swap gave up may be missing.
	drains bool
	// anyOrder says that no sender owns a number, so that order means nothing.
	anyOrder bool
	runs     int // that there are in the end, 0: it depends
}

var allAddresses = []string{"127.0.0.1:9092", "127.0.0.1:9093", "127.0.0.1:9094"}

// change sets something of the producer n times, each so long after the one
// before is done.
func change(n int, apart time.Duration) func(*watched, *bed, *lines) {
	return func(w *watched, _ *bed, _ *lines) {
		runs := len(w.Report().Runs)
		for i := range n {
			w.do(fmt.Sprintf("set linger.ms=%d", 3+i%2))
			w.runs(runs + i + 1)
			time.Sleep(apart)
		}
	}
}

func weathers() map[string]weather {
	all := map[string]weather{}
	for _, rtt := range []string{"0", "5ms", "30ms", "200ms"} {
		all["round trip "+rtt] = weather{
			pairs: []string{"stand.link.rtt", rtt, "load.senders", "3"}, brew: change(4, 300*time.Millisecond), drains: true, runs: 7,
		}
	}
	all["full buffer"] = weather{
		pairs:  []string{"load.rate", "5000", "load.record.bytes", "200", "buffer.memory", "65536", "batch.size", "4096", "load.senders", "3"},
		drains: true, runs: 7,
		brew: func(w *watched, b *bed, l *lines) {
			b.slow.Store(int64(20 * time.Millisecond))
			time.Sleep(time.Second)
			if n := w.Snapshot().Now.Waiters; n == 0 {
				w.t.Error("nobody waits for space: the buffer is not full")
			}
			change(4, 300*time.Millisecond)(w, b, l)
			b.slow.Store(0)
		},
	}
	all["full buffer in a closed loop"] = weather{
		pairs:  []string{"load.rate", "0", "load.record.bytes", "200", "buffer.memory", "65536", "batch.size", "4096", "load.senders", "3", "stand.link.rtt", "5ms"},
		drains: true, anyOrder: true, runs: 7, brew: change(4, 300*time.Millisecond),
	}
	all["a dead broker"] = weather{
		pairs: []string{"stand.link.rtt", "5ms"}, runs: 6,
		brew: func(w *watched, b *bed, l *lines) {
			l.kill("127.0.0.1:9093")
			time.Sleep(300 * time.Millisecond)
			change(3, 300*time.Millisecond)(w, b, l)
			w.says("takes over without some of the brokers")
			l.revive("127.0.0.1:9093")
			time.Sleep(3 * time.Second)
		},
	}
	all["a dead broker, at least once"] = weather{
		pairs: []string{"stand.link.rtt", "5ms", "acks", "1", "max.in.flight.requests.per.connection", "1"}, runs: 6,
		brew: all["a dead broker"].brew,
	}
	all["an unreachable cluster"] = weather{
		pairs: []string{"stand.link.rtt", "5ms"}, drains: true, runs: 4,
		brew: func(w *watched, b *bed, l *lines) {
			l.kill(allAddresses...)
			w.do("set linger.ms=9")
			w.says("the change was not made")
			l.revive(allAddresses...)
			time.Sleep(3 * time.Second)
			change(1, 300*time.Millisecond)(w, b, l)
		},
	}
	all["a wrong new setting"] = weather{
		pairs: []string{"stand.link.rtt", "5ms"}, drains: true, runs: 3,
		brew: func(w *watched, _ *bed, _ *lines) {
			// The brokers speak plaintext: the new producer never gets ready.
			for _, line := range []string{"set security.protocol=SSL", "set enable.idempotence=true acks=1"} {
				if err := w.Do(mustStep(w.t, line)); err == nil {
					w.says("the change was not made")
				}
				time.Sleep(300 * time.Millisecond)
			}
		},
	}
	all["100 changes in a row"] = weather{
		pairs: []string{"stand.link.rtt", "2ms", "load.rate", "500"}, drains: true, runs: 103, brew: change(100, 0),
	}
	all["two within 10 ms"] = weather{
		pairs: []string{"stand.link.rtt", "20ms"}, drains: true,
		brew: func(w *watched, _ *bed, _ *lines) {
			for i := range 10 {
				w.do(fmt.Sprintf("set linger.ms=%d", 10+i))
				time.Sleep(time.Duration(i) * time.Millisecond)
				w.do(fmt.Sprintf("set batch.size=%d", 20000+i))
				w.waitFor("the last change", func(r report.Report) bool {
					return r.Settings["batch.size"] == fmt.Sprint(20000+i) && r.Settings["linger.ms"] == fmt.Sprint(10+i)
				})
			}
		},
	}
	all["acks all, 0 and back"] = weather{
		pairs: []string{"stand.link.rtt", "5ms"}, drains: true, runs: 9,
		brew: func(w *watched, _ *bed, _ *lines) {
			for i, acks := range []string{"0", "all", "0", "1", "0", "all"} {
				w.do("set acks=" + acks)
				w.runs(i + 3)
				time.Sleep(200 * time.Millisecond)
			}
		},
	}
	all["while leaders move"] = weather{
		pairs: []string{"stand.link.rtt", "5ms"}, drains: true, runs: 13,
		brew: func(w *watched, b *bed, l *lines) {
			stop, done := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(done)
				random := rand.New(rand.NewPCG(1, 2))
				for {
					select {
					case <-stop:
						return
					case <-time.After(20 * time.Millisecond):
						_ = b.fake.MoveTopicPartition("kdyno", random.Int32N(6), random.Int32N(3))
					}
				}
			}()
			change(10, 200*time.Millisecond)(w, b, l)
			close(stop)
			<-done
		},
	}
	all["fifty producers"] = weather{
		pairs: []string{"load.producers", "50", "load.rate", "5000", "stand.link.rtt", "5ms"}, drains: true, runs: 6, brew: change(3, 300*time.Millisecond),
	}
	return all
}

// The swap, in every weather: what is lost, twice or out of order is counted in
// the log, and no goroutine and no connection of an old producer is left.
func TestSwapInEveryWeather(t *testing.T) {
	for name, sky := range weathers() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, l := &bed{network: &kfake.VirtualNetwork{}}, newLines()
				b.open(t, kfake.ListenFn(func(kind, address string) (net.Listener, error) {
					under, err := b.network.Listen(kind, address)
					return &lineListener{under, l, address}, err
				}))
				defer func() { b.fake.Close() }()
				w := open(t, b.config(t, append([]string{"load.rate", "2000", "load.record.bytes", "60"}, sky.pairs...)...))
				w.settled(telemetry.Running)
				w.do("set linger.ms=2")
				w.runs(2)
				goroutines, conns := atRest(w, l)
				sky.brew(w, b, l)
				// One more in calm weather: what clients open in a storm they keep for
				// minutes.
				runs := len(w.Report().Runs)
				w.do("set linger.ms=1")
				w.runs(runs + 1)
				if g, c := atRest(w, l); g > goroutines+adminLines*goroutinesOfOne || c > conns+adminLines || conns == 0 {
					t.Errorf("%d goroutines and %d connections after the changes, %d and %d before", g, c, goroutines, conns)
				}
				w.Stop(patience(t, 30*time.Second))
				sky.judge(t, b, w.close())
			})
		})
	}
}

// The session asks the cluster every five seconds, now this broker and now that:
// two of its connections may be opened while nobody looks.
const (
	adminLines      = 2
	goroutinesOfOne = 3
)

// atRest counts the goroutines and connections of a load that is paused.
func atRest(w *watched, l *lines) (goroutines, conns int) {
	w.t.Helper()
	time.Sleep(time.Second)
	w.do("pause")
	time.Sleep(time.Second)
	goroutines, conns = fewestGoroutines(), l.count()
	w.do("resume")
	time.Sleep(300 * time.Millisecond)
	return goroutines, conns
}

// judge reads the log.
func (sky weather) judge(t *testing.T, b *bed, r report.Report) {
	t.Helper()
	if sky.runs > 0 && len(r.Runs) != sky.runs {
		t.Errorf("%d runs, want %d:%s", len(r.Runs), sky.runs, said(r))
	}
	var gaveUp, twice int64
	for _, run := range r.Runs {
		if run.Swap != nil {
			gaveUp += run.Swap.GaveUp
			twice += run.Swap.MaybeDuplicated
		}
	}
	if sky.drains && gaveUp+twice != 0 {
		t.Errorf("%d given up, %d maybe twice, want all drained:%s", gaveUp, twice, said(r))
	}
	if r.Records.Failed != 0 || r.Records.Refused != 0 || r.Records.Unknown != gaveUp || r.Records.Acked != r.Records.Accepted-gaveUp {
		t.Errorf("records %+v, failures %+v, want nothing lost but the %d that swaps gave up:%s", r.Records, r.Failures, gaveUp, said(r))
	}
	got := readBack(t, b.network, 1<<40)
	if sky.anyOrder {
		got.reordered = 0
	}
	if int64(got.found) < r.Records.Acked || int64(got.found) > r.Records.Acked+gaveUp || int64(got.twice) > twice || got.reordered != 0 || got.foreign != 0 {
		t.Errorf("the log holds %+v, want %d records and up to %d more, at most %d twice, none out of order", got, r.Records.Acked, gaveUp, twice)
	}
}

// A broker that hangs does not prevent a change where the client asks the others
// for its producer id; else the old producer goes on. Nothing is lost either way.
func TestSwapWithAHungBroker(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		w := open(t, b.config(t, "load.rate", "1000", "load.record.bytes", "60", "stand.link.rtt", "5ms"))
		w.settled(telemetry.Running)
		w.do("fault stall broker=1")
		time.Sleep(100 * time.Millisecond)
		w.do("set linger.ms=9")
		r := w.waitFor("the change or its refusal", func(r report.Report) bool {
			return len(r.Runs) == 2 || strings.Contains(said(r), "the change was not made")
		})
		if len(r.Runs) == 2 && !strings.Contains(said(r), "takes over without some of the brokers") {
			t.Errorf("no event says that a broker is missing:%s", said(r))
		}
		w.do("heal")
		time.Sleep(3 * time.Second)
		w.Stop(patience(t, 30*time.Second))
		judgeLog(t, b, w.close())
	})
}

// The number of producers is changed under load: all of them have buffers of
// their own, and share the rate.
func TestProducersShareTheLoad(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, b *bed) {
		c := b.config(t, "load.rate", "3000", "load.record.bytes", "60", "stand.link.rtt", "5ms", "load.senders", "2", "buffer.memory", "1000000", "load.producers", "3")
		w := open(t, c)
		w.settled(telemetry.Running)
		for i, n := range []int64{3, 1, 50, 7, 1, 3} {
			if i > 0 {
				w.do(fmt.Sprintf("set load.producers=%d", n))
				w.runs(i + 1)
			}
			time.Sleep(time.Second)
			before := w.Report()
			time.Sleep(2 * time.Second)
			r := w.Report()
			if got := r.Records.Acked - before.Records.Acked; got < 5400 || got > 6600 {
				t.Errorf("%d producers: %d acknowledged in 2 s, want 6000", n, got)
			}
			if r.Buffer.LimitBytes != n*1_000_000 || r.Brokers[0].Slots != 5*n {
				t.Errorf("%d producers: a buffer of %d, %d slots, want those of all together", n, r.Buffer.LimitBytes, r.Brokers[0].Slots)
			}
			if got := r.Runs[i]; i > 0 && (got.Swap == nil || got.Changed["load.producers"][1] != fmt.Sprint(n)) {
				t.Errorf("run %+v, want one for the change to %d", got, n)
			}
		}
		if name := w.Report().Guarantee.Name; !strings.HasPrefix(name, "exactly once") {
			t.Errorf("guarantee %q, want it unchanged", name)
		}
		w.Stop(patience(t, 10*time.Second))
		r := w.close()
		if r.Records.Acked != r.Records.Due || len(r.Runs) != 6 {
			t.Errorf("records %+v in %d runs, want all acknowledged in 6", r.Records, len(r.Runs))
		}
		judgeFound(t, b, r)
	})
}

// Each producer has a client of its own, and a gate: one that is full holds up
// nobody else.
func TestProducersHaveBuffersOfTheirOwn(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		var ids atomic.Int64
		b.fake.ControlKey(int16(kmsg.InitProducerID), func(kmsg.Request) (kmsg.Response, error, bool) {
			b.fake.KeepControl()
			ids.Add(1)
			return nil, nil, false
		})
		w := open(t, b.config(t, "load.rate", "0", "load.record.bytes", "200", "buffer.memory", "65536", "batch.size", "8192", "load.producers", "4", "stand.link.rtt", "20ms"))
		w.settled(telemetry.Running)
		time.Sleep(2 * time.Second)
		w.Stop(patience(t, 10*time.Second))
		r := w.close()
		if got := ids.Load(); got != 4 {
			t.Errorf("%d producer ids were asked for, want 4", got)
		}
		// Each may go over by a batch.
		if most := r.Buffer.UsedMaxBytes; most < 3*65536 || most > 4*(65536+8192) {
			t.Errorf("at most %d bytes were used of %d, want all four buffers full", most, r.Buffer.LimitBytes)
		}
		if r.Rate.LimitedBy != "buffer" || r.Records.Acked != r.Records.Accepted {
			t.Errorf("limited by %s, records %+v", r.Rate.LimitedBy, r.Records)
		}
		judgeFound(t, b, r)
	})
}
