//go:build integration && figures && linux

package engine_test

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// witness is a cluster of the test's own that any client may write to, and that notes what each of
// them wrote and when. Its node 0 leads partition 0 and is the one that trouble befalls.
type witness struct {
	fake  *kfake.Cluster
	topic string
	start time.Time

	mu      sync.Mutex
	tries   []attempt
	dials   []time.Duration // connections to node 0 that a client tried to open
	calm    bool            // no trouble yet
	silent  bool            // node 0 answers nothing
	mute    bool            // nobody answers a produce request; none is stored
	unheard bool            // nobody answers a produce request; each is stored
	cutting bool            // node 0 closes the connection of each produce request
	gate    *gate           // of node 0
}

// attempt is one batch in one produce request.
type attempt struct {
	at        time.Duration
	partition int32
	producer  int64
	epoch     int16
	sequence  int32
	records   int32
	ms        int64 // its first record's timestamp
}

func newWitness(t *testing.T, partitions int32) *witness {
	t.Helper()
	w := &witness{start: time.Now(), topic: "witnessed", calm: true}
	nodes := 0
	fake, err := kfake.NewCluster(kfake.NumBrokers(3), kfake.ListenFn(func(network, address string) (net.Listener, error) {
		inner, err := net.Listen(network, address)
		if nodes++; nodes > 1 || err != nil {
			return inner, err
		}
		w.gate = &gate{Listener: inner}
		return w.gate, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	w.fake = fake
	if err := fake.CreateTopic(w.topic, partitions, nil); err != nil {
		t.Fatal(err)
	}
	for p := range partitions {
		if err := fake.MoveTopicPartition(w.topic, p, p%3); err != nil {
			t.Fatal(err)
		}
	}
	fake.Control(w.control)
	w.watchDials(t, w.gate.Addr().(*net.TCPAddr).Port)
	return w
}

// control sees each request before its broker does.
func (w *witness) control(req kmsg.Request) (kmsg.Response, error, bool) {
	w.fake.KeepControl()
	w.mu.Lock()
	defer w.mu.Unlock()
	troubled := w.fake.CurrentNode() == 0
	produce, ok := req.(*kmsg.ProduceRequest)
	if ok {
		w.note(produce)
	}
	switch {
	case troubled && w.silent, ok && w.mute:
		return nil, nil, true
	case ok && w.unheard:
		produce.Acks = 0
	case ok && troubled && w.cutting:
		return nil, errors.New("cut"), true
	}
	return nil, nil, false
}

// note is called under mu.
func (w *witness) note(produce *kmsg.ProduceRequest) {
	at := time.Since(w.start)
	for _, t := range produce.Topics {
		for _, p := range t.Partitions {
			var b kmsg.RecordBatch
			if b.ReadFrom(p.Records) != nil {
				continue
			}
			w.tries = append(w.tries, attempt{
				at: at, partition: p.Partition, producer: b.ProducerID, epoch: b.ProducerEpoch,
				sequence: b.FirstSequence, records: b.NumRecords, ms: b.FirstTimestamp,
			})
		}
	}
}

// addresses are those of the nodes that stay well, then the one that does not.
func (w *witness) addresses() []string {
	all := slices.Clone(w.fake.ListenAddrs())
	slices.Reverse(all)
	return all
}

// upset runs trouble a moment after the first batch was written, once.
func (w *witness) upset(ctx context.Context, trouble func()) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for len(w.seen()) == 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
	time.Sleep(300 * time.Millisecond)
	trouble()
}

func (w *witness) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

func (w *witness) seen() []attempt {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.tries)
}

func (w *witness) dialled() []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.dials)
}

// fail answers every produce request with a code from now on.
func (w *witness) fail(code *kerr.Error) {
	w.fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: code, Count: -1})
}

// copies reads the log: how many records it holds, and how many different keys.
func (w *witness) copies(t *testing.T) (records, keys int) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(w.fake.ListenAddrs()...), kgo.ConsumeTopics(w.topic))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ends, err := kadm.NewClient(cl).ListEndOffsets(ctx, w.topic)
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	ends.Each(func(o kadm.ListedOffset) { want += int(o.Offset) })
	seen := map[string]bool{}
	for records < want {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("read %d of %d records back: %v", records, want, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			records++
			seen[string(r.Key)] = true
		})
	}
	return records, len(seen)
}

// gate is a listener whose port can be closed, and its connections with it.
type gate struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func (g *gate) Accept() (net.Conn, error) {
	c, err := g.Listener.Accept()
	if err == nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.conns = append(g.conns, c)
	}
	return c, err
}

// shut refuses connections from now on; the broker lives, and nobody reaches it.
func (g *gate) shut() {
	_ = g.Listener.Close()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.conns {
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	}
}

// watchDials notes each SYN to a port on the loopback interface, whether somebody listens there or
// not. It needs the right to see packets.
func (w *witness) watchDials(t *testing.T, port int) {
	t.Helper()
	const anyIP = syscall.ETH_P_IP<<8&0xff00 | syscall.ETH_P_IP>>8 // in the network's order
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	fd, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_DGRAM, anyIP)
	if err != nil {
		t.Fatalf("to count connections that are refused, packets have to be seen: %v", err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrLinklayer{Protocol: anyIP, Ifindex: lo.Index}); err != nil {
		t.Fatal(err)
	}
	// Reading ends within a second of the test's end.
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &syscall.Timeval{Sec: 1}); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	go func() {
		defer syscall.Close(fd)
		packet := make([]byte, 128)
		for {
			n, from, err := syscall.Recvfrom(fd, packet, 0)
			select {
			case <-over:
				return
			default:
			}
			link, ok := from.(*syscall.SockaddrLinklayer)
			if err != nil || !ok || link.Pkttype == syscall.PACKET_OUTGOING || !opens(packet[:n], port) {
				continue
			}
			w.set(func() { w.dials = append(w.dials, time.Since(w.start)) })
		}
	}()
}

// opens tells whether an IP packet asks for a connection to a port.
func opens(packet []byte, port int) bool {
	const tcp, syn, ack = 6, 0x02, 0x10
	if len(packet) < 20 || packet[0]>>4 != 4 || packet[9] != tcp {
		return false
	}
	segment := packet[min(int(packet[0]&15)*4, len(packet)):]
	return len(segment) >= 14 && int(binary.BigEndian.Uint16(segment[2:])) == port && segment[13]&(syn|ack) == syn
}
