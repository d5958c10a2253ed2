package report

// whose names the party that has to act where that is not plain from the place
// at which a record meets the failure.
var whose = map[string]string{
	"MESSAGE_TOO_LARGE":                     "the settings: producer and topic disagree on a size",
	"RECORD_LIST_TOO_LARGE":                 "the settings: producer and broker disagree on a size",
	"RECORD_TOO_LARGE":                      "the application, or a limit of the producer that is too low for its records",
	"INVALID_RECORD":                        "the application: the topic does not take such records",
	"INVALID_TIMESTAMP":                     "the application's clock, or the topic's bounds",
	"INVALID_TOPIC_EXCEPTION":               "the application: the name",
	"TOPIC_AUTHORIZATION_FAILED":            "the user's rights",
	"CLUSTER_AUTHORIZATION_FAILED":          "the user's rights",
	"TRANSACTIONAL_ID_AUTHORIZATION_FAILED": "the user's rights",
	"SASL_AUTHENTICATION_FAILED":            "the credentials",
	"UNSUPPORTED_SASL_MECHANISM":            "the settings: the listener has another mechanism",
	"INVALID_REQUIRED_ACKS":                 "the settings",
	"INVALID_PRODUCER_EPOCH":                "a second producer with the same id",
	"PRODUCER_FENCED":                       "a second producer with the same id",
	"THROTTLING_QUOTA_EXCEEDED":             "the load, or a quota that is too low for it",
	"BUFFER_EXHAUSTED":                      "the load, or brokers that take less than it",
	"DELIVERY_TIMEOUT":                      "the cluster, or a delivery.timeout.ms that is too short for its bad days",
	"RETRIES_EXHAUSTED":                     "the settings: retries ends before the trouble does",
	"CALLED_BACK":                           "nobody: the load was ended",
	"PRODUCER_CLOSED":                       "nobody: the producer was ended",
	"PRODUCER_CRASHED":                      "the crash that was asked for",
	"FAILED_WITH_NEIGHBOUR":                 "the client: franz-go fails what waits behind a batch along with it",
	"NOT_LEADER_OR_FOLLOWER":                "nobody: leaders move",
	"DUPLICATE_SEQUENCE_NUMBER":             "nobody: a repeat was dropped, as it should be",
}

// parties are whose a failure is by the place at which it is met.
var parties = map[string]string{
	"serialize": "the application",
	"partition": "the application",
	"metadata":  "the topic's name, or the cluster",
	"buffer":    "this producer",
	"wire":      "the network, or a broker",
	"broker":    "the cluster",
}

// Whose says in a few words whose fault a kind of failure is: who has to act.
func Whose(kind string) string {
	if who, known := whose[kind]; known {
		return who
	}
	_, where, _ := Explain(kind)
	return parties[where]
}
