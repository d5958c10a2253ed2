// Package fault is what can be broken on purpose: one row per fault, with where
// it acts and what it takes. The session asks a Board to start what a step says
// and to heal it; help and palette read the rows. It knows nothing of records
// and figures: what a fault did is seen where it is measured.
//
// The rows are safe for any goroutine, and so is a Board. It starts no
// goroutine; a fault that ends by itself does so by a timer that healing stops.
package fault

import (
	"slices"
	"strings"
	"time"

	"kdyno/engine/cluster"
	"kdyno/engine/step"
	"kdyno/engine/wire"
)

// Where is the part of the stand that a fault acts on, which says who can do
// it.
type Where string

const (
	// Link is the network between producer and brokers. Any cluster has it.
	Link Where = "link"
	// Embedded is the embedded cluster's brokers.
	Embedded Where = "embedded"
)

// Fault is one row: something to break.
type Fault struct {
	Name       string
	Where      Where
	Parameters []Parameter // those that it takes, in the order to show
	Doc        string      // what it does and when it is over

	kind      wire.FaultKind    // of Link
	on        cluster.FaultKind // of Embedded
	otherwise string            // what a real cluster offers instead
	once      bool              // without count= and for= it happens once
}

// Usage is how the fault is written in a step.
func (f Fault) Usage() string {
	parts := []string{string(step.Fault), f.Name}
	for _, p := range f.Parameters {
		text := p.Name + "=" + p.Kind.example()
		if !p.Required {
			text = "[" + text + "]"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

// Start is the beginning of such a step, as far as it has to be written.
func (f Fault) Start() string {
	parts := []string{string(step.Fault), f.Name}
	for _, p := range f.Parameters {
		if p.Required {
			parts = append(parts, p.Name+"="+p.Kind.example())
		}
	}
	return strings.Join(parts, " ")
}

// NotReal says why the fault cannot be on a real cluster; empty if it can.
func (f Fault) NotReal() string {
	if f.Where == Link {
		return ""
	}
	return "it breaks the embedded brokers, and these are real; " + f.otherwise
}

// Parameter is one K=V that a fault takes.
type Parameter struct {
	Name     string
	Kind     Kind
	Required bool
	Doc      string
}

// Example is how the parameter is written.
func (p Parameter) Example() string { return p.Name + "=" + p.Kind.example() }

var (
	broker    = Parameter{Name: "broker", Kind: BrokerID, Doc: "the node whose connections are meant; without it all"}
	rtt       = Parameter{Name: "rtt", Kind: RoundTrip, Required: true, Doc: "the round trip; a longer one of the link stays"}
	bandwidth = Parameter{Name: "bandwidth", Kind: Rate, Required: true, Doc: "what each connection can send; a narrower one of the link stays"}
	lasting   = Parameter{Name: "for", Kind: Time, Doc: "ends the fault by itself"}
	partition = Parameter{Name: "partition", Kind: PartitionID, Doc: "the partition that is meant, of each topic; without it all"}
)

func count(doc string) Parameter { return Parameter{Name: "count", Kind: Number, Doc: doc} }

func node(doc string) Parameter { return Parameter{Name: "broker", Kind: BrokerID, Doc: doc} }

func every(doc string) Parameter { return Parameter{Name: "every", Kind: Period, Doc: doc} }

// Rows lists all faults in the order of the contract. The slice is the
// caller's own.
func Rows() []Fault { return slices.Clone(rows) }

// defaultRestart is rolling-restart's every=.
const defaultRestart = 5 * time.Second

var rows = []Fault{
	{
		Name: "slow-link", Where: Link, kind: wire.SlowLink, Parameters: []Parameter{rtt, broker, lasting},
		Doc: "makes the round trip longer, from the next byte written on",
	},
	{
		Name: "thin-link", Where: Link, kind: wire.ThinLink, Parameters: []Parameter{bandwidth, broker, lasting},
		Doc: "makes the bandwidth of each connection narrower, from the next byte written on",
	},
	{
		Name: "stall", Where: Link, kind: wire.Stall, Parameters: []Parameter{broker, lasting},
		Doc: "lets nothing pass in either direction; connections stay open, and what was on the way sets off anew when it is healed",
	},
	{
		Name: "reset", Where: Link, kind: wire.Reset,
		Parameters: []Parameter{broker, count("how many connections; without count= and for= those open now"), lasting},
		Doc:        "ends each producing connection as a peer does that has forgotten it (RST), and while it lasts each new one at its first produce request",
	},
	{
		Name: "lose-request", Where: Link, kind: wire.LoseRequest, once: true,
		Parameters: []Parameter{broker, count("how many; without count= and for= one, with for= alone every one"), lasting},
		Doc:        "makes the next produce request vanish, and what follows it on its connection, which is reset one round trip later",
	},
	{
		Name: "lose-response", Where: Link, kind: wire.LoseResponse, once: true,
		Parameters: []Parameter{broker, count("how many; without count= and for= one, with for= alone every one"), lasting},
		Doc:        "lets the next produce request reach the broker and swallows its answer; the connection is reset instead",
	},
	{
		Name: "broker-down", Where: Embedded, on: cluster.BrokerDown,
		Parameters: []Parameter{
			node("the node that goes down; without it the lowest that is up"),
			{Name: "delay", Kind: Delay, Doc: "how long until its partitions get other leaders; without it at once, as in an orderly stop. Kafka notices a crash after 9s (broker.session.timeout.ms)"},
			lasting,
		},
		Doc:       "closes a broker's listener and its connections; what it led gets other leaders, and is led by it again 2 s after it is back",
		otherwise: "stop the broker itself, or use stall broker= or reset broker=",
	},
	{
		Name: "slow-broker", Where: Embedded, on: cluster.SlowBroker,
		Parameters: []Parameter{
			{Name: "delay", Kind: Delay, Required: true, Doc: "how much longer a produce request takes; those of one connection one after the other, as brokers do"},
			broker, lasting,
		},
		Doc:       "makes each produce request take longer at the broker, from the next answer on",
		otherwise: "slow-link broker= makes its answers late",
	},
	{
		Name: "leader-move", Where: Embedded, on: cluster.LeaderMove,
		Parameters: []Parameter{partition, every("moves them again and again, until it is healed"), lasting},
		Doc:        "moves partitions to the next broker, with a new leader epoch; they stay where they were moved to",
		otherwise:  "kafka-leader-election.sh and kafka-reassign-partitions.sh move leaders",
	},
	{
		Name: "leaderless", Where: Embedded, on: cluster.Leaderless, Parameters: []Parameter{partition, lasting},
		Doc:       "leaves partitions without a leader: the metadata says LEADER_NOT_AVAILABLE, and each broker NOT_LEADER_OR_FOLLOWER",
		otherwise: "stop the brokers that hold the partition",
	},
	{
		Name: "error", Where: Embedded, on: cluster.ErrorAnswer, once: true,
		Parameters: []Parameter{
			{Name: "code", Kind: Code, Required: true, Doc: "Kafka's name of the error; REQUEST_TIMED_OUT and NOT_ENOUGH_REPLICAS_AFTER_APPEND come after the append, all others in its place"},
			count("how many produce requests; without count= and for= one, with for= alone every one"),
			partition, broker, lasting,
		},
		Doc:       "answers produce requests with an error; with acks=0 the connection is closed instead, as Kafka does",
		otherwise: "what makes its brokers answer so has to be done to them",
	},
	{
		Name: "too-large", Where: Embedded, on: cluster.TooLarge,
		Parameters: []Parameter{
			{Name: "bytes", Kind: BatchBytes, Required: true, Doc: "the largest batch that is taken, as it comes over the wire"},
			count("how many produce requests; without it all"), partition, broker, lasting,
		},
		Doc:       "refuses larger batches with MESSAGE_TOO_LARGE, as a lowered max.message.bytes does",
		otherwise: "lower max.message.bytes of the topic",
	},
	{
		Name: "quota", Where: Embedded, on: cluster.Quota,
		Parameters: []Parameter{
			{Name: "bytes", Kind: QuotaBytes, Required: true, Doc: "what each broker takes from producers in a second; a lower stand.quota.bytes stays"},
			broker, lasting,
		},
		Doc:       "throttles: the broker answers at once with throttle_time_ms, then leaves the connection unread for that time (KIP-219). A producer that was told to wait does so even when it is healed",
		otherwise: "kafka-configs.sh --add-config producer_byte_rate= sets a quota",
	},
	{
		Name: "bootstrap-down", Where: Embedded, on: cluster.BootstrapDown, Parameters: []Parameter{lasting},
		Doc:       "closes the addresses of bootstrap.servers: a producer that knows the brokers goes on, a new one cannot start",
		otherwise: "name brokers in bootstrap.servers that are down",
	},
	{
		Name: "rolling-restart", Where: Embedded, on: cluster.RollingRestart,
		Parameters: []Parameter{every("from one broker's stop to the next one's; without it 5s"), lasting},
		Doc:        "restarts one broker after the other: its leaders move, it is away for two fifths of the time, and leads again before the next one stops; over after the last",
		otherwise:  "restart its brokers",
	},
}

// Find returns the row of a fault.
func Find(name string) (Fault, bool) {
	for _, f := range rows {
		if f.Name == name {
			return f, true
		}
	}
	return Fault{}, false
}

// Error is a step that asks for a fault that cannot be.
type Error struct {
	Fault     string
	Parameter string // empty: the fault itself
	Say       string
	Hint      string
}

func (e *Error) Error() string {
	text := e.Sentence()
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Sentence is the error without what to do about it.
func (e *Error) Sentence() string {
	text := e.Fault + ": "
	if e.Parameter != "" {
		text += e.Parameter + ": "
	}
	return text + e.Say
}
