// Package cluster is what stands behind the producer: brokers embedded in
// this process, or a real cluster behind safety rails. The session opens one
// Stand, asks it for its facts and closes it. It never produces. What it starts
// ends with Close; a question that nobody answers is left behind and ends then.
package cluster

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kdyno/engine/setting"
)

// Options say what to stand on.
type Options struct {
	Brokers    []string // host:port; none: embedded
	Topics     []string // of a real cluster; the embedded one has EmbeddedTopic unless named
	Bare       bool     // an embedded cluster has no topic unless named
	Create     bool     // make topics that are missing
	Nodes      int      // embedded brokers
	Partitions int      // of embedded topics

	// Secure puts TLS on a connection that was opened to address, and Login are
	// the options by which the client logs in; nil: in the clear, without. They
	// are of a real cluster; the embedded brokers know neither.
	Secure func(ctx context.Context, c net.Conn, address string) (net.Conn, error)
	Login  []kgo.Opt

	// Network replaces TCP on the way to the brokers, for fake time; Blackhole
	// makes embedded ones forget what they are given, for measuring the producer
	// alone.
	Network   *Network
	Blackhole bool

	// Limits are those of the embedded brokers, and Told hears of what happens on
	// them by itself, such as an election; it must not block, nor call the Stand.
	// Nil: nobody hears.
	Limits Limits
	Told   func(say string)
}

// EmbeddedTopic is the topic of the embedded cluster when none is named.
const EmbeddedTopic = "kdyno"

// Stand is a cluster that answered. Its fields do not change once Open
// returned, and its methods are safe for any goroutine.
type Stand struct {
	Embedded bool
	Seeds    []string
	ID       string
	Version  string // "kfake" for the embedded one, else what its requests tell

	dial  dialer
	guard guard
	own   *embedded // nil: the brokers are real
	admin *kgo.Client
	once  sync.Once // of Close

	mu      sync.Mutex
	names   []string
	brokers []Broker
	topics  []Topic
	learnt  learnt
}

// learnt is what a real cluster was asked for or was seen to take; zero: not
// known.
type learnt struct {
	rtt                    time.Duration // of the quickest TCP handshake
	replicaLagMs           int64
	transactionReplication int
	transactionMaxMs       int64
}

// Broker is one node as it advertises itself.
type Broker struct {
	ID      int32
	Address string // host:port
	Version string // guessed from the requests that it knows; "" where it did not say
}

// Topic is what the cluster says of a topic; zero where it did not say.
type Topic struct {
	Name            string
	ID              [16]byte
	Leaders         []int32 // by partition; -1 without
	InSync          []int   // replicas, by partition; nil of the embedded brokers, which have none
	Replication     int
	MinInsync       int
	Compression     string
	TimestampType   string
	MaxMessageBytes int64
	ReadOnly        bool // this client may see it and not write it
}

// The bounds of reaching a cluster.
const (
	// answerWithin bounds how long it may take to say who it is.
	answerWithin = 4 * time.Second
	// greetWithin bounds what is spent on a silent port after that.
	greetWithin = 700 * time.Millisecond
	// askWithin bounds one attempt to reach an address with that question.
	askWithin = 2 * time.Second
)

// Open starts the embedded cluster or finds the real one and describes it. It
// returns a *Refusal within five seconds when there is none.
func Open(ctx context.Context, o Options) (*Stand, error) {
	s, err := start(o)
	if err != nil {
		return nil, err
	}
	answered, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if err := s.find(answered, o.Create); err != nil {
		s.Close()
		return nil, s.explained(ctx, err)
	}
	return s, nil
}

func start(o Options) (*Stand, error) {
	if len(o.Brokers) == 0 {
		if o.Secure != nil || len(o.Login) > 0 {
			return nil, &Refusal{
				Kind: Usage, Say: "the embedded brokers speak PLAINTEXT only",
				Hint: "leave security.protocol out, or name a cluster that speaks it with --brokers",
			}
		}
		return embed(o)
	}
	if err := checkAddresses(o.Brokers); err != nil {
		return nil, err
	}
	if err := checkNames(o.Topics); err != nil {
		return nil, err
	}
	s := &Stand{
		Seeds: o.Brokers, names: o.Topics, dial: (&net.Dialer{}).DialContext,
		guard: guard{secure: o.Secure, login: o.Login},
	}
	if o.Network != nil {
		s.dial = overNetwork(o.Network)
	}
	if err := s.connect(); err != nil {
		return nil, err
	}
	return s, nil
}

// Dial opens a bare connection to a broker; it takes as long as ctx allows.
func (s *Stand) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	if s.own != nil {
		return s.own.entry.dial(ctx, s.dial, network, address)
	}
	return s.dial(ctx, network, address)
}

// Nodes lists the brokers by id: those of the last metadata, and of the
// embedded ones also those that are down.
func (s *Stand) Nodes() []int32 {
	var ids []int32
	if s.own != nil {
		for id := range s.own.doors {
			ids = append(ids, int32(id))
		}
		return ids
	}
	for _, b := range s.Brokers() {
		ids = append(ids, b.ID)
	}
	return ids
}

// Brokers returns the nodes of the last metadata.
func (s *Stand) Brokers() []Broker {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.brokers
}

// Topics returns the topics to be written, as of the last metadata.
func (s *Stand) Topics() []Topic {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.topics
}

// Facts returns what is known for the checks.
func (s *Stand) Facts() setting.Facts {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := setting.Facts{
		Brokers: len(s.brokers), Version: s.Version, RTTMs: float64(s.learnt.rtt) / float64(time.Millisecond),
		ReplicaLagMs: s.learnt.replicaLagMs, TransactionReplication: s.learnt.transactionReplication, TransactionMaxMs: s.learnt.transactionMaxMs,
	}
	for _, t := range s.topics {
		f.Partitions += len(t.Leaders)
		f.FewestInTopic = smaller(f.FewestInTopic, len(t.Leaders))
		f.Replication = smaller(f.Replication, t.Replication)
		f.MinInsync = smaller(f.MinInsync, t.MinInsync)
		if t.MaxMessageBytes > 0 && (f.MaxMessageBytes == 0 || t.MaxMessageBytes < f.MaxMessageBytes) {
			f.MaxMessageBytes = t.MaxMessageBytes
		}
	}
	if s.Embedded {
		// It stores one copy and asks no follower: what follows from replicas
		// would be said of a cluster that is not there.
		f.Replication, f.MinInsync = 0, 0
	}
	return f
}

func smaller(have, next int) int {
	if have == 0 {
		return next
	}
	if next == 0 {
		return have
	}
	return min(have, next)
}

// Foreign lists the addresses beyond this machine, named or advertised. Such
// a cluster is only loaded when a person says so. A name other than localhost
// counts as beyond: where it leads may change.
func (s *Stand) Foreign() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	add := func(address string) {
		if !local(address) && !slices.Contains(out, address) {
			out = append(out, address)
		}
	}
	for _, seed := range s.Seeds {
		add(seed)
	}
	for _, b := range s.brokers {
		add(b.Address)
	}
	return out
}

// IsLocal says whether an address, with or without a port, is on this machine. A
// name other than localhost is not taken for one: where it leads may change.
func IsLocal(address string) bool { return local(address) }

// local says whether an address, with or without a port, is on this machine.
func local(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Close releases what Open made. It may be called again.
func (s *Stand) Close() {
	s.once.Do(func() {
		if s.admin != nil {
			s.admin.Close()
		}
		if s.own != nil {
			s.own.close()
		}
	})
}
