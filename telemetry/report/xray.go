package report

import "kdyno/engine/setting"

// XraySchema names the version of the words of `kdyno xray --json`.
const XraySchema = "kdyno.xray/1"

// Xray is what other people's producers did on the stand.
type Xray struct {
	Schema   string  `json:"schema"`
	Version  string  `json:"version"`
	Started  string  `json:"started"` // RFC 3339
	ElapsedS float64 `json:"elapsed_s"`
	Cluster  Cluster `json:"cluster"`
	Ports    []Port  `json:"ports"`
	Topics   []Topic `json:"topics"`

	Clients []Client `json:"clients"` // that produced, or asked for a producer id; the first to do so first
	Others  []Other  `json:"others"`  // that came and did neither
	// Passed counts requests that are newer than what is known here and passed
	// unread, by name and version.
	Passed map[string]int64 `json:"passed_unread"`
	Faults []Fault          `json:"faults"`
	Events []Event          `json:"events"`
}

// Port is where clients find a broker; -1 is any of them.
type Port struct {
	Broker  int32  `json:"broker"`
	Address string `json:"address"`
	Behind  string `json:"behind,omitempty"` // of a real cluster, where it leads to
}

// Other is a client that did not produce.
type Other struct {
	ClientID    string `json:"client_id"`
	Software    string `json:"software"`
	Release     string `json:"software_version"`
	Address     string `json:"address"`
	Connections int    `json:"connections"`
}

// Client is one producer: all connections of one client.id and software from one
// host. Times are by the records' own timestamps and this machine's clock.
type Client struct {
	Other

	Acks            string `json:"acks"`
	Idempotent      bool   `json:"idempotent"`
	TransactionalID string `json:"transactional_id"`
	Codec           string `json:"codec"`

	Requests    int64            `json:"requests"`
	InFlightMax int64            `json:"in_flight_max"` // on one connection
	Retries     int64            `json:"retries"`       // batches written again; without idempotence a guess
	Errors      map[string]int64 `json:"errors"`        // answers by partition, by Kafka's name

	Records int64 `json:"records"` // acknowledged, each once; with acks=0 those that came
	Bytes   int64 `json:"bytes"`   // of their batches on the wire
	Batches int64 `json:"batches"`

	RecordsPerBatch   *float64 `json:"records_per_batch"`
	BytesPerBatch     *float64 `json:"bytes_per_batch"`
	RecordsPerRequest *float64 `json:"records_per_request"` // repeats included
	BatchOpenMeanMs   *float64 `json:"batch_open_mean_ms"`  // from its first record to its last
	BatchWaitMeanMs   *float64 `json:"batch_wait_mean_ms"`  // from its last record until it came
	AnswerMeanMs      *float64 `json:"answer_mean_ms"`      // from coming to its answer leaving
	RecordsPerS       float64  `json:"records_per_s"`       // acknowledged, while it was connected
	// LimitedBy is as Rate has it; load is the application, which sends no more, and
	// generator its client, whose batches wait though nothing on the wire holds them.
	LimitedBy  string             `json:"limited_by,omitempty"`
	Evidence   map[string]float64 `json:"evidence,omitempty"`
	ThrottleMs float64            `json:"throttle_ms"`

	Partitions []Share `json:"partitions"`
	Skew       float64 `json:"skew,omitempty"` // busiest partition by the mean of all

	Guarantee setting.Guarantee   `json:"guarantee"`
	Inferred  map[string]Inferred `json:"inferred"` // by setting

	// Came is how many records came, each counted once; what of them is neither
	// acknowledged nor refused for good was in flight, or lost.
	Came         int64         `json:"came"`
	Transactions *Transactions `json:"transactions,omitempty"`
	// RetriesSure tells that retries are told by sequence numbers.
	RetriesSure bool `json:"retries_exact"`
	// Producers is how many seem to share the name at once.
	Producers int `json:"producers"`
	// Notes are what to know of the figures.
	Notes []string `json:"notes,omitempty"`
}

// Transactions are those that were ended.
type Transactions struct {
	Committed int64 `json:"committed"`
	Aborted   int64 `json:"aborted"`
	TimeoutMs int32 `json:"timeout_ms"`
}

// Share is one partition's part of a client's records.
type Share struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Records   int64  `json:"records"`
	Bytes     int64  `json:"bytes"`
}

// Sure says how sure an inference is.
type Sure string

// The degrees of sureness.
const (
	Exact    Sure = "exact"    // the wire says so
	Bound    Sure = "bound"    // it is at least that
	Estimate Sure = "estimate" // it looks like that
)

// Inferred is what a setting must be.
type Inferred struct {
	Value   string `json:"value"` // as Kafka prints it
	Sure    Sure   `json:"sure"`
	Because string `json:"because"`
	// Likely is the value that is meant, where the wire only bounds it.
	Likely string `json:"likely,omitempty"`
}
