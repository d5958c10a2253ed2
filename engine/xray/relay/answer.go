package relay

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"

	"kdyno/engine/cluster/signpost"
)

// answer brings what the broker writes to the client, until either has gone.
func (c *Conn) answer() {
	out := cutter{head: sizeBytes + 4, begin: c.answers, whole: c.answered, pass: c.toClient, blind: c.raw.Load}
	part := make([]byte, leastPart)
	broker := c.tap()
	for {
		n, err := broker.Read(part)
		if e := out.feed(part[:n]); e != nil {
			err = e
		}
		if err != nil {
			// A broker that closed its side has said all it had to say.
			c.end(!errors.Is(err, io.EOF))
			return
		}
		if c.isOver() && broker.InFlight() == 0 {
			c.end(false)
			return
		}
		part = roomFor(part, n)
	}
}

func (c *Conn) isOver() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}

var errAnswer = errors.New("the broker answers with what is no frame of Kafka's")

// answers looks at the head of an answer.
func (c *Conn) answers(head []byte) (hold bool, err error) {
	size := int32(binary.BigEndian.Uint32(head))
	if size < int32(len(head)-sizeBytes) {
		return false, errAnswer
	}
	return c.debts.due(int32(binary.BigEndian.Uint32(head[sizeBytes:]))) && size <= mostAnswer, nil
}

// answered makes an answer name the relay's ports.
func (c *Conn) answered(frame []byte) []byte {
	h := c.debts.take()
	out, told, err := signpost.Rewrite(h, frame, c.place)
	if err != nil {
		c.relay.o.Hear.Tell(fmt.Sprintf("%s; what it says of the brokers' places is not rewritten", err))
		return frame
	}
	c.relay.o.Hear.Learned(told)
	return out
}

// place says where this client finds a broker: at the host by which it came.
func (c *Conn) place(b signpost.Broker) (string, int32) {
	number, err := c.relay.Place(b)
	if err != nil {
		c.relay.o.Hear.Tell(fmt.Sprintf("broker %d gets no port, its clients find it nowhere: %v", b.ID, err))
	}
	return c.relay.hostFor(c.peer().LocalAddr()), int32(number)
}

// hostFor is what a client is told that came to an address: where every address
// is listened at, the one that it used.
func (r *Relay) hostFor(came net.Addr) string {
	if ip := net.ParseIP(r.host); r.host != "" && (ip == nil || !ip.IsUnspecified()) {
		return r.host
	}
	return hostOf(came)
}

func (c *Conn) toClient(p []byte) error {
	_, err := c.peer().Write(p)
	if err != nil && c.isOver() {
		return nil // who has gone needs no answer; the broker's are counted
	}
	return err
}
