package cluster

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
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
		"no login":         {login, Options{}, "seems to want a login", "security.protocol=SASL_PLAINTEXT, "},
		"TLS, no login":    {append(login, encryption(t)), Options{Secure: trusting}, "seems to want a login", "security.protocol=SASL_SSL, "},
		"plaintext to TLS": {[]kfake.Opt{encryption(t)}, Options{}, "closed the connection at once", "security.protocol"},
		"login to TLS":     {append(login, encryption(t)), Options{Login: alice(hunter)}, "closed the connection at once", "security.protocol"},
		"no such mechanism": {
			login,
			Options{Login: []kgo.Opt{kgo.SASL(oauth.Auth{Token: hunter}.AsMechanism())}},
			"it has PLAIN, SCRAM-SHA-256, SCRAM-SHA-512", "one that it has",
		},
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
		{fmt.Errorf("%w: no such user", kerr.SaslAuthenticationFailed), true, "SASL_AUTHENTICATION_FAILED (no such user)", "user and password"},
		{fmt.Errorf("producer id: %w", kerr.ClusterAuthorizationFailed), true, "producer id", "IDEMPOTENT_WRITE"},
		{kerr.IllegalSaslState, true, "does not expect a login", "PLAINTEXT"},
		{errors.New("the size bytes are a tls alert"), true, "speaks TLS", "security.protocol=SASL_SSL, "},
		{errors.New("the size bytes are a tls alert"), false, "speaks TLS", "security.protocol=SSL or SASL_SSL"},
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

// rightsOf are a user's rights on the topics that begin with o.
func rightsOf(operations ...kmsg.ACLOperation) kfake.Opt {
	var acls []kfake.ACL
	for _, op := range operations {
		acls = append(acls, kfake.ACL{
			Resource: kmsg.ACLResourceTypeTopic, Name: "o", Pattern: kmsg.ACLResourcePatternTypePrefixed, Operation: op, Allow: true,
		})
	}
	return kfake.User("PLAIN", "alice", "right", acls...)
}

func TestMissingRightsAreKnownBeforeAnythingIsSent(t *testing.T) {
	for name, c := range map[string]struct {
		rights    []kmsg.ACLOperation
		topics    []string
		create    bool
		say, hint string // empty: it is let in
	}{
		"write":                  {[]kmsg.ACLOperation{kmsg.ACLOperationWrite}, []string{"orders"}, false, "", ""},
		"see":                    {[]kmsg.ACLOperation{kmsg.ACLOperationDescribe}, []string{"orders", "offers"}, false, "does not let this client write to topic orders, offers", "--operation Write"},
		"read":                   {[]kmsg.ACLOperation{kmsg.ACLOperationRead}, []string{"orders"}, false, "does not let this client write to topic orders", "--operation Write"},
		"nothing":                {nil, []string{"orders"}, false, "does not let this client see topic orders", "--operation Write"},
		"write, and not create":  {[]kmsg.ACLOperation{kmsg.ACLOperationWrite}, []string{"other"}, true, "does not let this client create topic other", "Create"},
		"create, and not write":  {[]kmsg.ACLOperation{kmsg.ACLOperationCreate, kmsg.ACLOperationDescribe}, []string{"other"}, true, "does not let this client write to topic other", "--operation Write"},
		"create and write, once": {[]kmsg.ACLOperation{kmsg.ACLOperationCreate, kmsg.ACLOperationWrite}, []string{"other"}, true, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			at := guarded(t, kfake.EnableSASL(), kfake.EnableACLs(), rightsOf(c.rights...), kfake.SeedTopics(1, "offers"))
			o := Options{Brokers: []string{at}, Topics: c.topics, Create: c.create, Login: alice("right")}
			if c.say == "" {
				s, err := Open(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				s.Close()
				return
			}
			if r := refusalOf(t, o); r.Kind != Unreachable || !strings.Contains(r.Say, c.say) || !strings.Contains(r.Hint, c.hint) {
				t.Errorf("got %s: %q, %q; want %q, %q", r.Kind, r.Say, r.Hint, c.say, c.hint)
			}
		})
	}
}

// A cluster that does not tell of rights is tried.
func TestRightsThatAreNotToldDenyNothing(t *testing.T) {
	for rights, want := range map[int32]bool{
		math.MinInt32:                   false,
		0:                               false,
		1 << kmsg.ACLOperationWrite:     false,
		1 << kmsg.ACLOperationDescribe:  true,
		1<<kmsg.ACLOperationRead | 1<<8: true,
		math.MaxInt32:                   false,
	} {
		if got := denies(rights); got != want {
			t.Errorf("%b: got %v, want %v", rights, got, want)
		}
	}
}

// What answers the question for mechanisms may be anything.
func TestOffersThatMakeNoSenseAreNone(t *testing.T) {
	for name, answer := range map[string][]byte{
		"nothing":         nil,
		"half a head":     {0, 0, 0},
		"negative length": {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1},
		"shortest length": {0, 0, 0, 0, 0, 0, 0, 1},
		"huge length":     {0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1},
		"cut":             {0, 0, 0, 20, 0, 0, 0, 1, 0, 33},
		"countless":       {0, 0, 0, 10, 0, 0, 0, 1, 0, 33, 0x7f, 0xff, 0xff, 0xff},
		"no kafka":        []byte("HTTP/1.1 400 Bad Request\r\n\r\n"),
	} {
		at, _ := listen(t, func(c net.Conn) {
			_, _ = c.Read(make([]byte, 64))
			_, _ = c.Write(answer)
		})
		s := &Stand{Seeds: []string{at}, dial: (&net.Dialer{}).DialContext}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if got := s.offered(ctx, at); len(got) != 0 {
			t.Errorf("%s: got %q, want none", name, got)
		}
		cancel()
	}
}

func TestEmbeddedBrokersRefuseTLSAndLogin(t *testing.T) {
	for _, o := range []Options{{Nodes: 1, Partitions: 1, Secure: trusting}, {Nodes: 1, Partitions: 1, Login: alice("x")}} {
		if r := refusalOf(t, o); r.Kind != Usage || !strings.Contains(r.Say, "PLAINTEXT") {
			t.Errorf("got %s: %q, want it refused", r.Kind, r.Say)
		}
	}
}
