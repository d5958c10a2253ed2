package engine_test

import (
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"kdyno/engine"
	"kdyno/engine/setting"
	"kdyno/engine/step"
	"kdyno/telemetry"
)

const secureCanary = "hunter2-canary"

// guardedValues are those of a cluster with TLS and a login, and its address.
func guardedValues(t *testing.T, password string) (setting.Values, string) {
	t.Helper()
	web := httptest.NewTLSServer(nil) // for its certificate
	web.Close()
	c, err := kfake.NewCluster(kfake.NumBrokers(2), kfake.SeedTopics(4, "orders"), kfake.EnableSASL(),
		kfake.Superuser("SCRAM-SHA-512", "alice", password), kfake.TLS(&tls.Config{Certificates: web.TLS.Certificates}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	trust := filepath.Join(t.TempDir(), "trust")
	if err := os.WriteFile(trust, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	v := values(t, "security.protocol", "SASL_SSL", "sasl.mechanism", "SCRAM-SHA-512", "ssl.truststore.location", trust, "load.rate", "2000", "linger.ms", "1")
	v, err = v.WithSecret(setting.SASLJaasConfig, setting.Secret(setting.ScramModule+` required username="alice" password="`+secureCanary+`";`))
	if err != nil {
		t.Fatal(err)
	}
	return v, c.ListenAddrs()[0]
}

// The whole engine behind TLS and a login: the tap reads above TLS, so that
// requests and batches are counted as ever; and the secret is in no figure.
func TestSessionThroughTLSAndLogin(t *testing.T) {
	v, at := guardedValues(t, secureCanary)
	s, err := engine.Open(engine.Config{Values: v, Brokers: []string{at}, Topics: []string{"orders"}, Yes: true, Records: 400})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	<-s.Done()
	r := s.Report()
	if s.Err() != nil || r.Records.Acked != 400 || r.Requests.Count == 0 || r.Batches.Count == 0 {
		t.Errorf("err %v, records %+v, requests %+v; want 400 acknowledged, seen on the wire", s.Err(), r.Records, r.Requests)
	}
	if got := r.Settings["sasl.jaas.config"]; got != "[hidden]" {
		t.Errorf("sasl.jaas.config: got %q in the report", got)
	}
	text, err := json.Marshal(r)
	if shown := fmt.Sprintf("%s %v %+v %+v", text, err, r, s.Snapshot()); strings.Contains(shown, secureCanary) {
		t.Error("the secret is in the report or the snapshot")
	}
}

func TestWrongPasswordIsKnownBeforeTheLoad(t *testing.T) {
	v, at := guardedValues(t, "another")
	s, err := engine.Open(engine.Config{Values: v, Brokers: []string{at}, Topics: []string{"orders"}, Yes: true, Records: 400})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	<-s.Done()
	var e *engine.Error
	if !errors.As(s.Err(), &e) || e.Kind != engine.Unreachable || !strings.Contains(e.Say, "login") || !strings.Contains(e.Hint, "sasl.jaas.config") {
		t.Errorf("got %+v, want the login refused", s.Err())
	}
	if r := s.Report(); r.Records.Sent != 0 {
		t.Errorf("sent %d records, want none", r.Records.Sent)
	}
	if strings.Contains(fmt.Sprintf("%+v %+v", s.Err(), s.Snapshot()), secureCanary) {
		t.Error("the password is in the error or the snapshot")
	}
}

func TestStoreThatIsNotThereRefusesTheSession(t *testing.T) {
	v := values(t, "security.protocol", "SSL", "ssl.truststore.location", "/nowhere/trust.pem")
	s, err := engine.Open(engine.Config{Values: v, Brokers: []string{"127.0.0.1:1"}, Topics: []string{"orders"}, Yes: true, For: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	<-s.Done()
	var e *engine.Error
	if !errors.As(s.Err(), &e) || e.Kind != engine.Usage || !strings.Contains(e.Say, "/nowhere/trust.pem") {
		t.Errorf("got %+v, want the store named", s.Err())
	}
}

// A person watches: a login that is refused is not tried again by itself, which
// would lock the account, but when they say so.
func TestRefusedLoginWaitsForThePerson(t *testing.T) {
	v, at := guardedValues(t, "another")
	var dials atomic.Int64
	front := countConnections(t, at, &dials)
	s, err := engine.Open(engine.Config{Values: v, Brokers: []string{front}, Topics: []string{"orders"}, Yes: true, Attended: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	refused := func() int64 {
		for range 500 {
			if s.Snapshot().State == telemetry.Refused {
				return dials.Load()
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatalf("the screen says %s: %s, want refused", s.Snapshot().State, s.Snapshot().Say)
		return 0
	}
	first := refused()
	if say := s.Snapshot().Say; !strings.Contains(say, "login") || !strings.Contains(say, "not tried again") || strings.Contains(say, secureCanary) {
		t.Errorf("the screen says %q, want what was refused, and that it is not tried again", say)
	}
	if err := s.Do(step.Step{Verb: step.Resume}); err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if dials.Load() > first {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if again := refused(); again == first {
		t.Error("r did not try again")
	}
}

// countConnections is a way to an address that counts who comes.
func countConnections(t *testing.T, to string, n *atomic.Int64) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			n.Add(1)
			go func() {
				defer func() { _ = c.Close() }()
				up, err := net.Dial("tcp", to)
				if err != nil {
					return
				}
				defer func() { _ = up.Close() }()
				go func() { _, _ = io.Copy(up, c) }()
				_, _ = io.Copy(c, up)
			}()
		}
	}()
	return l.Addr().String()
}
