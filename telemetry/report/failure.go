package report

// cause is what a person should know about one kind of failure.
type cause struct{ class, where, say string }

// The classes of a failure.
const (
	retriable = "retriable"
	fatal     = "fatal"
	unsure    = "unknown"
)

// causes are the failures that a producer meets: Kafka's error names and, in
// the second half, what only the client can tell.
var causes = map[string]cause{
	"NOT_LEADER_OR_FOLLOWER":           {retriable, "broker", "the partition's leader moved; the client asks for the new one and tries again. Normal in an election."},
	"LEADER_NOT_AVAILABLE":             {retriable, "broker", "the partition has no leader at the moment; it is tried again until one is elected or delivery.timeout.ms ends."},
	"UNKNOWN_TOPIC_OR_PARTITION":       {retriable, "metadata", "the broker does not know the topic or partition. Check the name, or create it."},
	"UNKNOWN_TOPIC_ID":                 {fatal, "metadata", "the topic was deleted and made again under the producer. Start a new producer."},
	"NOT_ENOUGH_REPLICAS":              {retriable, "broker", "fewer replicas are in sync than min.insync.replicas asks for; nothing was written. Bring followers back."},
	"NOT_ENOUGH_REPLICAS_AFTER_APPEND": {retriable, "broker", "the leader wrote the batch, then too few replicas were in sync. The retry duplicates it unless idempotence is on."},
	"REQUEST_TIMED_OUT":                {retriable, "broker", "the broker did not get the replicas' word in time; the batch may be in the log. Look at slow followers, or raise request.timeout.ms."},
	"NETWORK_EXCEPTION":                {retriable, "wire", "the broker lost the connection before it answered; the batch may be in the log."},
	"CORRUPT_MESSAGE":                  {retriable, "wire", "the batch's checksum did not match when it arrived. franz-go gives it up at once all the same; the Java producer sends it again."},
	"KAFKA_STORAGE_ERROR":              {retriable, "broker", "the leader's disk failed; another replica will take over."},
	"COORDINATOR_NOT_AVAILABLE":        {retriable, "broker", "the coordinator is not there yet; it is asked again."},
	"COORDINATOR_LOAD_IN_PROGRESS":     {retriable, "broker", "the coordinator is still loading; it is asked again."},
	"NOT_COORDINATOR":                  {retriable, "broker", "the coordinator moved; the client looks for the new one."},
	"CONCURRENT_TRANSACTIONS":          {retriable, "broker", "the last transaction is still being ended; it is tried again."},
	"THROTTLING_QUOTA_EXCEEDED":        {retriable, "broker", "a quota is used up; the client waits and tries again. Raise the quota or lower load.rate."},
	"FENCED_LEADER_EPOCH":              {retriable, "broker", "the client's view of the leader is older than the broker's; it asks again."},
	"UNKNOWN_LEADER_EPOCH":             {retriable, "broker", "the client's view of the leader is newer than the broker's; it asks again."},

	"MESSAGE_TOO_LARGE":                     {fatal, "broker", "the batch is larger than the topic's max.message.bytes after compression. Lower batch.size or the record, or raise the limit."},
	"RECORD_LIST_TOO_LARGE":                 {fatal, "broker", "the batch is larger than the broker's segment. Lower batch.size."},
	"INVALID_RECORD":                        {fatal, "broker", "the broker refused a record of the batch: a compacted topic needs keys, or the timestamp is out of bounds."},
	"INVALID_TIMESTAMP":                     {fatal, "broker", "the record's timestamp is out of the topic's bounds. Check message.timestamp.before.max.ms and the clocks."},
	"INVALID_TOPIC_EXCEPTION":               {fatal, "metadata", "the topic's name is not allowed. Change --topic."},
	"TOPIC_AUTHORIZATION_FAILED":            {fatal, "broker", "the user may not write to the topic. Ask for the WRITE permission on it."},
	"CLUSTER_AUTHORIZATION_FAILED":          {fatal, "broker", "the user may not do this on the cluster; an idempotent producer of old clusters needs IDEMPOTENT_WRITE."},
	"TRANSACTIONAL_ID_AUTHORIZATION_FAILED": {fatal, "broker", "the user may not use this transactional.id."},
	"SASL_AUTHENTICATION_FAILED":            {fatal, "wire", "the broker did not accept the credentials. Check the user, the password and sasl.mechanism."},
	"UNSUPPORTED_SASL_MECHANISM":            {fatal, "wire", "the broker does not speak this sasl.mechanism. Use one that its listener has."},
	"UNSUPPORTED_VERSION":                   {fatal, "broker", "the broker is too old for what the client asks."},
	"UNSUPPORTED_COMPRESSION_TYPE":          {fatal, "broker", "the broker does not know this compression.type. zstd needs Kafka 2.1."},
	"UNSUPPORTED_FOR_MESSAGE_FORMAT":        {fatal, "broker", "the topic's message format is too old for this."},
	"INVALID_REQUIRED_ACKS":                 {fatal, "broker", "the broker does not accept this value of acks."},
	"INVALID_PRODUCER_EPOCH":                {fatal, "broker", "a newer producer with the same id took over. Only one may run."},
	"PRODUCER_FENCED":                       {fatal, "broker", "a newer producer with the same transactional.id took over. Only one may run."},
	"INVALID_TXN_STATE":                     {fatal, "broker", "the transaction is not in a state that allows this."},
	"POLICY_VIOLATION":                      {fatal, "broker", "the cluster's own rules refuse this."},
	"OUT_OF_ORDER_SEQUENCE_NUMBER":          {unsure, "broker", "a batch before this one did not arrive; records may be lost. The producer starts a new epoch."},
	"DUPLICATE_SEQUENCE_NUMBER":             {retriable, "broker", "the broker had this batch already and dropped the repeat: a success, thanks to idempotence."},
	"UNKNOWN_PRODUCER_ID":                   {unsure, "broker", "the broker forgot this producer, mostly since its old records were removed. The producer starts a new epoch."},
	"UNKNOWN_SERVER_ERROR":                  {unsure, "broker", "the broker met an error that it does not name; its log does. The batch may be in the log."},

	"BUFFER_EXHAUSTED":  {fatal, "buffer", "send waited max.block.ms for space in buffer.memory in vain. The brokers take less than is offered: lower load.rate, or raise either."},
	"METADATA_TIMEOUT":  {fatal, "metadata", "send waited max.block.ms for the topic's metadata in vain. Check the topic and that a broker is reachable."},
	"RECORD_TOO_LARGE":  {fatal, "partition", "the record is larger than max.request.size or buffer.memory before compression, so compression does not help. Raise the limit, or send less."},
	"INVALID_PARTITION": {fatal, "partition", "the record names a partition that the topic does not have. Change load.partition, or add partitions."},
	"SERIALIZATION":     {fatal, "serialize", "the record could not be encoded; it never reached the buffer. Check the payload."},
	"DELIVERY_TIMEOUT":  {unsure, "broker", "no verdict within delivery.timeout.ms, retries included. A record that was ever written may be in the log."},
	"RETRIES_EXHAUSTED": {unsure, "broker", "all retries were used up. Leave retries at its default and bound the time by delivery.timeout.ms."},
	"CONNECTION_LOST":   {retriable, "wire", "the connection ended with requests unanswered; they are sent again and may be in the log already."},
	"GARBLED_ANSWER":    {unsure, "wire", "a broker's answer makes no sense, or leaves out what was asked. What it was about is sent again or given up, and may be in the log. Look at what stands in between, and at the broker's own log."},
	"UNREACHABLE":       {retriable, "wire", "no connection to the broker. Check the address, the listener and the network."},
	"PRODUCER_CLOSED":   {unsure, "wire", "the producer was closed before the record had a verdict."},
	"PRODUCER_CRASHED":  {unsure, "wire", "the process died before the record had a verdict: what was in its buffer is gone, what was in flight may be in the log. Only the application can send it again."},
	"CALLED_BACK":       {fatal, "buffer", "the load ended while send still waited, for space or for a producer; the record was not sent."},

	"FAILED_WITH_NEIGHBOUR": {
		unsure, "buffer",
		"no broker refused this record: franz-go fails everything that waits for a partition together with the first batch that fails, so that no gap is left. The Java client fails that batch alone. The failure beside this one is the cause.",
	},
	otherKind: {unsure, "broker", "more kinds of failure than are told apart."},
}

// otherKind counts what does not fit the table of failures.
const otherKind = "OTHER"

// Explain says of a failure, by Kafka's error name or one of kdyno's own for
// the client's side, its class (retriable, fatal or unknown), where a record
// meets it, and one or two sentences on what happened and what to change.
func Explain(code string) (class, where, say string) {
	if c, known := causes[code]; known {
		return c.class, c.where, c.say
	}
	return unsure, "broker", "the broker answered " + code + "; Kafka's documentation names it, kdyno does not know it yet."
}
