package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// Kind says whose turn it is after a refusal.
type Kind string

// The kinds of refusal.
const (
	Usage       Kind = "usage"       // what was asked for cannot be
	Rail        Kind = "rail"        // it could be, and must not
	Unreachable Kind = "unreachable" // no cluster answered
)

// Refusal says why there is no stand, and what to change.
type Refusal struct {
	Kind Kind
	Say  string
	Hint string
	err  error
}

func (r *Refusal) Error() string { return r.Say }

// Unwrap returns what the client said, where it said something.
func (r *Refusal) Unwrap() error { return r.err }

// unreachable puts into words why no broker at these addresses answered.
func unreachable(seeds []string, err error) *Refusal {
	at := strings.Join(seeds, ",")
	r := &Refusal{Kind: Unreachable, err: err}
	text := err.Error()
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		r.Say = fmt.Sprintf("no host is named %s", dns.Name)
		r.Hint = "check the name in --brokers, and this machine's DNS"
	case errors.Is(err, syscall.ECONNREFUSED):
		r.Say = fmt.Sprintf("nothing listens at %s", at)
		r.Hint = "check host and port in --brokers; is the broker up?"
	case strings.Contains(text, "'HTTP'") || strings.Contains(text, "HTTP"):
		r.Say = fmt.Sprintf("what listens at %s speaks HTTP, not Kafka", at)
		r.Hint = "give the broker's own listener port in --brokers, not that of a proxy or a console"
	case strings.Contains(text, "tls"):
		r.Say = fmt.Sprintf("what listens at %s speaks TLS", at)
		r.Hint = "use a plaintext listener of the broker"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), strings.Contains(text, "i/o timeout"):
		r.Say = fmt.Sprintf("%s does not answer", at)
		r.Hint = "a firewall, a broker that hangs, or a port that is not Kafka's: check --brokers"
	case errors.Is(err, io.EOF), strings.Contains(text, "EOF"), errors.Is(err, syscall.ECONNRESET):
		r.Say = fmt.Sprintf("what listens at %s closed the connection at once", at)
		r.Hint = "it may not be Kafka, or want TLS or SASL: check --brokers"
	default:
		r.Say = fmt.Sprintf("no broker at %s: %v", at, err)
		r.Hint = "check --brokers"
	}
	return r
}
