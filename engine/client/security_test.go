package client_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"software.sslmate.com/src/go-pkcs12"

	"kdyno/engine/client"
	"kdyno/engine/setting"
)

const canary = "hunter2-canary"

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// paper is a certificate with its key.
type paper struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	return (&authority{}).sign(t, &x509.Certificate{
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotAfter: time.Now().Add(time.Hour),
	}).authority()
}

func (p paper) authority() *authority { return &authority{p.cert, p.key} }

// sign makes a certificate; without a key of its own the authority signs itself.
func (a *authority) sign(t *testing.T, c *x509.Certificate) paper {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	c.Subject = pkix.Name{CommonName: "kdyno test"}
	if c.NotAfter.IsZero() {
		c.NotAfter = time.Now().Add(time.Hour)
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return paper{cert, key}
}

func (a *authority) forHosts(t *testing.T, hosts ...string) paper {
	t.Helper()
	c := &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, h)
		}
	}
	return a.sign(t, c)
}

func (p paper) tls() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{p.cert.Raw}, PrivateKey: p.key}
}

func (p paper) certPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert.Raw}))
}

func (p paper) keyDER(t *testing.T) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func (p paper) keyPEM(t *testing.T) string {
	t.Helper()
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: p.keyDER(t)}))
}

// file writes a store whose name says nothing of its form.
func file(t *testing.T, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.bin")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func jks(t *testing.T, fill func(keystore.KeyStore) error) string {
	t.Helper()
	ks := keystore.New()
	var text bytes.Buffer
	if err := errors.Join(fill(ks), ks.Store(&text, []byte(canary))); err != nil {
		t.Fatal(err)
	}
	return file(t, text.Bytes())
}

func jksCert(c *x509.Certificate) keystore.Certificate {
	return keystore.Certificate{Type: "X.509", Content: c.Raw}
}

// secretly sets pairs of which some are secrets.
func secretly(t *testing.T, pairs ...string) setting.Values {
	t.Helper()
	v := setting.Defaults()
	for i := 0; i < len(pairs); i += 2 {
		k := setting.Key(pairs[i])
		row, _ := setting.Find(k)
		var err error
		if row.Secret {
			v, err = v.WithSecret(k, setting.Secret(pairs[i+1]))
		} else {
			v, err = v.With(k, pairs[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return v
}

func plainJAAS(password string) string {
	return setting.PlainModule + ` required username="alice" password="` + password + `";`
}

func scramJAAS(password string) string {
	return setting.ScramModule + ` required username="alice" password="` + password + `";`
}

// cluster starts one embedded broker and returns its address.
func cluster(t *testing.T, opts ...kfake.Opt) string {
	t.Helper()
	c, err := kfake.NewCluster(append(opts, kfake.NumBrokers(1), kfake.SeedTopics(1, "t"))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c.ListenAddrs()[0]
}

// produce sends one record with these values.
func produce(t *testing.T, v setting.Values, address string) error {
	t.Helper()
	cl, _, err := client.New(v, client.Stand{
		Seeds: []string{address}, Dial: (&net.Dialer{}).DialContext, Partitioner: kgo.ManualPartitioner(), RecordBytes: 10,
	})
	if err != nil {
		return err
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return cl.ProduceSync(ctx, &kgo.Record{Topic: "t", Value: []byte("v")}).FirstErr()
}

func TestEveryProtocolAndMechanismIsSpoken(t *testing.T) {
	ca := newAuthority(t)
	encrypted := kfake.TLS(&tls.Config{Certificates: []tls.Certificate{ca.forHosts(t, "127.0.0.1").tls()}})
	trust := paper{cert: ca.cert}.certPEM()
	mechanisms := map[string]string{
		"PLAIN": plainJAAS(canary), "SCRAM-SHA-256": scramJAAS(canary), "SCRAM-SHA-512": scramJAAS(canary),
	}
	for _, withTLS := range []bool{false, true} {
		var opts []kfake.Opt
		protocol, login := "PLAINTEXT", "SASL_PLAINTEXT"
		if withTLS {
			opts, protocol, login = append(opts, encrypted), "SSL", "SASL_SSL"
		}
		store := []string{"ssl.truststore.type", "PEM", "ssl.truststore.certificates", trust}
		if err := produce(t, secretly(t, append(store, "security.protocol", protocol)...), cluster(t, opts...)); err != nil {
			t.Errorf("%s: %v", protocol, err)
		}
		for mechanism, jaas := range mechanisms {
			at := cluster(t, append(opts, kfake.EnableSASL(), kfake.Superuser(mechanism, "alice", canary))...)
			v := secretly(t, append(store, "security.protocol", login, "sasl.mechanism", mechanism, "sasl.jaas.config", jaas)...)
			if err := produce(t, v, at); err != nil {
				t.Errorf("%s with %s: %v", login, mechanism, err)
			}
		}
	}
}

func TestWrongPasswordIsToldByTheBroker(t *testing.T) {
	at := cluster(t, kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "alice", "right"))
	v := secretly(t, "security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", "SCRAM-SHA-256", "sasl.jaas.config", scramJAAS(canary))
	cl, _, err := client.New(v, client.Stand{Seeds: []string{at}, Dial: (&net.Dialer{}).DialContext, Partitioner: kgo.ManualPartitioner()})
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := cl.Ping(ctx); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("got %v, want an error without the password", err)
	}
}

// TestStoresAreToldApartByTheirBytes trusts and proves itself by each form of
// store, whatever the type says.
func TestStoresAreToldApartByTheirBytes(t *testing.T) {
	ca := newAuthority(t)
	own := ca.forHosts(t)
	clients := x509.NewCertPool()
	clients.AddCert(ca.cert)
	at := cluster(t, kfake.TLS(&tls.Config{
		Certificates: []tls.Certificate{ca.forHosts(t, "127.0.0.1").tls()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients,
	}))
	trust, keys := stores(t, ca, own)
	for trustName, trustPairs := range trust {
		for keyName, keyPairs := range keys {
			pairs := append([]string{"security.protocol", "SSL"}, trustPairs...)
			if err := produce(t, secretly(t, append(pairs, keyPairs...)...), at); err != nil {
				t.Errorf("trust %s, key %s: %v", trustName, keyName, err)
			}
		}
	}
}

func stores(t *testing.T, ca *authority, own paper) (trust, keys map[string][]string) {
	t.Helper()
	trustP12, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{ca.cert}, canary)
	if err != nil {
		t.Fatal(err)
	}
	keyP12, err := pkcs12.Modern.Encode(own.key, own.cert, nil, canary)
	if err != nil {
		t.Fatal(err)
	}
	trustJKS := jks(t, func(ks keystore.KeyStore) error {
		return ks.SetTrustedCertificateEntry("ca", keystore.TrustedCertificateEntry{CreationTime: time.Now(), Certificate: jksCert(ca.cert)})
	})
	keyJKS := jks(t, func(ks keystore.KeyStore) error {
		return ks.SetPrivateKeyEntry("own", keystore.PrivateKeyEntry{
			CreationTime: time.Now(), PrivateKey: own.keyDER(t), CertificateChain: []keystore.Certificate{jksCert(own.cert)},
		}, []byte(canary+"-key"))
	})
	authorityPEM := paper{cert: ca.cert}.certPEM()
	trust = map[string][]string{
		"PEM file": {"ssl.truststore.location", file(t, []byte("a comment\n"+authorityPEM))},
		"PEM text": {"ssl.truststore.type", "PEM", "ssl.truststore.certificates", authorityPEM},
		"PKCS12":   {"ssl.truststore.location", file(t, trustP12), "ssl.truststore.password", canary},
		"JKS":      {"ssl.truststore.location", trustJKS, "ssl.truststore.password", canary, "ssl.truststore.type", "PKCS12"},
	}
	keys = map[string][]string{
		"PEM file": {"ssl.keystore.location", file(t, []byte(own.keyPEM(t)+own.certPEM()))},
		"PEM text": {"ssl.keystore.type", "PEM", "ssl.keystore.key", own.keyPEM(t), "ssl.keystore.certificate.chain", own.certPEM()},
		"PKCS12":   {"ssl.keystore.location", file(t, keyP12), "ssl.keystore.password", canary},
		"JKS":      {"ssl.keystore.location", keyJKS, "ssl.keystore.password", canary, "ssl.key.password", canary + "-key"},
	}
	return trust, keys
}

func TestStoresThatCannotBeReadNameSettingAndFile(t *testing.T) {
	ca := newAuthority(t)
	own := ca.forHosts(t)
	trust, keys := stores(t, ca, own)
	p12, jksFile := trust["PKCS12"][1], keys["JKS"][1]
	sealed := "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n"
	other := ca.forHosts(t)
	for _, c := range []struct {
		pairs []string
		says  string
	}{
		{[]string{"ssl.truststore.location", "/nowhere/trust.jks"}, "/nowhere/trust.jks cannot be read (no such file"},
		{[]string{"ssl.truststore.location", file(t, []byte("hello"))}, "neither PEM nor PKCS12 nor JKS"},
		{[]string{"ssl.truststore.location", file(t, []byte("-----BEGIN X-----\n-----END X-----\n"))}, "holds no certificate"},
		{[]string{"ssl.truststore.location", p12, "ssl.truststore.password", canary + "!"}, "cannot be read as PKCS12: the password is wrong"},
		{[]string{"ssl.keystore.location", jksFile, "ssl.keystore.password", canary + "!"}, "cannot be read as JKS: the password is wrong"},
		{[]string{"ssl.keystore.location", jksFile, "ssl.keystore.password", canary}, "ssl.key.password does not open"},
		{[]string{"ssl.keystore.location", trust["JKS"][1], "ssl.keystore.password", canary}, "holds no private key"},
		{[]string{"ssl.keystore.location", file(t, []byte(sealed+own.certPEM()))}, "encrypted PEM key"},
		{[]string{"ssl.keystore.location", file(t, []byte(own.keyPEM(t)+other.certPEM()))}, "no key with a certificate that belongs to it"},
		{[]string{"ssl.enabled.protocols", "TLSv1.3", "ssl.protocol", "TLSv1.2"}, "no version that ssl.protocol"},
	} {
		_, err := client.Secure(secretly(t, append([]string{"security.protocol", "SSL"}, c.pairs...)...))
		var f *client.Error
		if !errors.As(err, &f) || !strings.Contains(f.Say, c.says) || f.Hint == "" || !strings.Contains(f.Say, c.pairs[0]) {
			t.Errorf("%s: got %v, want a fault that says %q", c.pairs[0], err, c.says)
		}
		if strings.Contains(fmt.Sprintf("%+v %v", err, errors.Unwrap(err)), canary) {
			t.Errorf("%s: the password is in %v", c.pairs[0], err)
		}
	}
}

// serve accepts connections and shakes hands on them; nil: it reads and closes.
func serve(t *testing.T, config *tls.Config) string {
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
			go func() {
				defer func() { _ = c.Close() }()
				if config == nil {
					_, _ = c.Read(make([]byte, 5))
					return
				}
				if err := tls.Server(c, config).Handshake(); err == nil {
					_, _ = io.Copy(io.Discard, c)
				}
			}()
		}
	}()
	return l.Addr().String()
}

func TestFaultsOfTLSSayCauseAndRemedy(t *testing.T) {
	ca, foreign := newAuthority(t), newAuthority(t)
	over := ca.sign(t, &x509.Certificate{IPAddresses: []net.IP{{127, 0, 0, 1}}, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(-time.Hour)})
	clients := x509.NewCertPool()
	clients.AddCert(ca.cert)
	good := []tls.Certificate{ca.forHosts(t, "127.0.0.1").tls()}
	stranger := foreign.forHosts(t)
	strangerPEM := []string{"ssl.keystore.location", file(t, []byte(stranger.keyPEM(t)+stranger.certPEM()))}
	for name, c := range map[string]struct {
		config     *tls.Config
		pairs      []string
		says, hint string
	}{
		"foreign authority":   {&tls.Config{Certificates: []tls.Certificate{foreign.forHosts(t, "127.0.0.1").tls()}}, nil, "not trusted here", "ssl.truststore.location"},
		"another host":        {&tls.Config{Certificates: []tls.Certificate{ca.forHosts(t, "kafka1", "10.0.0.1").tls()}}, nil, "is for kafka1, 10.0.0.1, not for 127.0.0.1", "ssl.endpoint.identification.algorithm"},
		"expired":             {&tls.Config{Certificates: []tls.Certificate{over.tls()}}, nil, "and not now", "new certificate"},
		"plaintext":           {nil, nil, "may not speak TLS", "security.protocol"},
		"no version":          {&tls.Config{Certificates: good, MinVersion: tls.VersionTLS13}, []string{"ssl.protocol", "TLSv1.2"}, "in common", "ssl.enabled.protocols"},
		"no certificate":      {&tls.Config{Certificates: good, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}, nil, "asks for a client certificate", "ssl.keystore.location"},
		"one called bad":      {&tls.Config{Certificates: good, ClientAuth: tls.RequestClientCert, VerifyConnection: wanting}, nil, "asks for a client certificate, and none was given", "ssl.keystore.location"},
		"foreign certificate": {&tls.Config{Certificates: good, ClientAuth: tls.RequireAnyClientCert, VerifyPeerCertificate: verified(clients)}, strangerPEM, "refused this client's certificate", "ssl.keystore.location"},
	} {
		pairs := append([]string{"security.protocol", "SSL", "ssl.truststore.location", file(t, []byte(paper{cert: ca.cert}.certPEM()))}, c.pairs...)
		f := handshakeFault(t, secretly(t, pairs...), serve(t, c.config))
		if f == nil || !strings.Contains(f.Say, c.says) || !strings.Contains(f.Hint, c.hint) || !strings.Contains(f.Say, "127.0.0.1:") {
			t.Errorf("%s: got %+v, want %q with the address, and %q", name, f, c.says, c.hint)
		}
	}
}

// wanting refuses as a broker in Java does: what was not given is bad.
func wanting(s tls.ConnectionState) error {
	if len(s.PeerCertificates) == 0 {
		return errors.New("no certificate")
	}
	return nil
}

func verified(pool *x509.CertPool) func([][]byte, [][]*x509.Certificate) error {
	return func(raw [][]byte, _ [][]*x509.Certificate) error {
		c, err := x509.ParseCertificate(raw[0])
		if err == nil {
			_, err = c.Verify(x509.VerifyOptions{Roots: pool})
		}
		return err
	}
}

// handshakeFault connects, and reads once: with TLS 1.3 a broker refuses the
// client's certificate only then.
func handshakeFault(t *testing.T, v setting.Values, address string) *client.Error {
	t.Helper()
	security, err := client.Secure(v)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = bare.Close() }()
	c, err := security.Handshake(t.Context(), bare, address)
	if err == nil {
		_, err = c.Read(make([]byte, 1))
	}
	var f *client.Error
	if !errors.As(err, &f) {
		t.Logf("got %v", err)
		return nil
	}
	return f
}

func TestAnyHostIsTakenWhereNobodyAsks(t *testing.T) {
	ca := newAuthority(t)
	at := cluster(t, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{ca.forHosts(t, "kafka1").tls()}}))
	trust := []string{
		"security.protocol", "SSL", "ssl.endpoint.identification.algorithm", "",
		"ssl.truststore.location", file(t, []byte(paper{cert: ca.cert}.certPEM())),
	}
	if err := produce(t, secretly(t, trust...), at); err != nil {
		t.Errorf("another host's name: %v", err)
	}
	trust[len(trust)-1] = file(t, []byte(paper{cert: newAuthority(t).cert}.certPEM()))
	if f := handshakeFault(t, secretly(t, trust...), at); f == nil || !strings.Contains(f.Say, "not trusted") {
		t.Errorf("a foreign authority: got %v, want it refused all the same", f)
	}
}

func TestVersionsAndSuitesOfTLSAreKept(t *testing.T) {
	ca := newAuthority(t)
	seen := make(chan tls.ConnectionState, 1)
	config := &tls.Config{Certificates: []tls.Certificate{ca.forHosts(t, "127.0.0.1").tls()}}
	config.VerifyConnection = func(s tls.ConnectionState) error { seen <- s; return nil }
	at := cluster(t, kfake.TLS(config))
	suite := tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
	security, err := client.Secure(secretly(t, "security.protocol", "SSL", "ssl.enabled.protocols", "TLSv1.2", "ssl.cipher.suites", tls.CipherSuiteName(suite),
		"ssl.truststore.location", file(t, []byte(paper{cert: ca.cert}.certPEM()))))
	if err != nil {
		t.Fatal(err)
	}
	bare, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	c, err := security.Handshake(t.Context(), bare, at)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if s := <-seen; s.Version != tls.VersionTLS12 || s.CipherSuite != suite {
		t.Errorf("got %s with %s, want TLS 1.2 with %s", tls.VersionName(s.Version), tls.CipherSuiteName(s.CipherSuite), tls.CipherSuiteName(suite))
	}
	row, _ := setting.Find(setting.SSLCipherSuites)
	for _, s := range tls.CipherSuites() {
		if _, err := row.Kind.Parse(s.Name); err != nil && !strings.Contains(s.Name, "TLS_RSA_") {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}

func TestCredentialsThatAreMissingAreNamed(t *testing.T) {
	for _, c := range []struct{ mechanism, jaas, says string }{
		{"PLAIN", setting.PlainModule + ` required password="` + canary + `";`, "no username for PLAIN"},
		{"SCRAM-SHA-512", setting.ScramModule + ` required username="a";`, "no password for SCRAM-SHA-512"},
		{"GSSAPI", plainJAAS(canary), "GSSAPI"},
		{"PLAIN", "", "cannot be read"},
		{"OAUTHBEARER", setting.OAuthModule + ` required clientId="a";`, ""},
		{"OAUTHBEARER", setting.OAuthModule + ` required;`, "neither a token endpoint nor a name"},
		{"OAUTHBEARER", setting.OAuthModule + ` required unsecuredLoginStringClaim_sub="a" unsecuredLoginLifetimeSeconds="` + canary + `";`, "no whole number"},
	} {
		pairs := []string{"security.protocol", "SASL_SSL", "sasl.mechanism", c.mechanism, "sasl.jaas.config", c.jaas}
		if c.says == "" {
			pairs, c.says = append(pairs, "sasl.oauthbearer.token.endpoint.url", "https://idp"), "without the client's id and secret"
		}
		_, err := client.Secure(secretly(t, pairs...))
		var f *client.Error
		if !errors.As(err, &f) || !strings.Contains(f.Say, c.says) || f.Hint == "" || strings.Contains(fmt.Sprintf("%+v", err), canary) {
			t.Errorf("%s with %d bytes: got %v, want %q", c.mechanism, len(c.jaas), err, c.says)
		}
	}
}
