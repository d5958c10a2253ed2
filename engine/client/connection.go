package client

import (
	"fmt"
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
	// maxAnswer bounds what is read of an answer, and with it what a broker that
	// makes no sense can make this process hold: some hundred times as much, once it
	// is decoded. Nothing is fetched, and the answers to 40,000 partitions fit.
	maxAnswer = 2 << 20
	// nameless is what the Java client calls its first producer when client.id
	// is empty.
	nameless = "producer-1"
)

// connection is how the brokers are reached.
func (o *options) connection(s Stand, security *Security) {
	o.add(
		kgo.SeedBrokers(s.Seeds...),
		kgo.ClientID(o.name()),
		kgo.SoftwareNameAndVersion("kdyno", "1"),
		kgo.ConnIdleTimeout(o.idle()),
		kgo.BrokerMaxReadBytes(maxAnswer), kgo.FetchMaxBytes(maxAnswer),
		kgo.Dialer(newDialing(o.values, s, security).dial),
	)
	o.add(security.Options()...)
	// A last push of metrics would hold up the close of a producer for up to a
	// second, and with it every swap.
	o.add(kgo.DisableClientMetrics())
	if o.values.IsSet(setting.EnableMetricsPush) && o.values.Bool(setting.EnableMetricsPush) {
		o.differ(setting.EnableMetricsPush, "false", "nothing is pushed: a last push would hold up every change of the producer")
	}
	if o.values.Text(setting.MetadataRecoveryStrategy) != "rebootstrap" {
		o.differ(setting.MetadataRecoveryStrategy, "rebootstrap", "franz-go always goes back to the bootstrap servers when no broker that it knows answers")
	}
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
