package setting

import (
	"slices"
	"strings"
)

// securityRules look at TLS and SASL; what they call an error the Java client
// refuses too.
var securityRules = []rule{
	loginNeedsCredentials,
	loginNeedsMechanism,
	mechanismNeedsItsModule,
	trustTextNeedsPEM,
	keyTextNeedsPEM,
	oneTruststore,
	oneKeystore,
	keyNeedsChain,
	securityUnused,
	passwordInTheClear,
	portOfAnotherProtocol,
}

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

// portOfAnotherProtocol knows the ports that are customary. It says nothing of
// 9092, where everything is found.
func portOfAnotherProtocol(j judged) (Problem, bool) {
	v := j.asked
	if v.Text(SecurityProtocol) != Plaintext {
		return Problem{}, false
	}
	for _, a := range v.Addresses() {
		if strings.HasSuffix(a, ":9093") || strings.HasSuffix(a, ":9094") {
			return Problem{
				Severity: Warning, Keys: []Key{SecurityProtocol, BootstrapServers},
				Say: "The port of " + a + " is customary for TLS, and security.protocol is PLAINTEXT.",
				Why: "A TLS listener does not answer plaintext; if nothing is heard from it, try security.protocol=SSL or SASL_SSL.",
			}, true
		}
	}
	return Problem{}, false
}
