package engine_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// truth is what a broker would have answered: a whole frame, in the version of
// the request.
type truth struct {
	frame   []byte
	version int16
}

// lie sends something else on the broker's connection. It returns when it has
// nothing more to say, or nobody listens any more.
type lie func(c net.Conn, t truth)

// sends is a lie that is told at once.
func sends(make func(frame []byte) []byte) lie {
	return func(c net.Conn, t truth) { _, _ = c.Write(make(t.frame)) }
}

// framed is an answer to the same request with another body.
func framed(frame, body []byte) []byte {
	answer := binary.BigEndian.AppendUint32(nil, uint32(4+len(body)))
	answer = append(answer, frame[4:8]...)
	return append(answer, body...)
}

// mostRead is a frame just below what a client here reads at most.
const mostRead = 2<<20 - 64

const promises = "a frame full of promises"

// promising sends a frame of that size that claims half as many elements. The
// first byte of the answers here that is not 0 is a count of them.
func promising(size int) lie {
	return sends(func(frame []byte) []byte {
		body := make([]byte, size)
		at := slices.IndexFunc(frame[8:], func(b byte) bool { return b != 0 })
		binary.PutUvarint(body[max(at, 0):], uint64(size/2))
		return framed(frame, body)
	})
}

// lies are what may come from a port that only seems to be a broker's, or from
// one that broke.
var lies = map[string]lie{
	"garbage": sends(func([]byte) []byte {
		b := make([]byte, 4<<10)
		r := rand.New(rand.NewPCG(1, 2))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}),
	"a negative length":      sends(func([]byte) []byte { return []byte{0xff, 0xff, 0xff, 0xf0, 1, 2, 3, 4} }),
	"an empty frame":         sends(func([]byte) []byte { return make([]byte, 4) }),
	"a frame of two bytes":   sends(func([]byte) []byte { return []byte{0, 0, 0, 2, 1, 1} }),
	"a frame without a body": sends(func(frame []byte) []byte { return framed(frame, nil) }),
	"a huge frame":           sends(func(frame []byte) []byte { return append([]byte{0x7f, 0xff, 0xff, 0xff}, frame[4:]...) }),
	"somebody else's answer": sends(func(frame []byte) []byte { b := bytes.Clone(frame); b[7]++; return b }),
	"HTTP":                   sends(func([]byte) []byte { return []byte("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n") }),
	"negative counts":        sends(func(frame []byte) []byte { return framed(frame, bytes.Repeat([]byte{0xff, 0xff, 0xff, 0xf0}, 16)) }),
	"counts without end":     sends(func(frame []byte) []byte { return framed(frame, bytes.Repeat([]byte{0, 0xff, 0xff, 0xff, 0x7f}, 16)) }),
	promises:                 promising(mostRead),
	"a frame that never ends": sends(func(frame []byte) []byte {
		head := framed(frame, nil)
		binary.BigEndian.PutUint32(head, mostRead)
		return head
	}),
	"bytes without end": func(c net.Conn, _ truth) {
		for b, err := bytes.Repeat([]byte{0, 0, 0, 64}, 64), error(nil); err == nil; {
			_, err = c.Write(b)
			time.Sleep(time.Millisecond) // in fake time nothing else would get its turn
		}
	},
	"half an answer, then nothing": sends(func(frame []byte) []byte { return frame[:len(frame)/2] }),
	"half an answer, then the end": func(c net.Conn, t truth) {
		_, _ = c.Write(t.frame[:len(t.frame)/2])
		_ = c.Close()
	},
	"the end": func(c net.Conn, _ truth) { _ = c.Close() },
	"silence": func(net.Conn, truth) {},
	"one byte a second": func(c net.Conn, t truth) {
		for i := range t.frame {
			if _, err := c.Write(t.frame[i : i+1]); err != nil {
				return
			}
			time.Sleep(time.Second)
		}
	},
}

// bends is a lie in the protocol's own words: the truth with something changed.
func bends[R kmsg.Response](empty R, change func(R)) lie {
	return func(c net.Conn, t truth) {
		resp := empty.RequestKind().ResponseKind()
		resp.SetVersion(t.version)
		var head []byte
		if resp.IsFlexible() {
			head = []byte{0} // no tagged fields
		}
		if err := resp.ReadFrom(t.frame[8+len(head):]); err != nil {
			panic(err) // kfake wrote it
		}
		change(resp.(R))
		_, _ = c.Write(framed(t.frame, resp.AppendTo(head)))
	}
}

func bendsProduce(change func(*kmsg.ProduceResponse)) lie {
	return bends(new(kmsg.ProduceResponse), change)
}

func bendsMetadata(change func(*kmsg.MetadataResponse)) lie {
	return bends(new(kmsg.MetadataResponse), change)
}

func first(resp *kmsg.ProduceResponse) *kmsg.ProduceResponseTopicPartition {
	return &resp.Topics[0].Partitions[0]
}

// produceLies are what only the answer to a produce request can be about.
var produceLies = map[string]lie{
	"nothing about any topic":     bendsProduce(func(resp *kmsg.ProduceResponse) { resp.Topics = nil }),
	"nothing about any partition": bendsProduce(func(resp *kmsg.ProduceResponse) { resp.Topics[0].Partitions = nil }),
	"another partition":           bendsProduce(func(resp *kmsg.ProduceResponse) { first(resp).Partition = 77 }),
	"a negative partition":        bendsProduce(func(resp *kmsg.ProduceResponse) { first(resp).Partition = -5 }),
	"another topic":               bendsProduce(func(resp *kmsg.ProduceResponse) { resp.Topics[0].Topic, resp.Topics[0].TopicID[3] = "other", 99 }),
	"the same fifty times": bendsProduce(func(resp *kmsg.ProduceResponse) {
		resp.Topics[0].Partitions = slices.Repeat(resp.Topics[0].Partitions, 50)
	}),
	"an error that nobody knows": bendsProduce(func(resp *kmsg.ProduceResponse) { first(resp).ErrorCode = 31_000 }),
	"a leader that is not there": bendsProduce(func(resp *kmsg.ProduceResponse) {
		first(resp).ErrorCode, first(resp).CurrentLeader.LeaderID, first(resp).CurrentLeader.LeaderEpoch = 6, 4_711, 1<<31-1
	}),
	"a negative throttle": bendsProduce(func(resp *kmsg.ProduceResponse) { resp.ThrottleMillis = -1 << 30 }),
}

// metadataLies are what only metadata can be about.
var metadataLies = map[string]lie{
	"no brokers": bendsMetadata(func(resp *kmsg.MetadataResponse) { resp.Brokers = nil }),
	"no topics":  bendsMetadata(func(resp *kmsg.MetadataResponse) { resp.Topics = nil }),
	"no partitions": bendsMetadata(func(resp *kmsg.MetadataResponse) {
		for i := range resp.Topics {
			resp.Topics[i].Partitions = nil
		}
	}),
	"partitions without a leader": bendsPartitions(func(_ int, p *kmsg.MetadataResponseTopicPartition) { p.Leader = -1 }),
	"leaders that are not there":  bendsPartitions(func(_ int, p *kmsg.MetadataResponseTopicPartition) { p.Leader, p.LeaderEpoch = 4_711, 1<<31-1 }),
	"leaders from long ago":       bendsPartitions(func(_ int, p *kmsg.MetadataResponseTopicPartition) { p.LeaderEpoch = -1 << 31 }),
	"negative partitions":         bendsPartitions(func(i int, p *kmsg.MetadataResponseTopicPartition) { p.Partition = int32(-i) }),
	"partitions far apart":        bendsPartitions(func(i int, p *kmsg.MetadataResponseTopicPartition) { p.Partition = int32(i) << 28 }),
	"the same partition":          bendsPartitions(func(_ int, p *kmsg.MetadataResponseTopicPartition) { p.Partition = 3 }),
	"hosts that are none": bendsMetadata(func(resp *kmsg.MetadataResponse) {
		for i := range resp.Brokers {
			resp.Brokers[i].Host, resp.Brokers[i].Port = "\x1b]0;owned\x07\x00", -7
		}
	}),
	"a thousand brokers": bendsMetadata(func(resp *kmsg.MetadataResponse) {
		for i := range int32(1_000) {
			resp.Brokers = append(resp.Brokers, kmsg.MetadataResponseBroker{NodeID: 1<<31 - 1 - i, Host: "h", Port: i})
		}
	}),
	"another topic": bendsMetadata(func(resp *kmsg.MetadataResponse) {
		for i := range resp.Topics {
			resp.Topics[i].Topic, resp.Topics[i].TopicID[5] = kmsg.StringPtr("other"), 99
		}
	}),
}

func bendsPartitions(change func(int, *kmsg.MetadataResponseTopicPartition)) lie {
	return bendsMetadata(func(resp *kmsg.MetadataResponse) {
		for _, t := range resp.Topics {
			for i := range t.Partitions {
				change(i, &t.Partitions[i])
			}
		}
	})
}

// turncoat makes the brokers of a bed lie when they answer one kind of request.
type turncoat struct {
	key  atomic.Int32 // of the requests that are lied to; -1: none
	lie  atomic.Pointer[lie]
	told atomic.Int64
}

func (l *turncoat) turn(key kmsg.Key, how lie) {
	l.lie.Store(&how)
	l.key.Store(int32(key))
}

func (l *turncoat) repent() { l.key.Store(-1) }

// listenOn is a ListenFn of kfake whose connections lie.
func (l *turncoat) listenOn(network *kfake.VirtualNetwork) func(network, address string) (net.Listener, error) {
	return func(kind, address string) (net.Listener, error) {
		below, err := network.Listen(kind, address)
		return lying{below, l}, err
	}
}

type lying struct {
	net.Listener
	turncoat *turncoat
}

func (l lying) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &liar{Conn: c, turncoat: l.turncoat, asks: map[uint32]asked{}}, nil
}

// asked is a request that waits for its answer.
type asked struct {
	key     int32
	version int16
}

// liar is one of their connections. kfake reads and answers one request after
// another, and writes each answer whole.
type liar struct {
	net.Conn
	turncoat *turncoat

	mu   sync.Mutex
	head []byte           // of the request that is being read
	left int              // bytes of it after the head
	asks map[uint32]asked // by correlation id
}

// mostAsked is socket.request.max.bytes.
const mostAsked = 100 << 20

// headBytes are length, key, version and correlation id.
const headBytes = 12

func (c *liar) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range p[:n] {
		if c.left > 0 {
			c.left--
			continue
		}
		c.head = append(c.head, b)
		if len(c.head) == 4 && binary.BigEndian.Uint32(c.head) > mostAsked {
			return 0, io.ErrUnexpectedEOF // a real broker hangs up, where kfake makes room
		}
		if len(c.head) < headBytes {
			continue
		}
		c.left = int(binary.BigEndian.Uint32(c.head)) + 4 - headBytes
		c.asks[binary.BigEndian.Uint32(c.head[8:])] = asked{
			int32(binary.BigEndian.Uint16(c.head[4:])), int16(binary.BigEndian.Uint16(c.head[6:])),
		}
		c.head = c.head[:0]
	}
	return n, err
}

func (c *liar) Write(p []byte) (int, error) {
	c.mu.Lock()
	id := binary.BigEndian.Uint32(p[4:])
	ask := c.asks[id]
	delete(c.asks, id)
	c.mu.Unlock()
	if ask.key != c.turncoat.key.Load() {
		return c.Conn.Write(p)
	}
	c.turncoat.told.Add(1)
	(*c.turncoat.lie.Load())(c.Conn, truth{p, ask.version})
	return len(p), nil
}

// amongLiars runs a test in fake time on brokers that may lie. Nothing may be
// left running when it is over, else the bubble does not end.
func amongLiars(t *testing.T, test func(*testing.T, *bed, *turncoat)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := &turncoat{}
		l.repent()
		b := &bed{network: &kfake.VirtualNetwork{}}
		b.open(t, kfake.ListenFn(l.listenOn(b.network)))
		defer func() {
			b.fake.Close()
			time.Sleep(2 * time.Second) // for liars that still talk to find out
		}()
		test(t, b, l)
	})
}
