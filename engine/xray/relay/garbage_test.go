package relay

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine/cluster"
)

// aFrame is a request of any kind and version, some bytes of it not what they
// should be.
func aFrame(r *rand.Rand) []byte {
	req := kmsg.RequestForKey(int16(r.IntN(kmsg.MaxKey + 1)))
	for req == nil {
		req = kmsg.RequestForKey(int16(r.IntN(kmsg.MaxKey + 1)))
	}
	req.SetVersion(int16(r.IntN(int(req.MaxVersion()) + 1)))
	frame := kmsg.NewRequestFormatter(kmsg.FormatterClientID("garbage")).AppendRequest(nil, req, int32(r.Uint32()))
	if p, ok := req.(*kmsg.ProduceRequest); ok {
		p.Acks = int16(r.IntN(3) - 1)
		topic := kmsg.NewProduceRequestTopic()
		topic.Topic = cluster.EmbeddedTopic
		part := kmsg.NewProduceRequestTopicPartition()
		part.Records = batchOf(1 + r.IntN(3))
		topic.Partitions = append(topic.Partitions, part)
		p.Topics = append(p.Topics, topic)
		frame = kmsg.NewRequestFormatter().AppendRequest(nil, p, int32(r.Uint32()))
	}
	for range r.IntN(4) {
		// Not the length, which the next frame would suffer from, nor the counts of
		// tagged fields, through which the fake brokers go one by one.
		if i := 4 + r.IntN(len(frame)-4); frame[i] < 0x80 {
			frame[i] = byte(r.IntN(0x80))
		}
	}
	return frame
}

// Frames that are nearly right neither crash the embedded brokers nor disturb who
// produces beside them.
func TestGarbageDisturbsNobody(t *testing.T) {
	rounds := 20
	if n, err := strconv.Atoi(os.Getenv("KDYNO_GARBAGE")); err == nil {
		rounds = n
	}
	for round := range rounds {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(round), 11))
			h := newHost(t, nil)
			defer h.close()
			cl := h.client()
			defer cl.Close()
			for range 20 {
				c := h.dial()
				go func() {
					answer := make([]byte, 4096)
					for {
						if _, err := c.Read(answer); err != nil {
							return
						}
					}
				}()
				for range 3 {
					_ = c.SetWriteDeadline(time.Now().Add(time.Second))
					if _, err := c.Write(aFrame(r)); err != nil {
						break
					}
				}
				time.Sleep(10 * time.Millisecond)
				c.Close()
			}
			produce(t, cl, 3)
		})
	}
}
