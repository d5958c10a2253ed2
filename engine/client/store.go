package client

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"software.sslmate.com/src/go-pkcs12"

	"kdyno/engine/setting"
)

// form is what a store's bytes say that it is.
type form string

const (
	formPEM    form = "PEM"
	formPKCS12 form = "PKCS12"
	formJKS    form = "JKS"
)

// store is a file of keys or certificates, or the text that takes its place.
type store struct {
	key      setting.Key // the setting that named it
	name     string      // the file, or empty
	bytes    []byte
	form     form
	password setting.Secret
}

// maxStore keeps a path that is not a store from filling the memory.
const maxStore = 16 << 20

// open reads the store that a location or the text of a secret names; nil
// where neither is set.
func open(v setting.Values, location, text, password setting.Key) (*store, error) {
	s := &store{key: location, name: v.Text(location), password: v.Secret(password)}
	switch {
	case s.name != "":
		about, err := os.Stat(s.name)
		if err == nil && about.Size() > maxStore {
			return nil, s.fault("is no keystore or truststore: it is larger than 16 MiB", nil)
		}
		if err == nil {
			s.bytes, err = os.ReadFile(s.name)
		}
		if err != nil {
			return nil, s.fault("cannot be read", err)
		}
	case v.Secret(text) != "":
		s.key, s.bytes = text, []byte(v.Secret(text).Reveal())
	default:
		return nil, nil
	}
	switch {
	case bytes.HasPrefix(s.bytes, []byte{0xfe, 0xed, 0xfe, 0xed}):
		s.form = formJKS
	case bytes.Contains(s.bytes, []byte("-----BEGIN ")):
		s.form = formPEM
	case bytes.HasPrefix(s.bytes, []byte{0x30}):
		s.form = formPKCS12
	default:
		return nil, s.fault("is neither PEM nor PKCS12 nor JKS by its bytes", nil)
	}
	return s, nil
}

// fault says what is wrong with the store, never what is in it.
func (s *store) fault(what string, err error) *Error {
	say := string(s.key) + " " + what
	if s.name != "" {
		say = fmt.Sprintf("%s: %s %s", s.key, s.name, what)
	}
	var path *os.PathError
	if errors.As(err, &path) {
		say += " (" + path.Err.Error() + ")"
	}
	return &Error{Say: say, Hint: "check the path and the password of that store", err: err}
}

// authorities are the certificates that the store trusts.
func (s *store) authorities() (*x509.CertPool, error) {
	var all []*x509.Certificate
	var err error
	switch s.form {
	case formPEM:
		all, err = certificatesOf(s.bytes)
	case formPKCS12:
		all, err = pkcs12.DecodeTrustStore(s.bytes, s.password.Reveal())
	case formJKS:
		all, err = s.trustedOfJKS()
	}
	if err != nil {
		return nil, s.unreadable(err)
	}
	if len(all) == 0 {
		return nil, s.fault("holds no certificate", nil)
	}
	pool := x509.NewCertPool()
	for _, c := range all {
		pool.AddCert(c)
	}
	return pool, nil
}

func (s *store) unreadable(err error) *Error {
	return s.fault(fmt.Sprintf("cannot be read as %s: the password is wrong or the file is damaged", s.form), err)
}

func certificatesOf(text []byte) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return all, nil
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
}

func (s *store) jks() (keystore.KeyStore, error) {
	ks := keystore.New(keystore.WithOrderedAliases())
	return ks, ks.Load(bytes.NewReader(s.bytes), []byte(s.password.Reveal()))
}

func (s *store) trustedOfJKS() ([]*x509.Certificate, error) {
	ks, err := s.jks()
	if err != nil {
		return nil, err
	}
	var all []*x509.Certificate
	for _, alias := range ks.Aliases() {
		entry, err := ks.GetTrustedCertificateEntry(alias)
		if err != nil {
			continue // a key
		}
		c, err := x509.ParseCertificate(entry.Certificate.Content)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// identity is the client's own key with its certificates. chain is the PEM
// text of the certificates where they are not in the store; password is that
// of the key itself.
func (s *store) identity(chain, password setting.Secret) (tls.Certificate, error) {
	switch s.form {
	case formPEM:
		return s.identityOfPEM(chain)
	case formPKCS12:
		key, leaf, above, err := pkcs12.DecodeChain(s.bytes, s.password.Reveal())
		if err != nil {
			return tls.Certificate{}, s.unreadable(err)
		}
		found := tls.Certificate{PrivateKey: key, Leaf: leaf, Certificate: [][]byte{leaf.Raw}}
		for _, c := range above {
			found.Certificate = append(found.Certificate, c.Raw)
		}
		return found, nil
	default:
		return s.identityOfJKS(password)
	}
}

func (s *store) identityOfPEM(chain setting.Secret) (tls.Certificate, error) {
	if bytes.Contains(s.bytes, []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----")) || bytes.Contains(s.bytes, []byte("Proc-Type: 4,ENCRYPTED")) {
		f := s.fault("holds an encrypted PEM key, which is not opened here", nil)
		f.Hint = "keep the key in a PKCS12 file, or without a password in a file that only you can read"
		return tls.Certificate{}, f
	}
	certificates := s.bytes
	if chain != "" {
		certificates = []byte(chain.Reveal())
	}
	found, err := tls.X509KeyPair(certificates, s.bytes)
	if err != nil {
		// The library's words are about PEM blocks, never of what is in them.
		return tls.Certificate{}, s.fault("holds no key with a certificate that belongs to it", err)
	}
	return found, nil
}

func (s *store) identityOfJKS(password setting.Secret) (tls.Certificate, error) {
	ks, err := s.jks()
	if err != nil {
		return tls.Certificate{}, s.unreadable(err)
	}
	if password == "" {
		password = s.password
	}
	for _, alias := range ks.Aliases() {
		if !ks.IsPrivateKeyEntry(alias) {
			continue
		}
		entry, err := ks.GetPrivateKeyEntry(alias, []byte(password.Reveal()))
		if err != nil {
			return tls.Certificate{}, s.fault("holds a key that ssl.key.password does not open", err)
		}
		found := tls.Certificate{}
		if found.PrivateKey, err = x509.ParsePKCS8PrivateKey(entry.PrivateKey); err != nil {
			return tls.Certificate{}, s.fault("holds a key of an unknown kind", err)
		}
		for _, c := range entry.CertificateChain {
			found.Certificate = append(found.Certificate, c.Content)
		}
		return found, nil
	}
	return tls.Certificate{}, s.fault("holds no private key", nil)
}
