package cluster

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
)

// trusting is TLS to a broker whose certificate nobody looks at.
func trusting(ctx context.Context, c net.Conn, _ string) (net.Conn, error) {
	encrypted := tls.Client(c, &tls.Config{InsecureSkipVerify: true})
	return encrypted, encrypted.HandshakeContext(ctx)
}

// encryption is a broker's TLS with a certificate of httptest's.
func encryption(t *testing.T) kfake.Opt {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	web.Close()
	return kfake.TLS(&tls.Config{Certificates: web.TLS.Certificates})
}

func guarded(t *testing.T, opts ...kfake.Opt) string {
	t.Helper()
	c, err := kfake.NewCluster(append(opts, kfake.NumBrokers(1), kfake.SeedTopics(2, "orders"))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c.ListenAddrs()[0]
}

func alice(password string) []kgo.Opt {
	return []kgo.Opt{kgo.SASL(plain.Auth{User: "alice", Pass: password}.AsMechanism())}
}

func TestOpenLogsInThroughTLS(t *testing.T) {
	at := guarded(t, encryption(t), kfake.EnableSASL(), kfake.Superuser("PLAIN", "alice", "right"))
	s, err := Open(t.Context(), Options{Brokers: []string{at}, Topics: []string{"orders"}, Secure: trusting, Login: alice("right")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if topics := s.Topics(); len(topics) != 1 || len(topics[0].Leaders) != 2 {
		t.Errorf("got %+v, want orders with two partitions", topics)
	}
}

func TestGuardedBrokersSayWhatTheyWant(t *testing.T) {
	login := []kfake.Opt{kfake.EnableSASL(), kfake.Superuser("PLAIN", "alice", "right")}
	const hunter = "hunter2-canary"
	for name, c := range map[string]struct {
		broker    []kfake.Opt
		options   Options
		say, hint string
	}{
		"wrong password":   {login, Options{Login: alice(hunter)}, "login", "sasl.jaas.config"},
		"no login":         {login, Options{}, "closed the connection at once", "security.protocol"},
		"plaintext to TLS": {[]kfake.Opt{encryption(t)}, Options{}, "TLS", "security.protocol"},
	} {
		c.options.Brokers, c.options.Topics = []string{guarded(t, c.broker...)}, []string{"orders"}
		r := refusalOf(t, c.options)
		if r.Kind != Unreachable || !strings.Contains(r.Say, c.say) || !strings.Contains(r.Hint, c.hint) || !strings.Contains(r.Say, c.options.Brokers[0]) {
			t.Errorf("%s: got %s: %q, %q; want %q with the address, and %q", name, r.Kind, r.Say, r.Hint, c.say, c.hint)
		}
		if strings.Contains(fmt.Sprint(r.Say, r.Hint, errors.Unwrap(r)), hunter) {
			t.Errorf("%s: the password is in %v", name, r)
		}
	}
}

// spokenError is an error of the client room, which says itself what is wrong.
type spokenError struct{ error }

func (spokenError) Spoken() (say, hint string) { return "the certificate is old", "get a new one" }

func TestWhatBrokersSayOfALoginIsPutIntoWords(t *testing.T) {
	for _, c := range []struct {
		err       error
		login     bool
		say, hint string
	}{
		{fmt.Errorf("dial: %w", spokenError{io.EOF}), false, "the certificate is old", "get a new one"},
		{fmt.Errorf("ping: %w", kerr.SaslAuthenticationFailed), true, "refuses the login", "user and password"},
		{kerr.UnsupportedSaslMechanism, true, "does not offer", "SCRAM-SHA-512"},
		{kerr.IllegalSaslState, true, "does not expect a login", "PLAINTEXT"},
		{io.EOF, true, "during the login", "user and password"},
		{io.EOF, false, "closed the connection at once", "security.protocol"},
	} {
		s := &Stand{Seeds: []string{"b1:9092"}}
		if c.login {
			s.guard.login = alice("x")
		}
		r := s.unreachable(c.err)
		if !strings.Contains(r.Say, c.say) || !strings.Contains(r.Hint, c.hint) || !errors.Is(r, c.err) {
			t.Errorf("%v: got %q, %q; want %q, %q", c.err, r.Say, r.Hint, c.say, c.hint)
		}
	}
}

func TestEmbeddedBrokersRefuseTLSAndLogin(t *testing.T) {
	for _, o := range []Options{{Nodes: 1, Partitions: 1, Secure: trusting}, {Nodes: 1, Partitions: 1, Login: alice("x")}} {
		if r := refusalOf(t, o); r.Kind != Usage || !strings.Contains(r.Say, "PLAINTEXT") {
			t.Errorf("got %s: %q, want it refused", r.Kind, r.Say)
		}
	}
}
