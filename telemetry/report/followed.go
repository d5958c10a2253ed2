package report

// Outcome is what became of a record.
type Outcome string

// The outcomes of a record.
const (
	OnItsWay Outcome = "on its way"
	Acked    Outcome = "acked"
	Failed   Outcome = "failed"  // for certain not written
	Unknown  Outcome = "unknown" // written, and never answered
	Refused  Outcome = "refused" // send failed
)

// Followed is one record that a step sent, and what it met at each station. What
// it never came to is absent or null.
type Followed struct {
	AtS     float64  `json:"at_s"` // when it was due
	Key     *string  `json:"key"`  // null: it had none
	Topic   string   `json:"topic"`
	Headers []string `json:"headers,omitempty"` // name=value
	Bytes   int      `json:"bytes"`             // key, value and headers

	Partition *int32 `json:"partition"`
	Why       string `json:"why,omitempty"`    // it went to this partition
	Broker    *int32 `json:"broker,omitempty"` // that leads it

	BatchRecord  int    `json:"batch_record,omitempty"` // its number in its batch, from 1
	BatchRecords int    `json:"batch_records,omitempty"`
	BatchBytes   int    `json:"batch_bytes,omitempty"`
	BatchClosed  string `json:"batch_closed,omitempty"` // full, linger, with_others, flush, memory
	ProducerID   *int64 `json:"producer_id,omitempty"`
	Epoch        *int16 `json:"epoch,omitempty"`
	Sequence     *int32 `json:"sequence,omitempty"`

	Tries         int                 `json:"tries"`                    // its batch was written so often
	Offset        *int64              `json:"offset"`                   // null with acks=0, where nobody tells
	Timestamp     *int64              `json:"timestamp"`                // milliseconds since 1970, as the log has it
	TimestampType string              `json:"timestamp_type,omitempty"` // LogAppendTime: the broker's, whatever the record said
	Stages        map[string]*float64 `json:"stages"`                   // milliseconds; as Interval.Stages
	LatencyMs     *float64            `json:"latency_ms"`
	Outcome       Outcome             `json:"outcome"`
	Error         *Reason             `json:"error,omitempty"`
}

// Reason is why a record ended without an acknowledgement.
type Reason struct {
	Kind  string `json:"kind"`
	Where string `json:"where"`
	Say   string `json:"say"`
}

// NewReason explains a kind of failure.
func NewReason(kind string) *Reason {
	_, where, say := Explain(kind)
	return &Reason{Kind: kind, Where: where, Say: say}
}

// Crash is one death of the producer.
type Crash struct {
	AtS      float64 `json:"at_s"`
	InBuffer int64   `json:"in_buffer"` // records that were never written, or certainly not taken: failed
	InFlight int64   `json:"in_flight"` // records of which nobody knows whether they are in the log: unknown

	RestartedS *float64 `json:"restarted_s,omitempty"`
	Resent     int64    `json:"resent"` // records that the application sent again after the restart
}
