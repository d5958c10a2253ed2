//go:build integration

package engine_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"kdyno/engine"
)

// trusted are the settings by which the kit's own authority is trusted.
var trusted = []string{"ssl.truststore.location", paperOf("ca.pem")}

// way is one in which a session reaches the cluster.
type way struct {
	listener string
	pairs    []string
}

// ways are all that are claimed to work. Users have one right, to write to the topic, so that each of
// them also shows who the brokers took the client for; without a login it is nobody, who may do all.
func ways(t *testing.T) map[string]way {
	t.Helper()
	all := map[string]way{"PLAINTEXT": {"PLAINTEXT", nil}}
	for name, store := range trustStores(t) {
		all["SSL, trust in "+name] = way{"SSL", append([]string{"security.protocol", "SSL"}, store...)}
	}
	for name, store := range keyStores(t) {
		all["SSL with a client certificate in "+name] = way{"MUTUAL", slices.Concat([]string{"security.protocol", "SSL"}, trusted, store)}
	}
	all["SSL to a host by another name"] = way{"MISNAMED", append([]string{"security.protocol", "SSL", "ssl.endpoint.identification.algorithm", ""}, trusted...)}
	password := secretOf(t, "alice.password")
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		for _, protocol := range []string{"SASL_PLAINTEXT", "SASL_SSL"} {
			pairs := slices.Concat([]string{"security.protocol", protocol}, trusted, login(mechanism, "alice", password))
			all[protocol+" with "+mechanism] = way{protocol, pairs}
		}
	}
	for name, pairs := range tokens(t) {
		all[name] = way{pairs[1], pairs}
	}
	return all
}

func trustStores(t *testing.T) map[string][]string {
	t.Helper()
	password := secretOf(t, "store.password")
	return map[string][]string{
		"a PEM file": trusted,
		"PEM text":   {"ssl.truststore.type", "PEM", "ssl.truststore.certificates", secretOf(t, "ca.pem")},
		"PKCS12":     {"ssl.truststore.location", paperOf("trust.pkcs12"), "ssl.truststore.type", "PKCS12", "ssl.truststore.password", password},
		"JKS":        {"ssl.truststore.location", paperOf("trust.jks"), "ssl.truststore.password", password},
	}
}

func keyStores(t *testing.T) map[string][]string {
	t.Helper()
	password := secretOf(t, "store.password")
	return map[string][]string{
		"a PEM file": {"ssl.keystore.location", paperOf("alice.pem"), "ssl.keystore.type", "PEM"},
		"PEM text":   {"ssl.keystore.type", "PEM", "ssl.keystore.key", secretOf(t, "alice.key"), "ssl.keystore.certificate.chain", secretOf(t, "alice.cert")},
		"PKCS12":     {"ssl.keystore.location", paperOf("alice.pkcs12"), "ssl.keystore.type", "PKCS12", "ssl.keystore.password", password},
		"JKS":        {"ssl.keystore.location", paperOf("alice.jks"), "ssl.keystore.password", password},
	}
}

// tokens are made unsigned, fetched from an identity provider and read from a file.
func tokens(t *testing.T) map[string][]string {
	t.Helper()
	signed := token(t, "alice", time.Now().Add(time.Hour))
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, secret, _ := r.BasicAuth(); id != "kdyno" || secret != "CANARY-client" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(`{"access_token":"` + signed + `"}`))
	}))
	t.Cleanup(provider.Close)
	file := filepath.Join(t.TempDir(), "token")
	write(t, file, signed+"\n")
	tls := append([]string{"security.protocol", "SASL_SSL"}, trusted...)
	return map[string][]string{
		"SASL_PLAINTEXT with OAUTHBEARER, unsigned": append([]string{"security.protocol", "SASL_PLAINTEXT"}, bearer(`unsecuredLoginStringClaim_sub="alice"`)...),
		"SASL_SSL with OAUTHBEARER, fetched": slices.Concat(tls, bearer(""), []string{
			"sasl.oauthbearer.token.endpoint.url", provider.URL,
			"sasl.oauthbearer.client.credentials.client.id", "kdyno", "sasl.oauthbearer.client.credentials.client.secret", "CANARY-client",
		}),
		"SASL_SSL with OAUTHBEARER, from a file": slices.Concat(tls, bearer(""), []string{"sasl.oauthbearer.token.endpoint.url", "file://" + file}),
	}
}

func TestRealEveryProtocolAndLoginIsSpoken(t *testing.T) {
	admin := realAdmin(t)
	const records = 2_000
	for name, w := range ways(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			topic := realTopic(t, admin)
			allow(t, admin, topic, "alice", kadm.OpWrite)
			v := values(t, append([]string{"load.rate", "10000"}, w.pairs...)...)
			s, err := engine.Open(engine.Config{Values: v, Brokers: listener(t, w.listener), Topics: []string{topic}, Records: records})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			<-s.Done()
			r := s.Report()
			if s.Err() != nil {
				t.Fatalf("the session ended: %v", s.Err())
			}
			assertAllAcked(t, r.Records)
			if r.Records.Acked != records || r.Requests.Count == 0 || r.Batches.Count == 0 {
				t.Errorf("records %+v, requests %+v, batches %+v; want %d acknowledged, seen on the wire", r.Records, r.Requests, r.Batches, records)
			}
			assertEnds(t, admin, topic, r.Partitions)
		})
	}
}
