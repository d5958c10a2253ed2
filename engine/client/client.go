// Package client turns values into one franz-go client: the options, group by
// group, the codecs, the connections below it. Where franz-go's range is
// narrower than Kafka's the value is clamped and the difference is told. The
// run calls it once for each producer. It starts nothing and sends nothing,
// and keeps no state, so any goroutine may call it.
package client

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/setting"
)

// Consumed are the settings that this package honours.
var Consumed = []setting.Key{
	setting.BootstrapServers, setting.Acks, setting.EnableIdempotence, setting.LingerMs, setting.BatchSize,
	setting.MaxRequestSize, setting.MaxInFlight, setting.Retries, setting.RetryBackoffMs, setting.RetryBackoffMaxMs,
	setting.RequestTimeoutMs, setting.DeliveryTimeoutMs, setting.CompressionType, setting.ClientID,
	setting.SendBufferBytes, setting.ReceiveBufferBytes, setting.MetadataMaxAgeMs, setting.ConnectionsMaxIdleMs,
	setting.CompressionGzipLevel, setting.CompressionLz4Level, setting.CompressionZstdLevel, setting.ClientDNSLookup,
	setting.SocketSetupTimeoutMs, setting.SocketSetupTimeoutMaxMs, setting.ReconnectBackoffMs, setting.ReconnectBackoffMaxMs,
	setting.MetadataRecoveryStrategy, setting.EnableMetricsPush,
	setting.SecurityProtocol, setting.SSLTruststoreLocation, setting.SSLTruststorePassword, setting.SSLTruststoreType,
	setting.SSLTruststoreCertificates, setting.SSLKeystoreLocation, setting.SSLKeystorePassword, setting.SSLKeystoreType,
	setting.SSLKeystoreKey, setting.SSLKeystoreChain, setting.SSLKeyPassword, setting.SSLEndpointIdentification,
	setting.SSLEnabledProtocols, setting.SSLProtocol, setting.SSLCipherSuites, setting.SASLMechanism, setting.SASLJaasConfig,
	setting.OAuthTokenURL, setting.OAuthScope, setting.OAuthClientID, setting.OAuthClientSecret, setting.OAuthHeaderURLEncode,
	setting.OAuthHandlerClass, setting.LoginConnectTimeoutMs, setting.LoginReadTimeoutMs, setting.LoginRetryBackoffMs,
	setting.LoginRetryBackoffMaxMs,
}

// Dial opens one connection; it has kgo.Dialer's form.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Stand is what the client is put on.
type Stand struct {
	Seeds       []string                // what bootstrap.servers came to
	Dial        Dial                    // opens the bare connection
	Link        func(net.Conn) net.Conn // the emulated network, right above it; nil: none
	Wrap        func(net.Conn) net.Conn // the tap, above link and TLS; nil: none
	Resolver    Resolver                // nil: the system's
	Partitioner kgo.Partitioner
	Hooks       []kgo.Hook
	RecordBytes int // the largest key and value that will be sent
}

// New makes the client. The values are the effective ones, as the Java client
// would read them. The differences are those of these values, in no order. The
// error is a *Error of the stores and credentials that the values name, or
// kgo's own, of options that do not go together.
func New(v setting.Values, s Stand) (*kgo.Client, []setting.Difference, error) {
	security, err := Secure(v)
	if err != nil {
		return nil, nil, err
	}
	o := &options{values: v}
	o.delivery()
	o.batching(s.RecordBytes)
	o.waiting()
	o.connection(s, security)
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

// within reads a number and clamps it to what franz-go takes, in the row's
// unit.
func (o *options) within(k setting.Key, least, most int64, why string) int64 {
	asked := o.values.Int(k)
	n := min(max(asked, least), most)
	if n != asked {
		o.differ(k, strconv.FormatInt(n, 10), why)
	}
	return n
}
