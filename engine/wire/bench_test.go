package wire

import (
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// quiet is a Sink that keeps nothing.
type quiet struct{ seen int }

func (q *quiet) Wrote(r *Request)        { q.seen += len(r.Batches) }
func (q *quiet) Answered(r *Request)     { q.seen += len(r.Batches) }
func (*quiet) Held(int32, time.Duration) {}

func (q *quiet) Lost(*Request, error) { q.seen++ }

// loopConn takes any write and reads the same bytes again and again.
type loopConn struct {
	net.Conn
	answer []byte
}

func (*loopConn) Write(p []byte) (int, error)      { return len(p), nil }
func (l *loopConn) Read(p []byte) (int, error)     { return copy(p, l.answer), nil }
func (*loopConn) SetReadDeadline(time.Time) error  { return nil }
func (*loopConn) SetWriteDeadline(time.Time) error { return nil }

// exchange is a request with so many batches and its answer.
func exchange(version int16, parts int) (frame, answer []byte) {
	r := rand.New(rand.NewPCG(1, 1))
	req := kmsg.NewPtrProduceRequest()
	req.Version, req.Acks, req.TimeoutMillis = version, -1, 30000
	topic := kmsg.NewProduceRequestTopic()
	topic.Topic, topic.TopicID = "topic", [16]byte{1}
	want := Request{Correlation: 1, Version: version, Acks: -1}
	for p := range int32(parts) {
		part := kmsg.NewProduceRequestTopicPartition()
		part.Partition = p
		var b Batch
		part.Records, b = randomBatch(r)
		b.Partition = p
		if version >= topicIDProduce {
			b.TopicID = topic.TopicID
		} else {
			b.Topic = topic.Topic
		}
		topic.Partitions = append(topic.Partitions, part)
		want.Batches = append(want.Batches, b)
	}
	req.Topics = append(req.Topics, topic)
	resp := kmsg.NewPtrProduceResponse()
	resp.Version = version
	rt := kmsg.NewProduceResponseTopic()
	rt.Topic, rt.TopicID = topic.Topic, topic.TopicID
	for p := range int32(parts) {
		part := kmsg.NewProduceResponseTopicPartition()
		part.Partition = p
		rt.Partitions = append(rt.Partitions, part)
	}
	resp.Topics = append(resp.Topics, rt)
	return kmsg.NewRequestFormatter(kmsg.FormatterClientID("kdyno")).AppendRequest(nil, req, 1),
		answerFrame(1, version >= flexibleProduce, resp.AppendTo(nil))
}

// tapped is one exchange over a tap that has seen one before.
func tapped(tb testing.TB, version int16, parts int) func() {
	tb.Helper()
	frame, answer := exchange(version, parts)
	sink := &quiet{}
	c := Tap(&loopConn{answer: answer}, sink, Options{RequestTimeout: 30 * time.Second})
	buf := make([]byte, len(answer))
	deadline := time.Now().Add(time.Hour)
	once := func() {
		if _, err := c.Write(frame); err != nil {
			tb.Fatal(err)
		}
		_ = c.SetReadDeadline(deadline)
		if _, err := io.ReadFull(c, buf); err != nil {
			tb.Fatal(err)
		}
	}
	once()
	if c.Blind() != nil || sink.seen != 2*parts {
		tb.Fatalf("got %d batches, blind %v; want %d, nil", sink.seen, c.Blind(), 2*parts)
	}
	return once
}

// TestTapAllocatesNothing holds the hot path at no allocation per request.
func TestTapAllocatesNothing(t *testing.T) {
	for _, version := range []int16{8, 12, 13} {
		if got := testing.AllocsPerRun(1000, tapped(t, version, 12)); got != 0 {
			t.Errorf("Produce v%d: got %v allocations per exchange, want 0", version, got)
		}
	}
}

func BenchmarkTap(b *testing.B) {
	for name, parts := range map[string]int{"1 partition": 1, "12 partitions": 12, "50 partitions": 50} {
		b.Run(name, func(b *testing.B) {
			once := tapped(b, 13, parts)
			b.ReportAllocs()
			for b.Loop() {
				once()
			}
		})
	}
}

// BenchmarkLink is what an idle link costs a write.
func BenchmarkLink(b *testing.B) {
	c := NewLink().Wrap(&loopConn{})
	p := make([]byte, 1024)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Write(p); err != nil {
			b.Fatal(err)
		}
	}
}
