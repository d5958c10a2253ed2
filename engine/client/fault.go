package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
)

// Error is a reason why no broker can be spoken to that a person can mend. It
// holds no secret.
type Error struct {
	Say  string // what happened, and where
	Hint string // what to change
	err  error
}

func (f *Error) Error() string { return f.Say + "; " + f.Hint }

// Unwrap returns what the library said, where it said something.
func (f *Error) Unwrap() error { return f.err }

// Spoken returns Say and Hint, for rooms that do not know this one.
func (f *Error) Spoken() (say, hint string) { return f.Say, f.Hint }

// The alerts of TLS by which a broker refuses what a client has.
const (
	handshakeFailed  = 40
	versionUnknown   = 70
	certificateAsked = 116
)

// certificateAlerts are about the client's certificate: bad, unsupported,
// revoked, expired, unknown, of an unknown authority.
var certificateAlerts = []uint8{42, 43, 44, 45, 46, 48}

// alertWords are how an alert is known: its type is Go's own secret.
func alertWords(alert uint8) string { return tls.AlertError(alert).Error() }

const (
	trustHint      = "name the authority that made it with ssl.truststore.location, as a PEM, PKCS12 or JKS file"
	plaintextHint  = "give the port of a TLS listener, or a security.protocol without TLS (PLAINTEXT, SASL_PLAINTEXT)"
	clientCertHint = "give a key and certificate that the brokers trust with ssl.keystore.location"
	handshakeWith  = "the TLS handshake with "
)

// tlsFault puts into words why TLS with the broker at address did not come
// about, where the client had a certificate of its own or none; nil for an error
// that has nothing to do with TLS.
func tlsFault(address string, own bool, err error) *Error {
	if f := certificateFault(address, err); f != nil {
		return f
	}
	if f := alertFault(address, own, err); f != nil {
		return f
	}
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.As(err, &record):
		return &Error{Say: "what listens at " + address + " does not speak TLS", Hint: plaintextHint, err: err}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return &Error{Say: address + " closed the connection during the TLS handshake: it may not speak TLS", Hint: plaintextHint, err: err}
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return &Error{Say: handshakeWith + address + " was not answered: it may not speak TLS", Hint: plaintextHint, err: err}
	}
	return nil
}

// certificateFault is about the broker's certificate.
func certificateFault(address string, err error) *Error {
	host, _, splitErr := net.SplitHostPort(address)
	if splitErr != nil {
		host = address
	}
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown):
		return &Error{Say: "the certificate of " + address + " comes from an authority that is not trusted here", Hint: trustHint, err: err}
	case errors.As(err, &name):
		return &Error{
			Say:  fmt.Sprintf("the certificate of %s is for %s, not for %s", address, named(name.Certificate), host),
			Hint: "connect by a name that it holds, or, if anyone may stand in for the broker, set ssl.endpoint.identification.algorithm to nothing", err: err,
		}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return &Error{
			Say: fmt.Sprintf("the certificate of %s is valid from %s to %s, and not now", address,
				invalid.Cert.NotBefore.UTC().Format("2006-01-02"), invalid.Cert.NotAfter.UTC().Format("2006-01-02")),
			Hint: "the broker needs a new certificate; if it has one, look at this machine's clock", err: err,
		}
	case errors.As(err, &invalid):
		return &Error{Say: "the certificate of " + address + " cannot be used: " + invalid.Error(), Hint: trustHint, err: err}
	}
	return nil
}

// named lists what a certificate is for.
func named(c *x509.Certificate) string {
	names := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "no host by name"
	}
	return strings.Join(names, ", ")
}

// alertFault is about what the broker did not like. One in Java says that a
// certificate is bad also where it got none.
func alertFault(address string, own bool, err error) *Error {
	said, ok := alertOf(err)
	if !ok {
		return nil
	}
	certificate := slices.ContainsFunc(certificateAlerts, func(a uint8) bool { return alertWords(a) == said })
	switch {
	case !own && (certificate || said == alertWords(certificateAsked)):
		return &Error{Say: address + " asks for a client certificate, and none was given", Hint: clientCertHint, err: err}
	case certificate, said == alertWords(certificateAsked):
		return &Error{Say: fmt.Sprintf("%s refused this client's certificate (%s)", address, said), Hint: clientCertHint, err: err}
	case said == alertWords(versionUnknown), said == alertWords(handshakeFailed):
		return &Error{
			Say:  fmt.Sprintf("%s and this client have no version or cipher suite of TLS in common, or it wants a client certificate (%s)", address, said),
			Hint: "look at ssl.enabled.protocols, ssl.protocol, ssl.cipher.suites and ssl.keystore.location", err: err,
		}
	default:
		return &Error{Say: fmt.Sprintf("%s ended the TLS connection (%s)", address, said), Hint: "look at the broker's own log", err: err}
	}
}

// alertOf is the alert that the other side sent, in its words.
func alertOf(err error) (said string, ok bool) {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" || op.Err == nil {
		return "", false
	}
	return op.Err.Error(), true
}
