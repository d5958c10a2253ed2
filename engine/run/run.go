// Package run is one producer from start to close: the client, its
// partitioner, the tap on its connections and the promise that ends each
// record. The session makes a run for every change of a producer setting,
// hands it the load and takes it back. Produce may be called by many senders
// at once; the life cycle (Open, Flush, Close) by one goroutine.
package run

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/client"
	"kdyno/engine/partition"
	"kdyno/engine/setting"
	"kdyno/engine/wire"
	"kdyno/telemetry"
)

// Buffer is admission's account of buffer.memory. Its methods must not block.
type Buffer interface {
	Charge(bytes int64)
	Release(bytes int64)
	// Pressed tells when what was open was first sent for want of space at an
	// instant or after it, in nanoseconds since the session's start; 0: never.
	Pressed(since int64) int64
}

// Topic is where records go.
type Topic struct {
	Name       string
	ID         [16]byte
	Partitions int // so far; more may be added
}

// Options say what a run is made of. All but Values outlive it.
type Options struct {
	Values   setting.Values // the effective ones
	Topics   []Topic
	Index    func(topic string, partition int32) int32 // the recorder's index of a partition; any goroutine calls it
	Seeds    []string
	Brokers  []int32 // those that Warm connects to; none: all that the client hears of
	Dial     client.Dial
	Link     *wire.Link
	Recorder *telemetry.Recorder
	Buffer   Buffer
	Start    time.Time // instants are counted from here
	Paced    *atomic.Bool
	Largest  int                             // bytes of the largest key and value
	Fail     func(kind string, broker int32) // counts a failure that no broker told; broker is -1 where it has to do with none
	Callback func() time.Duration            // how long a record's callback takes at present; while it does, no other is called; nil: no time
	Seed     uint64
	Stock    *Stock  // where records go that have ended
	Number   uint32  // of the run in its session, from 1
	Witness  Witness // of records under audit; nil: there are none
	Claims   uint8   // what it is told of the run's records; opaque here
}

// Run is one producer.
type Run struct {
	o           Options
	client      *kgo.Client
	partitioner *partition.Partitioner
	differences []setting.Difference
	tracks      tracks
	ids         map[[16]byte]string
	wires       wires
	slots       *wire.Slots
	kicks       *kicks
	weigher     *weigher // nil: all partitions are drawn alike
	callbacks   callbacks
	promised    func(*kgo.Record, error) // promise, bound once: binding it allocates
	limits      limits

	_        [64]byte // what lies before the senders read for each record; what follows the promise writes
	batch    current
	closing  atomic.Bool
	flushing atomic.Int64 // instant at which the last flush began, 0: none
	acks     acks
	left     leftovers
	producer atomic.Pointer[incarnation] // as whom it writes; nil: as nobody
}

// acks are the instants of the first and the last acknowledgement; 0: none yet.
type acks struct{ first, last atomic.Int64 }

// limits are the values that the promise needs, read once.
type limits struct {
	linger    int64
	batchSize int64
	request   int64
	buffer    int64
	acks0     bool
	backoff   int64
	inFlight  int64
	available int64 // partitioner.availability.timeout.ms; 0: any
	delivery  int64
	retries   int64
}

// Open makes the producer. It reaches no broker: Warm does.
func Open(o Options) (*Run, error) {
	v := o.Values
	r := &Run{
		o: o, ids: map[[16]byte]string{},
		limits: limits{
			linger: int64(v.Duration(setting.LingerMs)), batchSize: v.Int(setting.BatchSize),
			request: v.Int(setting.MaxRequestSize), buffer: v.Int(setting.BufferMemory), acks0: v.Text(setting.Acks) == "0",
			backoff: int64(v.Duration(setting.RetryBackoffMs)), inFlight: v.Int(setting.MaxInFlight),
			available: int64(v.Duration(setting.PartitionerTimeoutMs)),
			delivery:  int64(v.Duration(setting.DeliveryTimeoutMs)), retries: v.Int(setting.Retries),
		},
	}
	r.promised = r.promise
	for _, t := range o.Topics {
		r.ids[t.ID] = t.Name
		r.addTracks(t.Name, 0, t.Partitions)
	}
	if n := v.Int(setting.MaxInFlight); v.Bool(setting.EnableIdempotence) && n < nativeInFlight {
		r.slots = wire.NewSlots(int(n))
	}
	r.partitioner = partition.New(partition.Options{
		Class: v.Text(setting.PartitionerClass), IgnoreKeys: v.Bool(setting.PartitionerIgnoreKeys), Seed: o.Seed,
		BatchBytes: int(r.limits.batchSize), LimitBytes: client.BatchBytes(v, o.Largest), Led: r.led,
	}, (*observer)(r))
	cl, differences, err := client.New(v, client.Stand{
		Seeds: o.Seeds, Dial: r.dial, Link: o.Link.Wrap, Wrap: r.tap, Partitioner: r.partitioner,
		Hooks: []kgo.Hook{(*hooks)(r)}, RecordBytes: o.Largest,
	})
	if err != nil {
		o.Recorder.Retire()
		return nil, err
	}
	r.client, r.differences = cl, differences
	r.callbacks.over = make(chan struct{})
	r.kicks = startKicks(r)
	if v.Bool(setting.PartitionerAdaptive) && v.Text(setting.PartitionerClass) != setting.RoundRobin {
		r.weigher = startWeigher(r)
	}
	return r, nil
}

// dial opens a connection over the emulated network.
func (r *Run) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if err := r.o.Link.Dialed(ctx); err != nil {
		return nil, err
	}
	began := r.now()
	c, err := r.o.Dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	r.wires.reached(c.RemoteAddr(), r.now()-began)
	return c, nil
}

// tap puts the tap around a connection that has link and TLS below it.
func (r *Run) tap(c net.Conn) net.Conn {
	return wire.Tap(r.wires.wrap(c), (*sink)(r), wire.Options{
		RequestTimeout: client.RequestTimeout(r.o.Values), Slots: r.slots,
		SendBuffer: int(r.o.Values.Int(setting.SendBufferBytes)), Blinded: (*sink)(r).blinded,
	})
}

// led says whether the client knows a leader of the partition.
func (r *Run) led(topic string, partition int) bool {
	// With an error the client still tells the last leader.
	leader, _, err := r.client.PartitionLeader(topic, int32(partition))
	return err == nil && leader >= 0
}

// Differences lists what the client does not honour as asked.
func (r *Run) Differences() []setting.Difference { return r.differences }

// Number is the run's in its session.
func (r *Run) Number() uint32 { return r.o.Number }

// now is the instant, in nanoseconds since the session's start.
func (r *Run) now() int64 { return int64(time.Since(r.o.Start)) }

// Warm makes everything that the first record would otherwise wait for: the
// connections to all brokers, the producer id, the topics' metadata. The error is
// an *Unreached where only some of the brokers are missing: all else is ready
// then.
func (r *Run) Warm(ctx context.Context) error {
	missing, err := r.connect(ctx)
	if err != nil {
		return fmt.Errorf("connect to the brokers: %w", err)
	}
	if r.o.Values.Bool(setting.EnableIdempotence) {
		id, epoch, err := r.client.ProducerID(ctx)
		if err != nil {
			return fmt.Errorf("get a producer id: %w", err)
		}
		r.producer.Store(&incarnation{id, epoch})
	}
	for _, t := range r.o.Topics {
		// No call preloads a topic; a record that the partitioner refuses does,
		// and never reaches a broker.
		err := r.client.ProduceSync(ctx, sentinel(t.Name, -1)).FirstErr()
		if ctx.Err() != nil {
			return fmt.Errorf("read the metadata of topic %s: %w", t.Name, errors.Join(ctx.Err(), err))
		}
	}
	if missing != nil {
		return missing
	}
	return nil
}

// ProducerID is what the brokers call the producer, and its epoch; without ok it
// is not idempotent. Any goroutine may call it.
func (r *Run) ProducerID() (id int64, epoch int16, ok bool) {
	p := r.producer.Load()
	if p == nil {
		return 0, 0, false
	}
	return p.id, p.epoch, true
}

// Notice reads the topic's metadata again until the client knows so many
// partitions of it, or ctx ends. Any goroutine may call it.
func (r *Run) Notice(ctx context.Context, topic string, partitions int) error {
	tick := time.NewTicker(noticeEach)
	defer tick.Stop()
	for !r.knows(topic, int32(partitions-1)) {
		r.client.ForceMetadataRefresh()
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// noticeEach is how often the metadata is asked for while something new is
// awaited; the client holds to its own least pause.
const noticeEach = 20 * time.Millisecond

// sentinel is a record that ends at the partitioner. Made afresh: the client
// may read it after it was handed back.
func sentinel(topic string, partition int32) *kgo.Record {
	s := &Record{pin: refused}
	s.Topic = topic
	s.Partition = partition
	return &s.Record
}

// Refuses names why send() refuses a record, for report.Explain; empty: it does
// not. Java measures it serialized and before compression.
func (r *Run) Refuses(rec *Record) string {
	switch {
	case rec.wireBytes(0, 0)+batchHeader > min(r.limits.request, r.limits.buffer):
		return "RECORD_TOO_LARGE"
	case rec.pin == pinned && !r.knows(rec.Topic, rec.Partition):
		return "INVALID_PARTITION"
	default:
		return ""
	}
}

// knows tells whether the topic has the partition.
func (r *Run) knows(topic string, partition int32) bool {
	for i := range r.o.Topics {
		if t := &r.o.Topics[i]; t.Name == topic && int(partition) < t.Partitions {
			return true
		}
	}
	// Partitions may have been added since.
	leader, _, err := r.client.PartitionLeader(topic, partition)
	return leader >= 0 || err != nil
}

const batchHeader = 61

// nativeInFlight is what franz-go keeps in flight per broker with idempotence,
// whatever it is asked (sink.go: 1 until the broker's first answer, then 5).
const nativeInFlight = 5

// Produce hands the record to the producer. It does not wait. Admission has
// let it through; admitted is when.
func (r *Run) Produce(rec *Record, admitted int64) {
	rec.admitted = admitted
	rec.number = -1 // until the partitioner says
	rec.Timestamp = r.o.Start.Add(time.Duration(rec.Called) + rec.shift)
	if rec.watch != unwatched {
		r.sends(rec)
	}
	r.client.Produce(context.Background(), &rec.Record, r.promised)
}

// Resend hands over a record that an earlier run could not deliver, to the
// partition where it was. What it went through there was for the change of
// producers.
func (r *Run) Resend(rec *Record) {
	at := r.now()
	if rec.number >= 0 && rec.pin == free {
		rec.pin = placed
	}
	rec.Swap += at - rec.admitted
	rec.admitted = at
	rec.number = -1
	rec.Record = kgo.Record{
		Key: rec.Key, Value: rec.Value, Headers: rec.Headers, Topic: rec.Topic, Partition: rec.Partition,
		Timestamp: r.o.Start.Add(time.Duration(at) + rec.shift),
	}
	if rec.watch != unwatched {
		r.takesOver(rec)
	}
	r.client.Produce(context.Background(), &rec.Record, r.promised)
}

// Flush waits until everything handed over has ended, or ctx has. With acks=0 a
// record ends as it is written.
func (r *Run) Flush(ctx context.Context) error {
	r.flushing.Store(r.now())
	if err := r.client.Flush(ctx); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	return nil
}

// Unlinger sends what is open, as the Java producer does when a sender waits
// for memory. What is opened later lingers.
func (r *Run) Unlinger() {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	// A flush begins by sending what lingers; it is not awaited.
	_ = r.client.Flush(over)
}

// FirstAck and LastAck are the instants of the first and the last
// acknowledgement so far, 0 before. Any goroutine may call them.
func (r *Run) FirstAck() int64 { return r.acks.first.Load() }

// LastAck is described with FirstAck.
func (r *Run) LastAck() int64 { return r.acks.last.Load() }

// Buffered is how many records were handed over and have not ended.
func (r *Run) Buffered() int64 { return r.client.BufferedProduceRecords() }

// Drop ends the producer at once and returns what it did not deliver, in each
// partition's order. Called again it returns nothing.
func (r *Run) Drop() Leftovers {
	if r.closing.Swap(true) {
		return nil
	}
	r.callbacks.end()
	r.kicks.stop()
	r.weigher.stop()
	// First nothing more may be written, so that what is said of the leftovers
	// stays true.
	r.wires.cut()
	r.client.Close()
	// The promises of what was buffered run on another goroutine.
	timer := time.NewTimer(0)
	defer timer.Stop()
	for r.client.BufferedProduceRecords() > 0 {
		timer.Reset(100 * time.Microsecond)
		<-timer.C
	}
	return r.left.take()
}

// Retire tells that nothing more is counted for this run: called after Drop
// and the last Abandon.
func (r *Run) Retire() { r.o.Recorder.Retire() }
