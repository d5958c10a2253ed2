package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"

	"kdyno/engine/setting"
)

// Security is how connections are encrypted and who logs in. It is immutable,
// for any goroutine; the zero Security is PLAINTEXT.
type Security struct {
	config *tls.Config // nil: in the clear
	login  logins      // nil ones: nobody logs in
}

// handshakeWithin bounds a TLS handshake.
const handshakeWithin = 10 * time.Second

// Secure reads what the values say of TLS and SASL, the stores on disk
// included. The error is a *Error.
func Secure(v setting.Values) (*Security, error) {
	s := &Security{}
	protocol := v.Text(setting.SecurityProtocol)
	var err error
	if protocol == setting.SSL || protocol == setting.SASLSSL {
		if s.config, err = encryption(v); err != nil {
			return nil, err
		}
	}
	if protocol == setting.SASLPlaintext || protocol == setting.SASLSSL {
		if s.login, err = loginsOf(v); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Plain says that connections are in the clear and nobody logs in.
func (s *Security) Plain() bool { return s.config == nil && s.login.producer == nil }

// Options are what a producer needs to log in.
func (s *Security) Options() []kgo.Opt { return loggingIn(s.login.producer) }

// ContactOptions are what a client needs to log in that asks who is there: an
// identity provider that does not answer is told within three seconds, where a
// producer goes on asking for sasl.login.retry.backoff.max.ms.
func (s *Security) ContactOptions() []kgo.Opt { return loggingIn(s.login.contact) }

func loggingIn(m sasl.Mechanism) []kgo.Opt {
	if m == nil {
		return nil
	}
	return []kgo.Opt{kgo.SASL(m)}
}

// Handshake puts TLS on top of a connection that was opened to address
// (host:port), or returns it as it is. On an error, a *Error where TLS is the
// reason, the connection is closed.
func (s *Security) Handshake(ctx context.Context, c net.Conn, address string) (net.Conn, error) {
	if s.config == nil {
		return c, nil
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	config := s.config.Clone()
	config.ServerName = host
	encrypted := tls.Client(c, config)
	ctx, cancel := context.WithTimeout(ctx, handshakeWithin)
	defer cancel()
	if err := encrypted.HandshakeContext(ctx); err != nil {
		_ = c.Close()
		if f := tlsFault(address, s.proves(), err); f != nil {
			return nil, f
		}
		return nil, fmt.Errorf(handshakeWith+"%s: %w", address, err)
	}
	return &encryptedConn{Conn: encrypted, address: address, own: s.proves()}, nil
}

// proves says that the client has a certificate of its own.
func (s *Security) proves() bool { return len(s.config.Certificates) > 0 }

// encryptedConn tells of a broker that refuses the client's certificate: with
// TLS 1.3 that comes in place of the first answer, after the handshake.
type encryptedConn struct {
	*tls.Conn
	address string
	own     bool // the client showed a certificate, if it was asked
}

func (c *encryptedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil {
		if f := alertFault(c.address, c.own, err); f != nil {
			return n, f
		}
	}
	return n, err
}

var tlsVersions = map[string]uint16{
	"TLSv1": tls.VersionTLS10, "TLSv1.1": tls.VersionTLS11, "TLSv1.2": tls.VersionTLS12, "TLSv1.3": tls.VersionTLS13,
	"TLS": tls.VersionTLS13,
}

// encryption is the TLS that the values ask for.
func encryption(v setting.Values) (*tls.Config, error) {
	config := &tls.Config{CipherSuites: suites(v)}
	var err error
	if config.MinVersion, config.MaxVersion, err = versions(v); err != nil {
		return nil, err
	}
	trust, err := open(v, setting.SSLTruststoreLocation, setting.SSLTruststoreCertificates, setting.SSLTruststorePassword)
	if err != nil {
		return nil, err
	}
	if trust != nil {
		if config.RootCAs, err = trust.authorities(); err != nil {
			return nil, err
		}
	}
	own, err := open(v, setting.SSLKeystoreLocation, setting.SSLKeystoreKey, setting.SSLKeystorePassword)
	if err != nil {
		return nil, err
	}
	if own != nil {
		found, err := own.identity(v.Secret(setting.SSLKeystoreChain), v.Secret(setting.SSLKeyPassword))
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{found}
	}
	if v.Text(setting.SSLEndpointIdentification) == "" {
		anyHost(config)
	}
	return config, nil
}

// versions are the lowest and the highest version of TLS.
func versions(v setting.Values) (least, most uint16, err error) {
	most = tlsVersions[v.Text(setting.SSLProtocol)]
	var enabled []uint16
	for name := range strings.SplitSeq(v.Text(setting.SSLEnabledProtocols), ",") {
		if version, ok := tlsVersions[name]; ok && version <= most {
			enabled = append(enabled, version)
		}
	}
	if len(enabled) == 0 {
		return 0, 0, &Error{
			Say:  fmt.Sprintf("ssl.enabled.protocols (%s) has no version that ssl.protocol (%s) allows", v.Text(setting.SSLEnabledProtocols), v.Text(setting.SSLProtocol)),
			Hint: "leave both at their defaults, or raise ssl.protocol",
		}
	}
	return slices.Min(enabled), slices.Max(enabled), nil
}

// suites are the numbers of ssl.cipher.suites; nil is the library's choice.
func suites(v setting.Values) []uint16 {
	var ids []uint16
	asked := strings.Split(v.Text(setting.SSLCipherSuites), ",")
	for _, s := range tls.CipherSuites() {
		if slices.Contains(asked, s.Name) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// anyHost checks who made the broker's certificate and not for which host.
func anyHost(config *tls.Config) {
	config.InsecureSkipVerify = true
	config.VerifyConnection = func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) == 0 {
			return errors.New("the broker showed no certificate")
		}
		above := x509.NewCertPool()
		for _, c := range state.PeerCertificates[1:] {
			above.AddCert(c)
		}
		_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: config.RootCAs, Intermediates: above})
		return err
	}
}
