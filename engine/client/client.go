// Package client turns values into one franz-go client: the options, group by
// group, the codecs, the connections below it. Where franz-go's range is
// narrower than Kafka's the value is clamped and the difference is told. It
// starts nothing and sends nothing; the run does.
package client

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/setting"
)

// Consumed are the settings that this package honours.
var Consumed = []setting.Key{
	setting.BootstrapServers, setting.Acks, setting.EnableIdempotence, setting.LingerMs, setting.BatchSize,
	setting.MaxRequestSize, setting.MaxInFlight, setting.Retries, setting.RetryBackoffMs, setting.RetryBackoffMaxMs,
	setting.RequestTimeoutMs, setting.DeliveryTimeoutMs, setting.CompressionType, setting.ClientID,
	setting.SendBufferBytes, setting.ReceiveBufferBytes, setting.MetadataMaxAgeMs, setting.ConnectionsMaxIdleMs,
}

// Dial opens one connection; it has kgo.Dialer's form.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Stand is what the client is put on.
type Stand struct {
	Seeds       []string
	Dial        Dial                    // opens the bare connection
	Wrap        func(net.Conn) net.Conn // puts link and tap around it; nil: neither
	Partitioner kgo.Partitioner
	Hooks       []kgo.Hook
	RecordBytes int // the largest key and value that will be sent
}

// The bounds that franz-go sets where Kafka sets wider ones.
const (
	maxLinger       = time.Minute
	minTimeout      = 100 * time.Millisecond
	minDelivery     = time.Second
	maxMetadataAge  = time.Hour
	minMetadataAge  = 10 * time.Millisecond
	minIdle         = 100 * time.Millisecond
	maxIdle         = 15 * time.Minute
	minBatchBytes   = 512
	minRequestBytes = 1 << 10
	maxRequestBytes = 1 << 30
	// slack is what a record's batch needs beyond key and value: the batch's
	// header, the record's lengths and the request around both.
	slack = 200
	// nativeInFlight is what franz-go keeps in flight per broker with
	// idempotence (sink.go: 1 until the broker's first answer, then 5).
	nativeInFlight = 5
)

// New makes the client. The values are the effective ones, as the Java client
// would read them. The error is kgo's own, of options that do not go together.
func New(v setting.Values, s Stand) (*kgo.Client, []setting.Difference, error) {
	o := &options{values: v}
	o.delivery()
	o.batching(s.RecordBytes)
	o.time()
	o.connection(s)
	o.add(kgo.RecordPartitioner(s.Partitioner), kgo.WithHooks(s.Hooks...))
	cl, err := kgo.NewClient(o.opts...)
	if err != nil {
		return nil, o.differences, fmt.Errorf("make the producer: %w", err)
	}
	return cl, o.differences, nil
}

// options collects what the values become.
type options struct {
	values      setting.Values
	opts        []kgo.Opt
	differences []setting.Difference
}

func (o *options) add(opts ...kgo.Opt) { o.opts = append(o.opts, opts...) }

func (o *options) differ(k setting.Key, effective, why string) {
	o.differences = append(o.differences, setting.Difference{
		Key: k, Asked: o.values.Text(k), Effective: effective, Why: why,
	})
}

// delivery is what decides how often a record is written.
func (o *options) delivery() {
	v := o.values
	switch v.Text(setting.Acks) {
	case "0":
		o.add(kgo.RequiredAcks(kgo.NoAck()))
	case "1":
		o.add(kgo.RequiredAcks(kgo.LeaderAck()))
	default:
		o.add(kgo.RequiredAcks(kgo.AllISRAcks()))
	}
	inFlight := v.Int(setting.MaxInFlight)
	if v.Bool(setting.EnableIdempotence) {
		// An outcome that nobody knows must end too: Java's delivery.timeout.ms
		// does not wait for it. Safe since franz-go 1.22.2 (its issue 1484).
		o.add(kgo.AllowIdempotentProduceCancellation())
		if inFlight < nativeInFlight {
			o.differ(setting.MaxInFlight, "5",
				"with idempotence franz-go keeps up to 5 requests in flight per broker, in order")
		}
	} else {
		o.add(kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(int(min(inFlight, math.MaxInt32))))
	}
	o.add(
		kgo.RecordRetries(int(v.Int(setting.Retries))),
		// Java retries an unknown topic until the delivery timeout.
		kgo.UnknownTopicRetries(-1),
		kgo.AlwaysRetryEOF(),
	)
}

// batching is what shapes batches and requests.
func (o *options) batching(recordBytes int) {
	v := o.values
	linger := v.Duration(setting.LingerMs)
	if linger > maxLinger {
		linger = maxLinger
		o.differ(setting.LingerMs, "60000", "franz-go lingers one minute at most")
	}
	batch := max(v.Int(setting.BatchSize), minBatchBytes)
	if v.Int(setting.BatchSize) < minBatchBytes {
		o.differ(setting.BatchSize, "512", "franz-go's smallest batch")
	}
	// franz-go refuses a record that does not fit a batch; Java sends it alone.
	batch = max(batch, int64(recordBytes+slack))
	batch = min(batch, maxRequestBytes)
	request := min(max(v.Int(setting.MaxRequestSize), minRequestBytes), maxRequestBytes)
	request = max(request, batch+slack)
	o.add(
		kgo.ProducerLinger(linger),
		kgo.ProducerBatchMaxBytes(int32(batch)),
		kgo.BrokerMaxWriteBytes(int32(min(request, maxRequestBytes))),
		// Admission bounds the buffer; franz-go's own bounds stay out of its way.
		kgo.MaxBufferedRecords(math.MaxInt32),
		kgo.ProducerBatchCompression(codec(v.Text(setting.CompressionType))),
	)
}

func codec(name string) kgo.CompressionCodec {
	switch name {
	case "gzip":
		// Java's default level is zlib's 6; franz-go's own default is 5.
		return kgo.GzipCompression().WithLevel(6)
	case "snappy":
		return kgo.SnappyCompression()
	case "lz4":
		return kgo.Lz4Compression()
	case "zstd":
		return kgo.ZstdCompression()
	default:
		return kgo.NoCompression()
	}
}

// time is what bounds waiting.
func (o *options) time() {
	v := o.values
	request := o.atLeast(setting.RequestTimeoutMs, minTimeout, "franz-go's shortest request timeout")
	delivery := o.atLeast(setting.DeliveryTimeoutMs, minDelivery, "franz-go's shortest record timeout")
	backoff, ceiling := v.Duration(setting.RetryBackoffMs), v.Duration(setting.RetryBackoffMaxMs)
	age := v.Duration(setting.MetadataMaxAgeMs)
	if age > maxMetadataAge {
		age = maxMetadataAge
		o.differ(setting.MetadataMaxAgeMs, "3600000", "franz-go refreshes metadata every hour at least")
	}
	minAge := min(max(backoff, minMetadataAge), maxMetadataAge)
	age = max(age, minAge)
	o.add(
		kgo.ProduceRequestTimeout(request),
		// The overhead is the deadline of nearly every other request too: a
		// short one leaves slow links without a single answer. The tap cuts a
		// produce request at request.timeout.ms itself.
		kgo.RequestTimeoutOverhead(request),
		kgo.RecordDeliveryTimeout(delivery),
		kgo.RetryBackoffFn(Backoff(backoff, ceiling)),
		// A retriable error of a partition waits for the next metadata, not for
		// the backoff.
		kgo.MetadataMinAge(minAge),
		kgo.MetadataMaxAge(age),
	)
	if v.IsSet(setting.RetryBackoffMaxMs) {
		o.differ(setting.RetryBackoffMaxMs, v.Text(setting.RetryBackoffMaxMs),
			"franz-go's backoff only grows on connection errors; after an error of a partition it stays at retry.backoff.ms")
	}
}

// atLeast reads a duration and clamps it to what franz-go takes.
func (o *options) atLeast(k setting.Key, floor time.Duration, why string) time.Duration {
	d := min(o.values.Duration(k), math.MaxInt32*time.Millisecond)
	if d < floor {
		o.differ(k, fmt.Sprint(floor.Milliseconds()), why)
		return floor
	}
	return d
}

// Backoff is Kafka's: doubling from first to ceiling, a fifth of jitter
// either way.
func Backoff(first, ceiling time.Duration) func(tries int) time.Duration {
	return func(tries int) time.Duration {
		d := float64(first) * math.Pow(2, float64(max(tries-1, 0)))
		d = min(d, float64(max(ceiling, first)))
		return time.Duration(d * (0.8 + 0.4*rand.Float64()))
	}
}

// connection is how the brokers are reached.
func (o *options) connection(s Stand) {
	v := o.values
	idle := v.Duration(setting.ConnectionsMaxIdleMs)
	switch {
	case idle < 0: // Java: never
		idle = maxIdle
		o.differ(setting.ConnectionsMaxIdleMs, "900000", "franz-go's longest idle time")
	case idle < minIdle:
		idle = minIdle
		o.differ(setting.ConnectionsMaxIdleMs, "100", "franz-go's shortest idle time")
	case idle > maxIdle:
		idle = maxIdle
		o.differ(setting.ConnectionsMaxIdleMs, "900000", "franz-go's longest idle time")
	}
	name := v.Text(setting.ClientID)
	if name == "" {
		name = "kdyno"
	}
	o.add(
		kgo.SeedBrokers(s.Seeds...),
		kgo.ClientID(name),
		kgo.SoftwareNameAndVersion("kdyno", "1"),
		kgo.ConnIdleTimeout(idle),
		kgo.DisableClientMetrics(),
		kgo.Dialer(dialer(s, int(v.Int(setting.SendBufferBytes)), int(v.Int(setting.ReceiveBufferBytes)))),
	)
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
			if send >= 0 {
				err = b.SetWriteBuffer(send)
			}
			if receive >= 0 && err == nil {
				err = b.SetReadBuffer(receive)
			}
		}
		if err != nil {
			_ = c.Close()
			return nil, fmt.Errorf("size the socket buffers of %s: %w", address, err)
		}
		if s.Wrap != nil {
			c = s.Wrap(c)
		}
		return c, nil
	}
}
