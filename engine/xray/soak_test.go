package xray

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine/cluster"
	"kdyno/telemetry/report"
)

// caller is a client as small as it can be: it greets, produces a few batches on
// one connection, and comes again later.
type caller struct {
	b    *bed
	name string
	home int32 // it produces to the forty partitions from here on
	r    *rand.Rand
	seq  map[int32]int32
	pid  int64
	sent int64
}

func (c *caller) ask(conn net.Conn, req kmsg.Request) ([]byte, error) {
	frame := kmsg.NewRequestFormatter(kmsg.FormatterClientID(c.name)).AppendRequest(nil, req, int32(c.sent))
	if _, err := conn.Write(frame); err != nil {
		return nil, err
	}
	head := make([]byte, 4)
	if _, err := io.ReadFull(conn, head); err != nil {
		return nil, err
	}
	body := make([]byte, binary.BigEndian.Uint32(head))
	_, err := io.ReadFull(conn, body)
	return body, err
}

// call is one visit: five requests of four batches each.
func (c *caller) call() error {
	conn, err := c.b.network.DialContext(c.b.t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", basePort+c.r.IntN(3)))
	if err != nil {
		return err
	}
	defer conn.Close()
	hello := kmsg.NewPtrApiVersionsRequest()
	hello.SetVersion(3)
	hello.ClientSoftwareName, hello.ClientSoftwareVersion = "caller", "1"
	if _, err := c.ask(conn, hello); err != nil {
		return err
	}
	if c.pid < 0 {
		starts := kmsg.NewPtrInitProducerIDRequest()
		starts.SetVersion(3)
		body, err := c.ask(conn, starts)
		if err != nil {
			return err
		}
		resp := kmsg.NewPtrInitProducerIDResponse()
		resp.SetVersion(3)
		if err := resp.ReadFrom(body[5:]); err != nil {
			return err
		}
		c.pid = resp.ProducerID
	}
	for range 5 {
		if _, err := c.ask(conn, c.request()); err != nil {
			return err
		}
	}
	return nil
}

// request has batches for partitions anywhere; those of other brokers are refused.
func (c *caller) request() *kmsg.ProduceRequest {
	req := kmsg.NewPtrProduceRequest()
	req.SetVersion(9)
	req.Acks, req.TimeoutMillis = -1, 30_000
	topic := kmsg.NewProduceRequestTopic()
	topic.Topic = "orders"
	for range 4 {
		part := kmsg.NewProduceRequestTopicPartition()
		part.Partition = (c.home + int32(c.r.IntN(40))) % 1000
		part.Records = c.batch(part.Partition)
		topic.Partitions = append(topic.Partitions, part)
		c.sent++
	}
	req.Topics = append(req.Topics, topic)
	return req
}

func (c *caller) batch(partition int32) []byte {
	now := time.Now().UnixMilli()
	b := kmsg.RecordBatch{
		PartitionLeaderEpoch: -1, Magic: 2, ProducerID: c.pid, FirstSequence: c.seq[partition], NumRecords: 1,
		FirstTimestamp: now, MaxTimestamp: now,
	}
	c.seq[partition]++
	rec := kmsg.Record{Value: []byte("v")}
	rec.Length = int32(len(rec.AppendTo(nil)) - 1)
	b.Records = rec.AppendTo(nil)
	b.Length = int32(49 + len(b.Records))
	raw := b.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[17:], crc32.Checksum(raw[21:], crc32.MakeTable(crc32.Castagnoli)))
	return raw
}

// A hundred clients on a thousand partitions that come and go for an hour leave
// memory, connections and goroutines as they were after a quarter of it.
func TestAnHourOfReconnectsLeavesMemoryFlat(t *testing.T) {
	quarter := 15 * time.Minute
	if racing {
		quarter = 3 * time.Minute
	}
	synctest.Test(t, func(t *testing.T) {
		b := newBedOn(t, cluster.Options{Partitions: 1000, Blackhole: true}) // the logs would grow
		defer b.close()
		if _, err := b.stand.MakeTopic(t.Context(), "orders"); err != nil {
			t.Fatal(err)
		}
		heap := func() uint64 {
			synctest.Wait()
			var m runtime.MemStats
			runtime.GC()
			runtime.GC()
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		stop := make(chan struct{})
		for i := range 100 {
			c := &caller{b: b, name: fmt.Sprintf("client-%d", i), home: int32(10 * i), r: rand.New(rand.NewPCG(uint64(i), 1)), seq: map[int32]int32{}, pid: -1}
			b.done.Go(func() {
				for {
					select {
					case <-stop:
						return
					case <-time.After(time.Duration(20+c.r.IntN(20)) * time.Second):
					}
					if err := c.call(); err != nil {
						t.Errorf("%s: %v", c.name, err)
						return
					}
				}
			})
		}
		time.Sleep(quarter)
		early, goroutines := heap(), runtime.NumGoroutine()
		time.Sleep(3 * quarter)
		late := heap()
		close(stop)
		t.Logf("heap %d KiB after a quarter, %d KiB after the hour; %d goroutines, then %d", early>>10, late>>10, goroutines, runtime.NumGoroutine())
		if grown := int64(late) - int64(early); grown > int64(early)/4 {
			t.Errorf("the heap grew by %d KiB from %d KiB", grown>>10, early>>10)
		}
		var x report.Xray
		b.guests.Report(&x)
		if len(x.Clients) != 100 || x.Clients[0].Came == 0 || x.Clients[0].Retries != 0 {
			t.Errorf("%d clients; the first: %d came, %d retries", len(x.Clients), x.Clients[0].Came, x.Clients[0].Retries)
		}
	})
}
