package setting

// The places where most rules can be read.
const (
	idempotenceSource = "KIP-98, KIP-679; ProducerConfig.postProcessAndValidateIdempotenceConfigs"
	sslSource         = "KIP-651; DefaultSslEngineFactory"
	documentation     = "Kafka documentation, producer configs: "
	topicSource       = "Kafka documentation, topic configs: "
	ownSource         = "kdyno"
)

// rules are ordered by weight, errors first.
//
// A fix only ever lowers batch.size and load.record.bytes, and only ever raises
// the limits around them, so that fixes applied one after the other, in any
// order, cannot chase each other in a circle.
var rules = []rule{
	{idempotenceNeedsAcks, []Key{EnableIdempotence, Acks}, "enable.idempotence=true needs acks=all.", idempotenceSource, everyClient},
	{idempotenceNeedsRetries, []Key{EnableIdempotence, Retries}, "enable.idempotence=true needs retries above 0.", idempotenceSource, everyClient},
	{
		idempotenceNeedsFewInFlight,
		[]Key{MaxInFlight, EnableIdempotence},
		"Idempotence, on by default, allows at most 5 requests in flight.", idempotenceSource, everyClient,
	},
	{transactionNeedsIdempotence, []Key{TransactionalID, EnableIdempotence}, "transactional.id needs idempotence.", idempotenceSource, everyClient},
	{transactionalIDEmpty, []Key{TransactionalID}, "transactional.id is not empty where it is set.", "ProducerConfig, ConfigDef.NonEmptyString", theJavaClient},
	{
		twoPhaseHasNoTimeout,
		[]Key{TransactionTimeoutMs, TransactionTwoPhase},
		"transaction.timeout.ms is not set together with transaction.two.phase.commit.enable=true.", "KIP-939; ProducerConfig", theJavaClient,
	},
	{
		deliveryTimeoutTooShort,
		[]Key{DeliveryTimeoutMs, LingerMs, RequestTimeoutMs},
		"delivery.timeout.ms is at least linger.ms + request.timeout.ms.", "KIP-91; KafkaProducer.configureDeliveryTimeout", theJavaClient,
	},
	{batchBeyondBuffer, []Key{BatchSize, BufferMemory}, "batch.size is at most buffer.memory.", "BufferPool.allocate", theJavaClient},
	{
		partitionsNotThere,
		[]Key{PartitionerClass, StandPartitions},
		"The topic has every partition that partitioner.class names, and one for the keys that it does not name.", ownSource, theJavaClient,
	},
	{
		limitOfARealCluster,
		embeddedOnly,
		"The limits of the embedded brokers are not set for a real cluster.", ownSource, theJavaClient,
	},
	{
		idempotenceQuietlyOff,
		[]Key{EnableIdempotence, Acks, Retries},
		"acks=all and retries above 0, else idempotence is quietly left off.", idempotenceSource + "; KAFKA-13673", theJavaClient,
	},
	{
		deliveryTimeoutQuietlyRaised,
		[]Key{DeliveryTimeoutMs, LingerMs, RequestTimeoutMs},
		"linger.ms + request.timeout.ms is at most 120 s, else the default of delivery.timeout.ms is quietly raised.",
		"KIP-91; KafkaProducer.configureDeliveryTimeout", theJavaClient,
	},
	{
		reconnectBackoffFollows,
		[]Key{ReconnectBackoffMaxMs, ReconnectBackoffMs},
		"reconnect.backoff.max.ms is set where reconnect.backoff.ms is, else it is quietly made the same.",
		"KIP-144; CommonClientConfigs.postProcessReconnectBackoffConfigs", theJavaClient,
	},
	{addressTwice, []Key{BootstrapServers}, "Each address of bootstrap.servers stands there once.", "KIP-1161; ConfigDef.ValidList", theJavaClient},
	{retriesWithoutAnswer, []Key{Acks, Retries}, "With acks=0 retries mean nothing.", documentation + "acks", theJavaClient},
	{
		retriesMayReorder,
		[]Key{MaxInFlight, Retries, EnableIdempotence},
		"Without idempotence, retries with more than one request in flight may change the order of a partition's records.",
		documentation + "max.in.flight.requests.per.connection", theJavaClient,
	},
	{requestTimeoutBelowRTT, []Key{RequestTimeoutMs}, "request.timeout.ms is above a round trip.", documentation + "request.timeout.ms", theJavaClient},
	{requestTimeoutBelowTail, []Key{RequestTimeoutMs}, "request.timeout.ms is above the p99.9 of the answers, as it is measured.", documentation + "request.timeout.ms", theJavaClient},
	{
		requestTimeoutBelowLag,
		[]Key{RequestTimeoutMs},
		"request.timeout.ms is not below the brokers' replica.lag.time.max.ms.", documentation + "request.timeout.ms", theJavaClient,
	},
	{
		retryBackoffsCross,
		[]Key{RetryBackoffMs, RetryBackoffMaxMs},
		"retry.backoff.ms is at most retry.backoff.max.ms, else that is the pause.",
		"KIP-580; CommonClientConfigs.warnDisablingExponentialBackoff, ExponentialBackoff", theJavaClient,
	},
	{
		reconnectBackoffsCross,
		[]Key{ReconnectBackoffMs, ReconnectBackoffMaxMs},
		"reconnect.backoff.ms is at most reconnect.backoff.max.ms, else that is the pause.", "KIP-144; ExponentialBackoff", theJavaClient,
	},
	{
		setupTimeoutsCross,
		[]Key{SocketSetupTimeoutMs, SocketSetupTimeoutMaxMs},
		"socket.connection.setup.timeout.ms is at most socket.connection.setup.timeout.max.ms, else that is the time.",
		"KIP-601; CommonClientConfigs.warnDisablingExponentialBackoff", theJavaClient,
	},
	{recordTooLarge, []Key{LoadRecordBytes, MaxRequestSize}, "A record fits into max.request.size, before it is compressed.", "KafkaProducer.ensureValidRecordSize", theJavaClient},
	{recordBeyondBuffer, []Key{LoadRecordBytes, BufferMemory}, "A record fits into buffer.memory.", "KafkaProducer.ensureValidRecordSize", theJavaClient},
	{recordBeyondBroker, []Key{LoadRecordBytes}, "A record's batch, as it is compressed, fits into the broker's message.max.bytes.", topicSource + "max.message.bytes", theJavaClient},
	{batchBeyondRequest, []Key{BatchSize, MaxRequestSize}, "batch.size is at most max.request.size.", documentation + "max.request.size", theJavaClient},
	{batchBeyondBroker, []Key{BatchSize}, "batch.size is at most the broker's message.max.bytes.", "KIP-126; " + topicSource + "max.message.bytes", theJavaClient},
	{levelOfAnotherCodec, []Key{CompressionGzipLevel, CompressionLz4Level, CompressionZstdLevel, CompressionType}, "A compression level is that of compression.type.", "KIP-390", theJavaClient},
	{quotaBelowLoad, []Key{StandQuotaBytes, LoadRate}, "The brokers' quotas together take what the load offers.", "KIP-13, KIP-219", theJavaClient},
	{retentionBeyondMemory, []Key{StandRetentionBytes, StandPartitions}, "The logs of the embedded brokers fit into this process.", ownSource, theJavaClient},
	{bufferBelowPartitions, []Key{BufferMemory, BatchSize}, "buffer.memory holds one batch of batch.size for each partition that is written.", "RecordAccumulator.append", theJavaClient},
	{
		availabilityUnused,
		[]Key{PartitionerTimeoutMs, PartitionerAdaptive, PartitionerClass},
		"partitioner.availability.timeout.ms needs adaptive partitioning.", "KIP-794", theJavaClient,
	},
	{keysIgnoredByOthers, []Key{PartitionerIgnoreKeys, PartitionerClass}, "partitioner.ignore.keys concerns the built-in partitioner alone.", "KIP-794", theJavaClient},
	{allMeansOne, []Key{Acks}, "acks=all wants min.insync.replicas of 2 or more.", topicSource + "min.insync.replicas", theJavaClient},
	{noSpareReplica, []Key{Acks}, "min.insync.replicas is below the replication factor.", topicSource + "min.insync.replicas", theJavaClient},
	{
		transactionLogBeyondBrokers,
		[]Key{TransactionalID},
		"transaction.state.log.replication.factor is at most the number of brokers.",
		"Kafka documentation, broker configs: transaction.state.log.replication.factor", theJavaClient,
	},
	{
		transactionTimeoutBeyondBroker,
		[]Key{TransactionTimeoutMs},
		"transaction.timeout.ms is at most the brokers' transaction.max.timeout.ms.",
		documentation + "transaction.timeout.ms", theJavaClient,
	},
	{socketBufferTooSmall, []Key{SendBufferBytes}, "send.buffer.bytes holds bandwidth times round trip.", "RFC 7323, section 1.1", theJavaClient},
	{oneBootstrapServer, []Key{BootstrapServers}, "bootstrap.servers names two hosts or more.", documentation + "bootstrap.servers", theJavaClient},
	{namelessClient, []Key{ClientID}, "client.id is set.", documentation + "client.id; KIP-55", theJavaClient},

	{
		loginNeedsCredentials,
		[]Key{SASLJaasConfig, SecurityProtocol},
		"A login needs sasl.jaas.config.", "KIP-85; JaasContext", theJavaClient,
	},
	{loginNeedsMechanism, []Key{SASLMechanism, SecurityProtocol}, "GSSAPI is not possible with this client.", ownSource, ourOwn},
	{
		mechanismNeedsItsModule,
		[]Key{SASLMechanism, SASLJaasConfig},
		"The login module in sasl.jaas.config serves sasl.mechanism.", "Kafka documentation, security: SASL", theJavaClient,
	},
	{trustTextNeedsPEM, []Key{SSLTruststoreType, SSLTruststoreCertificates}, "ssl.truststore.certificates needs ssl.truststore.type=PEM.", sslSource, theJavaClient},
	{keyTextNeedsPEM, []Key{SSLKeystoreType, SSLKeystoreKey}, "ssl.keystore.key needs ssl.keystore.type=PEM.", sslSource, theJavaClient},
	{oneTruststore, []Key{SSLTruststoreLocation, SSLTruststoreCertificates}, "Trusted certificates come from a file or from the text, not from both.", sslSource, theJavaClient},
	{oneKeystore, []Key{SSLKeystoreLocation, SSLKeystoreKey}, "The key comes from a file or from the text, not from both.", sslSource, theJavaClient},
	{keyNeedsChain, []Key{SSLKeystoreKey, SSLKeystoreChain}, "ssl.keystore.key and ssl.keystore.certificate.chain go together.", sslSource, theJavaClient},
	{
		securityUnused,
		[]Key{SSLTruststoreLocation, SSLTruststoreCertificates, SSLKeystoreLocation, SSLKeystoreKey, SASLJaasConfig, SecurityProtocol},
		"Stores and logins are used by the security.protocol that is set.", documentation + "security.protocol", theJavaClient,
	},
	{passwordInTheClear, []Key{SecurityProtocol, SASLMechanism}, "PLAIN goes through TLS.", "Kafka documentation, security: SASL/PLAIN", theJavaClient},
	{portOfAnotherProtocol, []Key{SecurityProtocol, BootstrapServers}, "The port is one that is customary for security.protocol: 9092 plaintext, 9093 and 9094 TLS.", documentation + "security.protocol", theJavaClient},
}
