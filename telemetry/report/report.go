// Package report holds the words of kdyno.report/1 as plain structs: what
// `kdyno run --json` prints and what the screen draws. It measures nothing.
//
// A field that is not measured is absent from the JSON; a percentile that has
// too few samples is null. Times are milliseconds, sizes are bytes on the wire
// (after compression) unless the name says raw.
package report

import (
	"time"

	"kdyno/engine/setting"
)

// Schema names the version of the report's words.
const Schema = "kdyno.report/1"

// Report is one session, from its start to now or to its end.
type Report struct {
	Schema   string  `json:"schema"`
	Version  string  `json:"version"`
	Started  string  `json:"started"` // RFC 3339
	ElapsedS float64 `json:"elapsed_s"`
	DrainS   float64 `json:"drain_s"`
	WarmupS  float64 `json:"warmup_s"`

	Cluster     Cluster              `json:"cluster"`
	Topics      []Topic              `json:"topics"`
	Settings    map[string]string    `json:"settings"`
	Effective   map[string]string    `json:"effective"`
	Differences []setting.Difference `json:"differences"`
	Guarantee   setting.Guarantee    `json:"guarantee"`
	Problems    []setting.Problem    `json:"problems"`

	Interval

	Partitions   []Partition   `json:"partitions"`
	Brokers      []Broker      `json:"brokers"`
	Skew         float64       `json:"skew,omitempty"` // busiest partition by the mean of all
	Clocks       *Clocks       `json:"clocks,omitempty"`
	Idempotence  *Idempotence  `json:"idempotence,omitempty"`
	Failures     []Failure     `json:"failures"`
	Runs         []Run         `json:"runs"`
	Events       []Event       `json:"events"`
	Faults       []Fault       `json:"faults,omitempty"`
	Followed     []Followed    `json:"followed,omitempty"` // in the order in which they were sent
	Crashes      []Crash       `json:"crashes,omitempty"`
	Visible      *Visible      `json:"visible,omitempty"` // only under audit
	Audit        *Audit        `json:"audit,omitempty"`   // once it has a verdict
	Expectations []Expectation `json:"expectations,omitempty"`
	Self         Self          `json:"self"`
}

// Interval is what is measured over any stretch of time: the whole session,
// the last five seconds, or one line of --every.
type Interval struct {
	Records  Records           `json:"records"`
	Rate     Rate              `json:"rate"`
	Latency  Latency           `json:"latency"`
	Stages   map[string]*Stage `json:"stages"` // by StageNames; nil where it cannot be measured
	Batches  Batches           `json:"batches"`
	Requests Requests          `json:"requests"`
	Buffer   Buffer            `json:"buffer"`
}

// StageNames are the stages of a record's latency in the order in which it
// passes them; their means add up to the mean latency.
var StageNames = []string{
	"schedule_lag", "serialize", "blocked", "swap", "batching", "slot_wait", "network", "retry", "callback",
}

// Cluster says what stands behind the producer.
type Cluster struct {
	Kind      string `json:"kind"` // embedded or real
	Brokers   int    `json:"brokers"`
	Version   string `json:"version,omitempty"`
	ID        string `json:"id,omitempty"`
	Simulated bool   `json:"simulated"`
}

// Topic is what of a topic changes the meaning of a figure.
type Topic struct {
	Name            string `json:"name"`
	Partitions      int    `json:"partitions"`
	Replication     int    `json:"replication,omitempty"`
	MinInsync       int    `json:"min_insync,omitempty"`
	Compression     string `json:"compression,omitempty"`
	TimestampType   string `json:"timestamp_type,omitempty"`
	MaxMessageBytes int64  `json:"max_message_bytes,omitempty"`
}

// Records counts records. due = sent + waiting; sent = accepted + refused +
// blocked; accepted = acked + failed + unknown + in_buffer.
type Records struct {
	Due      int64 `json:"due"`
	Waiting  int64 `json:"waiting"` // due, send not yet called
	Sent     int64 `json:"sent"`
	Refused  int64 `json:"refused"` // send failed: buffer, metadata, size
	Blocked  int64 `json:"blocked"` // still inside send
	Accepted int64 `json:"accepted"`
	Acked    int64 `json:"acked"`
	Failed   int64 `json:"failed"`  // for certain not written
	Unknown  int64 `json:"unknown"` // written, and never answered
	InBuffer int64 `json:"in_buffer"`

	// Of a whole session only: sent again by a caller that would not wait, and
	// not delivered to one that forgets what it sent.
	ResentByApplication *int64 `json:"resent_by_application,omitempty"`
	NeverTold           *int64 `json:"never_told,omitempty"`
}

// Rate is what was reached after the warm-up, and what held it there.
type Rate struct {
	RecordsPerS float64            `json:"records_per_s"` // acknowledged
	BytesPerS   float64            `json:"bytes_per_s"`   // acknowledged, keys and values before compression
	OfferedPerS float64            `json:"offered_per_s"`
	LimitedBy   string             `json:"limited_by"` // load, generator, cpu, buffer, in_flight, broker, link or quota
	Evidence    map[string]float64 `json:"evidence"`
}

// Latency is acknowledgement minus due time.
type Latency struct {
	Mode            string   `json:"mode"` // open or closed
	Count           int64    `json:"count"`
	MeanMs          *float64 `json:"mean_ms"`
	MinMs           *float64 `json:"min_ms"`
	P50Ms           *float64 `json:"p50_ms"`
	P90Ms           *float64 `json:"p90_ms"`
	P99Ms           *float64 `json:"p99_ms"`
	P999Ms          *float64 `json:"p999_ms"`
	P9999Ms         *float64 `json:"p9999_ms"`
	MaxMs           *float64 `json:"max_ms"`
	LongestAckGapMs *float64 `json:"longest_ack_gap_ms,omitempty"`

	// Uncorrected counts from the call of send, whenever the record was due: what
	// a stand would show that lets a stalled producer stall its own load. Absent
	// without records.
	Uncorrected *Uncorrected `json:"uncorrected,omitempty"`
	// P99GoesTo is each stage's share (0 to 1, together 1) of the time of the
	// records that took as long as the p99 or longer, a tenth of it earlier at
	// most; absent where there is no p99.
	P99GoesTo map[string]float64 `json:"p99_goes_to,omitempty"`
}

// Uncorrected is latency from the call of send.
type Uncorrected struct {
	P50Ms *float64 `json:"p50_ms"`
	P99Ms *float64 `json:"p99_ms"`
}

// Stage is one part of the latency.
type Stage struct {
	MeanMs *float64 `json:"mean_ms"`
	MinMs  *float64 `json:"min_ms"`
	P50Ms  *float64 `json:"p50_ms"`
	P99Ms  *float64 `json:"p99_ms"`
	MaxMs  *float64 `json:"max_ms"`
}

// Batches are the record batches that were acknowledged.
type Batches struct {
	Count            int64            `json:"count"`
	RecordsMean      *float64         `json:"records_mean"`
	BytesMean        *float64         `json:"bytes_mean"`
	RawBytesMean     *float64         `json:"raw_bytes_mean"`
	FillMean         *float64         `json:"fill_mean"` // raw bytes by batch.size
	CompressionRatio *float64         `json:"compression_ratio"`
	OpenMeanMs       *float64         `json:"open_mean_ms,omitempty"`
	QueueMeanMs      *float64         `json:"queue_mean_ms,omitempty"` // opened to first written
	Closed           map[string]int64 `json:"closed,omitempty"`        // full, linger, with_others, flush, memory
}

// Requests are the produce requests, as the tap saw them.
type Requests struct {
	Count        int64            `json:"count"`
	BytesMean    *float64         `json:"bytes_mean"`
	InFlightMean *float64         `json:"in_flight_mean"`
	InFlightMax  int64            `json:"in_flight_max"`
	Retries      int64            `json:"retries"` // batches written again
	Errors       map[string]int64 `json:"errors"`  // answers per partition, by Kafka's name
	ThrottleMs   float64          `json:"throttle_ms"`

	RecordsMean    *float64 `json:"records_mean,omitempty"`   // per request, repeats included
	RecordsRetried int64    `json:"records_retried"`          // in the batches written again
	AnswerMeanMs   *float64 `json:"answer_mean_ms,omitempty"` // written to answered
}

// Buffer is the accumulator against buffer.memory.
type Buffer struct {
	LimitBytes    int64   `json:"limit_bytes"`
	UsedMeanBytes float64 `json:"used_mean_bytes"`
	UsedMaxBytes  int64   `json:"used_max_bytes"`
	BlockedSends  int64   `json:"blocked_sends"`
	Exhausted     int64   `json:"exhausted"` // waited max.block.ms in vain
}

// Partition is one partition's share.
type Partition struct {
	Topic     string   `json:"topic"`
	Partition int32    `json:"partition"`
	Leader    int32    `json:"leader"`
	Records   int64    `json:"records"` // acknowledged
	Bytes     int64    `json:"bytes"`   // batches on the wire, acknowledged
	Batches   int64    `json:"batches"`
	Queued    int64    `json:"queued"` // records in the buffer now
	P99Ms     *float64 `json:"p99_ms,omitempty"`
	LastError string   `json:"last_error,omitempty"`

	ISR          *int       `json:"isr,omitempty"`           // replicas in sync; absent where nobody tells
	NextSequence *int32     `json:"next_sequence,omitempty"` // of one idempotent producer
	LastBatch    *LastBatch `json:"last_batch,omitempty"`
}

// LastBatch is the last batch of a partition that was acknowledged, taken apart.
type LastBatch struct {
	AtS        float64  `json:"at_s"` // when its first record entered the buffer
	Offset     *int64   `json:"offset"`
	ProducerID *int64   `json:"producer_id,omitempty"`
	Epoch      *int16   `json:"epoch,omitempty"`
	Sequence   *int32   `json:"sequence,omitempty"` // of its first record
	Records    int      `json:"records"`
	Bytes      int      `json:"bytes"`
	Codec      string   `json:"codec"`
	Closed     string   `json:"closed"`
	OpenMs     *float64 `json:"open_ms"`  // until it was ready
	QueueMs    *float64 `json:"queue_ms"` // until it was first written
	Tries      []Try    `json:"tries"`    // oldest first
}

// Try is one write of a batch.
type Try struct {
	AtS        float64  `json:"at_s"`
	Broker     int32    `json:"broker"`
	Answer     string   `json:"answer"` // Kafka's name, NONE for a success
	AnsweredMs *float64 `json:"answered_ms"`
}

// Clocks are the longest waits of the session so far, against the settings that
// bound them: delivery.timeout.ms, request.timeout.ms, max.block.ms. Looked at
// every 100 ms.
type Clocks struct {
	OldestRecordMs  float64 `json:"oldest_record_ms"`
	OldestRequestMs float64 `json:"oldest_request_ms"`
	LongestBlocked  float64 `json:"longest_blocked_ms"`
}

// Idempotence is as whom an idempotent producer writes, the first of several.
type Idempotence struct {
	ProducerID int64 `json:"producer_id"`
	Epoch      int16 `json:"epoch"`
	// RepeatsDropped is how many batches brokers dropped as repeats, as far as that
	// is certain: they said so, or had stored an earlier try for certain. A lower
	// bound: whether a try that nobody answered was stored, nobody tells.
	RepeatsDropped int64 `json:"repeats_dropped"`
}

// Broker is one broker's share.
type Broker struct {
	ID          int32    `json:"id"`
	Requests    int64    `json:"requests"`
	Bytes       int64    `json:"bytes"`
	RTTP50Ms    *float64 `json:"rtt_p50_ms"`
	RTTP99Ms    *float64 `json:"rtt_p99_ms"`
	InFlight    int64    `json:"in_flight"`
	InFlightMax int64    `json:"in_flight_max"`
	Slots       int64    `json:"slots"`
	Errors      int64    `json:"errors"`
	ThrottleMs  float64  `json:"throttle_ms"`
	ConnectedS  *float64 `json:"connected_s,omitempty"`
	Version     string   `json:"version,omitempty"` // as its ApiVersions answer tells
}

// Failure is one kind of failure, told once however often it happened.
type Failure struct {
	Kind   string  `json:"kind"`
	Class  string  `json:"class"` // retriable, fatal or unknown
	Count  int64   `json:"count"`
	Where  string  `json:"where"` // serialize, metadata, buffer, partition, wire or broker
	Broker *int32  `json:"broker,omitempty"`
	FirstS float64 `json:"first_s"`
	LastS  float64 `json:"last_s"`
	Say    string  `json:"say"`
}

// Run is one producer, from start to close; load.producers of them where there
// are several, which begin and end together.
type Run struct {
	Run      int                  `json:"run"`
	Revision int                  `json:"revision"`
	Changed  map[string][2]string `json:"changed"`
	AtS      float64              `json:"at_s"`
	Swap     *Swap                `json:"swap,omitempty"`    // absent for the first, and after a crash
	Restart  bool                 `json:"restart,omitempty"` // it took over from one that died
}

// Swap is what the change from one producer to the next cost.
type Swap struct {
	TookMs          float64 `json:"took_ms"` // admission paused
	AckGapMs        float64 `json:"ack_gap_ms"`
	Drained         int64   `json:"drained"`
	Resent          int64   `json:"resent"`
	GaveUp          int64   `json:"gave_up"`
	MaybeDuplicated int64   `json:"maybe_duplicated"`
}

// Event is one line of the session's log.
type Event struct {
	AtS  float64 `json:"at_s"`
	Kind string  `json:"kind"` // revision, mark, fault, heal, crash, restart or notice
	Say  string  `json:"say"`
}

// Fault is something that was broken on purpose, and what it did. Figures are
// of the partitions that it touched, where it did not touch all, but for
// backlog and buffer, which are the session's.
type Fault struct {
	Name            string   `json:"name"`
	Step            string   `json:"step"` // as it was asked for
	AtS             float64  `json:"at_s"`
	ForS            float64  `json:"for_s"`                        // so far, if it is still in force
	OutageMs        *float64 `json:"outage_ms,omitempty"`          // longest time without an acknowledgement since it began, while one was awaited
	FirstAckAfterMs *float64 `json:"first_ack_after_ms,omitempty"` // after its end
	BacklogMs       *float64 `json:"backlog_drained_ms,omitempty"` // from its end until no more waited than before; in steps of an interval
	BufferPeakBytes *int64   `json:"buffer_peak_bytes,omitempty"`  // of buffer.memory, until the backlog was gone
}

// Self is what measuring cost, the load generator and the embedded brokers included.
type Self struct {
	CPUS         float64 `json:"cpu_s"`
	PeakRSSBytes int64   `json:"peak_rss_bytes"`
	Goroutines   int     `json:"goroutines"`
	GCPauseMaxMs float64 `json:"gc_pause_max_ms"`
	ScheduleKept float64 `json:"schedule_kept"` // achieved by offered rate
}

// Ms turns a duration into the report's milliseconds.
func Ms(d time.Duration) *float64 {
	f := float64(d) / float64(time.Millisecond)
	return &f
}

// Ns turns nanoseconds into the report's milliseconds.
func Ns(ns int64) *float64 { return Ms(time.Duration(ns)) }
