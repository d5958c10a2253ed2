package setting

import "math"

// apartRows are the settings of the Java producer that nothing here honours:
// they are known, explained and refused.
func apartRows() []Row {
	var rows []Row
	for _, part := range []struct {
		group string
		how   How
		rows  []Row
	}{
		{"tls in the jvm", Meaningless, jvmTLSRows()},
		{"sasl in the jvm", Meaningless, jvmLoginRows()},
		{"token checks", Meaningless, tokenCheckRows()},
		{"metrics", Meaningless, metricRows()},
		{"plug-ins", Meaningless, plugInRows()},
		{"metadata", Impossible, metadataRows()},
		{"login refresh", Impossible, refreshRows()},
		{"kerberos", Impossible, kerberosRows()},
		{"token assertion", Later, assertionRows()},
		{"serialization", Later, serializerRows()},
		{"transactions", Later, transactionRows()},
	} {
		for _, r := range part.rows {
			r.Group, r.How = part.group, part.how
			rows = append(rows, r)
		}
	}
	return rows
}

func nullText() Kind     { return Kind{form: freeText, unset: true} }
func nullPassword() Kind { return Kind{form: password, unset: true} }
func nullInt() Kind {
	return Kind{form: wholeInt, unit: millis, least: math.MinInt32, most: math.MaxInt32, unset: true}
}
func nullClass() Kind { return Kind{form: className, unset: true} }

// anyMillis is a time that Java does not bound.
func anyMillis() Kind { return long(millis, math.MinInt64, math.MaxInt64) }

const ourTLS = "Connections are encrypted by Go's own TLS library, which has no such choice."

func jvmTLSRows() []Row {
	return []Row{
		{
			Key: "ssl.keymanager.algorithm", Kind: Kind{form: freeText}, Default: "SunX509",
			Doc:  "The Java algorithm that picks the client's own certificate out of its keystore.",
			Note: "It names a Java KeyManagerFactory. " + ourTLS,
		},
		{
			Key: "ssl.trustmanager.algorithm", Kind: Kind{form: freeText}, Default: "PKIX",
			Doc:  "The Java algorithm that checks the brokers' certificates against the truststore.",
			Note: "It names a Java TrustManagerFactory. Certificates are checked by Go's own X.509 library, after the same PKIX rules.",
		},
		{
			Key: "ssl.provider", Kind: nullText(),
			Doc:  "The Java security provider that makes the TLS connections.",
			Note: "It names a provider inside a Java virtual machine. " + ourTLS,
		},
		{
			Key: "ssl.secure.random.implementation", Kind: nullText(),
			Doc:  "The Java source of random numbers for TLS.",
			Note: "It names a class of a Java provider; here the random numbers come from the operating system.",
		},
		{
			Key: "ssl.engine.factory.class", Kind: nullClass(),
			Doc:  "A Java class that makes the TLS engine, for stores and policies of one's own.",
			Note: "A Java class cannot be loaded here. Give certificates and keys by ssl.truststore.* and ssl.keystore.*.",
		},
		{
			Key: "security.providers", Kind: nullText(),
			Doc:  "Java classes that bring security providers of one's own into the virtual machine.",
			Note: "Java classes cannot be loaded here, and no virtual machine takes providers.",
		},
	}
}

const noClass = "A Java class cannot be loaded here; credentials come from sasl.jaas.config."

func jvmLoginRows() []Row {
	return []Row{
		{
			Key: "sasl.client.callback.handler.class", Kind: nullClass(),
			Doc:  "A Java class that answers the SASL mechanism's questions, such as the user's name and password.",
			Note: noClass,
		},
		{
			Key: "sasl.login.class", Kind: nullClass(),
			Doc:  "A Java class that logs in and keeps the login fresh.",
			Note: noClass,
		},
		{
			Key: "sasl.oauthbearer.jwt.retriever.class", Kind: Kind{form: className}, Default: "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever",
			Doc:  "A Java class that fetches the token for OAUTHBEARER.",
			Note: "A Java class cannot be loaded here, so none can be chosen.",
		},
		{
			Key: "sasl.oauthbearer.jwt.validator.class", Kind: Kind{form: className}, Default: "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator",
			Doc:  "A Java class that looks at the token before the client uses it.",
			Note: "A Java class cannot be loaded here; a token is handed on as it came, and the broker judges it.",
		},
	}
}

const brokerChecks = "The broker checks tokens with it; a producer never does, in Java neither."

func tokenCheckRows() []Row {
	const claims = "The Java client reads it out of the token for its own records; here a token is handed on unread, and the broker judges it."
	return []Row{
		{
			Key: "sasl.oauthbearer.clock.skew.seconds", Kind: integer(seconds, math.MinInt32, math.MaxInt32), Default: "30",
			Doc: "How far the clocks of the identity provider and the broker may differ.", Note: brokerChecks,
		},
		{
			Key: "sasl.oauthbearer.expected.audience", Kind: Kind{form: textList},
			Doc: "The audiences of which a token must name one.", Note: brokerChecks,
		},
		{
			Key: "sasl.oauthbearer.expected.issuer", Kind: nullText(),
			Doc: "The issuer that a token must name.", Note: brokerChecks,
		},
		{
			Key: "sasl.oauthbearer.jwks.endpoint.url", Kind: nullText(),
			Doc: "Where the identity provider's public keys are fetched.", Note: brokerChecks,
		},
		{
			Key: "sasl.oauthbearer.jwks.endpoint.refresh.ms", Kind: anyMillis(), Default: "3600000",
			Doc: "How often the identity provider's public keys are fetched again.", Note: brokerChecks,
		},
		{
			Key: "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", Kind: anyMillis(), Default: "100",
			Doc: "The first pause between two tries to fetch those keys.", Note: brokerChecks,
		},
		{
			Key: "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", Kind: anyMillis(), Default: "10000",
			Doc: "The longest pause between two tries to fetch those keys.", Note: brokerChecks,
		},
		{
			Key: "sasl.oauthbearer.scope.claim.name", Kind: Kind{form: freeText}, Default: "scope",
			Doc: "The name of the token's claim that holds the scope.", Note: claims,
		},
		{
			Key: "sasl.oauthbearer.sub.claim.name", Kind: Kind{form: freeText}, Default: "sub",
			Doc: "The name of the token's claim that holds the subject.", Note: claims,
		},
	}
}

func metricRows() []Row {
	const ours = "It shapes the Java client's own metrics. What is measured here is measured by the stand, in intervals of its own."
	return []Row{
		{
			Key: "metric.reporters", Kind: Kind{form: textList}, Default: "org.apache.kafka.common.metrics.JmxReporter",
			Doc:  "Java classes that are told of the client's metrics, JMX by default.",
			Note: "Java classes cannot be loaded here, and there is no JMX; the report and the screen hold the figures.",
		},
		{
			Key: "metrics.num.samples", Kind: integer(plain, 1, math.MaxInt32), Default: "2",
			Doc: "How many samples the client's own averages and rates look back on.", Note: ours,
		},
		{
			Key: "metrics.recording.level", Kind: oneOf("INFO", "DEBUG", "TRACE"), Default: "INFO",
			Doc: "How much the client itself records.", Note: ours,
		},
		{
			Key: "metrics.sample.window.ms", Kind: long(millis, 0, math.MaxInt64), Default: "30000",
			Doc: "How long one such sample is.", Note: ours,
		},
	}
}

func plugInRows() []Row {
	return []Row{
		{
			Key: "interceptor.classes", Kind: Kind{form: textList},
			Doc:  "Java classes that may look at each record before it is sent, change it, and hear of its outcome.",
			Note: "Java classes cannot be loaded here.",
		},
		{
			Key: "config.providers", Kind: Kind{form: textList},
			Doc:  "Java classes that fill in ${...} in other settings from files, directories or the environment.",
			Note: "Java classes cannot be loaded here. For secrets there are " + secretWays + ".",
		},
	}
}

func metadataRows() []Row {
	return []Row{
		{
			Key: "metadata.max.idle.ms", Kind: long(millis, 5000, math.MaxInt64), Default: "300000",
			Doc:  "After this time without a record the metadata of a topic is forgotten, and the next record to it waits until it is fetched.",
			Note: "The library (franz-go) keeps a topic until it is told to let it go, and then its sequence numbers go too. A load writes to all of its topics all the time, so that none is idle.",
		},
		{
			Key: "metadata.recovery.rebootstrap.trigger.ms", Kind: long(millis, 0, math.MaxInt64), Default: "300000",
			Doc:  "For how long no broker that is known may answer before the bootstrap servers are asked again.",
			Note: "The library (franz-go) asks the bootstrap servers as soon as no other broker answers, and has no such time.",
		},
	}
}

func refreshRows() []Row {
	const why = "The library (franz-go) fetches a token each time it authenticates a connection, and again before the session ends that the broker granted; no thread refreshes it in between."
	return []Row{
		{
			Key: "sasl.login.refresh.window.factor", Kind: Kind{form: fraction, least: 50, most: 100}, Default: "0.8",
			Doc: "The share of a token's life after which the login thread fetches a new one.", Note: why,
		},
		{
			Key: "sasl.login.refresh.window.jitter", Kind: Kind{form: fraction, least: 0, most: 25}, Default: "0.05",
			Doc: "The random share that is added to it, so that many clients do not refresh at once.", Note: why,
		},
		{
			Key: "sasl.login.refresh.min.period.seconds", Kind: Kind{form: wholeShort, unit: seconds, least: 0, most: 900}, Default: "60",
			Doc: "The least time between two refreshes.", Note: why,
		},
		{
			Key: "sasl.login.refresh.buffer.seconds", Kind: Kind{form: wholeShort, unit: seconds, least: 0, most: 3600}, Default: "300",
			Doc: "The time before its end in which a token is to be refreshed at the latest.", Note: why,
		},
	}
}

func kerberosRows() []Row {
	const why = "GSSAPI (Kerberos) is not in franz-go: it needs a Kerberos library and a ticket cache that this program does not carry. Use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER."
	anyFraction := Kind{form: fraction, least: math.MinInt64, most: math.MaxInt64}
	return []Row{
		{
			Key: "sasl.kerberos.service.name", Kind: nullText(),
			Doc: "The Kerberos principal as which the brokers run.", Note: why,
		},
		{
			Key: "sasl.kerberos.kinit.cmd", Kind: Kind{form: freeText}, Default: "/usr/bin/kinit",
			Doc: "The command that gets a Kerberos ticket.", Note: why,
		},
		{
			Key: "sasl.kerberos.min.time.before.relogin", Kind: anyMillis(), Default: "60000",
			Doc: "The least time between two looks at the ticket.", Note: why,
		},
		{
			Key: "sasl.kerberos.ticket.renew.jitter", Kind: anyFraction, Default: "0.05",
			Doc: "The random share that is added to the time of renewal.", Note: why,
		},
		{
			Key: "sasl.kerberos.ticket.renew.window.factor", Kind: anyFraction, Default: "0.8",
			Doc: "The share of a ticket's life after which it is renewed.", Note: why,
		},
	}
}

func assertionRows() []Row {
	const why = "A token is fetched with a client id and secret; the way by a signed assertion is not built yet."
	from := func(key Key, k Kind, def, doc string) Row {
		return Row{Key: key, Kind: k, Default: def, Doc: doc, Note: why, Secret: k.form == password}
	}
	return []Row{
		from("sasl.oauthbearer.assertion.algorithm", Kind{form: choice, words: []string{"RS256", "ES256"}, fold: true}, "RS256",
			"How the assertion that the client signs for the identity provider is signed."),
		from("sasl.oauthbearer.assertion.claim.aud", nullText(), "", "The audience that the assertion names."),
		from("sasl.oauthbearer.assertion.claim.exp.seconds", integer(seconds, 0, 86400), "300", "How long the assertion is valid."),
		from("sasl.oauthbearer.assertion.claim.iss", nullText(), "", "The issuer that the assertion names."),
		from("sasl.oauthbearer.assertion.claim.jti.include", Kind{form: boolean}, "false", "Whether each assertion carries an id of its own."),
		from("sasl.oauthbearer.assertion.claim.nbf.seconds", integer(seconds, 0, 3600), "60", "From how long ago the assertion is valid."),
		from("sasl.oauthbearer.assertion.claim.sub", nullText(), "", "The subject that the assertion names."),
		from("sasl.oauthbearer.assertion.file", nullText(), "", "A file that holds a finished assertion."),
		from("sasl.oauthbearer.assertion.private.key.file", nullText(), "", "A PEM file with the key that signs the assertion."),
		from("sasl.oauthbearer.assertion.private.key.passphrase", nullPassword(), "", "The passphrase of that key."),
		from("sasl.oauthbearer.assertion.template.file", nullText(), "", "A file with claims and headers that the assertion starts from."),
	}
}

func serializerRows() []Row {
	const why = "Serializers are not built yet; the load's bytes are sent as they are (see load.payload and load.keys)."
	return []Row{
		{
			Key: "key.serializer", Kind: nullClass(),
			Doc: "The Java class that turns a record's key into bytes.", Note: why,
		},
		{
			Key: "value.serializer", Kind: nullClass(),
			Doc: "The Java class that turns a record's value into bytes.", Note: why,
		},
	}
}

func transactionRows() []Row {
	const why = "Transactions are not built yet; every record is sent outside of one."
	return []Row{
		{
			Key: TransactionalID, Kind: nullText(),
			Doc:  "The name under which a producer's transactions are known: it can write to several partitions all or nothing, and fences off an older producer of that name.",
			Note: why,
		},
		{
			Key: "transaction.timeout.ms", Kind: integer(millis, math.MinInt32, math.MaxInt32), Default: "60000",
			Doc: "How long a transaction may stay open before its coordinator aborts it.", Note: why,
		},
		{
			Key: "transaction.two.phase.commit.enable", Kind: Kind{form: boolean}, Default: "false",
			Doc:  "Leaves the end of a transaction to an outer coordinator, so that it never times out.",
			Note: why + " franz-go could not ask a broker for this either.",
		},
	}
}
