package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// guard is what stands between a bare connection and the broker.
type guard struct {
	secure func(ctx context.Context, c net.Conn, address string) (net.Conn, error)
	login  []kgo.Opt
}

const loginHint = "check the user and password in sasl.jaas.config, and sasl.mechanism"

// unreachable puts into words why no broker answered, TLS and login first.
func (s *Stand) unreachable(err error) *Refusal {
	at := strings.Join(s.Seeds, ",")
	r := &Refusal{Kind: Unreachable, err: err}
	var known interface{ Spoken() (say, hint string) }
	var first *kgo.ErrFirstReadEOF
	switch {
	case errors.As(err, &known):
		r.Say, r.Hint = known.Spoken()
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		r.Say, r.Hint = fmt.Sprintf("the broker at %s refuses the login: %v", at, err), loginHint
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		r.Say = fmt.Sprintf("the broker at %s does not offer that sasl.mechanism", at)
		r.Hint = "ask which of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER it offers"
	case errors.Is(err, kerr.IllegalSaslState):
		r.Say = fmt.Sprintf("the broker at %s does not expect a login there", at)
		r.Hint = "use security.protocol=PLAINTEXT or SSL, or the port of a SASL listener"
	case len(s.guard.login) > 0 && errors.Is(err, io.EOF):
		r.Say, r.Hint = fmt.Sprintf("the broker at %s closed the connection during the login: it refuses it, or wants none", at), loginHint
	case errors.As(err, &first) && len(s.guard.login) == 0:
		r.Say = fmt.Sprintf("what listens at %s closed the connection at once: it may want TLS or a login, or not be Kafka", at)
		r.Hint = "set security.protocol to what that listener speaks (SSL and SASL_SSL are TLS, SASL_PLAINTEXT and SASL_SSL a login), or check --brokers"
	default:
		return unreachable(s.Seeds, err)
	}
	return r
}
