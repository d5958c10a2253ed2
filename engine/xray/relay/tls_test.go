package relay

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// certified is a certificate for 127.0.0.1 and who trusts it.
func certified(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, made, made, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// terminate speaks TLS on a port of the network and brings what is in it to
// another one, as a broker's SSL listener does.
func (h *host) terminate(at, behind string, config *tls.Config) io.Closer {
	h.t.Helper()
	l, err := h.network.Listen("tcp", at)
	if err != nil {
		h.t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				secure := tls.Server(c, config)
				defer secure.Close()
				b, err := h.network.DialContext(context.Background(), "tcp", behind)
				if err != nil {
					return
				}
				defer b.Close()
				go func() {
					io.Copy(b, secure)
					b.Close()
				}()
				io.Copy(secure, b)
			}()
		}
	}()
	return l
}

// TLS ends here on either side: the client sees the relay's certificate, and the
// relay the broker's.
func TestTLSEndsAtTheRelay(t *testing.T) {
	for name, sides := range map[string]struct{ clients, brokers bool }{"clients": {true, false}, "brokers": {false, true}, "both": {true, true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ours, trustsUs := certified(t)
				theirs, trustsThem := certified(t)
				var reached int
				h := newHost(t, func(o *Options) {
					if sides.clients {
						o.TLS = &tls.Config{Certificates: []tls.Certificate{ours}}
					}
					if sides.brokers {
						// What a broker speaks at its port, it speaks with TLS at that with a 2 before it.
						dial := o.Dial
						o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
							_, port, _ := net.SplitHostPort(address)
							return dial(ctx, network, "127.0.0.1:2"+port)
						}
						o.Secure = func(ctx context.Context, c net.Conn, _ string) (net.Conn, error) {
							secure := tls.Client(c, &tls.Config{RootCAs: trustsThem, ServerName: "127.0.0.1"})
							reached++
							return secure, secure.HandshakeContext(ctx)
						}
					}
				})
				defer h.close()
				if sides.brokers {
					for _, b := range []string{"9092", "9093", "9094"} {
						l := h.terminate("127.0.0.1:2"+b, "127.0.0.1:"+b, &tls.Config{Certificates: []tls.Certificate{theirs}})
						defer l.Close()
					}
				}
				var opts []kgo.Opt
				if sides.clients {
					opts = append(opts, kgo.Dialer(func(ctx context.Context, network, address string) (net.Conn, error) {
						c, err := h.network.DialContext(ctx, network, address)
						if err != nil {
							return nil, err
						}
						return tls.Client(c, &tls.Config{RootCAs: trustsUs, ServerName: "127.0.0.1"}), nil
					}))
				}
				cl := h.client(opts...)
				defer cl.Close()
				produce(t, cl, 12)
				var all int64
				for _, n := range h.records {
					all += n
				}
				if all != 12 || sides.brokers && reached == 0 {
					t.Errorf("%d records told, %d brokers reached by TLS", all, reached)
				}
			})
		})
	}
}

// A client in the clear, or one that does not trust the certificate, is said.
func TestClientsThatDoNotSpeakTLS(t *testing.T) {
	ours, _ := certified(t)
	for name, tt := range map[string]struct {
		talk func(c net.Conn)
		say  string
	}{
		"in the clear": {func(c net.Conn) {
			c.Write(kmsg.NewRequestFormatter().AppendRequest(nil, kmsg.NewPtrApiVersionsRequest(), 1))
		}, "does not speak TLS to a port that does"},
		"without trust": {func(c net.Conn) {
			_ = tls.Client(c, &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "127.0.0.1"}).Handshake()
		}, "gives up the TLS handshake"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHost(t, func(o *Options) { o.TLS = &tls.Config{Certificates: []tls.Certificate{ours}} })
				defer h.close()
				c := h.dial()
				defer c.Close()
				go tt.talk(c)
				time.Sleep(20 * time.Second)
				if said := h.sentences(); len(said) != 1 || !strings.Contains(said[0], tt.say) {
					t.Errorf("said %q", said)
				}
			})
		})
	}
}
