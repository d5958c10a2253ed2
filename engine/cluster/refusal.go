package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/twmb/franz-go/pkg/kerr"
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
//
//nolint:errname // a refusal is the word of the domain, and callers ask for it by that name
type Refusal struct {
	Kind Kind
	Say  string
	Hint string
	// Denied says that the cluster, or this machine, does not take this client for
	// what it says it is. Asking again changes nothing, and locks some accounts.
	Denied bool
	err    error
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
	case errors.As(err, &dns) && dns.IsNotFound:
		r.Say = fmt.Sprintf("no host is named %s", dns.Name)
		r.Hint = "check the name in --brokers"
	case errors.As(err, &dns):
		r.Say = fmt.Sprintf("the address of %s could not be looked up", dns.Name)
		r.Hint = "check the name in --brokers and this machine's DNS, or give an IP address"
	case errors.Is(err, syscall.ECONNREFUSED), strings.Contains(text, "refused"):
		r.Say = fmt.Sprintf("nothing listens at %s", at)
		r.Hint = "check host and port in --brokers; is the broker up?"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		r.Say = fmt.Sprintf("no way leads from this machine to %s", at)
		r.Hint = "check the address in --brokers, and the network or VPN that it needs"
	case strings.Contains(text, alertText):
		r.Say = fmt.Sprintf("what listens at %s speaks TLS", at)
		r.Hint = "set security.protocol=SSL or SASL_SSL, or give the port of a plaintext listener"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), strings.Contains(text, "i/o timeout"):
		r.Say = fmt.Sprintf("%s does not answer", at)
		r.Hint = "a firewall, a broker that hangs, or a port that is not Kafka's: check --brokers"
	case errors.Is(err, io.EOF), strings.Contains(text, "EOF"), errors.Is(err, syscall.ECONNRESET):
		r.Say = fmt.Sprintf("what listens at %s closed the connection at once", at)
		r.Hint = "it may not be Kafka, or want TLS or a login: check --brokers and security.protocol"
	case errors.Is(err, context.Canceled):
		r.Say = fmt.Sprintf("the question to %s was called off before it was answered", at)
		r.Hint = "start again"
	default:
		r.Say = fmt.Sprintf("no broker at %s: %v", at, err)
		r.Hint = "check --brokers"
	}
	return r
}

// senseless are the client's words for answers that cannot be read.
var senseless = []string{
	"not contain enough data", "negative response size", "large response size", "correlation ID mismatch", "short response",
}

// garbled is the refusal of whoever does not answer as brokers do; nil for any
// other reason.
func garbled(at string, err error) *Refusal {
	text := err.Error()
	if strings.Contains(text, "'HTTP'") {
		return notKafka(at, err)
	}
	if strings.Contains(text, alertText) || !slices.ContainsFunc(senseless, func(s string) bool { return strings.Contains(text, s) }) {
		return nil
	}
	return &Refusal{
		Kind: Unreachable, err: err, Say: fmt.Sprintf("what answers at %s does not speak as Kafka does: %s", at, strings.TrimSuffix(text, ": response exceeds BrokerMaxReadBytes")),
		Hint: "give the broker's own listener port in --brokers, without a proxy in between; else look at the broker's own log",
	}
}

// notKafka is the refusal of a web server.
func notKafka(at string, err error) *Refusal {
	return &Refusal{
		Kind: Unreachable, err: err, Say: fmt.Sprintf("what listens at %s speaks HTTP, not Kafka", at),
		Hint: "give the broker's own listener port in --brokers, not that of a proxy or a console",
	}
}

// writeHint is for a topic that may not be written.
const writeHint = "ask for the right Write on it, which includes the right to see it (kafka-acls --add --operation Write --topic NAME --allow-principal User:NAME)"

// mayNotWrite is the refusal of topics that this client only may see.
func mayNotWrite(topics []string) *Refusal {
	return &Refusal{
		Kind: Unreachable, Hint: writeHint,
		Say: fmt.Sprintf("the cluster does not let this client write to topic %s", strings.Join(topics, ", ")),
	}
}

// forbidden puts into words why the cluster does not tell of a topic that may
// well exist.
func forbidden(topic string, err error) *Refusal {
	r := &Refusal{Kind: Unreachable, err: err}
	switch {
	case errors.Is(err, kerr.InvalidTopicException):
		r.Kind = Usage
		r.Say = fmt.Sprintf("%q can not be the name of a topic", topic)
		r.Hint = "use letters, digits, dots, dashes and underscores, 249 at most"
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		r.Say = fmt.Sprintf("the cluster does not let this client see topic %s", topic)
		r.Hint = writeHint
	default:
		r.Say = fmt.Sprintf("the cluster does not tell of topic %s: %s", topic, spoken(err, ""))
		r.Hint = "look at the brokers' own logs"
	}
	return r
}

// spoken is Kafka's name of an error with what the broker added, or what it
// means in general.
func spoken(err error, said string) string {
	var k *kerr.Error
	if !errors.As(err, &k) {
		return err.Error()
	}
	if said == "" {
		said = k.Description
	}
	return k.Message + " (" + strings.TrimSuffix(said, ".") + ")"
}
