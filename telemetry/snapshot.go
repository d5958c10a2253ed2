package telemetry

import (
	"time"

	"kdyno/telemetry/report"
)

// State is what the session is doing, for the screen's first word.
type State string

// The states of a session.
const (
	Starting    State = "starting"    // connecting, nothing sent yet
	Unreachable State = "unreachable" // no cluster; it is tried again
	Refused     State = "refused"     // the cluster does not take this client; it is not tried again by itself
	Consent     State = "consent"     // a foreign cluster, waiting for a typed y
	WarmingUp   State = "warming up"
	Running     State = "running"
	Swapping    State = "swapping" // admission is paused, the old producer drains
	Paused      State = "paused"   // the load is paused
	Crashed     State = "crashed"  // the producer is dead, the load stands still
	Degraded    State = "degraded" // running, but a broker is away or answers with errors
	Draining    State = "draining"
	Done        State = "done"
)

// Snapshot is everything a screen shows at one instant. It is immutable: the
// engine makes a new one when asked, and readers may keep it.
type Snapshot struct {
	At       time.Duration // since the session's start
	State    State
	Say      string // the state in a sentence, with what happens next
	Revision int
	Undo     int // revisions that u can walk back
	Redo     int

	Report report.Report   // the whole session, as `kdyno run --json` prints it
	Recent report.Interval // the last five seconds, or less at the start
	Now    Now
	Series []Point // closed intervals, oldest first, at most one a second beyond the last minute
	Marks  []Mark
	Guests *Guests // who is on the stand in the place of a run; nil: a run is
}

// Guests are the clients of somebody else's. Report, Recent, Now and Series are
// those of the one that is shown.
type Guests struct {
	Bootstrap string        // what to set in the application
	Ports     []report.Port // where each broker is found
	List      []Guest       // producers, as they came
	Shown     int           // its number; 0: none
	Others    int           // clients that do not produce
	Own       bool          // one of kdyno's own runs beside them
	Inferred  map[string]report.Inferred
	Notes     []string // on the figures of the one that is shown
}

// Guest is one line of the list.
type Guest struct {
	Number      int
	Name        string
	Software    string // with its version; empty: it does not say
	Address     string
	Connections int
	RecordsPerS float64 // of the last seconds
	Records     int64
	Acks        string
	Codec       string
	Idempotent  bool
	InFlightMax int // requests on one connection
	Errors      int64
	Retries     int64
	Limit       string // what limited it so far, as report.Rate has it
}

// Now is what the gauges read at this instant.
type Now struct {
	BufferUsed int64         // bytes charged against buffer.memory
	Waiters    int           // senders inside send, waiting for space
	Clocks     report.Clocks // what waits now
	InFlight   []BrokerNow
	Queues     []QueueNow
	Audit      *AuditNow // nil: there was none so far
	Faults     []FaultNow
}

// FaultNow is something broken on purpose that is in force, the oldest first.
type FaultNow struct {
	Name   string
	Step   string        // as it was asked for, without the verb
	Target string        // what it acts on, in words
	Since  time.Duration // of the session
	Ends   time.Duration // of the session, when it heals by itself; 0: it does not by time
	Counts bool          // it heals once it has hit as often as was asked
	Hits   int64
}

// AuditNow is how an audit stands.
type AuditNow struct {
	On        bool
	Promised  int64 // records acknowledged
	Found     int64 // records of which a copy was read back
	Missing   int64 // promised and not found so far
	Twice     int64 // copies more than one
	Reordered int64 // found behind a later record of their sender
}

// BrokerNow is one broker's requests in flight now.
type BrokerNow struct {
	ID        int32
	InFlight  int
	Slots     int
	Connected bool
	RoundTrip // of the last seconds; the report's are of the whole session
}

// QueueNow is what waits in the accumulator for one partition.
type QueueNow struct {
	Topic     string
	Partition int32
	Leader    int32
	Records   int64
	Batches   int // opened and not yet written, the filling one included
}

// Point is one closed interval of the charts.
type Point struct {
	At           time.Duration // its end, since the session's start
	Width        time.Duration
	WarmUp       bool
	RecordsPerS  float64
	BytesPerS    float64
	P50Ms        float64 // NaN without samples
	P99Ms        float64
	MaxMs        float64
	InFlight     float64
	BufferUsed   float64
	BlockedMs    float64 // sum over senders
	Fill         float64 // NaN without batches
	Retries      float64 // per second
	Errors       float64
	RequestsPerS float64
	Compression  float64 // wire by raw, NaN without batches
	Failed       float64 // records per second that failed or are unknown
	Heat         *Heat   // nil without samples
}

// Mark is a labelled line in every chart.
type Mark struct {
	At       time.Duration
	Revision int // 0 for a mark that a person set
	Say      string
}
