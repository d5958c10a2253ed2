package run

import (
	"context"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/client"
	"kdyno/engine/cluster"
	"kdyno/engine/setting"
	"kdyno/engine/wire"
	"kdyno/telemetry"
)

// wide is a buffer that nothing fills.
type wide struct{}

func (wide) Charge(int64)        {}
func (wide) Release(int64)       {}
func (wide) Pressed(int64) int64 { return 0 }

const (
	allocRecords = 20_000
	allocTries   = 7
)

// A record costs at most a twentieth of an allocation beyond what franz-go
// itself makes of the same records, with the same partitioner.
func TestRecordsCostNoAllocations(t *testing.T) {
	stand, err := cluster.Open(t.Context(), cluster.Options{Nodes: 3, Partitions: 6, Blackhole: true})
	if err != nil {
		t.Fatal(err)
	}
	defer stand.Close()
	start, topic := time.Now(), stand.Topics()[0]
	meter := telemetry.NewMeter(telemetry.Options{Now: func() int64 { return int64(time.Since(start)) }})
	var (
		paced atomic.Bool
		stock Stock
	)
	supply := stock.Supply()
	r, err := Open(Options{
		Values: setting.Defaults(), Topics: []Topic{{Name: topic.Name, ID: topic.ID, Partitions: 6}},
		Index: func(_ string, p int32) int32 { return p }, Seeds: stand.Seeds, Dial: stand.Dial, Link: wire.NewLink(),
		Recorder: meter.Recorder(1), Buffer: wide{}, Start: start, Paced: &paced, Largest: 100, Fail: func(string, int32) {}, Seed: 1, Stock: &stock,
	})
	if err != nil {
		t.Fatal(err)
	}
	bare, _, err := client.New(setting.Defaults(), client.Stand{
		Seeds: stand.Seeds, Dial: stand.Dial, RecordBytes: 100,
		Wrap: func(c net.Conn) net.Conn { return c }, Partitioner: r.partitioner,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer bare.Close()

	value := make([]byte, 100)
	pool := sync.Pool{New: func() any { return new(Record) }}
	done := func(kr *kgo.Record, _ error) {
		rec := recordOf(kr)
		*rec = Record{}
		pool.Put(rec)
	}
	ours := fewestAllocs(func() {
		for range allocRecords {
			rec := supply.Record()
			rec.Topic, rec.Value = topic.Name, value
			r.Produce(rec, r.now())
		}
		_ = r.Flush(context.Background())
	})
	theirs := fewestAllocs(func() {
		for range allocRecords {
			rec := pool.Get().(*Record)
			rec.Topic, rec.Value = topic.Name, value
			bare.Produce(context.Background(), &rec.Record, done)
		}
		_ = bare.Flush(context.Background())
	})
	if left := r.Drop(); len(left) > 0 {
		t.Errorf("%d records were not delivered", len(left))
	}
	r.Retire()
	if ours > theirs+0.05 {
		t.Errorf("%.3f allocations a record, %.3f without an engine, want at most 0.05 more", ours, theirs)
	}
}

// fewestAllocs is the least of several tries, per record: what else the process
// does only adds.
func fewestAllocs(produce func()) float64 {
	produce()
	least := 1e9
	var before, after runtime.MemStats
	for range allocTries {
		runtime.ReadMemStats(&before)
		produce()
		runtime.ReadMemStats(&after)
		least = min(least, float64(after.Mallocs-before.Mallocs)/allocRecords)
	}
	return least
}
