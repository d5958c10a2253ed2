//go:build integration

package engine_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"kdyno/engine"
)

func TestRealRefusedX(t *testing.T) {
	admin := realAdmin(t)
	topic := realTopic(t, admin)
	allow(t, admin, topic, "alice", kadm.OpWrite)
	allow(t, admin, topic, "bob", kadm.OpDescribe)
	tls := slices.Concat([]string{"security.protocol", "SSL"}, trusted)
	saslTLS := slices.Concat([]string{"security.protocol", "SASL_SSL"}, trusted)
	sasl := []string{"security.protocol", "SASL_PLAINTEXT"}
	alice := secretOf(t, "alice.password")
	wrong := "CANARY-wrong"
	expired := t.TempDir() + "/expired"
	write(t, expired, token(t, "alice", time.Now().Add(-10*time.Minute)))
	for _, c := range []struct {
		name, listener string
		pairs          []string
	}{
		{"expired", "EXPIRED", tls},
		{"foreign", "FOREIGN", tls},
		{"no truststore", "SSL", []string{"security.protocol", "SSL"}},
		{"misnamed", "MISNAMED", tls},
		{"client cert missing", "MUTUAL", tls},
		{"client cert foreign", "MUTUAL", append(slices.Clone(tls), "ssl.keystore.location", paperOf("stranger.pem"))},
		{"client cert missing tls12", "MUTUAL", append(slices.Clone(tls), "ssl.protocol", "TLSv1.2")},
		{"plaintext to TLS", "SSL", nil},
		{"plaintext to MUTUAL", "MUTUAL", nil},
		{"TLS to plaintext", "PLAINTEXT", tls},
		{"SASL_SSL to plaintext", "PLAINTEXT", slices.Concat(saslTLS, login("PLAIN", "alice", alice))},
		{"SASL_SSL to SASL_PLAINTEXT", "SASL_PLAINTEXT", slices.Concat(saslTLS, login("PLAIN", "alice", alice))},
		{"SASL_PLAINTEXT to SASL_SSL", "SASL_SSL", slices.Concat(sasl, login("PLAIN", "alice", alice))},
		{"SASL_PLAINTEXT to SSL", "SSL", slices.Concat(sasl, login("PLAIN", "alice", alice))},
		{"PLAINTEXT to SASL_SSL", "SASL_SSL", nil},
		{"PLAINTEXT to SASL_PLAINTEXT", "SASL_PLAINTEXT", nil},
		{"SSL to SASL_SSL", "SASL_SSL", tls},
		{"SASL_PLAINTEXT to PLAINTEXT", "PLAINTEXT", slices.Concat(sasl, login("PLAIN", "alice", alice))},
		{"SASL_PLAINTEXT SCRAM to PLAINTEXT", "PLAINTEXT", slices.Concat(sasl, login("SCRAM-SHA-256", "alice", alice))},
		{"SASL_SSL to SSL", "SSL", slices.Concat(saslTLS, login("SCRAM-SHA-512", "alice", alice))},
		{"wrong password PLAIN", "SASL_SSL", slices.Concat(saslTLS, login("PLAIN", "alice", wrong))},
		{"wrong password SCRAM", "SASL_SSL", slices.Concat(saslTLS, login("SCRAM-SHA-512", "alice", wrong))},
		{"wrong password SCRAM256", "SASL_PLAINTEXT", slices.Concat(sasl, login("SCRAM-SHA-256", "alice", wrong))},
		{"wrong user SCRAM", "SASL_SSL", slices.Concat(saslTLS, login("SCRAM-SHA-512", "nobody", wrong))},
		{"mechanism lacking", "SCRAM_ONLY", slices.Concat(sasl, login("PLAIN", "alice", alice))},
		{"mechanism lacking2", "SCRAM_ONLY", slices.Concat(sasl, login("SCRAM-SHA-256", "alice", alice))},
		{"mechanism lacking3", "SCRAM_ONLY", slices.Concat(sasl, bearer(`unsecuredLoginStringClaim_sub="alice"`))},
		{"unsigned token", "SASL_SSL", slices.Concat(saslTLS, bearer(`unsecuredLoginStringClaim_sub="alice"`))},
		{"expired token", "SASL_SSL", slices.Concat(saslTLS, bearer(""), []string{"sasl.oauthbearer.token.endpoint.url", "file://" + expired})},
		{"no claim token", "SASL_SSL", slices.Concat(saslTLS, bearer(""))},
		{"expired unsigned", "SASL_PLAINTEXT", slices.Concat(sasl, bearer(`unsecuredLoginStringClaim_sub="alice" unsecuredLoginLifetimeSeconds="-100"`))},
		{"no write", "SASL_SSL", slices.Concat(saslTLS, login("SCRAM-SHA-512", "bob", secretOf(t, "bob.password")))},
		{"provider down", "SASL_SSL", slices.Concat(saslTLS, bearer(""), []string{"sasl.oauthbearer.token.endpoint.url", "http://127.0.0.1:1/x", "sasl.oauthbearer.client.credentials.client.id", "kdyno", "sasl.oauthbearer.client.credentials.client.secret", "CANARY-client"})},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := guarded(t, append([]string{"load.rate", "10000"}, c.pairs...)...)
			begin := time.Now()
			s, err := engine.Open(engine.Config{Values: v, Brokers: listener(t, c.listener), Topics: []string{topic}, Records: 10})
			if err != nil {
				t.Fatal(err)
			}
			<-s.Done()
			var e *engine.Error
			errors.As(s.Err(), &e)
			if e == nil {
				t.Logf("NO ERROR %+v", s.Report().Records)
				_ = s.Close()
				return
			}
			t.Logf("%.2fs %s: %s -- %s", time.Since(begin).Seconds(), e.Kind, e.Say, e.Hint)
			_ = s.Close()
		})
	}
}
