package setting

// Severity says whether a problem stops a run.
type Severity string

// The severities of a problem.
const (
	Error   Severity = "error"   // the Java client refuses it, and so do we
	Warning Severity = "warning" // allowed, and worth knowing
)

// Problem is something wrong with several values together, with its cure as data.
type Problem struct {
	Severity Severity       `json:"severity"`
	Keys     []Key          `json:"keys"`
	Say      string         `json:"say"`           // one sentence
	Why      string         `json:"why,omitempty"` // what would happen
	Fix      map[Key]string `json:"fix,omitempty"` // applied together; empty where no single cure exists
	// Source is where it can be read: a KIP, a class of Kafka's, its documentation.
	Source string `json:"source,omitempty"`
	// Everywhere says that other clients than Java's refuse it, too, where they can
	// do the thing at all.
	Everywhere bool `json:"-"`
}

// Difference is a value that the producer does not honour as asked.
type Difference struct {
	Key       Key    `json:"key"`
	Asked     string `json:"asked"`
	Effective string `json:"effective"`
	Why       string `json:"why"`
}

// Guarantee is what a configuration promises about delivery, in Kafka's words.
type Guarantee struct {
	Name     string   `json:"name"`
	Because  []string `json:"because"`
	BrokenBy []string `json:"broken_by"`
}

// Facts are what is known of the cluster and topic; zero means unknown.
type Facts struct {
	Brokers         int
	Partitions      int // of all topics written
	FewestInTopic   int // partitions of the topic that has the fewest
	Replication     int // the smallest of the topics written
	MinInsync       int
	MaxMessageBytes int64
	RTTMs           float64 // of the network alone
	TailMs          float64 // p99.9 of a produce request's answer, as it was measured
	Version         string

	// Of the brokers' own settings.
	ReplicaLagMs           int64 // replica.lag.time.max.ms
	TransactionReplication int   // transaction.state.log.replication.factor
	TransactionMaxMs       int64 // transaction.max.timeout.ms
}
