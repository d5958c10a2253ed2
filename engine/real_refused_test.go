//go:build integration

package engine_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"kdyno/engine"
	"kdyno/engine/setting"
)

// knownWithin is how long a person may be left without the reason.
const knownWithin = 5 * time.Second

// refusal is a way into the cluster that must not lead there, and what a person is told.
type refusal struct {
	listener  string
	pairs     []string
	topic     string // empty: one that alice may write and bob may see
	kind      engine.Kind
	says, fix string // in the sentence, and in what to change
}

func refusals(t *testing.T, hidden string) map[string]refusal {
	t.Helper()
	all := map[string]refusal{
		"a topic that is not there": {"PLAINTEXT", nil, "nowhere", engine.Usage, "topic nowhere does not exist on the cluster at 127.0.0.1:", "--create"},
	}
	for _, more := range []map[string]refusal{certificateRefusals(), protocolRefusals(t), loginRefusals(t), tokenRefusals(t), rightRefusals(t, hidden)} {
		for name, r := range more {
			if r.kind == "" {
				r.kind = engine.Unreachable
			}
			all[name] = r
		}
	}
	return all
}

// The settings to start from, without a login.
var (
	overTLS   = slices.Concat([]string{"security.protocol", "SSL"}, trusted)
	login4TLS = slices.Concat([]string{"security.protocol", "SASL_SSL"}, trusted)
	inClear   = []string{"security.protocol", "SASL_PLAINTEXT"}
)

func certificateRefusals() map[string]refusal {
	stranger := slices.Concat(overTLS, []string{"ssl.keystore.location", paperOf("stranger.pem")})
	anyName := slices.Concat(overTLS, []string{"ssl.endpoint.identification.algorithm", ""})
	older := slices.Concat(overTLS, []string{"ssl.protocol", "TLSv1.2"})
	return map[string]refusal{
		"an expired certificate":               {listener: "EXPIRED", pairs: overTLS, says: "and not now", fix: "a new certificate"},
		"a certificate of a foreign authority": {listener: "FOREIGN", pairs: overTLS, says: "an authority that is not trusted here", fix: "ssl.truststore.location"},
		"the same, whatever its host":          {listener: "FOREIGN", pairs: anyName, says: "an authority that is not trusted here", fix: "ssl.truststore.location"},
		"no authority of our own":              {listener: "SSL", pairs: []string{"security.protocol", "SSL"}, says: "an authority that is not trusted here", fix: "ssl.truststore.location"},
		"a certificate for another host":       {listener: "MISNAMED", pairs: overTLS, says: "is for kafka.example, not for 127.0.0.1", fix: "by a name that it holds"},
		"no client certificate":                {listener: "MUTUAL", pairs: overTLS, says: "asks for a client certificate, and none was given", fix: "ssl.keystore.location"},
		"no client certificate, TLS 1.2":       {listener: "MUTUAL", pairs: older, says: "asks for a client certificate, and none was given", fix: "ssl.keystore.location"},
		"a client certificate of strangers":    {listener: "MUTUAL", pairs: stranger, says: "refused this client's certificate", fix: "that the brokers trust"},
	}
}

// protocolRefusals speak to a listener as it does not speak itself.
func protocolRefusals(t *testing.T) map[string]refusal {
	t.Helper()
	alice := login("SCRAM-SHA-256", "alice", secretOf(t, "alice.password"))
	loginTLS, loginClear := slices.Concat(login4TLS, alice), slices.Concat(inClear, alice)
	return map[string]refusal{
		"PLAINTEXT to SSL":           {listener: "SSL", says: "speaks TLS", fix: "security.protocol=SSL or SASL_SSL"},
		"PLAINTEXT to SASL_SSL":      {listener: "SASL_SSL", says: "speaks TLS", fix: "security.protocol=SSL or SASL_SSL"},
		"SASL_PLAINTEXT to SASL_SSL": {listener: "SASL_SSL", pairs: loginClear, says: "speaks TLS", fix: "security.protocol=SASL_SSL"},
		"SSL to PLAINTEXT":           {listener: "PLAINTEXT", pairs: overTLS, says: "may not speak TLS", fix: "without TLS"},
		"SASL_SSL to SASL_PLAINTEXT": {listener: "SASL_PLAINTEXT", pairs: loginTLS, says: "may not speak TLS", fix: "without TLS"},
		"PLAINTEXT to a login":       {listener: "SASL_PLAINTEXT", says: "seems to want a login", fix: "security.protocol=SASL_PLAINTEXT"},
		"SSL to a login":             {listener: "SASL_SSL", pairs: overTLS, says: "seems to want a login", fix: "security.protocol=SASL_SSL"},
		"a login to PLAINTEXT":       {listener: "PLAINTEXT", pairs: loginClear, says: "does not expect a login", fix: "PLAINTEXT or SSL"},
		"a login to SSL":             {listener: "SSL", pairs: loginTLS, says: "does not expect a login", fix: "PLAINTEXT or SSL"},
	}
}

func loginRefusals(t *testing.T) map[string]refusal {
	t.Helper()
	all := map[string]refusal{}
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		wrong := refusal{says: "refuses the login: SASL_AUTHENTICATION_FAILED (", fix: "the user and password in sasl.jaas.config"}
		wrong.listener, wrong.pairs = "SASL_SSL", slices.Concat(login4TLS, login(mechanism, "alice", "CANARY-wrong"))
		all["a wrong password, "+mechanism] = wrong
		wrong.listener, wrong.pairs = "SASL_PLAINTEXT", slices.Concat(inClear, login(mechanism, "nobody", secretOf(t, "alice.password")))
		all["an unknown user, "+mechanism] = wrong
		if mechanism != "SCRAM-SHA-512" {
			all["a broker without "+mechanism] = refusal{
				listener: "SCRAM_ONLY", pairs: slices.Concat(inClear, login(mechanism, "alice", secretOf(t, "alice.password"))),
				says: "does not offer that sasl.mechanism; it has SCRAM-SHA-512", fix: "set sasl.mechanism to one that it has",
			}
		}
	}
	return all
}

func tokenRefusals(t *testing.T) map[string]refusal {
	t.Helper()
	over := filepath.Join(t.TempDir(), "over")
	write(t, over, token(t, "alice", time.Now().Add(-10*time.Minute)))
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then a server notices that the client is gone
		<-r.Context().Done()
	}))
	t.Cleanup(silent.Close)
	denying := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	t.Cleanup(denying.Close)
	asking := func(endpoint string) []string {
		return slices.Concat(login4TLS, bearer(""), []string{
			"sasl.oauthbearer.token.endpoint.url", endpoint,
			"sasl.oauthbearer.client.credentials.client.id", "kdyno", "sasl.oauthbearer.client.credentials.client.secret", "CANARY-client",
		})
	}
	self := `unsecuredLoginStringClaim_sub="alice"`
	return map[string]refusal{
		"a token that is over":             {listener: "SASL_SSL", pairs: asking("file://" + over), says: "refuses the token (invalid_token)", fix: "valid now"},
		"a token that nobody signed":       {listener: "SASL_SSL", pairs: slices.Concat(login4TLS, bearer(self)), says: "refuses the token (invalid_token)", fix: "signed by a key that they know"},
		"an unsigned token that is over":   {listener: "SASL_PLAINTEXT", pairs: slices.Concat(inClear, bearer(self+` unsecuredLoginLifetimeSeconds="-60"`)), says: "refuses the token (invalid_token)", fix: "valid now"},
		"a broker without OAUTHBEARER":     {listener: "SCRAM_ONLY", pairs: slices.Concat(inClear, bearer(self)), says: "it has SCRAM-SHA-512", fix: "one that it has"},
		"no identity provider":             {listener: "SASL_SSL", pairs: asking("http://127.0.0.1:1/token"), says: "the identity provider at 127.0.0.1:1 cannot be reached", fix: "token.endpoint.url"},
		"an identity provider that hangs":  {listener: "SASL_SSL", pairs: asking(silent.URL), says: "the identity provider at 127.0.0.1:", fix: "token.endpoint.url"},
		"an identity provider that denies": {listener: "SASL_SSL", pairs: asking(denying.URL), says: "answered 401 Unauthorized", fix: "id, secret and scope"},
		"no name for a token":              {listener: "SASL_PLAINTEXT", pairs: slices.Concat(inClear, bearer("")), kind: engine.Usage, says: "neither a token endpoint nor a name", fix: "unsecuredLoginStringClaim_sub"},
	}
}

func rightRefusals(t *testing.T, hidden string) map[string]refusal {
	t.Helper()
	bob := slices.Concat(login4TLS, login("SCRAM-SHA-512", "bob", secretOf(t, "bob.password")))
	return map[string]refusal{
		"no right to write":          {listener: "SASL_SSL", pairs: bob, says: "does not let this client write to topic ", fix: "the right Write"},
		"no right at all":            {listener: "SASL_SSL", pairs: bob, topic: hidden, says: "does not let this client see topic " + hidden, fix: "the right Write"},
		"no right, nor such a topic": {listener: "SASL_SSL", pairs: bob, topic: "nowhere", says: "does not let this client see topic nowhere", fix: "the right Write"},
	}
}

// Whatever is wrong with the way in is told in one sentence, soon, and before the first record: by a
// session and by the command.
func TestRealWaysInThatAreRefused(t *testing.T) {
	admin := realAdmin(t)
	topic, hidden := realTopic(t, admin), realTopic(t, admin)
	allow(t, admin, topic, "alice", kadm.OpWrite)
	allow(t, admin, topic, "bob", kadm.OpDescribe)
	kdyno := command(t)
	all := refusals(t, hidden)
	t.Run("refused", func(t *testing.T) { // ends when all of them have
		for name, r := range all {
			if r.topic == "" {
				r.topic = topic
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				r.session(t)
				r.command(t, kdyno)
			})
		}
	})
	for _, name := range []string{topic, hidden} {
		for partition, end := range endOffsets(t, admin, name) {
			if end != 0 {
				t.Errorf("partition %d of %s holds %d records, want none", partition, name, end)
			}
		}
	}
}

// told checks what a person was told, and how soon.
func (r *refusal) told(t *testing.T, by string, kind engine.Kind, say, hint string, after time.Duration) {
	t.Helper()
	if kind != r.kind || !strings.Contains(say, r.says) || !strings.Contains(hint, r.fix) {
		t.Errorf("%s: got %s: %q, %q; want %s: %q, %q", by, kind, say, hint, r.kind, r.says, r.fix)
	}
	if after > knownWithin {
		t.Errorf("%s: it took %v to say so, want at most %v", by, after, knownWithin)
	}
	if strings.Contains(say+hint, "CANARY") || strings.Contains(say+hint, "\n") {
		t.Errorf("%s: got %q, %q; want one sentence without a secret", by, say, hint)
	}
}

func (r *refusal) session(t *testing.T) {
	t.Helper()
	began := time.Now()
	s, err := engine.Open(engine.Config{
		Values: values(t, r.pairs...), Brokers: listener(t, r.listener), Topics: []string{r.topic}, Records: 10,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	<-s.Done()
	after := time.Since(began)
	var e *engine.Error
	if !errors.As(s.Err(), &e) {
		t.Fatalf("the session ended with %v, want it refused; records %+v", s.Err(), s.Report().Records)
	}
	r.told(t, "session", e.Kind, e.Say, e.Hint, after)
	if sent := s.Report().Records.Sent; sent != 0 {
		t.Errorf("sent %d records, want none", sent)
	}
}

func (r *refusal) command(t *testing.T, kdyno string) {
	t.Helper()
	args := append([]string{
		"run", "--brokers", strings.Join(listener(t, r.listener), ","), "--topic", r.topic, "--records", "10", "--json", "-q",
	}, flags(t, r.pairs...)...)
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(kdyno, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	began := time.Now()
	err := cmd.Run()
	after := time.Since(began)
	code := map[engine.Kind]int{engine.Usage: 2, engine.Unreachable: 4}[r.kind]
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != code {
		t.Errorf("kdyno %q: got %v, want exit code %d\n%s", args, err, code, stderr.Bytes())
	}
	var said struct {
		Error struct {
			Kind               engine.Kind
			Message, Hint, Key string
		}
	}
	if err := json.Unmarshal(stdout.Bytes(), &said); err != nil {
		t.Fatalf("stdout is not one object: %v\n%s", err, stdout.Bytes())
	}
	r.told(t, "command", said.Error.Kind, said.Error.Message, said.Error.Hint, after)
	if want := fmt.Sprintf("kdyno: %s\n  %s\n", said.Error.Message, said.Error.Hint); stderr.String() != want {
		t.Errorf("stderr: got %q, want %q", stderr.String(), want)
	}
}

// flags are pairs as a person types them, with the secrets in files.
func flags(t *testing.T, pairs ...string) []string {
	t.Helper()
	dir := t.TempDir()
	var list []string
	for i := 0; i < len(pairs); i += 2 {
		k, text := pairs[i], pairs[i+1]
		if row, _ := setting.Find(setting.Key(k)); row.Secret {
			path := filepath.Join(dir, k)
			write(t, path, text+"\n")
			text = "file:" + path
		}
		list = append(list, "--set", k+"="+text)
	}
	return list
}
