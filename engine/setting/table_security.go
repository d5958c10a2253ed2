package setting

import "slices"

// securityRows say how a connection is encrypted and who is at its ends.
func securityRows() []Row {
	return append(append(tlsRows(), saslRows()...), oauthRows()...)
}

// The protocols of security.protocol.
const (
	Plaintext     = "PLAINTEXT"
	SSL           = "SSL"
	SASLPlaintext = "SASL_PLAINTEXT"
	SASLSSL       = "SASL_SSL"
)

const byItsBytes = "Whether a file is PEM, PKCS12 or JKS is told by its bytes, whatever the type says."

// pem is the one type that may stand in the settings themselves.
const pem = "PEM"

func storeTypes() Kind { return Kind{form: choice, words: []string{"JKS", "PKCS12", pem}, fold: true} }

func tlsRows() []Row {
	rows := slices.Concat(truststoreRows(), keystoreRows(), tlsLimitRows())
	for i := range rows {
		rows[i].Group, rows[i].Secret = "tls", rows[i].Kind.form == password
	}
	return rows
}

func truststoreRows() []Row {
	return []Row{
		{
			Key: SecurityProtocol, Default: Plaintext, How: Exact,
			Kind: Kind{form: choice, words: []string{Plaintext, SSL, SASLPlaintext, SASLSSL}, fold: true},
			Doc:  "How the brokers are spoken to: in the clear or through TLS (SSL), and without or with a login (SASL). It must be what the listener at that port speaks.",
			Cost: "TLS costs a few round trips for each connection and CPU for each byte; a login costs some more round trips. PLAIN over SASL_PLAINTEXT sends the password in the clear.",
			Note: "The emulated link lies below TLS, so that handshakes take their round trips; what is measured on the wire lies above it.",
		},
		{
			Key: SSLTruststoreLocation, Kind: nullText(), How: Exact,
			Doc:  "The file with the certificates of the authorities that the brokers' certificates must come from: PEM, PKCS12 or JKS.",
			Cost: "Without it the authorities are trusted that this machine trusts, where Java has a list of its own.",
			Note: byItsBytes,
		},
		{
			Key: SSLTruststorePassword, Kind: nullPassword(), How: Different,
			Doc:  "The password that the truststore is sealed with.",
			Cost: "It guards against a changed file, not against a reader.",
			Note: "A JKS file is not read without its password, where Java skips the check.",
		},
		{
			Key: SSLTruststoreType, Kind: storeTypes(), Default: "JKS", How: Different,
			Doc:  "The form of the truststore.",
			Cost: "It must be PEM for ssl.truststore.certificates.",
			Note: byItsBytes,
		},
		{
			Key: SSLTruststoreCertificates, Kind: nullPassword(), How: Exact,
			Doc:  "Trusted certificates as PEM text, instead of a file.",
			Cost: "Java counts it among the secrets, so it is given and hidden as one.",
		},
	}
}

func keystoreRows() []Row {
	return []Row{
		{
			Key: SSLKeystoreLocation, Kind: nullText(), How: Exact,
			Doc:  "The file with the client's own key and certificate, for brokers that ask for one: PEM, PKCS12 or JKS.",
			Cost: "Whoever has the file and its password is this client.",
			Note: byItsBytes,
		},
		{
			Key: SSLKeystorePassword, Kind: nullPassword(), How: Exact,
			Doc:  "The password of the keystore.",
			Cost: "It is needed for PKCS12 and JKS, and refused for PEM.",
		},
		{
			Key: SSLKeystoreType, Kind: storeTypes(), Default: "JKS", How: Different,
			Doc:  "The form of the keystore.",
			Cost: "It must be PEM for ssl.keystore.key.",
			Note: byItsBytes,
		},
		{
			Key: SSLKeystoreKey, Kind: nullPassword(), How: Exact,
			Doc:  "The client's private key as PEM text (PKCS8), instead of a file.",
			Cost: "It needs ssl.keystore.certificate.chain and ssl.keystore.type=PEM.",
		},
		{
			Key: SSLKeystoreChain, Kind: nullPassword(), How: Exact,
			Doc:  "The client's certificate and those above it as PEM text.",
			Cost: "It needs ssl.keystore.key; Java counts it among the secrets.",
		},
		{
			Key: SSLKeyPassword, Kind: nullPassword(), How: Different,
			Doc:  "The password of the private key itself.",
			Cost: "Where it is left out, a JKS key is opened with the keystore's password.",
			Note: "A PEM key that is itself encrypted is not opened: Go's library does not read that form. Use PKCS12, or a key without a password in a guarded file.",
		},
	}
}

// tlsLimitRows are what is allowed on an encrypted connection.
func tlsLimitRows() []Row {
	return []Row{
		{
			Key: SSLEndpointIdentification, Default: "https", How: Exact,
			Kind: Kind{form: choice, words: []string{"https", "none"}, alias: map[string]string{"": "", "none": ""}},
			Doc:  "Whether a broker's certificate must name the host that was connected to (https), or may name any (empty).",
			Cost: "Switched off, anyone with a certificate of a trusted authority can stand in for the broker.",
		},
		{
			Key: SSLEnabledProtocols, Default: "TLSv1.2,TLSv1.3", How: Different,
			Kind: Kind{form: choiceList, words: []string{"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}},
			Doc:  "The versions of TLS that may be spoken.",
			Cost: "Older ones than TLSv1.2 are unsafe; TLSv1.3 saves a round trip for each connection.",
			Note: "Every version between the lowest and the highest is allowed.",
		},
		{
			Key: SSLProtocol, Default: "TLSv1.3", How: Exact,
			Kind: Kind{form: choice, words: []string{"TLS", "TLSv1.1", "TLSv1.2", "TLSv1.3"}},
			Doc:  "The highest version of TLS that is spoken, if ssl.enabled.protocols allows it.",
			Cost: "There is seldom a reason to change it.",
		},
		{
			Key: SSLCipherSuites, Kind: Kind{form: choiceList, words: cipherSuites}, How: Different,
			Doc:  "The cipher suites that may be used; empty leaves the choice to the library.",
			Cost: "AES is fast where the processor helps, ChaCha20 where it does not. A suite that the broker lacks makes every handshake fail.",
			Note: "Those of TLSv1.3 are always on, and Go itself chooses the order.",
		},
	}
}

// cipherSuites are those that Go's library has and does not call insecure.
var cipherSuites = []string{
	"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
	"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
	"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
	"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
}

// The mechanisms of sasl.mechanism.
const (
	GSSAPI      = "GSSAPI"
	Plain       = "PLAIN"
	Scram256    = "SCRAM-SHA-256"
	Scram512    = "SCRAM-SHA-512"
	OAuthBearer = "OAUTHBEARER"
)

func saslRows() []Row {
	return []Row{
		{
			Key: SASLMechanism, Group: "sasl", Default: GSSAPI, How: Different,
			Kind: Kind{form: choice, words: []string{GSSAPI, Plain, Scram256, Scram512, OAuthBearer}},
			Doc:  "How the client logs in, with SASL_PLAINTEXT and SASL_SSL.",
			Cost: "PLAIN shows the password to the broker, SCRAM proves it without; OAUTHBEARER hands over a token. All are done once for each connection.",
			Note: "GSSAPI (Kerberos), Java's default, is not possible: it is not in franz-go. A run that needs it is refused.",
		},
		{
			Key: SASLJaasConfig, Group: "sasl", Kind: nullPassword(), How: Exact, Secret: true,
			Doc:  "The credentials, as Java writes them: a login module, required, its options in quotes, and a semicolon.",
			Cost: `For PLAIN: ` + PlainModule + ` required username="..." password="..."; SCRAM has ScramLoginModule of the package scram, OAUTHBEARER OAuthBearerLoginModule of oauthbearer.`,
		},
	}
}

func oauthRows() []Row {
	rows := []Row{
		{
			Key: OAuthHandlerClass, How: Different,
			Kind: Kind{form: class, words: []string{"none", oidcHandler}, alias: map[string]string{"": "", "none": ""}},
			Doc:  "The Java class that fetches the token for OAUTHBEARER; the one that asks an identity provider is known here.",
			Cost: "Java needs it beside sasl.oauthbearer.token.endpoint.url.",
			Note: "It is not needed here: with a token endpoint the token comes from there, without one it is made unsigned from the JAAS options unsecuredLogin..., as Java does.",
		},
		{
			Key: OAuthTokenURL, Kind: nullText(), How: Exact,
			Doc:  "Where a token is fetched with the client's id and secret (https or http), or the file: that holds one.",
			Cost: "It is asked again each time a connection logs in.",
		},
		{
			Key: OAuthClientID, Kind: nullText(), How: Exact,
			Doc:  "The client's id at the identity provider.",
			Cost: "It takes the place of clientId in sasl.jaas.config, where it stood before Kafka 4.1.",
		},
		{
			Key: OAuthClientSecret, Kind: nullPassword(), How: Exact, Secret: true,
			Doc:  "The client's secret at the identity provider.",
			Cost: "It takes the place of clientSecret in sasl.jaas.config.",
		},
		{
			Key: OAuthScope, Kind: nullText(), How: Exact,
			Doc:  "The scope that is asked for.",
			Cost: "It takes the place of scope in sasl.jaas.config.",
		},
		{
			Key: OAuthHeaderURLEncode, Kind: Kind{form: boolean}, Default: "false", How: Exact,
			Doc:  "Whether id and secret are URL-encoded before they go into the Authorization header, as RFC 6749 says.",
			Cost: "Some providers want it, some break on it; it only matters for ids and secrets with special characters.",
		},
		{
			Key: LoginConnectTimeoutMs, Kind: nullInt(), How: Exact,
			Doc:  "How long connecting to the identity provider may take; empty leaves it to the system.",
			Cost: "A provider that hangs holds up every new connection.",
		},
		{
			Key: LoginReadTimeoutMs, Kind: nullInt(), How: Exact,
			Doc:  "How long the identity provider may take to answer; empty leaves it open.",
			Cost: "A provider that hangs holds up every new connection.",
		},
		{
			Key: LoginRetryBackoffMs, Kind: anyMillis(), Default: "100", How: Exact,
			Doc:  "The first pause between two tries to get a token; it doubles with each further one.",
			Cost: "It delays a login while the provider is down.",
		},
		{
			Key: LoginRetryBackoffMaxMs, Kind: anyMillis(), Default: "10000", How: Exact,
			Doc:  "How long is waited between tries at most, and for how long is tried.",
			Cost: "It delays the news that the provider is down.",
		},
	}
	for i := range rows {
		rows[i].Group = "oauthbearer"
	}
	return rows
}

const oidcHandler = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler"
