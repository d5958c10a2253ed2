package cluster

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// guard is what stands between a bare connection and the broker.
type guard struct {
	secure func(ctx context.Context, c net.Conn, address string) (net.Conn, error)
	login  []kgo.Opt
}

const (
	loginHint = "check the user and password in sasl.jaas.config, and sasl.mechanism"
	// By these words of the client's own errors are told apart: an answer that is
	// TLS, a connection that was closed on the first question of all, and one that
	// was closed on the first that needs a login.
	alertText   = "tls alert"
	beforeLogin = "is TLS missing"
	noLogin     = "is SASL missing"
)

// Refused puts into words why the cluster does not take this client: what it
// makes of its TLS, its login and its rights, or that it makes no sense. Nil for
// any other reason.
func (s *Stand) Refused(err error) *Refusal {
	at := strings.Join(s.Seeds, ",")
	r := &Refusal{Kind: Unreachable, err: err}
	var known interface{ Spoken() (say, hint string) }
	switch {
	case errors.As(err, &known):
		r.Say, r.Hint = known.Spoken()
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		r.Say, r.Hint = fmt.Sprintf("the cluster at %s refuses the login: %s", at, addedTo(err, kerr.SaslAuthenticationFailed)), loginHint
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		r.Say = fmt.Sprintf("the cluster at %s does not offer that sasl.mechanism", at)
		r.Hint = "ask which of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER it offers"
	case errors.Is(err, kerr.IllegalSaslState):
		r.Say = fmt.Sprintf("the cluster at %s does not expect a login there", at)
		r.Hint = "use security.protocol=PLAINTEXT or SSL, or the port of a SASL listener"
	case errors.Is(err, kerr.ClusterAuthorizationFailed):
		r.Say = fmt.Sprintf("the cluster at %s does not give this client a producer id", at)
		r.Hint = "ask for the right to write the topic, or before Kafka 2.8 for IDEMPOTENT_WRITE on the cluster; enable.idempotence=false does without"
	default:
		return garbled(at, err)
	}
	r.Denied = !errors.Is(err, kerr.ClusterAuthorizationFailed) // a right can be given meanwhile
	return r
}

// addedTo is what a broker added to an error, else what the error means.
func addedTo(err error, k *kerr.Error) string {
	_, said, _ := strings.Cut(err.Error(), k.Error()+": ")
	return spoken(k, said)
}

// unreachable puts into words why no broker answered, TLS and login first.
func (s *Stand) unreachable(err error) *Refusal {
	if r := s.Refused(err); r != nil {
		return r
	}
	at := strings.Join(s.Seeds, ",")
	r := &Refusal{Kind: Unreachable, err: err}
	var first *kgo.ErrFirstReadEOF
	closed, login, text := errors.As(err, &first), len(s.guard.login) > 0, err.Error()
	switch {
	case login && errors.Is(err, io.EOF) && !strings.Contains(text, beforeLogin):
		r.Say, r.Hint = fmt.Sprintf("the cluster at %s closed the connection during the login: it refuses it, or wants none", at), loginHint
		r.Denied = true
	case closed && strings.Contains(text, noLogin):
		r.Say = fmt.Sprintf("the cluster at %s seems to want a login: it closed the connection at the first request without one", at)
		r.Hint = fmt.Sprintf("set security.protocol=%s, sasl.mechanism and sasl.jaas.config, or give another port: of a listener without a login, and not a controller's", s.loginProtocol())
	case closed:
		r.Say = fmt.Sprintf("what listens at %s closed the connection at once: it may want TLS or a login, or not be Kafka", at)
		r.Hint = "set security.protocol to what that listener speaks (SSL and SASL_SSL are TLS, SASL_PLAINTEXT and SASL_SSL a login), or check --brokers"
	case login && strings.Contains(text, alertText):
		r.Say, r.Hint = fmt.Sprintf("what listens at %s speaks TLS", at), "set security.protocol=SASL_SSL, or give the port of a plaintext listener"
	default:
		return unreachable(s.Seeds, err)
	}
	return r
}

// loginProtocol is the security.protocol of this client with a login on top.
func (s *Stand) loginProtocol() string {
	if s.guard.secure != nil {
		return "SASL_SSL"
	}
	return "SASL_PLAINTEXT"
}

// lacking names the mechanisms that a broker has in place of the one that it
// lacks, if it tells.
func (s *Stand) lacking(ctx context.Context, err error) error {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	for _, seed := range s.Seeds {
		if offers := s.offered(ctx, seed); len(offers) > 0 {
			return &Refusal{
				Kind: Unreachable, err: err, Denied: true,
				Say:  fmt.Sprintf("the broker at %s does not offer that sasl.mechanism; it has %s", seed, strings.Join(offers, ", ")),
				Hint: "set sasl.mechanism to one that it has, with the credentials for it in sasl.jaas.config, or give the port of another listener",
			}
		}
	}
	return err
}

// offered asks a broker for the mechanisms that it has; nil where it does not
// tell. No client hands them out.
func (s *Stand) offered(ctx context.Context, address string) []string {
	c, err := s.ask(ctx, "tcp", address)
	if err != nil {
		return nil
	}
	defer func() { _ = c.Close() }()
	end, _ := ctx.Deadline()
	if c.SetDeadline(end) != nil {
		return nil
	}
	req := kmsg.NewPtrSASLHandshakeRequest()
	req.Version = 1
	if _, err := c.Write(kmsg.NewRequestFormatter().AppendRequest(nil, req, 1)); err != nil {
		return nil
	}
	head := make([]byte, 8) // length and correlation id
	if _, err := io.ReadFull(c, head); err != nil {
		return nil
	}
	size := binary.BigEndian.Uint32(head) - 4
	if size > maxOffer {
		return nil
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(c, body); err != nil {
		return nil
	}
	resp := kmsg.NewPtrSASLHandshakeResponse()
	resp.Version = req.Version
	if resp.ReadFrom(body) != nil {
		return nil
	}
	return resp.SupportedMechanisms
}

// maxOffer bounds what is read of such an answer.
const maxOffer = 4 << 10
