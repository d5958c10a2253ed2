//go:build !windows

package engine_test

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine"
	"kdyno/engine/client"
	"kdyno/engine/cluster"
	"kdyno/engine/partition"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/engine/workload"
)

// pairs is how often the two are compared; each pair runs both, in turns
// first, so that what the machine does besides falls on both.
const (
	pairs   = 25
	segment = 400 * time.Millisecond
)

// cost is what one segment of flat-out load took.
type cost struct {
	records int64
	took    time.Duration
	cpu     time.Duration
	mallocs uint64
}

func (c cost) rate() float64   { return float64(c.records) / c.took.Seconds() }
func (c cost) cpuNs() float64  { return float64(c.cpu) / float64(c.records) }
func (c cost) allocs() float64 { return float64(c.mallocs) / float64(c.records) }

// BenchmarkCostOfWatching compares the whole engine, flat out, with a loop
// around a franz-go client that has the same options, partitioner and records
// and watches nothing. Both load the same black-holed embedded brokers.
func BenchmarkCostOfWatching(b *testing.B) {
	for _, size := range []int{100, 1024} {
		for _, codec := range []string{"none", "lz4"} {
			b.Run(fmt.Sprintf("%dB/%s", size, codec), func(b *testing.B) {
				v := setting.Defaults()
				for k, text := range map[setting.Key]string{
					setting.LoadRate: "0", setting.LoadRecordBytes: fmt.Sprint(size), setting.StandPartitions: "12",
					setting.CompressionType: codec,
				} {
					var err error
					if v, err = v.With(k, text); err != nil {
						b.Fatal(err)
					}
				}
				watched, bare := newWatched(b, engine.Config{Values: v, Blackhole: true}), newBare(b, v)
				for range b.N {
					comparePairs(b, watched, bare)
				}
			})
		}
	}
}

func comparePairs(b *testing.B, watched, bare func() cost) {
	b.Helper()
	watched()
	bare()
	var rate, cpu, allocs, bareRate []float64
	for i := range pairs {
		var w, p cost
		if i%2 == 0 {
			w, p = watched(), bare()
		} else {
			p, w = bare(), watched()
		}
		rate = append(rate, w.rate()/p.rate())
		cpu = append(cpu, w.cpuNs()/p.cpuNs())
		allocs = append(allocs, w.allocs()-p.allocs())
		bareRate = append(bareRate, p.rate())
	}
	b.ReportMetric(median(rate), "rate-ratio")
	b.ReportMetric(median(cpu), "cpu-ratio")
	b.ReportMetric(median(allocs), "allocs-over/rec")
	b.ReportMetric(median(bareRate), "bare-rec/s")
	b.ReportMetric(0, "ns/op")
}

func median(xs []float64) float64 {
	slices.Sort(xs)
	return xs[len(xs)/2]
}

// measure takes what a segment cost; run sends for a while and returns how
// many records were acknowledged once all were.
func measure(run func() int64) cost {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start := cpuTime(), time.Now()
	n := run()
	c := cost{records: n, took: time.Since(start), cpu: cpuTime() - cpu}
	runtime.ReadMemStats(&after)
	c.mallocs = after.Mallocs - before.Mallocs
	return c
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// newWatched starts a session that is paused between segments.
func newWatched(b *testing.B, c engine.Config) func() cost {
	b.Helper()
	s, err := engine.Open(c)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	for s.Report().Records.Acked == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	do := func(verb step.Verb) {
		if err := s.Do(step.Step{Verb: verb}); err != nil {
			b.Error(err)
		}
	}
	rest := func() int64 {
		for {
			r := s.Report().Records
			if r.InBuffer == 0 && r.Sent == r.Acked {
				time.Sleep(120 * time.Millisecond) // one more interval closes
				if again := s.Report().Records; again.Sent == r.Sent && again.InBuffer == 0 {
					return r.Acked
				}
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	do(step.Pause)
	rest()
	return func() cost {
		before := rest()
		c := measure(func() int64 {
			do(step.Resume)
			time.Sleep(segment)
			do(step.Pause)
			return 1
		})
		c.records = rest() - before
		return c
	}
}

// silent is a partitioner's observer that hears nothing.
type silent struct{}

func (silent) Pin(*kgo.Record) (int, bool)          { return 0, false }
func (silent) Picked(*kgo.Record, int, int64, bool) {}
func (silent) Full(*kgo.Record, int, int64, bool)   {}

// newBare makes the loop without an engine. Its buffer is bounded as ours is.
func newBare(b *testing.B, v setting.Values) func() cost {
	b.Helper()
	stand, err := cluster.Open(context.Background(), cluster.Options{Nodes: 3, Partitions: 12, Blackhole: true})
	if err != nil {
		b.Fatal(err)
	}
	l, err := workload.FromValues(v)
	if err != nil {
		b.Fatal(err)
	}
	source, err := workload.NewSource(l)
	if err != nil {
		b.Fatal(err)
	}
	batch := int(v.Int(setting.BatchSize))
	cl, _, err := client.New(v.Effective(), client.Stand{
		Seeds: stand.Seeds, Dial: stand.Dial, RecordBytes: source.MaxBytes(),
		Wrap:        func(c net.Conn) net.Conn { return c },
		Partitioner: partition.New(partition.Options{BatchBytes: batch, LimitBytes: batch}, silent{}),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cl.Close(); stand.Close() })
	loop := &bareLoop{client: cl, source: source, limit: v.Int(setting.BufferMemory) / int64(source.MaxBytes())}
	return func() cost { return measure(loop.run) }
}

// bareLoop produces as fast as it goes with pooled records.
type bareLoop struct {
	client *kgo.Client
	source *workload.Source
	pool   sync.Pool
	limit  int64 // records in the buffer
	n      uint64
	acked  int64 // of the promise's goroutine
	shown  atomic.Int64
}

// bareRecord keeps its buffers with it, as any pooled record would.
type bareRecord struct {
	kgo.Record
}

// counted is how many records one update of the shared counter stands for.
const counted = 64

func (l *bareLoop) run() int64 {
	start, first := time.Now(), l.n
	done := l.done // bound once, not for each record
	for l.n%counted != 0 || time.Since(start) < segment {
		for int64(l.n)-l.shown.Load() > l.limit {
			time.Sleep(50 * time.Microsecond)
		}
		r, _ := l.pool.Get().(*bareRecord)
		if r == nil {
			r = &bareRecord{}
		}
		r.Topic = cluster.EmbeddedTopic
		r.Key, r.Value = l.source.Append(l.n, r.Key[:0], r.Value[:0])
		l.n++
		l.client.Produce(context.Background(), &r.Record, done)
	}
	// The error is ctx's end, and this one never ends.
	_ = l.client.Flush(context.Background())
	return int64(l.n - first)
}

func (l *bareLoop) done(kr *kgo.Record, err error) {
	if err != nil {
		panic(err)
	}
	r := (*bareRecord)(unsafe.Pointer(kr))
	*r = bareRecord{Record: kgo.Record{Key: r.Key, Value: r.Value[:0]}}
	l.pool.Put(r)
	l.acked++
	if l.acked%counted == 0 {
		l.shown.Store(l.acked)
	}
}

// BenchmarkSnapshot is what a screen costs that pulls one: with one producer,
// with fifty, and with fifty on many partitions.
func BenchmarkSnapshot(b *testing.B) {
	for _, c := range []struct{ producers, partitions string }{{"1", "6"}, {"50", "6"}, {"1", "1000"}, {"50", "1000"}} {
		b.Run(c.producers+" producers on "+c.partitions, func(b *testing.B) {
			v := setting.Defaults()
			for k, text := range map[setting.Key]string{setting.LoadProducers: c.producers, setting.StandPartitions: c.partitions} {
				var err error
				if v, err = v.With(k, text); err != nil {
					b.Fatal(err)
				}
			}
			s, err := engine.Open(engine.Config{Values: v, Blackhole: true})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			for s.Report().Records.Acked == 0 {
				time.Sleep(10 * time.Millisecond)
			}
			for b.Loop() {
				s.Snapshot()
			}
		})
	}
}
