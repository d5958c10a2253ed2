package client_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine/client"
	"kdyno/engine/setting"
)

// bearer is a broker that answers every token alike and keeps what it was given.
type bearer struct {
	address string
	mu      sync.Mutex
	given   []byte
	answer  []byte // empty: it takes the token
}

func newBearer(t *testing.T) *bearer {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "t"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	b := &bearer{address: c.ListenAddrs()[0]}
	c.ControlKey(int16(kmsg.SASLHandshake), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		return r.ResponseKind(), nil, true
	})
	c.ControlKey(int16(kmsg.SASLAuthenticate), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		b.mu.Lock()
		defer b.mu.Unlock()
		b.given = bytes.Clone(r.(*kmsg.SASLAuthenticateRequest).SASLAuthBytes)
		resp := r.ResponseKind().(*kmsg.SASLAuthenticateResponse)
		resp.SASLAuthBytes = b.answer
		return resp, nil, true
	})
	return b
}

// token is what was handed over last, without its frame.
func (b *bearer) token(t *testing.T) string {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	_, after, ok := strings.Cut(string(b.given), "auth=Bearer ")
	if !ok {
		t.Fatalf("no token in %q", b.given)
	}
	text, _, _ := strings.Cut(after, "\x01")
	return text
}

func bearing(t *testing.T, options string, pairs ...string) setting.Values {
	t.Helper()
	return secretly(t, append([]string{
		"security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", "OAUTHBEARER",
		"sasl.jaas.config", setting.OAuthModule + " required " + options + ";",
	}, pairs...)...)
}

func TestUnsignedTokenCarriesTheClaimsOfTheModule(t *testing.T) {
	b := newBearer(t)
	v := bearing(t, `unsecuredLoginStringClaim_sub="alice" unsecuredLoginNumberClaim_level="3" unsecuredLoginListClaim_scope=",a,b" unsecuredLoginLifetimeSeconds="60" unsecuredLoginExtension_team="x"`)
	if err := produce(t, v, b.address); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(b.token(t), ".")
	if len(parts) != 3 || parts[2] != "" {
		t.Fatalf("got %d parts, want a token without a signature", len(parts))
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(body, &claims); err != nil {
		t.Fatal(err)
	}
	if claims["sub"] != "alice" || claims["level"] != 3.0 || fmt.Sprint(claims["scope"]) != "[a b]" {
		t.Errorf("got claims %v", claims)
	}
	if life := claims["exp"].(float64) - claims["iat"].(float64); life < 59 || life > 61 {
		t.Errorf("got a life of %v s, want 60", life)
	}
	if b.mu.Lock(); !bytes.Contains(b.given, []byte("\x01team=x\x01")) {
		t.Errorf("got %q, want the extension", b.given)
	}
	b.mu.Unlock()
}

func TestTokenIsFetchedWithIdAndSecret(t *testing.T) {
	var asked atomic.Int64
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		switch {
		case asked.Add(1) == 1:
			w.WriteHeader(http.StatusServiceUnavailable) // it is tried again
		case r.FormValue("grant_type") != "client_credentials" || r.FormValue("scope") != "kafka" || id != "a b" || secret != canary:
			w.WriteHeader(http.StatusUnauthorized)
		default:
			_, _ = w.Write([]byte(`{"access_token":"header.body.signature"}`))
		}
	}))
	defer provider.Close()
	for name, v := range map[string]setting.Values{
		"settings": bearing(t, "", "sasl.oauthbearer.client.credentials.client.id", "a b", "sasl.oauthbearer.client.credentials.client.secret", canary,
			"sasl.oauthbearer.scope", "kafka", "sasl.oauthbearer.token.endpoint.url", provider.URL, "sasl.login.retry.backoff.ms", "1"),
		"module": bearing(t, `clientId="a b" clientSecret="`+canary+`" scope="kafka"`,
			"sasl.oauthbearer.token.endpoint.url", provider.URL, "sasl.login.retry.backoff.ms", "1"),
	} {
		asked.Store(0)
		b := newBearer(t)
		if err := produce(t, v, b.address); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := b.token(t); got != "header.body.signature" {
			t.Errorf("%s: got token %q", name, got)
		}
	}
}

func TestTokenComesFromAFile(t *testing.T) {
	b := newBearer(t)
	if err := produce(t, bearing(t, "", "sasl.oauthbearer.token.endpoint.url", "file://"+file(t, []byte("a.b.c\n"))), b.address); err != nil {
		t.Fatal(err)
	}
	if got := b.token(t); got != "a.b.c" {
		t.Errorf("got token %q, want that of the file", got)
	}
}

func TestBrokerThatRefusesTheTokenSaysWhy(t *testing.T) {
	for answer, want := range map[string]string{
		`{"status":"invalid_token","scope":"load"}`: "refuses the token (invalid_token)",
		`{}`:          "refuses the token",
		"no JSON\x00": "refuses the token",
	} {
		b := newBearer(t)
		b.answer = []byte(answer)
		security, err := client.Secure(bearing(t, `unsecuredLoginStringClaim_sub="`+canary+`"`))
		if err != nil {
			t.Fatal(err)
		}
		cl, err := kgo.NewClient(append(security.ContactOptions(), kgo.SeedBrokers(b.address))...)
		if err != nil {
			t.Fatal(err)
		}
		var f *client.Error
		if err := cl.Ping(t.Context()); !errors.As(err, &f) || !strings.HasSuffix(f.Say, want) || !strings.Contains(f.Say, b.address) || f.Hint == "" {
			t.Errorf("%q: got %v, want who %s, and what to do", answer, err, want)
		}
		cl.Close()
	}
}
