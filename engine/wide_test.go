//go:build !windows

package engine_test

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine"
	"kdyno/engine/client"
	"kdyno/engine/cluster"
	"kdyno/engine/partition"
	"kdyno/engine/setting"
	"kdyno/engine/workload"
)

// The wide shape: what a large cluster asks of the engine, which has a track, a histogram and a row
// of the report for each partition, and a lane for each sender.
const (
	wideBrokers    = 50
	widePartitions = 1000
	wideSenders    = 64
	// wideBuffer has room for many open batches of each partition; with the default there is none for
	// two, and what is measured is how a producer fares that lacks memory.
	wideBuffer = 256 << 20
)

func wideValues(b *testing.B, keys string) setting.Values {
	b.Helper()
	v := setting.Defaults()
	for k, text := range map[setting.Key]string{
		setting.LoadRate: "0", setting.LoadRecordBytes: "100", setting.LoadSenders: strconv.Itoa(wideSenders),
		setting.LoadKeys: keys, setting.BufferMemory: strconv.Itoa(wideBuffer),
	} {
		var err error
		if v, err = v.With(k, text); err != nil {
			b.Fatal(err)
		}
	}
	return v
}

// wideStand are brokers that forget what they are given.
func wideStand(b *testing.B) *cluster.Stand {
	b.Helper()
	stand, err := cluster.Open(context.Background(), cluster.Options{Nodes: wideBrokers, Partitions: widePartitions, Blackhole: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(stand.Close)
	return stand
}

// BenchmarkWide compares the engine in the wide shape, flat out, with as many goroutines around a
// bare franz-go client: one with our partitioner, and one with franz-go's own of the same meaning.
func BenchmarkWide(b *testing.B) {
	for _, keys := range []string{"none", "uniform:100000"} {
		for _, own := range []bool{true, false} {
			name := "our partitioner"
			if !own {
				name = "franz-go's partitioner"
			}
			b.Run("keys "+keys+"/"+name, func(b *testing.B) {
				v, stand := wideValues(b, keys), wideStand(b)
				watched := newWatched(b, engine.Config{Values: v, Brokers: stand.Seeds, Topics: []string{cluster.EmbeddedTopic}})
				bare := newWideBare(b, v, stand, own)
				for range b.N {
					comparePairs(b, watched, bare)
				}
			})
		}
	}
}

// newWideBare makes the loop without an engine. Its buffer is bounded as a franz-go client's is that
// nobody configures, by 50,000 records.
func newWideBare(b *testing.B, v setting.Values, stand *cluster.Stand, own bool) func() cost {
	b.Helper()
	l, err := workload.FromValues(v)
	if err != nil {
		b.Fatal(err)
	}
	source, err := workload.NewSource(l)
	if err != nil {
		b.Fatal(err)
	}
	batch := int(v.Int(setting.BatchSize))
	partitioner := kgo.UniformBytesPartitioner(batch, true, true, nil)
	if own {
		partitioner = partition.New(partition.Options{Class: setting.BuiltIn, BatchBytes: batch, LimitBytes: batch}, silent{})
	}
	cl, _, err := client.New(v.Effective(), client.Stand{
		Seeds: stand.Seeds, Dial: stand.Dial, RecordBytes: source.MaxBytes(), Partitioner: partitioner,
		Wrap: func(c net.Conn) net.Conn { return c },
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(cl.Close)
	const limit = 50_000
	crowd := make([]*bareLoop, wideSenders)
	for i := range crowd {
		crowd[i] = &bareLoop{client: cl, source: source, limit: limit / wideSenders}
	}
	return func() cost {
		return measure(func() int64 {
			var all sync.WaitGroup
			var n atomic.Int64
			for _, l := range crowd {
				all.Go(func() { n.Add(l.run()) })
			}
			all.Wait()
			return n.Load()
		})
	}
}

// BenchmarkWideSnapshot is what a screen and a report cost in the wide shape, at a load that leaves
// the processor some time (else it is the scheduler that is measured).
func BenchmarkWideSnapshot(b *testing.B) {
	s := openWide(b, "uniform:100000", "20000")
	for name, pull := range map[string]func(){
		"snapshot": func() { s.Snapshot() },
		"report":   func() { s.Report() },
	} {
		b.Run(name, func(b *testing.B) {
			var took []float64
			for b.Loop() {
				began := time.Now()
				pull()
				took = append(took, float64(time.Since(began).Microseconds())/1e3)
			}
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2], "p50-ms")
			b.ReportMetric(took[len(took)*99/100], "p99-ms")
		})
	}
}

func openWide(b *testing.B, keys, rate string) *engine.Session {
	b.Helper()
	v, err := wideValues(b, keys).With(setting.LoadRate, rate)
	if err != nil {
		b.Fatal(err)
	}
	s, err := engine.Open(engine.Config{Values: v, Brokers: wideStand(b).Seeds, Topics: []string{cluster.EmbeddedTopic}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	for s.Report().Records.Acked == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	return s
}

// BenchmarkWideMemory lets the wide shape run flat out for five minutes while a screen pulls twenty
// snapshots a second, and prints what is held at the end of each.
func BenchmarkWideMemory(b *testing.B) {
	s := openWide(b, "uniform:100000", "0")
	for range b.N {
		for minute := range 6 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			r := s.Report()
			fmt.Printf("minute %d: heap in use after a collection %.1f MiB, from the system %.1f MiB, goroutines %d, acknowledged %d\n",
				minute, float64(m.HeapInuse)/(1<<20), float64(m.Sys-m.HeapReleased)/(1<<20), runtime.NumGoroutine(), r.Records.Acked)
			over := time.After(time.Minute)
			frame := time.NewTicker(50 * time.Millisecond)
			for waiting := minute < 5; waiting; {
				select {
				case <-over:
					waiting = false
				case <-frame.C:
					s.Snapshot()
				}
			}
			frame.Stop()
		}
	}
	b.ReportMetric(0, "ns/op")
}
