package client

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/setting"
)

// franz-go's bounds of connections, where Kafka sets wider ones.
const (
	minIdle     = 100 * time.Millisecond
	maxIdle     = 15 * time.Minute
	maxClientID = 256
	// nameless is what the Java client calls its first producer when client.id
	// is empty.
	nameless = "producer-1"
)

// connection is how the brokers are reached.
func (o *options) connection(s Stand) {
	v := o.values
	o.add(
		kgo.SeedBrokers(s.Seeds...),
		kgo.ClientID(o.name()),
		kgo.SoftwareNameAndVersion("kdyno", "1"),
		kgo.ConnIdleTimeout(o.idle()),
		kgo.DisableClientMetrics(),
		kgo.Dialer(dialer(s, int(v.Int(setting.SendBufferBytes)), int(v.Int(setting.ReceiveBufferBytes)))),
	)
}

// name is what the producer calls itself.
func (o *options) name() string {
	name := o.values.Text(setting.ClientID)
	if name == "" {
		return nameless
	}
	if len(name) <= maxClientID {
		return name
	}
	end := maxClientID
	for end > 0 && !utf8.RuneStart(name[end]) {
		end--
	}
	o.differ(setting.ClientID, name[:end], "franz-go's longest client id is 256 bytes")
	return name[:end]
}

// idle is after how long a quiet connection is closed; in Java a negative time
// means never.
func (o *options) idle() time.Duration {
	if o.values.Int(setting.ConnectionsMaxIdleMs) < 0 {
		o.differ(setting.ConnectionsMaxIdleMs, strconv.FormatInt(maxIdle.Milliseconds(), 10),
			"franz-go closes a connection that is idle for 15 minutes")
		return maxIdle
	}
	idle := o.within(setting.ConnectionsMaxIdleMs, minIdle.Milliseconds(), maxIdle.Milliseconds(),
		"franz-go's idle times are from 100 ms to 15 minutes")
	return time.Duration(idle) * time.Millisecond
}

// buffered is what a connection offers whose socket buffers can be set.
type buffered interface {
	SetReadBuffer(bytes int) error
	SetWriteBuffer(bytes int) error
}

// dialer opens connections with their socket buffers set; -1 leaves them to
// the operating system, as in Java.
func dialer(s Stand, send, receive int) Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := s.Dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if b, ok := c.(buffered); ok {
			if err := size(b, send, receive); err != nil {
				_ = c.Close()
				return nil, fmt.Errorf("connection to %s: %w", address, err)
			}
		}
		if s.Wrap != nil {
			c = s.Wrap(c)
		}
		return c, nil
	}
}

// size sets the socket buffers.
func size(b buffered, send, receive int) error {
	if send >= 0 {
		if err := b.SetWriteBuffer(send); err != nil {
			return fmt.Errorf("this system refuses send.buffer.bytes=%d, use less or -1: %w", send, err)
		}
	}
	if receive >= 0 {
		if err := b.SetReadBuffer(receive); err != nil {
			return fmt.Errorf("this system refuses receive.buffer.bytes=%d, use less or -1: %w", receive, err)
		}
	}
	return nil
}
