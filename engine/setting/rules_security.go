package setting

import (
	"fmt"
	"slices"
	"strings"
)

func (v Values) usesTLS() bool {
	return slices.Contains([]string{SSL, SASLSSL}, v.Text(SecurityProtocol))
}

func (v Values) usesLogin() bool {
	return slices.Contains([]string{SASLPlaintext, SASLSSL}, v.Text(SecurityProtocol))
}

// mechanisms are those that a login module serves, the one to propose first.
var mechanisms = map[string][]string{
	PlainModule: {Plain},
	ScramModule: {Scram512, Scram256},
	OAuthModule: {OAuthBearer},
}

// served are the mechanisms of the login module in sasl.jaas.config.
func (v Values) served() []string {
	j, err := ParseJAAS(v.Secret(SASLJaasConfig).Reveal())
	if err != nil {
		return nil
	}
	return mechanisms[j.Module]
}

func loginNeedsCredentials(j judged) (Problem, bool) {
	v := j.asked
	if !v.usesLogin() || v.Secret(SASLJaasConfig) != "" {
		return Problem{}, false
	}
	return Problem{
		Severity: Error, Keys: []Key{SASLJaasConfig, SecurityProtocol},
		Say: "security.protocol=" + v.Text(SecurityProtocol) + " needs sasl.jaas.config, and it is not set.",
		Why: "There is nothing to log in with. Give it by " + secretWays + ".",
	}, true
}

func loginNeedsMechanism(j judged) (Problem, bool) {
	v := j.asked
	if !v.usesLogin() || v.Text(SASLMechanism) != GSSAPI {
		return Problem{}, false
	}
	p := Problem{
		Severity: Error, Keys: []Key{SASLMechanism, SecurityProtocol},
		Say: "sasl.mechanism is GSSAPI (Kerberos), which is not possible with this client.",
		Why: "It is Java's default; use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER, whichever the brokers offer.",
	}
	if served := v.served(); served != nil {
		p.Fix = map[Key]string{SASLMechanism: served[0]}
	}
	return p, true
}

func mechanismNeedsItsModule(j judged) (Problem, bool) {
	v := j.asked
	served := v.served()
	mechanism := v.Text(SASLMechanism)
	if !v.usesLogin() || served == nil || mechanism == GSSAPI || slices.Contains(served, mechanism) {
		return Problem{}, false
	}
	return Problem{
		Severity: Error, Keys: []Key{SASLMechanism, SASLJaasConfig},
		Say: "The login module in sasl.jaas.config serves " + strings.Join(served, " and ") + ", and sasl.mechanism is " + mechanism + ".",
		Why: "The mechanism finds no credentials of its kind.",
		Fix: map[Key]string{SASLMechanism: served[0]},
	}, true
}

func trustTextNeedsPEM(j judged) (Problem, bool) {
	return needsPEM(j.asked, SSLTruststoreType, SSLTruststoreCertificates)
}

func keyTextNeedsPEM(j judged) (Problem, bool) {
	return needsPEM(j.asked, SSLKeystoreType, SSLKeystoreKey)
}

func needsPEM(v Values, kind, text Key) (Problem, bool) {
	if v.Secret(text) == "" || v.Text(kind) == pem {
		return Problem{}, false
	}
	return Problem{
		Severity: Error, Keys: []Key{kind, text},
		Say: string(text) + " needs " + string(kind) + "=PEM.",
		Why: "Only PEM is text; the Java client refuses to start.",
		Fix: map[Key]string{kind: pem},
	}, true
}

func oneTruststore(j judged) (Problem, bool) {
	return oneStore(j.asked, SSLTruststoreLocation, SSLTruststoreCertificates)
}

func oneKeystore(j judged) (Problem, bool) {
	return oneStore(j.asked, SSLKeystoreLocation, SSLKeystoreKey)
}

func oneStore(v Values, file, text Key) (Problem, bool) {
	if v.Text(file) == "" || v.Secret(text) == "" {
		return Problem{}, false
	}
	return Problem{
		Severity: Error, Keys: []Key{file, text},
		Say: string(file) + " and " + string(text) + " are both set.",
		Why: "Nobody could say which of them counts; the Java client refuses to start. Leave one out.",
	}, true
}

func keyNeedsChain(j judged) (Problem, bool) {
	v := j.asked
	if (v.Secret(SSLKeystoreKey) == "") == (v.Secret(SSLKeystoreChain) == "") {
		return Problem{}, false
	}
	return Problem{
		Severity: Error, Keys: []Key{SSLKeystoreKey, SSLKeystoreChain},
		Say: "ssl.keystore.key and ssl.keystore.certificate.chain go together, and one is missing.",
		Why: "A key without its certificate, or the reverse, proves nothing; the Java client refuses to start.",
	}, true
}

// securityUnused is about files and credentials that nobody looks at.
func securityUnused(j judged) (Problem, bool) {
	v := j.asked
	var idle []Key
	for _, k := range []Key{SSLTruststoreLocation, SSLTruststoreCertificates, SSLKeystoreLocation, SSLKeystoreKey} {
		if v.Text(k) != "" && !v.usesTLS() {
			idle = append(idle, k)
		}
	}
	if v.Text(SASLJaasConfig) != "" && !v.usesLogin() {
		idle = append(idle, SASLJaasConfig)
	}
	if len(idle) == 0 {
		return Problem{}, false
	}
	names := make([]string, len(idle))
	for i, k := range idle {
		names[i] = string(k)
	}
	return Problem{
		Severity: Warning, Keys: append(idle, SecurityProtocol),
		Say: "With security.protocol=" + v.Text(SecurityProtocol) + " nobody looks at " + strings.Join(names, ", ") + ".",
		Why: "Connections are encrypted with SSL and SASL_SSL only, and log in with SASL_PLAINTEXT and SASL_SSL only.",
	}, true
}

func passwordInTheClear(j judged) (Problem, bool) {
	v := j.asked
	if v.Text(SecurityProtocol) != SASLPlaintext || v.Text(SASLMechanism) != Plain {
		return Problem{}, false
	}
	return Problem{
		Severity: Warning, Keys: []Key{SecurityProtocol, SASLMechanism},
		Say: "PLAIN over SASL_PLAINTEXT sends the password in the clear.",
		Why: "Anyone on the way can read it; SCRAM or SASL_SSL keep it to yourself, if the brokers offer them.",
	}, true
}

// customary are the ports that are usually one protocol's, and whether they are
// encrypted.
var customary = map[string]bool{"9092": false, "9093": true, "9094": true}

// tlsAt9092 are the ends of hosts that are known to serve TLS at Kafka's first
// port.
var tlsAt9092 = []string{".confluent.cloud"}

func portOfAnotherProtocol(j judged) (Problem, bool) {
	v := j.asked
	for _, a := range v.Addresses() {
		colon := strings.LastIndexByte(a, ':')
		host, port := a[:colon], a[colon+1:]
		encrypted, known := customary[port]
		elsewhere := slices.ContainsFunc(tlsAt9092, func(end string) bool { return port == "9092" && strings.HasSuffix(host, end) })
		if !known || encrypted == v.usesTLS() || elsewhere {
			continue
		}
		what, try := "plaintext", Plaintext
		if v.usesLogin() {
			try = SASLPlaintext
		}
		if encrypted {
			what, try = "TLS", SSL
			if v.usesLogin() || port == "9094" {
				try = SASLSSL
			}
		}
		return Problem{
			Severity: Warning, Keys: []Key{SecurityProtocol, BootstrapServers},
			Say: fmt.Sprintf("Port %s of %s is customary for %s, and security.protocol is %s.", port, host, what, v.Text(SecurityProtocol)),
			Why: "A listener that speaks TLS does not answer plaintext, and the reverse: the producer only times out. If nothing is heard from it, try security.protocol=" + try + ".",
		}, true
	}
	return Problem{}, false
}
