// Package setting is the table of everything that can be set, in Kafka's own
// words: one row per setting of the producer, the load and the stand. Editor,
// checks, presets, reports and docs all read these rows. It knows no Kafka
// client and touches no network. All of its types are immutable and safe for
// any goroutine.
package setting

// Key is a setting's name, as Kafka spells it.
type Key string

// The keys of the producer scope, named as the Java producer names them.
const (
	BootstrapServers      Key = "bootstrap.servers"
	ClientID              Key = "client.id"
	Acks                  Key = "acks"
	EnableIdempotence     Key = "enable.idempotence"
	MaxInFlight           Key = "max.in.flight.requests.per.connection"
	Retries               Key = "retries"
	RetryBackoffMs        Key = "retry.backoff.ms"
	RetryBackoffMaxMs     Key = "retry.backoff.max.ms"
	RequestTimeoutMs      Key = "request.timeout.ms"
	DeliveryTimeoutMs     Key = "delivery.timeout.ms"
	LingerMs              Key = "linger.ms"
	BatchSize             Key = "batch.size"
	MaxRequestSize        Key = "max.request.size"
	CompressionType       Key = "compression.type"
	BufferMemory          Key = "buffer.memory"
	MaxBlockMs            Key = "max.block.ms"
	PartitionerClass      Key = "partitioner.class"
	PartitionerIgnoreKeys Key = "partitioner.ignore.keys"
	PartitionerAdaptive   Key = "partitioner.adaptive.partitioning.enable"
	PartitionerTimeoutMs  Key = "partitioner.availability.timeout.ms"
	SendBufferBytes       Key = "send.buffer.bytes"
	ReceiveBufferBytes    Key = "receive.buffer.bytes"
	MetadataMaxAgeMs      Key = "metadata.max.age.ms"
	ConnectionsMaxIdleMs  Key = "connections.max.idle.ms"

	CompressionGzipLevel      Key = "compression.gzip.level"
	CompressionLz4Level       Key = "compression.lz4.level"
	CompressionZstdLevel      Key = "compression.zstd.level"
	ClientDNSLookup           Key = "client.dns.lookup"
	SocketSetupTimeoutMs      Key = "socket.connection.setup.timeout.ms"
	SocketSetupTimeoutMaxMs   Key = "socket.connection.setup.timeout.max.ms"
	ReconnectBackoffMs        Key = "reconnect.backoff.ms"
	ReconnectBackoffMaxMs     Key = "reconnect.backoff.max.ms"
	MetadataRecoveryStrategy  Key = "metadata.recovery.strategy"
	EnableMetricsPush         Key = "enable.metrics.push"
	SecurityProtocol          Key = "security.protocol"
	SSLTruststoreLocation     Key = "ssl.truststore.location"
	SSLTruststorePassword     Key = "ssl.truststore.password"
	SSLTruststoreType         Key = "ssl.truststore.type"
	SSLTruststoreCertificates Key = "ssl.truststore.certificates"
	SSLKeystoreLocation       Key = "ssl.keystore.location"
	SSLKeystorePassword       Key = "ssl.keystore.password"
	SSLKeystoreType           Key = "ssl.keystore.type"
	SSLKeystoreKey            Key = "ssl.keystore.key"
	SSLKeystoreChain          Key = "ssl.keystore.certificate.chain"
	SSLKeyPassword            Key = "ssl.key.password"
	SSLEndpointIdentification Key = "ssl.endpoint.identification.algorithm"
	SSLEnabledProtocols       Key = "ssl.enabled.protocols"
	SSLProtocol               Key = "ssl.protocol"
	SSLCipherSuites           Key = "ssl.cipher.suites"
	SASLMechanism             Key = "sasl.mechanism"
	SASLJaasConfig            Key = "sasl.jaas.config"
	OAuthTokenURL             Key = "sasl.oauthbearer.token.endpoint.url"
	OAuthScope                Key = "sasl.oauthbearer.scope"
	OAuthClientID             Key = "sasl.oauthbearer.client.credentials.client.id"
	OAuthClientSecret         Key = "sasl.oauthbearer.client.credentials.client.secret"
	OAuthHeaderURLEncode      Key = "sasl.oauthbearer.header.urlencode"
	OAuthHandlerClass         Key = "sasl.login.callback.handler.class"
	LoginConnectTimeoutMs     Key = "sasl.login.connect.timeout.ms"
	LoginReadTimeoutMs        Key = "sasl.login.read.timeout.ms"
	LoginRetryBackoffMs       Key = "sasl.login.retry.backoff.ms"
	LoginRetryBackoffMaxMs    Key = "sasl.login.retry.backoff.max.ms"
	TransactionalID           Key = "transactional.id"
)

// The keys of the other scopes.
const (
	LoadRate           Key = "load.rate"
	LoadSenders        Key = "load.senders"
	LoadSend           Key = "load.send"
	LoadRecordBytes    Key = "load.record.bytes"
	LoadPayload        Key = "load.payload"
	LoadKeys           Key = "load.keys"
	LoadSeed           Key = "load.seed"
	StandBrokers       Key = "stand.brokers"
	StandPartitions    Key = "stand.partitions"
	StandLinkJitter    Key = "stand.link.jitter"
	StandLinkBandwidth Key = "stand.link.bandwidth"
	StandLinkRTT       Key = "stand.link.rtt"

	StandMessageMaxBytes Key = "stand.message.max.bytes"
	StandRetentionBytes  Key = "stand.retention.bytes"
	StandQuotaBytes      Key = "stand.quota.bytes"
)
